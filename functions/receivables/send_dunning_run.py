"""Send the letters of a dunning run."""

from bigledger.kernel import Conflict, Context, StaleVersion, operation
from bigledger.receivables import DunningRun, DunningRunSent, DunningSent, SendDunningRun, dunning


@operation(
    "POST /api/v1/dunning-runs/{id}/send",
    status=200,
    emits=[DunningRunSent, DunningSent],
    problems=[Conflict, StaleVersion],
)
def send_dunning_run(command: SendDunningRun, context: Context) -> DunningRun:
    """Mark the letters of a run as sent; each is told with all that it says, for whoever delivers it."""
    return dunning.send(command, context)
