"""What is built is packed for an emulator: each content once, templates fitted, children before their parents."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from devtools.deploy import package
from devtools.deploy.tree import Stack, elsewhere

FUNCTION = "AWS::Serverless::Function"


@pytest.fixture
def built(tmp_path: Path) -> list[Stack]:
    """A root that holds a layer and a module of two functions with the same folder."""
    for name in ("CreateThing", "GetThing"):
        (tmp_path / "Things" / name).mkdir(parents=True)
        (tmp_path / "Things" / name / "thing.py").write_text("same")
    (tmp_path / "Layer" / "python").mkdir(parents=True)
    (tmp_path / "Layer" / "python" / "package.py").write_text("other")
    root = {
        "Layer": {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "Layer"}},
        "Things": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "Things/template.yaml"}},
    }
    module = {name: {"Type": FUNCTION, "Properties": {"CodeUri": name}} for name in ("CreateThing", "GetThing")}
    return [
        Stack("", tmp_path / "template.yaml", {"Resources": root}),
        Stack("Things", tmp_path / "Things" / "template.yaml", {"Resources": module}),
    ]


def test_equal_content_is_stored_once(built: list[Stack], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "transformed", lambda documents: dict(documents))
    stored: dict[str, bytes] = {}
    documents, left_out = package.package(built, stored.__setitem__, {"AWS_ENDPOINT_URL_RDS_DATA": "http://x"})
    assert len(stored) == 2
    create, get = (
        documents["Things"]["Resources"][name]["Properties"]["CodeUri"] for name in ("CreateThing", "GetThing")
    )
    assert create == get
    layer = documents["root"]["Resources"]["Layer"]["Properties"]["ContentUri"]
    assert {create, layer} == {f"s3://artifacts/{key}" for key in stored}
    assert documents["Things"]["Globals"]["Function"]["Environment"]["Variables"] == {
        "AWS_ENDPOINT_URL_RDS_DATA": "http://x"
    }
    assert not left_out
    assert "Globals" not in built[1].document, "what was built stays as it is"


def test_a_zip_holds_the_folder_and_is_the_same_each_time(built: list[Stack], tmp_path: Path) -> None:
    content = package.zipped(tmp_path / "Layer")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["python/package.py"]
        assert archive.read("python/package.py") == b"other"
    (tmp_path / "Layer" / "python" / "package.py").touch()
    assert package.zipped(tmp_path / "Layer") == content


def test_children_are_stored_before_those_that_hold_them() -> None:
    order: list[str] = []
    child: dict[str, Any] = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "?"}}
    documents: dict[str, Any] = {
        "root": {"Resources": {"Things": child}},
        "Things": {"Resources": {"Base": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "?"}}}},
        "Things/Base": {"Resources": {}},
    }
    url = package.upload(documents, lambda key, content: order.append(key), lambda key: f"http://store/{key}")
    assert order == ["Things/Base.template.json", "Things.template.json", "root.template.json"]
    assert url == "http://store/root.template.json"
    assert child["Properties"]["TemplateURL"] == "http://store/Things.template.json"
    base = documents["Things"]["Resources"]["Base"]["Properties"]
    assert base["TemplateURL"] == "http://store/Things/Base.template.json"


def test_what_the_emulator_has_not_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    expanded: dict[str, Any] = {
        "Archive": {"Type": "AWS::Events::Archive", "Properties": {}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 10}},
        "Alias": {"Type": "AWS::Lambda::Alias", "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {}}, "Properties": {}},
        "Client": {"Type": "X", "Properties": {"Issuer": {"Fn::GetAtt": ["UserPool", "ProviderURL"]}}},
        "Bus": {"Type": "X", "Properties": {"Arn": {"Fn::GetAtt": ["EventBus", "Arn"]}}},
    }
    monkeypatch.setattr(package, "transformed", lambda documents: {"root": {"Resources": expanded}})
    stack = Stack("", tmp_path / "template.yaml", {"Resources": {}})
    documents, left_out = package.package([stack], lambda key, content: None, {})
    assert left_out == {"AWS::Events::Archive": 1}
    assert documents["root"]["Resources"] == {
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 120}},
        "Alias": {"Type": "AWS::Lambda::Alias", "Properties": {}},
        "Client": {
            "Type": "X",
            "Properties": {"Issuer": {"Fn::Sub": "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${UserPool}"}},
        },
        "Bus": {"Type": "X", "Properties": {"Arn": {"Fn::GetAtt": ["EventBus", "Arn"]}}},
    }


def test_for_counting_code_and_children_lie_anywhere(built: list[Stack]) -> None:
    root, module = (elsewhere(stack.document)["Resources"] for stack in built)
    assert root["Layer"]["Properties"] == {"ContentUri": "s3://bucket/key"}
    assert root["Things"]["Properties"] == {"Location": "https://s3.amazonaws.com/bucket/key"}
    assert module["GetThing"]["Properties"] == {"CodeUri": "s3://bucket/key"}
