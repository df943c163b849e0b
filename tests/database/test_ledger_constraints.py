"""What even SQL written by hand cannot do to the books: unbalanced entries, closed periods, changed figures."""

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from bigledger.kernel.money import CURRENCIES, quantum
from tests.receivables.reminders import overdue, procedure, remind, run_due, schedule
from tests.receivables.test_any_open_item import owed_by_hand
from tests.receivables.test_hold_customer_credit import hold
from tests.support.api import Api
from tests.support.integrity import sound
from tests.support.shop import Shop
from tests.support.sql import Connection, by_hand, constraint, refused

pytestmark = pytest.mark.one_driver  # of Postgres alone

DAY = "2026-11-23"


class Books:
    """A tenant's company, a few of its accounts, and documents that entries hang on."""

    def __init__(self, api: Api) -> None:
        self.api = api
        rows = api.rows("SELECT type, number, id FROM kernel.document WHERE type IN ('company', 'account')")
        found = {(row.type, row.number): row.id for row in rows}
        self.company: UUID = found["company", "MAIN"]
        self.accounts: list[UUID] = [found["account", code] for code in ("1020", "1200", "4000", "2200")]
        self.documents: list[UUID] = [found["account", code] for code in ("1010", "1030", "1400")]
        """Any document will do as the header of lines written by hand."""

    def insert(self, connection: Connection, lines: Sequence[dict[str, Any]]) -> None:
        """Insert journal lines in one statement; each says only what is special about it."""
        rows = [
            {
                "document_id": self.documents[0],
                "entry": 1,
                "line": 1,
                "company_id": self.company,
                "account_id": self.accounts[number % 4],
                "area": "gl",
                "effective_date": DAY,
                "currency": "USD",
                "amount": line["amount"],
                "base_amount": line["amount"],
            }
            | line
            for number, line in enumerate(lines, 1)
        ]
        # An entry has lines from 1 on, and comes together with a change of its document.
        counted: Counter[tuple[UUID, int]] = Counter()
        for row, line in zip(rows, lines, strict=True):
            counted[row["document_id"], row["entry"]] += 1
            row["line"] = line.get("line", counted[row["document_id"], row["entry"]])
        touch = "UPDATE kernel.document SET version = version + 1 WHERE id = ANY(%s)"
        connection.execute(touch, [list({row["document_id"] for row in rows})])
        names = list(rows[0])
        values = ", ".join(["(" + ", ".join(["%s"] * len(names)) + ")"] * len(rows))
        connection.execute(
            f"INSERT INTO ledger.journal_line ({', '.join(names)}) VALUES {values}",
            [row[name] for row in rows for name in names],
        )

    def post(self, *lines: dict[str, Any]) -> None:
        """Post lines, committed."""
        with by_hand(self.api) as connection:
            self.insert(connection, lines)

    def refuse(self, *lines: dict[str, Any]) -> str | None:
        """The constraint that refuses the lines; nothing is posted."""
        before = self.api.counts(), self.balances()
        with pytest.raises(errors.CheckViolation) as caught, by_hand(self.api) as connection:
            self.insert(connection, lines)
        assert (self.api.counts(), self.balances()) == before
        return constraint(caught.value)

    def balances(self) -> dict[tuple[UUID, str, str], tuple[Decimal, ...]]:
        """Debit and credit per account, day and currency, as kept."""
        rows = self.api.rows("SELECT * FROM ledger.balance")
        return {
            (row.account_id, str(row.day), row.currency): (row.debit, row.credit, row.base_debit, row.base_credit)
            for row in rows
        }

    def summed(self) -> dict[tuple[UUID, str, str], tuple[Decimal, ...]]:
        """The same, summed up from the lines."""
        rows = self.api.rows(
            "SELECT account_id, effective_date AS day, currency,"
            " sum(greatest(amount, 0)) AS debit, sum(greatest(-amount, 0)) AS credit,"
            " sum(greatest(base_amount, 0)) AS base_debit, sum(greatest(-base_amount, 0)) AS base_credit"
            " FROM ledger.journal_line GROUP BY 1, 2, 3"
        )
        return {
            (row.account_id, str(row.day), row.currency): (row.debit, row.credit, row.base_debit, row.base_credit)
            for row in rows
        }


@pytest.fixture
def books(api: Api) -> Books:
    """The books of a fresh tenant."""
    return Books(api)


