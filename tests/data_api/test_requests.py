"""The served Data API answers requests as AWS does, and refuses what AWS refuses."""

import base64
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from devtools.local.child import READY_FILE
from devtools.local.network import free_port
from devtools.local.rds_data_errors import DataApiError
from devtools.local.rds_data_server import CLUSTER
from devtools.local.rds_data_values import _array, bindings
from tests.data_api.scratch import ARN, BAD_REQUEST, DATABASE_ERROR, Client, text
from tests.support.data_api import APPLICATION, DISPATCHER
from tests.support.database import url as plain_url

NO_OPERATOR = (
    "; Hint: No operator matches the given name and argument types. You might need to add explicit type casts."
)


class TestAnswers:
    """What comes back."""

    def test_a_query_answers_fields_and_what_is_known_of_the_columns(self, client: Client) -> None:
        sql = "SELECT 1 AS id, '1.10'::numeric(12, 2) AS amount, NULL::text AS name, ARRAY[1, 2] AS places"
        told = {"isAutoIncrement": False, "isCurrency": False, "nullable": 1, "schemaName": "", "tableName": ""}
        assert client.execute(sql, includeResultMetadata=True) == {
            "numberOfRecordsUpdated": 0,
            "records": [
                [
                    {"longValue": 1},
                    {"stringValue": "1.10"},
                    {"isNull": True},
                    {"arrayValue": {"longValues": [1, 2]}},
                ]
            ],
            "columnMetadata": [
                {
                    **told,
                    "name": name,
                    "label": name,
                    "type": number,
                    "typeName": type_name,
                    "precision": precision,
                    "scale": scale,
                    "isSigned": signed,
                    "isCaseSensitive": case,
                    "arrayBaseColumnType": base,
                }
                for name, number, type_name, precision, scale, signed, case, base in [
                    ("id", 4, "int4", 10, 0, True, False, 0),
                    ("amount", 2, "numeric", 12, 2, True, False, 0),
                    ("name", 12, "text", 2147483647, 0, False, True, 0),
                    ("places", 2003, "_int4", 10, 0, True, False, 4),
                ]
            ],
        }

    def test_columns_are_described_only_when_that_is_asked_for(self, client: Client) -> None:
        assert client.execute("SELECT 1 WHERE false") == {"numberOfRecordsUpdated": 0, "records": []}

    def test_a_change_answers_how_many_rows_it_changed(self, client: Client) -> None:
        insert = "INSERT INTO item (id) SELECT * FROM generate_series(1, 3)"
        assert client.execute(insert, includeResultMetadata=True) == {
            "generatedFields": [],
            "numberOfRecordsUpdated": 3,
        }
        assert client.execute("UPDATE item SET name = 'a' WHERE id > 1")["numberOfRecordsUpdated"] == 2
        returned = client.execute("DELETE FROM item WHERE id = 1 RETURNING id")
        assert returned["records"] == [[{"longValue": 1}]]

    @pytest.mark.parametrize(
        ("expression", "field"),
        [
            ("timestamptz '2026-11-23 10:00:00+01'", "2026-11-23 09:00:00"),
            ("timestamptz '2026-11-23 09:00:00.5+00'", "2026-11-23 09:00:00.500"),
            ("timestamptz '2026-11-23 09:00:00.000100+00'", "2026-11-23 09:00:00.000100"),
            ("timestamp '2026-11-23 09:00:00.12'", "2026-11-23 09:00:00.120"),
            ("time '09:00:00.1234'", "09:00:00.123400"),
            ("date '2026-11-23'", "2026-11-23"),
            ("'1e3'::numeric", "1000"),
            ("'NaN'::numeric", "NaN"),
            ("""'{"b":1,"a":0.10}'::jsonb""", '{"a": 0.10, "b": 1}'),
        ],
    )
    def test_what_json_has_no_type_for_is_a_text(self, client: Client, expression: str, field: str) -> None:
        """An instant is in UTC and does not say so; its second has no digits, three, or six."""
        assert client.value(f"SELECT {expression}") == {"stringValue": field}

    def test_numbers_come_as_they_are_asked_for(self, client: Client) -> None:
        sql = "SELECT 7, '1.50'::numeric, '2'::numeric"
        options = {"decimalReturnType": "DOUBLE_OR_LONG", "longReturnType": "STRING"}
        assert client.execute(sql, resultSetOptions=options)["records"] == [
            [{"stringValue": "7"}, {"doubleValue": 1.5}, {"longValue": 2}]
        ]

    def test_records_may_come_as_one_json_text(self, client: Client) -> None:
        sql = (
            "SELECT 1 AS a, '1.10'::numeric AS b, 'é' AS c, true AS d, NULL AS e, '\\x00ff'::bytea AS f,"
            " ARRAY['x', NULL] AS g, date '2026-11-23' AS h"
        )
        answer = client.execute(sql, formatRecordsAs="JSON", includeResultMetadata=True)
        assert set(answer) == {"formattedRecords", "numberOfRecordsUpdated"}
        assert json.loads(answer["formattedRecords"]) == [
            {
                "a": 1,
                "b": "1.10",
                "c": "é",
                "d": True,
                "e": None,
                "f": base64.b64encode(b"\0\xff").decode(),
                "g": ["x", None],
                "h": "2026-11-23",
            }
        ]
        assert client.refusal(lambda: client.execute("SELECT 1 AS a, 2 AS a", formatRecordsAs="JSON"))[0] == BAD_REQUEST

    def test_a_batch_runs_once_for_each_set_and_all_or_nothing(self, client: Client, by_hand: Any) -> None:
        def batch(*ids: int) -> Any:
            sets = [[{"name": "id", "value": {"longValue": id}}] for id in ids]
            sql = "INSERT INTO item (id) VALUES (:id)"
            return client.boto.batch_execute_statement(**client.names, sql=sql, parameterSets=sets)

        assert batch(1, 2)["updateResults"] == [{"generatedFields": []}] * 2
        assert client.refusal(lambda: batch(3, 1))[0] == DATABASE_ERROR
        assert by_hand.execute("SELECT id FROM item ORDER BY id").fetchall() == [(1,), (2,)]

    @given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))))
    def test_any_array_of_texts_is_taken_apart(self, elements: list[str | None]) -> None:
        """As Postgres writes it: quoted where there is a doubt."""

        def written(one: str | None) -> str:
            return "NULL" if one is None else '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"'

        assert _array("{" + ",".join(map(written, elements)) + "}") == elements


