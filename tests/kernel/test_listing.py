"""Lists: pages that follow one another without gap or repetition, typed filters, cursors that cannot do harm."""

import base64
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bigledger.kernel import Document, documents
from bigledger.kernel.listing import cursor
from tests.kernel.notes import list_notes
from tests.support.api import Api
from tests.support.bare import add_document, working

FIRST_DAY = date(2026, 1, 1)
SORTS = ["number", "date", "due_date", "status", "created_at"]


@pytest.fixture
def notes(tenant: Api) -> list[Document]:
    """Thirty notes with ties and gaps in everything they can be sorted by, in no order of it."""
    with working(tenant) as context:
        made = [
            documents.create(
                context,
                Document(
                    context.new_id(),
                    "note",
                    ["open", "closed", "lost"][index % 3],
                    {"text": f"note {index}"},
                    number=None if index % 7 == 0 else f"N-{index * 17 % 30:02}",
                    date=FIRST_DAY + timedelta(days=index * 11 % 5),
                    due_date=None if index % 4 == 0 else FIRST_DAY + timedelta(days=index * 13 % 30),
                ),
            )
            for index in range(30)
        ]
        context.work.flush()
    return made


def collect(api: Api, limit: int, **query: str) -> list[str]:
    """The ids of every page of a list, one page after the other."""
    found: list[str] = []
    position: str | None = None
    while True:
        page = {**query, "limit": str(limit), **({"cursor": position} if position else {})}
        answer = api.call(list_notes, query=page).expect(200)
        assert len(answer["data"]) <= limit
        found += [note["id"] for note in answer["data"]]
        position = answer.json.get("next_cursor")
        if position is None:
            return found
        assert len(answer["data"]) == limit


@pytest.mark.parametrize("limit", [1, 2, 7, 29, 30, 31, 200])
def test_without_a_sort_the_newest_come_first(tenant: Api, notes: list[Document], limit: int) -> None:
    assert collect(tenant, limit) == [str(note.id) for note in reversed(notes)]


@pytest.mark.parametrize("limit", [1, 2, 7, 200])
@pytest.mark.parametrize("way", ["", "-"])
@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_of_a_sorted_list_hold_everything_once_and_in_order(
    tenant: Api, notes: list[Document], sort: str, way: str, limit: int
) -> None:
    having = [note for note in notes if getattr(note, sort) is not None]
    ordered = sorted(having, key=lambda note: (getattr(note, sort), note.id), reverse=way == "-")
    assert collect(tenant, limit, sort=f"{way}{sort}") == [str(note.id) for note in ordered]


def test_a_sorted_list_has_only_what_has_a_value_to_sort_by(tenant: Api, notes: list[Document]) -> None:
    assert len(collect(tenant, 50, sort="due_date")) == sum(note.due_date is not None for note in notes) == 22


def test_what_is_written_between_two_pages_neither_repeats_nor_hides_anything(
    tenant: Api, notes: list[Document]
) -> None:
    first = tenant.call(list_notes, query={"limit": "10"}).expect(200)
    add_document(tenant, data={"text": "new"})
    second = tenant.call(list_notes, query={"limit": "200", "cursor": first["next_cursor"]}).expect(200)
    rest = [note["id"] for note in second["data"]]
    assert [note["id"] for note in first["data"]] + rest == [str(note.id) for note in reversed(notes)]


