"""Reading an entry: by id or number, in one statement."""

from typing import Any

import pytest

from tests.support.ledger import Books
from tests.support.statements import counted


@pytest.mark.example
def test_example(books: Books, example: Any) -> None:
    entry = books.rent(date="2026-11-20", text="Rent for November")
    answer = example(path={"id": entry["id"]})
    assert (answer.status, answer["number"]) == (200, "JE-2026-000001")


def test_by_number_as_by_id(books: Books) -> None:
    entry = books.rent()
    answer, sent = counted(lambda: books.get({"id": entry["number"]}))
    assert answer == entry
    assert len(sent) <= 2


def test_another_document_is_no_entry(books: Books) -> None:
    company = books.api.call("get_record", path={"resource": "companies", "id": "MAIN"}).expect(200)
    for reference in (company["id"], "MAIN", "JE-2026-000009"):
        books.api.call("get_journal_entry", path={"id": reference}).expect(404)
