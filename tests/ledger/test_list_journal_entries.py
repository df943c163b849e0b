"""Listing entries: complete, in order, filtered by what they say."""

from typing import Any

import pytest

from tests.support.ledger import Books


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    books.rent(date="2026-10-31", text="Rent for October")
    books.rent(date="2026-11-20", text="Rent for November")
    answer = example(query={"status": "posted", "date[gte]": "2026-11-01"})
    assert [row["text"] for row in answer["data"]] == ["Rent for November"]


def numbers(books: Books, **query: str) -> list[str]:
    written = {name.replace("__", "[") + ("]" if "__" in name else ""): value for name, value in query.items()}
    answer = books.api.call("list_journal_entries", query=written).expect(200)
    return [row.get("number", "draft") for row in answer["data"]]


def test_filters_and_order(books: Books) -> None:
    books.rent(date="2026-11-02")
    books.rent(date="2026-11-01")
    books.rent(post=False)
    first, second = "JE-2026-000001", "JE-2026-000002"
    assert numbers(books) == ["draft", second, first]
    assert numbers(books, status="posted", sort="date") == [second, first]
    assert numbers(books, number=first) == [first]
    assert numbers(books, company="MAIN", date__lte="2026-11-01") == [second]
    assert numbers(books, sort="-number") == [second, first]


def test_what_cannot_be_filtered_is_said(books: Books) -> None:
    problem = books.api.call("list_journal_entries", query={"color": "red"}).expect(422)
    assert problem["errors"][0]["code"] == "unknown_filter"
