"""Lists: complete, in order, filtered by what they say."""

import pytest

from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    shop.invoice()
    shop.invoice("CUST002")
    answer = example(query={"customer": "CUST001", "status": "issued", "due_date[gte]": "2026-01-01", "limit": "10"})
    assert [row["number"] for row in answer["data"]] == ["INV-2026-000001"]


def numbers(shop: Shop, **query: str) -> list[str]:
    answer = shop.api.call(
        "list_invoices",
        query={name.replace("__", "[") + ("]" if "__" in name else ""): value for name, value in query.items()},
    )
    return [row.get("number", "draft") for row in answer.expect(200)["data"]]


def test_filters_and_order(shop: Shop) -> None:
    shop.invoice(date="2026-11-01")
    shop.invoice("CUST002", date="2026-11-02")
    shop.invoice(date="2026-11-03", draft=True)
    first, second = "INV-2026-000001", "INV-2026-000002"
    assert numbers(shop) == ["draft", second, first]
    assert numbers(shop, customer="CUST001") == ["draft", first]
    assert numbers(shop, status="issued", sort="date") == [first, second]
    assert numbers(shop, sort="-date") == ["draft", second, first]
    assert numbers(shop, date__gte="2026-11-02", date__lt="2026-11-03") == [second]
    assert numbers(shop, customer="NOBODY") == []


@pytest.mark.parametrize("sort", ["", "date", "-date", "due_date", "-number"])
def test_pages_are_complete_and_do_not_repeat(shop: Shop, sort: str) -> None:
    made = {shop.invoice(items=[{"product": "SERV001", "quantity": 1}])["number"] for _ in range(7)}
    query = {"limit": "3"} | ({"sort": sort} if sort else {})
    seen: list[str] = []
    while True:
        page = shop.api.call("list_invoices", query=query).expect(200)
        seen += [row["number"] for row in page["data"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == 7
    assert set(seen) == made


def test_what_is_due_stands_in_the_list(shop: Shop) -> None:
    shop.invoice()
    shop.pay("287.00")
    (row,) = shop.api.call("list_invoices").expect(200)["data"]
    assert (row["total"], row["amount_due"], row["status"]) == ("1287.00", "1000.00", "partially_paid")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"total": "5"}, "/total"),
        ({"status[gte]": "a"}, "/status[gte]"),
        ({"date": "yesterday"}, "/date"),
        ({"sort": "total"}, "/sort"),
        ({"cursor": "nonsense"}, "/cursor"),
        ({"limit": "201"}, "/limit"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(shop: Shop, query: dict[str, str], pointer: str) -> None:
    answer = shop.api.call("list_invoices", query=query).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == [pointer]
