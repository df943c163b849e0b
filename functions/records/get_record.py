"""Read one record of master data."""

from bigledger.kernel import Context, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.records import Record, RecordReference, get


@operation("GET /api/v1/{resource}/{id}", permission=SIGNED_IN)
def get_record(reference: RecordReference, context: Context) -> Record:
    """Read a record by its id or code; archived records too."""
    return get(reference, context)
