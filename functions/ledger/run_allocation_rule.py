"""Spread what accounts came to in a period, by the weights of a rule."""

from bigledger.kernel import Context, operation
from bigledger.ledger import (
    AllocationPosted,
    AllocationRun,
    JournalEntryCreated,
    JournalEntryPosted,
    PeriodClosed,
    RunAllocationRule,
    TooManyShares,
    allocations,
)


@operation(
    "POST /api/v1/allocation-rules/{id}/run",
    emits=[JournalEntryCreated, JournalEntryPosted, AllocationPosted],
    problems=[PeriodClosed, TooManyShares],
    key_required=True,
)
def run_allocation_rule(command: RunAllocationRule, context: Context) -> AllocationRun:
    """Run an allocation rule over a period; what it allocated before is not allocated again."""
    return allocations.run(command, context)
