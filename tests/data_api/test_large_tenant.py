"""A set-up of thousands of records and an invoice of thousands of lines go through the Data API like small ones."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from bigledger.kernel import Document, documents
from devtools.local.rds_data_server import DataApiServer
from tests.support.api import Response
from tests.support.bare import working
from tests.support.shop import Shop
from tests.support.statements import counted

pytestmark = pytest.mark.one_driver  # always the Data API

RECORDS, LINES = 6000, 5000
KEY = {"Idempotency-Key": "unused"}


@pytest.fixture
def large(shop: Shop, worked: AbstractContextManager[None]) -> Iterator[Shop]:
    """A shop with thousands of accounts more, that works through the Data API."""
    with worked:
        shop.api.record("customers", code="BIG", name="Big", jurisdiction="US-CA-SF")
        with working(shop.api) as context:
            (like,) = context.work.read("SELECT company_id, data FROM kernel.document WHERE number = '4000'")
            for code in (f"X{number:05}" for number in range(RECORDS)):
                account = Document(context.new_id(), "account", "active", {**like.data, "code": code}, number=code)
                account.company_id = like.company_id
                documents.create(context, account)
            context.work.configuration_changed = True
            context.work.flush()
        yield shop


def test_a_set_up_of_thousands_of_records_is_read_whole(large: Shop, server: DataApiServer) -> None:
    """Its megabyte and a half takes one call more, once; after that it is kept."""
    lines = [{"account": "X00000", "debit": "1.00"}, {"account": f"X{RECORDS - 1:05}", "credit": "1.00"}]
    for expected in (4, 2):
        server.api.calls.clear()
        answer = large.api.call(
            "create_journal_entry", {"lines": lines}, query={"dry_run": "true"}, headers=KEY
        ).expect(200)
        assert server.api.calls == {"BeginTransaction": 1, "Execute": expected, "RollbackTransaction": 1}
    assert [line["account"]["code"] for line in answer["lines"]] == ["X00000", f"X{RECORDS - 1:05}"]


class TestInvoice:
    """An invoice of five thousand lines, with a description each."""

    @pytest.fixture
    def request_body(self) -> dict[str, Any]:
        """75.00 for an hour; from one to seven of them a line."""
        items = [
            {"product": "SERV001", "quantity": line % 7 + 1, "description": f"Assembly {line}, drawers and lamp – früh"}
            for line in range(LINES)
        ]
        return {"customer": "BIG", "items": items}

    def test_it_is_issued_read_listed_and_voided_exactly(
        self, large: Shop, server: DataApiServer, request_body: dict[str, Any]
    ) -> None:
        api = large.api
        small = api.call("create_invoice", {"customer": "BIG", "items": request_body["items"][:1]}).expect(201)
        _, of_small = counted(lambda: large.get(small))

        answered = api.call("create_invoice", request_body, headers={"Idempotency-Key": "large"}).expect(201)
        created = answered.json
        # 19,995 hours at 75.00; the taxes of the whole invoice: 6 % are 89,977.50 and 1.25 % are 18,745.3125.
        figures = (created["subtotal"], created["tax_total"], created["total"])
        assert figures == ("1499625.00", "108722.81", "1608347.81")
        assert [item["line"] for item in created["items"]] == list(range(1, LINES + 1))
        descriptions = [item["description"] for item in request_body["items"]]
        assert [item["description"] for item in created["items"]] == descriptions

        repeated = api.call("create_invoice", request_body, headers={"Idempotency-Key": "large"}).expect(201)
        assert (repeated.headers["Idempotency-Hit"], repeated.text) == ("true", answered.text)

        server.api.calls.clear()
        read, of_large = counted(lambda: large.get(created))
        assert read == created
        assert len(of_large) == len(of_small) == 2
        assert server.api.calls["BeginTransaction"] == 1

        (event,) = self.listed(api.call("get_document_history", path={"id": created["id"]}))
        assert (event["type"], len(event["data"]["items"])) == ("invoice.created", LINES)
        listed = self.listed(api.call("list_invoices"))
        assert [invoice["total"] for invoice in listed] == [created["total"], small["total"]]

        voided = api.call("void_invoice", {"reason": "Twice"}, path={"id": created["id"]}).expect(200)
        assert voided["status"] == "void"
        balance = large.trial_balance()
        assert balance["1200"] == small["total"]

    @staticmethod
    def listed(answer: Response) -> Any:
        """What a page has."""
        return answer.expect(200)["data"]
