"""Bills of which a part of the tax is claimed back, with numbers of other systems' test suites.

Sources: Tryton, modules/account_invoice/tests/scenario_invoice_tax_deductible.rst; Odoo,
addons/account/tests/test_account_bill_deductibility.py.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.purchases import Purchases


class Buyer(Purchases):
    """A company with one supplier and a tax that it may claim back."""

    def __init__(self, api: Api) -> None:
        self.api = api
        api.record("suppliers", code="SUPP001", name="Supplier", jurisdiction="US")

    def tax(self, rate: str, **fields: Any) -> str:
        """A tax on purchases."""
        rates = [{"rate": rate, "valid_from": "2000-01-01"}]
        self.api.record("taxes", code="VAT", name="VAT", jurisdiction="US", rates=rates, account="1250", **fields)
        return "VAT"


@pytest.fixture
def buyer(api: Api) -> Buyer:
    return Buyer(api)


def posted(document: Any) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for line in document["posting"]["lines"]:
        code = line["account"]["code"]
        sums[code] = sums.get(code, Decimal(0)) + Decimal(line["debit"]) - Decimal(line["credit"])
    return sums


@pytest.mark.parametrize(
    ("share", "cost", "claimed"), [("0", "550.00", "0.00"), ("0.5", "525.00", "25.00"), (None, "500.00", "50.00")]
)
def test_a_share_of_a_line_is_for_taxed_business(buyer: Buyer, share: str | None, cost: str, claimed: str) -> None:
    """Tryton: ten at 50.00 with 10 % cost 550.00 when nothing is claimed back, and 525.00 when half of the tax is."""
    item = {"quantity": 10, "unit_price": "50.00", "taxes": [buyer.tax("0.10")]}
    bill = buyer.bill(items=[item if share is None else item | {"recoverable": share}])
    assert (bill["items"][0]["cost"], bill["taxes"][0]["recoverable"], bill["total"]) == (cost, claimed, "550.00")
    expected = {"6300": Decimal(cost), "1250": Decimal(claimed), "2100": Decimal("-550.00")}
    assert posted(bill) == {account: amount for account, amount in expected.items() if amount}
    buyer.holds()


def test_lines_of_one_tax_with_shares_of_their_own(buyer: Buyer) -> None:
    """Each line claims its own share: 15.00 of all, 7.50 of half and nothing of the tax on three times 100.00."""
    taxes = {"unit_price": "100.00", "taxes": [buyer.tax("0.15")]}
    bill = buyer.bill(items=[taxes, taxes | {"recoverable": "0.5"}, taxes | {"recoverable": "0"}])
    assert [item["cost"] for item in bill["items"]] == ["100.00", "107.50", "115.00"]
    assert (bill["taxes"][0]["amount"], bill["taxes"][0]["recoverable"]) == ("45.00", "22.50")
    assert posted(bill) == {"6300": Decimal("322.50"), "1250": Decimal("22.50"), "2100": Decimal("-345.00")}
    buyer.holds()


def test_shares_of_the_line_and_of_the_tax(buyer: Buyer) -> None:
    """Half of a line under a tax of which half is recoverable: a quarter is."""
    item = {"unit_price": "100.00", "taxes": [buyer.tax("0.20", recoverable="0.5")], "recoverable": "0.5"}
    bill = buyer.bill(items=[item])
    assert (bill["items"][0]["cost"], bill["taxes"][0]["recoverable"]) == ("115.00", "5.00")
    buyer.holds()


def test_a_draft_keeps_its_share_when_it_is_posted(buyer: Buyer) -> None:
    item = {"unit_price": "100.00", "taxes": [buyer.tax("0.10")], "recoverable": "0.5"}
    draft = buyer.bill(items=[item], draft=True)
    bill = buyer.act("post_bill", draft)
    assert (bill["items"][0]["recoverable"], bill["items"][0]["cost"]) == ("0.5", "105.00")
    buyer.holds()
