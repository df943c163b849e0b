"""Integrity: what must always hold of the books, stock, documents and events, each stated as one check."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.integrity.checks import CHECKS
    from bigledger.integrity.model import Evidence, IntegrityReport, RunChecks
    from bigledger.integrity.running import run
else:
    __getattr__ = face(__name__)

__all__ = ["CHECKS", "Evidence", "IntegrityReport", "RunChecks", "run"]
