"""Dunning: overdue items go up their levels one by one, each level once, in a letter per customer and currency."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.currency import SAME, Rate, missing_rate, read_rate
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
    configuration,
    database,
    documents,
    listing,
)
from bigledger.kernel.documents import AS_JSON, from_json, is_id
from bigledger.kernel.money import quantum
from bigledger.ledger import (
    DueInstalment,
    JournalLine,
    OpenItem,
    account_for,
    check_open,
    open_items,
    post,
    read_item,
    shown_entries,
)
from bigledger.receivables.credit_queries import effects
from bigledger.receivables.dunning_model import (
    DunnedItem,
    DunningNotice,
    DunningNoticeData,
    DunningNoticeList,
    DunningNoticeReference,
    DunningNoticeSummary,
    DunningRun,
    DunningRunData,
    DunningRunReference,
    MadeNotice,
    NewDunningRun,
    SendDunningRun,
)
from bigledger.receivables.dunning_queries import NOTICE, read_overdue
from bigledger.receivables.dunning_rules import Charges, charges, next_level
from bigledger.receivables.model import links
from bigledger.receivables.recipients import read_recipients
from bigledger.receivables.reminder_events import DunningIssued, DunningRunCreated, DunningRunSent, DunningSent
from bigledger.records import Company, DunningProcedure, company_of, number_for

RUN = "dunning_run"

_DUNNED_ITEM = Table("receivables.dunned_item", ("open_item_id", "level", "notice_id", "dunned_on"))

database.constraint(
    "dunned_once_per_level", lambda: Conflict("Another run reminded of these items meanwhile. Look at its letters.")
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """An overdue item, the document it is of with its date, and the level it goes up to."""

    item: OpenItem
    document: Ref
    type: str
    date: dt.date
    level: int


def create(new: NewDunningRun, context: Context) -> DunningRun:
    """Make the letters of a day; a run that finds nothing makes none.

    Raises UnknownReference, InvalidRequest for a day in the future, ExchangeRateMissing and PeriodClosed for a fee.
    """
    company = company_of(context, new.company)
    today = context.clock.today(company.data.timezone)
    on = new.date or today
    if on > today:
        raise InvalidRequest(
            f"Nobody is reminded on {on} yet. Choose {today} or an earlier day.",
            errors=[FieldError("/date", "in_the_future", f"choose {today} or an earlier day")],
        )
    procedures = {entry.code: entry for entry in configuration(context).active(DunningProcedure)}
    own = configuration(context).get(DunningProcedure, new.procedure, "/procedure") if new.procedure else None
    found = read_overdue(new, context, company, on, procedures.values())
    letters = _letters(found, procedures, own, on)
    run = documents.create(
        context, Document(id=context.new_id(), type=RUN, status="made", data={}, company_id=company.id, date=on)
    )
    made = [_issue(context, run, company, on, found, *letter) for letter in letters]
    data = DunningRunData(company=company.ref, date=on, procedure=own.code if own else None, notices=made)
    run.data = data
    context.emit(DunningRunCreated(**dict(data), id=run.id), run)
    return _answer(run, data, [event.type for event, _ in context.work.events])


def send(command: SendDunningRun, context: Context) -> DunningRun:
    """Mark the letters of a run as sent. Raises NotFound, Conflict for one that was sent."""
    run, notices = _stored(context, command.id)
    documents.check_version(context, run)
    documents.check_status(run, ("made",), "sent")
    for notice in notices:
        letter = notice.read(DunningNoticeData).model_copy(update={"sent_by": command.method})
        documents.change(context, notice, status="sent", data=letter)
        context.emit(DunningSent(**dict(letter), id=notice.id, number=str(notice.number)), notice)
    data = run.read(DunningRunData).model_copy(update={"sent_by": command.method})
    documents.change(context, run, status="sent", data=data)
    context.emit(DunningRunSent(**dict(data), id=run.id), run)
    return _answer(run, data, [event.type for event, _ in context.work.events])


def get(reference: DunningRunReference, context: Context) -> DunningRun:
    """One run with its letters; one statement. Raises NotFound."""
    run, _ = _stored(context, reference.id)
    return _answer(run, run.read(DunningRunData), ["dunning_run.created", *(["dunning_run.sent"] * (run.sequence - 1))])


def get_notice(reference: DunningNoticeReference, context: Context) -> DunningNotice:
    """One letter by id or number; one statement. Raises NotFound."""
    stored = effects(context, NOTICE, reference.id)
    document = stored.document
    return DunningNotice(
        **dict(document.read(DunningNoticeData)),
        id=document.id,
        number=str(document.number),
        status=document.status,
        version=document.version,
        posting=shown_entries(stored.entries),
        events=stored.events,
        links=links("dunning-notices", document.id),
    )


def list_notices(query: DunningNoticeList, context: Context) -> Page[DunningNoticeSummary]:
    """A page of letters, newest first unless sorted."""
    part = listing.part_of(DunningNoticeSummary, DunningNoticeData)
    found, following = listing.page(context, NOTICE, query, part=part)
    shown = [_summary(one.document, one.document.read(part)) for one in found]
    return Page[DunningNoticeSummary](data=shown, next_cursor=following)


def _letters(
    found: Mapping[str, Any],
    procedures: Mapping[str, Entry[DunningProcedure]],
    own: Entry[DunningProcedure] | None,
    on: dt.date,
) -> list[tuple[Mapping[str, Any], Entry[DunningProcedure], str, list[Overdue]]]:
    """The items that go up a level, by customer and currency."""
    letters: dict[tuple[str, str], list[Overdue]] = {}
    for row in found["items"] or []:
        customer, item = found["customers"][row["customer"]], read_item(row["item"])
        procedure = procedures.get(customer["procedure"], own)
        if procedure is None:
            continue
        level = next_level(procedure.data.levels, row["level"], (on - item.due_date).days)
        if level is not None:
            of = Ref(id=item.document_id, code=row["number"] or str(item.document_id))
            one = Overdue(item, of, row["type"], dt.date.fromisoformat(row["date"]), level)
            letters.setdefault((customer["id"], item.currency), []).append(one)
    answered = []
    for (id, currency), items in letters.items():
        customer = found["customers"][id]
        procedure = procedures.get(customer["procedure"], own)
        if procedure is None:
            raise LookupError("only items with a procedure are in letters")
        answered.append((customer, procedure, currency, items))
    return answered


def _issue(
    context: Context,
    run: Document,
    company: Entry[Company],
    on: dt.date,
    found: Mapping[str, Any],
    customer: Mapping[str, Any],
    procedure: Entry[DunningProcedure],
    currency: str,
    items: Sequence[Overdue],
) -> MadeNotice:
    """Stage one letter, with its fee posted and open."""
    reached = max(one.level for one in items)
    level = procedure.data.levels[reached - 1]
    charged = charges(level, currency, [(one.item.open, (on - one.item.due_date).days) for one in items])
    unit = quantum(currency)
    overdue = sum((one.item.open for one in items), Decimal(0)).quantize(unit)
    pay_by = on + dt.timedelta(days=level.payment_days)
    recipients, email = read_recipients(customer)
    party = Ref(id=customer["id"], code=customer["code"], name=customer["name"])
    notice = Document(
        id=context.new_id(),
        type=NOTICE,
        status="issued",
        data={},
        company_id=company.id,
        party_id=party.id,
        date=on,
        due_date=pay_by,
        currency=currency,
        total=overdue + charged.total,
        posted_at=context.now,
        number=number_for(context, NOTICE, company, on),
    )
    data = DunningNoticeData(
        run=Ref(id=run.id, code=str(run.id)),
        company=company.ref,
        customer=party,
        date=on,
        procedure=procedure.code,
        level=reached,
        currency=currency,
        items=[
            DunnedItem(
                open_item_id=one.item.id,
                document=one.document,
                type=one.type,
                reference=one.item.reference,
                date=one.date,
                due_date=one.item.due_date,
                days_overdue=(on - one.item.due_date).days,
                level=one.level,
                amount_due=one.item.open.quantize(unit),
            )
            for one in items
        ],
        overdue=overdue,
        fee=charged.fee or None,
        interest=charged.interest or None,
        total=overdue + charged.total,
        pay_by=pay_by,
        text=level.text,
        email=email,
        recipients=recipients,
    )
    notice.data = data
    documents.create(context, notice)
    context.work.link(run.id, notice.id, "dunning")
    rows = [{"open_item_id": one.item.id, "level": one.level, "notice_id": notice.id, "dunned_on": on} for one in items]
    context.work.append(_DUNNED_ITEM, rows)
    if charged.total:
        rate = read_rate((found["rates"] or {}).get(currency)) if currency != company.data.currency else SAME
        _charge(context, notice, company, on, customer, charged, currency, rate, pay_by)
    context.emit(DunningIssued(**dict(data), id=notice.id, number=notice.number or ""), notice)
    made = Ref(id=notice.id, code=notice.number or "")
    return MadeNotice(
        notice=made,
        customer=party,
        level=reached,
        currency=currency,
        total=data.total,
        fee=data.fee,
        interest=data.interest,
    )


def _charge(
    context: Context,
    notice: Document,
    company: Entry[Company],
    on: dt.date,
    customer: Mapping[str, Any],
    charged: Charges,
    currency: str,
    rate: Rate | None,
    pay_by: dt.date,
) -> None:
    """Post a letter's fee and interest: the customer owes them, and they are revenue."""
    check_open(context, company, "sales", on)
    if rate is None:
        raise missing_rate(currency, company.data.currency, on)
    accounts = company.data.accounts
    receivable = account_for(context, "receivable", customer["account"] or accounts.receivable, "/company")
    revenue = account_for(context, "difference", accounts.dunning_fees, "/company")
    worth = rate.to_base(charged.total, company.data.currency)
    interest = rate.to_base(charged.interest, company.data.currency)
    party = UUID(customer["id"])
    text = f"Dunning fee, {customer['name']}"
    lines = [
        JournalLine(receivable, charged.total, currency, worth, party_id=party, text=text),
        JournalLine(revenue, -charged.fee, currency, interest - worth, text=text),
        JournalLine(revenue, -charged.interest, currency, -interest, text=f"Interest, {customer['name']}"),
    ]
    post(context, notice, company, "sales", on, [line for line in lines if line.amount])
    due = [DueInstalment(due_date=pay_by, amount=charged.total)]
    open_items(context, notice, "receivable", receivable, due, [worth])


