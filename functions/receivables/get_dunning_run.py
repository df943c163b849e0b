"""Read one dunning run."""

from bigledger.kernel import Context, operation
from bigledger.receivables import DunningRun, DunningRunReference, dunning


@operation("GET /api/v1/dunning-runs/{id}")
def get_dunning_run(reference: DunningRunReference, context: Context) -> DunningRun:
    """Read a dunning run by its id, with the letters it made."""
    return dunning.get(reference, context)
