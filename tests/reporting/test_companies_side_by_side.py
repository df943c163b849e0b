"""Companies side by side: a column of each, and the total of those whose books are in one currency."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from bigledger.reporting.cells import address, identifier
from tests.reporting.test_formats import fetch, sheet
from tests.support.api import Api
from tests.support.ledger import Books, credit, debit
from tests.support.reports import explained, rows, ties
from tests.support.shop import Shop
from tests.support.statements import counted

STATEMENTS = ("get_balance_sheet", "get_profit_loss", "get_cash_flow")
PERIODS = ("get_profit_loss", "get_cash_flow")


def company(api: Api, code: str, currency: str, first: str = "2026-01-01", last: str = "2026-12-31") -> None:
    """A company with a fiscal year and a series for its journal."""
    api.record("companies", code=code, name=f"Harbor {code.title()}", currency=currency, jurisdiction="US-NY")
    api.record("fiscal-years", code=f"FY-{code}", company=code, starts_on=first, ends_on=last)
    api.record(
        "number-series", code=f"JE-{code}", document_type="journal_entry", company=code, prefix=f"{code}-{{YYYY}}-"
    )


@pytest.fixture
def group(shop: Shop) -> Shop:
    """Two companies in US dollars, of which one has a year of its own, and one in euros."""
    company(shop.api, "EAST", "USD", "2026-07-01", "2027-06-30")
    company(shop.api, "KIEL", "EUR")
    books = Books(shop.api)
    books.enter(debit("1020", "900.00"), credit("4010", "900.00"), company="MAIN", date="2026-05-10")
    books.enter(debit("6120", "250.00"), credit("1020", "250.00"), company="MAIN", date="2026-08-10")
    books.enter(debit("1020", "5000.00"), credit("3000", "5000.00"), company="EAST", date="2026-07-05")
    books.enter(debit("6130", "40.00"), credit("1020", "40.00"), company="EAST", date="2026-08-20")
    books.enter(debit("1020", "77.00"), credit("4010", "77.00"), company="KIEL", date="2026-08-01")
    return shop


def ask(shop: Shop, operation: str, **query: str) -> Any:
    return shop.api.call(operation, query={"split": "company", "company": "MAIN,EAST", **query}).expect(200).json


def test_a_balance_sheet_has_a_column_of_each_company_and_their_total(group: Shop) -> None:
    answer = ask(group, "get_balance_sheet", as_of="2026-08-31")
    assert [(one["label"], one.get("company", {}).get("code"), one["key"]) for one in answer["columns"]] == [
        ("MAIN", "MAIN", "2026-08-31:MAIN"),
        ("EAST", "EAST", "2026-08-31:EAST"),
        ("Total", None, "2026-08-31"),
    ]
    assert ([one["code"] for one in answer["companies"]], answer["split"]) == (["MAIN", "EAST"], "company")
    assert (answer["currency"], "company" in answer) == ("USD", False)
    found = rows(answer)
    assert found["assets.current.cash_and_cash_equivalents.1020"] == ["650.00", "4960.00", "5610.00"]
    assert found["equity.issued_capital"] == ["0.00", "5000.00", "5000.00"]
    assert found["equity.result"] == ["650.00", "-40.00", "610.00"]
    assert found["liabilities_and_equity"] == ["650.00", "4960.00", "5610.00"]
    assert ties(answer) == ["0.00"] * 3


def test_each_company_has_the_result_of_its_own_year(shop: Shop) -> None:
    """On the same day one company is in its eighth month, the other in its second."""
    company(shop.api, "EAST", "USD", "2026-07-01", "2027-06-30")
    shop.api.record("fiscal-years", code="FY-E0", company="EAST", starts_on="2025-07-01", ends_on="2026-06-30")
    books = Books(shop.api)
    for name in ("MAIN", "EAST"):
        for day, amount in (("2026-03-01", "100.00"), ("2026-08-01", "10.00")):
            books.enter(debit("1020", amount), credit("4010", amount), company=name, date=day)
    found = rows(ask(shop, "get_balance_sheet", as_of="2026-08-31"))
    assert found["equity.result"] == ["110.00", "10.00", "120.00"]
    assert found["equity.earlier_results"] == ["0.00", "100.00", "100.00"]


def test_profit_and_loss_and_cash_flow(group: Shop) -> None:
    days = {"from": "2026-07-01", "to": "2026-09-30"}
    result = rows(ask(group, "get_profit_loss", **days))
    assert result["expenses.administrative_expenses"] == ["-250.00", "-40.00", "-290.00"]
    assert result["result"] == ["-250.00", "-40.00", "-290.00"]
    flows = ask(group, "get_cash_flow", **days)
    assert rows(flows)["change"] == ["-250.00", "4960.00", "4710.00"]
    assert rows(flows)["opening"] == ["900.00", "0.00", "900.00"]
    assert ties(flows) == ["0.00"] * 3


def test_a_trial_balance_has_the_balances_of_each(group: Shop) -> None:
    """Accounts match by code; the total is what the accounts are of all of them."""
    answer = ask(group, "get_trial_balance", as_of="2026-08-31")
    told = {
        row["account"]["code"]: ([one["balance"] for one in row["shares"]], row["debit"], row["credit"])
        for row in answer["rows"]
    }
    assert told == {
        "1020": (["650.00", "4960.00"], "5610.00", "0.00"),
        "3000": (["0.00", "-5000.00"], "0.00", "5000.00"),
        "4010": (["-900.00", "0.00"], "0.00", "900.00"),
        "6120": (["250.00", "0.00"], "250.00", "0.00"),
        "6130": (["0.00", "40.00"], "40.00", "0.00"),
    }
    assert (answer["total_debit"], answer["total_credit"]) == ("5900.00", "5900.00")
    assert [share["company"]["code"] for share in answer["rows"][0]["shares"]] == ["MAIN", "EAST"]
    for row in answer["rows"]:
        for cell, balance in ((row["cell"], row["balance"]), *((one["cell"], one["balance"]) for one in row["shares"])):
            told = group.api.call("get_explanation", path={"kind": "trial-balance"}, query={"cell": cell}).expect(200)
            assert told["amount"] == balance


def test_a_trial_balance_is_split_by_a_dimension_too(shop: Shop) -> None:
    books = Books(shop.api)
    books.dimension("CENTRE", "NORTH", "SOUTH")
    for centre, amount in (("NORTH", "5.00"), ("SOUTH", "7.00")):
        books.enter(debit("6130", amount, dimensions={"CENTRE": centre}), credit("1020", amount))
    answer = shop.api.call("get_trial_balance", query={"split": "CENTRE"}).expect(200).json
    shares = {row["account"]["code"]: [one["balance"] for one in row["shares"]] for row in answer["rows"]}
    assert [one.get("dimension_value") for one in answer["rows"][0]["shares"]] == ["NORTH", "SOUTH", None]
    assert shares["6130"] == ["5.00", "7.00", "0.00"]
    assert shares["1020"] == ["0.00", "0.00", "-12.00"]


def test_a_total_explains_itself_by_the_lines_of_all_companies(group: Shop) -> None:
    answer = ask(group, "get_balance_sheet", as_of="2026-08-31")
    (cash,) = [row for row in answer["rows"] if row["key"] == "assets.current.cash_and_cash_equivalents.1020"]

    def why(place: int) -> Any:
        query = {"cell": cash["cells"][place]["cell"]}
        return group.api.call("get_explanation", path={"kind": "balance-sheet"}, query=query).expect(200).json

    east, total = why(1), why(2)
    assert (east["company"]["code"], east["column"]) == ("EAST", "2026-08-31:EAST")
    assert [line["amount"] for line in east["data"]] == ["5000.00", "-40.00"]
    assert ([one["code"] for one in total["companies"]], "company" in total) == (["MAIN", "EAST"], False)
    assert [(line["company"]["code"], line["amount"]) for line in total["data"]] == [
        ("MAIN", "900.00"),
        ("EAST", "5000.00"),
        ("MAIN", "-250.00"),
        ("EAST", "-40.00"),
    ]


@pytest.mark.parametrize("operation", STATEMENTS)
def test_every_cell_explains_itself(group: Shop, operation: str) -> None:
    days = {} if operation == "get_balance_sheet" else {"from": "2026-01-01"}
    for query in ({}, {"known_at": "2026-12-31T00:00:00Z"}, {"dimension[COST_CENTRE]": ""}):
        assert explained(group.api, ask(group, operation, **days, **query)) >= 12


@pytest.mark.parametrize("operation", [*STATEMENTS, "get_trial_balance"])
def test_companies_of_several_currencies_cannot_be_added(group: Shop, operation: str) -> None:
    """A statement is in one currency (IAS 1, 51d); which companies can stand together is said."""
    problem = group.api.call(operation, query={"split": "company"}).expect(422)
    assert [(one["pointer"], one["code"], one["message"]) for one in problem["errors"]] == [
        ("/company", "several_currencies", "ask for those of one currency: company=KIEL or company=EAST,MAIN")
    ]
    assert "EUR: KIEL; USD: EAST, MAIN" in problem["detail"]


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"company": "MAIN,EAST"}, "/company", "several_companies"),
        ({"company": "MAIN,NONE", "split": "company"}, "/company", "unknown_company"),
        ({"company": "MAIN", "split": "company", "compare": "previous_year"}, "", "compared_and_split"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(group: Shop, query: dict[str, str], pointer: str, code: str) -> None:
    problem = group.api.call("get_profit_loss", query=query).expect(422)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]


@pytest.mark.parametrize("operation", PERIODS)
def test_years_that_begin_on_different_days_have_no_period_in_common(group: Shop, operation: str) -> None:
    query = {"split": "company", "company": "MAIN,EAST"}
    problem = group.api.call(operation, query=query).expect(422)
    assert [(one["pointer"], one["message"]) for one in problem["errors"]] == [
        ("/from", "say from which day, such as 2026-01-01 or 2026-07-01")
    ]


def test_all_companies_stand_side_by_side_when_none_is_named(shop: Shop) -> None:
    company(shop.api, "EAST", "USD")
    Books(shop.api).enter(debit("1020", "3.00"), credit("3000", "3.00"), company="EAST")
    answer = shop.api.call("get_balance_sheet", query={"split": "company"}).expect(200).json
    assert [column["label"] for column in answer["columns"]] == ["EAST", "MAIN", "Total"]
    assert rows(answer)["assets.total"] == ["3.00", "7200.00", "7203.00"]


def test_files_have_a_column_per_company(group: Shop) -> None:
    query = {"split": "company", "company": "MAIN,EAST", "as_of": "2026-08-31"}
    headers, data = fetch(group, "get_balance_sheet", "csv", **query)
    name = "balance-sheet-companies-2026-08-31.csv"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    found = {row[0]: row[5:] for row in csv.reader(io.StringIO(data.decode("utf-8-sig")))}
    assert (found["key"], found["assets.total"]) == (["MAIN", "EAST", "Total"], ["650.00", "4960.00", "5610.00"])
    _, data = fetch(group, "get_trial_balance", "xlsx", **query)
    (book,) = [row for row in sheet(data) if row[0] == "1020 Bank, current account"]
    assert book[1:] == [650, 4960, 5610, None]
    (total,) = [row for row in sheet(data) if row[0] == "Total"]
    assert total[1:] == [0, 0, 5900, 5900]
    assert sheet(data)[0][0] == "Test, Harbor East"
    _, data = fetch(group, "get_cash_flow", "pdf", **{"split": "company", "company": "MAIN,EAST", "from": "2026-07-01"})
    assert data.startswith(b"%PDF-")


def test_jobs_and_schedules_take_it(group: Shop) -> None:
    parameters = {"split": "company", "company": "MAIN,EAST"}
    body = {"report": "balance-sheet", "format": "csv", "parameters": parameters}
    job = group.api.call("create_report_job", body).expect(202)
    assert job["parameters"] == parameters
    bad = group.api.call("create_report_job", {**body, "parameters": {**parameters, "compare": "previous_year"}})
    assert [one["code"] for one in bad.expect(422)["errors"]] == ["compared_and_split"]
    schedule = {
        "code": "GROUP",
        "name": "The companies' month",
        "report": "profit-loss",
        "parameters": parameters,
        "starts_on": "2026-12-01",
    }
    assert group.api.record("report-schedules", **schedule)["parameters"] == parameters


def test_they_are_read_in_one_statement(group: Shop) -> None:
    ask(group, "get_balance_sheet")
    for operation in (*STATEMENTS, "get_trial_balance"):
        days = {"from": "2026-01-01"} if operation in PERIODS else {}
        for query in ({}, {"known_at": "2026-11-23T10:00:00Z"}):
            _, sent = counted(lambda operation=operation, query=days | query: ask(group, operation, **query))
            assert len(sent) == 2


def test_a_cell_that_adds_other_companies_is_refused(group: Shop) -> None:
    """A cell names its companies; of other tenants' and of two currencies there is none."""
    answer = ask(group, "get_balance_sheet", as_of="2026-08-31")
    place = address(answer["rows"][-1]["cells"][-1]["cell"])
    companies = {
        code: group.api.call("get_record", path={"resource": "companies", "id": code}).expect(200)["id"]
        for code in ("MAIN", "EAST", "KIEL")
    }
    for others, status in (
        ([companies["EAST"]], 200),
        ([companies["KIEL"]], 422),
        ([companies["MAIN"]], 422),
        (["0195d6a0-0000-7000-8000-000000000001"], 404),
    ):
        cell = identifier(place.model_copy(update={"others": [UUID(other) for other in others]}))
        group.api.call("get_explanation", path={"kind": "balance-sheet"}, query={"cell": cell}).expect(status)


def test_no_dimension_is_called_company(api: Api) -> None:
    body = {"code": "company", "name": "Company"}
    problem = api.call("create_record", body, path={"resource": "dimensions"}).expect(422)
    assert [one["code"] for one in problem["errors"]] == ["reserved_code"]
