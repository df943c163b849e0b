"""What the served Data API refuses, in the words of AWS."""

import urllib.error
import urllib.request
from typing import Any

import pytest

from devtools.local.rds_data import SQL_LIMIT, Cluster
from devtools.local.rds_data_server import REQUEST_LIMIT
from devtools.local.rds_data_values import JSON_LIMIT, RESULT_LIMIT, ROW_LIMIT
from tests.data_api.scratch import ARN, DATABASE_ERROR, VALIDATION, Client, Serve, text
from tests.support.data_api import APPLICATION


def test_the_limits_are_those_that_aws_documents() -> None:
    cluster = Cluster(ARN, {})
    times = (cluster.statement_timeout, cluster.idle_timeout, cluster.transaction_timeout)
    assert times == (45, 3 * 60, 24 * 60 * 60)
    assert (RESULT_LIMIT, ROW_LIMIT, JSON_LIMIT) == (2**20, 2**16, 10 * 2**20)
    assert (REQUEST_LIMIT, SQL_LIMIT) == (4 * 2**20, 65536)


def test_a_violation_names_its_constraint_in_the_message_alone(client: Client) -> None:
    """There is no detail, and no field for the constraint as the protocol of Postgres has it."""
    client.execute("INSERT INTO item (id) VALUES (1)")
    assert client.refusal(lambda: client.execute("INSERT INTO item (id) VALUES (1)")) == (
        DATABASE_ERROR,
        'ERROR: duplicate key value violates unique constraint "item_pkey"; SQLState: 23505',
    )


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("'1 day'::interval", "INTERVAL"),
        ("'17:08:20+02'::timetz", "TIMETZ"),
        ("'1.10'::money", "MONEY"),
        ("'a'::\"char\"", '"CHAR"'),
        ("ROW(1, 2)", "RECORD"),
        ("'integer'::regtype", "REGTYPE"),
        ("pg_advisory_xact_lock_shared(1)", "VOID"),
        ("ARRAY['1 day'::interval]", "_INTERVAL"),
    ],
)
def test_a_type_that_aws_does_not_hand_over_is_refused(client: Client, expression: str, shown: str) -> None:
    assert client.refusal(lambda: client.execute(f"SELECT {expression}")) == (
        "UnsupportedResultException",
        f"The result contains the unsupported data type {shown}.",
    )


def test_an_array_of_arrays_and_an_infinite_instant_are_refused(client: Client) -> None:
    assert client.refusal(lambda: client.execute("SELECT ARRAY[[1], [2]]")) == (
        "UnsupportedResultException",
        "The result contains a multidimensional array.",
    )
    name, _ = client.refusal(lambda: client.execute("SELECT 'infinity'::timestamptz"))
    assert name == "InternalServerErrorException"


