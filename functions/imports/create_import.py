"""Read and validate rows to import."""

from bigledger.imports import Import, ImportCreated, NewImport, service
from bigledger.kernel import Context, operation


@operation("POST /api/v1/imports", emits=[ImportCreated], memory=1024)
def create_import(new: NewImport, context: Context) -> Import:
    """Check every row and tell all errors at once. The permission to create what is imported is needed as well."""
    return service.create(new, context)
