"""The life of a journal entry: written, changed as a draft, posted, reversed on a day, made void while that is open."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bigledger.kernel import Conflict, Context, Document, Entry, FieldError, NotFound, Page, Ref, documents, listing
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.ledger.deferral_reduction import DeferredLines, cancel_deferrals, deferred_json, read_deferred
from bigledger.ledger.entries import JournalEntry, entries_json, read_entries, shown_entries
from bigledger.ledger.events import (
    JournalEntryCreated,
    JournalEntryFact,
    JournalEntryPosted,
    JournalEntryReversed,
    JournalEntryUpdated,
    JournalEntryVoided,
)
from bigledger.ledger.journal_lines import Drafted, as_commands, journal_lines, opened, work_out
from bigledger.ledger.journal_lookups import Parties
from bigledger.ledger.journal_model import (
    JournalEntryChange,
    JournalEntryData,
    JournalEntryDocument,
    JournalEntryLinks,
    JournalEntryList,
    JournalEntryReference,
    JournalEntrySummary,
    NewJournalEntry,
    PostJournalEntry,
    ReverseJournalEntry,
    VoidJournalEntry,
)
from bigledger.ledger.open_items import DatedTooEarly, open_each, settle
from bigledger.ledger.posting import (
    ORIGINAL,
    REVERSAL,
    JournalLine,
    check_open,
    post,
    posting_day,
    reversed_lines,
)
from bigledger.records import Company, company_of, number_for

TYPE = "journal_entry"


class EntryBound(Conflict):
    """Something else stands on the entry, so it is not taken back by itself; the detail says what to undo first."""

    title = "Something rests on the entry"


_STORED = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'entries', {entries_json("d.id")},
        'items', (SELECT jsonb_agg(jsonb_build_object('id', b.open_item_id, 'amount', b.amount::text, 'base_amount',
                                                      b.base_amount::text, 'settled', b.settled::text,
                                                      'subledger', b.subledger, 'party_id', b.party_id)
                                   ORDER BY b.open_item_id)
                  FROM ledger.open_item_balance b WHERE b.document_id = d.id),
        'deferred', {deferred_json("d.id")},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id)
    )::text
    FROM kernel.document d WHERE d.type = '{TYPE}' AND {{match}} LIMIT 1
"""


@dataclass(slots=True)
class Stored:
    """An entry's document with its lines in the ledger, the items it opened and its events."""

    document: Document
    entries: list[JournalEntry]
    items: Sequence[dict[str, Any]]
    deferred: DeferredLines
    events: list[str]


def stored(context: Context, reference: str) -> Stored:
    """Read an entry by id or number, in one statement. Raises NotFound."""
    found = context.work.read_json(_STORED.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no journal entry {reference}.")
    return Stored(
        from_json(found["document"]),
        read_entries(context, found["entries"]),
        found["items"] or [],
        read_deferred(found["deferred"]),
        found["events"] or [],
    )


def create(new: NewJournalEntry, context: Context, known_parties: Parties | None = None) -> JournalEntryDocument:
    """Write an entry, and post it if asked to. Raises what ``work_out`` does, and PeriodClosed.

    ``known_parties`` are those of its lines, found before with those of other entries.
    """
    company = company_of(context, new.company)
    asked = new.date or context.clock.today(company.data.timezone)
    on = posting_day(context, company, "gl", asked, new.on_closed_period == "next_open") if new.post else asked
    drafted = work_out(
        context, company, on, new.lines, text=new.text, reference=new.reference, known_parties=known_parties
    )
    if on != asked:
        drafted = _asked_for(drafted, asked)
    document = written(context, company, drafted, new.id)
    tell(context, JournalEntryCreated, document)
    if new.post:
        issue(context, company, document, drafted)
    return _answer(context, document, drafted.data, [_entry(on, drafted)] if new.post else [], [])


def update(change: JournalEntryChange, context: Context) -> JournalEntryDocument:
    """Replace parts of a draft; what was looked up is looked up anew."""
    found = stored(context, change.id)
    document = found.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "changed")
    before = document.read(JournalEntryData)
    given = {name: getattr(change, name) for name in change.model_fields_set - {"id"}}
    company = company_of(context, str(before.company.id))
    drafted = work_out(
        context,
        company,
        given.get("date", before.date),
        given["lines"] if "lines" in given else as_commands(before.lines, before.currency),
        text=given.get("text", before.text),
        reference=given.get("reference", before.reference),
    )
    documents.change(context, document, data=drafted.data, date=drafted.data.date, total=drafted.data.total)
    tell(context, JournalEntryUpdated, document)
    return _answer(context, document, drafted.data, [], found.events)


