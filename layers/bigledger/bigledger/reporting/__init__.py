"""Reporting: figures that are read from the ledgers and from projections of events."""

from bigledger.reporting import sales
from bigledger.reporting.kpis import KpiQuery, Kpis, kpis

__all__ = ["KpiQuery", "Kpis", "kpis", "sales"]
