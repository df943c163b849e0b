"""Recurring invoices: what is due of each schedule is invoiced, each day once, also after a gap."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from bigledger.inventory import company_and_location
from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Conflict,
    Context,
    Day,
    Document,
    FieldError,
    InvalidRequest,
    Problem,
    Ref,
    Reference,
    Table,
    UnknownReference,
    configuration,
    database,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import matching
from bigledger.kernel.observability import logger
from bigledger.receivables import invoicing
from bigledger.receivables.drafting import work_out
from bigledger.receivables.model import NewInvoice, NewItem
from bigledger.receivables.queries import Asked, Inputs, invoice_inputs_of
from bigledger.records import Company, RecurringInvoice

PER_RUN = 50
"""The most invoices one transaction makes."""

_RECURRING_RUN = Table("receivables.recurring_run", ("schedule_id", "due_on", "invoice_id"))

database.constraint(
    "invoiced_once_per_day", lambda: Conflict("Another run made these invoices meanwhile. Run it again.")
)


class RunRecurringInvoices(Command):
    """Makes what is due up to a day, today when absent; of one ``schedule``, or of all active ones.

    Each invoice is dated on its due day. ``limit`` is how many one call makes at most; call again while there is more.
    """

    schedule: Reference | None = None
    as_of: Day | None = None
    limit: Annotated[int, Field(ge=1, le=PER_RUN)] = PER_RUN


class MadeInvoice(Answer):
    """An invoice that was made of a schedule, on the day it was due."""

    schedule: Ref
    due_on: dt.date
    invoice: Ref
    status: str
    currency: str
    total: Amount


class FailedInvoice(Answer):
    """A day of a schedule that no invoice could be made for, and why; later days of it wait."""

    schedule: Ref
    due_on: dt.date
    code: str
    detail: str
    errors: list[dict[str, str]] = []


class RecurringRun(Answer):
    """What a run made and what it could not make; ``more`` says that there is more due than it took."""

    as_of: dt.date
    made: list[MadeInvoice]
    failed: list[FailedInvoice]
    more: bool
    events: list[str]


@dataclass(frozen=True, slots=True)
class _Due:
    """A schedule and a day it is due on."""

    id: UUID
    ref: Ref
    schedule: RecurringInvoice
    on: dt.date

    def command(self, company: str) -> NewInvoice:
        """The invoice that is due."""
        schedule = self.schedule
        return NewInvoice.model_construct(
            customer=schedule.customer,
            company=company,
            items=[NewItem.model_construct(**_line(item)) for item in schedule.items],
            date=self.on,
            currency=schedule.currency,
            payment_terms=schedule.payment_terms,
            reference=schedule.reference,
            draft=schedule.draft,
        )


def _line(item: Any) -> dict[str, Any]:
    return {name: getattr(item, name) for name in NewItem.model_fields}


_SCHEDULES = """
    SELECT jsonb_agg(jsonb_build_object(
        'id', d.id, 'code', d.number, 'data', d.data,
        'last', (SELECT max(r.due_on) FROM receivables.recurring_run r WHERE r.schedule_id = d.id)) ORDER BY d.id)::text
    FROM kernel.document d
    WHERE d.type = 'recurring_invoice' AND d.status = 'active' AND {which}
"""


def run(command: RunRecurringInvoices, context: Context) -> RecurringRun:
    """Make what is due, a schedule's days in order. Raises InvalidRequest for a day in the future."""
    latest = max(context.clock.today(company.data.timezone) for company in configuration(context).active(Company))
    as_of = command.as_of or latest
    if as_of > latest:
        raise InvalidRequest(
            f"Nothing is invoiced ahead: choose {latest} or an earlier day.",
            errors=[FieldError("/as_of", "in_the_future", f"choose {latest} or an earlier day")],
        )
    return _run(context, command.schedule, as_of, command.limit)


