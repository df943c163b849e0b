"""The typed registry of master data: which resources there are, and the model of each."""

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bigledger.kernel import Command, Filter, NotFound, configuration_type
from bigledger.kernel.configuration import check_currency
from bigledger.records.accounts import Account, FiscalYear, NumberSeries
from bigledger.records.approval_rules import ApprovalRule
from bigledger.records.checks import check_account, check_fees, check_location, check_series, check_year
from bigledger.records.companies import Company
from bigledger.records.contacts import Contact
from bigledger.records.currencies import TenantCurrency
from bigledger.records.dimensions import Dimension, DimensionValue, check_default_dimensions
from bigledger.records.dunning import DunningProcedure
from bigledger.records.events import RecordCreated, RecordDeactivated, RecordUpdated, record_events
from bigledger.records.parties import Customer, Supplier
from bigledger.records.payment_methods import PaymentMethod
from bigledger.records.products import Location, PriceList, Product, Unit
from bigledger.records.recurring import RecurringInvoice
from bigledger.records.report_schedules import ReportSchedule
from bigledger.records.rules import Rules
from bigledger.records.standing import AllocationRule, JournalTemplate, check_allocation, check_template
from bigledger.records.taxes import Tax, TaxRule
from bigledger.records.terms import PaymentTerm


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of master data: its path segment, its type name, the model of its data and what else holds."""

    name: str
    type: str
    model: builtins.type[Command]
    title: str
    configuration: bool
    """Whether every operation consults it; such records are kept in memory by the workers."""
    created: builtins.type[RecordCreated]
    updated: builtins.type[RecordUpdated]
    deactivated: builtins.type[RecordDeactivated]
    rules: Rules
    owners: Sequence[str] = ()
    """The fields that say which party it is of, each named like the party's type; one of them is set."""

    @property
    def filters(self) -> Mapping[str, Filter]:
        """What its list may be filtered by besides what all lists of records may."""
        return {owner: Filter("party_id", "uuid", owner) for owner in self.owners}


def _resource(
    name: str,
    type: str,
    model: builtins.type[Command],
    title: str,
    configuration: bool = True,
    rules: Rules = Rules(),  # noqa: B008 - it does not change
    owners: Sequence[str] = (),
) -> Resource:
    if configuration:
        configuration_type(type, model)
    return Resource(name, type, model, title, configuration, *record_events(type), rules, owners)


_COMPANY = Rules(
    used="EXISTS (SELECT 1 FROM ledger.balance b WHERE b.company_id = d.id)",
    frozen=("currency",),
    kept="CASE WHEN EXISTS (SELECT 1 FROM ledger.balance b WHERE b.company_id = d.id) THEN 'it has postings' END",
    check=lambda proposed: check_currency(proposed.context, proposed.after["currency"]),
)

_CURRENCY = Rules(
    kept="""CASE
        WHEN EXISTS (
            SELECT 1 FROM kernel.document c
            WHERE c.type = 'company' AND c.status = 'active' AND c.data->>'currency' = d.number)
            THEN 'a company keeps its books in it'
        WHEN EXISTS (
            SELECT 1 FROM kernel.document c JOIN ledger.open_item_balance b ON b.company_id = c.id
            WHERE c.type = 'company' AND b.currency = d.number AND b.open)
            THEN 'customers or suppliers have open items in it, which must be settled first' END""",
)

_ACCOUNT = Rules(
    used="EXISTS (SELECT 1 FROM ledger.balance b WHERE b.account_id = d.id)",
    frozen=("kind", "group", "control", "currency"),
    kept="""CASE
        WHEN EXISTS (
            SELECT 1 FROM ledger.balance b WHERE b.account_id = d.id GROUP BY b.company_id, b.currency
            HAVING sum(b.debit) <> sum(b.credit) OR sum(b.base_debit) <> sum(b.base_credit))
            THEN 'it has a balance, which must be brought to zero first'
        WHEN EXISTS (
            SELECT 1 FROM kernel.document a
            WHERE a.type = 'account' AND a.status = 'active' AND a.data->>'parent' = d.number)
            THEN 'accounts stand below it, which must be archived first'
        WHEN EXISTS (
            SELECT 1 FROM kernel.document c
            WHERE c.status = 'active' AND (
                c.type = 'tax' AND d.number IN (c.data->>'account', c.data->>'purchase_account')
                OR c.type = 'payment_method' AND c.data->>'account' = d.number
                OR c.type = 'company' AND EXISTS (
                    SELECT 1 FROM jsonb_each_text(c.data->'accounts') a WHERE a.value = d.number)))
            THEN 'a company, a tax or a payment method posts to it, and must name another account first' END""",
    check=check_account,
)

_DIMENSION = Rules(
    kept="""CASE
        WHEN EXISTS (
            SELECT 1 FROM kernel.document v
            WHERE v.type = 'dimension_value' AND v.status = 'active' AND v.data->>'dimension' = d.number)
            THEN 'it has values, which must be archived first'
        WHEN EXISTS (
            SELECT 1 FROM kernel.document a
            WHERE a.type = 'account' AND a.status = 'active' AND EXISTS (
                SELECT 1 FROM jsonb_array_elements(a.data->'dimensions') asked
                WHERE asked->>'dimension' = d.number))
            THEN 'accounts ask for it, which must stop doing so first' END""",
)

