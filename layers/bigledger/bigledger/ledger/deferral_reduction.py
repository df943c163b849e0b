"""What becomes of a deferral whose source is taken back: by so much less is still to come into the result.

A void or a credit takes the line back where it was posted. Where the schedule had taken the amount off the result, what
is still deferred of it goes back onto the result, so that both together come to nothing. Where the line stood on the
deferral account itself, taking it back is enough, but for what was recognised already: that is taken off the result.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from bigledger.kernel import Conflict, Context, Document, Ref, configuration, documents
from bigledger.kernel.documents import AS_JSON, from_json
from bigledger.kernel.money import EXACT, distribute, quantum, round_money
from bigledger.ledger.deferral_changes import changes_json, count_change
from bigledger.ledger.deferral_model import DeferralData, DeferralReduction
from bigledger.ledger.deferrals import tell_schedule
from bigledger.ledger.events import DeferralReduced
from bigledger.ledger.posting import ORIGINAL, JournalLine, post
from bigledger.records import Account, company_of

LINK = "deferral_reduction"
"""The kind of link from a document to a schedule that it reduced."""


class DeferralWasReduced(Conflict):
    """The document took a part of a deferral back, which is not deferred anew when the document is voided."""

    title = "A deferral was reduced by it"


@dataclass(frozen=True, slots=True)
class Deferred:
    """A schedule of a line of a document.

    ``recognised`` counts instalments, ``entries`` what the schedule posted itself; ``transferred`` says whether the
    first of these took the amount off the result.
    """

    document: Document
    data: DeferralData
    line: int
    recognised: int
    transferred: bool
    entries: int

    @property
    def remaining(self) -> Decimal:
        """What is still to come into the result, in base currency."""
        return sum((one.amount for one in self.data.instalments[self.recognised :]), Decimal(0))


@dataclass(frozen=True, slots=True)
class DeferredLines:
    """What is deferred of the lines of a document, after so many changes of it."""

    source: UUID
    changes: int
    schedules: Sequence[Deferred]


def deferred_json(document: str) -> str:
    """SQL of what is still deferred of the lines of a document, for ``read_deferred``; ``document`` is a uuid."""
    return f"""
        jsonb_build_object('source', {document}, 'changes', {changes_json(document)}, 'schedules',
        (SELECT jsonb_agg(jsonb_build_object('document', {AS_JSON.replace("d.", "s.")}, 'line', f.line,
                    'recognised', (SELECT count(*) FROM ledger.deferral_recognition r WHERE r.schedule_id = s.id),
                    'transferred', EXISTS (SELECT 1 FROM ledger.journal_line j
                                           WHERE j.document_id = s.id AND j.entry = 1),
                    'entries', (SELECT coalesce(max(j.entry), 0) FROM ledger.journal_line j
                                WHERE j.document_id = s.id)) ORDER BY f.line)
         FROM ledger.deferral_source f
         JOIN kernel.document s ON s.id = f.schedule_id AND s.status IN ('active', 'completed')
         WHERE f.document_id = {document}))
    """


def reduced_json(document: str) -> str:
    """SQL of the number of a schedule that a document reduced, null when there is none; for ``check_not_reduced``."""
    return f"""
        (SELECT s.number FROM kernel.document_link l JOIN kernel.document s ON s.id = l.to_id
         WHERE l.from_id = {document} AND l.kind = '{LINK}' LIMIT 1)
    """


def read_deferred(found: Mapping[str, Any]) -> DeferredLines:
    """What ``deferred_json`` answered."""
    schedules = [
        Deferred(
            document,
            document.read(DeferralData),
            one["line"],
            one["recognised"],
            one["transferred"],
            max(one["entries"], ORIGINAL),
        )
        for one in found["schedules"] or []
        for document in [from_json(one["document"])]
    ]
    return DeferredLines(UUID(found["source"]), found["changes"], schedules)


def check_not_reduced(number: str | None, schedule: str | None) -> None:
    """Raise DeferralWasReduced for a document that took a part of a deferral back and is to be voided."""
    if schedule is not None:
        raise DeferralWasReduced(
            f"{number} took back a part of what {schedule} defers, so it is not voided. Invoice or enter anew what it"
            " took back, and defer that.",
            schedule=schedule,
        )


def credited_lines(
    first: int,
    amounts: Sequence[Decimal],
    in_base: Sequence[Decimal],
    credited: Iterable[tuple[int | None, Decimal]],
) -> dict[int, tuple[Decimal, Decimal]]:
    """What is credited of the lines of a posting, as ``reduce_deferrals`` takes it.

    ``first`` is the number of the posting's line for the first item; ``amounts`` are those of the items, of which
    nothing is not posted, and ``in_base`` the same in base currency; ``credited`` says of items, counted from 1, what
    is credited in base currency.
    """
    numbers = count(first)
    lines = [next(numbers) if amount else None for amount in amounts]
    found = ((lines[item - 1], in_base[item - 1], part) for item, part in credited if item is not None)
    return {line: (whole, part) for line, whole, part in found if line is not None and whole}


def cancel_deferrals(context: Context, by: Document, deferred: DeferredLines, on: dt.date) -> None:
    """Take back all that is deferred of the lines of a document that is void from a day on. Raises PeriodClosed."""
    count_change(context, deferred.source, deferred.changes, by)
    for one in deferred.schedules:
        _reduce(context, by, one, one.data.source_amount or one.data.amount, on)


def reduce_deferrals(
    context: Context,
    by: Document,
    deferred: DeferredLines,
    credited: Mapping[int, tuple[Decimal, Decimal]],
    on: dt.date,
) -> None:
    """Take back what a credit takes of deferred lines: by the number of a line, its amount and what is credited of it.

    All in base currency, above zero. A schedule of a part of its line bears its share, where the line is what was left
    of it when it was deferred. Raises PeriodClosed.
    """
    count_change(context, deferred.source, deferred.changes, by)
    for one in deferred.schedules:
        whole, part = credited.get(one.line, (Decimal(1), Decimal(0)))
        whole = one.data.source_line_amount or whole
        deferred_first = one.data.source_amount or one.data.amount
        share = EXACT.divide(EXACT.multiply(min(deferred_first, whole), part), whole)
        if amount := round_money(share, one.data.currency):
            _reduce(context, by, one, amount, on)


def _reduce(context: Context, by: Document, one: Deferred, asked: Decimal, on: dt.date) -> None:
    """Stage what a schedule is from then on, its entry and the event."""
    data, unit = one.data, quantum(one.data.currency)
    kept, open_ = data.instalments[: one.recognised], data.instalments[one.recognised :]
    taken = sum((each.amount - (0 if one.transferred else each.posted) for each in data.reductions), Decimal(0))
    asked = min(asked, (data.source_amount or data.amount) - taken)
    less = min(asked, one.remaining)
    posted = less if one.transferred else less - asked
    if not less and not posted:
        return
    amounts = distribute(one.remaining - less, [instalment.amount for instalment in open_], unit) if open_ else []
    left = [(place, amount) for place, amount in zip(open_, amounts, strict=True) if amount]
    instalments = kept + [
        place.model_copy(update={"number": number, "amount": amount})
        for number, (place, amount) in enumerate(left, one.recognised + 1)
    ]
    reduction = DeferralReduction(document=Ref(id=by.id, code=str(by.number)), date=on, amount=less, posted=posted)
    data = data.model_copy(
        update={
            "amount": data.amount - less,
            "source_amount": data.source_amount or data.amount,
            "instalments": instalments,
            "reductions": [*data.reductions, reduction],
        }
    )
    status = "active" if left else "cancelled" if open_ else one.document.status
    due = left[0][0].date if left else one.document.due_date
    documents.change(context, one.document, data=data, status=status, due_date=due, total=data.amount)
    context.work.link(by.id, one.document.id, LINK)
    if posted:
        _post(context, one, posted, on)
    remaining = one.remaining - less
    tell_schedule(context, DeferralReduced, one.document, data, reduced=less, remaining=remaining, date=on,
                  by=reduction.document)  # fmt: skip


def _post(context: Context, one: Deferred, amount: Decimal, on: dt.date) -> None:
    """An amount from the deferral account onto the result, below zero the other way."""
    data, known = one.data, configuration(context)
    company = company_of(context, str(data.company.id))
    onto = -amount if data.kind == "revenue" else amount
    text = f"Deferral {one.document.number}, taken back"
    lines = [
        JournalLine(_account(known, data.deferral_account.id), -onto, data.currency, text=text),
        JournalLine(
            _account(known, data.account.id),
            onto,
            data.currency,
            party_id=one.document.party_id,
            product_id=data.product.id if data.product else None,
            text=text,
            dimensions=data.dimensions or {},
        ),
    ]
    post(context, one.document, company, "gl", on, lines, entry=one.entries + 1)


def _account(known: Any, id: UUID) -> Any:
    return known.get(Account, str(id))
