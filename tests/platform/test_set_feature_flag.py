"""Feature flags are set by the operator for all, by a tenant for itself; they hold from the next request."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from bigledger.kernel.flags import MATCH_EXACT_PAYMENTS, Flag
from bigledger.platform import feature_flags
from tests.support.api import Api, Response
from tests.support.statements import counted

KEY = "receivables.match_exact_payments"
OTHER = {"name": "Other", "company": {"currency": "USD", "jurisdiction": "US-CA"}}


def put(api: Api, version: int | str, /, key: str = KEY, **body: Any) -> Response:
    return api.call("set_feature_flag", body, path={"key": key}, headers={"If-Match": f'"{version}"'})


def read(api: Api, key: str = KEY) -> Any:
    return next(flag for flag in api.call("list_feature_flags").expect(200)["data"] if flag["key"] == key)


@pytest.fixture
def everyone(operator: Api) -> Iterator[Api]:
    """The operator; what is set for the installation is taken back afterwards, since other tests live in it too."""
    yield operator
    put(operator, read(operator)["version"], enabled=None).expect(200)


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Flag:
    """A flag that only the operator sets."""
    flag = Flag("tests.closed", "For tests.", date(2027, 1, 1))
    monkeypatch.setattr(feature_flags, "FLAGS", {KEY: MATCH_EXACT_PAYMENTS, flag.key: flag})
    return flag


@pytest.mark.example
def test_example(example: Any) -> None:
    answer = example(
        path={"key": KEY},
        body={"enabled": True, "percentage": "25", "actors": ["3f0c1c2e-5d6b-4f3a-9a53-0d3c1f7a2b11"]},
        headers={"If-Match": '"0"'},
    ).expect(200)
    assert (answer["version"], answer.headers["ETag"]) == (1, '"1"')


def test_a_tenant_sets_an_open_flag_for_itself_alone(api: Api, operator: Api) -> None:
    other = Api(operator.call("create_tenant", OTHER).expect(201)["id"])
    answer = put(api, 0, enabled=True).expect(200)
    assert (answer["on"], answer["decided_by"], answer["version"]) == (True, "tenant", 1)
    assert answer["setting"] == {"enabled": True, "percentage": "100", "of": "actors", "tenants": [], "actors": []}
    assert answer["changed_by"] == "tester"
    (event,) = api.events("feature_flag.changed")
    assert (event["data"]["key"], event["data"]["scope"], event["data"]["enabled"]) == (KEY, "tenant", True)
    assert event["subject"] == f"feature_flag/{event['data']['id']}"
    untouched = read(other)
    assert (untouched["on"], untouched["decided_by"], untouched["version"]) == (False, "default", 0)
    assert "setting" not in untouched


def test_setting_what_stands_already_changes_nothing(api: Api) -> None:
    put(api, 0, enabled=True, percentage="50").expect(200)
    before = api.counts()
    again = put(api, 1, enabled=True, percentage="50.00").expect(200)
    assert again["version"] == 1
    assert put(api, 1, enabled=True, percentage=50).expect(200)["version"] == 1
    assert api.counts() == before


def test_taking_back_what_was_never_set_changes_nothing(api: Api) -> None:
    before = api.counts()
    answer = put(api, 0, enabled=None).expect(200)
    assert (answer["version"], answer["on"], answer["decided_by"]) == (0, False, "default")
    assert api.counts() == before


def test_a_setting_can_be_taken_back(api: Api) -> None:
    put(api, 0, enabled=True, actors=["ada"]).expect(200)
    answer = put(api, 1, enabled=None, percentage="3").expect(200)
    assert (answer["version"], answer["on"], answer["decided_by"]) == (2, False, "default")
    assert answer["setting"] == {"percentage": "100", "of": "actors", "tenants": [], "actors": []}
    assert [event["sequence"] for event in api.events("feature_flag.changed")] == [1, 2]


def test_the_same_key_answers_the_same_and_acts_once(api: Api) -> None:
    headers = {"If-Match": '"0"', "Idempotency-Key": "flag"}
    first = api.call("set_feature_flag", {"enabled": True}, path={"key": KEY}, headers=headers).expect(200)
    before = api.counts()
    again = api.call("set_feature_flag", {"enabled": True}, path={"key": KEY}, headers=headers).expect(200)
    assert (again.headers["Idempotency-Hit"], again.text) == ("true", first.text)
    assert api.counts() == before


def test_the_operator_rolls_it_out_step_by_step(everyone: Api, api: Api) -> None:
    version = read(everyone)["version"]
    told = put(everyone, version, enabled=True, percentage="0").expect(200)
    assert (told["version"], told["setting"]["of"]) == (version + 1, "tenants")
    assert "on" not in told.json
    assert read(api)["on"] is False
    put(everyone, version + 1, enabled=True, percentage="0", tenants=[str(api.tenant_id)]).expect(200)
    assert (read(api)["on"], read(api)["decided_by"]) == (True, "installation")
    put(everyone, version + 2, enabled=True).expect(200)
    assert read(api)["on"] is True
    put(everyone, version + 3, enabled=False).expect(200)
    assert (read(api)["on"], read(api)["decided_by"]) == (False, "installation")
    assert put(api, 0, enabled=True).expect(200)["on"] is False, "what the operator has turned off stays off"


def test_a_tenant_is_not_told_of_others(everyone: Api, api: Api) -> None:
    other = everyone.call("create_tenant", OTHER).expect(201)["id"]
    put(everyone, read(everyone)["version"], enabled=True, percentage="0", tenants=[other]).expect(200)
    assert read(everyone)["setting"]["tenants"] == [other]
    assert other not in api.call("list_feature_flags").expect(200).text


def test_the_instants_are_kept(api: Api) -> None:
    answer = put(api, 0, enabled=True, starts_at="2026-12-01T00:00:00Z", ends_at="2027-01-01T00:00:00+01:00")
    assert answer.expect(200)["setting"] | {"tenants": [], "actors": []} == {
        "enabled": True,
        "percentage": "100",
        "of": "actors",
        "tenants": [],
        "actors": [],
        "starts_at": "2026-12-01T00:00:00Z",
        "ends_at": "2026-12-31T23:00:00Z",
    }
    assert (answer["on"], answer["decided_by"]) == (False, "default")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/enabled"),
        ({"enabled": True, "percentage": "101"}, "/percentage"),
        ({"enabled": True, "percentage": 12.5}, "/percentage"),
        ({"enabled": True, "of": "tenants"}, "/of"),
        ({"enabled": True, "tenants": ["018f0000-0000-7000-8000-000000000000"]}, "/tenants"),
        ({"enabled": True, "starts_at": "2026-12-01T00:00:00"}, "/starts_at"),
        ({"enabled": True, "starts_at": "2026-12-01T00:00:00Z", "ends_at": "2026-12-01T00:00:00Z"}, "/ends_at"),
        ({"enabled": True, "colour": "green"}, "/colour"),
    ],
)
def test_a_faulty_setting_is_refused_with_its_place(api: Api, body: dict[str, Any], pointer: str) -> None:
    before = api.counts()
    refused = put(api, 0, **body).expect(422)
    assert [error["pointer"] for error in refused["errors"]] == [pointer]
    assert api.counts() == before


def test_the_operator_names_no_actors(everyone: Api) -> None:
    before = read(everyone)
    refused = put(everyone, before["version"], enabled=True, actors=["ada"]).expect(422)
    assert refused["errors"][0]["pointer"] == "/actors"
    assert read(everyone) == before


def test_an_unknown_flag_is_not_found(api: Api) -> None:
    before = api.counts()
    refused = put(api, 0, key="receivables.nothing", enabled=True).expect(404)
    assert "receivables.nothing" in refused["detail"]
    assert api.counts() == before


def test_a_flag_that_is_not_open_is_the_operators(api: Api, closed: Flag) -> None:
    before = api.counts()
    assert put(api, 0, key=closed.key, enabled=True).expect(403)["code"] == "flag_not_open"
    assert api.counts() == before


def test_the_version_read_is_asked_for_and_held_against_the_present_one(api: Api) -> None:
    missing = api.call("set_feature_flag", {"enabled": True}, path={"key": KEY}).expect(428)
    assert missing["header"] == "If-Match"
    put(api, 0, enabled=True).expect(200)
    before = api.counts()
    stale = put(api, 0, enabled=False).expect(412)
    assert (stale["code"], stale["version"]) == ("stale_version", 1)
    assert api.counts() == before
    assert read(api)["on"] is True


def test_a_dry_run_tells_what_would_be_and_keeps_nothing(api: Api) -> None:
    before = api.counts()
    answer = api.call(
        "set_feature_flag", {"enabled": True}, path={"key": KEY}, query={"dry_run": "true"}, headers={"If-Match": '"0"'}
    ).expect(200)
    assert (answer["on"], answer["version"]) == (True, 1)
    assert [event["type"] for event in answer["dry_run"]["events"]] == ["feature_flag.changed"]
    assert api.counts() == before
    assert read(api)["on"] is False


def test_a_suspended_tenant_reads_its_flags_and_sets_none(api: Api) -> None:
    api.rows("UPDATE kernel.tenant SET status = 'suspended'")
    before = api.counts()
    assert put(api, 0, enabled=True).expect(403)["detail"] == "This tenant is suspended: it can be read, not changed."
    assert read(api)["version"] == 0
    assert api.counts() == before


def test_only_the_operator_acts_for_all_tenants(operator: Api) -> None:
    before = read(operator)
    nobody = Api(None, "somebody", "user", "*")
    refused = put(nobody, before["version"], enabled=True).expect(403)
    assert refused["code"] == "forbidden"
    assert nobody.call("list_feature_flags").status == 403
    assert read(operator) == before


def test_it_takes_a_read_and_a_write(api: Api) -> None:
    put(api, 0, enabled=True).expect(200)
    answer, sent = counted(lambda: put(api, 1, enabled=False))
    assert answer.status == 200
    assert len(sent) == 3, "\n".join(sent)
