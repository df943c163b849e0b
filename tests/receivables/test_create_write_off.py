"""Write-offs: what is open is given up, at what it stands at, and no more."""

from decimal import Decimal
from typing import Any

import pytest

from tests.receivables.notes import posted
from tests.receivables.test_foreign_invoices import base_lines, euros, set_rate
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.statements import counted


def write_off(shop: Shop, invoices: list[Any], status: int = 201, **fields: Any) -> Any:
    body = {"customer": "CUST001", "reason": "Insolvent", "invoices": invoices} | fields
    key = {"Idempotency-Key": f"write-off-{shop.api.requests}"}
    return shop.api.call("create_write_off", body, headers=key).expect(status).json


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    invoice = shop.invoice()
    shop.pay("1286.20")
    answer = example(
        body={"customer": "CUST001", "reason": "Too small to ask for", "invoices": [{"invoice": invoice["number"]}]},
        headers={"Idempotency-Key": "write-off-1"},
    )
    assert answer.status == 201
    assert (answer["number"], answer["amount"], answer["account"]["code"]) == ("WO-2026-000001", "0.80", "6200")


def test_the_rest_of_several_invoices_is_given_up(shop: Shop) -> None:
    first, second = shop.invoice(), shop.invoice()
    answer = write_off(shop, [{"invoice": first["id"]}, {"invoice": second["number"], "amount": "87.00"}])
    assert posted(answer) == [("6200", Decimal("1374.00")), ("1200", Decimal("-1374.00"))]
    assert [(one["status"], one["amount_due"]) for one in answer["invoices"]] == [
        ("paid", "0.00"),
        ("partially_paid", "1200.00"),
    ]
    assert answer["events"] == ["write_off.posted", "invoice.paid", "invoice.partially_paid"]
    assert shop.invoice()["credit"]["exposure"] == "2487.00"
    sound(shop.api)


def test_giving_up_makes_no_exchange_difference(shop: Shop) -> None:
    set_rate(shop, "1.20", "2026-11-01")
    set_rate(shop, "1.10", "2026-11-22")
    invoice = euros(shop, date="2026-11-20")
    answer = write_off(shop, [{"invoice": invoice["number"]}], customer="CUST002", account="6340")
    assert (answer["amount"], answer["base_amount"]) == ("400.00", "480.00")
    assert base_lines(answer) == [("6340", 480), ("1200", -480)]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"invoices": [{"invoice": "INV-2026-000001", "amount": "1287.01"}]}, "/invoices/0/amount", "over_allocated"),
        ({"invoices": [{"invoice": "INV-2026-000001", "amount": "0.001"}]}, "/invoices/0/amount", "too_precise"),
        ({"invoices": [{"invoice": "INV-2026-000009"}]}, "/invoices/0/invoice", "nothing_open"),
        ({"account": "1200"}, "/account", "account_not_suitable"),
        ({"date": "2026-11-22"}, "/date", "dated_too_early"),
        ({"reason": ""}, "/reason", "string_too_short"),
        ({"customer": "NOBODY"}, "/customer", "unknown_customer"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    shop: Shop, fields: dict[str, Any], pointer: str, code: str
) -> None:
    shop.invoice()
    before = shop.api.counts()
    body = {"invoices": [{"invoice": "INV-2026-000001"}]} | fields
    problem = write_off(shop, body.pop("invoices"), 422, **body)
    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]
    assert shop.api.counts() == before


def test_it_takes_three_statements(shop: Shop) -> None:
    numbers = [{"invoice": shop.invoice()["number"]} for _ in range(3)]
    write_off(shop, numbers[:1])
    _, sent = counted(lambda: write_off(shop, numbers[1:]))
    assert len(sent) == 3  # open, read, flush
