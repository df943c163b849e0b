"""Tax cases with numbers published elsewhere: the same input must give exactly the same output."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bigledger.tax import AppliedTax, TaxableLine, TaxComputation, TaxPolicy, compute, net_from_gross

CASES = Path(__file__).parents[3] / "shared" / "cases"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not here")


def case(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def expected(found: dict[str, Any], after: int) -> dict[str, Any]:
    return next(then for then in found["then"] if then["after"] == after)


def applied(tax: dict[str, Any]) -> AppliedTax:
    """A tax of a case: it writes percentages as 20 for 20 %."""
    return AppliedTax(
        code=tax.get("code", "TAX"),
        jurisdiction="XX",
        rate=Decimal(tax["rate"]) / 100 if "rate" in tax else Decimal(tax["amount"]),
        kind="percent" if "rate" in tax else "fixed_per_unit",
        included_in_price=tax.get("included_in_price", False),
        adds_to_base=tax.get("adds_to_base_of_later_taxes", False),
        sequence=tax.get("sequence", 10),
    )


def bill(lines: list[dict[str, Any]], taxes: dict[str, AppliedTax], policy: TaxPolicy) -> TaxComputation:
    return compute(
        [
            TaxableLine(Decimal(line["qty"]), Decimal(line["unit_price"]), [taxes[code] for code in line["taxes"]])
            for line in lines
        ],
        policy,
        "EUR",
    )


EVERY = [TaxPolicy(rounding="per_line"), TaxPolicy(rounding="per_document"), TaxPolicy(rounding="en_16931")]


@pytest.mark.parametrize("policy", EVERY, ids=lambda policy: policy.rounding)
@pytest.mark.parametrize("name", ["tax-001", "tax-003"])
def test_taxes_of_a_line_and_the_way_back_from_the_gross_price(name: str, policy: TaxPolicy) -> None:
    found = case(name)
    taxes = {tax["code"]: applied(tax) for tax in found["given"]["taxes"]}
    computed = bill([found["given"]["line"] | {"taxes": list(taxes)}], taxes, policy)
    then = expected(found, 1)
    amounts = {total.tax.code: (str(total.base), str(total.amount)) for total in computed.taxes}
    assert amounts == {tax["tax"]: (tax["base"], tax["amount"]) for tax in then["taxes"]}
    assert str(computed.total) == then["total"]
    gross = Decimal(found["when"][1]["gross_unit_price"])
    assert net_from_gross(gross, list(taxes.values())) == Decimal(expected(found, 2)["net_unit_price"])


@pytest.mark.parametrize("step", [1, 2])
def test_rounding_per_line_and_per_document(step: int) -> None:
    found = case("tax-005")
    taxes = {tax["code"]: applied(tax) for tax in found["given"]["taxes"]}
    policy = TaxPolicy(rounding=found["when"][step - 1]["tax_rounding"])
    computed = bill([{"qty": "1", "unit_price": "1.001", "taxes": ["P20"]}] * 100, taxes, policy)
    then = expected(found, step)
    assert (str(computed.taxes[0].base), str(computed.tax_total)) == (then["tax_base"], then["tax"])


@pytest.mark.parametrize("policy", EVERY, ids=lambda policy: policy.rounding)
@pytest.mark.parametrize("name", ["inv-001", "inv-004", "inv-101"])
def test_invoices_and_a_credit_note(name: str, policy: TaxPolicy) -> None:
    found = case(name)
    taxes = {tax["code"]: applied(tax) for tax in found["given"]["taxes"]}
    computed = bill(found["given"]["lines"], taxes, policy)
    then = expected(found, 1)
    invoice = {key: then["invoice"][key] for key in ("untaxed", "tax", "total")}
    assert {
        "untaxed": str(computed.subtotal),
        "tax": str(computed.tax_total),
        "total": str(computed.total),
    } == invoice
    if "line_totals" in then:
        assert [str(line.gross) for line in computed.lines] == then["line_totals"]
    if "tax_report" in then:
        report = [{"tax": str(total.amount), "base": str(total.base)} for total in computed.taxes]
        assert report == then["tax_report"]
    posted = {entry["tax"]: Decimal(entry["credit"]) for entry in then["journal"] if "tax" in entry}
    assert posted.items() <= {total.tax.code: total.amount for total in computed.taxes}.items()


@pytest.mark.parametrize("policy", EVERY, ids=lambda policy: policy.rounding)
def test_a_till_sale_with_tax_in_the_prices(policy: TaxPolicy) -> None:
    found = case("pos-001")
    tax = applied(found["given"]["tax"])
    sold = [
        {"qty": line["qty"], "unit_price": line["gross_unit_price"], "taxes": ["TAX"]}
        for line in found["given"]["lines"]
    ]
    computed = bill(sold, {"TAX": tax}, policy)
    then = expected(found, 1)
    assert str(computed.lines[0].net_unit_price) == then["net_unit_price"]
    assert net_from_gross(Decimal(sold[0]["unit_price"]), [tax]) == Decimal(then["net_unit_price"])
    assert (str(computed.total), str(computed.tax_total)) == (then["total"], then["tax"])
    revenue = next(entry for entry in expected(found, 4)["journal"] if entry["account"] == "revenue")
    assert str(computed.subtotal) == revenue["credit"]
