"""A company in a business story: plain verbs for what people do, and its books after every step."""

from collections.abc import Mapping
from typing import Any

from tests.support.api import Api
from tests.support.events import deliver


class Company:
    """A new tenant and its company; every verb is a call of the API and answers what it answered."""

    def __init__(self, operator: Api, name: str, **company: Any) -> None:
        answer = operator.call("create_tenant", {"name": name, "company": company}).expect(201)
        self.api = Api(answer["id"])

    def books(self, *, debit: Mapping[str, str], credit: Mapping[str, str], **query: str) -> None:
        """Hold the trial balance against what is expected: every account with a balance, by its name."""
        report = self.api.call("get_trial_balance", query=query).expect(200)
        shown = {row["account"]["name"]: row for row in report["rows"]}
        assert {name: row["debit"] for name, row in shown.items() if row["credit"] == "0.00"} == dict(debit)
        assert {name: row["credit"] for name, row in shown.items() if row["debit"] == "0.00"} == dict(credit)
        assert report["total_debit"] == report["total_credit"]

    def keep(self, resource: str, code: str, name: str, **fields: Any) -> Any:
        """Take a record into the master data."""
        return self.api.record(resource, code=code, name=name, **fields)

    def levy(self, code: str, name: str, jurisdiction: str, rate: str, **fields: Any) -> None:
        """Begin to collect a tax; the rate is a fraction."""
        rates = [{"rate": rate, "valid_from": "2020-01-01"}]
        self.keep("taxes", code, name, jurisdiction=jurisdiction, rates=rates, **{"account": "2200", **fields})

    def receive(self, on: str, **products: tuple[int, str]) -> Any:
        """Receive products into stock: how many, and what one cost."""
        items = [{"product": code, "quantity": n, "unit_cost": cost} for code, (n, cost) in products.items()]
        return self.api.call("receive_stock", {"items": items, "date": on}).expect(201).json

    def invoice(self, customer: str, on: str, status: str = "issued", /, **products: int) -> Any:
        """Invoice a customer; it has to come out with that status."""
        items = [{"product": code, "quantity": quantity} for code, quantity in products.items()]
        body = {"customer": customer, "date": on, "items": items}
        answer = self.api.call("create_invoice", body).expect(201).json
        assert answer["status"] == status
        return answer

    def read(self, invoice: Any) -> Any:
        """An invoice as it stands now."""
        return self.api.call("get_invoice", path={"id": invoice["id"]}).expect(200).json

    def pay(self, customer: str, on: str, amount: str) -> Any:
        """Record what a customer paid; it settles what is due first."""
        body = {"customer": customer, "date": on, "amount": amount}
        key = {"Idempotency-Key": f"payment {self.api.requests}"}
        return self.api.call("record_payment", body, headers=key).expect(201).json

    def void(self, invoice: Any, reason: str, on: str) -> Any:
        """Void an invoice."""
        body = {"reason": reason, "date": on}
        return self.api.call("void_invoice", body, path={"id": invoice["id"]}).expect(200).json

    def decide(self, invoice: Any, decision: str, reason: str, by: Api | None = None, status: int = 200) -> Any:
        """Approve or reject an invoice that waits."""
        path = {"id": invoice["approval"]["id"], "decision": decision}
        return (by or self.api).call("decide_approval", {"reason": reason}, path=path).expect(status).json

    def available(self, product: str) -> str:
        """What of a product can still be promised."""
        return str(self.api.call("get_availability", query={"product": product}).expect(200)["available"])

    def figures(self, as_of: str) -> Any:
        """The key figures of a day, once all events have been delivered."""
        deliver(self.api)
        return self.api.call("get_kpis", query={"as_of": as_of}).expect(200).json

    def ledger(self, account: str, **query: str) -> Any:
        """The ledger of an account."""
        return self.api.call("get_account_ledger", path={"id": account}, query=query).expect(200).json

    def now(self) -> str:
        """The instant of the latest event: what is known at this point of the story."""
        return str(self.api.events()[-1]["time"])
