"""The clock recognises the deferrals of every tenant."""

from tests.ledger.test_run_deferrals import service
from tests.support.api import find
from tests.support.ledger import Books


def test_the_clock_recognises_what_is_due(books: Books) -> None:
    service(books)
    scheduled = find("recognise_deferrals")
    assert scheduled.run().done >= 2  # for the other tests' tenants as well
    assert scheduled.run().done == 0
    assert books.balances() == {"1020": "100.00", "2310": "-33.34", "4010": "-66.66"}
