"""Deferrals: revenue and expenses that come into the result over a time, instalment by instalment."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    NotFound,
    Page,
    Ref,
    Table,
    UnknownReference,
    configuration,
    database,
    documents,
    listing,
)
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.money import nothing, round_money
from bigledger.ledger.accounts import account_for
from bigledger.ledger.deferral_changes import changes_json, count_change
from bigledger.ledger.deferral_model import (
    DeferralData,
    DeferralKind,
    DeferralList,
    DeferralReference,
    DeferralSchedule,
    NewDeferralSchedule,
    last_day,
    spread,
)
from bigledger.ledger.dimensions import on_account, resolved
from bigledger.ledger.entries import JournalEntry, entries_json, read_entries, shown_entries
from bigledger.ledger.events import DeferralFact, DeferralScheduleCreated
from bigledger.ledger.posting import JournalLine, post, posting_day
from bigledger.ledger.scale import check_scale
from bigledger.records import Account, Company, company_of, number_for

TYPE = "deferral_schedule"

_SOURCES = "('invoice', 'debit_note', 'bill', 'expense_claim', 'journal_entry')"

_DEFERRED = Table("ledger.deferral_source", ("document_id", "line", "schedule_id"))


class DeferredAlready(Conflict):
    """The line is spread over a time by another schedule."""

    title = "The line is deferred already"


database.constraint("line_deferred_once", lambda: DeferredAlready("Another schedule defers this line since just now."))

# The line's item is the one in its place among those that come to something: these are posted in their order, of an
# invoice after the receivable. What credits took back stands in them item by item, of foreign ones in base currency.
_CREDITED = """
    (SELECT coalesce(sum(coalesce(n.data->'base'->'items'->>(c.place - 1)::integer,
                                  c.item->>'cost', c.item->>'net')::numeric), 0)::text
     FROM (SELECT o.place FROM (
               SELECT i.place, row_number() OVER (ORDER BY i.place) AS nth
               FROM jsonb_array_elements(d.data->'items') WITH ORDINALITY AS i (item, place)
               WHERE coalesce(i.item->>'cost', i.item->>'net')::numeric <> 0) o
           WHERE o.nth = :line - CASE d.type WHEN 'invoice' THEN 1 ELSE 0 END) origin
     JOIN kernel.document_link k ON k.from_id = d.id AND k.kind = 'credit'
     JOIN kernel.document n ON n.id = k.to_id AND n.type IN ('credit_note', 'supplier_credit')
         AND n.posted_at IS NOT NULL AND n.status <> 'void'
     CROSS JOIN LATERAL jsonb_array_elements(n.data->'items') WITH ORDINALITY AS c (item, place)
     WHERE d.type IN ('invoice', 'bill') AND (c.item->>'origin_line')::integer = origin.place)
"""

_SOURCE = f"""
    SELECT d.id, d.number, d.status, d.company_id, l.account_id, l.base_amount::text AS amount, l.effective_date,
           l.dimensions::text AS dimensions, l.text, {_CREDITED} AS credited,
           coalesce(l.party_id, d.party_id) AS party_id, l.product_id, p.number AS product, p.data->>'name' AS named,
           {changes_json("d.id")} AS changes,
           (SELECT s.number FROM ledger.deferral_source f JOIN kernel.document s ON s.id = f.schedule_id
            WHERE f.document_id = d.id AND f.line = l.line) AS deferred
    FROM kernel.document d
    LEFT JOIN ledger.journal_line l ON l.document_id = d.id AND l.entry = 1 AND l.line = :line
    LEFT JOIN kernel.document p ON p.id = l.product_id
    WHERE d.type IN {_SOURCES} AND {{match}} LIMIT 1
"""

_STORED = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'entries', {entries_json("d.id")},
        'recognised', (SELECT jsonb_agg(jsonb_build_object('number', r.number, 'id', e.id, 'code', e.number)
                                        ORDER BY r.number)
                       FROM ledger.deferral_recognition r JOIN kernel.document e ON e.id = r.document_id
                       WHERE r.schedule_id = d.id),
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id)
    )::text
    FROM kernel.document d WHERE d.type = '{TYPE}' AND {{match}} LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a schedule spreads, and where it stands now."""

    company: Entry[Company]
    kind: DeferralKind
    amount: Decimal
    account: Entry[Account]
    deferral: Entry[Account]
    dimensions: dict[str, str]
    source: Ref | None = None
    line: int | None = None
    line_amount: Decimal | None = None
    """What is left of the source's line after its credits."""
    changes: int = 0
    """How often the source was deferred or credited before."""
    transfer_on: dt.date | None = None
    """The day the amount is taken off the result, where it stands in it."""
    party_id: UUID | None = None
    product: Ref | None = None


