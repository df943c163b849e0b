"""A business as a state machine: what is done to invoices, payments, stock and approvals, and what is expected of it.

The model keeps little: what each invoice owes, what each document holds of the stock, what is on hand. Everything else
is held against itself by the integrity checks after every step.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bigledger.kernel import runtime
from bigledger.kernel.clock import Clock
from tests.simulation import books
from tests.simulation.ground import START, Ground
from tests.simulation.processes import nanoseconds
from tests.support.api import Api, Response, find
from tests.support.events import deliver
from tests.support.integrity import sound

GOODS = {"PROD001": Decimal(100), "PROD002": Decimal(20)}
"""The products in stock, and how much of each is on hand at first."""

customers = st.sampled_from(["CUST001", "CUST002", "CUST003"])
goods = st.sampled_from(sorted(GOODS))
quantities = st.integers(1, 30)
items = st.lists(
    st.fixed_dictionaries(
        {"product": st.sampled_from([*GOODS, "SERV001"]), "quantity": quantities},
        optional={"discount_percent": st.sampled_from(["5", "33.3"]), "unit_price": st.sampled_from(["0", "19.99"])},
    ),
    min_size=1,
    max_size=3,
)
amounts = st.decimals("0.01", 4000, places=2).map(str)
places = st.integers(0, 50)


@dataclass
class Owed:
    """An invoice as the model knows it."""

    id: str
    customer: str
    items: list[dict[str, Any]]
    status: str
    total: Decimal
    due: Decimal = Decimal(0)
    version: int = 1
    approval: str | None = None
    order: tuple[str, str] = ("", "")
    """Its due date and number: the earliest due is paid first."""


@dataclass
class Hold:
    """Stock that is held for an invoice or a reservation."""

    quantities: dict[str, Decimal]
    until: int | None = None
    """When it ends by itself, in nanoseconds since 1970."""


def wanted(lines: list[dict[str, Any]]) -> dict[str, Decimal]:
    """What the lines take from the stock, per product."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line["product"] in GOODS:
            found[line["product"]] += line["quantity"]
    return dict(found)


