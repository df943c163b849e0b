"""Reports as background work: asked for or due by a schedule, made as a file, and kept in the object store.

A job is made once: what its subscriber stored stands in one place, and the job is completed in the transaction that
tells of it. A report that refuses, such as for a company that is archived, makes a job that failed, with the reason.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError, model_validator

from bigledger.kernel import (
    Answer,
    Command,
    Content,
    Context,
    Document,
    Event,
    FieldError,
    Filter,
    InvalidRequest,
    ListQuery,
    NotFound,
    Page,
    Problem,
    Reference,
    documents,
    event,
    files,
    listing,
    permissions,
)
from bigledger.kernel.intake import field_errors
from bigledger.records import ReportFormat, ReportName, ReportParameters, check_format
from bigledger.reporting.ageing import aged_payables, aged_receivables
from bigledger.reporting.general_ledger import GeneralLedger, general_ledger
from bigledger.reporting.job_progress import PROGRESS, Progress, Teller, progress_of
from bigledger.reporting.kpis import KpiQuery, kpis
from bigledger.reporting.model import Report
from bigledger.reporting.queries import (
    AgeingQuery,
    BalanceSheetQuery,
    GeneralLedgerQuery,
    PeriodQuery,
    SalesSummaryQuery,
    StockMovementsQuery,
    StockValuationQuery,
    TaxSummaryQuery,
)
from bigledger.reporting.sales_summary import sales_summary
from bigledger.reporting.statements import balance_sheet_report, cash_flow_report, profit_loss_report
from bigledger.reporting.stock_movements import StockMovements, stock_movements
from bigledger.reporting.stock_valuation import StockValuation, stock_valuation
from bigledger.reporting.tax_summary import tax_summary
from bigledger.reporting.trial_balance import TrialBalance, TrialBalanceQuery, trial_balance

TYPE = "report_job"

MOST_OF_A_PAGE = 200
"""How many rows of a report that comes in pages are read at once."""

MOST_ROWS = 20_000
"""About how many rows the file of such a report may have."""


_ONE = f"""
    SELECT {documents.AS_JSON}::text AS document, {PROGRESS} AS progress
    FROM kernel.document d WHERE d.type = '{TYPE}' AND d.id = cast(:id AS uuid)
"""


@dataclass(frozen=True, slots=True)
class Printable:
    """A report that a job can make: what it takes, and the function that reads it."""

    query: type[Command]
    read: Callable[[Any, Context], Answer]

    @property
    def of_a_day(self) -> bool:
        """Whether it is as of a day, and not over days."""
        return "as_of" in self.query.model_fields


_InPages = GeneralLedger | StockMovements | StockValuation


PRINTABLE: Mapping[ReportName, Printable] = {
    "aged-payables": Printable(AgeingQuery, aged_payables),
    "aged-receivables": Printable(AgeingQuery, aged_receivables),
    "balance-sheet": Printable(BalanceSheetQuery, balance_sheet_report),
    "cash-flow": Printable(PeriodQuery, cash_flow_report),
    "general-ledger": Printable(GeneralLedgerQuery, general_ledger),
    "kpis": Printable(KpiQuery, kpis),
    "profit-loss": Printable(PeriodQuery, profit_loss_report),
    "sales-summary": Printable(SalesSummaryQuery, sales_summary),
    "stock-movements": Printable(StockMovementsQuery, stock_movements),
    "stock-valuation": Printable(StockValuationQuery, stock_valuation),
    "tax-summary": Printable(TaxSummaryQuery, tax_summary),
    "trial-balance": Printable(TrialBalanceQuery, trial_balance),
}
"""Every report by its name."""


class NewReportJob(Command):
    """A report to be made as a file. ``parameters`` are those of the report's own operation, by the same names."""

    report: ReportName
    format: ReportFormat = "pdf"
    parameters: ReportParameters = {}

    @model_validator(mode="after")
    def _has_format(self) -> "NewReportJob":
        check_format(self.report, self.format)
        return self


class ReportJobReference(Command):
    """Names a report job by its id."""

    id: Reference


class ReportJobData(BaseModel):
    """What is stored of a job: what was asked for, by which schedule for which day, and what came of it."""

    report: ReportName
    format: ReportFormat
    parameters: dict[str, str]
    schedule: str | None = None
    due_on: dt.date | None = None
    file: str | None = None
    media_type: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    rows: int | None = None
    code: str | None = None
    detail: str | None = None