def test_another_tenants_documents_are_not_listed(tenant: Api, other: Api, notes: list[Document]) -> None:
    assert collect(other, 50) == []


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"status": "open"}, lambda note: note.status == "open"),
        ({"status[eq]": "open"}, lambda note: note.status == "open"),
        ({"number": "N-17"}, lambda note: note.number == "N-17"),
        ({"number": "n-17"}, lambda note: False),
        ({"number": "' OR true --"}, lambda note: False),
        ({"due_date": "2026-01-14"}, lambda note: note.due_date == date(2026, 1, 14)),
        ({"due_date[gte]": "2026-01-14"}, lambda note: note.due_date and note.due_date >= date(2026, 1, 14)),
        ({"due_date[gt]": "2026-01-14"}, lambda note: note.due_date and note.due_date > date(2026, 1, 14)),
        ({"due_date[lte]": "2026-01-14"}, lambda note: note.due_date and note.due_date <= date(2026, 1, 14)),
        ({"due_date[lt]": "2026-01-14"}, lambda note: note.due_date and note.due_date < date(2026, 1, 14)),
        ({"due_date[gt]": "2026-01-02", "due_date[lt]": "2026-01-09", "status": "lost"},
         lambda note: note.due_date and date(2026, 1, 2) < note.due_date < date(2026, 1, 9) and note.status == "lost"),
        ({"created_at[gte]": "2026-11-23T00:00:00Z"}, lambda note: True),
        ({"created_at[lt]": "2026-11-23T00:00:00+00:00"}, lambda note: False),
        ({"status": ""}, lambda note: False),
    ],
)  # fmt: skip
def test_a_filter_keeps_what_it_says(tenant: Api, notes: list[Document], query: dict[str, str], kept: Any) -> None:
    expected = [str(note.id) for note in reversed(notes) if kept(note)]
    assert collect(tenant, 4, **query) == expected


def test_a_list_is_filtered_by_what_a_document_refers_to(tenant: Api) -> None:
    about = add_document(tenant, number="ABOUT", data={"text": "about"})
    note = add_document(tenant, party_id=about.id, data={"text": "note"})
    for reference in ("ABOUT", str(about.id), str(about.id).upper()):
        assert collect(tenant, 10, about=reference) == [str(note.id)]
    assert collect(tenant, 10, about="NOBODY") == []


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ({"colour": "red"}, "/colour", "unknown_filter"),
        ({"data": "x"}, "/data", "unknown_filter"),
        ({"filters": "x"}, "/filters", "unknown_filter"),
        ({"type": "api_key"}, "/type", "unknown_filter"),
        ({"tenant_id": "x"}, "/tenant_id", "unknown_filter"),
        ({"status; DROP TABLE kernel.document": "x"}, "/status; DROP TABLE kernel.document", "unknown_filter"),
        ({"status[gte]": "a"}, "/status[gte]", "unknown_operator"),
        ({"status[": "a"}, "/status[", "unknown_operator"),
        ({"status[]": "a"}, "/status[]", "unknown_operator"),
        ({"status[eq": "a"}, "/status[eq", "unknown_operator"),
        ({"status[eq]]": "a"}, "/status[eq]]", "unknown_operator"),
        ({"status[foo]": "a"}, "/status[foo]", "unknown_operator"),
        ({"due_date[gte": "2026-01-14"}, "/due_date[gte", "unknown_operator"),
        ({"status]": "a"}, "/status]", "unknown_filter"),
        ({"[status]": "a"}, "/[status]", "unknown_filter"),
        ({"": "a"}, "/", "unknown_filter"),
        ({"due_date[like]": "2026"}, "/due_date[like]", "unknown_operator"),
        ({"due_date": "tomorrow"}, "/due_date", "invalid_value"),
        ({"due_date[lt]": "2026-02-30"}, "/due_date[lt]", "invalid_value"),
        ({"created_at[lt]": "noon"}, "/created_at[lt]", "invalid_value"),
        ({"sort": "colour"}, "/sort", "unknown_sort"),
        ({"sort": "--date"}, "/sort", "unknown_sort"),
        ({"sort": "about"}, "/sort", "unknown_sort"),
        ({"sort": "date; DROP TABLE x"}, "/sort", "unknown_sort"),
        ({"limit": "0"}, "/limit", "greater_than_equal"),
        ({"limit": "201"}, "/limit", "less_than_equal"),
        ({"limit": "many"}, "/limit", "int_parsing"),
        ({"limit": "1.5"}, "/limit", "int_parsing"),
    ],
)
def test_what_a_list_cannot_do_is_pointed_at(
    tenant: Api, notes: list[Document], query: dict[str, str], pointer: str, code: str
) -> None:
    answer = tenant.call(list_notes, query=query).expect(422)
    assert answer["code"] == "invalid_request"
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [(pointer, code)]


