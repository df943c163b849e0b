"""Bring a chart of accounts in."""

from bigledger.kernel import Context, operation
from bigledger.records import RESOURCES, ImportChart, ImportedChart, import_accounts


@operation("POST /api/v1/accounts/import-template", emits=[RESOURCES["accounts"].created])
def import_chart(command: ImportChart, context: Context) -> ImportedChart:
    """Create the accounts of a template that are missing, or those that are given, all or none."""
    return import_accounts(command, context)
