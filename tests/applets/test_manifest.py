"""The manifest: what it accepts, what it refuses and with which words, and the rules that follow from its hooks."""

import json
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from bigledger_applet import InvalidManifest, Manifest, read_manifest, rule_pattern
from bigledger_applet.__main__ import main
from bigledger_applet.matching import check, matches
from tests.applets.events import TENANT, bus_event

WHOLE = """
id: acme.custom_approval
name: Custom Approval Workflow
version: 1.0.0
author: Acme Corp
engines: {bigledger: ">=1.0 <2.0"}
upgrades_from: ["0.9.x"]
permissions: [workflow.request_approval, receivables.get_invoice, "*.get_*"]
hooks:
  - {event: invoice.created, version: 1, match: {"data.total": [{numeric: [">", 10000]}]}}
  - {event: invoice.created, version: 2}
  - {event: payment.received, version: 1}
guards:
  - {operation: receivables.create_invoice, match: {data.currency: [USD]}, timeout_ms: 800, on_failure: park}
contributes: {custom_fields: {invoice: {}}, settings: settings.schema.json}
limits: {concurrency: 5, events_per_minute: 600}
"""

LEAST: dict[str, Any] = {
    "id": "com.example.probe",
    "name": "Probe",
    "version": "1.0.0",
    "author": "Example",
    "engines": {"bigledger": ">=1.0 <2.0"},
    "permissions": [],
}


def write(path: Path, text: str) -> Path:
    """A manifest file of this text."""
    manifest = path / "applet.yaml"
    manifest.write_text(text)
    return manifest


def changed(**fields: Any) -> str:
    """The least manifest with some fields changed, None for left out (JSON is YAML)."""
    return json.dumps({name: value for name, value in {**LEAST, **fields}.items() if value is not None})


def test_a_whole_manifest_is_read(tmp_path: Path) -> None:
    manifest = read_manifest(write(tmp_path, WHOLE))
    assert (manifest.id, manifest.version, manifest.author) == ("acme.custom_approval", "1.0.0", "Acme Corp")
    assert manifest.permissions == ["workflow.request_approval", "receivables.get_invoice", "*.get_*"]
    assert [(hook.event, hook.version) for hook in manifest.hooks] == [
        ("invoice.created", 1),
        ("invoice.created", 2),
        ("payment.received", 1),
    ]
    assert manifest.hooks[0].match == {"data.total": [{"numeric": [">", 10000]}]}
    assert (manifest.guards[0].on_failure, manifest.guards[0].timeout_ms) == ("park", 800)
    assert (manifest.limits.concurrency, manifest.limits.events_per_minute) == (5, 600)


def test_the_least_manifest_is_read(tmp_path: Path) -> None:
    manifest = read_manifest(write(tmp_path, changed()))
    assert (manifest.hooks, manifest.guards, manifest.limits.concurrency) == ([], [], 5)