class Books(RuleBasedStateMachine):
    """The machine; ``ground`` is set by whoever runs it."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.now = nanoseconds(START)
        self.ids = 0
        self.keys = 0
        self.kept_clock = runtime.clock
        runtime.clock = Clock(self._instant, self._bits)
        self.api: Api = self.ground.copy("strict")
        self.invoices: dict[str, Owed] = {}
        self.holds: dict[str, Hold] = {}
        self.on_hand = dict(GOODS)
        self.advances = Decimal(0)
        self.last: tuple[Any, Response] | None = None

    def teardown(self) -> None:
        """At the end every event is delivered, and the feed has told of everything."""
        try:
            deliver(self.api)
            books.in_order(told := books.feed(self.api))
            assert [event["id"] for event in told] == [event["id"] for event in self.api.events()]
            sound(self.api)
        finally:
            runtime.clock = self.kept_clock

    def _instant(self) -> int:
        self.now += 1_000_000
        return self.now

    def _bits(self, size: int) -> int:
        self.ids += 1
        return self.ids * 0x9E3779B97F4A7C15 % (1 << size)

    # ---- asking -----------------------------------------------------------------------------------------------------

    def ask(self, operation: str, body: Any = None, version: int | None = None, **path: str) -> Response:
        """Send a request under a new key."""
        self.keys += 1
        headers = {"Idempotency-Key": f"key {self.keys}"} | ({"If-Match": f'"{version}"'} if version else {})
        request = {"body": body, "path": path, "headers": headers}
        answer = self.api.call(find(operation), **request)
        assert answer.status < 500, answer.text
        self.last = ((operation, request), answer) if answer.status < 300 else self.last
        return answer

    def available(self, product: str) -> Decimal:
        """What the model says can be promised."""
        held = [hold for hold in self.holds.values() if hold.until is None or hold.until > self.now]
        return self.on_hand[product] - sum((hold.quantities.get(product, Decimal(0)) for hold in held), Decimal(0))

    def exposed(self, customer: str) -> Decimal:
        """What the model says a customer owes or is about to owe."""
        return sum(
            (
                one.due if one.status != "pending_approval" else one.total
                for one in self.invoices.values()
                if one.customer == customer and one.status not in ("draft", "void")
            ),
            Decimal(0),
        )

    def served(self, answer: Response, lines: list[dict[str, Any]], customer: str, total: Decimal | None) -> bool:
        """Whether an invoice was made; if not, it has to be for a reason the model knows."""
        if answer.status < 300:
            assert all(quantity <= self.available(product) for product, quantity in wanted(lines).items())
            return True
        code = answer["code"]
        if code == "insufficient_stock":
            assert any(quantity > self.available(product) for product, quantity in wanted(lines).items())
        else:
            limit = {"CUST001": Decimal(50000), "CUST003": Decimal(1500)}[customer]
            assert code == "credit_limit_exceeded"
            requested = Decimal(answer["requested"])
            assert Decimal(answer["exposure"]) == self.exposed(customer)
            assert self.exposed(customer) + requested > limit
            assert total in (None, requested)
        return False

    def settled(self, one: Owed, body: Any) -> None:
        """Take what an answer says of an invoice into the model."""
        one.status, one.version, one.total = body["status"], body["version"], Decimal(body["total"])
        one.due = Decimal(body["amount_due"])
        one.approval = body["approval"].get("id") if one.status == "pending_approval" else None
        one.order = (body["due_date"], body.get("number", ""))
        assert one.due == (one.total if one.status == "issued" else 0)
        assert (one.status == "pending_approval") == (one.total > 2000)
        self.holds[one.id] = Hold(wanted(one.items))

    def some(self, place: int, *statuses: str) -> Owed | None:
        """An invoice in one of these states."""
        found = [one for one in self.invoices.values() if not statuses or one.status in statuses]
        return found[place % len(found)] if found else None

    # ---- what people do ---------------------------------------------------------------------------------------------

    @rule(customer=customers, lines=items)
    def invoice(self, customer: str, lines: list[dict[str, Any]]) -> None:
        answer = self.ask("create_invoice", {"customer": customer, "items": lines})
        if self.served(answer, lines, customer, None):
            one = self.invoices[answer["id"]] = Owed(answer["id"], customer, lines, "", Decimal(0))
            self.settled(one, answer.json)

    @rule(customer=customers, lines=items)
    def draft(self, customer: str, lines: list[dict[str, Any]]) -> None:
        answer = self.ask("create_invoice", {"customer": customer, "items": lines, "draft": True}).expect(201)
        self.invoices[answer["id"]] = Owed(answer["id"], customer, lines, "draft", Decimal(answer["total"]))

    @precondition(lambda self: self.some(0, "draft"))
    @rule(place=places, lines=items)
    def change_draft(self, place: int, lines: list[dict[str, Any]]) -> None:
        one = self.some(place, "draft")
        assert one is not None
        self.ask("update_invoice", {"items": lines}, one.version + 1, id=one.id).expect(412)
        answer = self.ask("update_invoice", {"items": lines}, one.version, id=one.id).expect(200)
        one.items, one.total, one.version = lines, Decimal(answer["total"]), answer["version"]

    @precondition(lambda self: self.some(0, "draft"))
    @rule(place=places)
    def issue(self, place: int) -> None:
        one = self.some(place, "draft")
        assert one is not None
        answer = self.ask("issue_invoice", {}, id=one.id)
        if self.served(answer, one.items, one.customer, one.total):
            self.settled(one, answer.json)

    @precondition(lambda self: self.invoices)
    @rule(place=places)
    def void(self, place: int) -> None:
        one = self.some(place)
        assert one is not None
        answer = self.ask("void_invoice", {"reason": "ordered twice"}, id=one.id)
        untouched = one.status in ("draft", "pending_approval", "issued") or (one.status == "paid" and not one.total)
        assert answer.status == (200 if untouched else 409), answer.text
        if untouched:
            one.status, one.due, one.approval = "void", Decimal(0), None
            self.holds.pop(one.id, None)

    @precondition(lambda self: self.some(0, "pending_approval"))
    @rule(place=places, approve=st.booleans())
    def decide(self, place: int, approve: bool) -> None:
        one = self.some(place, "pending_approval")
        assert one is not None
        assert one.approval is not None
        body = {"reason": "seen"}
        answer = self.ask("decide_approval", body, id=one.approval, decision="approve" if approve else "reject")
        outcome = answer.expect(200)["outcome"]
        one.status, one.due = ("issued", one.total) if approve else ("void", Decimal(0))
        one.order = (one.order[0], outcome.get("number", ""))
        assert outcome["status"] == one.status
        if not approve:
            self.holds.pop(one.id)
        again = self.ask("decide_approval", body, id=one.approval, decision="approve")
        assert again.status == 409, again.text

    @rule(customer=customers, amount=amounts)
    def pay(self, customer: str, amount: str) -> None:
        """What is paid settles the earliest due first; the rest is an advance."""
        open = sorted(
            (one for one in self.invoices.values() if one.customer == customer and one.due),
            key=lambda one: one.order,
        )
        answer = self.ask("record_payment", {"customer": customer, "amount": amount}).expect(201)
        left = Decimal(amount)
        expected = []
        for one in open:
            share = min(one.due, left)
            if share:
                expected.append((one.id, share))
                left -= share
        assert [(part["invoice"]["id"], Decimal(part["amount"])) for part in answer["allocations"]] == expected
        assert Decimal(answer["unallocated"]) == left
        self._paid(answer, left)

    @precondition(lambda self: self.invoices)
    @rule(place=places, part=st.sampled_from(["0.01", "10.00", "all", "more"]))
    def pay_one(self, place: int, part: str) -> None:
        """A payment for one invoice takes what is open of it, and is refused if it is for more."""
        one = self.some(place)
        assert one is not None
        amount = {"all": one.due or Decimal(1), "more": one.due + 1}.get(part) or Decimal(part)
        body = {
            "customer": one.customer,
            "amount": str(amount),
            "allocations": [{"invoice": one.id, "amount": str(amount)}],
        }
        answer = self.ask("record_payment", body)
        fits = one.due > 0 and amount <= one.due
        assert answer.status == (201 if fits else 422), answer.text
        if fits:
            self._paid(answer, Decimal(0))

    def _paid(self, answer: Response, left: Decimal) -> None:
        for part in answer["allocations"]:
            one = self.invoices[part["invoice"]["id"]]
            one.due -= Decimal(part["amount"])
            one.status = "partially_paid" if one.due else "paid"
            assert (part["status"], Decimal(part["amount_due"])) == (one.status, one.due)
        self.advances += left

    @rule(product=goods, quantity=quantities)
    def receive(self, product: str, quantity: int) -> None:
        line = {"product": product, "quantity": quantity, "unit_cost": "55.10"}
        self.ask("receive_stock", {"items": [line]}).expect(201)
        self.on_hand[product] += quantity

    @rule(product=goods, quantity=quantities, seconds=st.sampled_from([None, 1, 3600]))
    def reserve(self, product: str, quantity: int, seconds: int | None) -> None:
        body = {"product": product, "quantity": quantity} | ({"ttl_seconds": seconds} if seconds else {})
        enough = quantity <= self.available(product)
        answer = self.ask("create_reservation", body)
        assert answer.status == (201 if enough else 422), answer.text
        if enough:
            until = self.now + seconds * 1_000_000_000 if seconds else None
            self.holds[answer["id"]] = Hold({product: Decimal(quantity)}, until)

    @precondition(lambda self: self._reservations())
    @rule(place=places)
    def release(self, place: int) -> None:
        found = self._reservations()
        self.ask("release_reservation", id=found[place % len(found)]).expect(200)
        self.holds.pop(found[place % len(found)])

    def _reservations(self) -> list[str]:
        return [identifier for identifier in self.holds if identifier not in self.invoices]

    @rule(hours=st.sampled_from([0, 2]))
    def time_passes(self, hours: int) -> None:
        """What has expired is free at once, and the schedule only writes it down."""
        self.now += int(timedelta(hours=hours, seconds=2).total_seconds()) * 1_000_000_000
        find("release_expired_reservations")({}, None)

    @rule(times=st.integers(1, 2), reverse=st.booleans())
    def events_arrive(self, times: int, reverse: bool) -> None:
        deliver(self.api, times=times, reverse=reverse)

    @precondition(lambda self: self.last)
    @rule()
    def send_again(self) -> None:
        """A repeated request is answered as before, and changes nothing."""
        assert self.last is not None
        (operation, request), answer = self.last
        before = self.api.counts()
        again = self.api.call(find(operation), **request)
        assert (again.status, again.text, again.headers["Idempotency-Hit"]) == (answer.status, answer.text, "true")
        assert self.api.counts() == before

    # ---- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def the_books_are_sound(self) -> None:
        sound(self.api)

    @invariant()
    def what_is_owed_and_in_stock_is_as_the_model_has_it(self) -> None:
        rows = self.api.rows("""
            SELECT d.id::text, d.status, coalesce((SELECT sum(b.amount - b.settled) FROM ledger.open_item_balance b
                                                   WHERE b.document_id = d.id), 0) AS due
            FROM kernel.document d WHERE d.type = 'invoice'
        """)
        known = {identifier: (one.status, one.due) for identifier, one in self.invoices.items()}
        assert {row.id: (row.status, row.due) for row in rows} == known
        advances = self.api.rows("""
            SELECT coalesce(-sum(base_amount), 0) AS amount FROM ledger.journal_line
            WHERE account_id = (SELECT id FROM kernel.document WHERE type = 'account' AND number = '2300')
        """)
        assert advances[0].amount == self.advances
        for product, on_hand in self.on_hand.items():
            answer = self.api.call(find("get_availability"), query={"product": product}).expect(200)
            shown = (Decimal(answer["on_hand"]), Decimal(answer["available"]))
            assert shown == (on_hand, self.available(product))

    @initialize()
    def the_first_customers(self) -> None:
        """Every business begins with an invoice, one that waits for its approval, and a draft."""
        self.invoice("CUST001", [{"product": "PROD001", "quantity": 2}, {"product": "SERV001", "quantity": 1}])
        self.invoice("CUST002", [{"product": "PROD001", "quantity": 20}])
        self.draft("CUST003", [{"product": "PROD002", "quantity": 1, "unit_price": "19.99"}])
        assert [one.status for one in self.invoices.values()] == ["issued", "pending_approval", "draft"]
