"""Imports: master data and documents from files, validated whole and brought in by chunks."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.imports import bulk, service
    from bigledger.imports.bulk_model import Bulk, NewBulk
    from bigledger.imports.checking import ImportRefused
    from bigledger.imports.events import IMPORT_EVENTS, ImportAdvanced, ImportCompleted, ImportCreated
    from bigledger.imports.kinds import KINDS
    from bigledger.imports.model import Import, ImportReference, NewImport
    from bigledger.kernel.bulk_items import BulkRefused
else:
    __getattr__ = face(__name__)

__all__ = [
    "IMPORT_EVENTS",
    "KINDS",
    "Bulk",
    "BulkRefused",
    "Import",
    "ImportAdvanced",
    "ImportCompleted",
    "ImportCreated",
    "ImportReference",
    "ImportRefused",
    "NewBulk",
    "NewImport",
    "bulk",
    "service",
]
