"""The demo company: Harbor Supply Co, which sells gear for boats and harbors on both coasts. All of it is invented."""

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]
"""The body of a call that makes a record."""

TENANT: Record = {
    "name": "Harbor Supply Co",
    "company": {"currency": "USD", "jurisdiction": "US-CA"},
    "mode": "test",
}

_SINCE = "2020-01-01"

TAXES: list[Record] = [
    {"code": code, "name": name, "jurisdiction": place, "sequence": order, "account": "2200",
     "rates": [{"rate": rate, "valid_from": _SINCE}]}
    for code, name, place, order, rate in (
        ("STATE", "California sales tax", "US-CA", 10, "0.06"),
        ("CITY", "San Francisco sales tax", "US-CA-SF", 20, "0.0125"),
        ("NY-STATE", "New York State sales tax", "US-NY", 10, "0.04"),
        ("NY-CITY", "New York City sales tax", "US-NY-NYC", 20, "0.045"),
    )
]  # fmt: skip

_NO_TAX = "Services bear no sales tax in California."

TAX_RULES: list[Record] = [
    {"code": "CA", "name": "California", "jurisdiction": "US-CA", "taxes": ["STATE"]},
    {"code": "CA-SF", "name": "San Francisco", "jurisdiction": "US-CA-SF", "taxes": ["CITY"]},
    {"code": "NY", "name": "New York State", "jurisdiction": "US-NY", "taxes": ["NY-STATE"]},
    {"code": "NY-NYC", "name": "New York City", "jurisdiction": "US-NY-NYC", "taxes": ["NY-CITY"]},
    {"code": "CA-SERVICES", "name": "Services in California", "jurisdiction": "US-CA", "product_category": "service",
     "taxes": [], "reason": _NO_TAX},
    {"code": "CA-SF-SERVICES", "name": "Services in San Francisco", "jurisdiction": "US-CA-SF",
     "product_category": "service", "taxes": [], "reason": _NO_TAX},
]  # fmt: skip

APPROVAL_RULES: list[Record] = [
    {"code": "LARGE-INVOICE", "name": "Invoices above 10,000", "condition": "document.total > 10000"},
]

SUPPLIERS: list[Record] = [
    {"code": "SUP001", "name": "Pacific Ropeworks", "jurisdiction": "US-CA", "payment_terms": "NET30"},
    {"code": "SUP002", "name": "Northlight Lanterns", "jurisdiction": "US-WA", "payment_terms": "NET60"},
    {"code": "SUP003", "name": "Tidewater Castings", "jurisdiction": "US-NJ", "payment_terms": "NET30"},
    {"code": "SUP004", "name": "Meridian Marine Instruments", "jurisdiction": "US-OR", "payment_terms": "NET60"},
    {"code": "SUP005", "name": "Saltmarsh Safety & Outfitting", "jurisdiction": "US-ME", "payment_terms": "NET30"},
    {"code": "SUP006", "name": "Cormorant Deck Supplies", "jurisdiction": "US-CA", "payment_terms": "NET15"},
]

_EXEMPTIONS = {
    "Bayview Sailing School": ("CA-ED-20417", "US-CA", "Public school"),
    "Hudson Waterfront Museum": ("NY-NP-88213", "US-NY", "Charitable organization"),
}

_CUSTOMERS = {
    ("US-CA-SF", "San Francisco", "CA"): (
        ("Lighthouse Books & Charts", "NET30", "50000.00"),
        ("Golden Gate Rigging", "NET30", "40000.00"),
        ("Pier 23 Boatyard", "NET15", "25000.00"),
        ("Embarcadero Yacht Club", "NET30", "60000.00"),
        ("Mission Creek Houseboats", "NET15", "10000.00"),
        ("Fog Horn Charters", "IMMEDIATE", "5000.00"),
        ("Alcatraz Ferry Services", "EOM30", "90000.00"),
        ("Bayview Sailing School", "NET60", "20000.00"),
        ("Sunset Surf & Paddle", "NET30", "8000.00"),
        ("Marina Fuel Dock", "NET15", "15000.00"),
        ("Ghirardelli Fishing Fleet", "NET30", "35000.00"),
    ),
    ("US-NY-NYC", "New York", "NY"): (
        ("East River Towing", "NET30", "75000.00"),
        ("Red Hook Marine Works", "NET30", "45000.00"),
        ("City Island Sailmakers", "NET15", "12000.00"),
        ("Hudson Waterfront Museum", "NET60", "18000.00"),
        ("Sheepshead Bay Anglers", "IMMEDIATE", "4000.00"),
        ("Brooklyn Barge Company", "EOM30", "120000.00"),
        ("Jamaica Bay Oysters", "NET15", "9000.00"),
        ("Gowanus Canoe Livery", "NET30", "6000.00"),
        ("Staten Island Pilots", "NET30", "55000.00"),
    ),
}

