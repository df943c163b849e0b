"""Show a report job."""

from bigledger.kernel import Context, operation
from bigledger.reporting import ReportJob, ReportJobReference, jobs


@operation("GET /api/v1/report-jobs/{id}", files=True)
def get_report_job(reference: ReportJobReference, context: Context) -> ReportJob:
    """Whether a report is made, and a link to its file for those who may read it."""
    return jobs.get(reference, context)