_STORED = f"""
    SELECT jsonb_build_object('document', {AS_JSON}, 'notices', (
        SELECT jsonb_agg({AS_JSON.replace("d.", "n.")} ORDER BY n.number) FROM kernel.document_link l
        JOIN kernel.document n ON n.id = l.to_id WHERE l.from_id = d.id AND l.kind = 'dunning'))::text
    FROM kernel.document d WHERE d.type = '{RUN}' AND d.id = cast(:id AS uuid)
"""


def _stored(context: Context, reference: str) -> tuple[Document, list[Document]]:
    """A run and its letters, in one statement. Raises NotFound."""
    found = context.work.read_json(_STORED, id=reference) if is_id(reference) else None
    if found is None:
        raise NotFound(f"There is no dunning run {reference}.")
    return from_json(found["document"]), [from_json(notice) for notice in found["notices"] or []]


def _answer(run: Document, data: DunningRunData, events: list[str]) -> DunningRun:
    return DunningRun(
        **dict(data),
        id=run.id,
        status=run.status,
        version=run.version,
        events=events,
        links=links("dunning-runs", run.id),
    )


def _summary(document: Document, data: DunningNoticeData) -> DunningNoticeSummary:
    fields = {name: getattr(data, name) for name in DunningNoticeSummary.model_fields if hasattr(data, name)}
    return DunningNoticeSummary(
        **fields, id=document.id, number=str(document.number), status=document.status, version=document.version
    )
