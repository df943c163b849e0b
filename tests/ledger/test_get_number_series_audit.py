"""The audit of a series: issued, void, and none missing."""

from typing import Any

import pytest

from tests.support.ledger import Books
from tests.support.statements import counted


@pytest.fixture
def numbered(books: Books) -> Books:
    """Three entries, the second void, and one of the year before."""
    books.rent(date="2026-01-31")
    books.act("void_journal_entry", books.rent(date="2026-02-28"), reason="Entered twice")
    books.rent(date="2026-03-31")
    books.rent(post=False)
    books.year(2025)
    books.rent(date="2025-12-31")
    return books


def series(books: Books) -> str:
    found = books.api.call("list_records", path={"resource": "number-series"}, query={"limit": "200"}).expect(200)
    (code,) = [one["code"] for one in found["data"] if one["document_type"] == "journal_entry"]
    return str(code)


def audit(books: Books, status: int = 200, **query: str) -> Any:
    return books.api.call("get_number_series_audit", path={"id": series(books)}, query=query).expect(status).json


@pytest.mark.example
def test_example(numbered: Books, example: Any) -> None:
    answer = example(path={"id": series(numbered)}, query={"period": "2026"})
    assert (answer.status, answer["complete"]) == (200, True)


def test_every_number_and_its_document(numbered: Books) -> None:
    answer = audit(numbered)
    assert answer["complete"] is True
    assert answer["periods"] == [
        {"period": "2025", "last": 1, "issued": 1, "void": 0, "missing": 0, "complete": True},
        {"period": "2026", "last": 3, "issued": 2, "void": 1, "missing": 0, "complete": True},
    ]
    assert [(row["number"], row["outcome"], row["date"]) for row in answer["data"]] == [
        ("JE-2025-000001", "issued", "2025-12-31"),
        ("JE-2026-000001", "issued", "2026-01-31"),
        ("JE-2026-000002", "void", "2026-02-28"),
        ("JE-2026-000003", "issued", "2026-03-31"),
    ]
    assert [row["number"] for row in audit(numbered, period="2026", outcome="void")["data"]] == ["JE-2026-000002"]
    assert audit(numbered, outcome="missing")["data"] == []


def test_pages_join(numbered: Books) -> None:
    first = audit(numbered, limit="3")
    second = audit(numbered, limit="3", cursor=first["next_cursor"])
    assert [row["position"] for row in first["data"] + second["data"]] == [1, 1, 2, 3]
    assert second["next_cursor"] is None
    assert audit(numbered, 422, cursor="rubbish")["errors"][0]["pointer"] == "/cursor"


def test_a_gap_would_be_seen(numbered: Books, owner_url: str) -> None:
    """The database lets no gap arise; one that was forced past its guards is told."""
    from psycopg import connect

    with connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("SELECT set_config('app.tenant_id', %s, true)", [str(numbered.api.tenant_id)])
        for trigger in ("guard", "guard_numbers"):
            owner.execute(f"ALTER TABLE kernel.number_counter DISABLE TRIGGER {trigger}")
        owner.execute(
            "UPDATE kernel.number_counter SET last = last + 1 WHERE period = '2025' AND series_id ="
            " (SELECT id FROM kernel.document WHERE type = 'number_series' AND data->>'document_type' ="
            " 'journal_entry')"
        )
        for trigger in ("guard", "guard_numbers"):
            owner.execute(f"ALTER TABLE kernel.number_counter ENABLE TRIGGER {trigger}")
    answer = audit(numbered, outcome="missing")
    assert answer["complete"] is False
    assert answer["data"] == [{"period": "2025", "position": 2, "outcome": "missing"}]


def test_one_statement_and_only_what_is_there(numbered: Books) -> None:
    audit(numbered)
    code = series(numbered)
    _, sent = counted(lambda: numbered.api.call("get_number_series_audit", path={"id": code}).expect(200))
    assert len(sent) <= 2
    numbered.api.call("get_number_series_audit", path={"id": "NOPE"}).expect(404)
