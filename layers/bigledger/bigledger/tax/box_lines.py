"""What a box of a tax return is made of, line by line."""

from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Context, Page
from bigledger.kernel.listing import bad_cursor, cursor, read_cursor
from bigledger.kernel.money import nothing
from bigledger.tax import return_queries as queries
from bigledger.tax.return_model import BoxLine, BoxLinesQuery

_FIRST = "00000000-0000-0000-0000-000000000000", 0, 0, 0
_LARGEST = 2**31 - 1


def box_lines(query: BoxLinesQuery, context: Context) -> Page[BoxLine]:
    """What a box is made of; one statement. Raises NotFound, InvalidRequest for a cursor that is none of ours."""
    found = queries.box_lines(context, query.id, query.box, _position(query.cursor), query.limit + 1)
    zero = nothing(found["currency"])
    rows = found["lines"] or []
    lines = [
        BoxLine.model_validate(
            {name: value for name, value in row.items() if name in BoxLine.model_fields}
            | {"base": Decimal(row["base"]) + zero, "amount": Decimal(row["amount"]) + zero}
        )
        for row in rows[: query.limit]
    ]
    following = None
    if len(rows) > query.limit:
        last = rows[query.limit - 1]
        following = cursor(last["document"]["id"], str(last["entry"]), str(last["line"]), str(last["place"]))
    return Page[BoxLine](data=lines, next_cursor=following)


def _position(text: str | None) -> tuple[str, int, int, int]:
    if text is None:
        return _FIRST
    document, *rest = read_cursor(text, 4)
    try:
        entry, line, place = (int(part) for part in rest)
        position = str(UUID(document)), entry, line, place
    except ValueError as error:
        raise bad_cursor() from error
    if not all(0 <= part <= _LARGEST for part in (entry, line, place)):
        raise bad_cursor()
    return position
