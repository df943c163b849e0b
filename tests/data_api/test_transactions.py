"""Transactions of the Data API: what they cost, who may use them, and how they end."""

import gc
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from bigledger.kernel.data_api import Service
from bigledger.kernel.database import transaction
from bigledger.kernel.problems import Unavailable
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer
from tests.data_api.scratch import ARN, Client, Serve, Through
from tests.kernel.notes import get_note, write_note
from tests.support.bare import bare_tenant
from tests.support.data_api import DISPATCHER

TERMINATED = "One previous call resulted in a termination of your transaction."


def until_expired(by_hand: Any) -> None:
    """Wait until the transaction that has written into the table is over."""
    with by_hand.transaction():
        by_hand.execute("LOCK TABLE item")


@pytest.mark.one_driver
class TestWhatItCosts:
    """One BeginTransaction, the statements, one CommitTransaction or RollbackTransaction, and nothing else."""

    def test_an_engine_asks_the_server_nothing_of_its_own_accord(self, connected: DataApiServer) -> None:
        connected.api.calls.clear()
        with transaction() as opened:
            opened.row("SELECT 1")
        assert connected.api.calls == {"BeginTransaction": 1, "Execute": 1, "CommitTransaction": 1}

    def test_a_transaction_without_statements_costs_nothing(self, connected: DataApiServer) -> None:
        connected.api.calls.clear()
        with transaction():
            pass
        assert connected.api.calls == {}

    def test_a_transaction_that_is_discarded_is_rolled_back(self, connected: DataApiServer, by_hand: Any) -> None:
        connected.api.calls.clear()
        with transaction() as opened:
            opened.rows("INSERT INTO item (id) VALUES (1)")
            opened.discard()
        assert connected.api.calls == {"BeginTransaction": 1, "Execute": 1, "RollbackTransaction": 1}
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)

    def test_requests_cost_their_statements_and_two_calls(self, worked: Any, server: DataApiServer) -> None:
        """Writing: open, flush. Reading: open, read. A repeated request: open. A dry run: open, flush, rolled back."""
        with worked:
            tenant = bare_tenant()
            written = tenant.call(write_note, {"text": "a"}).expect(201)
            for call, statements, end in (
                (lambda: tenant.call(write_note, {"text": "b"}, headers={"Idempotency-Key": "k"}), 2, "Commit"),
                (lambda: tenant.call(write_note, {"text": "b"}, headers={"Idempotency-Key": "k"}), 1, "Commit"),
                (lambda: tenant.call(get_note, path={"id": written["id"]}), 2, "Commit"),
                (lambda: tenant.call(write_note, {"text": "c"}, query={"dry_run": "true"}), 2, "Rollback"),
            ):
                server.api.calls.clear()
                assert call().status in (200, 201)
                assert server.api.calls == {
                    "BeginTransaction": 1,
                    "Execute": statements,
                    f"{end}Transaction": 1,
                }


class TestOutcome:
    """What is seen of a transaction, and when."""

    def test_others_see_it_once_it_is_committed(self, client: Client, by_hand: Any) -> None:
        transaction_id = client.begin()
        client.execute("INSERT INTO item (id) VALUES (1)", transactionId=transaction_id)
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)
        assert client.value("SELECT count(*) FROM item", transactionId=transaction_id) == {"longValue": 1}
        assert client.end("commit", transaction_id) == "Transaction Committed"
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (1,)

    def test_nothing_is_left_of_one_that_is_rolled_back(self, client: Client, by_hand: Any) -> None:
        transaction_id = client.begin()
        client.execute("INSERT INTO item (id) VALUES (1)", transactionId=transaction_id)
        assert client.end("rollback", transaction_id) == "Rollback Complete"
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)

    def test_after_a_fault_it_can_only_be_rolled_back(self, client: Client) -> None:
        transaction_id = client.begin()
        client.refusal(lambda: client.execute("SELECT 1 / 0", transactionId=transaction_id))
        name, message = client.refusal(lambda: client.execute("SELECT 1", transactionId=transaction_id))
        assert (name, message[-15:]) == ("DatabaseErrorException", "SQLState: 25P02")
        assert client.end("rollback", transaction_id) == "Rollback Complete"

    def test_settings_of_a_transaction_last_as_long_as_it_does(self, client: Client) -> None:
        transaction_id = client.begin()
        client.execute("SELECT set_config('app.tenant_id', 'x', true)", transactionId=transaction_id)
        sql = "SELECT current_setting('app.tenant_id', true)"
        assert client.value(sql, transactionId=transaction_id) == {"stringValue": "x"}
        client.end("commit", transaction_id)
        other = client.begin()
        assert client.value(sql, transactionId=other) in ({"isNull": True}, {"stringValue": ""})
        client.end("rollback", other)