def post_draft(command: PostJournalEntry, context: Context) -> JournalEntryDocument:
    """Number a draft and post it as it was drafted. Raises Conflict, PeriodClosed."""
    found = stored(context, command.id)
    document = found.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft",), "posted")
    data = document.read(JournalEntryData)
    company = company_of(context, str(data.company.id))
    on = posting_day(context, company, "gl", data.date, command.on_closed_period == "next_open")
    if on != data.date:
        data = data.model_copy(update={"date": on, "requested_date": data.date})
    drafted = Drafted(data, journal_lines(context, data))
    documents.change(context, document, data=data, date=on)
    issue(context, company, document, drafted)
    return _answer(context, document, data, [_entry(on, drafted)], found.events)


def reverse(command: ReverseJournalEntry, context: Context) -> JournalEntryDocument:
    """Take a posted entry back by another one, which is answered. The entry itself stays in its period.

    Raises Conflict, EntryBound, DatedTooEarly, PeriodClosed.
    """
    found = stored(context, command.id)
    document = found.document
    documents.check_version(context, document)
    documents.check_status(document, ("posted",), "reversed")
    data = document.read(JournalEntryData)
    _check_free(found, data, "reversed")
    company = company_of(context, str(data.company.id))
    asked = command.date or max(data.date, context.clock.today(company.data.timezone))
    if asked < data.date:
        raise DatedTooEarly(
            f"{document.number} is dated {data.date}, and a reversal on {asked} would come before it.",
            errors=[FieldError("/date", "dated_too_early", f"choose {data.date} or a later day")],
        )
    on = posting_day(context, company, "gl", asked, command.on_closed_period == "next_open")
    reversal, drafted = take_back(
        context, company, document, data, found.entries[0].lines, on, command.reason, asked if on != asked else None
    )
    _close(context, reversal, found, on)
    cancel_deferrals(context, reversal, found.deferred, on)
    return _answer(context, reversal, drafted.data, [_entry(on, drafted)], [])


def take_back(
    context: Context,
    company: Entry[Company],
    document: Document,
    data: JournalEntryData,
    lines: Sequence[JournalLine],
    on: dt.date,
    reason: str,
    asked: dt.date | None = None,
) -> tuple[Document, Drafted]:
    """Stage the entry that takes a posted one back on a day, and what the other one says of it from then on."""
    mirrored = data.model_copy(
        update={
            "kind": "reversal",
            "date": on,
            "requested_date": asked,
            "lines": [
                line.model_copy(
                    update={
                        "debit": line.credit,
                        "credit": line.debit,
                        "base_debit": line.base_credit,
                        "base_credit": line.base_debit,
                    }
                )
                for line in data.lines
            ],
            "reversal_of": Ref(id=document.id, code=str(document.number)),
            "reason": reason,
        }
    )
    drafted = Drafted(mirrored, reversed_lines(lines))
    reversal = written(context, company, drafted)
    tell(context, JournalEntryCreated, reversal)
    issue(context, company, reversal, drafted, opens=False)
    answered = Ref(id=reversal.id, code=str(reversal.number))
    later = {"reversed_by": answered, "reversed_on": on}
    documents.change(context, document, status="reversed", data=data.model_copy(update=later))
    context.work.link(document.id, reversal.id, "reversal")
    tell(context, JournalEntryReversed, document, reversal=answered, reversed_on=on, reason=reason)
    return reversal, drafted


def void(command: VoidJournalEntry, context: Context) -> JournalEntryDocument:
    """Make an entry void; a posted one by a contra entry on its own date, so only while that takes postings.

    Raises Conflict, EntryBound, and PeriodClosed for one that can only be reversed by now.
    """
    found = stored(context, command.id)
    document = found.document
    documents.check_version(context, document)
    documents.check_status(document, ("draft", "posted"), "voided")
    data, previous = document.read(JournalEntryData), document.status
    _check_free(found, data, "voided")
    entries = list(found.entries)
    data = data.model_copy(update={"reason": command.reason})
    documents.change(context, document, status="void", data=data)
    if previous == "posted":
        company = company_of(context, str(data.company.id))
        check_open(context, company, "gl", data.date)
        entries.append(JournalEntry(REVERSAL, data.date, reversed_lines(entries[0].lines)))
        post(context, document, company, "gl", data.date, entries[-1].lines, entry=REVERSAL)
        _close(context, document, found, data.date)
        cancel_deferrals(context, document, found.deferred, data.date)
    tell(context, JournalEntryVoided, document, reason=command.reason, previous_status=previous)
    return _answer(context, document, data, entries, found.events)