class ReportJobList(ListQuery):
    """Which report jobs to list."""

    allowed_filters = {"status": Filter("status")}


class ReportFile(Answer):
    """A report's file; ``url`` opens it for some minutes, for whoever may read the report."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    url: str | None = None


class ReportFailure(Answer):
    """Why there is no report: the code and the words that its own operation would have answered."""

    code: str
    detail: str


class ReportJob(Answer):
    """A report job. ``status``: ``queued``, ``completed`` or ``failed``; ``progress`` is in percent.

    ``phase`` tells what is done while it is queued: it is ``waiting``, its rows are ``reading`` (``rows_done`` so far)
    or ``writing`` into the file (``rows_done`` of ``rows_total``, of which ``progress`` is the share).
    """

    id: UUID
    status: Literal["queued", "completed", "failed"]
    version: int
    progress: int
    phase: Literal["waiting", "reading", "writing"] | None = None
    rows_done: int = 0
    rows_total: int | None = None
    report: ReportName
    format: ReportFormat
    parameters: dict[str, str]
    schedule: str | None = None
    due_on: dt.date | None = None
    file: ReportFile | None = None
    failure: ReportFailure | None = None
    events: list[str] = []
    links: dict[str, str]


class ReportJobFact(Event):
    """A report job at the moment of the event."""

    id: UUID
    report: str
    format: str
    parameters: dict[str, str]
    schedule: str | None = None
    due_on: dt.date | None = None


@event("report.requested")
class ReportRequested(ReportJobFact):
    """A report was asked for, or is due by a schedule."""


@event("report.generated")
class ReportGenerated(ReportJobFact):
    """A report's file is stored."""

    file: str
    bytes: int
    sha256: str


@event("report.failed")
class ReportFailed(ReportJobFact):
    """A report could not be made, and will not be without somebody's doing."""

    code: str
    detail: str


def create(new: NewReportJob, context: Context) -> ReportJob:
    """Ask for a report. Raises InvalidRequest for parameters that it does not take, and Forbidden."""
    permissions.require(context.actor, permission(new.report))
    query_of(new.report, new.format, new.parameters)
    document = start(ReportJobData(**new.model_dump()), None, context)
    return _answer(document, context)


def start(data: ReportJobData, number: str | None, context: Context) -> Document:
    """Stage a job and the event that gets it done. A number is given once."""
    stored = Document(context.new_id(), TYPE, "queued", data, number=number, date=data.due_on)
    document = documents.create(context, stored)
    context.emit(ReportRequested(**_told(document)), document)
    return document


def get(reference: ReportJobReference, context: Context) -> ReportJob:
    """One job, how far it has come, and a link to its file once there is one; one statement. Raises NotFound."""
    if documents.is_id(reference.id):
        for row in context.work.read(_ONE, id=reference.id):
            return _answer(documents.from_json(orjson.loads(row.document)), context, progress_of(row.progress))
    raise NotFound(f"There is no report job {reference.id}.")


def list_all(query: ReportJobList, context: Context) -> Page[ReportJob]:
    """A page of jobs, newest first; each job by itself has the link to its file."""
    found, following = listing.page(context, TYPE, query, beside=PROGRESS)
    jobs = [_answer(one.document, context, progress_of(one.beside), linked=False) for one in found]
    return Page[ReportJob](data=jobs, next_cursor=following)


def generate(requested: ReportRequested, context: Context) -> None:
    """Make the file of a job and store it; a job that is done is not done again. Raises what the store raises."""
    document = documents.get(context, TYPE, str(requested.id))
    data = document.read(ReportJobData)
    if document.status != "queued":
        return
    try:
        content, rows = _content(data, context, Teller(context.tenant.id, context.now, document.id))
    except Problem as refusal:
        reason: dict[str, Any] = {"code": refusal.code(), "detail": refusal.detail}
        documents.change(context, document, data=data.model_copy(update=reason), status="failed")
        context.emit(ReportFailed(**_told(document), **reason), document)
        return
    files.put(_key(document, content.name, context), content.data, content.media_type)
    made: dict[str, Any] = {
        "file": content.name,
        "bytes": len(content.data),
        "sha256": hashlib.sha256(content.data).hexdigest(),
    }
    stored = data.model_copy(update={**made, "media_type": content.media_type, "rows": rows})
    documents.change(context, document, data=stored, status="completed")
    context.emit(ReportGenerated(**_told(document), **made), document)


