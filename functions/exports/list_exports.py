"""List exports."""

from bigledger.exports import ExportList, ExportSummary, service
from bigledger.kernel import Context, Page, operation


@operation("GET /api/v1/exports")
def list_exports(query: ExportList, context: Context) -> Page[ExportSummary]:
    """List the exports that were asked for, the newest first, and how far each has come."""
    return service.list_all(query, context)
