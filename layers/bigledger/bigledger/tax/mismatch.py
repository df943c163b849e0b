"""Why the rules that did not apply did not: told rule by rule at the places asked about, and in sum for all others."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from bigledger.records import TaxRule
from bigledger.tax.model import Fact, Step, Supply

_NAMED = 10


def passed_over(rules: Sequence[TaxRule], places: Collection[str], supply: Supply) -> Iterator[Step]:
    """A step for each rule of the places that does not match, with its reason, and one for those of other places."""
    elsewhere = []
    for rule in sorted(rules, key=lambda rule: (rule.jurisdiction, rule.code)):
        if rule.side != supply.side:
            continue
        if rule.jurisdiction not in places:
            elsewhere.append(rule.code)
            continue
        facts: dict[str, Fact] = {"rule": rule.code, "jurisdiction": rule.jurisdiction}
        because, more = _why_not(rule, supply)
        yield Step("no_match", f"Rule {{rule}} of {{jurisdiction}} does not apply: {because}.", facts | more)
    if elsewhere:
        named = ", ".join(elsewhere[:_NAMED]) + (" and others" if len(elsewhere) > _NAMED else "")
        sentence = "{count} of the rules are for other places: {rules}."
        yield Step("other_places", sentence, {"count": str(len(elsewhere)), "rules": named})


def _why_not(rule: TaxRule, supply: Supply) -> tuple[str, dict[str, Fact]]:
    """The first condition that a rule of the right place fails."""
    if rule.customer_category not in (None, supply.customer_category):
        who = "customer" if supply.side == "sale" else "supplier"
        facts: dict[str, Fact] = {"wanted": rule.customer_category, "given": supply.customer_category or "none"}
        return f"it is for the {who} category {{wanted}}, and this {who}'s is {{given}}", facts
    if rule.product_category not in (None, supply.product_category):
        facts = {"wanted": rule.product_category, "given": supply.product_category or "none"}
        return "it is for the product category {wanted}, and this one is {given}", facts
    day: dict[str, Fact] = {"tax_date": supply.tax_date}
    if _before(supply.tax_date, rule.valid_from):
        return "it holds from {valid_from}, after {tax_date}", day | {"valid_from": rule.valid_from}
    if _before(rule.valid_to, supply.tax_date):
        return "it held until {valid_to}, before {tax_date}", day | {"valid_to": rule.valid_to}
    wanted = f"from {rule.origin}" if rule.origin else f"from outside {rule.origin_outside}"
    facts = {"wanted": wanted, "origin": supply.origin or "a place that is not known"}
    return "it is for what comes {wanted}, and this comes from {origin}", facts


def _before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other