def lines(*amounts: str, **more: Any) -> list[dict[str, Any]]:
    """Lines of these amounts."""
    return [{"amount": amount} | more for amount in amounts]


class TestBalance:
    """Debit is credit in base currency, and in its own for an entry in one currency. To the last digit."""

    def test_a_balanced_entry_is_posted_and_kept_in_the_balances(self, books: Books) -> None:
        books.post(*lines("100.00", "-60.00", "-40.00"))
        assert books.api.counts()["ledger.journal_line"] == 3
        assert books.balances() == books.summed()
        assert len(books.balances()) == 3

    @pytest.mark.parametrize(
        "amounts",
        [
            ["100.00"],
            ["100.00", "-99.99"],
            ["100.00", "-100.01"],
            ["0.01", "0"],
            ["33.33", "33.33", "33.33", "-100.00"],
            ["1000000000000000000.01", "-1000000000000000000"],
            ["NaN", "0"],
            ["NaN", "NaN"],
            ["Infinity", "-Infinity"],
        ],
    )
    def test_an_entry_that_does_not_sum_to_zero_is_refused(self, books: Books, amounts: list[str]) -> None:
        assert books.refuse(*lines(*amounts)) == "entry_balanced"

    @pytest.mark.parametrize(
        ("currency", "amount"),
        [("USD", "0.005"), ("EUR", "100.000000000001"), ("JPY", "0.5"), ("KWD", "0.0001"), ("UYW", "0.00001")],
    )
    def test_an_amount_finer_than_its_currency_is_refused(self, books: Books, currency: str, amount: str) -> None:
        assert books.refuse(*lines(amount, f"-{amount}", currency=currency)) == "amount_in_units"

    def test_what_was_posted_before_this_held_is_taken_back_as_it_stands(self, books: Books) -> None:
        books.post(*lines("1.00", "-1.00"))
        books.post(*lines("-0.005", "0.005", entry=2))
        assert books.balances() == books.summed()

    def test_every_currency_has_the_decimals_that_it_has_in_the_code(self, books: Books) -> None:
        """Nothing finer than ISO 4217 has it is posted, and everything that is as fine."""
        finest = {currency: quantum(currency) for currency in sorted(CURRENCIES)}
        books.post(*({"currency": name, "amount": str(unit), "base_amount": "0"} for name, unit in finest.items()))
        other = books.documents[1]
        with by_hand(books.api) as connection:
            for name, unit in finest.items():
                amount = format(unit / 10, "f")
                with pytest.raises(errors.CheckViolation) as caught, connection.transaction():
                    books.insert(connection, lines(amount, f"-{amount}", currency=name, document_id=other))
                assert constraint(caught.value) == "amount_in_units"

    def test_a_conversion_between_currencies_balances_in_base_currency(self, books: Books) -> None:
        def conversion(base: str) -> list[dict[str, Any]]:
            return [
                {"amount": "100.00", "currency": "USD"},
                {"amount": "-92.00", "currency": "EUR", "base_amount": base},
            ]

        assert books.refuse(*conversion("-99.99")) == "entry_balanced"
        books.post(*conversion("-100.00"))
        assert books.balances() == books.summed()

    def test_the_base_currency_balances_for_itself(self, books: Books) -> None:
        mixed = [
            {"amount": "100.00", "currency": "EUR", "base_amount": "110.00"},
            {"amount": "-100.00", "currency": "EUR", "base_amount": "-109.99"},
        ]
        assert books.refuse(*mixed) == "entry_balanced"

    def test_the_amounts_balance_even_when_the_base_currency_does(self, books: Books) -> None:
        mixed = [
            {"amount": "100.00", "currency": "EUR", "base_amount": "110.00"},
            {"amount": "-100.01", "currency": "EUR", "base_amount": "-110.00"},
        ]
        assert books.refuse(*mixed) == "entry_balanced"

    def test_two_entries_of_a_document_do_not_balance_each_other(self, books: Books) -> None:
        assert books.refuse(*lines("1.00", entry=1), *lines("-1.00", entry=2)) == "entry_balanced"

    def test_two_entries_do_not_balance_each_other_in_a_currency_either(self, books: Books) -> None:
        """With nothing in base currency, so that only the foreign currency can tell."""
        crossed = [
            *lines("1.00", entry=1, currency="EUR", base_amount="0"),
            *lines("-1.00", entry=2, currency="EUR", base_amount="0"),
        ]
        assert books.refuse(*crossed) == "entry_balanced"

    def test_two_documents_do_not_balance_each_other(self, books: Books) -> None:
        first, second = books.documents[:2]
        crossed = [*lines("1.00", document_id=first), *lines("-1.00", document_id=second)]
        assert books.refuse(*crossed) == "entry_balanced"

    def test_two_companies_do_not_balance_each_other(self, books: Books) -> None:
        books.api.record("companies", code="SECOND", name="Second", currency="USD", jurisdiction="US-CA")
        books.api.record("fiscal-years", code="S2026", company="SECOND", starts_on="2026-01-01", ends_on="2026-12-31")
        (row,) = books.api.rows("SELECT id FROM kernel.document WHERE type = 'company' AND number = 'SECOND'")
        crossed = [*lines("1.00"), *lines("-1.00", company_id=row.id)]
        assert books.refuse(*crossed) == "entry_balanced"

    def test_one_entry_out_of_balance_refuses_all_that_came_with_it(self, books: Books) -> None:
        good, bad = books.documents[:2]
        both = [*lines("1.00", "-1.00", document_id=good), *lines("1.00", "-0.99", document_id=bad)]
        assert books.refuse(*both) == "entry_balanced"

    def test_an_entry_is_not_posted_line_by_line(self, books: Books) -> None:
        """The first of two statements is refused, whatever the second would have brought."""
        assert books.refuse(*lines("1.00")) == "entry_balanced"
        assert books.refuse(*lines("-1.00", line=2)) == "entry_balanced"

    def test_nothing_is_added_to_an_entry_that_leaves_it_unbalanced(self, books: Books) -> None:
        books.post(*lines("1.00", "-1.00"))
        assert books.refuse(*lines("0.01", line=3)) == "entry_balanced"

    @settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_whatever_is_posted_balances(self, books: Books, data: st.DataObject) -> None:
        """Zero tolerance: an entry is posted if, and only if, each of its sums is exactly zero.

        Of an entry in several currencies that is the sum in base currency.
        """
        amount = st.one_of(st.integers(-3, 3).map(Decimal), st.decimals(-5, 5, places=2))
        posted = data.draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "amount": amount,
                        "base_amount": amount,
                        "currency": st.sampled_from(["USD", "EUR"]),
                        "entry": st.sampled_from([1, 2]),
                        "account_id": st.sampled_from(books.accounts),
                        "effective_date": st.sampled_from([DAY, "2026-10-31"]),
                    }
                ),
                min_size=1,
                max_size=4,
            )
        )
        if data.draw(st.booleans()):
            posted += [line | {"amount": -line["amount"], "base_amount": -line["base_amount"]} for line in posted]
        sums: dict[Any, Decimal] = {}
        currencies = {entry: {line["currency"] for line in posted if line["entry"] == entry} for entry in (1, 2)}
        for line in posted:
            for figure in ("amount", "base_amount") if len(currencies[line["entry"]]) == 1 else ("base_amount",):
                sums[line["entry"], figure] = sums.get((line["entry"], figure), Decimal(0)) + line[figure]
        header = books.api.rows("SELECT id FROM kernel.document")[0].id
        headed = [line | {"document_id": header} for line in posted]
        before = books.api.rows("SELECT count(*) AS n FROM ledger.journal_line")[0].n
        with by_hand(books.api) as connection:
            if any(sums.values()):
                with pytest.raises(errors.CheckViolation) as caught:
                    books.insert(connection, headed)
                assert constraint(caught.value) == "entry_balanced"
            else:
                books.insert(connection, headed)
            connection.rollback()
        assert books.api.rows("SELECT count(*) AS n FROM ledger.journal_line")[0].n == before

    def test_the_balances_are_the_sums_of_the_lines(self, books: Books) -> None:
        for number, (document, day) in enumerate(
            [(document, day) for document in books.documents for day in (DAY, "2026-10-31", "2027-01-01")], 1
        ):
            books.post(
                *lines(f"{number}.01", f"-{number}.00", "-0.01", document_id=document, entry=number),
                *lines("5", "-5", currency="EUR", document_id=document, entry=number + 20, effective_date=day),
            )
        assert books.balances() == books.summed()
        assert {sum(pair[:2]) for pair in books.balances().values()} != {Decimal(0)}


