"""A small firm that buys on credit: suppliers, taxes on purchases, and short ways to do everyday things."""

from typing import Any

from tests.support.api import Api

RATES = {"valid_from": "2020-01-01"}


class Purchases:
    """A tenant with suppliers. VAT20 is claimed back whole, CAR by half, RC19 is owed by the buyer."""

    def __init__(self, api: Api) -> None:
        self.api = api
        tax = {"jurisdiction": "US", "account": "2200", "purchase_account": "1250"}
        for code, rate, more in (
            ("VAT20", "0.20", {}),
            ("CAR", "0.20", {"recoverable": "0.5"}),
            ("RC19", "0.19", {"reverse_charge": True}),
        ):
            api.record("taxes", code=code, name=code, rates=[{"rate": rate, **RATES}], **tax, **more)
        api.record("suppliers", code="SUPP001", name="Paper Mill", jurisdiction="US-CA", payment_terms="NET30")
        api.record("suppliers", code="SUPP002", name="Nordic Print", jurisdiction="DE", currency="EUR")
        api.record("products", code="PAPER", name="Paper", unit="EA", sales_price="9.00")
        api.record("products", code="CLEAN", name="Cleaning", kind="service", unit="EA", expense_account="6190")

    def bill(self, supplier: str = "SUPP001", /, status: int = 201, **fields: Any) -> Any:
        """Enter a bill; one of 1,000.00 without tax for office supplies unless items are given."""
        fields.setdefault("items", [{"account": "6150", "unit_price": "1000.00"}])
        fields.setdefault("supplier_number", f"S-{self.api.requests}")
        return self.api.call("create_bill", {"supplier": supplier, **fields}).expect(status).json

    def get(self, bill: Any) -> Any:
        """Read a bill again."""
        return self.api.call("get_bill", path={"id": bill["id"]}).expect(200).json

    def act(self, operation: str, document: Any, /, status: int = 200, **body: Any) -> Any:
        """Do something with a document, under a key of its own."""
        headers = {"Idempotency-Key": f"act-{self.api.requests}"}
        return self.api.call(operation, body, path={"id": document["id"]}, headers=headers).expect(status).json

    def make(self, operation: str, /, status: int = 201, **body: Any) -> Any:
        """Make something, under a key of its own."""
        headers = {"Idempotency-Key": f"make-{self.api.requests}"}
        return self.api.call(operation, body, headers=headers).expect(status).json

    def rate(self, currency: str, date: str, rate: str) -> None:
        """Say what one unit of a currency is in base currency from a day on."""
        rates = [{"currency": currency, "date": date, "rate": rate}]
        self.api.call("set_exchange_rates", {"rates": rates}).expect(201)

    def trial_balance(self, **query: str) -> dict[str, str]:
        """Balance by account code, debit positive; it is checked to be balanced."""
        answer = self.api.call("get_trial_balance", query=query).expect(200).json
        assert answer["total_debit"] == answer["total_credit"]
        return {row["account"]["code"]: row["balance"] for row in answer["rows"] if row["balance"] != "0.00"}

    def holds(self) -> None:
        """Every check of the books passes."""
        report = self.api.call("run_checks", {}).expect(200).json
        assert [check for check in report["checks"] if not check["passed"]] == []


def posted(document: Any) -> list[tuple[str, str, str]]:
    """The lines of a posting: account, debit, credit, in the document's currency."""
    return [(line["account"]["code"], line["debit"], line["credit"]) for line in document["posting"]["lines"]]


def in_base(document: Any) -> list[tuple[str, str, str]]:
    """The lines of a posting in base currency."""
    return [(line["account"]["code"], line["base_debit"], line["base_credit"]) for line in document["posting"]["lines"]]
