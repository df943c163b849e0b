"""Short ways to what reports say."""

from decimal import Decimal
from typing import Any

from tests.support.api import Api
from tests.support.shop import Shop


def sales(shop: Shop, day: str = "2026-12-31") -> list[tuple[str, str, str]]:
    """Product, quantity and net of what sold best in the year up to a day, the best first."""
    rows = shop.api.call("get_kpis", query={"as_of": day}).expect(200)["top_products"]
    return [(row["product"]["code"], row["quantity"], row["net"]) for row in rows]


def rows(answer: Any, column: int | None = None) -> dict[str, Any]:
    """The amounts of a report's rows by their keys: those of all columns, or of one."""
    found = {row["key"]: [cell.get("amount") for cell in row["cells"]] for row in answer["rows"] if row["cells"]}
    return found if column is None else {key: amounts[column] for key, amounts in found.items()}


def ties(answer: Any) -> list[str]:
    """By how much the report differs from what it ties to, column by column."""
    return [tie["difference"] for tie in answer["ties_to"]]


def explained(api: Api, answer: Any) -> int:
    """Explain every cell of a report, all pages: its lines add up to it. Answers how many cells there were."""
    cells = [cell for row in answer["rows"] for cell in row["cells"] if "cell" in cell]
    for cell in cells:
        query = {"cell": cell["cell"], "limit": "50"}
        total, lines, cursor = Decimal(0), 0, None
        while True:
            page = {**query, **({"cursor": cursor} if cursor else {})}
            told = api.call("get_explanation", path={"kind": answer["kind"]}, query=page).expect(200).json
            assert Decimal(told["amount"]) == Decimal(cell["amount"]), (told["row"], told["column"])
            total += sum((Decimal(line["amount"]) for line in told["data"]), Decimal(0))
            lines += len(told["data"])
            cursor = told["next_cursor"]
            if cursor is None:
                break
        assert (total, lines) == (Decimal(cell["amount"]), told["lines"]), (told["row"], told["column"])
    return len(cells)
