"""What even hand-written SQL cannot do to stock: change a ledger row, write a projection, promise what is not there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from bigledger.inventory.receiving import STOCK_MOVE
from bigledger.inventory.reservations import RESERVATION
from bigledger.kernel import runtime
from bigledger.kernel.database import transaction
from bigledger.kernel.unit_of_work import UnitOfWork
from tests.support.api import Api
from tests.support.database import plain_url

pytestmark = pytest.mark.one_driver  # of Postgres alone


class Warehouse:
    """A tenant's products and its location, and SQL written by hand as one of the database roles."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.products = sorted(
            UUID(api.record("products", code=code, name=code, unit="EA")["id"]) for code in ("LAMP", "DESK")
        )
        self.location = api.call("get_record", path={"resource": "locations", "id": "MAIN"}).expect(200)["id"]
        self.document = self.products[0]
        """Any document will do as the header of hand-written rows."""

    @contextmanager
    def sql(self, url: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """A transaction of the tenant; as the application unless another URL is given."""
        with psycopg.connect(url or plain_url()) as connection:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(self.api.tenant_id)])
            yield connection

    def move(self, connection: psycopg.Connection[Any], *moves: tuple[UUID, str]) -> None:
        """Insert stock moves of (product, quantity) in one statement, each worth 2.00 per piece."""
        values = ", ".join(["(%s, %s, 1, %s, %s, %s, 2, %s, '2026-11-23')"] * len(moves))
        parameters: list[Any] = []
        for product, quantity in moves:
            parameters += [uuid4(), self.document, product, self.location, quantity, Decimal(quantity) * 2]
        connection.execute(
            "INSERT INTO inventory.stock_move (id, document_id, line, product_id, location_id, quantity, unit_cost,"
            f" value, effective_date) VALUES {values}",
            parameters,
        )

    def reserve(
        self,
        connection: psycopg.Connection[Any],
        quantity: str,
        reservation: UUID | None = None,
        entry: int = 1,
        reason: str = "reserved",
        product: UUID | None = None,
    ) -> UUID:
        """Insert an entry of a reservation of the first product."""
        reservation = reservation or uuid4()
        connection.execute(
            "INSERT INTO inventory.reservation"
            " (reservation_id, entry, document_id, product_id, location_id, quantity, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [reservation, entry, self.document, product or self.products[0], self.location, quantity, reason],
        )
        return reservation

    def ship(self, connection: psycopg.Connection[Any], reservation: UUID, quantity: str) -> None:
        """Insert a stock move of the first product that takes what the reservation holds."""
        connection.execute(
            "INSERT INTO inventory.stock_move (id, document_id, line, product_id, location_id, quantity, unit_cost,"
            " value, reservation_id, effective_date) VALUES (%s, %s, 1, %s, %s, %s, 2, %s, %s, '2026-11-23')",
            [uuid4(), self.document, self.products[0], self.location, quantity, Decimal(quantity) * 2, reservation],
        )

    def stock(self) -> dict[UUID, tuple[str, str, str]]:
        """On hand, reserved and value per product."""
        rows = self.api.rows("SELECT product_id, on_hand::text, reserved::text, value::text FROM inventory.stock")
        return {row.product_id: (row.on_hand, row.reserved, row.value) for row in rows}


@pytest.fixture
def warehouse(api: Api) -> Warehouse:
    """Ten lamps in stock, four of them reserved."""
    made = Warehouse(api)
    with made.sql() as connection:
        made.move(connection, (made.products[0], "10"))
        made.reserve(connection, "4")
    assert made.stock() == {made.products[0]: ("10", "4", "20")}
    return made


LEDGERS = ("inventory.stock_move", "inventory.reservation")
PROJECTIONS = ("inventory.stock", "inventory.reservation_balance")


@pytest.mark.parametrize("table", [*LEDGERS, *PROJECTIONS])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET product_id = product_id", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"]
)
def test_the_application_changes_no_row_once_it_is_there(warehouse: Warehouse, table: str, statement: str) -> None:
    before = warehouse.api.counts()
    with pytest.raises(errors.InsufficientPrivilege), warehouse.sql() as connection:
        connection.execute(statement.format(table))
    assert warehouse.api.counts() == before


@pytest.mark.parametrize("table", PROJECTIONS)
def test_the_application_writes_no_projection(warehouse: Warehouse, table: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), warehouse.sql() as connection:
        connection.execute(f"INSERT INTO {table} (product_id) SELECT product_id FROM {table}")


