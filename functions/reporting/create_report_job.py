"""Ask for a report as a file."""

from bigledger.kernel import Context, operation
from bigledger.reporting import NewReportJob, ReportJob, ReportRequested, jobs


@operation("POST /api/v1/report-jobs", emits=[ReportRequested], status=202)
def create_report_job(new: NewReportJob, context: Context) -> ReportJob:
    """Have a report made as CSV, XLSX, PDF or JSON; ask for the job until it is completed."""
    return jobs.create(new, context)