def make_due(context: Context) -> int:
    """Make one invoice that is due in the tenant; answers how many were made.

    One in a transaction, so that one that the database refuses does not keep others waiting.
    """
    latest = max(
        (context.clock.today(company.data.timezone) for company in configuration(context).active(Company)), default=None
    )
    if latest is None:
        return 0
    done = _run(context, None, latest, 1)
    for one in done.failed:
        told = {"schedule": one.schedule.code, "due_on": str(one.due_on), "reason": one.detail}
        logger.warning("a recurring invoice could not be made", extra=told)
    return len(done.made)


def _run(context: Context, schedule: str | None, as_of: dt.date, limit: int) -> RecurringRun:
    which = "true" if schedule is None else matching(schedule)
    named = {} if schedule is None else {"reference": schedule}
    found = context.work.read_json(_SCHEDULES.format(which=which), **named) or []
    if schedule is not None and not found:
        raise UnknownReference(
            f"There is no active schedule {schedule}.", errors=[unknown("recurring_invoice", schedule, "/schedule")]
        )
    due = [one for row in found for one in _days(row, as_of)]
    due.sort(key=lambda one: (one.on, one.ref.code))
    taken = due[: max(limit, PER_RUN)]
    asked = [_asked(context, one) for one in taken]
    inputs = invoice_inputs_of(context, asked) if asked else []
    made: list[MadeInvoice] = []
    failed: dict[UUID, FailedInvoice] = {}
    used: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for one, of_company, given in zip(taken, asked, inputs, strict=True):
        if len(made) == limit:
            break
        if one.id in failed:
            continue
        try:
            made.append(_make(context, one, of_company, given, used))
        except Problem as refusal:
            failed[one.id] = FailedInvoice(
                schedule=one.ref,
                due_on=one.on,
                code=refusal.code(),
                detail=refusal.detail,
                errors=[dict(error) for error in refusal.errors],
            )
    waiting = [one for one in due if one.id not in failed]
    return RecurringRun(
        as_of=as_of,
        made=made,
        failed=list(failed.values()),
        more=len(waiting) > len(made),
        events=[event.type for event, _ in context.work.events],
    )


def _days(row: dict[str, Any], as_of: dt.date) -> list[_Due]:
    schedule = RecurringInvoice.model_validate(row["data"])
    last = None if row["last"] is None else dt.date.fromisoformat(row["last"])
    ref = Ref(id=row["id"], code=row["code"], name=schedule.name)
    return [_Due(UUID(row["id"]), ref, schedule, day) for day in schedule.days(last, as_of)]


def _asked(context: Context, one: _Due) -> Asked:
    company, location, _ = company_and_location(context, one.schedule.company, None, needed=False)
    return Asked(
        company=company,
        location=location,
        customer=one.schedule.customer,
        products=[item.product for item in one.schedule.items],
        currency=one.schedule.currency,
        on=one.on,
    )


def _make(context: Context, one: _Due, asked: Asked, given: Inputs, used: defaultdict[UUID, Decimal]) -> MadeInvoice:
    """Make one invoice. It is refused before anything of it is staged; ``used`` is what others of this run use."""
    company = asked.company.code if asked.company else ""
    command = one.command(company)
    customer = given.customer.id if given.customer else one.id
    given = replace(given, exposure=given.exposure + used[customer])
    draft = work_out(command, context, inputs=given)
    document = invoicing.make(command, draft, context)
    if not command.draft:
        used[customer] += draft.data.base_total
    context.work.append(_RECURRING_RUN, [{"schedule_id": one.id, "due_on": one.on, "invoice_id": document.id}])
    context.work.link(one.id, document.id, "recurring")
    return _made(one, document, draft.data.currency, draft.data.total)


def _made(one: _Due, document: Document, currency: str, total: Decimal) -> MadeInvoice:
    return MadeInvoice(
        schedule=one.ref,
        due_on=one.on,
        invoice=Ref(id=document.id, code=document.number or str(document.id)),
        status=document.status,
        currency=currency,
        total=total,
    )
