"""Ask for the reports that are due, by the clock."""

from bigledger.kernel import schedule
from bigledger.kernel.tenants import Swept, for_each_tenant
from bigledger.reporting import schedules


@schedule("rate(1 hour)", timeout=600)
def start_scheduled_reports() -> Swept:
    """Ask in every tenant for what its report schedules are due for, each day once."""
    return for_each_tenant("reporting.start_scheduled_reports", schedules.start_due, schedules.PER_TRANSACTION)
