"""What even SQL written by hand cannot do to the set-up that posted figures rest on."""

import pytest
from psycopg import errors

from tests.support.shop import Shop
from tests.support.sql import by_hand, constraint, refused

pytestmark = pytest.mark.one_driver  # of Postgres alone

CHANGE = "UPDATE kernel.document SET version = version + 1, {} WHERE type = '{}' AND number = '{}'"


def as_data(field: str, value: str) -> str:
    """The assignment that changes a field of a record's data."""
    return f"data = jsonb_set(data, '{{{field}}}', '{value}')"


ARCHIVED = "status = 'archived'"


@pytest.mark.parametrize(
    ("type", "code", "change", "name"),
    [
        ("company", "MAIN", as_data("currency", '"EUR"'), "set_up_in_use"),
        ("company", "MAIN", ARCHIVED, "set_up_in_use"),
        ("account", "1400", as_data("kind", '"liability"'), "set_up_in_use"),
        ("account", "1400", as_data("group", "true"), "set_up_in_use"),
        ("account", "1400", "data = data - 'control'", "set_up_in_use"),
        ("account", "1400", as_data("currency", '"EUR"'), "set_up_in_use"),
        ("account", "1400", ARCHIVED, "set_up_in_use"),
        ("number_series", "STOCK_RECEIPT", as_data("prefix", '"R-"'), "set_up_in_use"),
        ("number_series", "STOCK_RECEIPT", as_data("width", "9"), "set_up_in_use"),
        ("number_series", "STOCK_RECEIPT", as_data("restart", '"never"'), "set_up_in_use"),
        ("fiscal_year", "FY2026", "data = data #- '{periods,10}'", "posted_period_stays"),
        ("fiscal_year", "FY2026", as_data("periods", "[]"), "posted_period_stays"),
        ("fiscal_year", "FY2026", as_data("periods,10,ends_on", '"2026-11-22"'), "posted_period_stays"),
        ("fiscal_year", "FY2026", as_data("periods,10,starts_on", '"2026-11-02"'), "posted_period_stays"),
        ("fiscal_year", "FY2026", ARCHIVED, "posted_period_stays"),
        ("product", "PROD001", as_data("kind", '"service"'), "set_up_in_use"),
        ("product", "PROD001", as_data("unit", '"HOUR"'), "set_up_in_use"),
        ("location", "MAIN", as_data("company", '"EAST"'), "set_up_in_use"),
    ],
)
def test_what_postings_rest_on_stays(shop: Shop, owner_url: str, type: str, code: str, change: str, name: str) -> None:
    for url in (None, owner_url):
        told = refused(shop.api, errors.CheckViolation, CHANGE.format(change, type, code), url=url)
        assert constraint(told) == name


@pytest.mark.parametrize(
    ("type", "code", "change"),
    [
        ("account", "1040", ARCHIVED),
        ("account", "1040", as_data("control", '"bank"')),
        ("account", "1400", as_data("name", '"Goods"')),
        ("company", "MAIN", as_data("name", '"Renamed"')),
        ("number_series", "INVOICE", as_data("prefix", '"R-{YYYY}-"')),
        ("number_series", "STOCK_RECEIPT", as_data("name", '"Receipts"')),
        ("fiscal_year", "FY2026", as_data("periods,10,status", '"closed"')),
        ("fiscal_year", "FY2026", "data = data #- '{periods,11}' || '{\"ends_on\": \"2026-11-30\"}'"),
        ("fiscal_year", "FY2027", ARCHIVED),
        ("product", "SERV001", as_data("unit", '"EA"')),
        ("location", "MAIN", as_data("company", '"MAIN"')),
        ("location", "MAIN", as_data("kind", '"zone"')),
    ],
)
def test_what_nothing_rests_on_may_change(shop: Shop, type: str, code: str, change: str) -> None:
    with by_hand(shop.api) as connection:
        assert connection.execute(CHANGE.format(change, type, code)).rowcount == 1


@pytest.mark.parametrize(
    "change",
    [
        as_data("periods,0,status", '"open"'),
        as_data("periods,0,status", '"closed"'),
        as_data("periods,0,closed_areas", '["gl"]'),
        "data = data #- '{periods,0}'",
        ARCHIVED,
    ],
)
def test_a_locked_period_stays(shop: Shop, change: str) -> None:
    with by_hand(shop.api) as connection:
        lock = as_data("periods,0,status", '"locked"')
        assert connection.execute(CHANGE.format(lock, "fiscal_year", "FY2026")).rowcount == 1
    told = refused(shop.api, errors.CheckViolation, CHANGE.format(change, "fiscal_year", "FY2026"))
    assert constraint(told) in {"locked_period_stays", "posted_period_stays"}


def test_one_series_numbers_the_documents_of_a_type(shop: Shop) -> None:
    second = (
        "INSERT INTO kernel.document (id, type, number, status, data, version, sequence, created_by, updated_by)"
        " SELECT gen_random_uuid(), type, 'SECOND', %s, data, 1, 0, 'x', 'x'"
        " FROM kernel.document WHERE type = 'number_series' AND number = 'INVOICE'"
    )
    told = refused(shop.api, errors.UniqueViolation, second, ["active"])
    assert constraint(told) == "number_series_once"
    with by_hand(shop.api) as connection:
        assert connection.execute(second, ["archived"]).rowcount == 1


def test_a_company_keeps_its_books_in_a_currency_that_is_in_use(shop: Shop) -> None:
    shop.api.record("currencies", code="USD", name="Dollar")
    shop.api.record("currencies", code="EUR", name="Euro")
    told = refused(shop.api, errors.CheckViolation, CHANGE.format(ARCHIVED, "currency", "USD"))
    assert constraint(told) == "currency_of_company"
    with by_hand(shop.api) as connection:
        assert connection.execute(CHANGE.format(ARCHIVED, "currency", "EUR")).rowcount == 1
    company = (
        "INSERT INTO kernel.document (id, type, number, status, data, version, sequence, created_by, updated_by)"
        " SELECT gen_random_uuid(), type, 'EAST', 'active', data || '{\"currency\": \"EUR\"}', 1, 0, 'x', 'x'"
        " FROM kernel.document WHERE type = 'company'"
    )
    assert constraint(refused(shop.api, errors.CheckViolation, company)) == "currency_of_company"
