"""The clock runs the recurring templates of every tenant."""

from tests.ledger.test_run_journal_template import template
from tests.support.api import find
from tests.support.ledger import Books


def test_the_clock_runs_what_is_due_and_nothing_twice(books: Books) -> None:
    template(books, recurrence={"every": "month", "starts_on": "2026-10-23"})
    scheduled = find("post_recurring_entries")
    first = scheduled.run()  # for the other tests' tenants as well
    assert first.done >= 2
    before = books.api.counts()
    assert scheduled.run().done == 0
    assert books.api.counts() == before
    assert books.balances() == {"1020": "-2400.00", "6120": "2400.00"}