def create(new: NewDeferralSchedule, context: Context) -> DeferralSchedule:
    """Plan the instalments, and take the amount off the result where it stands in it.

    Raises UnknownReference, InvalidRequest, DeferredAlready, PeriodClosed and those of ``account_for``.
    """
    origin = _of_line(new, context) if new.source else _by_hand(new, context)
    company, base = origin.company, origin.company.data.currency
    ends_on = new.ends_on or last_day(new.starts_on, new.months or 1)
    method = new.method or company.data.policies.deferral_method
    data = DeferralData(
        company=company.ref,
        kind=origin.kind,
        currency=base,
        amount=origin.amount,
        account=origin.account.ref,
        deferral_account=origin.deferral.ref,
        starts_on=new.starts_on,
        ends_on=ends_on,
        method=method,
        instalments=spread(origin.amount, base, new.starts_on, ends_on, new.months, method),
        dimensions=origin.dimensions or None,
        source=origin.source,
        source_line=origin.line,
        source_line_amount=origin.line_amount,
        product=origin.product,
        text=new.text,
    )
    document = documents.create(
        context,
        Document(
            id=new.id or context.new_id(),
            type=TYPE,
            status="active",
            data=data,
            company_id=company.id,
            party_id=origin.party_id,
            date=new.starts_on,
            due_date=data.instalments[0].date,
            currency=base,
            total=origin.amount,
        ),
    )
    document.number = number_for(context, TYPE, company, new.starts_on)
    entries = []
    if origin.transfer_on is not None:
        on = posting_day(context, company, "gl", origin.transfer_on, new.on_closed_period == "next_open")
        lines = _transfer(origin, context, on)
        post(context, document, company, "gl", on, lines)
        entries.append(JournalEntry(1, on, lines))
    if origin.source is not None:
        row = {"document_id": origin.source.id, "line": origin.line, "schedule_id": document.id}
        context.work.append(_DEFERRED, [row])
        count_change(context, origin.source.id, origin.changes, document)
        context.work.link(origin.source.id, document.id, "deferral")
    tell_schedule(context, DeferralScheduleCreated, document, data)
    return _answer(document, data, [], entries, [event.type for event, _ in context.work.events])


def get(reference: DeferralReference, context: Context) -> DeferralSchedule:
    """One schedule by id or number; one statement. Raises NotFound."""
    found = context.work.read_json(_STORED.format(match=matching(reference.id)), reference=reference.id)
    if found is None:
        raise NotFound(f"There is no deferral schedule {reference.id}.")
    document = from_json(found["document"])
    entries = read_entries(context, found["entries"])
    return _answer(document, document.read(DeferralData), found["recognised"] or [], entries, found["events"] or [])


def list_all(query: DeferralList, context: Context) -> Page[DeferralSchedule]:
    """A page of schedules, newest first unless sorted; which entry recognised what is told by ``get``."""
    beside = "(SELECT count(*)::text FROM ledger.deferral_recognition r WHERE r.schedule_id = d.id)"
    found, following = listing.page(context, TYPE, query, beside=beside)
    data = [
        _answer(one.document, one.document.read(DeferralData), [{}] * int(str(one.beside or 0)), [], [])
        for one in found
    ]
    return Page[DeferralSchedule](data=data, next_cursor=following)


def _of_line(new: NewDeferralSchedule, context: Context) -> _Origin:
    source = new.source
    if source is None:
        raise LookupError("there is a source")
    sql = _SOURCE.format(match=matching(source.document))
    found = next(iter(context.work.read(sql, reference=source.document, line=source.line)), None)
    if found is None or found.amount is None:
        what, pointer = ("document", "/source/document") if found is None else ("line", "/source/line")
        raise UnknownReference(
            f"There is no posted {what} {source.document if found is None else source.line}.",
            errors=[FieldError(pointer, f"unknown_{what}", f"there is no such {what} in the ledger")],
        )
    if found.status in ("void", "reversed"):
        raise Conflict(f"{found.number} is {found.status}, so nothing of it is left to defer.")
    if found.deferred:
        raise DeferredAlready(f"Line {source.line} of {found.number} is deferred by {found.deferred}.")
    known = configuration(context)
    stands = next(one for one in known.every(Account) if one.id == UUID(str(found.account_id)))
    company = next(one for one in known.every(Company) if one.id == UUID(str(found.company_id)))
    left = round_money(abs(Decimal(found.amount)) - Decimal(found.credited), company.data.currency)
    if left <= 0:
        raise Conflict(f"All of line {source.line} of {found.number} is credited, so nothing of it is left to defer.")
    if new.amount is not None and new.amount > left:
        credited = f" after {Decimal(found.credited)} were credited" if Decimal(found.credited) else ""
        raise _wrong("/amount", "too_much", f"the line comes to {left}{credited}")
    in_result = stands.data.kind in ("revenue", "expense")
    kind: DeferralKind = "revenue" if Decimal(found.amount) < 0 else "expense"
    if in_result and stands.data.kind != kind:
        raise _wrong("/source/line", "wrong_side", f"it takes {stands.data.kind} back; defer what it takes back")
    amount = new.amount if new.amount is not None else left
    account, deferral = (stands.code, new.deferral_account) if in_result else (new.account, stands.code)
    return _origin(
        new,
        context,
        company,
        kind,
        amount,
        account,
        deferral,
        source=Ref(id=found.id, code=found.number),
        line=source.line,
        line_amount=left,
        changes=found.changes,
        transfer_on=found.effective_date if in_result else None,
        party_id=found.party_id and UUID(str(found.party_id)),
        product=Ref(id=found.product_id, code=found.product, name=found.named) if found.product_id else None,
    )


