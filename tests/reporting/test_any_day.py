"""Whatever was done in whatever order: on any day, as known at any instant, every report ties and explains itself."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from tests.support.ledger import Books
from tests.support.reports import explained, ties
from tests.support.shop import Shop

FIRST, DAYS = date(2026, 1, 1), 320


def act(shop: Shop, chance: Random) -> None:
    """Something that happens in a company, dated on any day; what is refused changes nothing."""
    day = FIRST + timedelta(days=chance.randrange(DAYS))
    on, customer = str(day), chance.choice(["CUST001", "CUST002"])
    what = chance.choice(["sell", "sell", "pay", "pay", "advance", "credit", "void", "rent"])
    if what == "sell":
        items = [{"product": "SERV001", "quantity": chance.randint(1, 9)}]
        shop.api.call("create_invoice", {"customer": customer, "date": on, "items": items})
    elif what in ("pay", "advance"):
        amount = f"{chance.randint(1, 900)}.{chance.randint(0, 99):02}"
        body: dict[str, Any] = {"customer": customer, "amount": amount, "date": on}
        if what == "advance":
            body["allocations"] = []
        shop.api.call("record_payment", body, headers={"Idempotency-Key": f"payment-{shop.api.requests}"})
    elif what == "rent":
        Books(shop.api).rent(f"{chance.randint(1, 900)}.00", date=on)
    else:
        found = shop.api.rows("SELECT id::text FROM kernel.document WHERE type = 'invoice' ORDER BY number")
        if found:
            path = {"id": chance.choice(found).id}
            operation = "credit_invoice" if what == "credit" else "void_invoice"
            shop.api.call(operation, {"reason": "Wrong", "date": on}, path=path)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_any_day_everything_ties(shop: Shop, seed: int) -> None:
    """The ageing of a past day equals the control accounts of that day, whatever was settled since."""
    chance = Random(seed)
    for _ in range(40):
        act(shop, chance)
    instants = [event["time"] for event in shop.api.events()]
    for _ in range(6):
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        known = {} if chance.random() < 0.4 else {"known_at": chance.choice(instants)}
        period = {"from": str(day - timedelta(days=chance.randrange(60))), "to": str(day)} | known
        for operation, query in (
            ("get_aged_receivables", {"as_of": str(day), "detail": "items"} | known),
            ("get_balance_sheet", {"as_of": str(day)} | known),
            ("get_profit_loss", period),
            ("get_cash_flow", period),
        ):
            answer = shop.api.call(operation, query=query).expect(200).json
            assert ties(answer) == ["0.00"], (operation, query)
    assert explained(shop.api, answer) > 5
    day = FIRST + timedelta(days=chance.randrange(DAYS))
    query = {"as_of": str(day), "detail": "items", "known_at": chance.choice(instants)}
    assert explained(shop.api, shop.api.call("get_aged_receivables", query=query).expect(200).json) > 0