def get(reference: JournalEntryReference, context: Context) -> JournalEntryDocument:
    """One journal entry by id or number; one statement. Raises NotFound."""
    found = stored(context, reference.id)
    return _answer(context, found.document, found.document.read(JournalEntryData), found.entries, found.events)


def list_all(query: JournalEntryList, context: Context) -> Page[JournalEntrySummary]:
    """A page of journal entries, newest first unless sorted."""
    found, following = listing.page(context, TYPE, query)
    return Page[JournalEntrySummary](data=[_summary(listed.document) for listed in found], next_cursor=following)


def written(context: Context, company: Entry[Company], drafted: Drafted, id: Any = None) -> Document:
    """Stage a new entry as a draft."""
    data = drafted.data
    return documents.create(
        context,
        Document(
            id=id or context.new_id(),
            type=TYPE,
            status="draft",
            data=data,
            company_id=company.id,
            date=data.date,
            currency=data.currency,
            total=data.total,
        ),
    )


def issue(context: Context, company: Entry[Company], document: Document, drafted: Drafted, opens: bool = True) -> None:
    """Number a staged entry, post its lines and open its items, unless it only takes back what another one opened."""
    document.number = number_for(context, TYPE, company, drafted.data.date)
    document.status, document.posted_at = "posted", context.now
    post(context, document, company, "gl", drafted.data.date, drafted.lines, takes_back=not opens)
    if opens:
        open_each(context, document, opened(context, drafted.data))
    tell(context, JournalEntryPosted, document)


def tell(context: Context, event: type[JournalEntryFact], document: Document, **facts: Any) -> None:
    """Emit an event about an entry as it stands."""
    data = document.read(JournalEntryData)
    told = {name: getattr(data, name) for name in ("kind", "company", "date", "currency", "lines", "total")}
    context.emit(
        event(
            id=document.id,
            number=document.number,
            status=document.status,
            **told,
            text=data.text,
            reference=data.reference,
            **facts,
        ),
        document,
    )


def answer(context: Context, document: Document, drafted: Drafted) -> JournalEntryDocument:
    """An entry that was written and posted by this request, as it is answered."""
    return _answer(context, document, drafted.data, [_entry(drafted.data.date, drafted)], [])


def _entry(on: dt.date, drafted: Drafted) -> JournalEntry:
    return JournalEntry(ORIGINAL, on, drafted.lines)


def _asked_for(drafted: Drafted, asked: dt.date) -> Drafted:
    return Drafted(drafted.data.model_copy(update={"requested_date": asked}), drafted.lines)


def _check_free(found: Stored, data: JournalEntryData, action: str) -> None:
    """Raise EntryBound for an entry that others rest on."""
    number = found.document.number
    if data.kind == "closing":
        raise EntryBound(f"{number} closes a fiscal year. Reopen the year, which takes it back.")
    if data.kind == "reversal":
        raise EntryBound(f"{number} takes another entry back and is not {action}. Post a new entry instead.")
    if any(Decimal(item["settled"]) for item in found.items):
        raise EntryBound(
            f"Items that {number} opened are settled, wholly or in part. Take back what settles them first; then it"
            f" can be {action}."
        )


def _close(context: Context, by: Document, found: Stored, on: dt.date) -> None:
    """Stage that the items an entry opened are closed by a document."""
    settle(
        context,
        by,
        on,
        [(item["id"], Decimal(item["amount"]), Decimal(item["base_amount"])) for item in found.items],
    )


def _answer(
    context: Context,
    document: Document,
    data: JournalEntryData,
    entries: Sequence[JournalEntry],
    before: Sequence[str],
) -> JournalEntryDocument:
    emitted = [event.type for event, subject in context.work.events if subject is document]
    return JournalEntryDocument(
        **dict(data),
        id=document.id,
        number=document.number,
        status=document.status,
        version=document.version,
        posting=shown_entries(entries),
        events=[*before, *emitted],
        links=JournalEntryLinks(
            self=f"/api/v1/journal-entries/{document.id}", history=f"/api/v1/documents/{document.id}/history"
        ),
    )


def _summary(document: Document) -> JournalEntrySummary:
    data = document.read(JournalEntryData)
    return JournalEntrySummary(
        id=document.id,
        number=document.number,
        status=document.status,
        version=document.version,
        kind=data.kind,
        company=data.company,
        date=data.date,
        currency=data.currency,
        total=data.total,
        text=data.text,
        reference=data.reference,
    )
