"""Ask for an export of everything of the tenant."""

from bigledger.exports import Export, ExportCreated, NewExport, service
from bigledger.kernel import Context, operation


@operation("POST /api/v1/exports", emits=[ExportCreated], status=202)
def create_export(new: NewExport, context: Context) -> Export:
    """Export the whole tenant as files of JSON lines; ask for the export until it is completed."""
    return service.create(new, context)
