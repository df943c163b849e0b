"""A bill's document turned into what is answered, listed, published and promoted to columns."""

from decimal import Decimal
from typing import Any

from bigledger.kernel import Document
from bigledger.kernel.money import nothing
from bigledger.ledger import Posting
from bigledger.payables.events import BillFact
from bigledger.payables.links import links
from bigledger.payables.model import Bill, BillData, BillSummary


def fact(event: type[BillFact], document: Document, data: BillData, **more: Any) -> BillFact:
    """An event of a bill as it stands now."""
    fields = {name: getattr(data, name) for name in event.model_fields if hasattr(data, name)}
    return event(**fields | {"id": document.id, "number": document.number, "status": document.status} | more)


def answer(document: Document, data: BillData, posting: Posting, events: list[str], due: Decimal) -> Bill:
    """The bill as it is answered; ``due`` is what its open items leave."""
    fields = {name: getattr(data, name) for name in Bill.model_fields if hasattr(data, name)}
    more = {"posting": posting, "events": events, "links": links("bills", document.id), "metadata": document.metadata}
    return Bill(**fields | _common(document, data, due) | more)


def summary(document: Document, data: BillData, due: Decimal) -> BillSummary:
    """The bill as it stands in a list; of its data the parts are needed that stand there."""
    fields = {name: getattr(data, name) for name in BillSummary.model_fields if hasattr(data, name)}
    return BillSummary(**fields | _common(document, data, due))


def _common(document: Document, data: BillData, due: Decimal) -> dict[str, Any]:
    return {
        "id": document.id,
        "number": document.number,
        "status": document.status,
        "version": document.version,
        "amount_due": due + nothing(data.currency),
    }


def columns(data: BillData) -> dict[str, Any]:
    """The columns of its document that follow from a bill's data."""
    return {
        "company_id": data.company.id,
        "party_id": data.supplier.id,
        "date": data.date,
        "due_date": data.due_date,
        "currency": data.currency,
        "total": data.total,
    }
