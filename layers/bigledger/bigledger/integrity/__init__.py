"""Integrity: what must always hold of the books, stock, documents and events, each stated as one check."""

from bigledger.integrity.checks import CHECKS
from bigledger.integrity.model import Check, CheckResult, Evidence, IntegrityReport, RunChecks
from bigledger.integrity.running import run

__all__ = ["CHECKS", "Check", "CheckResult", "Evidence", "IntegrityReport", "RunChecks", "run"]
