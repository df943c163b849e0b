"""Errors of the Data API mean what the same errors mean to psycopg: the kernel answers with the same problems."""

import socket
import threading
import time
from contextlib import suppress
from typing import Any

import pytest

from bigledger.kernel import Problem, data_api, database
from bigledger.kernel.data_api import meaning
from bigledger.kernel.database import ConcurrentChange, transaction
from bigledger.kernel.problems import InProgress, InvalidRequest, Unavailable
from devtools.local.rds_data_server import DataApiServer
from tests.data_api.scratch import ARN, MAKE_SERVICE, Serve, Through
from tests.support.data_api import APPLICATION
from tests.support.database import url as plain_url

DRIVERS = ["data-api", "psycopg"]


class Taken(Problem):
    """What the constraints of the scratch table mean."""


@pytest.fixture(params=DRIVERS)
def either(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, admin_url: str, scratch: str, by_hand: Any
) -> str:
    """The kernel on the scratch database, through the Data API and by psycopg."""
    for name in ("item_pkey", "one_owner", "amount_not_negative", "item_owner"):
        monkeypatch.setitem(database._constraints, name, lambda name=name: Taken(name))
    if request.param == "psycopg":
        monkeypatch.setenv("DATABASE_URL", plain_url(admin_url, scratch, "bigledger_application"))
    else:
        request.getfixturevalue("connected")
    return str(request.param)


def refused(*statements: str, **parameters: Any) -> Any:
    """What the kernel makes of the refusal of the last of some statements, or of the commit after it."""
    with pytest.raises(Exception, match=r".") as caught:  # noqa: PT012 - the commit at the end is meant too
        with transaction() as opened:
            for sql in statements:
                opened.rows(sql, **parameters)
    return caught.value


def raising(state: str) -> str:
    return f"DO 'BEGIN RAISE EXCEPTION USING MESSAGE = ''told'', ERRCODE = ''{state}''; END'"


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("INSERT INTO item (id) VALUES (1)", "item_pkey"),
        ("INSERT INTO item (id, name, owner) VALUES (2, 'a', 1)", "one_owner"),
        ("INSERT INTO item (id, amount) VALUES (2, -1)", "amount_not_negative"),
        ("INSERT INTO item (id, owner) VALUES (2, 7)", "item_owner"),
        ("DELETE FROM item", "item_owner"),
        ("""DO 'BEGIN RAISE EXCEPTION ''constraint "one_owner": no'' USING ERRCODE = ''23514'',
            CONSTRAINT = ''one_owner''; END'""", "one_owner"),
    ],
)  # fmt: skip
def test_a_violated_constraint_is_its_problem_once_trying_again_does_not_help(
    either: str, sql: str, name: str, by_hand: Any
) -> None:
    by_hand.execute("INSERT INTO item (id, name, owner) VALUES (1, 'a', 1)")
    if sql.startswith("DELETE"):
        by_hand.execute("INSERT INTO item (id, owner) VALUES (3, 1)")
        sql += " WHERE id = 1"
    error = refused(sql)
    assert isinstance(error, ConcurrentChange)
    assert (str(error), str(error.problem)) == (f"constraint {name}", name)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("40001", ConcurrentChange),
        ("40P01", ConcurrentChange),
        ("55P03", InProgress),
        ("57014", Unavailable),
        ("57P01", Unavailable),
        ("57P03", Unavailable),
        ("53300", Unavailable),
        ("54000", InvalidRequest),
        ("22003", InvalidRequest),
        ("22P02", InvalidRequest),
    ],
)
def test_a_state_means_the_same_to_both_drivers(either: str, state: str, kind: type[Exception]) -> None:
    assert type(refused(raising(state))) is kind


@pytest.mark.parametrize(("state", "kind"), [("42P01", "ProgrammingError"), ("XX000", "InternalError")])
def test_a_defect_stays_an_error_of_the_driver(either: str, state: str, kind: str) -> None:
    error = refused(raising(state))
    assert kind in {one.__name__ for one in type(error).__mro__}
    assert error.sqlstate == state


def test_a_text_that_is_no_number_is_the_callers_mistake(either: str) -> None:
    assert type(refused("SELECT cast(:value AS integer)", value="one")) is InvalidRequest


