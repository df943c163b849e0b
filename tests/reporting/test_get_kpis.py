"""The key figures: revenue, receivables, what is overdue, and what sells best, on any day."""

from decimal import Decimal
from typing import Any

import pytest

from bigledger.reporting.cells import address, identifier
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.shop import Shop
from tests.support.statements import counted


@pytest.mark.example
def test_example(shop: Shop, example: Any) -> None:
    shop.invoice()
    shop.invoice("CUST002", date="2026-10-05", items=[{"product": "PROD002", "quantity": 1}])
    deliver(shop.api)
    answer = example(query={"as_of": "2026-11-30"})
    assert answer["revenue"] == {"month": "1200.00", "year": "1650.00"}
    assert answer["receivables"] == {"open": "1737.00", "open_items": 2, "overdue": "450.00", "overdue_items": 1}


def kpis(shop: Shop, **query: str) -> Any:
    deliver(shop.api)
    return shop.api.call("get_kpis", query=query).expect(200).json


def sales(answer: Any) -> list[tuple[str, str, str]]:
    return [(row["product"]["code"], row["quantity"], row["net"]) for row in answer["top_products"]]


def test_a_company_that_sold_nothing(shop: Shop) -> None:
    answer = kpis(shop)
    assert (answer["company"]["code"], answer["as_of"], answer["currency"]) == ("MAIN", "2026-11-23", "USD")
    assert answer["revenue"] == {"month": "0.00", "year": "0.00"}
    assert answer["receivables"] == {"open": "0.00", "open_items": 0, "overdue": "0.00", "overdue_items": 0}
    assert answer["top_products"] == []


def test_the_month_and_the_year_so_far(shop: Shop) -> None:
    shop.api.record("fiscal-years", code="FY2025", company="MAIN", starts_on="2025-01-01", ends_on="2025-12-31")
    for day in ("2025-12-31", "2026-01-01", "2026-10-31", "2026-11-01", "2026-11-23", "2026-11-24"):
        shop.invoice("CUST002", date=day, items=[{"product": "SERV001", "quantity": 1}])
    assert kpis(shop)["revenue"] == {"month": "150.00", "year": "300.00"}
    assert kpis(shop, as_of="2026-11-30")["revenue"] == {"month": "225.00", "year": "375.00"}
    assert kpis(shop, as_of="2026-10-31")["revenue"] == {"month": "75.00", "year": "150.00"}
    assert kpis(shop, as_of="2025-12-31")["revenue"] == {"month": "75.00", "year": "75.00"}


def test_revenue_is_without_tax_and_without_other_income(shop: Shop) -> None:
    """Only accounts of the category revenue count (IAS 1, 82): interest earned is none."""
    shop.api.record("products", code="INTEREST", name="Interest", kind="service", unit="EA", sales_price="40.00",
                    revenue_account="4300")  # fmt: skip
    shop.api.record("products", code="ADVICE", name="Advice", kind="service", unit="EA", sales_price="50.00",
                    revenue_account="4010")  # fmt: skip
    shop.invoice(items=[{"product": "INTEREST", "quantity": 1}, {"product": "ADVICE", "quantity": 1}])
    assert kpis(shop)["revenue"] == {"month": "50.00", "year": "50.00"}


def test_what_is_open_and_what_of_it_is_overdue(shop: Shop) -> None:
    """An item is overdue from the day after it was due."""
    shop.invoice()  # due on 2026-12-23
    shop.invoice("CUST002")  # due at once
    assert kpis(shop)["receivables"] == {"open": "2487.00", "open_items": 2, "overdue": "0.00", "overdue_items": 0}
    for day, overdue, items in (
        ("2026-11-24", "1200.00", 1),
        ("2026-12-23", "1200.00", 1),
        ("2026-12-24", "2487.00", 2),
    ):
        owed = kpis(shop, as_of=day)["receivables"]
        assert (owed["open"], owed["overdue"], owed["overdue_items"]) == ("2487.00", overdue, items)


def test_each_instalment_is_an_item_of_its_own(shop: Shop) -> None:
    shares = [{"percent": "30"}, {"percent": "30", "days": 30}, {"days": 60}]
    shop.api.record("payment-terms", code="THREE", name="Three parts", instalments=shares)
    shop.invoice(payment_terms="THREE")
    owed = kpis(shop, as_of="2026-12-24")["receivables"]
    assert owed == {"open": "1287.00", "open_items": 3, "overdue": "772.20", "overdue_items": 2}


def test_payments_lower_it_and_advances_do_not(shop: Shop) -> None:
    shop.invoice()
    shop.pay("287.00")
    assert kpis(shop)["receivables"]["open"] == "1000.00"
    shop.pay("1500.00")
    assert kpis(shop)["receivables"] == {"open": "0.00", "open_items": 0, "overdue": "0.00", "overdue_items": 0}


