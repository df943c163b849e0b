"""Financial statements with numbers published elsewhere, replayed through the API."""

from decimal import Decimal

import pytest

from tests.cases.test_ledger_cases import Keeper
from tests.support.api import Api
from tests.support.cases import CASES, case, then
from tests.support.reports import explained, rows, ties

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder ../shared/cases is not here")


def test_fs_001_the_statements(api: Api) -> None:
    found, books = case("fs-001"), Keeper(api)
    books.year(2010)
    for entry in [*found["given"]["entries"], *found["given"]["adjustments"]]:
        books.take(entry, "2010-01-31")
    told = then(found, 5)
    january = {"from": "2010-01-01", "to": "2010-01-31"}
    result = api.call("get_profit_loss", query=january).expect(200).json
    assert Decimal(rows(result, 0)["result"]) == Decimal(told["net_income"])
    sheet = api.call("get_balance_sheet", query={"as_of": "2010-01-31"}).expect(200).json
    for key, total in (("assets", "total_assets"), ("liabilities", "total_liabilities"), ("equity", "total_equity")):
        assert Decimal(rows(sheet, 0)[f"{key}.total"]) == Decimal(told[total])
    cash = api.call("get_cash_flow", query=january).expect(200).json
    assert Decimal(rows(cash, 0)["closing"]) == Decimal(then(found, 4)["trial_balance"]["cash"])
    for answer in (result, sheet, cash):
        assert ties(answer) == ["0.00"]
        explained(api, answer)
