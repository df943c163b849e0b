"""Feature flags are decided by their settings alone, alike in every process, and a larger share keeps the smaller."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from bigledger.kernel.flags import FLAGS, PARTS, Decision, Flag, FlagSetting, FlagSettings, place

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OPEN = Flag("tests.open", "For tests.", date(2027, 1, 1), open_to_tenants=True)
CLOSED = Flag("tests.closed", "For tests.", date(2027, 1, 1))
USUAL = Flag("tests.usual", "For tests.", date(2027, 1, 1), default=True)
TENANTS = [UUID(int=number) for number in range(1, 1001)]
ONE = TENANTS[0]


def decided(flag: Flag, installation: FlagSetting | None = None, own: FlagSetting | None = None, **more: Any) -> Any:
    settings = FlagSettings(
        {flag.key: installation} if installation else {},
        {flag.key: own} if own else {},
    )
    return settings.decide(flag, more.get("tenant", ONE), more.get("actor", "somebody"), NOW)


def setting(**given: Any) -> FlagSetting:
    return FlagSetting.model_validate({"enabled": True} | given)


def having(flag: Flag, percentage: str) -> set[UUID]:
    share = setting(percentage=percentage)
    return {tenant for tenant in TENANTS if decided(flag, share, tenant=tenant).on}


def test_each_flag_is_named_by_its_module_and_says_what_it_means() -> None:
    assert list(FLAGS) == [flag.key for flag in FLAGS.values()]
    for flag in FLAGS.values():
        module, _, behaviour = flag.key.partition(".")
        assert module, flag.key
        assert behaviour.replace("_", "").isalpha(), flag.key
        assert flag.meaning.endswith("."), flag.key


def test_without_a_setting_the_default_holds() -> None:
    assert decided(OPEN) == Decision(False, "default")
    assert decided(USUAL) == Decision(True, "default")


def test_the_operator_turns_it_on_and_off_for_everyone() -> None:
    assert decided(CLOSED, setting()) == Decision(True, "installation")
    assert decided(USUAL, setting(enabled=False)) == Decision(False, "installation")


def test_a_tenant_goes_before_the_installation_where_the_flag_is_open() -> None:
    assert decided(OPEN, setting(percentage=0), setting()) == Decision(True, "tenant")
    assert decided(OPEN, setting(), setting(enabled=False)) == Decision(False, "tenant")
    assert decided(CLOSED, setting(percentage=0), setting()) == Decision(False, "installation")
    assert decided(CLOSED, None, setting()) == Decision(False, "default")


def test_what_the_operator_has_turned_off_no_tenant_turns_on() -> None:
    assert decided(OPEN, setting(enabled=False), setting()) == Decision(False, "installation")


def test_a_setting_that_was_taken_back_says_nothing() -> None:
    gone = setting(enabled=None)
    assert decided(OPEN, gone, gone) == Decision(False, "default")
    assert decided(OPEN, setting(), gone) == Decision(True, "installation")


@pytest.mark.parametrize(
    ("dates", "holds"),
    [
        ({"starts_at": NOW}, True),
        ({"starts_at": NOW + HOUR}, False),
        ({"ends_at": NOW + HOUR}, True),
        ({"ends_at": NOW}, False),
        ({"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}, True),
        ({"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR}, False),
    ],
)
def test_a_setting_holds_from_its_start_until_before_its_end(dates: dict[str, datetime], holds: bool) -> None:
    assert decided(OPEN, setting(**dates)) == Decision(holds, "installation" if holds else "default")
    assert decided(OPEN, None, setting(**dates)) == Decision(holds, "tenant" if holds else "default")


def test_a_raised_percentage_only_adds_tenants() -> None:
    shares = [having(CLOSED, percentage) for percentage in ("0", "0.5", "1", "10", "25", "50", "99.99", "100")]
    assert all(smaller <= larger for smaller, larger in pairwise(shares))
    assert [len(share) for share in shares] == [0, 5, 13, 92, 230, 463, 1000, 1000]


def test_the_places_are_spread_evenly_and_stay_for_good() -> None:
    """They are part of what was rolled out: another computation would take a behaviour from tenants that have it."""
    assert [place("receivables.match_exact_payments", str(tenant)) for tenant in TENANTS[:4]] == [1818, 6347, 702, 8284]
    tenths = Counter(place("tests.closed", str(tenant)) * 10 // PARTS for tenant in TENANTS)
    assert sorted(tenths) == list(range(10))
    assert max(tenths.values()) < 140


def test_each_flag_begins_with_other_tenants() -> None:
    both = having(CLOSED, "10") & having(OPEN, "10")
    assert len(both) == 9


def test_tenants_named_have_it_whatever_the_percentage() -> None:
    named = setting(percentage=0, tenants=[ONE])
    assert decided(CLOSED, named).on is True
    assert decided(CLOSED, named, tenant=TENANTS[1]).on is False
    assert decided(CLOSED, setting(enabled=False, tenants=[ONE])).on is False


def test_actors_of_a_tenant_may_have_it_one_by_one_or_by_a_share() -> None:
    named = setting(percentage=0, of="actors", actors=["ada"])
    assert decided(OPEN, None, named, actor="ada").on is True
    assert decided(OPEN, None, named, actor="bob").on is False
    some, more = (
        {
            actor
            for actor in map(str, range(500))
            if decided(OPEN, None, setting(of="actors", percentage=p), actor=actor).on
        }
        for p in ("20", "40")
    )
    assert some < more
    assert (len(some), len(more)) == (103, 203)


@pytest.mark.parametrize("percentage", ["-1", "100.01", "12.345", 0.5, "half"])
def test_a_percentage_is_exact_and_between_nothing_and_everyone(percentage: Any) -> None:
    with pytest.raises(ValidationError):
        setting(percentage=percentage)


def test_an_older_release_reads_what_a_newer_one_stored() -> None:
    assert setting(percentage="12.50", regions=["eu"]) == FlagSetting(enabled=True, percentage=Decimal("12.5"))
