"""Tell who changed what."""

from bigledger.events import AuditEntry, AuditLogQuery, read_audit_log
from bigledger.kernel import Context, Page, UnknownReference, operation


@operation("GET /api/v1/audit-log", problems=[UnknownReference])
def get_audit_log(query: AuditLogQuery, context: Context) -> Page[AuditEntry]:
    """Tell every change that was made, with what stood before and after, by whom, when and why; the newest last.

    ``fiscal_year`` asks for those of the documents dated in it; ``from`` and ``to`` for those made on these days.
    """
    return read_audit_log(query, context)
