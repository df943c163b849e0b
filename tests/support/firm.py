"""A firm in a story that an accountant tells: plain verbs for what is done, each a call of the API."""

from typing import Any

from tests.support.api import Api
from tests.support.ledger import Books


class Firm(Books):
    """A tenant's company that sells, buys, pays and closes; every verb answers what the API answered."""

    def __init__(self, operator: Api, name: str, **company: Any) -> None:
        answer = operator.call("create_tenant", {"name": name, "company": company}).expect(201)
        super().__init__(Api(answer["id"]))
        self.keys = 0

    def key(self) -> dict[str, str]:
        """A key of its own for the next request, whoever makes it."""
        self.keys += 1
        return {"Idempotency-Key": f"key-{self.keys}"}

    def keep(self, resource: str, code: str, name: str, **fields: Any) -> Any:
        """Take a record into the master data."""
        return self.api.record(resource, code=code, name=name, **fields)

    def make(self, operation: str, /, status: int = 201, **body: Any) -> Any:
        """Make something, under a key of its own."""
        return self.api.call(operation, body, headers=self.key()).expect(status).json

    def do(self, operation: str, document: Any, /, status: int = 200, **body: Any) -> Any:
        """Do something with a document as it stands now, under a key of its own."""
        return self.api.call(operation, body, path={"id": document["id"]}, headers=self.key()).expect(status).json

    def look(self, operation: str, reference: str) -> Any:
        """Read a document by its id or number."""
        return self.api.call(operation, path={"id": reference}).expect(200).json

    def sell(self, customer: str, date: str, product: str, quantity: int = 1, **fields: Any) -> Any:
        """Invoice a customer for a quantity of a product."""
        price = {"unit_price": fields.pop("unit_price")} if "unit_price" in fields else {}
        items = [{"product": product, "quantity": quantity, **price}]
        return self.make("create_invoice", customer=customer, date=date, items=items, **fields)

    def receive(self, customer: str, date: str, amount: str, **fields: Any) -> Any:
        """Record what a customer paid; it settles what is due first unless told otherwise."""
        return self.make("record_payment", customer=customer, date=date, amount=amount, **fields)

    def buy(self, supplier: str, date: str, account: str, amount: str, *taxes: str, **fields: Any) -> Any:
        """Enter a supplier's bill of one line, with the taxes that stand on it."""
        items = [{"account": account, "unit_price": amount, "taxes": list(taxes)}]
        number = fields.pop("supplier_number", f"{supplier}-{self.api.requests}")
        return self.make("create_bill", supplier=supplier, supplier_number=number, date=date, items=items, **fields)

    def pay(self, supplier: str, date: str, amount: str, **fields: Any) -> Any:
        """Record what a supplier was paid; it settles what is due first unless told otherwise."""
        return self.make("record_supplier_payment", supplier=supplier, date=date, amount=amount, **fields)

    def spread(self, document: Any, line: int, starts_on: str, months: int) -> Any:
        """Defer a line of what a document posted over months."""
        source = {"document": document["id"], "line": line}
        return self.make("create_deferral_schedule", source=source, starts_on=starts_on, months=months)

    def rate(self, currency: str, date: str, rate: str, **fields: str) -> None:
        """Say what a unit of a currency is in base currency from a day on."""
        self.make("set_exchange_rates", rates=[{"currency": currency, "date": date, "rate": rate, **fields}])
