"""Which taxes a supply bears: place, levels, specificity, dates and exemptions."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from bigledger.kernel.problems import UnknownReference
from bigledger.tax import (
    Determination,
    Exemption,
    Supply,
    Tax,
    TaxPolicy,
    TaxRateMissing,
    TaxRule,
    TaxUndetermined,
    determine,
    levels,
    lies_within,
    net_from_gross,
    purchase_from,
    trace_steps,
)

DAY = date(2026, 11, 22)


def tax(code: str, jurisdiction: str, rate: str = "0.06", **fields: object) -> Tax:
    rates = [{"valid_from": "2020-01-01", "rate": rate}]
    return Tax.model_validate(
        {"code": code, "name": code, "jurisdiction": jurisdiction, "account": "2200", "rates": rates} | fields
    )


def rule(code: str, jurisdiction: str, *taxes: str, **fields: object) -> TaxRule:
    return TaxRule.model_validate(
        {"code": code, "name": code, "jurisdiction": jurisdiction, "taxes": list(taxes)} | fields
    )


TAXES = {
    found.code: found
    for found in (
        tax("STATE", "US-CA", "0.06"),
        tax("CITY", "US-CA-SF", "0.0125"),
        tax("REDUCED", "US-CA", "0.02"),
        tax("VAT", "DE", "0.19"),
        tax("GST", "CA", "0.05"),
        tax("PST", "CA-BC", "0.07"),
        tax("HST", "CA-ON", "0.13"),
    )
}
RULES = [
    rule("CA-GENERAL", "US-CA", "STATE"),
    rule("SF-GENERAL", "US-CA-SF", "CITY"),
    rule("DE-GENERAL", "DE", "VAT"),
]


def codes(found: Determination) -> list[str]:
    return [applied.code for applied in found.taxes]


def names(found: Determination) -> list[str]:
    return [step.step for step in found.steps]


def text(found: Determination, step: str) -> str:
    return next(made.text for made in found.steps if made.step == step)


def test_levels_of_a_place_add_up_the_wider_tax_first() -> None:
    found = determine(Supply(DAY, customer="US-CA-SF"), RULES, TAXES)
    assert [(applied.code, applied.jurisdiction, applied.rate) for applied in found.taxes] == [
        ("STATE", "US-CA", Decimal("0.06")),
        ("CITY", "US-CA-SF", Decimal("0.0125")),
    ]


def test_a_city_tax_stays_out_of_the_rest_of_the_state() -> None:
    assert codes(determine(Supply(DAY, customer="US-CA"), RULES, TAXES)) == ["STATE"]
    assert codes(determine(Supply(DAY, customer="US-CA-LA"), RULES, TAXES)) == ["STATE"]


def test_the_ship_to_place_goes_before_the_customers() -> None:
    found = determine(Supply(DAY, ship_to="DE", customer="US-CA-SF"), RULES, TAXES)
    assert (found.place, codes(found)) == ("DE", ["VAT"])
    assert text(found, "place_of_supply") == "The place of supply is DE, where the goods are shipped."


def test_places_are_compared_by_level_not_by_letters() -> None:
    assert levels("US-CA-SF") == ["US-CA-SF", "US-CA", "US"]
    assert lies_within("US-CA-SF", "US-CA")
    assert lies_within("DE", "DE")
    assert not lies_within("US-CAX", "US-CA")
    assert not lies_within("US", "US-CA")


def test_the_most_specific_rule_of_a_level_decides_alone() -> None:
    rules = [*RULES, rule("CA-FOOD", "US-CA", "REDUCED", product_category="FOOD")]
    found = determine(Supply(DAY, customer="US-CA-SF", product_category="FOOD"), rules, TAXES)
    assert codes(found) == ["REDUCED", "CITY"]
    assert text(found, "rule") == "In US-CA-SF rule SF-GENERAL decides: CITY."
    assert "In US-CA rule CA-FOOD decides: REDUCED (it goes before CA-GENERAL)." in [step.text for step in found.steps]
    assert codes(determine(Supply(DAY, customer="US-CA", product_category="TOOLS"), rules, TAXES)) == ["STATE"]


def test_the_customers_category_goes_before_the_products() -> None:
    rules = [
        rule("FOOD", "DE", "VAT", product_category="FOOD"),
        rule("EMBASSY", "DE", customer_category="EMBASSY", reason="diplomatic missions buy free of tax"),
    ]
    found = determine(Supply(DAY, customer="DE", product_category="FOOD", customer_category="EMBASSY"), rules, TAXES)
    assert codes(found) == []
    assert text(found, "rule") == (
        "In DE rule EMBASSY decides: no tax, because diplomatic missions buy free of tax (it goes before FOOD)."
    )


def test_equal_rules_follow_their_sequence_then_their_code() -> None:
    rules = [rule("B", "DE", "VAT"), rule("A", "DE", "STATE"), rule("Z", "DE", "CITY", sequence=5)]
    assert codes(determine(Supply(DAY, customer="DE"), rules, TAXES)) == ["CITY"]
    assert codes(determine(Supply(DAY, customer="DE"), rules[:2], TAXES)) == ["STATE"]


def test_a_rule_may_stand_instead_of_the_wider_places_rules() -> None:
    rules = [
        rule("FEDERAL", "CA", "GST"),
        rule("BC", "CA-BC", "PST"),
        rule("ON", "CA-ON", "HST", replaces_wider=True),
    ]
    assert codes(determine(Supply(DAY, customer="CA-BC"), rules, TAXES)) == ["GST", "PST"]
    assert codes(determine(Supply(DAY, customer="CA-AB"), rules, TAXES)) == ["GST"]
    harmonised = determine(Supply(DAY, customer="CA-ON"), rules, TAXES)
    assert codes(harmonised) == ["HST"]
    assert text(harmonised, "replaces_wider") == "Rule ON stands instead of those of wider places."


def test_a_rule_holds_on_both_its_end_days_and_not_beyond() -> None:
    rules = [rule("LENT", "DE", "VAT", valid_from="2026-03-01", valid_to="2026-03-31")]
    for day, expected in (
        (date(2026, 2, 28), []),
        (date(2026, 3, 1), ["VAT"]),
        (date(2026, 3, 31), ["VAT"]),
        (date(2026, 4, 1), []),
    ):
        assert codes(determine(Supply(day, customer="DE"), rules, TAXES)) == expected


def test_the_rate_is_the_one_of_the_tax_date() -> None:
    dated = tax("VAT", "DE", rates=[
        {"valid_from": "2021-01-01", "rate": "0.19"},
        {"valid_from": "2007-01-01", "valid_to": "2020-06-30", "rate": "0.19"},
        {"valid_from": "2020-07-01", "valid_to": "2020-12-31", "rate": "0.16"},
    ])  # fmt: skip
    rates = {
        day: determine(Supply(day, customer="DE"), RULES, {"VAT": dated}).taxes[0].rate
        for day in (date(2020, 6, 30), date(2020, 7, 1), date(2020, 12, 31), date(2021, 1, 1))
    }
    assert list(rates.values()) == [Decimal("0.19"), Decimal("0.16"), Decimal("0.16"), Decimal("0.19")]
    found = determine(Supply(date(2020, 7, 1), customer="DE"), RULES, {"VAT": dated})
    assert text(found, "rate") == "VAT in DE is 16 % on 2020-07-01 (since 2020-07-01)."


def test_a_tax_that_is_not_in_force_is_left_out_or_refused() -> None:
    supply = Supply(date(2019, 12, 31), customer="DE")
    found = determine(supply, RULES, TAXES)
    assert (codes(found), text(found, "not_in_force")) == (
        [],
        "VAT has no rate on 2019-12-31, so it is not charged.",
    )
    with pytest.raises(TaxRateMissing) as refused:
        determine(supply, RULES, TAXES, TaxPolicy(no_rule="refuse"))
    assert refused.value.members == {"tax": "VAT", "tax_date": "2019-12-31"}


def test_without_a_rule_there_is_no_tax_and_the_trace_says_so() -> None:
    found = determine(Supply(DAY, customer="MY"), RULES, TAXES)
    assert (codes(found), names(found)) == ([], ["place_of_supply", "other_places", "no_rule", "no_tax"])
    assert text(found, "no_tax") == "No tax rule covers this supply, so no tax is charged."


def test_without_a_rule_the_sale_is_refused_when_the_company_asks_for_that() -> None:
    with pytest.raises(TaxUndetermined) as refused:
        determine(Supply(DAY, customer="MY", product_category="FOOD"), RULES, TAXES, TaxPolicy(no_rule="refuse"))
    assert refused.value.detail == (
        "No tax rule covers a sale to MY on 2026-11-22. Add a rule for MY or a wider place; a rule without taxes, "
        "with a reason, says that none is due."
    )
    assert refused.value.members == {"place": "MY", "product_category": "FOOD", "tax_date": "2026-11-22"}


def test_an_unknown_place_is_told_or_refused() -> None:
    found = determine(Supply(DAY), RULES, TAXES)
    assert (found.place, codes(found), names(found)) == (None, [], ["place_of_supply", "no_tax"])
    with pytest.raises(TaxUndetermined, match="Give the customer a jurisdiction"):
        determine(Supply(DAY), RULES, TAXES, TaxPolicy(no_rule="refuse"))


def test_a_rule_without_taxes_satisfies_a_company_that_refuses_guesses() -> None:
    rules = [rule("EXPORT", "MY", reason="exports are zero-rated")]
    found = determine(Supply(DAY, customer="MY"), rules, TAXES, TaxPolicy(no_rule="refuse"))
    assert (codes(found), names(found)) == ([], ["place_of_supply", "rule"])


def test_a_rule_naming_an_unknown_tax_is_refused_by_name() -> None:
    with pytest.raises(UnknownReference) as refused:
        determine(Supply(DAY, customer="DE"), [rule("DE-GENERAL", "DE", "GONE")], TAXES)
    assert refused.value.members == {"tax_rule": "DE-GENERAL", "tax": "GONE"}


def test_a_tax_named_at_two_levels_is_charged_once() -> None:
    rules = [rule("WIDE", "US-CA", "STATE"), rule("NARROW", "US-CA-SF", "STATE", "CITY")]
    found = determine(Supply(DAY, customer="US-CA-SF"), rules, TAXES)
    assert codes(found) == ["STATE", "CITY"]
    assert text(found, "repeated") == "STATE is named by more than one rule and charged once."


def exemption(**fields: object) -> Exemption:
    return Exemption.model_validate({"certificate": "CERT-9", "valid_from": "2026-01-01"} | fields)


def test_an_exemption_takes_off_the_taxes_of_its_place_and_within_it() -> None:
    supply = Supply(DAY, customer="US-CA-SF", exemptions=[exemption(jurisdiction="US-CA", reason="resale")])
    found = determine(supply, RULES, TAXES)
    assert (codes(found), [applied.code for applied in found.exempted]) == ([], ["STATE", "CITY"])
    assert text(found, "exemption") == "STATE is not charged: exemption certificate CERT-9 (resale)."


def test_an_exemption_of_a_city_leaves_the_state_tax() -> None:
    supply = Supply(DAY, customer="US-CA-SF", exemptions=[exemption(jurisdiction="US-CA-SF")])
    assert codes(determine(supply, RULES, TAXES)) == ["STATE"]


def test_an_exemption_from_named_taxes_leaves_the_others() -> None:
    supply = Supply(DAY, customer="US-CA-SF", exemptions=[exemption(taxes=["STATE"])])
    assert codes(determine(supply, RULES, TAXES)) == ["CITY"]


def test_an_exemption_counts_on_its_days_only_and_the_trace_says_why_not() -> None:
    lapsed = exemption(valid_to="2026-11-21")
    found = determine(Supply(DAY, customer="DE", exemptions=[lapsed]), RULES, TAXES)
    assert codes(found) == ["VAT"]
    assert text(found, "exemption_not_valid") == (
        "Exemption certificate CERT-9 is valid from 2026-01-01 to 2026-11-21, not on 2026-11-22."
    )
    last_day = exemption(valid_to="2026-11-22")
    assert codes(determine(Supply(DAY, customer="DE", exemptions=[last_day]), RULES, TAXES)) == []


def test_an_exempt_buyer_can_be_given_the_price_without_the_tax_it_includes() -> None:
    included = {"VAT": tax("VAT", "DE", "0.19", included_in_price=True)}
    found = determine(Supply(DAY, customer="DE", exemptions=[exemption()]), RULES, included)
    assert net_from_gross(Decimal("119.00"), found.exempted) == Decimal("100.0000")


def test_what_is_not_charged_is_noted_with_its_reason() -> None:
    care = rule("CARE", "US-CA", product_category="CARE", reason="medical care")
    exempt = Exemption(certificate="C-1", jurisdiction="US-CA-SF", valid_from=DAY, reason="resale")
    supply = Supply(DAY, ship_to="US-CA-SF", product_category="CARE", exemptions=[exempt])
    assert [note.model_dump(exclude_none=True) for note in determine(supply, [*RULES, care], TAXES).notes] == [
        {"basis": "rule", "reason": "medical care", "rule": "CARE", "jurisdiction": "US-CA"},
        {"basis": "exemption", "reason": "resale", "tax": "CITY", "certificate": "C-1", "jurisdiction": "US-CA-SF"},
    ]
    early = Supply(date(2019, 1, 1), ship_to="DE")
    assert [(note.basis, note.tax) for note in determine(early, RULES, TAXES).notes] == [("no_rate", "VAT")]
    assert [note.basis for note in determine(Supply(DAY, ship_to="FR"), RULES, TAXES).notes] == ["no_rule"]
    assert determine(Supply(DAY, ship_to="US-CA-SF"), RULES, TAXES).notes == ()


def test_the_trace_on_the_wire_has_words_and_figures() -> None:
    steps = trace_steps(determine(Supply(DAY, customer="DE"), RULES, TAXES).steps)
    assert [step.step for step in steps] == ["place_of_supply", "other_places", "rule", "rate"]
    assert steps[3].model_dump(mode="json") == {
        "step": "rate",
        "text": "VAT in DE is 19 % on 2026-11-22 (since 2020-01-01).",
        "figures": {
            "tax": "VAT",
            "jurisdiction": "DE",
            "tax_date": "2026-11-22",
            "since": "2020-01-01",
            "rate": "0.19",
            "percent": "19",
        },
    }


def test_a_text_with_braces_in_it_is_told_as_it_is() -> None:
    rules = [rule("ODD", "DE", reason="see {tax} file {0}")]
    found = determine(Supply(DAY, customer="DE"), rules, TAXES)
    assert text(found, "rule") == "In DE rule ODD decides: no tax, because see {tax} file {0}."


def test_a_fixed_tax_is_told_with_its_currency() -> None:
    eco = tax("ECO", "FR", "0.25", kind="fixed_per_unit", currency="EUR")
    found = determine(Supply(DAY, customer="FR"), [rule("FR", "FR", "ECO")], {"ECO": eco})
    assert text(found, "rate") == "ECO in FR is 0.25 EUR per unit on 2026-11-22 (since 2020-01-01)."


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rates": []}, "at least 1 item"),
        ({"rates": [{"valid_from": "2020-01-01", "rate": "6"}]}, 'write a percentage as a fraction: 6 % is "0.06"'),
        ({"rates": [{"valid_from": "2020-01-01", "rate": "-0.06"}]}, "greater than or equal to 0"),
        ({"rates": [{"valid_from": "2020-01-01", "rate": 0.06}]}, "a JSON float may have lost cents"),
        (
            {"rates": [{"valid_from": "2020-01-01", "valid_to": "2019-12-31", "rate": "0.06"}]},
            "valid_to must not lie before valid_from",
        ),
        (
            {
                "rates": [
                    {"valid_from": "2021-01-01", "rate": "0.08"},
                    {"valid_from": "2020-01-01", "valid_to": "2021-01-01", "rate": "0.06"},
                ]
            },
            "the rate from 2020-01-01 still holds on 2021-01-01: end it on the day before",
        ),
        (
            {"rates": [{"valid_from": "2020-01-01", "rate": "0.1"}, {"valid_from": "2021-01-01", "rate": "0.2"}]},
            "the rate from 2020-01-01 still holds on 2021-01-01: end it on the day before",
        ),
        ({"kind": "fixed_per_unit"}, "give a currency for a tax that is a fixed amount per unit"),
        ({"currency": "EUR"}, "none for a percentage"),
        ({"jurisdiction": "usa"}, "should match pattern"),
        ({"code": "NO SPACES"}, "should match pattern"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_faulty_tax_is_refused(fields: dict[str, object], message: str) -> None:
    sound = {
        "code": "GOOD",
        "name": "Good",
        "jurisdiction": "US-CA",
        "account": "2200",
        "rates": [{"valid_from": "2020-01-01", "rate": "0.06"}],
    }
    assert Tax.model_validate(sound).code == "GOOD"
    with pytest.raises(ValidationError) as refused:
        Tax.model_validate(sound | fields)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"taxes": []}, "give a reason when no tax is to be charged"),
        ({"taxes": ["A", "A"]}, "name each tax once"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "valid_to must not lie before valid_from"),
        ({"sequence": -1}, "greater than or equal to 0"),
    ],
)
def test_a_faulty_rule_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TaxRule.model_validate({"code": "BAD", "name": "Bad", "jurisdiction": "US", "taxes": ["A"]} | fields)
    assert message in str(refused.value)


def test_the_trace_says_why_each_other_rule_does_not_match() -> None:
    rules = [
        *RULES,
        rule("BOOKS", "DE", "VAT", product_category="BOOK"),
        rule("STATE-BODIES", "DE", reason="public bodies", customer_category="PUBLIC"),
        rule("OLD", "DE", "VAT", valid_to="2020-12-31"),
        rule("COMING", "DE", "VAT", valid_from="2027-01-01"),
        rule("FROM-ABROAD", "DE", "VAT", origin_outside="DE"),
    ]
    found = determine(Supply(DAY, customer="DE", product_category="FOOD", origin="DE-BE"), rules, TAXES)
    assert [step.text for step in found.steps if step.step in ("no_match", "other_places")] == [
        "Rule BOOKS of DE does not apply: it is for the product category BOOK, and this one is FOOD.",
        "Rule COMING of DE does not apply: it holds from 2027-01-01, after 2026-11-22.",
        "Rule FROM-ABROAD of DE does not apply: it is for what comes from outside DE, and this comes from DE-BE.",
        "Rule OLD of DE does not apply: it held until 2020-12-31, before 2026-11-22.",
        "Rule STATE-BODIES of DE does not apply: it is for the customer category PUBLIC, and this customer's is none.",
        "2 of the rules are for other places: CA-GENERAL, SF-GENERAL.",
    ]


def test_a_purchase_has_rules_of_its_own_by_where_it_comes_from() -> None:
    """Directive 2006/112/EC art. 196: the buyer owes the tax on services from abroad."""
    taxes = {**TAXES, "RC": tax("RC", "DE", "0.19", reverse_charge=True)}
    rules = [
        *RULES,
        rule("DE-BUY", "DE", "VAT", side="purchase"),
        rule("DE-BUY-ABROAD", "DE", "RC", side="purchase", origin_outside="DE"),
    ]
    at_home = determine(purchase_from("DE", "DE", DAY), rules, taxes)
    abroad = determine(purchase_from("FR", "DE", DAY), rules, taxes)
    assert (codes(at_home), codes(abroad)) == (["VAT"], ["RC"])
    assert [applied.rate for applied in abroad.taxes] == [Decimal("0.19")]
    assert text(abroad, "reverse_charge") == "RC is a reverse charge: the company owes it instead of the supplier."
    assert codes(determine(Supply(DAY, customer="DE"), rules, taxes)) == ["VAT"]


def test_the_seller_charges_nothing_of_a_reverse_charge_and_says_so() -> None:
    """Directive 2006/112/EC art. 226(11a): the invoice tells that the buyer owes the tax."""
    taxes = {"RC": tax("RC", "FR", "0.2", reverse_charge=True)}
    found = determine(Supply(DAY, customer="FR"), [rule("FR", "FR", "RC")], taxes)
    assert [(applied.code, applied.rate) for applied in found.taxes] == [("RC", 0)]
    assert [note.model_dump(exclude_none=True) for note in found.notes] == [
        {"basis": "reverse_charge", "tax": "RC", "jurisdiction": "FR"}
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reverse_charge": True, "included_in_price": True}, "tax_not_in_price"),
        ({"withheld": True, "included_in_price": True}, "tax_not_in_price"),
        ({"reverse_charge": True, "withheld": True}, "reverse_charge_alone"),
        ({"due": "payment"}, "transition_account"),
        ({"transition_account": "2205"}, "transition_account"),
        ({"recoverable": "1.5"}, "less_than_equal"),
    ],
)
def test_a_tax_that_contradicts_itself_is_refused(fields: dict[str, object], code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        tax("T", "DE", **fields)
    assert [error["type"] for error in refused.value.errors()] == [code]
