"""Tell what happened to a document."""

from bigledger.events import HistoryEntry, HistoryQuery, read_history
from bigledger.kernel import Context, Page, operation


@operation("GET /api/v1/documents/{id}/history")
def get_document_history(query: HistoryQuery, context: Context) -> Page[HistoryEntry]:
    """Tell who did what to a document and to the documents linked with it, and when; the newest comes last."""
    return read_history(query, context)
