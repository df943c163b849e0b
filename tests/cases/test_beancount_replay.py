"""A personal ledger of three years, replayed through the import: every year ends with the balances of beancount."""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.ledger import Books

DATA = Path(__file__).parents[3] / "shared" / "cases" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the cases are not here")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"beancount-example.{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def imported(api: Api, kind: str, given: list[dict[str, Any]]) -> int:
    """Import rows chunk by chunk; answers how many requests that took."""
    made = api.call("create_import", {"kind": kind, "rows": given}).expect(201).json
    assert (made["status"], made["errors"][:3]) == ("validated", [])
    requests = 0
    while made["remaining"]:
        requests += 1
        headers = {"Idempotency-Key": f"{kind}-{requests}"}
        made = api.call("commit_import", path={"id": made["id"]}, headers=headers).expect(200).json
    assert (made["status"], made["created"]) == ("completed", made["total"])
    return requests


def test_every_year_end_balance_is_that_of_beancount(api: Api) -> None:
    """In US dollars; the points of the employer's plans (IRAUSD, VACHR) are no currencies of ISO 4217."""
    books = Books(api)
    for year in (2013, 2014, 2015):
        books.year(year)
    codes = {row["account"]: f"X{place:03}" for place, row in enumerate(rows("accounts"))}
    imported(
        api,
        "accounts",
        [
            {"code": codes[row["account"]], "name": row["account"], "kind": row["account_type"]}
            for row in rows("accounts")
        ],
    )
    entries: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("postings"):
        if row["currency"] == "USD" and Decimal(row["amount"]):
            entries[row["entry_no"]].append(row)
    wanted = [
        {
            "external_id": f"beancount-{number}",
            "date": lines[0]["date"],
            "lines": [
                {
                    "account": codes[line["account"]],
                    "debit" if Decimal(line["amount"]) > 0 else "credit": str(abs(Decimal(line["amount"]))),
                }
                for line in lines
            ],
        }
        for number, lines in entries.items()
    ]
    requests = imported(api, "journal_entries", wanted)
    assert len(wanted) > 1000
    assert requests == -(-len(wanted) // 200)
    expected: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows("balances"):
        if row["currency"] == "USD" and Decimal(row["balance"]):
            expected[row["as_of"]][codes[row["account"]]] = row["balance"]
    assert sorted(expected) == ["2013-12-31", "2014-12-31", "2015-12-31"]
    for day, balances in expected.items():
        assert books.balances(as_of=day) == balances
    for told in json.loads((DATA / "beancount-example.statements.json").read_text()):
        day = {"date_from": f"{told['year']}-01-01", "as_of": f"{told['year']}-12-31"}
        found: dict[str, Decimal] = defaultdict(Decimal)
        kinds = {codes[row["account"]]: row["account_type"] for row in rows("accounts")}
        for row in api.call("get_account_balances", query=day).expect(200)["rows"]:
            found[kinds[row["account"]["code"]]] += Decimal(row["debit"]) - Decimal(row["credit"])
        income = told["income_statement"]
        assert {kind: str(found[kind]) for kind in income} == {kind: sums["USD"] for kind, sums in income.items()}
    sound(api)