def query_of(report: ReportName, format: ReportFormat, parameters: Mapping[str, str]) -> Command:
    """What the report is asked. Raises InvalidRequest with a pointer to each parameter that is wrong."""
    asked = PRINTABLE[report].query
    own = {"format": format} if "format" in asked.model_fields else {}
    try:
        if "format" in parameters:
            raise InvalidRequest(
                "The format stands beside the parameters.",
                errors=[FieldError("/parameters/format", "unknown_field", "give it as format, beside the parameters")],
            )
        return asked.model_validate({**parameters, **own})
    except ValidationError as error:
        errors = [
            FieldError(f"/parameters{one['pointer']}", one["code"], one["message"]) for one in field_errors(error)
        ]
        raise InvalidRequest("The report takes other parameters; each is pointed at.", errors=errors) from error


def permission(report: ReportName) -> str:
    """What who asks for a report must be allowed: to read it."""
    return f"reporting.get_{report.replace('-', '_')}"


def _content(data: ReportJobData, context: Context, teller: Teller) -> tuple[Content, int]:
    """The file of a report and how many rows it has."""
    answer = _whole(data, context, teller)
    printed = answer.printed if isinstance(answer, TrialBalance) else answer
    if data.format == "json" or not isinstance(printed, Report):
        return Content("application/json", answer.as_json().encode(), f"{data.report}.json"), 0
    from bigledger.reporting import printing

    rows = printing.rows_of(printed, data.format, context.now)
    teller.writing(rows)
    return printing.report(printed, data.format, context.now, teller.written), rows


def _whole(data: ReportJobData, context: Context, teller: Teller) -> Answer:
    """The report with all its pages; with the one that was asked for, where the parameters name a page.

    Raises InvalidRequest for one that is longer than a file may be.
    """
    query = query_of(data.report, data.format, data.parameters)
    read = PRINTABLE[data.report].read
    if "cursor" not in PRINTABLE[data.report].query.model_fields or {"limit", "cursor"} & data.parameters.keys():
        return read(query, context)
    first = cast(_InPages, read(query.model_copy(update={"limit": MOST_OF_A_PAGE}), context))
    later: list[Any] = []
    rows, following = MOST_OF_A_PAGE, first.next_cursor
    while following is not None:
        if rows >= MOST_ROWS:
            raise InvalidRequest(
                f"The report has more than {MOST_ROWS} rows. Ask for fewer days, accounts or products, or page by page."
            )
        later.append(read(query.model_copy(update={"limit": MOST_OF_A_PAGE, "cursor": following}), context))
        following = later[-1].next_cursor
        rows += MOST_OF_A_PAGE
        teller.read(rows)
    return first.joined(later) if later else first


def _told(document: Document) -> dict[str, Any]:
    data = document.read(ReportJobData)
    return {"id": document.id, **data.model_dump(include={"report", "format", "parameters", "schedule", "due_on"})}


def _key(document: Document, name: str, context: Context) -> str:
    return files.key_of(context.tenant.id, "reports", str(document.id), name)


def _answer(document: Document, context: Context, progress: Progress | None = None, linked: bool = True) -> ReportJob:
    data = document.read(ReportJobData)
    queued = document.status == "queued"
    file = None
    if data.file is not None:
        may = linked and permissions.allowed(context.actor.permissions, permission(data.report))
        file = ReportFile(
            name=data.file,
            media_type=str(data.media_type),
            bytes=data.bytes or 0,
            sha256=str(data.sha256),
            url=files.link(_key(document, data.file, context), data.file) if may else None,
        )
    return ReportJob(
        id=document.id,
        status=cast(Literal["queued", "completed", "failed"], document.status),
        version=document.version,
        progress=100 if not queued else progress.percent if progress else 0,
        phase=None if not queued else progress.phase if progress else "waiting",
        rows_done=(progress.rows_done if progress else 0) if queued else data.rows or 0,
        rows_total=(progress.rows_total if progress else None) if queued else data.rows,
        report=data.report,
        format=data.format,
        parameters=data.parameters,
        schedule=data.schedule,
        due_on=data.due_on,
        file=file,
        failure=ReportFailure(code=data.code, detail=str(data.detail)) if data.code else None,
        events=[one.type for one, subject in context.work.events if subject is document],
        links={"self": f"/api/v1/report-jobs/{document.id}"},
    )