@pytest.mark.parametrize("field", ["id", "name", "version", "author", "engines", "permissions"])
def test_what_is_required(tmp_path: Path, field: str) -> None:
    with pytest.raises(InvalidManifest) as raised:
        read_manifest(write(tmp_path, changed(**{field: None})))
    assert str(raised.value) == f"{tmp_path}/applet.yaml is not right in 1 place(s):\n  {field}: Field required"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"id": "custom_approval"}, "id"),
        ({"id": "Acme.Approval"}, "id"),
        ({"id": "acme..approval"}, "id"),
        ({"id": "acme.approval\n"}, "id"),
        ({"version": "1.0"}, "version"),
        ({"version": "01.0.0"}, "version"),
        ({"version": "1.0.0\n"}, "version"),
        ({"version": 1.0}, "version"),
        ({"engines": {}}, "engines.bigledger"),
        ({"engines": {"bigledger": "*"}}, "engines.bigledger"),
        ({"engines": {"bigledger": ""}}, "engines.bigledger"),
        ({"engines": {"bigledger": ">=1.*"}}, "engines.bigledger"),
        ({"engines": {"bigledger": "1.0"}}, "engines.bigledger"),
        ({"engines": {"bigledger": ">=1.0"}}, "engines.bigledger"),
        ({"engines": {"bigledger": ">=2.0 <1.0"}}, "engines.bigledger"),
        ({"permissions": ["*"]}, "permissions.0"),
        ({"permissions": ["*.*"]}, "permissions.0"),
        ({"permissions": ["get_invoice"]}, "permissions.0"),
        ({"upgrades_from": ["*"]}, "upgrades_from.0"),
        ({"hooks": [{"event": "invoice.created"}]}, "hooks.0.version"),
        ({"hooks": [{"event": "invoice.created", "version": 0}]}, "hooks.0.version"),
        ({"hooks": [{"event": "invoice.created", "version": "1"}]}, "hooks.0.version"),
        ({"hooks": [{"event": "*", "version": 1}]}, "hooks.0.event"),
        ({"hooks": [{"event": "invoice.created", "version": 1, "when": "now"}]}, "hooks.0.when"),
        ({"hooks": [{"event": "invoice.created", "version": 1}] * 2}, "hooks"),
        ({"hooks": [{"event": "invoice.created", "version": 1, "match": {"total": [1]}}]}, "hooks.0.match"),
        ({"guards": [{"operation": "receivables.create_invoice"}]}, "guards.0.on_failure"),
        ({"limits": {"concurrency": 1}}, "limits.concurrency"),
        ({"favourite_colour": "blue"}, "favourite_colour"),
    ],
)
def test_what_is_refused_names_its_place(tmp_path: Path, fields: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidManifest, match=rf"is not right in 1 place\(s\):\n  {place}: "):
        read_manifest(write(tmp_path, changed(**fields)))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest, match=r"is not right in 2 place\(s\):\n  id: .*\n  author: Field required"):
        read_manifest(write(tmp_path, changed(id="x", author=None)))


def test_every_release_is_no_range(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest) as raised:
        read_manifest(write(tmp_path, changed(engines={"bigledger": "*"})))
    assert '"*" would promise what nobody can keep' in str(raised.value)


def test_files_that_are_no_manifest(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest, match="cannot be read"):
        read_manifest(tmp_path / "applet.yaml")
    with pytest.raises(InvalidManifest, match="is not valid YAML"):
        read_manifest(write(tmp_path, "a: [b"))
    with pytest.raises(InvalidManifest, match="the whole: "):
        read_manifest(write(tmp_path, "- a list"))


@pytest.mark.parametrize(
    ("range", "release", "admitted"),
    [
        (">=1.0 <2.0", "1.0.0", True),
        (">=1.0 <2.0", "1.10.3", True),
        (">=1.0 <2.0", "2.0.0", False),
        (">=1.0 <2.0", "0.9.9", False),
        (">1.2.3 <=1.3", "1.2.3", False),
        (">1.2.3 <=1.3", "1.3.0", True),
        ("=1.2.3", "1.2.3", True),
        ("=1.2.3", "1.2.4", False),
        ("<2", "0.1.0", True),
    ],
)
def test_a_range_admits_releases(range: str, release: str, admitted: bool) -> None:
    manifest = Manifest.model_validate({**LEAST, "engines": {"bigledger": range}})
    assert manifest.engines.admits(release) is admitted


DATA = {
    "total": "10000.01",
    "currency": "USD",
    "lines": 3,
    "paid": True,
    "note": None,
    "customer": {"code": "CUST001"},
    "items": [{"product": "PROD001", "net": "5.00"}, {"product": "PROD002", "net": "20.00"}],
}


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ({}, True),
        ({"data.currency": ["USD"]}, True),
        ({"data.currency": ["EUR", "USD"]}, True),
        ({"data.currency": ["EUR"]}, False),
        ({"data.customer.code": [{"prefix": "CUST"}]}, True),
        ({"data.customer.code": [{"prefix": "SUPP"}]}, False),
        ({"data.lines": [3]}, True),
        ({"data.lines": ["3"]}, False),
        ({"data.paid": [True]}, True),
        ({"data.paid": [1]}, False),
        ({"data.note": [None]}, True),
        ({"data.note": [{"exists": True}]}, True),
        ({"data.gone": [{"exists": False}]}, True),
        ({"data.gone": [{"exists": True}]}, False),
        ({"data.gone": [{"anything-but": ["USD"]}]}, False),
        ({"data.currency": [{"anything-but": ["EUR", "CAD"]}]}, True),
        ({"data.currency": [{"anything-but": ["USD"]}]}, False),
        ({"data.items.product": ["PROD002"]}, True),
        ({"data.items.product": ["PROD003"]}, False),
        ({"data.total": [{"numeric": [">", 10000]}]}, True),
        ({"data.total": [{"numeric": [">", "10000.01"]}]}, False),
        ({"data.total": [{"numeric": ["=", "10000.010"]}]}, True),
        ({"data.total": [{"numeric": [">=", 0, "<", 10000]}]}, False),
        ({"data.items.net": [{"numeric": [">", 6, "<", 19]}]}, False),
        ({"data.items.net": [{"numeric": [">", 6]}]}, True),
        ({"data.currency": [{"numeric": [">", 0]}]}, False),
        ({"data.paid": [{"numeric": [">", 0]}]}, False),
        ({"data.currency": ["USD"], "data.total": [{"numeric": ["<", 10]}]}, False),
    ],
)
def test_conditions_are_evaluated_exactly(conditions: dict[str, list[Any]], met: bool) -> None:
    check(conditions)
    assert matches(conditions, DATA) is met


