"""Every check there is, in the order an accountant would go through them."""

from bigledger.integrity import (
    books,
    customers,
    documents,
    figures,
    history,
    parties,
    standing,
    stock,
    suppliers,
    taxes,
)
from bigledger.integrity.model import Check

CHECKS: tuple[Check, ...] = (
    *books.CHECKS,
    *standing.CHECKS,
    *parties.CHECKS,
    *customers.CHECKS,
    *suppliers.CHECKS,
    *taxes.CHECKS,
    *stock.CHECKS,
    *documents.CHECKS,
    *history.CHECKS,
    *figures.CHECKS,
)
"""All invariants of the system. A module that keeps something new states here what must hold of it."""