def test_all_faulty_filters_are_told_at_once(tenant: Api) -> None:
    answer = tenant.call(list_notes, query={"colour": "red", "date": "x", "status[lt]": "y"}).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/colour", "/date", "/status[lt]"]


ID = "019b772d-0e3b-7000-8000-000000000000"


def refused(api: Api, text: str, **query: str) -> None:
    answer = api.call(list_notes, query={"cursor": text, **query}).expect(422)
    assert answer["code"] == "invalid_request"
    assert answer["errors"] == [
        {"pointer": "/cursor", "code": "invalid_cursor", "message": "pass next_cursor as it was, or leave it out"}
    ]


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        *["x", "AAAA", "é", "%00", "null", "[]"],
        *[encoded(value) for value in (None, [], {}, "x", 7, ["note ", "", ID, ""], ["note ", ID])],
        encoded({"0": 1, "1": 2, "2": 3}),
        *[encoded(["note ", "", value]) for value in ("", "1", f"{ID}0", "' OR true --", None, 7, [], "\0")],
        *[encoded(["note number", "N-01", ID]), encoded([None, "", ID]), encoded(["note ", None, ID])],
        *[encoded([order, "", ID]) for order in ("", "note", "letter ", "note -")],
    ],
)
def test_a_cursor_that_was_tampered_with_is_told(tenant: Api, notes: list[Document], text: str) -> None:
    refused(tenant, text)


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("due_date", "2026-02-30"),
        ("due_date", "None"),
        ("due_date", "N-01"),
        ("due_date", ""),
        ("-due_date", "'; DROP TABLE kernel.document; --"),
        ("created_at", "noon"),
        ("number", "N\0"),
    ],
)
def test_a_cursor_with_another_value_than_the_sort_takes_is_told(tenant: Api, sort: str, value: str) -> None:
    refused(tenant, cursor(f"note {sort}", value, ID), sort=sort)


@pytest.mark.parametrize(("given_for", "used_for"), [("", "date"), ("date", ""), ("date", "-date"), ("date", "number")])
def test_a_cursor_serves_only_the_order_it_was_given_for(
    tenant: Api, notes: list[Document], given_for: str, used_for: str
) -> None:
    sorted_so = {"sort": given_for} if given_for else {}
    position = tenant.call(list_notes, query={"limit": "3", **sorted_so}).expect(200)["next_cursor"]
    refused(tenant, position, **({"sort": used_for} if used_for else {}))


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.one_of(st.text(max_size=20), st.integers(-9, 9), st.none()), max_size=4).map(
            lambda value: base64.urlsafe_b64encode(orjson.dumps(value, default=str)).decode()
        ),
    ),
    st.sampled_from(["", *SORTS, "-date"]),
)
def test_no_cursor_whatsoever_breaks_a_list(tenant: Api, text: str, sort: str) -> None:
    answer = tenant.call(list_notes, query={"cursor": text, **({"sort": sort} if sort else {})})
    assert answer.status == 422, answer.text


def test_no_cursor_reaches_another_tenant(tenant: Api, other: Api, notes: list[Document]) -> None:
    position = tenant.call(list_notes, query={"limit": "3"}).expect(200)["next_cursor"]
    assert other.call(list_notes, query={"cursor": position}).expect(200)["data"] == []


def test_a_filter_in_brackets_replaces_the_default_too(api: Api) -> None:
    """Otherwise both would hold, and archived records could not be found that way."""
    api.record("units", code="DZ", name="Dozen")
    api.call("archive_record", path={"resource": "units", "id": "DZ"}).expect(200)
    for written in ("status", "status[eq]"):
        found = api.call("list_records", path={"resource": "units"}, query={written: "archived"}).expect(200)
        assert [unit["code"] for unit in found["data"]] == ["DZ"]


def test_a_cursor_serves_only_the_list_it_was_given_for(api: Api) -> None:
    given = api.call("list_records", path={"resource": "accounts"}, query={"limit": "1"}).expect(200)["next_cursor"]
    for operation, path in (("list_records", {"resource": "units"}), ("list_invoices", {}), ("list_api_keys", {})):
        answer = api.call(operation, path=path, query={"cursor": given}).expect(422)
        assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/cursor", "invalid_cursor")]
