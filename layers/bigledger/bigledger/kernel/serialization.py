"""JSON texts of what the kernel stores, sends and answers."""

from decimal import Decimal
from typing import Any

import orjson


def json_text(value: Any) -> str:
    """The JSON text of rows and problems: decimals as strings without an exponent, everything else by its text."""
    return orjson.dumps(value, default=_as_text).decode()


def _as_text(value: Any) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)