# A value never moves to another dimension: what was posted under it would mean something else.
_DIMENSION_VALUE = Rules(used="true", frozen=("dimension",))

# What a contact was sent is told of the party that it was with.
_CONTACT = Rules(used="true", frozen=("customer", "supplier"))

_TEMPLATE = Rules(
    used="EXISTS (SELECT 1 FROM ledger.template_run r WHERE r.template_id = d.id)",
    frozen=("company",),
    check=check_template,
)

_ALLOCATION_RULE = Rules(
    used="EXISTS (SELECT 1 FROM ledger.allocation_run r WHERE r.rule_id = d.id)",
    frozen=("company",),
    check=check_allocation,
)

_WITH_DIMENSIONS = Rules(check=check_default_dimensions)

_DUNNING = Rules(check=check_fees)

# What is in stock is counted in the product's unit, and valued in the currency of the location's company.
_PRODUCT = Rules(
    used="EXISTS (SELECT 1 FROM inventory.stock s WHERE s.product_id = d.id)",
    frozen=("kind", "unit"),
    check=check_default_dimensions,
)

_LOCATION = Rules(
    used="EXISTS (SELECT 1 FROM inventory.stock s WHERE s.location_id = d.id)",
    check=check_location,
)

_POSTED_YEAR = """EXISTS (
    SELECT 1 FROM records.fiscal_period p JOIN ledger.journal_line l
        ON l.company_id = p.company_id AND l.effective_date BETWEEN p.starts_on AND p.ends_on
    WHERE p.fiscal_year_id = d.id)"""

_FISCAL_YEAR = Rules(
    used=_POSTED_YEAR,
    frozen=("company", "starts_on", "ends_on"),
    kept=f"""CASE
        WHEN {_POSTED_YEAR} THEN 'it has postings'
        WHEN EXISTS (SELECT 1 FROM records.fiscal_period p WHERE p.fiscal_year_id = d.id AND p.status = 'locked')
            THEN 'a period of it is locked, which is final' END""",
    elements={"periods": "number"},
    check=check_year,
)

_NUMBER_SERIES = Rules(
    used="EXISTS (SELECT 1 FROM kernel.number_counter c WHERE c.series_id = d.id)",
    frozen=("document_type", "company", "prefix", "width", "restart"),
    check=check_series,
)


RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (
        _resource("companies", "company", Company, "Company", rules=_COMPANY),
        _resource("customers", "customer", Customer, "Customer", configuration=False, rules=_WITH_DIMENSIONS),
        _resource("suppliers", "supplier", Supplier, "Supplier", configuration=False, rules=_WITH_DIMENSIONS),
        _resource(
            "contacts",
            "contact",
            Contact,
            "Contact",
            configuration=False,
            rules=_CONTACT,
            owners=("customer", "supplier"),
        ),
        _resource("products", "product", Product, "Product", configuration=False, rules=_PRODUCT),
        _resource("units", "unit", Unit, "Unit of measure"),
        _resource("locations", "location", Location, "Location", rules=_LOCATION),
        _resource("accounts", "account", Account, "Account", rules=_ACCOUNT),
        _resource("currencies", "currency", TenantCurrency, "Currency", rules=_CURRENCY),
        _resource("taxes", "tax", Tax, "Tax"),
        _resource("tax-rules", "tax_rule", TaxRule, "Tax rule"),
        _resource("price-lists", "price_list", PriceList, "Price list", configuration=False),
        _resource("payment-terms", "payment_term", PaymentTerm, "Payment term"),
        _resource("payment-methods", "payment_method", PaymentMethod, "Payment method"),
        _resource("number-series", "number_series", NumberSeries, "Number series", rules=_NUMBER_SERIES),
        _resource("approval-rules", "approval_rule", ApprovalRule, "Approval rule"),
        _resource("dimensions", "dimension", Dimension, "Dimension", rules=_DIMENSION),
        _resource("dimension-values", "dimension_value", DimensionValue, "Dimension value", rules=_DIMENSION_VALUE),
        _resource("dunning-procedures", "dunning_procedure", DunningProcedure, "Dunning procedure", rules=_DUNNING),
        _resource(
            "recurring-invoices", "recurring_invoice", RecurringInvoice, "Recurring invoice", configuration=False
        ),
        _resource("report-schedules", "report_schedule", ReportSchedule, "Report schedule", configuration=False),
        _resource("journal-templates", "journal_template", JournalTemplate, "Journal template", rules=_TEMPLATE),
        _resource("allocation-rules", "allocation_rule", AllocationRule, "Allocation rule", rules=_ALLOCATION_RULE),
        _resource("fiscal-years", "fiscal_year", FiscalYear, "Fiscal year", rules=_FISCAL_YEAR),
    )
}
"""Every resource by its path segment: ``/api/v1/{name}``."""

FiscalYearUpdated = RESOURCES["fiscal-years"].updated
"""The event of every change of a fiscal year, its periods included."""

RECORD_EVENTS = tuple(
    event for resource in RESOURCES.values() for event in (resource.created, resource.updated, resource.deactivated)
)
"""Every event the record operations may emit."""


def resource_named(name: str) -> Resource:
    """The resource of a path segment; raises NotFound."""
    if name not in RESOURCES:
        raise NotFound(f"There is no resource {name}. There are: {', '.join(sorted(RESOURCES))}.")
    return RESOURCES[name]
