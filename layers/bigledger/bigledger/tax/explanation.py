"""The steps of a computation in plain English, told from its result when someone asks."""

from collections.abc import Iterator
from decimal import Decimal, localcontext

from bigledger.kernel.money import EXACT, plain
from bigledger.tax.model import AppliedTax, Fact, LineTax, Step, TaxComputation, TaxedLine, TaxTotal
from bigledger.tax.rounding import round_price


def explain(computation: TaxComputation) -> tuple[Step, ...]:
    """Every step from quantity and price to the total: bases, rates, exact and rounded amounts, and shares.

    Exact amounts are told to twelve decimals. Steps are named line_amount, net_price, tax_within, tax, document_tax,
    share and total.
    """
    return tuple(_steps(computation))


def _steps(computation: TaxComputation) -> Iterator[Step]:
    per_line = computation.policy.rounding.startswith("per_line")
    mode = computation.policy.mode.replace("_", " ")
    for number, line in enumerate(computation.lines, 1):
        yield _line_amount(number, line)
        if any(found.tax.included_in_price for found in line.taxes):
            yield _net_price(number, line)
        if per_line:
            yield from (_line_tax(number, found, mode) for found in line.taxes)
    if not per_line:
        for total in computation.taxes:
            yield _document_tax(total, mode)
            for number, line in enumerate(computation.lines, 1):
                yield from (_share(number, found) for found in line.taxes if found.tax is total.tax)
    facts: dict[str, Fact] = {
        "subtotal": computation.subtotal,
        "tax_total": computation.tax_total,
        "total": computation.total,
        "currency": computation.currency,
    }
    yield Step("total", "Net {subtotal} + tax {tax_total} = {total} {currency}.", facts)


def _line_amount(number: int, line: TaxedLine) -> Step:
    within = [found.amount for found in line.taxes if found.tax.included_in_price]
    with localcontext(EXACT):
        whole = line.line.quantity * line.line.unit_price
        exact = whole * (1 - line.line.discount_rate) - line.line.discount_amount.copy_sign(whole)
    facts: dict[str, Fact] = {
        "line": number,
        "quantity": plain(line.line.quantity),
        "unit_price": line.line.unit_price,
        "exact": _told(exact),
        "discount": line.discount,
        "amount": line.net + sum(within),
    }
    less = " less the discount" if line.discount else ""
    rounded = "{amount}" if exact == facts["amount"] else "{exact}, rounded to {amount}"
    what = "the price with the tax it includes" if within else "its net"
    return Step("line_amount", f"Line {{line}}: {{quantity}} × {{unit_price}}{less} = {rounded}, {what}.", facts)


def _net_price(number: int, line: TaxedLine) -> Step:
    facts: dict[str, Fact] = {
        "line": number,
        "unit_price": line.line.unit_price,
        "net_unit_price": line.net_unit_price,
        "exact_net": _told(line.exact_net),
        "net": line.net,
    }
    sentence = (
        "Line {line}: without the tax it includes, the unit price of {unit_price} is {net_unit_price} and the "
        "line's net {exact_net}; {net} once its taxes are rounded."
    )
    return Step("net_price", sentence, facts)


def _line_tax(number: int, found: LineTax, mode: str) -> Step:
    facts = {"line": number, **_facts(found.tax), **_amounts(found), "mode": mode}
    if found.tax.included_in_price:
        sentence = (
            "Line {line}: {tax} in {jurisdiction} at {rate} within the price is {exact}, rounded {mode} to {amount}."
        )
        return Step("tax_within", sentence, facts)
    of_base = " of {base}" if found.tax.kind != "fixed_per_unit" else ""
    sentence = (
        f"Line {{line}}: {{tax}} in {{jurisdiction}} at {{rate}}{of_base} is {{exact}}, rounded {{mode}} to {{amount}}."
    )
    return Step("tax", sentence, facts)


def _document_tax(total: TaxTotal, mode: str) -> Step:
    facts = {**_facts(total.tax), **_amounts(total), "taxed_base": total.taxed_base, "mode": mode}
    if total.tax.included_in_price:
        of_base = " within the prices"
    elif total.tax.kind != "fixed_per_unit":
        of_base = " of {taxed_base}"
        if total.taxed_base != total.base:
            of_base += " (the lines before rounding; as printed they are {base})"
    else:
        of_base = ""
    sentence = (
        f"{{tax}} in {{jurisdiction}} at {{rate}}{of_base} is {{exact}} for the document, rounded once, {{mode}}, "
        "to {amount}."
    )
    return Step("document_tax", sentence, facts)


def _share(number: int, found: LineTax) -> Step:
    facts = {"line": number, **_facts(found.tax), **_amounts(found)}
    return Step("share", "Line {line} bears {amount} of {tax}; before rounding {exact}.", facts)


def _facts(tax: AppliedTax) -> dict[str, Fact]:
    rate = f"{tax.rate:f} per unit" if tax.kind == "fixed_per_unit" else f"{plain(tax.rate * 100):f} %"
    if tax.kind == "percent_of_gross":
        rate += " of the price with tax,"
    return {"tax": tax.code, "jurisdiction": tax.jurisdiction, "rate": rate}


def _amounts(found: LineTax | TaxTotal) -> dict[str, Fact]:
    return {"base": found.base, "exact": _told(found.exact), "amount": found.amount}


def _told(exact: Decimal) -> Decimal:
    return plain(round_price(exact, None))