@pytest.mark.parametrize(
    ("sql", "fitting"),
    [
        ("SELECT md5(n::text)::uuid FROM generate_series(1, :rows) n", (2**20) // (2 + 4 + 36)),
        ("SELECT repeat('é', 1000) FROM generate_series(1, :rows)", (2**20) // (2 + 4 + 2000)),
        ("SELECT repeat('x', 100), NULL, n FROM generate_series(10001, 10000 + :rows) n", (2**20) // (14 + 105)),
    ],
)
def test_a_result_of_more_than_a_mebibyte_is_refused(client: Client, sql: str, fitting: int) -> None:
    """Counted as Postgres sends it: each row has two bytes and each field four, besides what it holds."""

    def rows(count: int) -> int:
        parameters = [{"name": "rows", "value": {"longValue": count}}]
        return len(client.execute(sql, parameters=parameters)["records"])

    assert rows(fitting) == fitting
    assert client.refusal(lambda: rows(fitting + 1)) == (
        "UnsupportedResultException",
        "The result exceeds the size limit 1 MB.",
    )


def test_a_row_of_more_than_64_kibibytes_is_refused(client: Client) -> None:
    """Counted alike: with two fields, ten bytes besides what they hold."""

    def row(length: int) -> int:
        parameters = [{"name": "length", "value": {"longValue": length}}]
        ((first, _),) = client.execute("SELECT repeat('x', :length::integer), NULL", parameters=parameters)["records"]
        return len(first["stringValue"])

    assert row(65536 - 10) == 65526
    assert client.refusal(lambda: row(65536 - 9)) == ("UnsupportedResultException", "Packet for query is too large")


@pytest.mark.parametrize("sql", ["SELECT repeat('x', 70000)", "SELECT repeat('x', 1000) FROM generate_series(1, 1100)"])
def test_a_result_that_is_too_large_ends_the_transaction(client: Client, by_hand: Any, sql: str) -> None:
    transaction_id = client.begin()
    client.execute("INSERT INTO item (id) VALUES (1)", transactionId=transaction_id)
    assert client.refusal(lambda: client.execute(sql, transactionId=transaction_id))[0] == "UnsupportedResultException"
    name, message = client.refusal(lambda: client.end("commit", transaction_id))
    assert name == "TransactionNotFoundException"
    assert message.endswith(" is not found. Transaction has been aborted due to an error from a previous call.")
    assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)


def test_a_request_of_more_than_four_mebibytes_is_refused(client: Client) -> None:
    parameters = [text("a", "x" * (4 * 1024 * 1024))]
    assert client.refusal(lambda: client.execute("SELECT :a", parameters=parameters))[0] == (
        "RequestEntityTooLargeException"
    )


def test_a_statement_of_more_than_65536_characters_is_refused(client: Client) -> None:
    longest = f"SELECT '{'x' * (65536 - 9)}'"
    assert len(client.value(longest)["stringValue"]) == 65536 - 9
    assert client.refusal(lambda: client.execute(longest + " "))[0] == VALIDATION


@pytest.mark.parametrize(
    ("sql", "more", "refusal"),
    [
        ("SELECT 1; SELECT 2", {}, (VALIDATION, "Multistatements aren't supported.")),
        ("SELECT 1", {"schema": "kernel"}, (VALIDATION, "The schema parameter isn't supported")),
        (
            "SELECT 1",
            {"resourceArn": f"{ARN}2"},
            ("HttpEndpointNotEnabledException", "HttpEndpoint is not enabled for cluster scratch2"),
        ),
        (
            "SELECT 1",
            {"secretArn": f"{APPLICATION}2"},
            ("SecretsErrorException", "Secrets Manager can't find the specified secret."),
        ),
        (
            "SELECT 1",
            {"database": "nowhere"},
            (DATABASE_ERROR, 'ERROR: database "nowhere" does not exist; SQLState: 3D000'),
        ),
    ],
)
def test_a_request_that_aws_refuses_is_refused(
    client: Client, sql: str, more: dict[str, str], refusal: tuple[str, str]
) -> None:
    assert client.refusal(lambda: client.execute(sql, **more)) == refusal


def test_without_a_database_it_is_the_one_named_like_the_role(client: Client) -> None:
    del client.names["database"]
    assert client.refusal(lambda: client.execute("SELECT 1")) == (
        DATABASE_ERROR,
        'ERROR: database "bigledger_application" does not exist; SQLState: 3D000',
    )


def test_a_request_without_a_signature_is_refused(client: Client) -> None:
    request = urllib.request.Request(f"{client.boto.meta.endpoint_url}/Execute", data=b"{}")  # noqa: S310
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)  # noqa: S310
    assert (caught.value.status, caught.value.headers["x-amzn-ErrorType"]) == (
        403,
        "MissingAuthenticationTokenException",
    )


def test_a_statement_over_its_time_is_cancelled(serve: Serve, scratch: str) -> None:
    client = Client(serve(statement_timeout=0.05).url, scratch)
    assert client.refusal(lambda: client.execute("SELECT 1 FROM pg_sleep(30)")) == (
        "StatementTimeoutException",
        "canceling statement due to statement timeout",
    )


def test_a_statement_that_may_continue_does(serve: Serve, scratch: str, by_hand: Any) -> None:
    """The call is answered in time, and what it asked for happens nevertheless."""
    client = Client(serve(statement_timeout=0.05).url, scratch)
    with by_hand.transaction():
        by_hand.execute("LOCK TABLE item")
        insert = "INSERT INTO item (id) VALUES (1)"
        assert client.refusal(lambda: client.execute(insert, continueAfterTimeout=True)) == (
            "StatementTimeoutException",
            "Request timed out",
        )
    while by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,):
        by_hand.execute("SELECT pg_sleep(0.01)")
    assert client.value("SELECT 1", continueAfterTimeout=True) == {"longValue": 1}