@pytest.mark.parametrize(
    "conditions",
    [
        {"data.total": [10000.5]},
        {"data.total": [{"numeric": [">", 10000.5]}]},
        {"data.total": [{"numeric": [">"]}]},
        {"data.total": [{"numeric": ["!=", 1]}]},
        {"data.total": [{"numeric": [">", True]}]},
        {"data.total": [{"numeric": ">"}]},
        {"data.total": [{"wildcard": "*"}]},
        {"data.total": [{"prefix": "1", "exists": True}]},
        {"data.total": [{"prefix": ""}]},
        {"data.total": [{"exists": "yes"}]},
        {"data.total": [{"anything-but": []}]},
        {"data.total": [["USD"]]},
        {"data.total": []},
        {"tenantid": ["x"]},
        {"data": ["x"]},
    ],
)
def test_conditions_that_cannot_be_evaluated_are_refused(conditions: dict[str, list[Any]]) -> None:
    with pytest.raises(ValueError, match=r"^(data|tenantid)"):
        check(conditions)


def test_the_rule_of_a_hook_has_its_type_version_tenant_and_what_the_bus_can_check() -> None:
    hooks = [
        {"event": "payment.received", "version": 2},
        {
            "event": "invoice.created",
            "version": 1,
            "match": {
                "data.currency": ["USD", {"prefix": "C"}],
                "data.customer.code": [{"anything-but": ["CUST001"]}],
                "data.total": [{"numeric": [">", 10000]}],
            },
        },
    ]
    plain, matching = Manifest.model_validate({**LEAST, "hooks": hooks}).hooks
    assert rule_pattern(plain, "t-1") == {
        "detail-type": ["payment.received"],
        "detail": {"version": [2], "tenantid": ["t-1"]},
    }
    assert rule_pattern(matching, {"Ref": "Tenant"}) == {
        "detail-type": ["invoice.created"],
        "detail": {
            "version": [1],
            "tenantid": [{"Ref": "Tenant"}],
            "data": {"currency": ["USD", {"prefix": "C"}], "customer": {"code": [{"anything-but": ["CUST001"]}]}},
        },
    }


def test_a_bus_would_never_deliver_an_amount_by_a_numeric_condition() -> None:
    """Why numeric conditions are left out of the rules: amounts are strings, and a bus compares only JSON numbers."""
    pattern = {"detail": {"data": {"total": [{"numeric": [">", 10000]}]}}}
    event = bus_event("invoice.created", {"total": "12000.00"})
    assert not EventPattern.load(json.dumps(pattern)).matches_event(event)  # type: ignore[arg-type]
    hook = Manifest.model_validate(
        {
            **LEAST,
            "hooks": [{"event": "invoice.created", "version": 1, "match": {"data.total": [{"numeric": [">", 1]}]}}],
        }
    ).hooks[0]
    assert EventPattern.load(json.dumps(rule_pattern(hook, TENANT))).matches_event(event)  # type: ignore[arg-type]


def test_the_command_prints_the_patterns_of_the_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, changed(hooks=[{"event": "payment.received", "version": 1}]))
    assert main([str(path)]) == 0
    pattern = {"detail-type": ["payment.received"], "detail": {"version": [1], "tenantid": [{"Ref": "Tenant"}]}}
    assert capsys.readouterr().out == json.dumps({"EventPattern": pattern}) + "\n"
    assert main([str(write(tmp_path, "id: 1"))]) == 1
    assert "applet.yaml is not right in 6 place(s)" in capsys.readouterr().err
