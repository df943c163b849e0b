"""Answers and parameters may have any size: the kernel stays below the limits of the Data API by itself."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bigledger.kernel.data_api_limits import reads
from bigledger.kernel.database import ConcurrentChange, parsed_json, transaction
from devtools.local.rds_data_server import DataApiServer
from tests.data_api.test_values import EXACT, VALUES


def calls(server: DataApiServer, sql: str, **parameters: Any) -> tuple[Any, int]:
    """The rows of a statement, and how many calls it took besides begin and commit."""
    with transaction() as opened:
        opened.rows("SELECT 1")
        server.api.calls.clear()
        rows = opened.rows(sql, **parameters)
        return rows, server.api.calls["Execute"]


class TestAnswers:
    """A statement is one call until its answer has about a megabyte, and one more for each after that."""

    @pytest.mark.parametrize(
        ("sql", "expected"),
        [
            ("SELECT repeat('x', 100)", 1),
            ("SELECT repeat('x', 59998)", 1),  # the longest row that is handed over as it is
            ("SELECT repeat('x', 59999)", 1),
            ("SELECT repeat('x', 70000), repeat('y', 70000)", 1),
            ("SELECT repeat('x', 900000)", 1),
            ("SELECT repeat('x', 1000000)", 2),
            ("SELECT repeat('x', 2500000)", 3),
            ("SELECT repeat('é日🧾', 200000)", 2),
            ("SELECT n, repeat('x', 100) FROM generate_series(1, 1000) n", 1),
            ("SELECT n, repeat('x', 100) FROM generate_series(1, 5000) n", 1),
            ("SELECT n, repeat('x', 100) FROM generate_series(1, 20000) n", 3),
            ("SELECT n % 7, NULL, n FROM generate_series(10000, 1, -1) n", 1),
            ("WITH a AS (SELECT 1 AS n), b AS (SELECT repeat('x', 80000)) SELECT * FROM a, b", 1),
            ("SELECT repeat('x', 80000) -- and no more", 1),
        ],
    )
    def test_an_answer_of_any_size_is_the_one_psycopg_answers(
        self, connected: DataApiServer, by_hand: psycopg.Connection[Any], sql: str, expected: int
    ) -> None:
        rows, sent = calls(connected, sql)
        assert [tuple(row) for row in rows] == by_hand.execute(sql).fetchall()
        assert sent == expected

    @pytest.mark.parametrize("expression", [one for one in VALUES if not one.startswith("NULL::")])
    def test_values_beside_a_long_one_are_those_psycopg_answers(
        self, connected: DataApiServer, by_hand: psycopg.Connection[Any], expression: str
    ) -> None:
        psycopg.types.json.set_json_loads(parsed_json, by_hand)
        sql = f"SELECT {expression} AS value, repeat('x', 70000) AS long, {expression} AS value"
        rows, _ = calls(connected, sql)
        (expected,) = by_hand.execute(sql).fetchall()
        assert tuple(rows[0]) == expected == (VALUES[expression], "x" * 70000, VALUES[expression])
        assert list(map(type, rows[0])) == list(map(type, expected))
        assert str(rows[0][0]) == str(expected[0])

    def test_nothing_is_null_beside_a_long_value(self, connected: DataApiServer) -> None:
        sql = "SELECT NULL::text, NULL::numeric, NULL::uuid[], NULL::bytea, NULL::boolean, repeat('x', 70000)"
        ((*nothing, _),), _ = calls(connected, sql)
        assert nothing == [None] * 5

    @settings(EXACT, max_examples=25)
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=7))
    def test_no_character_is_torn(self, connected: DataApiServer, word: str) -> None:
        """Pieces end between characters, wherever in them the limit of a piece falls."""
        rows, _ = calls(connected, "SELECT repeat(:word, cast(:times AS integer)) AS text", word=word, times=20000)
        assert rows[0].text == word * 20000

    def test_a_lock_is_taken_and_a_row_without_columns_counted(self, connected: DataApiServer, by_hand: Any) -> None:
        by_hand.execute("INSERT INTO item (id) SELECT * FROM generate_series(1, 3000)")
        with transaction() as opened:
            assert len(opened.rows("SELECT id FROM item ORDER BY id LIMIT 2 FOR UPDATE")) == 2
            free = "SELECT count(*) FROM (SELECT FROM item FOR UPDATE SKIP LOCKED) found"
            assert by_hand.execute(free).fetchone() == (2998,)

    def test_what_changes_between_two_calls_is_tried_again(self, connected: DataApiServer, by_hand: Any) -> None:
        def read() -> Any:
            with transaction() as opened:
                return opened.rows("SELECT repeat(name, 500000) AS text FROM item")[0].text

        for change in ("UPDATE item SET name = 'xyz'", "UPDATE item SET name = 'a'", "DELETE FROM item"):
            by_hand.execute("DELETE FROM item; INSERT INTO item (id, name) VALUES (1, 'abc')")
            with before_call(connected, 3, lambda change=change: by_hand.execute(change)):
                with pytest.raises(ConcurrentChange) as caught:
                    read()
            assert (str(caught.value), caught.value.problem) == ("postgres 40001", None)
        by_hand.execute("INSERT INTO item (id, name) VALUES (1, 'abc')")
        assert read() == "abc" * 500000

    @pytest.mark.parametrize(
        ("sql", "expected"),
        [
            ("SELECT 1", True),
            ("\n  select id FROM item FOR UPDATE OF item SKIP LOCKED", True),
            ("WITH a AS (SELECT 1) SELECT * FROM a", True),
            ("VALUES (1)", True),
            ("INSERT INTO item (id) VALUES (1) RETURNING id", False),
            ("WITH a AS (INSERT INTO item (id) VALUES (1) RETURNING id) SELECT id FROM a", False),
            ("WITH a AS (UPDATE kernel.document old SET version = 2 RETURNING 1) SELECT * FROM a", False),
            ("WITH a AS (DELETE FROM item RETURNING id) SELECT * FROM a", False),
            ("SET CONSTRAINTS ALL DEFERRED", False),
            ("SELECTED", False),
        ],
    )
    def test_what_only_reads_is_guarded(self, sql: str, expected: bool) -> None:
        assert reads(sql) is expected

    def test_what_writes_answers_as_well(self, connected: DataApiServer, by_hand: Any) -> None:
        sql = "WITH a AS (INSERT INTO item (id, name) VALUES (1, :name) RETURNING id) SELECT id FROM a"
        rows, sent = calls(connected, sql, name="a")
        assert ([tuple(row) for row in rows], sent) == ([(1,)], 1)
        assert by_hand.execute("SELECT id, name FROM item").fetchall() == [(1, "a")]


@contextmanager
def before_call(server: DataApiServer, number: int, action: Callable[[], Any]) -> Iterator[None]:
    """Do something before a call of so many reaches the service."""
    call, seen = server.api.call, 0

    def counted(operation: str, request: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            action()
        return call(operation, request)

    server.api.call = counted  # type: ignore[method-assign]
    try:
        yield
    finally:
        server.api.call = call  # type: ignore[method-assign]


class TestParameters:
    """A request may have 4 MiB; a parameter that makes it larger goes ahead in parts."""

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("x" * 3_800_000, 0),
            ("x" * 3_999_998, 2),
            ("x" * 10_000_000, 4),
            ('{"a": "b"}' * 300_000, 2),  # quotes take two bytes each
            ("é" * 1_000_000, 2),  # six bytes each
            ("🧾" * 1_000_000, 4),  # twelve bytes each
        ],
    )
    def test_a_text_of_any_length_arrives(self, connected: DataApiServer, text: str, parts: int) -> None:
        sql = "SELECT :text::text = md5(:text) AS other, md5(:text), length(:text), :number + 1, :word AS word"
        (row,), sent = calls(connected, sql, text=text, number=7, word="a")
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        assert (tuple(row), sent) == ((False, digest, len(text), 8, "a"), parts + 1)

    def test_several_long_ones_go_ahead_as_far_as_they_have_to(self, connected: DataApiServer, by_hand: Any) -> None:
        """The longest first; a writing statement finds them as well, and names that begin alike are told apart."""
        given = {"b": "x" * 2_000_000, "bc": "y" * 5_000_000, "bcd": "z" * 1_000_000}
        with transaction() as opened:
            opened.rows("CREATE TEMPORARY TABLE parts (text text) ON COMMIT DROP")
            connected.api.calls.clear()
            opened.rows("INSERT INTO parts SELECT :b || :bc || :bcd", **given)
            assert connected.api.calls["Execute"] == 3
            found = opened.row("SELECT md5(text) AS digest FROM parts").digest
        whole = "".join(given.values())
        assert found == hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()

    def test_what_went_ahead_ends_with_the_transaction(self, connected: DataApiServer) -> None:
        sql = "SELECT length(coalesce(current_setting('bigledger.part_0', true), '')) AS length"
        with transaction() as opened:
            opened.rows("SELECT length(:text)", text="x" * 6_000_000)
            assert opened.row(sql).length == 3_000_000
        for _ in range(5):
            with transaction() as opened:
                assert opened.row(sql).length == 0
