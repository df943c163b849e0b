"""Make a report that was asked for."""

from bigledger.kernel import Context, subscriber
from bigledger.reporting import ReportFailed, ReportGenerated, ReportRequested, jobs


@subscriber(ReportRequested, emits=[ReportGenerated, ReportFailed], memory=1024, timeout=120, files=True)
def on_report_requested(requested: ReportRequested, context: Context) -> None:
    """Read the report, print it, and keep the file; a report that refuses is told as failed."""
    jobs.generate(requested, context)