def _by_hand(new: NewDeferralSchedule, context: Context) -> _Origin:
    if new.kind is None or new.amount is None:
        raise LookupError("the command was validated")
    company = company_of(context, new.company)
    return _origin(new, context, company, new.kind, new.amount, new.account, new.deferral_account)


def _origin(
    new: NewDeferralSchedule,
    context: Context,
    company: Entry[Company],
    kind: DeferralKind,
    amount: Decimal,
    account: str | None,
    deferral: str | None,
    source: Ref | None = None,
    line: int | None = None,
    line_amount: Decimal | None = None,
    changes: int = 0,
    transfer_on: dt.date | None = None,
    party_id: UUID | None = None,
    product: Ref | None = None,
) -> _Origin:
    if account is None:
        raise _wrong("/account", "required", "say where it is recognised")
    check_scale([("/amount", amount, company.data.currency)])
    own = company.data.accounts
    waits = deferral or (own.deferred_revenue if kind == "revenue" else own.prepaid_expense)
    recognised = account_for(context, kind, account, "/account")
    return _Origin(
        company,
        kind,
        round_money(amount, company.data.currency),
        recognised,
        account_for(context, "deferral", waits, "/deferral_account" if new.deferral_account else "/company"),
        on_account(
            context,
            recognised,
            resolved(context, new.dimensions, new.starts_on, "/dimensions"),
            new.starts_on,
            "/dimensions",
        ),
        source,
        line,
        line_amount,
        changes,
        transfer_on,
        party_id,
        product,
    )


def _transfer(origin: _Origin, context: Context, on: dt.date) -> list[JournalLine]:
    """The amount off the result, onto the deferral account."""
    base = origin.company.data.currency
    off = origin.amount if origin.kind == "revenue" else -origin.amount
    product_id = origin.product.id if origin.product else None
    return [
        JournalLine(
            origin.account, off, base, party_id=origin.party_id, product_id=product_id, dimensions=origin.dimensions
        ),
        JournalLine(origin.deferral, -off, base),
    ]


def tell_schedule(
    context: Context, event: type[DeferralFact], document: Document, data: DeferralData, **facts: Any
) -> None:
    """Emit an event about a schedule."""
    names = ("company", "kind", "currency", "amount", "starts_on", "ends_on", "account", "deferral_account")
    told = {name: getattr(data, name) for name in names}
    context.emit(event(id=document.id, number=document.number, **told, **facts), document)


def _answer(
    document: Document,
    data: DeferralData,
    recognised: Sequence[Mapping[str, Any]],
    entries: Sequence[JournalEntry],
    events: Sequence[str],
) -> DeferralSchedule:
    made = {row["number"]: Ref(id=row["id"], code=row["code"]) for row in recognised if row}
    done = sum((one.amount for one in data.instalments[: len(recognised)]), nothing(data.currency))
    instalments = [one.model_copy(update={"entry": made.get(one.number)}) for one in data.instalments]
    return DeferralSchedule(
        **dict(data) | {"instalments": instalments},
        id=document.id,
        number=document.number,
        status=document.status,
        version=document.version,
        recognised=done,
        remaining=data.amount - done,
        posting=shown_entries(entries) if entries else None,
        events=list(events),
    )


def _wrong(pointer: str, code: str, message: str) -> InvalidRequest:
    return InvalidRequest(f"The deferral does not fit: {message}.", errors=[FieldError(pointer, code, message)])
