"""A chart of accounts comes in at once: a template's accounts where they are missing, or one's own, all or none."""

from typing import Any

import pytest

from bigledger.records import general_chart
from tests.support.api import Api
from tests.support.statements import counted

RESEARCH = [
    {"code": "6600", "name": "Laboratory", "kind": "expense", "parent": "66"},
    {"code": "66", "name": "Research", "kind": "expense", "group": True, "parent": "6"},
]


def bring(api: Api, status: int = 201, **body: Any) -> Any:
    return api.call("import_chart", body).expect(status).json


@pytest.mark.example
def test_example(example: Any) -> None:
    answer = example(body={"accounts": RESEARCH})
    assert [account["code"] for account in answer["created"]] == ["6600", "66"]
    assert answer["kept"] == []


def test_an_account_may_come_before_the_group_it_stands_below(api: Api) -> None:
    bring(api, accounts=RESEARCH)
    account = api.call("get_record", path={"resource": "accounts", "id": "6600"}).expect(200)
    assert (account["parent"]["code"], account["kind"]) == ("66", "expense")
    assert [event["data"]["code"] for event in api.events("account.created")] == ["6600", "66"]


def test_of_a_template_what_is_there_is_kept(api: Api) -> None:
    answer = bring(api, template="general")
    assert (answer["created"], len(answer["kept"])) == ([], len(general_chart()))


@pytest.mark.parametrize(
    ("accounts", "pointer", "code"),
    [
        ([{"code": "1020", "name": "Bank", "kind": "asset"}], "/accounts/0/code", "code_taken"),
        ([{"code": "6600", "name": "x", "kind": "expense", "parent": "66"}], "/accounts/0/parent", "unknown_account"),
        ([RESEARCH[1], RESEARCH[0] | {"kind": "revenue"}], "/accounts/1/parent", "parent_kind"),
        ([RESEARCH[1] | {"group": False}, RESEARCH[0]], "/accounts/1/parent", "parent_kind"),
        ([RESEARCH[1] | {"parent": "6120"}], "/accounts/0/parent", "parent_no_group"),
        ([RESEARCH[1], RESEARCH[1]], "", "given_twice"),
    ],
)
def test_one_that_does_not_fit_refuses_them_all(api: Api, accounts: Any, pointer: str, code: str) -> None:
    before = api.counts()
    refused = bring(api, 422, accounts=accounts)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == (pointer, code)
    assert api.counts() == before


def test_statements_do_not_grow_with_the_accounts(api: Api) -> None:
    def accounts(first: int, count: int) -> list[dict[str, Any]]:
        return [{"code": f"X{n}", "name": "x", "kind": "expense", "parent": "6"} for n in range(first, first + count)]

    bring(api, accounts=accounts(0, 1))
    few, many = (len(counted(lambda a=a: bring(api, accounts=a))[1]) for a in (accounts(1, 1), accounts(9, 300)))
    assert few == many
    assert many <= 5
