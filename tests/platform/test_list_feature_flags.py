"""The list of feature flags tells a tenant what is on for it, and the operator how the installation is set."""

from typing import Any

import pytest

from bigledger.kernel.flags import FLAGS
from tests.support.api import Api
from tests.support.statements import counted

KEY = "receivables.match_exact_payments"


@pytest.mark.example
def test_example(example: Any) -> None:
    example().expect(200)


def test_every_declared_flag_is_listed_with_its_meaning(api: Api) -> None:
    answer, sent = counted(lambda: api.call("list_feature_flags").expect(200))
    assert len(sent) == 2
    assert answer["next_cursor"] is None
    assert [(flag["key"], flag["meaning"]) for flag in answer["data"]] == [
        (flag.key, flag.meaning) for flag in sorted(FLAGS.values(), key=lambda flag: flag.key)
    ]
    (listed,) = [flag for flag in answer["data"] if flag["key"] == KEY]
    assert listed | {"meaning": ""} == {
        "key": KEY,
        "meaning": "",
        "default": False,
        "open_to_tenants": True,
        "decide_by": "2027-06-30",
        "on": False,
        "decided_by": "default",
        "version": 0,
    }


def test_it_is_told_for_the_one_who_asks(api: Api) -> None:
    body = {"enabled": True, "percentage": "0", "actors": ["ada"]}
    api.call("set_feature_flag", body, path={"key": KEY}, headers={"If-Match": '"0"'}).expect(200)
    ada, bob = api.as_("ada", "platform.*"), api.as_("bob", "platform.*")
    on = {who.actor_id: who.call("list_feature_flags").expect(200)["data"][0]["on"] for who in (ada, bob)}
    assert on == {"ada": True, "bob": False}


def test_the_operator_is_told_the_settings_and_no_tenants(operator: Api) -> None:
    (listed,) = [flag for flag in operator.call("list_feature_flags").expect(200)["data"] if flag["key"] == KEY]
    assert "on" not in listed
    assert "decided_by" not in listed


def test_the_permission_is_needed(api: Api) -> None:
    refused = api.as_("clerk", "receivables.*").call("list_feature_flags").expect(403)
    assert refused["permission"] == "platform.list_feature_flags"