def test_on_an_earlier_day_it_is_what_was_owed_then(shop: Shop) -> None:
    shop.invoice(date="2026-11-01")
    shop.pay("287.00", date="2026-11-10")
    shop.pay("1000.00", date="2026-11-20")
    voided = shop.invoice("CUST002", date="2026-11-05")
    body = {"reason": "Ordered twice", "date": "2026-11-15"}
    shop.api.call("void_invoice", body, path={"id": voided["id"]}).expect(200)
    owed = {
        day: (found["open"], found["open_items"])
        for day in ("2026-10-31", "2026-11-01", "2026-11-05", "2026-11-10", "2026-11-15", "2026-11-20")
        for found in (kpis(shop, as_of=day)["receivables"],)
    }
    assert owed == {
        "2026-10-31": ("0.00", 0),
        "2026-11-01": ("1287.00", 1),
        "2026-11-05": ("2487.00", 2),
        "2026-11-10": ("2200.00", 2),
        "2026-11-15": ("1000.00", 1),
        "2026-11-20": ("0.00", 0),
    }


def test_what_sells_best(shop: Shop) -> None:
    shop.invoice(items=[{"product": "PROD001", "quantity": 3}, {"product": "PROD002", "quantity": 1}])
    shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 2}, {"product": "PROD002", "quantity": 1}])
    assert sales(kpis(shop)) == [("PROD002", "2", "900.00"), ("PROD001", "3", "360.00"), ("SERV001", "2", "150.00")]
    assert sales(kpis(shop, top="1")) == [("PROD002", "2", "900.00")]


def test_sales_count_from_their_day_on_and_in_their_year(shop: Shop) -> None:
    for day in ("2026-02-01", "2026-11-10", "2026-11-20", "2027-01-02"):
        shop.invoice("CUST002", date=day, items=[{"product": "SERV001", "quantity": 1}])
    found = {
        day: [quantity for _, quantity, _ in sales(kpis(shop, as_of=day))]
        for day in ("2026-01-31", "2026-02-01", "2026-11-09", "2026-11-10", "2026-11-30", "2027-01-01", "2027-01-02")
    }
    assert found == {
        "2026-01-31": [],
        "2026-02-01": ["1"],
        "2026-11-09": ["1"],
        "2026-11-10": ["2"],
        "2026-11-30": ["3"],
        "2027-01-01": [],
        "2027-01-02": ["1"],
    }


def test_what_follows_the_events_comes_with_them_and_the_rest_at_once(shop: Shop) -> None:
    shop.invoice()
    answer = shop.api.call("get_kpis").expect(200)
    assert (answer["revenue"]["month"], answer["top_products"]) == ("1200.00", [])
    assert sales(kpis(shop)) == [("PROD001", "10", "1200.00")]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"as_of": "x"}, "/as_of"), ({"top": "0"}, "/top"), ({"top": "51"}, "/top"), ({"company": "NONE"}, "/company")],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("get_kpis", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]


def test_they_are_read_in_two_statements(shop: Shop) -> None:
    shop.invoice()
    kpis(shop)
    _, sent = counted(lambda: shop.api.call("get_kpis").expect(200))
    assert len(sent) == 2


def test_another_tenants_figures_are_its_own(shop: Shop, operator: Api) -> None:
    shop.invoice()
    deliver(shop.api)
    other = operator.call("create_tenant", {"name": "B", "company": {"currency": "USD", "jurisdiction": "US"}})
    answer = Api(other.expect(201)["id"]).call("get_kpis").expect(200)
    assert (answer["revenue"]["year"], answer["receivables"]["open"], answer["top_products"]) == ("0.00", "0.00", [])


def test_amounts_are_explained_down_to_lines(shop: Shop) -> None:
    """Revenue by its journal lines; what is owed by open items and what settled them, advances left aside."""
    shop.invoice(date="2026-10-31")
    shop.invoice("CUST002", items=[{"product": "SERV001", "quantity": 1}])
    shop.pay("287.00", date="2026-11-10")
    shop.pay("500.00", "CUST002")
    shop.api.record("customers", code="EARLY", name="Early", jurisdiction="US-NV")
    shop.pay("99.00", "EARLY")
    for day in ("2026-10-31", "2026-11-15", "2026-12-31"):
        answer = kpis(shop, as_of=day)
        for name, cell in answer["cells"].items():
            part, figure = name.split(".")
            query, path = {"cell": cell}, {"kind": "kpis"}
            told = shop.api.call("get_explanation", path=path, query=query).expect(200).json
            assert (told["kind"], told["row"]) == ("kpis", name)
            assert told["amount"] == answer[part][figure], (day, name)
            assert Decimal(told["amount"]) == sum(Decimal(line["amount"]) for line in told["data"])
    assert list(answer["cells"]) == ["revenue.month", "revenue.year", "receivables.open", "receivables.overdue"]
    assert (answer["receivables"]["overdue"], answer["revenue"]["year"]) == ("1000.00", "1275.00")


def test_what_is_no_key_figure_is_not_explained(shop: Shop) -> None:
    place = address(kpis(shop)["cells"]["revenue.month"])
    for row in ("revenue", "top_products"):
        query = {"cell": identifier(place.model_copy(update={"row": row}))}
        refused = shop.api.call("get_explanation", path={"kind": "kpis"}, query=query).expect(422)
        assert refused["errors"][0]["code"] == "unknown_cell"
