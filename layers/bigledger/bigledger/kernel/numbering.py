"""Gapless numbers: a series per company and document type, counted in the transaction that uses the number."""

from datetime import date
from uuid import UUID

from bigledger.kernel.context import Context


def take(context: Context, series_id: UUID, prefix: str, width: int, restart: str, on: date) -> str:
    """Ask for the next number of a series; answers a token that becomes the number when the request commits.

    ``prefix`` may hold {YYYY}, {YY} and {MM} of the accounting date; ``restart`` is ``year``, ``month`` or
    ``never``; ``width`` pads the counter with zeros.
    """
    period = {"year": f"{on:%Y}", "month": f"{on:%Y-%m}", "never": ""}[restart]
    filled = prefix.replace("{YYYY}", f"{on:%Y}").replace("{YY}", f"{on:%y}").replace("{MM}", f"{on:%m}")
    return context.work.number(series_id, period, filled, width)
