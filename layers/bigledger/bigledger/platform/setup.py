"""What a new tenant starts with: units, a location, payment terms, number series, fiscal years and roles."""

from datetime import date, timedelta

from bigledger.platform.roles import RoleData
from bigledger.records import FiscalYear, Instalment, Location, NumberSeries, PaymentTerm, Unit

UNITS = (
    Unit(code="EA", name="Each"),
    Unit.model_validate({"code": "DOZEN", "name": "Dozen", "factor": 12}),
    Unit(code="KG", name="Kilogram", dimension="mass", decimals=3),
    Unit(code="L", name="Litre", dimension="volume", decimals=3),
    Unit(code="M", name="Metre", dimension="length", decimals=3),
    Unit(code="HOUR", name="Hour", dimension="time", decimals=2),
)

LOCATIONS = (Location(code="MAIN", name="Main warehouse"),)

PAYMENT_TERMS = (
    PaymentTerm(code="IMMEDIATE", name="Due immediately", instalments=[Instalment()]),
    PaymentTerm(code="NET15", name="15 days", instalments=[Instalment(days=15)]),
    PaymentTerm(code="NET30", name="30 days", instalments=[Instalment(days=30)]),
    PaymentTerm(code="NET60", name="60 days", instalments=[Instalment(days=60)]),
    PaymentTerm(
        code="EOM30", name="30 days from the end of the month", instalments=[Instalment(after="end_of_month", days=30)]
    ),
)

SERIES_PREFIXES = {
    "invoice": "INV",
    "credit_note": "CN",
    "debit_note": "DN",
    "payment": "PAY",
    "refund": "REF",
    "write_off": "WO",
    "dunning_notice": "DUN",
    "bill": "BILL",
    "supplier_credit": "SC",
    "supplier_payment": "SPAY",
    "payment_run": "RUN",
    "expense_claim": "EXP",
    "withholding_certificate": "WHT",
    "contra_settlement": "CON",
    "journal_entry": "JE",
    "deferral_schedule": "DEF",
    "revaluation": "REV",
    "tax_return": "TAX",
    "stock_receipt": "SR",
}
"""The document types that are numbered from the start, and the prefix of each: INV-2026-000001."""

ROLES = (
    RoleData(code="admin", name="Administrator", permissions=["*"]),
    RoleData(
        code="accountant",
        name="Accountant",
        permissions=[
            "ledger.*",
            "receivables.*",
            "payables.*",
            "currency.*",
            "tax.*",
            "records.*",
            "reporting.*",
            "imports.*",
            "*.get_*",
            "*.list_*",
        ],
    ),
    RoleData(
        code="sales",
        name="Sales",
        permissions=[
            "receivables.create_invoice",
            "receivables.update_invoice",
            "receivables.issue_invoice",
            "receivables.send_invoice",
            "reporting.get_invoice_pdf",
            "inventory.create_reservation",
            "inventory.release_reservation",
            "records.create_customer",
            "records.update_customer",
            "records.create_contact",
            "records.update_contact",
            "tax.quote_tax",
            "imports.execute_bulk",
            "receivables.get_*",
            "receivables.list_*",
            "inventory.get_*",
            "records.get_*",
            "records.list_*",
        ],
    ),
    RoleData(
        code="warehouse",
        name="Warehouse",
        permissions=["inventory.*", "imports.execute_bulk", "records.get_*", "records.list_*"],
    ),
    RoleData(
        code="approver",
        name="Approver",
        permissions=["workflow.*", "receivables.get_*", "records.get_*", "records.list_*"],
    ),
    RoleData(code="read_only", name="Read only", permissions=["*.get_*", "*.list_*", "tax.quote_tax"]),
)


def number_series(company: str) -> list[NumberSeries]:
    """A gapless series per document type, restarting each year."""
    return [
        NumberSeries(
            code=document_type.upper(), document_type=document_type, company=company, prefix=f"{prefix}-{{YYYY}}-"
        )
        for document_type, prefix in SERIES_PREFIXES.items()
    ]


def fiscal_years(company: str, today: date, first_month: int) -> list[FiscalYear]:
    """The fiscal year that ``today`` falls in and the next, in monthly periods; named after the year they end in."""
    begins = today.year if today.month >= first_month else today.year - 1
    years = []
    for year in (begins, begins + 1):
        starts_on, ends_on = date(year, first_month, 1), date(year + 1, first_month, 1) - timedelta(days=1)
        code = f"FY{ends_on.year}"
        years.append(FiscalYear(code=code, company=company, starts_on=starts_on, ends_on=ends_on))
    return years
