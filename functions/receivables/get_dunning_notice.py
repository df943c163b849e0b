"""Read one dunning notice."""

from bigledger.kernel import Context, operation
from bigledger.receivables import DunningNotice, DunningNoticeReference, dunning


@operation("GET /api/v1/dunning-notices/{id}")
def get_dunning_notice(reference: DunningNoticeReference, context: Context) -> DunningNotice:
    """Read a dunning notice by its id or number, with the items it is about and the posting of its fee."""
    return dunning.get_notice(reference, context)
