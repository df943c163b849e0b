"""Send many requests as one."""

from pathlib import Path

from bigledger.imports import Bulk, BulkRefused, NewBulk, bulk
from bigledger.kernel import Context, operation

FUNCTIONS = Path(__file__).resolve().parents[1]
"""The folder with the operations of all modules, which is deployed with this one."""


@operation("POST /api/v1/bulk", problems=[BulkRefused], tenant="items", status=200, memory=1769)
def execute_bulk(new: NewBulk, context: Context) -> Bulk:
    """Do up to 1,000 requests in order, each as if it came alone, or all of them or none.

    Every item goes through the whole of its operation: its permission, its key, its rules, its events.
    """
    return bulk.execute(new, FUNCTIONS, context)
