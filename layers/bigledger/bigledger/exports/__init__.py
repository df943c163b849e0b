"""Exports: everything of a tenant as files, a line per row, with a manifest of their hashes."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.exports import service
    from bigledger.exports.events import ExportAdvanced, ExportCompleted, ExportCreated
    from bigledger.exports.model import Export, ExportList, ExportReference, ExportSummary, NewExport
    from bigledger.exports.tables import LEFT_OUT, SECRET_TYPES
else:
    __getattr__ = face(__name__)

__all__ = [
    "LEFT_OUT",
    "SECRET_TYPES",
    "Export",
    "ExportAdvanced",
    "ExportCompleted",
    "ExportCreated",
    "ExportList",
    "ExportReference",
    "ExportSummary",
    "NewExport",
    "service",
]