ENTRY = (
    "INSERT INTO ledger.journal_line (document_id, entry, line, company_id, account_id, area, effective_date, currency,"
    " amount, base_amount) SELECT document_id, {entry}, line + {further}, company_id, account_id, area, effective_date,"
    " currency, amount, base_amount FROM ledger.journal_line WHERE entry = 1 AND document_id IN ({invoices})"
)
INVOICES = "SELECT id FROM kernel.document WHERE type = 'invoice'"


class TestEntries:
    """An entry is written at once and with its document: nothing is appended to what was posted."""

    @pytest.mark.parametrize("further", [0, 100])
    @pytest.mark.parametrize("entry", [2, 3])
    def test_a_posted_document_takes_no_further_entry(
        self, shop: Shop, owner_url: str, entry: int, further: int
    ) -> None:
        """A balanced one, in an open period, by hand."""
        invoice = shop.invoice()
        sql = ENTRY.format(entry=entry, further=further, invoices=INVOICES)
        for url in (None, owner_url):
            assert constraint(refused(shop.api, errors.CheckViolation, sql, url=url)) == "entry_at_once"
        assert shop.get(invoice) == invoice
        sound(shop.api)

    @pytest.mark.parametrize(("further", "kind"), [(0, errors.UniqueViolation), (100, errors.CheckViolation)])
    def test_a_posted_entry_takes_no_further_lines(self, shop: Shop, further: int, kind: type[psycopg.Error]) -> None:
        """Not even together with a change of its document."""
        invoice = shop.invoice()
        before = shop.api.counts()
        change = f"UPDATE kernel.document SET version = version + 1 WHERE id IN ({INVOICES})"
        further_lines = ENTRY.format(entry=1, further=further, invoices=INVOICES)
        for changes in ("SELECT 1", change):
            with by_hand(shop.api) as connection:
                connection.execute(changes)
                with pytest.raises(kind) as caught:
                    connection.execute(further_lines)
                connection.rollback()
            assert constraint(caught.value) == ("entry_at_once" if further else "journal_line_pkey")
        assert shop.api.counts() == before
        assert shop.get(invoice) == invoice
        sound(shop.api)

    def test_an_entry_does_not_come_without_its_document(self, books: Books) -> None:
        """One that was written before, and is not changed now."""
        books.post(*lines("1.00", "-1.00"))
        rows = "SELECT id FROM kernel.document WHERE type = 'account' AND number = '1010'"
        sql = ENTRY.format(entry=2, further=0, invoices=rows)
        assert constraint(refused(books.api, errors.CheckViolation, sql)) == "entry_at_once"

    def test_two_statements_of_one_transaction_do_not_share_an_entry(self, books: Books) -> None:
        before = books.api.counts()
        more = [line | {"line": number} for number, line in enumerate(lines("1.00", "-1.00"), 3)]
        with by_hand(books.api) as connection:
            books.insert(connection, lines("1.00", "-1.00"))
            with pytest.raises(errors.CheckViolation) as caught:
                books.insert(connection, more)
            connection.rollback()
        assert constraint(caught.value) == "entry_at_once"
        assert books.api.counts() == before


