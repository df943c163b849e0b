"""Exact decimal arithmetic: currency scales, rounding, and distribution without loss.

Rounding of money happens here and nowhere else.
"""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from functools import cache, reduce

# Minor units per ISO 4217 where they are not two (the "E" column of list one).
_SCALES = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_TWO_PLACES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR
ZMW ZWG
"""

CURRENCIES: frozenset[str] = frozenset(_SCALES) | frozenset(_TWO_PLACES.split())
"""Every active currency code of ISO 4217."""

ROUNDING_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN, "up": ROUND_UP}
"""The rounding modes a company can choose, by their names on the wire."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""No document comes to so much, in any currency: balances stay within what is added exactly."""

EXACT = Context(prec=60)
"""Digits enough for any product of a quantity and a price on the wire: nothing is lost before rounding."""

_ONE, _TEN = Decimal(1), Decimal(10)


def scale(currency: str) -> int:
    """How many decimal places the currency has (ISO 4217 minor unit): 2 for USD, 0 for JPY, 3 for KWD."""
    return _SCALES.get(currency, 2)


@cache
def quantum(currency: str) -> Decimal:
    """The smallest amount of the currency: 0.01 for USD, 1 for JPY."""
    return Decimal(1).scaleb(-scale(currency))


def nothing(currency: str) -> Decimal:
    """Zero, written with the currency's decimals."""
    return Decimal(0).quantize(quantum(currency))


def round_money(amount: Decimal, currency: str, mode: str = "half_up") -> Decimal:
    """Round an amount to the currency's minor unit; the mode is a name of ROUNDING_MODES.

    The default, half up (away from zero on ties), is the commercial rule of EN 16931 and most tax law.
    """
    return amount.quantize(quantum(currency), ROUNDING_MODES[mode], EXACT)


def round_to(amount: Decimal, step: Decimal, mode: str = "half_up") -> Decimal:
    """Round an amount to a multiple of a step, such as 0.05 where that is the smallest coin."""
    steps = EXACT.divide(amount, step).quantize(Decimal(1), ROUNDING_MODES[mode], EXACT)
    return EXACT.multiply(steps, step)


def distribute(total: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """Split a total over weights in whole units so that the parts add up to the total exactly.

    Largest-remainder method (Hamilton): each part is cut to the unit towards zero, then the units left over
    go to the largest remainders, the earlier part on ties. ``total`` must be a multiple of ``unit``. With
    all weights zero everything falls on the first part.

    Raises ValueError when there is nothing to distribute over, weights of opposite sign, or a total that is
    not a multiple of the unit.
    """
    if not weights:
        raise ValueError("there are no weights to distribute over")
    if min(weights) < 0 < max(weights):
        raise ValueError("weights must have one sign")
    if EXACT.remainder(total, unit) != 0:
        raise ValueError(f"{total} is not a multiple of {unit}")
    whole = _sum(weights)
    if whole == 0:
        return [total, *[total * 0] * (len(weights) - 1)]
    units = EXACT.divide(total, unit)
    exact = [EXACT.divide(EXACT.multiply(units, weight), whole) for weight in weights]
    parts = [int(share) for share in exact]
    left = int(units) - sum(parts)
    order = sorted(range(len(parts)), key=lambda index: (-abs(EXACT.subtract(exact[index], parts[index])), index))
    for index in order[: abs(left)]:
        parts[index] += 1 if left > 0 else -1
    return [EXACT.multiply(Decimal(part), unit) for part in parts]


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return reduce(EXACT.add, amounts, Decimal(0))


def plain(number: Decimal) -> Decimal:
    """The same number without exponent or trailing zeros, as quantities and rates stand on the wire."""
    stripped = number.normalize(EXACT)
    tens = stripped and not EXACT.remainder(stripped, _TEN)  # only of these it makes an exponent above zero
    return stripped.quantize(_ONE, context=EXACT) if tens else stripped