def test_a_deadlock_is_tried_again(either: str, by_hand: Any) -> None:
    by_hand.execute("INSERT INTO item (id) VALUES (1), (2)")
    ready = threading.Barrier(2)
    outcomes: list[Any] = []

    def lock(first: int, second: int) -> None:
        try:
            with transaction() as opened:
                opened.rows("UPDATE item SET name = 'x' WHERE id = :id", id=first)
                ready.wait()
                opened.rows("UPDATE item SET name = 'x' WHERE id = :id", id=second)
            outcomes.append("written")
        except ConcurrentChange as conflict:
            outcomes.append(str(conflict))

    threads = [threading.Thread(target=lock, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["postgres 40P01", "written"]


def test_a_lock_that_is_not_had_in_time_is_told_as_in_progress(either: str, by_hand: Any) -> None:
    by_hand.execute("INSERT INTO item (id) VALUES (1)")
    with by_hand.transaction():
        by_hand.execute("SELECT FROM item FOR UPDATE")
        error = refused("SELECT set_config('lock_timeout', '1ms', true)", "SELECT id FROM item FOR UPDATE")
    assert type(error) is InProgress


def test_what_fails_at_the_commit_is_rolled_back_and_leaves_the_connection_usable(either: str, by_hand: Any) -> None:
    error = refused("SET CONSTRAINTS item_owner DEFERRED", "INSERT INTO item (id, owner) VALUES (1, 7)")
    assert (type(error), str(error)) == (ConcurrentChange, "constraint item_owner")
    for _ in range(10):
        with transaction() as opened:
            assert opened.row("SELECT count(*) FROM item")[0] == 0


def test_a_fault_within_a_transaction_undoes_what_came_before(either: str, by_hand: Any) -> None:
    with suppress(InvalidRequest), transaction() as opened:
        opened.rows("INSERT INTO item (id) VALUES (1)")
        opened.rows("SELECT 1 / 0")
    assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)


# ---- what only the Data API says ------------------------------------------------------------------------------------


def test_a_statement_that_is_too_long_itself_is_a_defect(connected: DataApiServer) -> None:
    error = refused(f"SELECT '{'x' * 65536}'")
    assert (type(error).__name__, error.code) == ("ProgrammingError", "ValidationException")


class TestPaused:
    """A cluster without load may pause; the first call wakes it up, and is told to come back in some seconds."""

    @pytest.fixture(autouse=True)
    def waited(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The seconds that the kernel would have waited."""
        waited: list[float] = []
        monkeypatch.setattr(time, "sleep", waited.append)
        return waited

    def test_it_is_waited_for(self, connected: DataApiServer, waited: list[float]) -> None:
        connected.api.pause(calls=3)
        connected.api.calls.clear()
        with transaction() as opened:
            assert opened.row("SELECT 1")[0] == 1
        assert waited == [1, 2, 2]
        assert connected.api.calls == {"BeginTransaction": 4, "Execute": 1, "CommitTransaction": 1}

    def test_after_seven_seconds_the_caller_is_told_to_come_back(
        self, connected: DataApiServer, waited: list[float]
    ) -> None:
        """The authorizer has ten, of which a cold start takes its part."""
        connected.api.pause(calls=5)
        connected.api.calls.clear()
        error = refused("SELECT 1")
        assert type(error) is Unavailable
        assert error.detail == "The database does not answer just now. Nothing was changed; try again."
        assert (waited, connected.api.calls) == ([1, 2, 2, 2], {"BeginTransaction": 5})
        with transaction() as opened:
            assert opened.row("SELECT 1")[0] == 1

    def test_what_was_open_is_lost(self, connected: DataApiServer, waited: list[float], by_hand: Any) -> None:
        def interrupted() -> None:
            with transaction() as opened:
                opened.rows("INSERT INTO item (id) VALUES (1)")
                connected.api.pause(calls=1)
                opened.rows("INSERT INTO item (id) VALUES (2)")

        with pytest.raises(Unavailable, match="Nothing was changed"):
            interrupted()
        assert (waited, by_hand.execute("SELECT count(*) FROM item").fetchone()) == ([], (0,))


def test_a_statement_over_its_time_is_told_as_unavailable(serve: Serve, through: Through, scratch: str) -> None:
    with through(serve(statement_timeout=0.05), scratch):
        error = refused("SELECT 1 FROM pg_sleep(30)")
    assert isinstance(error, Unavailable)
    assert error.detail == "The database took too long. Nothing was changed; ask for less, or try again."


def test_without_an_endpoint_the_database_is_unavailable(
    through: Through, server: DataApiServer, scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with through(server, scratch), socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_RDS_DATA", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setattr(data_api, "_service", MAKE_SERVICE)
        assert isinstance(refused("SELECT 1"), Unavailable)


def test_why_the_database_is_unavailable_is_logged_as_the_caller_is_not_told(
    connected: DataApiServer, scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[Any] = []
    monkeypatch.setattr(database.logger, "warning", lambda message, extra: logged.append((message, extra["reason"])))
    refused(raising("57P03"))
    assert logged == [("database unavailable", "DatabaseErrorException: ERROR: told; SQLState: 57P03")]


def test_a_secret_that_is_not_there_makes_the_database_unavailable(
    connected: DataApiServer, scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", f"postgresql+auroradataapi://:@/{scratch}?aurora_cluster_arn={ARN}&secret_arn={APPLICATION}x"
    )
    assert isinstance(refused("SELECT 1"), Unavailable)


@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("postgresql+auroradataapi://:@/a", {}),
        ("postgresql+auroradataapi://:@/a", {"AURORA_CLUSTER_ARN": ARN}),
        (f"postgresql+auroradataapi://:@/?secret_arn={APPLICATION}", {"AURORA_CLUSTER_ARN": ARN}),
    ],
)
def test_a_url_that_leaves_a_question_open_says_which(
    url: str, more: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    error = refused("SELECT 1")
    assert isinstance(error, Unavailable)
    assert error.detail == "The database URL has to name a database, aurora_cluster_arn and secret_arn."


def test_cluster_and_secret_may_stand_in_the_environment(
    connected: DataApiServer, scratch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql+auroradataapi://:@/{scratch}")
    monkeypatch.setenv("AURORA_CLUSTER_ARN", ARN)
    monkeypatch.setenv("AURORA_SECRET_ARN", APPLICATION)
    with transaction() as opened:
        assert opened.row("SELECT current_user::text AS user").user == "bigledger_application"


@pytest.mark.parametrize(
    ("code", "message", "kind", "state"),
    [
        ("BadRequestException", "Transaction AbC= is not found", "OperationalError", "25P03"),
        ("TransactionNotFoundException", "Transaction AbC= is not found. It ended.", "OperationalError", "25P03"),
        ("DatabaseErrorException", "Transaction is still running a query", "OperationalError", "08006"),
        ("StatementTimeoutException", "Request timed out", "OperationalError", "57014"),
        ("UnsupportedResultException", "The result exceeds the size limit 1 MB.", "OperationalError", "54000"),
        ("BadRequestException", "Database response exceeded size limit", "OperationalError", "54000"),
        (
            "BadRequestException",
            "Database returned more than the allowed response size limit",
            "OperationalError",
            "54000",
        ),
        ("UnsupportedResultException", "Packet for query is too large", "OperationalError", "54000"),
        (
            "UnsupportedResultException",
            "The result contains the unsupported data type X.",
            "ProgrammingError",
            None,
        ),
        ("ValidationException", "Multistatements aren't supported.", "ProgrammingError", None),
        ("DatabaseResumingException", "The instance is resuming", "OperationalError", None),
        ("ThrottlingException", "Rate exceeded", "OperationalError", None),
        ("AccessDeniedException", "not authorized", "OperationalError", None),
        ("BadRequestException", "ERROR: a\n  Position: 1; SQLState: 42P01", "ProgrammingError", "42P01"),
        ("DatabaseErrorException", "ERROR: told; SQLState: P0001", "DatabaseError", "P0001"),
    ],
)
def test_every_way_the_service_says_it_has_its_kind_and_state(
    code: str, message: str, kind: str, state: str | None
) -> None:
    error: Any = meaning({"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}})
    assert (type(error).__name__, error.sqlstate, error.diag.constraint_name) == (kind, state, None)
    assert str(error) == f"{code}: {message}"


def test_a_request_that_is_too_large_is_known_by_its_status() -> None:
    """It is refused before the service itself sees it, without a name or a sentence to go by."""
    error: Any = meaning({"Error": {}, "ResponseMetadata": {"HTTPStatusCode": 413}})
    assert (type(error).__name__, error.sqlstate) == ("OperationalError", "54000")


def test_a_constraint_is_looked_for_in_violations_alone() -> None:
    """A value that a message repeats must not be taken for the name of a constraint."""
    message = 'ERROR: invalid input syntax for type uuid: "constraint "item_pkey""; SQLState: 22P02'
    error: Any = meaning({"Error": {"Code": "DatabaseErrorException", "Message": message}})
    assert (error.sqlstate, error.diag.constraint_name) == ("22P02", None)