class TestPeriods:
    """What is closed stays closed, and what was never opened is closed."""

    def close(self, books: Books, **change: Any) -> None:
        """Change the period of November 2026, by hand: the rules of the record itself are not what is held here."""
        update = (
            "UPDATE kernel.document SET version = version + 1,"
            " data = jsonb_set(data, '{periods,10}', data #> '{periods,10}' || %s::jsonb)"
            " WHERE type = 'fiscal_year' AND number = 'FY2026' RETURNING data #>> '{periods,10,starts_on}' AS starts_on"
        )
        with by_hand(books.api) as connection:
            assert connection.execute(update, [json.dumps(change)]).fetchone().starts_on == "2026-11-01"

    @pytest.mark.parametrize("status", ["closed", "locked"])
    def test_a_closed_period_takes_no_postings(self, books: Books, status: str) -> None:
        self.close(books, status=status)
        assert books.refuse(*lines("1.00", "-1.00")) == "period_open"
        books.post(*lines("1.00", "-1.00", effective_date="2026-10-31"))
        books.post(*lines("1.00", "-1.00", effective_date="2026-12-01", entry=2))

    def test_an_area_closes_for_itself(self, books: Books) -> None:
        self.close(books, closed_areas=["sales", "tax"])
        for area in ("sales", "tax"):
            assert books.refuse(*lines("1.00", "-1.00", area=area)) == "period_open"
        for entry, area in enumerate(("purchase", "stock", "gl"), 1):
            books.post(*lines("1.00", "-1.00", area=area, entry=entry))

    def test_one_line_in_a_closed_period_refuses_the_entry(self, books: Books) -> None:
        self.close(books, status="closed")
        mixed = [*lines("1.00", effective_date="2026-10-31"), *lines("-1.00", effective_date=DAY)]
        assert books.refuse(*mixed) == "period_open"

    @pytest.mark.parametrize("day", ["2025-12-31", "2028-01-01", "1900-01-01"])
    def test_a_day_of_no_fiscal_year_takes_no_postings(self, books: Books, day: str) -> None:
        assert books.refuse(*lines("1.00", "-1.00", effective_date=day)) == "period_open"

    def test_a_company_without_fiscal_years_takes_no_postings(self, books: Books) -> None:
        assert books.refuse(*lines("1.00", "-1.00", company_id=uuid4())) == "period_open"

    def test_a_reopened_period_takes_postings_again(self, books: Books) -> None:
        self.close(books, status="closed")
        self.close(books, status="open")
        books.post(*lines("1.00", "-1.00"))

    def test_an_archived_fiscal_year_takes_no_postings(self, books: Books) -> None:
        books.api.call("archive_record", path={"resource": "fiscal-years", "id": "FY2026"}).expect(200)
        assert books.refuse(*lines("1.00", "-1.00")) == "period_open"

    def test_the_periods_themselves_are_not_written_by_hand(self, books: Books) -> None:
        for statement in (
            "UPDATE records.fiscal_period SET status = 'open'",
            "DELETE FROM records.fiscal_period",
            "INSERT INTO records.fiscal_period SELECT * FROM records.fiscal_period LIMIT 1",
        ):
            refused(books.api, errors.InsufficientPrivilege, statement)

    def test_a_close_waits_for_the_postings_under_way_and_the_next_one_sees_it(self, books: Books) -> None:
        """A posting holds the periods shared until it commits, so a close cannot slip in before it."""
        with by_hand(books.api) as connection:
            books.insert(connection, lines("1.00", "-1.00"))
            update = (
                "UPDATE kernel.document SET version = version + 1, data = jsonb_set(data, '{periods,10,status}',"
                " '\"closed\"') WHERE type = 'fiscal_year' AND number = 'FY2026'"
            )
            with by_hand(books.api) as closing:
                closing.execute("SET LOCAL lock_timeout = '50ms'")
                with pytest.raises(errors.LockNotAvailable):
                    closing.execute(update)
                closing.rollback()
        with by_hand(books.api) as closing:
            assert closing.execute(update).rowcount == 1
        assert books.refuse(*lines("1.00", "-1.00", entry=2)) == "period_open"


