"""Where an account stands in the statements, by its category.

The categories are the line items of IAS 1, 54 (financial position) and 82, 102 and 103 (profit or loss). An account
without a category has that of the nearest group above it. One whose category is none of these stands by itself, under
the category's own name: an unknown asset or liability as not classified, an unknown expense among the operating ones,
which is how a chart shows its expenses by nature (IAS 1, 102).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bigledger.kernel import Context, Entry, configuration
from bigledger.records import Account

CASH = "cash_and_cash_equivalents"

ASSETS = {
    "current": {
        "inventories": "Inventories",
        "trade_and_other_receivables": "Trade and other receivables",
        "current_tax_assets": "Current tax assets",
        "other_current_assets": "Other current assets",
        "current_assets": "Other current assets",
        CASH: "Cash and cash equivalents",
    },
    "non_current": {
        "property_plant_and_equipment": "Property, plant and equipment",
        "investment_property": "Investment property",
        "intangible_assets": "Intangible assets",
        "investments_equity_method": "Investments in associates",
        "non_current_financial_assets": "Financial assets",
        "biological_assets": "Biological assets",
        "deferred_tax": "Deferred tax assets",
        "other_non_current_assets": "Other non-current assets",
        "non_current_assets": "Other non-current assets",
    },
}
"""The lines of assets, current and not (IAS 1, 54 and 60)."""

LIABILITIES = {
    "current": {
        "trade_and_other_payables": "Trade and other payables",
        "contract_liabilities": "Contract liabilities",
        "current_tax_liabilities": "Tax liabilities",
        "current_provisions": "Provisions",
        "current_lease_liabilities": "Lease liabilities",
        "current_financial_liabilities": "Borrowings",
        "current_liabilities": "Other current liabilities",
    },
    "non_current": {
        "non_current_financial_liabilities": "Borrowings",
        "non_current_lease_liabilities": "Lease liabilities",
        "non_current_provisions": "Provisions",
        "deferred_tax": "Deferred tax liabilities",
        "other_non_current_liabilities": "Other non-current liabilities",
        "non_current_liabilities": "Other non-current liabilities",
    },
}
"""The lines of liabilities, current and not."""

EQUITY = {
    "issued_capital": "Issued capital",
    "owners_capital": "Capital of owners",
    "reserves": "Reserves",
    "retained_earnings": "Retained earnings",
    "non_controlling_interests": "Non-controlling interests",
}
"""The lines of equity."""

OPERATING = {
    "other_income": "Other income",
    "changes_in_inventories": "Changes in inventories",
    "raw_materials_and_consumables": "Raw materials and consumables used",
    "employee_benefits": "Employee benefits",
    "depreciation_and_amortisation": "Depreciation and amortisation",
    "distribution_costs": "Distribution costs",
    "administrative_expenses": "Administrative expenses",
    "impairment_of_financial_assets": "Impairment of financial assets",
    "impairment_of_non_financial_assets": "Impairment of non-financial assets",
    "other_expenses": "Other expenses",
}
"""The lines between gross profit and the operating result, by function (IAS 1, 103) or by nature (102)."""

FINANCE = {
    "finance_income": "Finance income",
    "finance_costs": "Finance costs",
    "share_of_result_of_associates": "Share of the result of associates",
}
"""The lines between the operating result and the result before tax."""

TAX = {"income_tax_expense": "Income tax"}


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts that take postings, sorted by code, each with its category."""

    accounts: tuple[Entry[Account], ...]
    categories: dict[str, str]
    """The category of each account by its code; empty where there is none."""

    def of(self, kind: str, categories: Iterable[str]) -> list[Entry[Account]]:
        """The accounts of a kind in some categories."""
        wanted = set(categories)
        return [entry for entry in self.kinds(kind) if self.categories[entry.code] in wanted]

    def kinds(self, *kinds: str) -> list[Entry[Account]]:
        """The accounts of some kinds."""
        return [entry for entry in self.accounts if entry.data.kind in kinds]

    def cash(self) -> list[Entry[Account]]:
        """Cash and cash equivalents (IAS 7, 6): the accounts of that category, and those of a bank or a till."""
        return [
            entry
            for entry in self.kinds("asset")
            if self.categories[entry.code] == CASH or entry.data.control in ("bank", "cash")
        ]

    def others(self, kind: str, known: Iterable[str]) -> list[str]:
        """The categories of a kind's accounts that are not among the known ones, in order of their accounts."""
        seen = set(known)
        found = (self.categories[entry.code] for entry in self.kinds(kind))
        return [category for category in dict.fromkeys(found) if category not in seen]


def chart(context: Context) -> Chart:
    """The tenant's chart, archived accounts included: figures may rest on them."""
    every = {entry.code: entry for entry in configuration(context).every(Account)}
    by_id = {str(entry.id): entry for entry in every.values()}
    categories = {}
    for entry in every.values():
        seen = {entry.code}
        above: Entry[Account] | None = entry
        while above is not None and not above.data.category:
            parent = above.data.parent
            above = every.get(parent) or by_id.get(parent) if parent else None
            if above is not None and above.code in seen:
                above = None
            if above is not None:
                seen.add(above.code)
        categories[entry.code] = above.data.category or "" if above is not None else ""
    posting = sorted((entry for entry in every.values() if not entry.data.group), key=lambda entry: entry.code)
    return Chart(tuple(posting), categories)


def named(category: str) -> str:
    """A category of the chart's own as a heading: ``vehicle_costs`` reads Vehicle costs."""
    words = category.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:] if words else "Without a category"
