"""Master data: typed records that people know by a code, behind five generic operations."""

from typing import TYPE_CHECKING

from bigledger.kernel.faces import face

if TYPE_CHECKING:
    from bigledger.records.accounts import Account, Area, FiscalYear, NumberSeries, Period
    from bigledger.records.approval_rules import ApprovalRule
    from bigledger.records.banks import BankDetails
    from bigledger.records.bulk import create_all, prepared
    from bigledger.records.chart_import import ImportChart, ImportedChart, import_accounts
    from bigledger.records.charts import general_chart
    from bigledger.records.checks import SeriesExists
    from bigledger.records.companies import (
        Company,
        CompanyAccounts,
        CompanyPolicies,
        DeferralMethod,
        RoundedTotal,
        Timezone,
    )
    from bigledger.records.dimensions import (
        Dimension,
        Dimensions,
        DimensionValue,
        account_defaults,
        coded,
        dimension_errors,
    )
    from bigledger.records.dunning import DunningLevel, DunningProcedure
    from bigledger.records.events import Change
    from bigledger.records.parties import Address, Customer, Email, Supplier
    from bigledger.records.payment_methods import PaymentMethod
    from bigledger.records.prices import list_price, sales_price, with_scale
    from bigledger.records.products import Location, PriceList, Product, Unit
    from bigledger.records.recurring import RecurringInvoice, due_days
    from bigledger.records.references import by_reference, named
    from bigledger.records.registry import RECORD_EVENTS, RESOURCES, FiscalYearUpdated, Resource
    from bigledger.records.report_schedules import (
        RelativePeriod,
        ReportFormat,
        ReportName,
        ReportParameters,
        ReportSchedule,
        check_format,
        days_of,
    )
    from bigledger.records.rules import RecordInUse
    from bigledger.records.sales import (
        SALE_FIELDS,
        SALE_TABLES,
        Known,
        Sale,
        active_named,
        by_codes_and_ids,
        read_sale,
        sale_parameters,
    )
    from bigledger.records.service import (
        CodeTaken,
        FiscalYearsOverlap,
        NewRecord,
        Record,
        RecordChange,
        RecordList,
        RecordReference,
        archive,
        changed_record,
        create,
        get,
        list_all,
        update,
    )
    from bigledger.records.setup import (
        company_of,
        decimals_error,
        fiscal_year_start,
        is_open,
        next_open_day,
        number_for,
    )
    from bigledger.records.standing import AllocationRule, AllocationSource, JournalTemplate, Recurrence, TemplateLine
    from bigledger.records.taxes import Exemption, Jurisdiction, ReturnBox, Tax, TaxedDocument, TaxPolicy, TaxRule
    from bigledger.records.terms import Delay, EarlyDiscount, Instalment, PaymentTerm
    from bigledger.records.withholding import ReducedWithholding, WithholdingThreshold
else:
    __getattr__ = face(__name__)
    __getattr__("RESOURCES")  # a tenant's set-up is read as one: what belongs to it is known from the start

__all__ = [
    "active_named",
    "check_format",
    "fiscal_year_start",
    "RECORD_EVENTS",
    "RESOURCES",
    "SALE_FIELDS",
    "SALE_TABLES",
    "Account",
    "Address",
    "AllocationRule",
    "AllocationSource",
    "ApprovalRule",
    "Area",
    "BankDetails",
    "Change",
    "CodeTaken",
    "Company",
    "CompanyAccounts",
    "CompanyPolicies",
    "DeferralMethod",
    "Customer",
    "Delay",
    "Dimension",
    "DimensionValue",
    "Dimensions",
    "DunningLevel",
    "DunningProcedure",
    "EarlyDiscount",
    "Email",
    "Exemption",
    "FiscalYear",
    "FiscalYearUpdated",
    "FiscalYearsOverlap",
    "ImportChart",
    "ImportedChart",
    "Instalment",
    "JournalTemplate",
    "Jurisdiction",
    "Known",
    "Location",
    "NewRecord",
    "NumberSeries",
    "PaymentMethod",
    "PaymentTerm",
    "Period",
    "PriceList",
    "Product",
    "Record",
    "RecordChange",
    "RecordInUse",
    "RecordList",
    "RecordReference",
    "Recurrence",
    "RecurringInvoice",
    "RelativePeriod",
    "ReportFormat",
    "ReportName",
    "ReportParameters",
    "ReportSchedule",
    "Resource",
    "ReturnBox",
    "RoundedTotal",
    "Sale",
    "SeriesExists",
    "Supplier",
    "Tax",
    "TaxPolicy",
    "TaxRule",
    "TaxedDocument",
    "TemplateLine",
    "Timezone",
    "Unit",
    "account_defaults",
    "archive",
    "by_codes_and_ids",
    "by_reference",
    "changed_record",
    "coded",
    "company_of",
    "create",
    "create_all",
    "days_of",
    "decimals_error",
    "dimension_errors",
    "due_days",
    "general_chart",
    "get",
    "import_accounts",
    "is_open",
    "list_all",
    "list_price",
    "named",
    "next_open_day",
    "number_for",
    "prepared",
    "read_sale",
    "sale_parameters",
    "sales_price",
    "update",
    "with_scale",
    "ReducedWithholding",
    "WithholdingThreshold",
]