class TestProjections:
    """Balances follow from the ledger and from nothing else."""

    @pytest.mark.parametrize(
        "table",
        [
            "ledger.balance",
            "ledger.month_balance",
            "ledger.open_item_balance",
            "receivables.exposure",
            "inventory.stock",
            "inventory.reservation_balance",
            "records.fiscal_period",
            "reporting.product_sales",
        ],
    )
    def test_they_are_not_written_by_hand(self, shop: Shop, table: str) -> None:
        shop.invoice()
        for statement in (
            "UPDATE {} SET tenant_id = tenant_id",
            "DELETE FROM {}",
            "INSERT INTO {} (tenant_id) SELECT tenant_id FROM {}",
        ):
            refused(shop.api, errors.InsufficientPrivilege, statement.replace("{}", table))

    def test_a_settlement_by_hand_stays_within_its_open_item(self, shop: Shop) -> None:
        shop.invoice()
        settle = (
            "INSERT INTO ledger.settlement (id, open_item_id, document_id, effective_date, amount, base_amount)"
            " SELECT gen_random_uuid(), open_item_id, document_id, '2026-11-23', %s, 0"
            " FROM ledger.open_item_balance"
        )
        for amount in ("1287.01", "-0.01"):
            told = refused(shop.api, errors.CheckViolation, settle, [amount])
            assert constraint(told) == "settlement_within_open_item"

    def test_an_open_item_is_not_settled_before_its_date(self, shop: Shop) -> None:
        shop.invoice()
        settle = (
            "INSERT INTO ledger.settlement (id, open_item_id, document_id, effective_date, amount, base_amount)"
            " SELECT gen_random_uuid(), open_item_id, document_id, '2026-11-22', 1, 1"
            " FROM ledger.open_item_balance"
        )
        assert constraint(refused(shop.api, errors.CheckViolation, settle)) == "settlement_after_open_item"

    def test_the_exposure_stays_below_the_ceiling_it_was_granted_under(self, shop: Shop) -> None:
        shop.invoice()
        raise_exposure = (
            "INSERT INTO receivables.exposure_entry (document_id, entry, cause_id, company_id, customer_id, amount,"
            " ceiling) SELECT document_id, 9, cause_id, company_id, customer_id, %s, 50000"
            " FROM receivables.exposure_entry"
        )
        told = refused(shop.api, errors.CheckViolation, raise_exposure, ["48713.01"])
        assert constraint(told) == "exposure_within_ceiling"


