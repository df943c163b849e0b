"""A tenant in which everything there is exists: every kind of document, a row in every table."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID

from bigledger.kernel import Actor, Request, runtime
from bigledger.kernel.clock import seeded_clock
from bigledger.kernel.dead_letters import put_aside
from bigledger.kernel.events import delivery
from bigledger.reporting.job_progress import Teller
from tests.support.api import Api, find, operator_client
from tests.support.ledger import Books, credit, debit
from tests.support.shop import Shop

SECRETS = ("Confidential", "confidential")
"""Words that stand in this tenant's data, and that no other tenant may ever read."""

_worlds = count(1)

_BANK: dict[str, Any] = {"bank_account": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"}}

OPERATOR = operator_client()


class World(Shop):
    """A shop in the middle of its day."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        api.record("units", code="CONF", name="Confidential")
        for resource, code in (("customers", "CUST001"), ("customers", "CUST002"), ("products", "PROD001")):
            path = {"resource": resource, "id": code}
            api.call("update_record", {"name": "Confidential"}, path=path, headers={"If-Match": '"1"'}).expect(200)
        self.issued = self.invoice()
        self.paid = self.pay("100.00")
        self.issued = self.get(self.issued)
        self.voidable = self.invoice()
        self.draft = self.invoice(draft=True)
        api.record("approval-rules", code="LARGE", name="Large invoices", condition="document.total > 10000.00")
        self.pending = self.invoice(items=[{"product": "PROD002", "quantity": 20, "unit_price": "600.00"}])
        assert self.pending["status"] == "pending_approval"
        self.approval = api.call("list_approvals").expect(200)["data"][0]
        self.reservation = self.make("create_reservation", {"product": "PROD001", "quantity": "1"})
        self.make("set_exchange_rates", {"rates": [{"currency": "EUR", "date": "2026-11-01", "rate": "1.1"}]})
        self._keep_books()
        self._give_back()
        self._buy()
        self._collect()
        self._revalue()
        self._return_tax()
        self._import()
        self.job = self.make("create_report_job", {"report": "trial-balance", "parameters": {}}, status=202)
        Teller(self.api.tenant_id, runtime.clock.now(), UUID(self.job["id"]))
        self.exported = self.make("create_export", {}, status=202)
        self.role = self.make("create_role", {"code": "CONF", "name": "Confidential", "permissions": ["ledger.*"]})
        self.key = self.make("create_api_key", {"name": "Confidential", "roles": ["CONF"]})
        self.make("assign_role", {"role": "CONF", "user": "confidential"})
        api.call(
            "set_feature_flag",
            {"enabled": True, "percentage": "0", "actors": ["Confidential"]},
            path={"key": "receivables.match_exact_payments"},
            headers={"If-Match": '"0"'},
        ).expect(200)
        self.event = api.events("invoice.created")[0]
        self.deliver("reporting.on_invoice_created", self.event)
        request = Request("reporting.on_invoice_created", "request", "correlation")
        put_aside("reporting.on_invoice_created", delivery(self.event), "Confidential", request, Actor("dispatcher"))
        self.letter = api.call("list_dead_letters").expect(200)["data"][0]

    def _keep_books(self) -> None:
        """Entries by hand, a closed year, and an exception to a closed period."""
        books = Books(self.api)
        self.entry, self.entry_draft = (
            books.rent(text="Confidential", post=post, date="2026-10-31") for post in (True, False)
        )
        books.dimension("CENTRE", "NORTH")
        books.enter(debit("6130", "1.00", dimensions={"CENTRE": "NORTH"}), credit("1020", "1.00"), date="2026-10-31")
        self._post_by_plan(books)
        books.year(2024)
        books.act("close_fiscal_year", {"id": "FY2024"})
        books.year(2025)
        books.period("close_period", 1, year="FY2025")
        self.exception = self.make(
            "grant_period_exception",
            {
                "period": "FY2025-1",
                "areas": ["gl"],
                "user": "someone",
                "reason": "Confidential",
                "expires_at": "2099-01-01T00:00:00Z",
            },
        )

    def _revalue(self) -> None:
        """Money in euros, revalued."""
        books = Books(self.api)
        books.enter(debit("1030", "100.00", currency="EUR", rate="1.2"), credit("1020", "120.00"))
        self.revaluation = (
            self.api.call("create_revaluation", {"date": "2026-11-23", "text": "Confidential"}, headers=books.key())
            .expect(201)
            .json
        )

    def _return_tax(self) -> None:
        """A return that is filed, one that is only prepared, and a tax that is not due yet."""
        rates = [{"rate": "0.2", "valid_from": "2020-01-01"}]
        self.api.record("taxes", code="CASH", name="Confidential", jurisdiction="GB", account="2200", due="payment",
                        transition_account="2205", rates=rates)  # fmt: skip
        self.api.record("tax-rules", code="GB", name="Confidential", jurisdiction="GB", taxes=["CASH"])
        items = [{"product": "SERV001", "quantity": 1}]
        for place in ("US-CA", "GB"):
            self.invoice(date="2025-02-10", ship_to=place, items=items)
        filed = self.make("prepare_tax_return", {"starts_on": "2025-02-01", "ends_on": "2025-02-28"})
        keyed = {"Idempotency-Key": "file"}
        self.api.call("file_tax_return", {}, path={"id": filed["id"]}, headers=keyed).expect(200)
        self.tax_return = self.make("prepare_tax_return", {"starts_on": "2025-03-01", "ends_on": "2025-03-31"})

    def _post_by_plan(self, books: Books) -> None:
        """A recurring entry that is taken back, an allocation, and a deferral of which a part is recognised."""
        lines = [{"account": "6120", "debit": "1.00"}, {"account": "2110", "credit": "1.00"}]
        monthly = {"every": "month", "starts_on": "2026-10-31"}
        named = {"name": "Confidential", "company": "MAIN"}
        self.api.record("journal-templates", code="POWER", lines=lines, reverse="next_month", **named)
        self.api.record("journal-templates", code="MONTHLY", lines=lines, recurrence=monthly, **named)
        spread = {"sources": [{"account": "6130"}], "targets": [{"account": "6150"}]}
        self.api.record("allocation-rules", code="OFFICE", **spread, **named)
        onward = {"sources": [{"account": "6150"}], "targets": [{"account": "6120"}]}
        self.api.record("allocation-rules", code="ONWARD", **onward, **named)
        body = {"kind": "expense", "amount": "9.00", "account": "6140", "starts_on": "2026-10-01", "months": 3}
        key = {"Idempotency-Key": "deferral"}
        self.deferral = self.api.call("create_deferral_schedule", body, headers=key).expect(201).json
        for operation, body, path in (
            ("run_journal_template", {"date": "2026-10-31"}, {"id": "POWER"}),
            ("run_allocation_rule", {"date_from": "2026-10-01", "date_to": "2026-10-31"}, {"id": "OFFICE"}),
            ("run_deferrals", {"until": "2026-10-31"}, {}),
        ):
            self.api.call(operation, body, path=path, headers=books.key()).expect(200)
        expenses = [books.enter(debit("6140", "5.00"), credit("1020", "5.00"), date="2026-10-31") for _ in range(2)]
        deferred, self.deferrable = ({"document": expense["id"], "line": 1} for expense in expenses)
        body = {"source": deferred, "starts_on": "2026-10-31", "months": 2}
        self.api.call("create_deferral_schedule", body, headers=books.key()).expect(201)

    def _import(self) -> None:
        """An import of which a part is there."""
        items = [{"product": "SERV001", "quantity": 1}]
        rows = [{"external_id": f"Confidential {n}", "customer": "CUST002", "items": items} for n in range(3)]
        self.imported = self.make("create_import", {"kind": "invoices", "rows": rows})
        path, key = {"id": self.imported["id"]}, {"Idempotency-Key": "import"}
        self.imported = self.api.call("commit_import", path=path, headers=key).expect(200).json

    def _give_back(self) -> None:
        """Credit notes, an advance, and an allocation of another one."""
        path = {"id": self.invoice()["id"]}
        body = {"reason": "Confidential", "lines": [{"line": 1, "quantity": 1}]}
        self.credited = self.api.call("credit_invoice", body, path=path).expect(201).json
        note = {"customer": "CUST001", "reason": "Confidential", "items": [{"product": "SERV001", "quantity": 1}]}
        self.note = self.make("create_credit_note", note)
        self.note_draft = self.make("create_credit_note", note | {"draft": True})
        self.advance, used = (self.pay("50.00", allocations=[]) for _ in range(2))
        allocation = {
            "customer": "CUST001",
            "sources": [{"document": used["id"]}],
            "invoices": [{"invoice": self.invoice()["id"]}],
        }
        key = {"Idempotency-Key": "allocation"}
        self.allocation = self.api.call("create_allocation", allocation, headers=key).expect(201).json

    def _buy(self) -> None:
        """Bills in every state, a supplier's credits, payments to it, and an allocation of one."""
        self.api.record("suppliers", code="SUPP001", name="Confidential", jurisdiction="US-CA")
        self.bill, self.bill_voidable, self.bill_credited = (self.enter_bill() for _ in range(3))
        self.bill_draft = self.enter_bill(draft=True)
        held = {"path": {"id": self.enter_bill()["id"]}}
        self.bill_held = self.api.call("hold_bill", {"reason": "Confidential"}, **held).expect(200).json
        credit = {"reason": "Confidential", "supplier_number": "Confidential 1", "lines": [{"line": 1, "quantity": 1}]}
        path = {"id": self.bill_credited["id"]}
        self.credited_bill = self.api.call("credit_bill", credit, path=path).expect(201).json
        items = [{"unit_price": "20.00"}]
        free = {"supplier": "SUPP001", "reason": "Confidential", "items": items}
        self.supplier_credit = self.make("create_supplier_credit", free | {"supplier_number": "Confidential 2"})
        more = {"supplier_number": "Confidential 3", "draft": True}
        self.supplier_credit_draft = self.make("create_supplier_credit", free | more)
        self.supplier_payment, used = (self.pay_supplier() for _ in range(2))
        allocation = {
            "supplier": "SUPP001",
            "sources": [{"document": used["id"]}],
            "bills": [{"document": self.bill_credited["id"]}],
        }
        key = {"Idempotency-Key": "supplier-allocation"}
        answer = self.api.call("create_supplier_allocation", allocation, headers=key).expect(201)
        self.supplier_allocation = answer.json
        self.api.record("suppliers", code="SUPP009", name="Confidential", jurisdiction="US-CA")
        late = {"supplier": "SUPP009", "date": "2026-11-01", "payment_terms": "IMMEDIATE"}
        self.enter_bill(**late)
        self.api.call("mark_overdue_bills", {}).expect(200)
        self.enter_bill(**late)
        self._run_payments()

    def _run_payments(self) -> None:
        """A run that somebody else proposed, and one that somebody else approved."""
        self.api.record("accounts", code="1025", name="Confidential", kind="asset", control="bank", **_BANK)
        boss = self.api.as_("boss", "*")
        made = []
        for number, maker in (("1", boss), ("2", self.api)):
            supplier = f"SUPP01{number}"
            self.api.record("suppliers", code=supplier, name="Confidential", jurisdiction="US-CA", **_BANK)
            self.enter_bill(supplier=supplier)
            lines = [debit("6150", "5.00"), {**credit("2100", "5.00"), "supplier": supplier}]
            key = {"Idempotency-Key": f"owed-{number}"}
            self.api.call("create_journal_entry", {"lines": lines, "post": True}, headers=key).expect(201)
            body = {"due_until": "2026-12-31", "account": "1025", "suppliers": [supplier]}
            key = {"Idempotency-Key": f"run-{number}"}
            made.append(maker.call("create_payment_run", body, headers=key).expect(201).json)
        self.run, proposed = made
        key = {"Idempotency-Key": "approve"}
        path = {"id": proposed["id"]}
        self._claim(boss)
        self.run_approved = boss.call("approve_payment_run", path=path, headers=key).expect(200).json

    def _claim(self, boss: Api) -> None:
        """Expense claims in every state, and a certificate of tax withheld."""
        claims = []
        for done in ((), ("submit",), ("submit",), ("submit", "approve")):
            items = [{"date": "2026-11-20", "description": "Confidential", "amount": "5.00"}]
            body = {"employee": "SUPP001", "purpose": "Confidential", "items": items}
            claim = boss.call("create_expense_claim", body).expect(201).json
            for step in done:
                actor = self.api if step == "approve" else boss
                claim = actor.call(f"{step}_expense_claim", path={"id": claim["id"]}).expect(200).json
            claims.append(claim)
        self.claim_draft, self.claim, self.claim_wrong, self.claim_approved = claims
        rates = [{"rate": "0.1", "valid_from": "2020-01-01"}]
        tax = {"code": "CONF", "name": "Confidential", "jurisdiction": "US", "account": "2210", "rates": rates}
        self.api.record("taxes", **tax)
        self.api.record("suppliers", code="SUPP014", name="Confidential", jurisdiction="US", withholding_tax="CONF")
        for number in ("1", "2"):
            self.enter_bill(supplier="SUPP014")
            key = {"Idempotency-Key": f"withheld-{number}"}
            body = {"supplier": "SUPP014", "amount": "200.00"}
            self.api.call("record_supplier_payment", body, headers=key).expect(201)
            if number == "1":
                period = {"first_day": "2026-11-01", "last_day": "2026-11-30"}
                certificate = {"supplier": "SUPP014", "tax": "CONF"} | period
                self.certificate = self.make("create_withholding_certificate", certificate)

    def enter_bill(self, **fields: Any) -> Any:
        """Enter a bill of two pieces."""
        body = {"supplier": "SUPP001", "supplier_number": f"Confidential {self.api.requests}"}
        body["items"] = [{"quantity": 2, "unit_price": "100.00"}]  # type: ignore[assignment]
        return self.make("create_bill", body | fields)

    def pay_supplier(self) -> Any:
        """Pay a supplier in advance."""
        body = {"supplier": "SUPP001", "amount": "50.00", "allocations": [], "reference": "Confidential"}
        key = {"Idempotency-Key": f"supplier-payment-{self.api.requests}"}
        return self.api.call("record_supplier_payment", body, headers=key).expect(201).json

    def _collect(self) -> None:
        """Debit notes, a contra settlement, refund and write-off, reminders, schedules, held credit."""
        debit = {"customer": "CUST002", "reason": "Confidential", "items": [{"product": "SERV001", "quantity": 1}]}
        self.debit, self.debit_draft = (self.make("create_debit_note", debit | {"draft": one}) for one in (False, True))
        self.refund = self.moved("refund_payment", {"amount": "5.00"}, id=self.pay("9.00", allocations=[])["id"])
        owed = self.invoice("CUST002", date="2026-11-01", payment_terms="IMMEDIATE")
        reason = {"customer": "CUST002", "reason": "Confidential"}
        given_up = {"invoices": [{"invoice": owed["id"], "amount": "1.00"}]}
        self.write_off = self.moved("create_write_off", reason | given_up)
        self.api.record("suppliers", code="CUST002", name="Confidential", jurisdiction="US-NV")
        lines = [
            {"account": "2100", "supplier": "CUST002", "credit": "30.00"},
            {"account": "6300", "debit": "30.00"},
        ]
        self.moved("create_journal_entry", {"text": "Confidential", "post": True, "lines": lines})
        self.contra = self.moved("create_contra_settlement", reason | {"supplier": "CUST002", "amount": "10.00"})
        self.api.record("dunning-procedures", code="CONF", name="Confidential", levels=[{"days": 1}])
        self.dunning = self.moved("create_dunning_run", {"procedure": "CONF"})
        self.api.call("mark_overdue", {}).expect(200)
        items = [{"product": "SERV001", "quantity": 1}]
        schedule = {"code": "CONF", "name": "Confidential", "customer": "CUST002", "items": items}
        self.api.record("recurring-invoices", **schedule, starts_on="2026-11-23")
        self.moved("run_recurring_invoices", {})
        self.api.record("recurring-invoices", **{**schedule, "code": "NEXT"}, starts_on="2026-11-23")
        self.api.record("customers", code="CUST009", name="Confidential", jurisdiction="US-NV")
        self.api.record("contacts", code="CONF", name="Confidential", customer="CUST009")
        self.moved("hold_customer_credit", {"reason": "Confidential"}, id="CUST009")

    def moved(self, operation: str, body: Any, **path: str) -> Any:
        """Do something that moves money, under a key of its own."""
        key = {"Idempotency-Key": f"moved-{self.api.requests}"}
        answer = self.api.call(operation, body, path=path, headers=key)
        assert answer.status in (200, 201), answer.text
        return answer.json

    def make(self, operation: str, body: Any, status: int = 201) -> Any:
        """Create something."""
        return self.api.call(operation, body).expect(status).json

    def deliver(self, subscriber: str, envelope: Any) -> None:
        """Hand an event to a subscriber, as the queue does."""
        attributes = {"ApproximateReceiveCount": "1"}
        record = {"messageId": "message", "body": json.dumps({"detail": envelope}), "attributes": attributes}
        assert find(subscriber)({"Records": [record]}, None) == {"batchItemFailures": []}

    def id_of(self, resource: str, code: str) -> str:
        """The id of a record of master data."""
        return str(self.api.call("get_record", path={"resource": resource, "id": code}).expect(200)["id"])

    def cell(self, report: str) -> str:
        """The identifier of the first cell of a report."""
        return str(self.api.call(report).expect(200)["rows"][0]["cells"][0]["cell"])

    def of_collection(self, collection: str) -> Any:
        """The document of a collection that an example may be about: ``invoices`` gives the issued one."""
        known = {"invoices": self.issued, "documents": self.issued, "payments": self.paid, "approvals": self.approval}
        known |= {"journal-entries": self.entry, "period-exceptions": self.exception, "credit-notes": self.note}
        known |= {"bills": self.bill, "supplier-credits": self.supplier_credit}
        known |= {"expense-claims": self.claim, "withholding-certificates": self.certificate}
        known |= {"payment-runs": self.run_approved}
        known |= {"supplier-payments": self.supplier_payment, "supplier-allocations": self.supplier_allocation}
        known |= {"debit-notes": self.debit, "contra-settlements": self.contra, "refunds": self.refund}
        known |= {"write-offs": self.write_off, "allocations": self.allocation, "dunning-runs": self.dunning}
        known |= {"dunning-notices": {"id": self.dunning["notices"][0]["notice"]["id"]}}
        known |= {"customers": {"id": self.id_of("customers", "CUST002")}} if collection == "customers" else {}
        known |= {"revaluations": self.revaluation, "tax-returns": self.tax_return}
        known |= {
            "deferral-schedules": self.deferral,
            "imports": self.imported,
            "exports": self.exported,
            "report-jobs": self.job,
        }
        return known[collection]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The id of every document and event, and of the tenant itself."""
        rows = self.api.rows("SELECT id::text FROM kernel.document UNION SELECT id::text FROM kernel.event")
        return frozenset({str(self.api.tenant_id), *(row.id for row in rows)})


def make_tenant(name: str) -> Api:
    """A fresh tenant with all permissions."""
    body = {"name": name, "company": {"currency": "USD", "jurisdiction": "US-CA"}}
    return Api(OPERATOR.call("create_tenant", body).expect(201)["id"], f"of {name}")


@contextmanager
def world_clock() -> Iterator[None]:
    """The clock of a world that several tests look at: it starts as every test's does.

    Its ids are its own: the worlds of one process live in one database, and workers that share the tests of a file
    may make its world more than once.
    """
    before = runtime.clock
    runtime.clock = seeded_clock(next(_worlds), datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    yield
    runtime.clock = before