@pytest.mark.parametrize("table", LEDGERS)
@pytest.mark.parametrize("statement", ["UPDATE {} SET quantity = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_even_the_owner_only_appends_to_the_ledgers(
    warehouse: Warehouse, owner_url: str, table: str, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="is append-only"), warehouse.sql(owner_url) as connection:
        connection.execute(statement.format(table))
    assert warehouse.stock() == {warehouse.products[0]: ("10", "4", "20")}


@pytest.mark.parametrize(
    ("quantity", "constraint"),
    [("-7", "stock_covers_reservations"), ("-11", "stock_covers_reservations"), ("0", "stock_move_moves")],
)
def test_stock_that_is_reserved_or_not_there_does_not_leave(
    warehouse: Warehouse, quantity: str, constraint: str
) -> None:
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.move(connection, (warehouse.products[0], quantity))
    assert refused.value.diag.constraint_name == constraint
    assert warehouse.stock() == {warehouse.products[0]: ("10", "4", "20")}


def test_what_was_never_there_neither_leaves_nor_is_reserved(warehouse: Warehouse) -> None:
    never = warehouse.products[1]
    with pytest.raises(errors.CheckViolation), warehouse.sql() as connection:
        warehouse.move(connection, (never, "-1"))
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.reserve(connection, "1", product=never)
    assert refused.value.diag.constraint_name == "stock_covers_reservations"
    assert never not in warehouse.stock()


def test_no_more_is_reserved_than_there_is(warehouse: Warehouse) -> None:
    with warehouse.sql() as connection:
        warehouse.reserve(connection, "6")
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.reserve(connection, "0.000001")
    assert refused.value.diag.constraint_name == "stock_covers_reservations"
    assert warehouse.stock() == {warehouse.products[0]: ("10", "10", "20")}


@pytest.mark.parametrize(
    ("quantity", "entry", "reason", "constraint"),
    [
        ("-4.01", 2, "released", "reservation_not_overdrawn"),
        ("1", 2, "released", "reservation_begins"),
        ("1", 2, "reserved", "reservation_begins"),
        ("-1", 1, "released", "reservation_begins"),
        ("-1", 0, "released", "reservation_entry_check"),
        ("-1", 2, "lost", "reservation_reason_check"),
    ],
)
def test_a_reservation_gives_back_no_more_than_it_holds(
    api: Api, quantity: str, entry: int, reason: str, constraint: str
) -> None:
    warehouse = Warehouse(api)
    with warehouse.sql() as connection:
        warehouse.move(connection, (warehouse.products[0], "10"))
        held = warehouse.reserve(connection, "4")
        warehouse.reserve(connection, "3")
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.reserve(connection, quantity, held if entry == 2 else None, entry, reason)
    assert refused.value.diag.constraint_name == constraint
    assert warehouse.stock() == {warehouse.products[0]: ("10", "7", "20")}


def test_an_entry_stays_with_the_product_it_was_made_for(warehouse: Warehouse) -> None:
    with warehouse.sql() as connection:
        warehouse.move(connection, (warehouse.products[1], "10"))
        held = warehouse.reserve(connection, "2")
        warehouse.reserve(connection, "2", product=warehouse.products[1])
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.reserve(connection, "-2", held, 2, "released", warehouse.products[1])
    assert refused.value.diag.constraint_name == "reservation_not_overdrawn"
    assert {key: values[1] for key, values in warehouse.stock().items()} == {
        warehouse.products[0]: "6",
        warehouse.products[1]: "2",
    }


def test_two_who_give_back_the_same_reservation_at_once_give_it_back_once(warehouse: Warehouse) -> None:
    """The second waits for the first and then sees what it left, even under another entry number."""
    with warehouse.sql() as connection:
        held = warehouse.reserve(connection, "3")
    with ThreadPoolExecutor(1) as other, warehouse.sql() as first:
        warehouse.reserve(first, "-3", held, 2, "released")

        def give_back() -> None:
            with warehouse.sql() as second:
                started.wait()
                warehouse.reserve(second, "-3", held, 3, "released")

        started = Barrier(2)
        outcome = other.submit(give_back)
        started.wait()
        first.commit()
        with pytest.raises(errors.CheckViolation) as refused:
            outcome.result(30)
    assert refused.value.diag.constraint_name == "reservation_not_overdrawn"
    assert warehouse.stock() == {warehouse.products[0]: ("10", "4", "20")}


def test_two_first_receipts_at_once_both_count(warehouse: Warehouse) -> None:
    new = warehouse.products[1]
    with ThreadPoolExecutor(1) as other, warehouse.sql() as first:
        warehouse.move(first, (new, "3"))

        def receive() -> None:
            with warehouse.sql() as second:
                started.wait()
                warehouse.move(second, (new, "4"))

        started = Barrier(2)
        outcome = other.submit(receive)
        started.wait()
        first.commit()
        outcome.result(30)
    assert warehouse.stock()[new] == ("7", "0", "14")


def test_writers_over_the_same_products_in_any_order_do_not_deadlock(warehouse: Warehouse) -> None:
    one, two = warehouse.products

    def write(order: tuple[UUID, UUID]) -> None:
        for _ in range(60):
            with warehouse.sql() as connection:
                warehouse.move(connection, *[(product, "1") for product in order])

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, [(one, two), (two, one), (one, two), (two, one)]))
    assert warehouse.stock() == {one: ("250", "4", "500"), two: ("240", "0", "480")}


