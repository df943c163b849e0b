"""A shop that has done a bit of everything, so that every check has something to look at."""

from collections.abc import Iterator

import pytest

from tests.support.api import Api
from tests.support.events import deliver
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop
from tests.support.world import make_tenant, world_clock


@pytest.fixture(scope="module")
def busy(owner_url: str) -> Iterator[Shop]:
    """The shop at the end of its day. The tests of a module share it, so each leaves it as it was.

    Of the invoices INV-2026-000001 is paid in part, 2 is void, 3 is paid with a rest written off, 4 is of 31 December,
    5 was approved and is credited in part; one more waits for its approval and one is a draft. The last payment is an
    advance.
    """
    with world_clock():
        yield _busy()


def _busy() -> Shop:
    shop = Shop(make_tenant("Busy"))
    api = shop.api
    partly = shop.invoice()
    void = shop.invoice()
    api.call("void_invoice", {"reason": "Ordered twice"}, path={"id": void["id"]}).expect(200)
    paid = shop.invoice("CUST002", items=[{"product": "PROD002", "quantity": 1}, {"product": "SERV001", "quantity": 2}])
    shop.invoice("CUST002", date="2026-12-31", items=[{"product": "SERV001", "quantity": 1}])
    api.record("approval-rules", code="LARGE", name="Large invoices", condition="document.total > 5000.00")
    large = shop.invoice(items=[{"product": "PROD002", "quantity": 15}])
    path = {"id": large["approval"]["id"], "decision": "approve"}
    api.call("decide_approval", {"reason": "A good customer"}, path=path).expect(200)
    shop.invoice(items=[{"product": "SERV001", "quantity": 100}])
    draft = shop.invoice("CUST002", draft=True)
    api.call("update_invoice", {"reference": "PO 7"}, path={"id": draft["id"]}, headers={"If-Match": '"1"'}).expect(200)
    shop.pay("287.00", allocations=[{"invoice": partly["number"]}])
    shop.pay(
        "590.00",
        "CUST002",
        allocations=[{"invoice": paid["number"]}],
        write_off={"amount": "10.00", "account": "6340", "reason": "A scratch"},
    )
    shop.pay("25.00", "CUST002", allocations=[])
    for ttl in (None, 3600):
        wanted = {"product": "PROD001", "quantity": 3} | ({"ttl_seconds": ttl} if ttl else {})
        held = api.call("create_reservation", wanted).expect(201)
        if ttl is None:
            api.call("release_reservation", path={"id": held["id"]}).expect(200)
    returned = {"reason": "Returned", "lines": [{"line": 1, "quantity": 2}]}
    api.call("credit_invoice", returned, path={"id": large["id"]}).expect(201)
    _buy(api)
    books = Books(api)
    _by_plan(books)
    books.enter(debit("1030", "100.00", currency="EUR", rate="1.2"), credit("4220", "120.00"))
    body = {"date": "2026-11-30", "rates": [{"currency": "EUR", "rate": "1.3"}]}
    api.call("create_revaluation", body, headers=books.key()).expect(201)
    api.call("prepare_tax_return", {"starts_on": "2026-11-01", "ends_on": "2026-11-30"}).expect(201)
    deliver(api)
    shop.receive(PROD001="5")
    return shop


def _buy(api: Api) -> None:
    """Of the bills BILL-2026-000001 is paid in part, 2 credited in part, 3 void, 4 waits in a payment run."""
    rates = [{"rate": "0.10", "valid_from": "2020-01-01", "threshold": {"per_year": "1000.00"}}]
    api.record("taxes", code="WHT", name="Withheld", jurisdiction="US", account="2210", rates=rates)
    api.record("suppliers", code="SUPP001", name="Paper Mill", jurisdiction="US-CA", withholding_tax="WHT")
    items = [{"account": "6150", "quantity": 10, "unit_price": "10.00", "taxes": ["STATE"]}]
    first, second, third, _ = (
        api.call("create_bill", {"supplier": "SUPP001", "supplier_number": f"S{n}", "items": items}).expect(201).json
        for n in range(4)
    )
    api.call("void_bill", {"reason": "Not ours"}, path={"id": third["id"]}).expect(200)
    returned = {"supplier_number": "C1", "reason": "Returned", "lines": [{"line": 1, "quantity": 2}]}
    api.call("credit_bill", returned, path={"id": second["id"]}).expect(201)
    allocations: list[dict[str, str]]
    for number, allocations in enumerate(([{"document": first["id"]}], [])):
        body = {"supplier": "SUPP001", "amount": "40.00", "allocations": allocations}
        headers = {"Idempotency-Key": f"supplier-payment-{number}"}
        api.call("record_supplier_payment", body, headers=headers).expect(201)
    api.call("create_payment_run", {"due_until": "2026-12-31"}, headers={"Idempotency-Key": "run"}).expect(201)


def _by_plan(books: Books) -> None:
    """An accrual of October, JE-2026-000001 and 2, which is allocated before, by 3, and a deferral of November, 4."""
    lines = [{"account": "6130", "debit": "70.00"}, {"account": "2110", "credit": "70.00"}]
    template = {"code": "POWER", "name": "Power", "company": "MAIN", "lines": lines, "reverse": "next_month"}
    books.dimension("CENTRE", "NORTH")
    books.api.record("journal-templates", **template)
    sources, targets = [{"account": "6130"}], [{"account": "6000", "dimensions": {"CENTRE": "NORTH"}}]
    books.api.record("allocation-rules", code="SALES", name="Sales", company="MAIN", sources=sources, targets=targets)
    by_hand = {"kind": "expense", "amount": "90.00", "account": "6140", "starts_on": "2026-11-01", "months": 3}
    for operation, body, path in (
        ("run_journal_template", {"date": "2026-10-31"}, {"id": "POWER"}),
        ("run_allocation_rule", {"date_from": "2026-10-01", "date_to": "2026-10-31"}, {"id": "SALES"}),
        ("create_deferral_schedule", by_hand, {}),
        ("run_deferrals", {"until": "2026-11-30"}, {}),
    ):
        answer = books.api.call(operation, body, path=path, headers=books.key())
        assert answer.status in (200, 201), answer.text