class TestReminders:
    """What was told, dunned and invoiced of a schedule stands once, whoever writes."""

    @pytest.mark.parametrize(
        ("table", "name"),
        [
            ("receivables.overdue_item", "overdue_told_once"),
            ("receivables.dunned_item", "dunned_once_per_level"),
            ("receivables.recurring_run", "invoiced_once_per_day"),
            ("receivables.credit_hold", "credit_held_once"),
        ],
    )
    def test_nothing_stands_twice(self, shop: Shop, table: str, name: str) -> None:
        procedure(shop)
        overdue(shop, "2026-11-01")
        remind(shop)
        shop.api.call("mark_overdue", {}).expect(200)
        schedule(shop)
        run_due(shop)
        hold(shop)
        told = refused(shop.api, errors.UniqueViolation, f"INSERT INTO {table} SELECT * FROM {table}")
        assert constraint(told) == name

    def test_a_hold_is_released_before_it_is_held_again(self, shop: Shop) -> None:
        hold(shop)
        again = (
            "INSERT INTO receivables.credit_hold (customer_id, number, action, reason)"
            " SELECT customer_id, 2, 'held', 'x' FROM receivables.credit_hold"
        )
        assert constraint(refused(shop.api, errors.CheckViolation, again)) == "held_then_released"

    def test_nothing_is_overdue_on_its_due_date(self, shop: Shop) -> None:
        overdue(shop, "2026-11-01")
        early = (
            "INSERT INTO receivables.overdue_item (open_item_id, document_id, due_date, marked_on)"
            " SELECT id, document_id, due_date, due_date FROM ledger.open_item"
        )
        assert constraint(refused(shop.api, errors.CheckViolation, early)) == "overdue_after_due"

    def test_a_bill_is_told_of_once_and_not_on_its_due_date(self, shop: Shop) -> None:
        shop.api.record("suppliers", code="MILL", name="Mill", jurisdiction="US")
        bill = {"supplier": "MILL", "supplier_number": "1", "date": "2026-10-10"}
        shop.api.call("create_bill", {**bill, "items": [{"account": "6150", "unit_price": "10"}]}).expect(201)
        early = (
            "INSERT INTO payables.overdue_item (open_item_id, document_id, due_date, marked_on)"
            " SELECT id, document_id, due_date, due_date FROM ledger.open_item"
        )
        assert constraint(refused(shop.api, errors.CheckViolation, early)) == "bill_overdue_after_due"
        shop.api.call("mark_overdue_bills", {}).expect(200)
        again = "INSERT INTO payables.overdue_item SELECT * FROM payables.overdue_item"
        assert constraint(refused(shop.api, errors.UniqueViolation, again)) == "bill_overdue_told_once"

    def test_the_credit_that_items_use_follows_them(self, shop: Shop) -> None:
        """Also where nobody asked for it: an item by hand uses credit, its settlement gives it back."""
        owed_by_hand(shop, "100.00")
        used = "SELECT amount::text AS amount FROM receivables.exposure"
        assert [row.amount for row in shop.api.rows(used)] == ["100.00"]
        shop.pay("40.00")
        assert [row.amount for row in shop.api.rows(used)] == ["60.00"]


