"""Begin an export that was asked for."""

from bigledger.exports import ExportAdvanced, ExportCompleted, ExportCreated, service
from bigledger.kernel import Context, subscriber


@subscriber(ExportCreated, emits=[ExportAdvanced, ExportCompleted], memory=1024, timeout=120, files=True)
def on_export_created(created: ExportCreated, context: Context) -> None:
    """Find out what there is to export, and store the first of it."""
    service.advance(created, context)
