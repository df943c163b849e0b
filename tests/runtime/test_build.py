"""What is deployed is built by the layers' Makefiles, once for each content, or taken from where `sam build` put it."""

import os
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from devtools.local.lambda_build import Artifacts, build, built_by_sam
from devtools.local.lambda_cloud import LambdaRuntime
from devtools.local.options import Options, from_environment
from devtools.local.state import CloudError, Folder
from devtools.local.templates import Deployment, Function

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stack: {Type: String}
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile}
    Properties:
      LayerName: !Sub "${Stack}-shared"
      ContentUri: layers/shared
"""

MAKEFILE = """
build-Shared:
	test "$(TARGET)" = "$(WANTED)"
	mkdir -p "$(ARTIFACTS_DIR)/python"
	cp shared.py "$(ARTIFACTS_DIR)/python/"
"""


class Project:
    """A project with one layer and one function."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layer = root / "layers" / "shared"
        self.layer.mkdir(parents=True)
        self.code = root / "functions" / "small"
        (self.code / "__pycache__").mkdir(parents=True)
        (self.code / "__pycache__" / "small.pyc").write_bytes(b"")
        (root / "template.yaml").write_text(TEMPLATE)
        (self.layer / "Makefile").write_text(MAKEFILE)
        (self.layer / "shared.py").write_text("one = 1\n")
        (self.code / "small.py").write_text("from shared import one\n")

    def build(self) -> Artifacts:
        function = Function("acme-small-small", str(self.code), "small.small", 128, 3, {}, ["acme-shared"])
        return build(self.root / "template.yaml", "acme", [function], self.root / "build")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def contents(folder: str) -> Mapping[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in Path(folder).rglob("*") if path.is_file()}


def test_layers_and_functions_are_built_as_sam_does_it(project: Project) -> None:
    built = project.build()
    assert contents(built.layers["acme-shared"]) == {"python/shared.py": "one = 1\n"}
    assert contents(built.functions["acme-small-small"]) == {"small.py": "from shared import one\n"}
    assert not (project.layer / "python").exists(), "nothing is built among the sources"


def test_the_runtime_client_stands_alone(project: Project) -> None:
    folder = Path(project.build().runtime)
    packages = {path.name.partition(".")[0] for path in folder.iterdir() if ".dist-info" not in path.name}
    assert packages == {"awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py", "__pycache__"}


def test_what_is_unchanged_is_not_built_again(project: Project) -> None:
    first = project.build()
    place = Path(first.layers["acme-shared"], "python", "shared.py")
    place.write_text("one = 'kept'\n")
    assert project.build() == first
    assert place.read_text() == "one = 'kept'\n"

    (project.layer / "shared.py").write_text("one = 2\n")
    second = project.build()
    assert second.functions == first.functions
    assert contents(second.layers["acme-shared"]) == {"python/shared.py": "one = 2\n"}

    (project.code / "small.py").write_text("from shared import one as two\n")
    third = project.build()
    assert third.layers == second.layers
    assert contents(third.functions["acme-small-small"]) == {"small.py": "from shared import one as two\n"}


def test_what_was_not_used_for_a_day_makes_room(project: Project) -> None:
    old = Path(project.build().layers["acme-shared"])
    (project.layer / "shared.py").write_text("one = 2\n")
    new = Path(project.build().layers["acme-shared"])
    assert (old.exists(), new.exists()) == (True, True)
    os.utime(old, (0, 0))
    project.build()
    assert (old.exists(), new.exists()) == (False, True)


def test_a_makefile_that_fails_says_why_and_leaves_nothing(project: Project) -> None:
    (project.layer / "Makefile").write_text("build-Shared:\n\t@echo there is no such package; exit 1\n")
    with pytest.raises(CloudError, match=r"The layer Shared could not be built:\s+there is no such package"):
        project.build()
    assert list((project.root / "build" / "layers").iterdir()) == []


def test_another_machine_builds_for_itself(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """TARGET says in the Makefile what Lambda's platform is; given empty, packages are for the machine itself."""
    (project.layer / "Makefile").write_text(f"TARGET ?= lambda\nWANTED := lambda\n{MAKEFILE}")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    project.build()
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    with pytest.raises(CloudError, match='test "" = "lambda"'):
        project.build()


def test_variables_of_an_outer_make_are_not_handed_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKEFLAGS", "n")
    assert contents(project.build().layers["acme-shared"]) == {"python/shared.py": "one = 1\n"}


def test_a_layer_without_a_makefile_is_refused(project: Project) -> None:
    (project.root / "template.yaml").write_text(TEMPLATE.replace("makefile", "python3.11"))
    with pytest.raises(CloudError, match=r"Shared has the BuildMethod python3\.11; layers are built by a makefile"):
        project.build()


def test_what_sam_has_built_is_found_by_its_template(tmp_path: Path) -> None:
    folder = tmp_path / ".aws-sam" / "build"
    (folder / "Small" / "SmallOne").mkdir(parents=True)
    nested = """
      Small:
        Type: AWS::Serverless::Application
        Properties: {Location: Small/template.yaml}
    """
    text = TEMPLATE.replace("layers/shared", "Shared").rstrip() + dedent(nested).replace("\n", "\n  ") + "\n"
    (folder / "template.yaml").write_text(text)
    module = """
        Transform: AWS::Serverless-2016-10-31
        Parameters:
          Stack: {Type: String}
        Resources:
          SmallOne:
            Type: AWS::Serverless::Function
            Properties:
              FunctionName: !Sub "${Stack}-small-one"
              CodeUri: SmallOne
              Handler: one.one
    """
    (folder / "Small" / "template.yaml").write_text(dedent(module))
    found = built_by_sam(folder, "acme")
    assert found.layers == {"acme-shared": str(folder / "Shared")}
    assert found.functions == {"acme-small-one": str(folder / "Small" / "SmallOne")}

    # The local cloud refuses a build that is older than the templates.
    runtime = LambdaRuntime(Options(artifacts=folder), Folder(tmp_path))
    one, two = (Function(f"bigledger-small-{name}", "", f"{name}.{name}", 128, 3, {}) for name in ("one", "two"))
    assert runtime.build(Deployment({one.name: one})).functions == {one.name: found.functions["acme-small-one"]}
    with pytest.raises(CloudError, match=r"has no bigledger-small-two\. Build it again: sam build"):
        runtime.build(Deployment({one.name: one, two.name: two}))


def test_a_folder_that_sam_has_not_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CloudError, match=r"has no template\.yaml; `sam build` makes one"):
        built_by_sam(tmp_path, "acme")


def test_the_environment_asks_for_lambdas_runtime(tmp_path: Path) -> None:
    given = from_environment({"RUNTIME": "lambda", "PROCESSES": "40", "ARTIFACTS": str(tmp_path)})
    assert given == Options(on_lambda=True, processes=40, artifacts=tmp_path.resolve())
    with pytest.raises(CloudError, match="RUNTIME is lambda or nothing, and not 'docker'"):
        from_environment({"RUNTIME": "docker"})