class TestDocuments:
    """Identity, number and posted figures of a document do not change; its version rises by one."""

    @pytest.mark.parametrize(
        "change",
        [
            "total = total + 1",
            "total = NULL",
            "currency = 'EUR'",
            "date = date + 1",
            "party_id = id",
            "company_id = id",
            "company_id = NULL",
            "posted_at = NULL",
            "posted_at = posted_at + interval '1 second'",
            "number = 'INV-2026-999999'",
            "number = NULL",
            "type = 'credit_note'",
            "id = gen_random_uuid()",
            "created_at = now()",
            "created_by = 'someone else'",
        ],
    )
    def test_a_posted_document_keeps_its_figures(self, shop: Shop, owner_url: str, change: str) -> None:
        shop.invoice()
        before = shop.api.rows("SELECT * FROM kernel.document WHERE type = 'invoice'")
        update = f"UPDATE kernel.document SET version = version + 1, {change} WHERE type = 'invoice'"
        for url in (None, owner_url):
            told = refused(shop.api, errors.CheckViolation, update, url=url)
            assert constraint(told) == "document_immutable"
        assert shop.api.rows("SELECT * FROM kernel.document WHERE type = 'invoice'") == before

    @pytest.mark.parametrize("change", ["total = 1", "currency = 'EUR'", "date = '2026-01-01'", "number = 'N-1'"])
    def test_a_draft_may_still_change(self, shop: Shop, change: str) -> None:
        shop.invoice(draft=True)
        with by_hand(shop.api) as connection:
            update = f"UPDATE kernel.document SET version = version + 1, {change} WHERE type = 'invoice'"
            assert connection.execute(update).rowcount == 1

    @pytest.mark.parametrize("version", ["version", "version + 2", "version - 1", "1", "0", "-1"])
    def test_the_version_rises_by_one(self, shop: Shop, owner_url: str, version: str) -> None:
        update = f"UPDATE kernel.document SET status = 'archived', version = {version} WHERE number = 'CUST001'"
        for url in (None, owner_url):
            told = refused(shop.api, errors.CheckViolation, update, url=url)
            assert constraint(told) == "document_version"

    def test_a_status_changes_with_the_version(self, shop: Shop) -> None:
        with by_hand(shop.api) as connection:
            update = "UPDATE kernel.document SET status = 'archived', version = version + 1 WHERE number = 'CUST001'"
            assert connection.execute(update).rowcount == 1

    def test_two_documents_of_a_type_do_not_share_a_number(self, shop: Shop) -> None:
        shop.invoice()
        copy = (
            "INSERT INTO kernel.document (id, type, company_id, number, status, data, version, sequence, created_by,"
            " updated_by) SELECT gen_random_uuid(), type, company_id, number, 'draft', '{}', 1, 0, 'x', 'x'"
            " FROM kernel.document WHERE type = %s"
        )
        for type in ("invoice", "customer"):
            told = refused(shop.api, errors.UniqueViolation, copy, [type])
            assert constraint(told) == "document_number"

    def test_a_tenant_keeps_its_id(self, shop: Shop) -> None:
        (told,) = shop.api.rows("SELECT tenant_id FROM kernel.tenant")
        refused(
            shop.api,
            errors.InsufficientPrivilege,
            "UPDATE kernel.tenant SET tenant_id = gen_random_uuid() WHERE tenant_id = %s",
            [told.tenant_id],
        )


def test_what_a_posted_document_says_is_kept_and_only_added_to(shop: Shop, owner_url: str) -> None:
    """Even by hand: the lines of an issued invoice do not change, while the reason of a void may be added."""
    invoice = shop.invoice()
    raised = "version = version + 1, data = jsonb_set(data, '{items,0,net}', '\"1.00\"')"
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.tenant_id', %s, false)", [str(shop.api.tenant_id)])
        with pytest.raises(psycopg.errors.CheckViolation, match="document_immutable"):
            connection.execute(f"UPDATE kernel.document SET {raised} WHERE id = %s", [invoice["id"]])
    assert shop.get(invoice) == invoice
    shop.api.call("void_invoice", {"reason": "x"}, path={"id": invoice["id"]}).expect(200)
