"""Which taxes a supply bears: place, rules, exemptions and the rates of the day.

The place of supply is where the goods are shipped, else where the customer is (destination principle: Directive
2006/112/EC art. 33 for goods at a distance, art. 44 for services; most US states). A place lies within wider ones:
US-CA-SF in US-CA in US. **At each level the most specific rule decides, and the levels add up**, as state, county and
city taxes do. Of the rules of one level that match, one naming the customer's category goes before one naming the
product's category (an exempt buyer is exempt for food too), both before one naming where it comes from, and all
before a general one; then the lower sequence, then the code. Rules of one level never add up, so a special rate needs
no rule that takes the general rate off again. A rule with ``replaces_wider`` ends the way outwards.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from bigledger.kernel import UnknownReference
from bigledger.kernel.money import plain
from bigledger.records import Exemption, Tax, TaxPolicy, TaxRule
from bigledger.tax.mismatch import passed_over
from bigledger.tax.model import AppliedTax, Determination, Fact, Step, Supply, TaxNote, in_order
from bigledger.tax.problems import TaxRateMissing, TaxUndetermined

_DEFAULT_POLICY = TaxPolicy()


def levels(jurisdiction: str) -> list[str]:
    """A place and the wider places it lies in, the narrowest first: US-CA-SF, US-CA, US."""
    parts = jurisdiction.split("-")
    return ["-".join(parts[:count]) for count in range(len(parts), 0, -1)]


def lies_within(place: str, jurisdiction: str) -> bool:
    """Whether the place is the jurisdiction or a part of it."""
    return place == jurisdiction or place.startswith(jurisdiction + "-")


def determine(
    supply: Supply, rules: Iterable[TaxRule], taxes: Mapping[str, Tax], policy: TaxPolicy = _DEFAULT_POLICY
) -> Determination:
    """The taxes of a supply with their rates on its tax date, the steps that led to them, and why others are not due.

    ``taxes`` maps each reference the rules use (code or id) to its tax; records that are archived are left out by
    the caller. The answer depends on the product by its category alone, so ask once per category of a document.

    Raises TaxUndetermined when no rule covers the supply, or TaxRateMissing when a tax has no rate on the tax
    date, if the policy says ``refuse`` (else no tax, and a step says so); UnknownReference when a rule names a
    tax that ``taxes`` lacks.
    """
    steps: list[Step] = []
    notes: list[TaxNote] = []
    place = _place(supply, steps)
    deciding = _deciding_rules(supply, place, rules, steps) if place else []
    if not deciding:
        if policy.no_rule == "refuse":
            raise _undetermined(supply, place)
        steps.append(Step("no_tax", "No tax rule covers this supply, so no tax is charged.", {}))
        notes.append(TaxNote(basis="no_rule"))
    exemptions = _valid_exemptions(supply, steps)
    charged: list[AppliedTax] = []
    exempted: list[AppliedTax] = []
    seen: set[str] = set()
    for rule in deciding:
        if not rule.taxes:
            notes.append(TaxNote(basis="rule", reason=rule.reason, rule=rule.code, jurisdiction=rule.jurisdiction))
        for reference in rule.taxes:
            tax = _named(reference, rule, taxes)
            if tax.code in seen:
                steps.append(
                    Step("repeated", "{tax} is named by more than one rule and charged once.", {"tax": tax.code})
                )
                continue
            seen.add(tax.code)
            applied = on_date(tax, supply, policy, steps)
            if applied is None:
                notes.append(TaxNote(basis="no_rate", tax=tax.code, jurisdiction=tax.jurisdiction))
                continue
            exemption = next((found for found in exemptions if _covers(found, tax, reference)), None)
            if exemption is None:
                charged.append(applied)
                if applied.reverse_charge:
                    steps.append(_reversed(applied, supply))
                    notes.append(TaxNote(basis="reverse_charge", tax=tax.code, jurisdiction=tax.jurisdiction))
            else:
                exempted.append(applied)
                steps.append(_exempted(exemption, tax))
                notes.append(_why_exempt(exemption, tax))
    return Determination(place, in_order(charged), in_order(exempted), tuple(steps), tuple(notes))


def _place(supply: Supply, steps: list[Step]) -> str | None:
    """The place of supply and the step that says why."""
    if supply.ship_to:
        sentence = "The place of supply is {place}, where the goods are shipped."
    elif supply.customer:
        sentence = "The place of supply is {place}, where the customer is; no other ship-to place was given."
    else:
        sentence = "The place of supply is not known: neither the ship-to place nor the customer has a jurisdiction."
    place = supply.ship_to or supply.customer
    steps.append(Step("place_of_supply", sentence, {"place": place}))
    return place


def _deciding_rules(supply: Supply, place: str, rules: Iterable[TaxRule], steps: list[Step]) -> list[TaxRule]:
    """The rule that decides at each level of the place, the widest level first."""
    matching: dict[str, list[TaxRule]] = {level: [] for level in levels(place)}
    others: list[TaxRule] = []
    for rule in rules:
        if rule.jurisdiction in matching and _matches(rule, supply):
            matching[rule.jurisdiction].append(rule)
        else:
            others.append(rule)
    steps.extend(passed_over(others, matching, supply))
    deciding = []
    for level, candidates in matching.items():
        if not candidates:
            steps.append(Step("no_rule", "In {jurisdiction} no rule applies.", {"jurisdiction": level}))
            continue
        best, *lower = sorted(candidates, key=_precedence)
        deciding.append(best)
        steps.append(_decided(best, lower))
        if best.replaces_wider:
            steps.append(
                Step("replaces_wider", "Rule {rule} stands instead of those of wider places.", {"rule": best.code})
            )
            break
    return deciding[::-1]


def _matches(rule: TaxRule, supply: Supply) -> bool:
    return (
        rule.side == supply.side
        and comes_from(rule, supply.origin)
        and rule.product_category in (None, supply.product_category)
        and rule.customer_category in (None, supply.customer_category)
        and _holds(rule.valid_from, rule.valid_to, supply.tax_date)
    )


def comes_from(rule: TaxRule, origin: str | None) -> bool:
    """Whether what comes from a place is what the rule is about; one that names an origin needs it known."""
    if rule.origin is not None and (origin is None or not lies_within(origin, rule.origin)):
        return False
    return rule.origin_outside is None or (origin is not None and not lies_within(origin, rule.origin_outside))


def _precedence(rule: TaxRule) -> tuple[bool, bool, bool, int, str]:
    anywhere = rule.origin is None and rule.origin_outside is None
    return rule.customer_category is None, rule.product_category is None, anywhere, rule.sequence, rule.code


def _holds(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def _named(reference: str, rule: TaxRule, taxes: Mapping[str, Tax]) -> Tax:
    if reference not in taxes:
        raise UnknownReference(
            f"Tax rule {rule.code} names the tax {reference}, which does not exist or is archived. "
            "Correct the rule or restore the tax.",
            tax_rule=rule.code,
            tax=reference,
        )
    return taxes[reference]


def on_date(tax: Tax, supply: Supply, policy: TaxPolicy, steps: list[Step]) -> AppliedTax | None:
    """The tax with its rate on the day, or none when it has no rate then.

    What is withheld counts below zero; the seller charges nothing of a reverse charge.
    """
    day = supply.tax_date
    period = next((found for found in tax.rates if _holds(found.valid_from, found.valid_to, day)), None)
    if period is None:
        if policy.no_rule == "refuse":
            raise TaxRateMissing(
                f"Tax {tax.code} has no rate on {day}. Add a rate for that day, or end the rules that name the tax.",
                tax=tax.code,
                tax_date=day.isoformat(),
            )
        sentence = "{tax} has no rate on {tax_date}, so it is not charged."
        steps.append(Step("not_in_force", sentence, {"tax": tax.code, "tax_date": day}))
        return None
    steps.append(_rated(tax, period.rate, period.valid_from, day))
    return AppliedTax(
        code=tax.code,
        name=tax.name,
        jurisdiction=tax.jurisdiction,
        kind=tax.kind,
        currency=tax.currency,
        rate=_signed(period.rate, tax, supply),
        included_in_price=tax.included_in_price,
        adds_to_base=tax.adds_to_base,
        base_net=tax.base_net,
        base_taxes=None if tax.base_taxes is None else tuple(tax.base_taxes),
        sequence=tax.sequence,
        account=tax.account,
        purchase_account=tax.purchase_account,
        recoverable=tax.recoverable,
        cost_account=tax.cost_account,
        reverse_charge=tax.reverse_charge,
        withheld=tax.withheld,
        due=tax.due,
        transition_account=tax.transition_account,
    )


def _signed(rate: Decimal, tax: Tax, supply: Supply) -> Decimal:
    if tax.reverse_charge and supply.side == "sale":
        return Decimal(0)
    return -rate if tax.withheld else rate


def _reversed(tax: AppliedTax, supply: Supply) -> Step:
    who = "the buyer owes it" if supply.side == "sale" else "the company owes it instead of the supplier"
    return Step("reverse_charge", f"{{tax}} is a reverse charge: {who}.", {"tax": tax.code})


def _valid_exemptions(supply: Supply, steps: list[Step]) -> list[Exemption]:
    """The exemptions that hold on the tax date; each other one leaves a step that says why it does not count."""
    valid = []
    for exemption in supply.exemptions:
        if _holds(exemption.valid_from, exemption.valid_to, supply.tax_date):
            valid.append(exemption)
        else:
            days = "from {valid_from} to {valid_to}" if exemption.valid_to else "from {valid_from}"
            facts: dict[str, Fact] = {
                "certificate": exemption.certificate,
                "valid_from": exemption.valid_from,
                "valid_to": exemption.valid_to,
                "tax_date": supply.tax_date,
            }
            sentence = f"Exemption certificate {{certificate}} is valid {days}, not on {{tax_date}}."
            steps.append(Step("exemption_not_valid", sentence, facts))
    return valid


def _covers(exemption: Exemption, tax: Tax, reference: str) -> bool:
    if exemption.jurisdiction is not None and not lies_within(tax.jurisdiction, exemption.jurisdiction):
        return False
    return not exemption.taxes or reference in exemption.taxes or tax.code in exemption.taxes


def _decided(rule: TaxRule, others: list[TaxRule]) -> Step:
    sentence = "In {jurisdiction} rule {rule} decides"
    sentence += ": {taxes}" if rule.taxes else ": no tax, because {reason}"
    if others:
        sentence += " (it goes before {passed_over})"
    facts = {
        "jurisdiction": rule.jurisdiction,
        "rule": rule.code,
        "taxes": ", ".join(rule.taxes),
        "reason": rule.reason,
        "passed_over": ", ".join(other.code for other in others),
    }
    return Step("rule", sentence + ".", facts)


def _rated(tax: Tax, rate: Decimal, since: date, day: date) -> Step:
    facts: dict[str, Fact] = {
        "tax": tax.code,
        "jurisdiction": tax.jurisdiction,
        "tax_date": day,
        "since": since,
        "rate": rate,
    }
    if tax.kind != "fixed_per_unit":
        gross = "" if tax.kind == "percent" else " of the price with tax"
        sentence = f"{{tax}} in {{jurisdiction}} is {{percent}} %{gross} on {{tax_date}} (since {{since}})."
        return Step("rate", sentence, {**facts, "percent": plain(rate * Decimal(100))})
    sentence = "{tax} in {jurisdiction} is {rate} {currency} per unit on {tax_date} (since {since})."
    return Step("rate", sentence, {**facts, "currency": tax.currency})


def _exempted(exemption: Exemption, tax: Tax) -> Step:
    why = " ({reason})" if exemption.reason else ""
    facts = {"certificate": exemption.certificate, "tax": tax.code, "reason": exemption.reason}
    return Step("exemption", f"{{tax}} is not charged: exemption certificate {{certificate}}{why}.", facts)


def _why_exempt(exemption: Exemption, tax: Tax) -> TaxNote:
    return TaxNote(
        basis="exemption",
        reason=exemption.reason,
        tax=tax.code,
        certificate=exemption.certificate,
        jurisdiction=tax.jurisdiction,
    )


def _undetermined(supply: Supply, place: str | None) -> TaxUndetermined:
    if place is None:
        detail = "The place of supply is not known. Give the customer a jurisdiction, or the document a ship-to place."
    else:
        detail = (
            f"No tax rule covers a sale to {place} on {supply.tax_date}. Add a rule for {place} or a wider place; "
            "a rule without taxes, with a reason, says that none is due."
        )
    return TaxUndetermined(
        detail, place=place, product_category=supply.product_category, tax_date=supply.tax_date.isoformat()
    )
