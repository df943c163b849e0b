"""Reporting: figures that are read from the ledgers and from projections of events."""

from bigledger.reporting import jobs, sales, schedules
from bigledger.reporting.ageing import aged_payables, aged_receivables
from bigledger.reporting.explained import ExplainQuery, Explanation
from bigledger.reporting.explanation import explain
from bigledger.reporting.general_ledger import GeneralLedger, general_ledger
from bigledger.reporting.jobs import (
    NewReportJob,
    ReportFailed,
    ReportGenerated,
    ReportJob,
    ReportJobReference,
    ReportRequested,
)
from bigledger.reporting.kpis import KpiQuery, Kpis, kpis
from bigledger.reporting.model import Report
from bigledger.reporting.queries import (
    AgeingQuery,
    BalanceSheetQuery,
    GeneralLedgerQuery,
    PeriodQuery,
    SalesSummaryQuery,
    StockValuationQuery,
    TaxSummaryQuery,
)
from bigledger.reporting.sales_summary import sales_summary
from bigledger.reporting.statements import balance_sheet_report, cash_flow_report, profit_loss_report
from bigledger.reporting.stock_valuation import StockValuation, stock_valuation
from bigledger.reporting.tax_summary import tax_summary
from bigledger.reporting.trial_balance import TrialBalance, TrialBalanceQuery, trial_balance

__all__ = [
    "AgeingQuery",
    "BalanceSheetQuery",
    "ExplainQuery",
    "Explanation",
    "GeneralLedger",
    "GeneralLedgerQuery",
    "KpiQuery",
    "Kpis",
    "NewReportJob",
    "PeriodQuery",
    "Report",
    "ReportFailed",
    "ReportGenerated",
    "ReportJob",
    "ReportJobReference",
    "ReportRequested",
    "SalesSummaryQuery",
    "StockValuation",
    "StockValuationQuery",
    "TaxSummaryQuery",
    "TrialBalance",
    "TrialBalanceQuery",
    "aged_payables",
    "aged_receivables",
    "balance_sheet_report",
    "cash_flow_report",
    "explain",
    "general_ledger",
    "jobs",
    "kpis",
    "profit_loss_report",
    "sales",
    "sales_summary",
    "schedules",
    "stock_valuation",
    "tax_summary",
    "trial_balance",
]
