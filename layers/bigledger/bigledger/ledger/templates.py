"""Templates at work: run for a day by hand, or for every day that is due, each (template, day) once."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Conflict,
    Context,
    Day,
    Entry,
    FieldError,
    InvalidRequest,
    NotFound,
    Problem,
    Ref,
    Reference,
    Table,
    configuration,
    database,
)
from bigledger.kernel.money import LARGEST_AMOUNT, distribute, quantum, round_money
from bigledger.kernel.serialization import json_text
from bigledger.ledger.events import JournalEntryCreated
from bigledger.ledger.journal import issue, take_back, tell, written
from bigledger.ledger.journal_lines import Drafted, work_out
from bigledger.ledger.journal_model import NewLine
from bigledger.ledger.posting import planned_day
from bigledger.records import Company, JournalTemplate, TemplateLine, company_of

RUNS_PER_TRANSACTION = 200
"""The most entries that one catch-up posts; the next one goes on from there."""

_RUN = Table("ledger.template_run", ("template_id", "due_date", "document_id", "reversal_id"))


class TemplateRanMeanwhile(Conflict):
    """The template was run for this day by another request."""

    title = "The template ran for this day"


database.constraint("template_run_once", lambda: TemplateRanMeanwhile("Another request ran it for this day just now."))


class RunJournalTemplate(Command):
    """Runs a template for a day, today in the company's time zone when absent.

    ``amount`` is what its percentages are of, the template's own when absent. A template that recurs is run for a
    day that it is due on.
    """

    id: Reference
    date: Day | None = None
    amount: Annotated[Amount, Field(gt=0, lt=LARGEST_AMOUNT)] | None = None


class RunDueTemplates(Command):
    """Runs every template for each day that it was due on up to ``until``, today when absent, and did not run for."""

    until: Day | None = None
    company: Reference | None = None


class TemplateRun(Answer):
    """What a template posted for a due date. ``status`` is ``ran_before`` where it had run for that day already."""

    template: Ref
    due_date: dt.date
    status: Literal["posted", "ran_before"]
    entry: Ref
    date: dt.date
    """The accounting date, later than the due date where that was closed and the template allows it."""
    total: Amount
    currency: str
    reversal: Ref | None = None
    reversed_on: dt.date | None = None
    events: list[str] = []


class RefusedRun(Answer):
    """A due date that a template could not run for, and why."""

    template: Ref
    due_date: dt.date
    code: str
    detail: str


class TemplateRuns(Answer):
    """What was due and what came of it. ``more`` says that there is more to catch up with."""

    until: dt.date
    runs: list[TemplateRun]
    refused: list[RefusedRun]
    more: bool


_RUNS = """
    SELECT r.template_id, r.due_date::text AS due_date, r.document_id, r.reversal_id, d.number, d.date,
           d.total::text AS total, d.currency, b.number AS reversal, b.date AS reversed_on
    FROM jsonb_to_recordset(cast(:wanted AS jsonb)) AS w(template_id uuid)
    JOIN ledger.template_run r ON r.template_id = w.template_id
    JOIN kernel.document d ON d.id = r.document_id
    LEFT JOIN kernel.document b ON b.id = r.reversal_id
    WHERE :due = '' OR r.due_date = cast(nullif(:due, '') AS date)
