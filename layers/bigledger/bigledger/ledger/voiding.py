"""When a posted document may be voided for the books."""

import datetime as dt

from bigledger.kernel import Context, Document, Entry, FieldError, InvalidRequest
from bigledger.ledger.open_items import DatedTooEarly
from bigledger.records import Company


def void_day(context: Context, document: Document, company: Entry[Company], on: dt.date | None) -> dt.date:
    """The accounting date of a void: the document's own unless given, not before it and not in the future.

    Raises DatedTooEarly, InvalidRequest.
    """
    dated = document.date or context.clock.today(company.data.timezone)
    if on is None:
        return dated
    if on < dated:
        raise DatedTooEarly(
            f"The void is dated {on}, but {document.number} is dated {dated}. Void it on that day or later.",
            errors=[FieldError("/date", "dated_too_early", f"choose {dated} or a later day")],
        )
    latest = max(dated, context.clock.today(company.data.timezone))
    if on > latest:
        raise InvalidRequest(
            f"A void counts at once, so it cannot be dated {on}. The latest day is {latest}.",
            errors=[FieldError("/date", "in_the_future", f"choose {latest} or an earlier day")],
        )
    return on
