"""The typed registry of master data: which resources there are, and the model of each."""

import builtins
from collections.abc import Mapping
from dataclasses import dataclass

from bigledger.kernel import Command, NotFound, configuration_type
from bigledger.records.accounts import Account, FiscalYear, NumberSeries
from bigledger.records.approval_rules import ApprovalRule
from bigledger.records.companies import Company
from bigledger.records.events import RecordCreated, RecordDeactivated, RecordUpdated, record_events
from bigledger.records.parties import Customer, Supplier
from bigledger.records.products import Location, PriceList, Product, Unit
from bigledger.records.taxes import Tax, TaxRule
from bigledger.records.terms import PaymentTerm


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of master data: its path segment, its type name and the model of its data."""

    name: str
    type: str
    model: builtins.type[Command]
    title: str
    configuration: bool
    """Whether every operation consults it; such records are kept in memory by the workers."""
    created: builtins.type[RecordCreated]
    updated: builtins.type[RecordUpdated]
    deactivated: builtins.type[RecordDeactivated]


def _resource(name: str, type: str, model: builtins.type[Command], title: str, configuration: bool = True) -> Resource:
    if configuration:
        configuration_type(type, model)
    return Resource(name, type, model, title, configuration, *record_events(type))


RESOURCES: Mapping[str, Resource] = {
    resource.name: resource
    for resource in (
        _resource("companies", "company", Company, "Company"),
        _resource("customers", "customer", Customer, "Customer", configuration=False),
        _resource("suppliers", "supplier", Supplier, "Supplier", configuration=False),
        _resource("products", "product", Product, "Product", configuration=False),
        _resource("units", "unit", Unit, "Unit of measure"),
        _resource("locations", "location", Location, "Location"),
        _resource("accounts", "account", Account, "Account"),
        _resource("taxes", "tax", Tax, "Tax"),
        _resource("tax-rules", "tax_rule", TaxRule, "Tax rule"),
        _resource("price-lists", "price_list", PriceList, "Price list", configuration=False),
        _resource("payment-terms", "payment_term", PaymentTerm, "Payment term"),
        _resource("number-series", "number_series", NumberSeries, "Number series"),
        _resource("approval-rules", "approval_rule", ApprovalRule, "Approval rule"),
        _resource("fiscal-years", "fiscal_year", FiscalYear, "Fiscal year"),
    )
}
"""Every resource by its path segment: ``/api/v1/{name}``."""

RECORD_EVENTS = tuple(
    event for resource in RESOURCES.values() for event in (resource.created, resource.updated, resource.deactivated)
)
"""Every event the record operations may emit."""


def resource_named(name: str) -> Resource:
    """The resource of a path segment; raises NotFound."""
    if name not in RESOURCES:
        raise NotFound(f"There is no resource {name}. There are: {', '.join(sorted(RESOURCES))}.")
    return RESOURCES[name]
