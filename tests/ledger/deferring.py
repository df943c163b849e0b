"""Short ways to defer."""

from typing import Any

from tests.support.ledger import Books


def defer(books: Books, status: int = 201, **body: Any) -> Any:
    return books.api.call("create_deferral_schedule", body, headers=books.key()).expect(status).json


def recognise(books: Books, status: int = 200, **body: Any) -> Any:
    return books.api.call("run_deferrals", body, headers=books.key()).expect(status).json


def planned(schedule: Any) -> list[tuple[str, str]]:
    return [(one["date"], one["amount"]) for one in schedule["instalments"]]
