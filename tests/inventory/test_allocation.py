"""Sharing stock over lines: pure rules, by exact values and by properties that always hold."""

from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bigledger.inventory import (
    InsufficientStock,
    Need,
    OpenReservation,
    Shortage,
    StockKey,
    StockLevel,
    allocate,
)

EARLIER = datetime(2026, 11, 1, tzinfo=UTC)
MAIN = UUID(int=1)


def product_id(code: str) -> UUID:
    return UUID(int=sum(map(ord, code)) * 1000)


def need(code: str, quantity: str, line: int = 0) -> Need:
    return Need(f"/items/{line}/quantity", product_id(code), code, MAIN, "MAIN", Decimal(quantity))


def expired(code: str, *quantities: str) -> tuple[OpenReservation, ...]:
    return tuple(
        OpenReservation(
            UUID(int=product_id(code).int + place),
            1,
            UUID(int=place),
            product_id(code),
            code,
            MAIN,
            "MAIN",
            Decimal(quantity),
            EARLIER,
        )
        for place, quantity in enumerate(quantities, 1)
    )


def stock(**levels: StockLevel) -> dict[StockKey, StockLevel]:
    return {(product_id(code), MAIN): level for code, level in levels.items()}


def level(on_hand: str, reserved: str = "0", *over: OpenReservation) -> StockLevel:
    return StockLevel(Decimal(on_hand), Decimal(reserved), Decimal(0), over)


def test_lines_are_served_in_their_order() -> None:
    outcome = allocate(
        [need("A", "3"), need("B", "5"), need("A", "4")], stock(A=level("10", "2"), B=level("5")), "refuse"
    )
    assert [(got.need.product, got.quantity, got.available_after) for got in outcome.reservations] == [
        ("A", Decimal(3), Decimal(5)),
        ("B", Decimal(5), Decimal(0)),
        ("A", Decimal(4), Decimal(1)),
    ]
    assert (outcome.shortages, outcome.backorders, outcome.expired) == ((), (), ())


def test_a_shortage_is_told_once_per_product_and_points_at_the_lines_that_go_without() -> None:
    lines = [need("A", "6", 0), need("A", "6", 1), need("B", "1", 2), need("A", "1", 3), need("C", "2", 4)]
    outcome = allocate(lines, stock(A=level("10", "1"), B=level("1")), "refuse")
    assert outcome.shortages == (
        Shortage("A", "MAIN", Decimal(13), Decimal(9), ("/items/1/quantity", "/items/3/quantity")),
        Shortage("C", "MAIN", Decimal(2), Decimal(0), ("/items/4/quantity",)),
    )
    assert outcome.reservations == (), "under refuse nothing is reserved when something is missing"
    problem = InsufficientStock(outcome.shortages)
    assert problem.body("request-1") == {
        "type": "urn:bigledger:problem:insufficient_stock",
        "title": "There is not enough stock",
        "status": 422,
        "detail": "There is not enough stock. A at MAIN: 13 wanted, 9 available; C at MAIN: 2 wanted, 0 available."
        " Ask for less, or wait for more to be received.",
        "instance": "request-1",
        "code": "insufficient_stock",
        "retryable": False,
        "errors": [
            {"pointer": "/items/1/quantity", "code": "insufficient_stock", "message": "13 wanted in all, 9 available"},
            {"pointer": "/items/3/quantity", "code": "insufficient_stock", "message": "13 wanted in all, 9 available"},
            {"pointer": "/items/4/quantity", "code": "insufficient_stock", "message": "2 wanted in all, 0 available"},
        ],
        "shortages": [
            {"product": "A", "location": "MAIN", "requested": "13", "available": "9", "short": "4"},
            {"product": "C", "location": "MAIN", "requested": "2", "available": "0", "short": "2"},
        ],
    }


def test_a_backorder_takes_what_there_is_and_leaves_the_rest_for_later() -> None:
    lines = [need("A", "6"), need("A", "6"), need("A", "1"), need("C", "2")]
    outcome = allocate(lines, stock(A=level("9")), "backorder")
    assert [(got.quantity, got.available_after) for got in outcome.reservations] == [
        (Decimal(6), Decimal(3)),
        (Decimal(3), Decimal(0)),
    ]
    assert [(later.need, later.quantity) for later in outcome.backorders] == [
        (lines[1], Decimal(3)),
        (lines[2], Decimal(1)),
        (lines[3], Decimal(2)),
    ]
    assert outcome.shortages == ()


def test_expired_reservations_count_as_available_and_the_oldest_give_back_as_far_as_needed() -> None:
    over = expired("A", "3", "2", "4")
    level_a = level("10", "10", *over)
    assert (level_a.held, level_a.available) == (Decimal(1), Decimal(9))
    assert allocate([need("A", "4")], stock(A=level_a), "refuse").expired == over[:2]
    assert allocate([need("A", "9")], stock(A=level_a), "refuse").expired == over
    short = allocate([need("A", "10")], stock(A=level_a), "refuse")
    assert (short.shortages[0].available, short.expired) == (Decimal(9), ())
    assert allocate([need("A", "1")], stock(A=level("20", "9", *over)), "refuse").expired == (), "enough is free"


quantities = st.integers(1, 40).map(Decimal)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Need], dict[StockKey, StockLevel]]:
    """Lines over three products whose stock is partly reserved, partly by reservations that have expired."""
    levels = {}
    for code in "ABC":
        over = expired(code, *[str(draw(quantities)) for _ in range(draw(st.integers(0, 3)))])
        reserved = sum((reservation.remaining for reservation in over), Decimal(draw(st.integers(0, 20))))
        levels[code] = StockLevel(reserved + draw(st.integers(0, 60)), reserved, Decimal(0), over)
    lines = draw(st.lists(st.tuples(st.sampled_from("ABCD"), quantities), max_size=12))
    return [need(code, str(quantity), line) for line, (code, quantity) in enumerate(lines)], stock(**levels)


@given(situations(), st.sampled_from(["refuse", "backorder"]))
def test_never_more_than_is_available_and_nothing_forgotten(
    situation: tuple[list[Need], dict[StockKey, StockLevel]], policy: Literal["refuse", "backorder"]
) -> None:
    needs, levels = situation
    outcome = allocate(needs, levels, policy)
    taken: dict[StockKey, Decimal] = defaultdict(Decimal)
    for allotment in outcome.reservations:
        assert 0 < allotment.quantity <= allotment.need.quantity
        taken[allotment.need.key] += allotment.quantity
        assert allotment.available_after == levels[allotment.need.key].available - taken[allotment.need.key]
    given_back: dict[StockKey, Decimal] = defaultdict(Decimal)
    for reservation in outcome.expired:
        given_back[reservation.product_id, reservation.location_id] += reservation.remaining
    for key, quantity in taken.items():
        now = levels[key]
        assert now.on_hand - (now.reserved - given_back[key] + quantity) >= 0, "the database would refuse"
    wanted: dict[StockKey, Decimal] = defaultdict(Decimal)
    for line in needs:
        wanted[line.key] += line.quantity
    missing = {key for key, quantity in wanted.items() if quantity > levels.get(key, StockLevel()).available}
    if policy == "backorder":
        assert outcome.shortages == ()
        for key in missing:
            assert taken[key] == levels.get(key, StockLevel()).available, "what there is goes to someone"
        assert sum(wanted.values()) == sum(taken.values()) + sum(later.quantity for later in outcome.backorders)
    else:
        assert outcome.backorders == ()
        assert bool(outcome.shortages) == bool(missing)
        assert bool(outcome.reservations) == (bool(needs) and not missing)
        assert len(outcome.shortages) == len(missing)
