"""A small shop that sells on credit in two tax jurisdictions: what most tests start from."""

from typing import Any

from tests.support.api import Api


class Shop:
    """A tenant with taxes, customers, products and stock, and short ways to do everyday things."""

    def __init__(self, api: Api) -> None:
        self.api = api
        record = api.record
        rates = {"valid_from": "2020-01-01"}
        record(
            "taxes",
            code="STATE",
            name="State sales tax",
            jurisdiction="US-CA",
            sequence=10,
            account="2200",
            rates=[{"rate": "0.06", **rates}],
        )
        record(
            "taxes",
            code="CITY",
            name="City sales tax",
            jurisdiction="US-CA-SF",
            sequence=20,
            account="2200",
            rates=[{"rate": "0.0125", **rates}],
        )
        record("tax-rules", code="CA", name="California", jurisdiction="US-CA", taxes=["STATE"])
        record("tax-rules", code="SF", name="San Francisco", jurisdiction="US-CA-SF", taxes=["CITY"])
        record(
            "customers",
            code="CUST001",
            name="Lighthouse Books",
            jurisdiction="US-CA-SF",
            payment_terms="NET30",
            credit_limit="50000.00",
        )
        record("customers", code="CUST002", name="Desert Tools", jurisdiction="US-NV")
        record("products", code="PROD001", name="Reading lamp", unit="EA", sales_price="120.00")
        record("products", code="PROD002", name="Desk", unit="EA", sales_price="450.00")
        record("products", code="SERV001", name="Assembly", kind="service", unit="EA", sales_price="75.00")
        self.receive(PROD001="100", PROD002="20")

    def receive(self, unit_cost: str = "60.00", **quantities: str) -> Any:
        """Receive products into stock."""
        items = [
            {"product": product, "quantity": quantity, "unit_cost": unit_cost}
            for product, quantity in quantities.items()
        ]
        return self.api.call("receive_stock", {"items": items}).expect(201).json

    def invoice(self, customer: str = "CUST001", /, status: int = 201, **fields: Any) -> Any:
        """Create an invoice; one for ten reading lamps unless items are given."""
        fields.setdefault("items", [{"product": "PROD001", "quantity": 10}])
        return self.api.call("create_invoice", {"customer": customer, **fields}).expect(status).json

    def pay(self, amount: str, customer: str = "CUST001", /, status: int = 201, **fields: Any) -> Any:
        """Record a payment under a key of its own."""
        key = f"payment-{self.api.requests}"
        body = {"customer": customer, "amount": amount, **fields}
        return self.api.call("record_payment", body, headers={"Idempotency-Key": key}).expect(status).json

    def get(self, invoice: Any) -> Any:
        """Read an invoice again."""
        return self.api.call("get_invoice", path={"id": invoice["id"]}).expect(200).json

    def trial_balance(self, **query: str) -> dict[str, str]:
        """Balance by account code, debit positive; it is checked to be balanced."""
        answer = self.api.call("get_trial_balance", query=query).expect(200).json
        assert answer["total_debit"] == answer["total_credit"]
        return {row["account"]["code"]: row["balance"] for row in answer["rows"]}

    def available(self, product: str) -> str:
        """What of a product can still be promised."""
        answer = self.api.call("get_availability", query={"product": product}).expect(200).json
        return str(answer["locations"][0]["available"])
