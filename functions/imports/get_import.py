"""Show an import."""

from bigledger.imports import Import, ImportReference, service
from bigledger.kernel import Context, operation


@operation("GET /api/v1/imports/{id}")
def get_import(reference: ImportReference, context: Context) -> Import:
    """How far an import has come, and what was wrong in it."""
    return service.get(reference, context)