"""


@dataclass(frozen=True, slots=True)
class _Worked:
    """A run worked out, with nothing staged yet."""

    due: dt.date
    drafted: Drafted
    reversed_on: dt.date | None


def run(command: RunJournalTemplate, context: Context) -> TemplateRun:
    """Post the entry of a template for a day; one that it ran for is answered as it was, and nothing is posted.

    Raises NotFound, InvalidRequest for a day that it is not due on or an amount that is missing, PeriodClosed, and
    what ``work_out`` does.
    """
    template = configuration(context).find(JournalTemplate, command.id)
    if template is None or not template.active:
        raise NotFound(f"There is no journal template {command.id}.")
    company = company_of(context, template.data.company)
    due = command.date or context.clock.today(company.data.timezone)
    before = _ran(context, [template], str(due))
    if before:
        return _as_before(template, before[template.id, str(due)])
    _check_due(template, due)
    return _post(context, template, company, _worked(context, template, company, due, command.amount))


def run_due(command: RunDueTemplates, context: Context) -> TemplateRuns:
    """Catch up with every recurring template. What cannot be posted is told and does not keep the others waiting."""
    known = configuration(context)
    wanted = company_of(context, command.company) if command.company else None
    templates = [
        template
        for template in known.active(JournalTemplate)
        if template.data.recurrence and (wanted is None or template.data.company == wanted.code)
    ]
    until = command.until or context.clock.today(wanted.data.timezone if wanted else "UTC")
    before = _ran(context, templates) if templates else {}
    runs: list[TemplateRun] = []
    refused: list[RefusedRun] = []
    for due, template in _due(templates, until):
        if (template.id, str(due)) in before:
            continue
        if len(runs) == RUNS_PER_TRANSACTION:
            return TemplateRuns(until=until, runs=runs, refused=refused, more=True)
        company = company_of(context, template.data.company)
        try:
            worked = _worked(context, template, company, due, None)
        except Problem as problem:  # told in the answer: nothing was staged
            refused.append(RefusedRun(template=template.ref, due_date=due, code=problem.code(), detail=problem.detail))
            continue
        runs.append(_post(context, template, company, worked))
    return TemplateRuns(until=until, runs=runs, refused=refused, more=False)


def run_all_due(context: Context) -> int:
    """Catch up for a schedule; answers how many entries were posted."""
    return len(run_due(RunDueTemplates(), context).runs)


def _due(
    templates: Sequence[Entry[JournalTemplate]], until: dt.date
) -> Iterator[tuple[dt.date, Entry[JournalTemplate]]]:
    """Every due date with its template, the oldest first."""
    found = [
        (day, template.code, template)
        for template in templates
        if template.data.recurrence
        for day in template.data.recurrence.due(until)
    ]
    return ((day, template) for day, _, template in sorted(found, key=lambda one: one[:2]))


def _check_due(template: Entry[JournalTemplate], on: dt.date) -> None:
    recurrence = template.data.recurrence
    if recurrence is not None and on not in recurrence.due(on):
        raise InvalidRequest(
            f"{template.code} is not due on {on}: it is due every {recurrence.every} from {recurrence.starts_on}.",
            errors=[FieldError("/date", "not_due", "choose a day that it is due on")],
        )


def _ran(
    context: Context, templates: Sequence[Entry[JournalTemplate]], due: str = ""
) -> Mapping[tuple[UUID, str], Any]:
    """The runs there were, by template and due date; one statement."""
    wanted = json_text([{"template_id": str(template.id)} for template in templates])
    found = context.work.read(_RUNS, wanted=wanted, due=due)
    return {(UUID(str(row.template_id)), row.due_date): row for row in found}


def _worked(
    context: Context,
    template: Entry[JournalTemplate],
    company: Entry[Company],
    due: dt.date,
    amount: Decimal | None,
) -> _Worked:
    """The entry of a due date and the day it is taken back on; nothing is staged."""
    data = template.data
    on = planned_day(context, company, due, data.on_closed_period == "next_open")
    lines = _lines(data.lines, amount or data.amount, company.data.currency)
    drafted = work_out(context, company, on, lines, "recurring", data.text or data.name, template.code)
    if on != due:
        drafted = Drafted(drafted.data.model_copy(update={"requested_date": due}), drafted.lines)
    if data.reverse == "never":
        return _Worked(due, drafted, None)
    after = on + dt.timedelta(days=1) if data.reverse == "next_day" else _next_month(on)
    return _Worked(due, drafted, planned_day(context, company, after, data.on_closed_period == "next_open"))


def _lines(lines: Sequence[TemplateLine], amount: Decimal | None, base: str) -> list[NewLine]:
    """The lines of an entry; percentages of each side are rounded so that they add up to what is due."""
    shares: dict[str, list[Decimal]] = {}
    for side in ("debit", "credit"):
        weights = [given for line in lines if (given := getattr(line, f"{side}_percent")) is not None]
        if weights:
            if amount is None:
                raise InvalidRequest(
                    "The template has percentages, so say of which amount.",
                    errors=[FieldError("/amount", "required", "give the amount that is shared out")],
                )
            whole = round_money(amount * sum(weights) / 100, base)
            shares[side] = distribute(whole, weights, quantum(base))
    made = []
    for line in lines:
        side = "debit" if line.debit is not None or line.debit_percent is not None else "credit"
        fixed = getattr(line, side)
        value = fixed if fixed is not None else shares[side].pop(0)
        if value:
            fields = {"account": line.account, side: value, "text": line.text, "dimensions": line.dimensions}
            made.append(NewLine.model_validate(fields))
    return made


def _post(context: Context, template: Entry[JournalTemplate], company: Entry[Company], worked: _Worked) -> TemplateRun:
    """Stage the entry, its reversal where there is one, and the run."""
    first = len(context.work.events)
    data = worked.drafted.data
    document = written(context, company, worked.drafted)
    tell(context, JournalEntryCreated, document)
    issue(context, company, document, worked.drafted)
    context.work.link(template.id, document.id, "run")
    reversal = None
    if worked.reversed_on is not None:
        reason = f"Accrual of {data.date}"
        on = worked.reversed_on
        reversal, _ = take_back(context, company, document, data, worked.drafted.lines, on, reason)
    row = {
        "template_id": template.id,
        "due_date": worked.due,
        "document_id": document.id,
        "reversal_id": reversal.id if reversal else None,
    }
    context.work.append(_RUN, [row])
    return TemplateRun(
        template=template.ref,
        due_date=worked.due,
        status="posted",
        entry=Ref(id=document.id, code=str(document.number)),
        date=data.date,
        total=data.total,
        currency=data.currency,
        reversal=Ref(id=reversal.id, code=str(reversal.number)) if reversal else None,
        reversed_on=worked.reversed_on,
        events=[event.type for event, _ in context.work.events[first:]],
    )


def _as_before(template: Entry[JournalTemplate], row: Any) -> TemplateRun:
    return TemplateRun(
        template=template.ref,
        due_date=dt.date.fromisoformat(row.due_date),
        status="ran_before",
        entry=Ref(id=row.document_id, code=row.number),
        date=row.date,
        total=round_money(Decimal(row.total), row.currency),
        currency=row.currency,
        reversal=Ref(id=row.reversal_id, code=row.reversal) if row.reversal_id else None,
        reversed_on=row.reversed_on,
    )


def _next_month(on: dt.date) -> dt.date:
    return (on.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
