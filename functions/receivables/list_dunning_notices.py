"""List dunning notices."""

from bigledger.kernel import Context, Page, operation
from bigledger.receivables import DunningNoticeList, DunningNoticeSummary, dunning


@operation("GET /api/v1/dunning-notices")
def list_dunning_notices(query: DunningNoticeList, context: Context) -> Page[DunningNoticeSummary]:
    """List dunning notices by status, customer and date, newest first unless sorted."""
    return dunning.list_notices(query, context)