class TestIdentity:
    """A transaction id is good for its own cluster, secret and database, one call at a time, until it ends."""

    @pytest.mark.parametrize("how", ["commit", "rollback"])
    def test_an_id_is_gone_with_its_transaction(self, client: Client, how: str) -> None:
        transaction_id = client.begin()
        client.end(how, transaction_id)
        for call in (
            lambda: client.execute("SELECT 1", transactionId=transaction_id),
            lambda: client.end("commit", transaction_id),
            lambda: client.end("rollback", transaction_id),
        ):
            assert client.refusal(call) == (
                "TransactionNotFoundException",
                f"Transaction {transaction_id} is not found. {TERMINATED}",
            )

    def test_an_id_that_never_was_is_not_found(self, client: Client) -> None:
        assert client.refusal(lambda: client.execute("SELECT 1", transactionId="AbC")) == (
            "TransactionNotFoundException",
            "Transaction AbC is not found. Transaction may be expired.",
        )

    def test_it_belongs_to_its_secret_and_its_database(self, client: Client) -> None:
        transaction_id = client.begin()
        for names, name in (
            ({"secretArn": DISPATCHER}, "BadRequestException"),
            ({"database": "postgres"}, "DatabaseErrorException"),
        ):
            call = partial(client.execute, "SELECT 1", transactionId=transaction_id, **names)
            assert client.refusal(call)[0] == name
        client.end("rollback", transaction_id)

    def test_a_second_call_at_once_is_refused(self, client: Client, by_hand: Any) -> None:
        transaction_id = client.begin()
        with by_hand.transaction():
            by_hand.execute("LOCK TABLE item")
            sql = "SELECT count(*) FROM item"
            waiting = threading.Thread(target=client.execute, args=(sql,), kwargs={"transactionId": transaction_id})
            waiting.start()
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'item'::regclass"
            while by_hand.execute(waits).fetchone() == (0,):
                pass
            for call in (
                lambda: client.execute("SELECT 1", transactionId=transaction_id),
                lambda: client.end("commit", transaction_id),
            ):
                assert client.refusal(call) == ("DatabaseErrorException", "Transaction is still running a query")
        waiting.join()
        assert client.end("commit", transaction_id) == "Transaction Committed"