_GOODS = (
    ("Brass harbor lantern", "120.00", "66.00", 100, "SUP002"),
    ("Mooring line 12 mm, 20 m", "48.00", "24.50", 240, "SUP001"),
    ("Mooring line 16 mm, 20 m", "72.50", "38.00", 180, "SUP001"),
    ("Dock line, braided, 10 m", "29.90", "14.20", 300, "SUP001"),
    ("Anchor, galvanized, 10 kg", "139.00", "78.00", 60, "SUP003"),
    ("Anchor, galvanized, 20 kg", "249.00", "141.00", 35, "SUP003"),
    ("Anchor chain 8 mm, 10 m", "96.00", "52.40", 90, "SUP003"),
    ("Fender, inflatable, medium", "34.50", "16.75", 400, "SUP006"),
    ("Fender, inflatable, large", "59.00", "29.30", 220, "SUP006"),
    ("Cleat, stainless, 200 mm", "27.80", "12.90", 350, "SUP003"),
    ("Bollard, cast iron", "410.00", "236.00", 18, "SUP003"),
    ("Life vest, adult", "65.00", "33.10", 260, "SUP005"),
    ("Life vest, child", "52.00", "26.40", 140, "SUP005"),
    ("Life ring with line", "88.00", "47.20", 75, "SUP005"),
    ("Signal flare set", "74.00", "41.60", 120, "SUP005"),
    ("VHF radio, handheld", "189.00", "112.00", 55, "SUP004"),
    ("VHF radio, fixed", "329.00", "198.00", 28, "SUP004"),
    ("Chart plotter, 7 inch", "649.00", "415.00", 20, "SUP004"),
    ("Chart plotter, 9 inch", "949.00", "622.00", 12, "SUP004"),
    ("Depth sounder", "275.00", "163.00", 26, "SUP004"),
    ("Compass, bracket mount", "142.00", "81.50", 44, "SUP004"),
    ("Barometer, brass", "118.00", "64.00", 30, "SUP004"),
    ("Ship's clock, brass", "126.00", "68.00", 30, "SUP004"),
    ("Binoculars 7 × 50", "164.00", "92.00", 48, "SUP004"),
    ("Navigation light, port and starboard", "57.00", "28.80", 110, "SUP002"),
    ("Anchor light, LED", "46.00", "22.70", 130, "SUP002"),
    ("Deck flood light, LED", "83.00", "44.10", 70, "SUP002"),
    ("Bilge pump, 12 V", "69.00", "36.20", 95, "SUP006"),
    ("Bilge pump, manual", "54.00", "27.00", 80, "SUP006"),
    ("Water tank, 60 l", "112.00", "61.30", 32, "SUP006"),
    ("Deck wash kit", "134.00", "74.90", 25, "SUP006"),
    ("Boat hook, telescopic", "38.00", "18.40", 160, "SUP006"),
    ("Boarding ladder, 4 steps", "158.00", "88.00", 40, "SUP006"),
    ("Winch, two-speed", "785.00", "498.00", 10, "SUP003"),
    ("Winch handle", "62.00", "31.80", 85, "SUP003"),
    ("Block, single, 57 mm", "33.00", "15.60", 210, "SUP003"),
    ("Shackle set, stainless", "24.50", "10.90", 380, "SUP003"),
    ("Sail repair kit", "41.00", "19.70", 115, "SUP001"),
    ("Antifouling paint, 2.5 l", "97.00", "55.20", 64, "SUP006"),
    ("Varnish, exterior, 1 l", "36.50", "17.90", 150, "SUP006"),
    ("Epoxy resin, 1 kg", "58.00", "30.60", 105, "SUP006"),
    ("Teak cleaner, 1 l", "22.00", "9.80", 190, "SUP006"),
    ("Rain jacket, offshore", "215.00", "124.00", 66, "SUP005"),
    ("Rubber boots", "68.00", "34.90", 98, "SUP005"),
    ("Waterproof bag, 40 l", "49.50", "23.80", 144, "SUP005"),
)
"""Name, sales price, unit cost, the quantity in stock and who supplied it."""

_SERVICES = (
    ("Rigging inspection", "95.00"),
    ("Electronics installation", "110.00"),
    ("Splicing and rope work", "70.00"),
    ("Delivery to the dock", "45.00"),
    ("Winter storage check", "85.00"),
)
"""Name and price of an hour."""


def customers() -> Iterator[Record]:
    """CUST001 to CUST020, with terms, credit limits in USD and a few exemptions."""
    number = 0
    for (jurisdiction, city, region), parties in _CUSTOMERS.items():
        for name, terms, limit in parties:
            number += 1
            customer: Record = {
                "code": f"CUST{number:03}",
                "name": name,
                "jurisdiction": jurisdiction,
                "payment_terms": terms,
                "credit_limit": limit,
                "email": f"accounts@customer{number:03}.example",
                "address": {"city": city, "region": region, "country": "US"},
            }
            if name in _EXEMPTIONS:
                certificate, place, reason = _EXEMPTIONS[name]
                customer["exemptions"] = [
                    {"certificate": certificate, "jurisdiction": place, "valid_from": _SINCE, "reason": reason}
                ]
            yield customer


def products() -> Iterator[Record]:
    """PROD001 to PROD050: goods, then services by the hour."""
    for place, (name, price, _, _, _) in enumerate(_GOODS, start=1):
        yield {"code": f"PROD{place:03}", "name": name, "unit": "EA", "sales_price": price}
    for place, (name, price) in enumerate(_SERVICES, start=len(_GOODS) + 1):
        yield {
            "code": f"PROD{place:03}",
            "name": name,
            "kind": "service",
            "unit": "HOUR",
            "sales_price": price,
            "tax_category": "service",
            "revenue_account": "4010",
        }


def receipts() -> Iterator[Record]:
    """The goods as they came into stock at MAIN, a receipt per supplier."""
    for supplier in SUPPLIERS:
        items = [
            {"product": f"PROD{place:03}", "quantity": str(quantity), "unit_cost": cost}
            for place, (_, _, cost, quantity, supplied_by) in enumerate(_GOODS, start=1)
            if supplied_by == supplier["code"]
        ]
        yield {"location": "MAIN", "supplier": supplier["code"], "items": items, "note": "Opening stock"}
