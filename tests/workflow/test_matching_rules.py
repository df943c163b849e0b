"""Which approval rules ask for an approval: exactly those whose condition holds, and those that have no answer."""

import pytest

from tests.support.api import Api
from tests.workflow.claims import Claims


def matched(approval: object) -> list[tuple[str, str]]:
    return [(rule["code"], rule["reason"]) for rule in approval["rules"]]  # type: ignore[index]


@pytest.mark.parametrize(
    ("total", "codes"),
    [
        ("9999.99", []),
        ("10000.00", []),
        ("10000.01", ["BIG"]),
        ("50000", ["BIG", "HUGE"]),
        ("999999999999999999.99", ["BIG", "HUGE"]),
    ],
)
def test_the_limit_itself_needs_no_approval(claims: Claims, total: str, codes: list[str]) -> None:
    claims.rule()
    claims.rule("document.total >= 50000", code="HUGE")
    assert [code for code, _ in matched(claims.submit(total))] == codes


def test_archived_rules_and_those_of_another_company_ask_for_nothing(claims: Claims) -> None:
    api = claims.api
    api.record("companies", code="OTHER", name="Other", currency="USD", jurisdiction="US-CA")
    api.call("archive_record", path={"resource": "companies", "id": "OTHER"}).expect(200)
    claims.rule("true", code="ALWAYS")
    claims.rule("true", code="MINE", company="MAIN")
    claims.rule("true", code="OLD")
    api.call("archive_record", path={"resource": "approval-rules", "id": "OLD"}).expect(200)
    assert matched(claims.submit("1")) == [("ALWAYS", "true"), ("MINE", "true")]


def test_a_rule_of_one_company_leaves_the_others_alone(claims: Claims) -> None:
    api = claims.api
    api.record("companies", code="OTHER", name="Other", currency="USD", jurisdiction="US-CA")
    claims.rule("true", code="THEIRS", company="OTHER")
    api.call("archive_record", path={"resource": "companies", "id": "OTHER"}).expect(200)
    assert matched(claims.submit("1")) == []


def test_a_condition_without_an_answer_lets_a_person_decide_and_says_why(claims: Claims) -> None:
    """Claims do not tell their customer: the rule fails on the safe side."""
    claims.rule('document.customer == "CUST001"')
    assert matched(claims.submit("1")) == [
        ("BIG", 'document.customer == "CUST001" could not be evaluated: document has no customer')
    ]


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("document.total >", "this condition cannot be used: Failed to parse expression"),
        ("document.total", "this condition cannot be used: it answers 0.0 where true or false is asked for"),
        (
            "document.totl > 1",
            "this condition cannot be used: document has no totl; it has company, currency, customer, lines, over_cred",
        ),
        ("document.total > 1e31", "this condition cannot be used: 1e31 is too long a number"),
    ],
)
def test_a_rule_whose_condition_is_no_question_is_refused(api: Api, condition: str, message: str) -> None:
    rule = {"code": "BIG", "name": "Large", "condition": condition}
    before = api.counts()
    answer = api.call("create_record", rule, path={"resource": "approval-rules"}).expect(422)
    assert answer["code"] == "invalid_request"
    (error,) = answer["errors"]
    assert (error["pointer"], error["code"]) == ("/condition", "invalid_condition")
    assert error["message"].startswith(message)
    assert api.counts() == before


def test_a_rule_keeps_its_condition_when_the_new_one_is_refused(claims: Claims) -> None:
    claims.rule()
    path = {"resource": "approval-rules", "id": "BIG"}
    answer = claims.api.call(
        "update_record", {"condition": "document.total * 2 > 1"}, path=path, headers={"If-Match": '"1"'}
    ).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/condition"]
    assert claims.api.call("get_record", path=path).json["condition"] == "document.total > 10000"
    changed = claims.api.call(
        "update_record", {"condition": "document.total > 5"}, path=path, headers={"If-Match": '"1"'}
    )
    assert changed.expect(200)["version"] == 2
    assert matched(claims.submit("6")) == [("BIG", "document.total > 5")]
