"""List the records of a resource."""

from bigledger.kernel import Context, Page, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.records import Record, RecordList, list_all


@operation("GET /api/v1/{resource}", permission=SIGNED_IN)
def list_records(query: RecordList, context: Context) -> Page[Record]:
    """List records, the newest first; archived ones when the status filter asks for them."""
    return list_all(query, context)
