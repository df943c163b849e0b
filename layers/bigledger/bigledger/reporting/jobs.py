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

from pydantic import BaseModel, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import (
    Answer,
    Command,
    Content,
    Context,
    Document,
    Event,
    FieldError,
    InvalidRequest,
    NotFound,
    Problem,
    Reference,
    documents,
    event,
    files,
    permissions,
)
from bigledger.kernel.intake import field_errors
from bigledger.records import ReportFormat, ReportName, ReportParameters
from bigledger.reporting.ageing import aged_payables, aged_receivables
from bigledger.reporting.general_ledger import general_ledger
from bigledger.reporting.kpis import KpiQuery, kpis
from bigledger.reporting.queries import (
    AgeingQuery,
    BalanceSheetQuery,
    GeneralLedgerQuery,
    PeriodQuery,
    SalesSummaryQuery,
    StockValuationQuery,
    TaxSummaryQuery,
)
from bigledger.reporting.sales_summary import sales_summary
from bigledger.reporting.statements import balance_sheet_report, cash_flow_report, profit_loss_report
from bigledger.reporting.stock_valuation import stock_valuation
from bigledger.reporting.tax_summary import tax_summary
from bigledger.reporting.trial_balance import TrialBalanceQuery, trial_balance

TYPE = "report_job"


@dataclass(frozen=True, slots=True)
class Printable:
    """A report that a job can make: what it takes, and the function that reads it."""

    query: type[Command]
    read: Callable[[Any, Context], Answer]

    @property
    def of_a_day(self) -> bool:
        """Whether it is as of a day, and not over days."""
        return "as_of" in self.query.model_fields


PRINTABLE: Mapping[ReportName, Printable] = {
    "aged-payables": Printable(AgeingQuery, aged_payables),
    "aged-receivables": Printable(AgeingQuery, aged_receivables),
    "balance-sheet": Printable(BalanceSheetQuery, balance_sheet_report),
    "cash-flow": Printable(PeriodQuery, cash_flow_report),
    "general-ledger": Printable(GeneralLedgerQuery, general_ledger),
    "kpis": Printable(KpiQuery, kpis),
    "profit-loss": Printable(PeriodQuery, profit_loss_report),
    "sales-summary": Printable(SalesSummaryQuery, sales_summary),
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
        if self.report == "kpis" and self.format != "json":
            raise PydanticCustomError("no_such_format", "the key figures come as json only")
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
    code: str | None = None
    detail: str | None = None


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
    """A report job. ``status``: ``queued``, ``completed`` or ``failed``; ``progress`` is in percent."""

    id: UUID
    status: Literal["queued", "completed", "failed"]
    version: int
    progress: int
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
    """One job, and a link to its file once there is one. Raises NotFound."""
    if not documents.is_id(reference.id):
        raise NotFound(f"There is no report job {reference.id}.")
    return _answer(documents.get(context, TYPE, reference.id), context)


def generate(requested: ReportRequested, context: Context) -> None:
    """Make the file of a job and store it; a job that is done is not done again. Raises what the store raises."""
    document = documents.get(context, TYPE, str(requested.id))
    data = document.read(ReportJobData)
    if document.status != "queued":
        return
    try:
        content = _content(data, context)
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
    stored = data.model_copy(update={**made, "media_type": content.media_type})
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


def _content(data: ReportJobData, context: Context) -> Content:
    answer = PRINTABLE[data.report].read(query_of(data.report, data.format, data.parameters), context)
    content = answer.as_file()
    return content or Content("application/json", answer.as_json().encode(), f"{data.report}.json")


def _told(document: Document) -> dict[str, Any]:
    data = document.read(ReportJobData)
    return {"id": document.id, **data.model_dump(include={"report", "format", "parameters", "schedule", "due_on"})}


def _key(document: Document, name: str, context: Context) -> str:
    return files.key_of(context.tenant.id, "reports", str(document.id), name)


def _answer(document: Document, context: Context) -> ReportJob:
    data = document.read(ReportJobData)
    file = None
    if data.file is not None:
        may = permissions.allowed(context.actor.permissions, permission(data.report))
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
        progress=0 if document.status == "queued" else 100,
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
