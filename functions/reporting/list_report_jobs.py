"""List report jobs."""

from bigledger.kernel import Context, Page, operation
from bigledger.reporting import ReportJob, ReportJobList, jobs


@operation("GET /api/v1/report-jobs")
def list_report_jobs(query: ReportJobList, context: Context) -> Page[ReportJob]:
    """List the reports that were asked for, the newest first, and how far each has come."""
    return jobs.list_all(query, context)