class TestParameters:
    """What goes in: with its own type, which Postgres does not change without a cast."""

    def test_each_kind_has_the_type_that_aws_gives_it(self, client: Client) -> None:
        given = {
            "a": {"stringValue": "x"},
            "b": {"longValue": 1},
            "c": {"doubleValue": 0.5},
            "d": {"booleanValue": True},
            "e": {"blobValue": b"\0\xff"},
        }
        sql = "SELECT concat_ws(' ', pg_typeof(:a), pg_typeof(:b), pg_typeof(:c), pg_typeof(:d), pg_typeof(:e), :e)"
        parameters = [{"name": name, "value": value} for name, value in given.items()]
        assert client.value(sql, parameters=parameters) == {
            "stringValue": "text bigint double precision boolean bytea \\x00ff"
        }

    @pytest.mark.parametrize(
        ("hint", "value", "type_name"),
        [
            ("DATE", "2026-11-23", "date"),
            ("DECIMAL", "1.10", "numeric"),
            ("JSON", '{"a": 1}', "json"),
            ("TIME", "09:00:00.123", "time without time zone"),
            ("TIMESTAMP", "2026-11-23 09:00:00.123", "timestamp without time zone"),
            ("UUID", "019b772d-0e3b-7000-8000-000000000000", "uuid"),
        ],
    )
    def test_a_hint_makes_it_another_type(self, client: Client, hint: str, value: str, type_name: str) -> None:
        sql = "SELECT pg_typeof(:a)::text || ' ' || :a::text"
        assert client.value(sql, parameters=[text("a", value, hint)]) == {"stringValue": f"{type_name} {value}"}

    @pytest.mark.parametrize(
        ("hint", "value", "message"),
        [
            ("TIMESTAMP", "2026-11-23T09:00:00Z", "Parse Error for TimeStamp: input contains invalid characters"),
            ("DATE", "23.11.2026", "Parse Error for Date: input contains invalid characters"),
            ("DECIMAL", "1,10", "Parse Error for Decimal: input contains invalid characters"),
        ],
    )
    def test_a_text_that_is_not_of_its_hints_form_is_refused(
        self, client: Client, hint: str, value: str, message: str
    ) -> None:
        refusal = client.refusal(lambda: client.execute("SELECT :a", parameters=[text("a", value, hint)]))
        assert refusal == (DATABASE_ERROR, message)

    @pytest.mark.parametrize(
        ("sql", "message", "hint", "position", "state"),
        [
            (
                "INSERT INTO item (id, amount) VALUES (1, :a)",
                'column "amount" is of type numeric but expression is of type text',
                "; Hint: You will need to rewrite or cast the expression.",
                42,
                "42804",
            ),
            (
                "SELECT 1 FROM item WHERE id = :a",
                "operator does not exist: integer = text",
                NO_OPERATOR,
                29,
                "42883",
            ),
            ("SELECT 1 LIMIT :a", "argument of LIMIT must be type bigint, not type text", "", 16, "42804"),
            (
                "SELECT :a || name FROM item GROUP BY :a || name",
                'column "item.name" must appear in the GROUP BY clause or be used in an aggregate function',
                "",
                14,
                "42803",
            ),
        ],
    )
    def test_a_missing_cast_is_refused(
        self, client: Client, sql: str, message: str, hint: str, position: int, state: str
    ) -> None:
        """The last: each occurrence is a parameter of its own, so that Postgres cannot know that they are equal."""
        refusal = client.refusal(lambda: client.execute(sql, parameters=[text("a", "day")]))
        assert refusal == (DATABASE_ERROR, f"ERROR: {message}{hint}; Position: {position}; SQLState: {state}")

    def test_what_is_no_scalar_is_refused(self, client: Client) -> None:
        array = {"name": "a", "value": {"arrayValue": {"longValues": [1]}}}
        refusal = client.refusal(lambda: client.execute("SELECT :a", parameters=[array]))
        assert refusal == (BAD_REQUEST, "Array parameters are not supported.")
        with pytest.raises(DataApiError, match='Parameter "a" has value with no field set'):
            bindings([{"name": "a", "value": {}}])

    def test_a_parameter_that_is_not_given_is_refused(self, client: Client) -> None:
        assert client.refusal(lambda: client.execute("SELECT :a")) == (BAD_REQUEST, "Cannot find parameter: a")

    def test_a_text_with_a_zero_byte_is_refused_as_postgres_does(self, client: Client) -> None:
        refusal = client.refusal(lambda: client.execute("SELECT :a", parameters=[text("a", "x\0y")]))
        assert refusal == (DATABASE_ERROR, 'ERROR: invalid byte sequence for encoding "UTF8": 0x00; SQLState: 22021')


