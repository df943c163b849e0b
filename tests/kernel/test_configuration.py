"""A tenant's set-up is read once, kept while its version stands, and never mixed up with another tenant's."""

from collections import OrderedDict
from importlib import import_module

import pytest

from bigledger.kernel import Command, Context, UnknownReference, configuration, configuration_type
from bigledger.kernel.configuration import CACHED_TENANTS, configuration_model
from tests.kernel.notes import NewNote
from tests.support.api import Api
from tests.support.bare import add_document, bare_tenant, working

module = import_module("bigledger.kernel.configuration")


class Colour(Command):
    """A kind of configuration."""

    code: str
    name: str


@pytest.fixture(autouse=True)
def _colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours are the only configuration for the length of a test, and nothing is kept from other tests."""
    monkeypatch.setattr(module, "_types", {"colour": Colour})
    monkeypatch.setattr(module, "_cache", OrderedDict())


def add(api: Api, code: str, name: str, status: str = "active") -> str:
    """Store a colour as an operation would, which moves the version of the set-up. Answers its id."""
    document = add_document(api, type="colour", status=status, number=code, data={"code": code, "name": name})
    with working(api) as context:
        context.work.configuration_changed = True
        context.work.flush()
    return str(document.id)


def names(api: Api) -> tuple[list[str], int]:
    """The active colours as a request sees them, and how many statements it sent to know them."""
    with working(api) as context:
        (row,) = context.work.read("SELECT configuration_version AS version FROM kernel.tenant")
        context.tenant = type(context.tenant)(context.tenant.id, configuration_version=row.version)
        before = context.work.statements
        found = [entry.data.name for entry in configuration(context).active(Colour)]
        return found, context.work.statements - before


def test_it_is_read_once_and_again_after_a_change(tenant: Api) -> None:
    add(tenant, "R", "red")
    assert names(tenant) == (["red"], 1)
    assert names(tenant) == (["red"], 0)
    add(tenant, "B", "blue")
    assert names(tenant) == (["blue", "red"], 1)
    assert names(tenant) == (["blue", "red"], 0)


def test_a_change_that_is_rolled_back_changes_nothing(tenant: Api) -> None:
    add(tenant, "R", "red")
    names(tenant)
    with pytest.raises(InterruptedError), working(tenant) as context:
        _change_and_fail(context)
    assert names(tenant) == (["red"], 0)


def _change_and_fail(context: Context) -> None:
    context.work.configuration_changed = True
    context.work.flush()
    raise InterruptedError


def test_each_tenant_has_its_own(tenant: Api, other: Api) -> None:
    add(tenant, "R", "red")
    add(other, "R", "rouge")
    assert [names(api)[0] for api in (tenant, other, tenant)] == [["red"], ["rouge"], ["red"]]


def test_no_more_tenants_are_kept_than_there_is_room_for(tenant: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CACHED_TENANTS == 256
    monkeypatch.setattr(module, "CACHED_TENANTS", 2)
    others = [bare_tenant(name) for name in ("second", "third")]
    for api in (tenant, *others):
        assert names(api) == ([], 1)
    assert len(module._cache) == 2
    assert [names(api)[1] for api in (*others, tenant)] == [0, 0, 1]


def test_a_record_is_named_by_its_code_or_its_id(tenant: Api) -> None:
    identifier = add(tenant, "R", "red")
    with working(tenant) as context:
        known = configuration(context)
        for reference in ("R", identifier, identifier.upper()):
            entry = known.get(Colour, reference)
            assert (str(entry.id), entry.code, entry.status, entry.active) == (identifier, "R", "active", True)
            assert entry.data == Colour(code="R", name="red")


def test_what_names_nothing_is_told_with_its_place(tenant: Api) -> None:
    with working(tenant) as context, pytest.raises(UnknownReference, match="There is no active colour X") as caught:
        configuration(context).get(Colour, "X", "/items/0/colour")
    assert caught.value.errors == [
        {"pointer": "/items/0/colour", "code": "unknown_colour", "message": "there is no active colour X"}
    ]


def test_an_archived_record_is_found_and_not_offered(tenant: Api) -> None:
    add(tenant, "R", "red", status="archived")
    with working(tenant) as context:
        known = configuration(context)
        entry = known.find(Colour, "R")
        assert entry is not None
        assert not entry.active
        assert [found.code for found in known.every(Colour)] == ["R"]
        assert list(known.active(Colour)) == []
        with pytest.raises(UnknownReference):
            known.get(Colour, "R")


def test_only_what_was_declared_is_configuration(tenant: Api) -> None:
    assert configuration_model("colour") is Colour
    assert configuration_model("note") is None
    with working(tenant) as context, pytest.raises(LookupError, match="NewNote is not declared as configuration"):
        configuration(context).find(NewNote, "R")
    configuration_type("note", NewNote)
    assert configuration_model("note") is NewNote
