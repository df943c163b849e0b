"""The shop abroad, where prices are with tax."""

import pytest

from tests.support.shop import Shop


@pytest.fixture
def europe(shop: Shop) -> Shop:
    """The shop, selling to Germany too: prices there include VAT, books have a lower rate, beer an excise below it."""
    record = shop.api.record
    record("taxes", code="VAT", name="VAT", jurisdiction="DE", included_in_price=True, sequence=20, account="2200",
           rates=[{"rate": "0.16", "valid_from": "2020-07-01", "valid_to": "2020-12-31"},
                  {"rate": "0.19", "valid_from": "2021-01-01"}])  # fmt: skip
    record("taxes", code="BOOKS", name="VAT, reduced", jurisdiction="DE", included_in_price=True, sequence=20,
           account="2200", rates=[{"rate": "0.07", "valid_from": "2020-01-01"}])  # fmt: skip
    record("taxes", code="BEER", name="Beer duty", jurisdiction="DE", kind="fixed_per_unit", currency="USD",
           adds_to_base=True, included_in_price=True, sequence=10, account="2210",
           rates=[{"rate": "0.50", "valid_from": "2020-01-01"}])  # fmt: skip
    record("tax-rules", code="DE", name="Germany", jurisdiction="DE", taxes=["VAT"])
    record("tax-rules", code="DE-BOOKS", name="Books", jurisdiction="DE", taxes=["BOOKS"], product_category="BOOK")
    record("tax-rules", code="DE-BEER", name="Beer", jurisdiction="DE", taxes=["BEER", "VAT"], product_category="BEER")
    record("products", code="NOVEL", name="Novel", unit="EA", sales_price="10.70", tax_category="BOOK")
    record("products", code="STOUT", name="Stout", unit="EA", sales_price="6.55", tax_category="BEER")
    record("customers", code="BERLIN", name="Spree Lighting", jurisdiction="DE")
    exemption = {"certificate": "AA-17", "valid_from": "2026-01-01", "reason": "diplomatic mission"}
    record("customers", code="EMBASSY", name="Embassy", jurisdiction="DE", exemptions=[exemption])
    record("customers", code="BREWER", name="Brewer", jurisdiction="DE",
           exemptions=[{"certificate": "B-1", "taxes": ["BEER"], "valid_from": "2026-01-01"}])  # fmt: skip
    shop.receive(NOVEL="100", STOUT="100")
    return shop
