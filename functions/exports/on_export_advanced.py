"""Go on with an export."""

from bigledger.exports import ExportAdvanced, ExportCompleted, service
from bigledger.kernel import Context, subscriber


@subscriber(ExportAdvanced, emits=[ExportAdvanced, ExportCompleted], memory=1024, timeout=120, files=True)
def on_export_advanced(advanced: ExportAdvanced, context: Context) -> None:
    """Store the next part of an export's files; the last step tells that it is completed."""
    service.advance(advanced, context)
