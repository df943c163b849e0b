"""Exports: everything of a tenant as files, a line per row, with a manifest of their hashes."""

from bigledger.exports import service
from bigledger.exports.events import ExportAdvanced, ExportCompleted, ExportCreated
from bigledger.exports.model import Export, ExportReference, NewExport
from bigledger.exports.tables import LEFT_OUT, SECRET_TYPES

__all__ = [
    "LEFT_OUT",
    "SECRET_TYPES",
    "Export",
    "ExportAdvanced",
    "ExportCompleted",
    "ExportCreated",
    "ExportReference",
    "NewExport",
    "service",
]
