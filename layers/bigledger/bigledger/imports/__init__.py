"""Imports: master data and documents from files, validated whole and brought in by chunks."""

from bigledger.imports import service
from bigledger.imports.checking import ImportRefused
from bigledger.imports.events import IMPORT_EVENTS, ImportAdvanced, ImportCompleted, ImportCreated
from bigledger.imports.kinds import KINDS
from bigledger.imports.model import Import, ImportReference, NewImport
from bigledger.imports.reading import Unit, read

__all__ = [
    "IMPORT_EVENTS",
    "KINDS",
    "Import",
    "ImportAdvanced",
    "ImportCompleted",
    "ImportCreated",
    "ImportReference",
    "ImportRefused",
    "NewImport",
    "Unit",
    "read",
    "service",
]