class TestExpiry:
    """A transaction that no call uses ends by itself, and lets go of what it held."""

    def test_it_is_rolled_back_and_not_found_any_more(self, serve: Serve, scratch: str, by_hand: Any) -> None:
        client = Client(serve(idle_timeout=0.05).url, scratch)
        transaction_id = client.begin()
        client.execute("INSERT INTO item (id) VALUES (1)", transactionId=transaction_id)
        until_expired(by_hand)
        for call in (
            lambda: client.execute("SELECT 1", transactionId=transaction_id),
            lambda: client.end("commit", transaction_id),
        ):
            assert client.refusal(call) == (
                "TransactionNotFoundException",
                f"Transaction {transaction_id} is not found. Transaction may be expired.",
            )
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)

    def test_a_day_after_its_begin_it_is_not_found_however_much_it_is_used(
        self, serve: Serve, scratch: str, by_hand: Any
    ) -> None:
        client = Client(serve(transaction_timeout=0.2).url, scratch)
        transaction_id = client.begin()
        expired = f"Transaction {transaction_id} is not found. Transaction may be expired."

        def use() -> None:
            while True:
                client.execute("SELECT 1", transactionId=transaction_id)

        client.execute("INSERT INTO item (id) VALUES (1)", transactionId=transaction_id)
        assert client.refusal(use) == ("TransactionNotFoundException", expired)
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)

    def test_to_the_kernel_the_database_was_unavailable_and_nothing_was_changed(
        self, serve: Serve, through: Through, scratch: str, by_hand: Any
    ) -> None:
        def late() -> None:
            with transaction() as opened:
                opened.rows("INSERT INTO item (id) VALUES (1)")
                until_expired(by_hand)
                opened.rows("INSERT INTO item (id) VALUES (2)")

        with through(serve(idle_timeout=0.05), scratch):
            with pytest.raises(Unavailable, match="Nothing was changed"):
                late()
            assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)
            with transaction() as opened:
                assert opened.row("SELECT 1")[0] == 1

    def test_one_that_expires_before_its_commit_is_told_as_unavailable(
        self, serve: Serve, through: Through, scratch: str, by_hand: Any
    ) -> None:
        def late() -> None:
            with transaction() as opened:
                opened.rows("INSERT INTO item (id) VALUES (1)")
                until_expired(by_hand)

        with through(serve(idle_timeout=0.05), scratch):
            with pytest.raises(Unavailable, match="Nothing was changed"):
                late()
        assert by_hand.execute("SELECT count(*) FROM item").fetchone() == (0,)

    def test_what_nobody_asks_for_any_more_is_forgotten(self, serve: Serve, scratch: str, by_hand: Any) -> None:
        server = serve(idle_timeout=0.5)
        client = Client(server.url, scratch)
        first = client.begin()
        deadline = time.monotonic() + 30
        while first in server.api._open:
            assert time.monotonic() < deadline, "the transaction is still remembered after 30 seconds"
            with suppress(client.boto.exceptions.ClientError):  # an expired one is refused
                client.end("rollback", client.begin())


class TestLostAnswers:
    """What happened to a request whose answer did not come is not known, so only a begin is sent again."""

    class Unanswered:
        """A client that loses the first answer."""

        def __init__(self) -> None:
            self.calls: list[str] = []

        def __getattr__(self, operation: str) -> Any:
            def call(**request: Any) -> Any:
                self.calls.append(operation)
                if len(self.calls) == 1:
                    raise ConnectionClosedError(endpoint_url="http://127.0.0.1")
                return {"transactionId": "AbC"}

            return call

    def test_a_begin_is_sent_once_more(self) -> None:
        client = self.Unanswered()
        assert Service(client).begin_transaction()["transactionId"] == "AbC"
        assert client.calls == ["begin_transaction"] * 2

    @pytest.mark.parametrize("operation", ["execute_statement", "commit_transaction", "rollback_transaction"])
    def test_anything_else_is_sent_once(self, operation: str) -> None:
        client = self.Unanswered()
        with pytest.raises(Exception, match="The Data API does not answer"):
            getattr(Service(client), operation)(sql="SELECT 1")
        assert client.calls == [operation]

    def test_when_the_service_goes_away_and_comes_back_so_does_the_kernel(
        self, serve: Serve, through: Through, scratch: str, by_hand: Any
    ) -> None:
        def interrupted() -> None:
            with transaction() as opened:
                opened.rows("INSERT INTO item (id) VALUES (1)")
                server.stop()
                opened.rows("INSERT INTO item (id) VALUES (2)")

        server = serve()
        with through(server, scratch):
            with pytest.raises(Unavailable, match="Nothing was changed"):
                interrupted()
            gc.collect()
            again = DataApiServer(Cluster(ARN, server.api._cluster.secrets), int(server.url.rpartition(":")[2])).start()
            with transaction() as opened:
                assert opened.row("SELECT count(*) FROM item")[0] == 0
            again.stop()