class TestRoles:
    """A secret holds a database role."""

    @pytest.mark.parametrize(
        ("secret", "role"), [(APPLICATION, "bigledger_application"), (DISPATCHER, "bigledger_dispatcher")]
    )
    def test_statements_run_as_the_role_of_the_secret(self, client: Client, secret: str, role: str) -> None:
        assert client.value("SELECT current_user::text", secretArn=secret) == {"stringValue": role}

    def test_nothing_is_left_of_who_came_before(self, client: Client) -> None:
        """A setting outside of a transaction is gone with its statement, as the connection goes back to the pool."""
        client.execute("SET search_path = pg_catalog")
        for _ in range(5):
            assert client.value("SHOW search_path") == {"stringValue": '"$user", public'}


def test_it_serves_as_a_process_of_its_own(admin_url: str, scratch: str, tmp_path: Path) -> None:
    """What it serves comes from the environment; it ends when its standard input does."""
    port, ready = free_port(), tmp_path / "ready"
    secrets = {APPLICATION: plain_url(admin_url, "postgres", "bigledger_application")}
    served = orjson.dumps({"arn": ARN, "secrets": secrets}).decode()
    process = subprocess.Popen(
        [sys.executable, "-m", "devtools.local.rds_data_server", "--port", str(port)],
        stdin=subprocess.PIPE,
        env={**os.environ, CLUSTER: served, READY_FILE: str(ready)},
    )
    try:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        client = Client(f"http://127.0.0.1:{port}", scratch)
        assert client.value("SELECT 1") == {"longValue": 1}
    finally:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0
