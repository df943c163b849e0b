"""Show an export."""

from bigledger.exports import Export, ExportReference, service
from bigledger.kernel import Context, operation


@operation("GET /api/v1/exports/{id}", files=True)
def get_export(reference: ExportReference, context: Context) -> Export:
    """How far an export has come, and links to its files for those who may make exports."""
    return service.get(reference, context)