def test_many_rows_of_one_statement_change_each_stock_once(warehouse: Warehouse) -> None:
    one, two = warehouse.products
    with warehouse.sql() as connection:
        warehouse.move(connection, (one, "5"), (two, "1"), (one, "-8"), (two, "2"))
    assert warehouse.stock() == {one: ("7", "4", "14"), two: ("3", "0", "6")}


def test_what_leaves_is_given_back_by_its_reservation_in_the_same_row(warehouse: Warehouse) -> None:
    """The last pieces leave although they are reserved, because they are reserved for this."""
    with warehouse.sql() as connection:
        held = warehouse.reserve(connection, "6")
        warehouse.ship(connection, held, "-5")
    assert warehouse.stock() == {warehouse.products[0]: ("5", "5", "10")}
    with warehouse.sql() as connection:
        warehouse.ship(connection, held, "-1")
    assert warehouse.stock() == {warehouse.products[0]: ("4", "4", "8")}
    entries = warehouse.api.rows(
        "SELECT entry, quantity::text, reason FROM inventory.reservation WHERE reservation_id = cast(:id AS uuid)"
        " ORDER BY entry",
        id=str(held),
    )
    assert [tuple(entry) for entry in entries] == [(1, "6", "reserved"), (2, "-5", "shipped"), (3, "-1", "shipped")]


def test_no_more_leaves_than_its_reservation_holds(warehouse: Warehouse) -> None:
    with warehouse.sql() as connection:
        held = warehouse.reserve(connection, "2")
    before = warehouse.api.counts()
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.ship(connection, held, "-3")
    assert refused.value.diag.constraint_name == "reservation_not_overdrawn"
    with pytest.raises(errors.CheckViolation) as refused, warehouse.sql() as connection:
        warehouse.ship(connection, held, "1")
    assert refused.value.diag.constraint_name == "stock_move_of_reservation"
    with pytest.raises(errors.ForeignKeyViolation), warehouse.sql() as connection:
        warehouse.ship(connection, uuid4(), "-1")
    assert warehouse.api.counts() == before
    assert warehouse.stock() == {warehouse.products[0]: ("10", "6", "20")}


def test_what_comes_in_can_be_reserved_in_the_same_statement(warehouse: Warehouse) -> None:
    """Whatever is received and reserved in one flush is covered, in whichever order the rows were staged."""
    new = warehouse.products[1]
    move = {"id": uuid4(), "document_id": new, "line": 1, "product_id": new, "location_id": warehouse.location,
            "quantity": 3, "unit_cost": 2, "value": 6, "effective_date": "2026-11-23"}  # fmt: skip
    held = {"reservation_id": uuid4(), "entry": 1, "document_id": new, "product_id": new, "quantity": 3,
            "location_id": warehouse.location, "reason": "reserved"}  # fmt: skip
    with transaction() as opened:
        opened.rows("SELECT set_config('app.tenant_id', :tenant, true)", tenant=str(warehouse.api.tenant_id))
        work = UnitOfWork(opened, runtime.clock)
        work.append(RESERVATION, [held])
        work.append(STOCK_MOVE, [move])
        work.flush()
    assert warehouse.stock()[new] == ("3", "3", "6")


def test_a_tenant_sees_and_touches_only_its_own_stock(warehouse: Warehouse, operator: Api) -> None:
    company = {"currency": "EUR", "jurisdiction": "DE"}
    other = Warehouse(Api(operator.call("create_tenant", {"name": "Other", "company": company}).expect(201)["id"]))
    with other.sql() as connection:
        for table in (*LEDGERS, *PROJECTIONS):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        other.move(connection, (other.products[0], "1"))
    with pytest.raises(errors.ForeignKeyViolation), other.sql() as connection:
        other.move(connection, (warehouse.products[0], "1"))
    with pytest.raises(errors.InsufficientPrivilege), other.sql() as connection:
        connection.execute(
            "INSERT INTO inventory.stock_move SELECT %s, gen_random_uuid(), document_id, line, product_id, location_id,"
            " lot, quantity, unit_cost, value, reservation_id, effective_date, recorded_at FROM inventory.stock_move",
            [warehouse.api.tenant_id],
        )
    assert warehouse.stock() == {warehouse.products[0]: ("10", "4", "20")}
