"""Run the integrity checks."""

from bigledger.integrity import IntegrityReport, RunChecks, run
from bigledger.kernel import Context, UnknownReference, operation


@operation("POST /api/v1/integrity/checks/run", status=200, problems=[UnknownReference])
def run_checks(command: RunChecks, context: Context) -> IntegrityReport:
    """Check what must always hold of the books, and tell of each document and line where it does not."""
    return run(command, context)
