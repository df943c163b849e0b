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
    """Explain every figure of a report, all pages: its lines add up to it, or it is the ratio of two that theirs do.

    Answers how many figures there were.
    """
    figures = [cell for row in answer["rows"] for cell in row["cells"] if cell.get("amount") is not None]
    assert [cell for cell in figures if "cell" not in cell] == []
    for cell in figures:
        query = {"cell": cell["cell"], "limit": "50"}
        total, lines, cursor = Decimal(0), 0, None
        while True:
            page = {**query, **({"cursor": cursor} if cursor else {})}
            told = api.call("get_explanation", path={"kind": answer["kind"]}, query=page).expect(200).json
            assert Decimal(told["amount"]) == Decimal(cell["amount"]), (told["row"], told["column"])
            if "ratio" in told:
                _divided(api, answer["kind"], told)
                break
            total += sum((Decimal(line["amount"]) for line in told["data"]), Decimal(0))
            lines += len(told["data"])
            cursor = told["next_cursor"]
            if cursor is None:
                break
        if "ratio" in told:
            continue
        assert (total, lines) == (Decimal(cell["amount"]), told["lines"]), (told["row"], told["column"])
    return len(figures)


def _divided(api: Api, kind: str, told: Any) -> None:
    """An average is its numerator by its denominator, and both are explained by their lines."""
    numerator, denominator = told["ratio"]["numerator"], told["ratio"]["denominator"]
    assert (told["data"], told["lines"]) == ([], 0)
    quotient = Decimal(numerator["amount"]) / Decimal(denominator["amount"])
    assert Decimal(told["amount"]) == round(quotient, 6)
    assert explained(api, {"kind": kind, "rows": [{"cells": [numerator, denominator]}]}) == 2
