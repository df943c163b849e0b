"""Reporting: figures that are read from the ledgers and from projections of events."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.reporting import jobs, sales, schedules
    from bigledger.reporting.ageing import aged_payables, aged_receivables
    from bigledger.reporting.explained import ExplainQuery, Explanation
    from bigledger.reporting.explanation import explain
    from bigledger.reporting.general_ledger import GeneralLedger, general_ledger
    from bigledger.reporting.invoice_page import InvoicePage, PrintInvoice, invoice_page
    from bigledger.reporting.jobs import (
        NewReportJob,
        ReportFailed,
        ReportGenerated,
        ReportJob,
        ReportJobList,
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
        StockMovementsQuery,
        StockValuationQuery,
        TaxSummaryQuery,
    )
    from bigledger.reporting.sales_summary import sales_summary
    from bigledger.reporting.statement_page import PrintStatement, StatementPage, statement_page
    from bigledger.reporting.statements import balance_sheet_report, cash_flow_report, profit_loss_report
    from bigledger.reporting.stock_movements import StockMovements, stock_movements
    from bigledger.reporting.stock_valuation import StockValuation, stock_valuation
    from bigledger.reporting.tax_summary import tax_summary
    from bigledger.reporting.trial_balance import TrialBalance, TrialBalanceQuery, trial_balance
else:
    __getattr__ = face(__name__)

__all__ = [
    "AgeingQuery",
    "BalanceSheetQuery",
    "ExplainQuery",
    "Explanation",
    "GeneralLedger",
    "GeneralLedgerQuery",
    "InvoicePage",
    "KpiQuery",
    "Kpis",
    "NewReportJob",
    "PeriodQuery",
    "PrintInvoice",
    "PrintStatement",
    "Report",
    "ReportFailed",
    "ReportGenerated",
    "ReportJob",
    "ReportJobList",
    "ReportJobReference",
    "ReportRequested",
    "SalesSummaryQuery",
    "StatementPage",
    "StockMovements",
    "StockMovementsQuery",
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
    "invoice_page",
    "jobs",
    "kpis",
    "profit_loss_report",
    "sales",
    "sales_summary",
    "schedules",
    "statement_page",
    "stock_movements",
    "stock_valuation",
    "tax_summary",
    "trial_balance",
]
