"""What the ledger says of an account: its lines with their running balance.

Amounts are in the company's base currency, debit positive. ``as_of`` is an accounting date, inclusive;
``known_at`` an instant: only what had been recorded by then counts.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from pydantic import Field

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Context,
    Day,
    Instant,
    NotFound,
    Number,
    Page,
    Ref,
    Reference,
    configuration,
    in_order,
    listing,
)
from bigledger.kernel.money import nothing, plain, quantum, round_money
from bigledger.ledger.posting import entry_kind
from bigledger.records import Account, company_of


class AccountLedgerQuery(Command):
    """Which lines of which account: from ``date_from`` to ``as_of`` (today in the company's time zone), in pages."""

    id: Reference
    company: Reference | None = None
    date_from: Day | None = None
    as_of: Day | None = None
    known_at: Instant | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=400)

    _days = in_order("date_from", "as_of")


class LedgerLine(Answer):
    """A posted line with the balance of the account after it."""

    document: Ref
    document_type: str
    date: date
    recorded_at: datetime
    entry: int
    kind: str
    """What the entry is for its document: original or reversal."""
    line: int
    currency: str
    amount: Amount
    debit: Amount
    credit: Amount
    balance: Amount
    party: Ref | None = None
    product: Ref | None = None
    quantity: Number | None = None
    tax: str | None = None
    text: str | None = None
    dimensions: dict[str, str] | None = None


class AccountLedger(Page[LedgerLine]):
    """An account's ledger page: the balance before it and its lines, oldest first, in base currency."""

    account: Ref
    company: Ref
    as_of: date
    known_at: datetime | None = None
    currency: str
    opening_balance: Amount
    closing_balance: Amount
    """The balance after the last line of this page."""


_PAGE = """
    SELECT opening.balance AS opening, page.*
    FROM (
        SELECT coalesce(sum(base_amount), 0)::text AS balance FROM (
            SELECT base_debit - base_credit AS base_amount FROM ledger.balance
            WHERE company_id = cast(:company AS uuid) AND account_id = cast(:account AS uuid)
              AND day < cast(:after_date AS date) AND :now_known
            UNION ALL
            SELECT base_amount FROM ledger.journal_line l
            WHERE l.company_id = cast(:company AS uuid) AND l.account_id = cast(:account AS uuid)
              AND (l.effective_date >= cast(:after_date AS date) OR NOT :now_known)
              AND l.effective_date <= cast(:after_date AS date)
              AND l.recorded_at <= cast(:known_at AS timestamptz)
              AND (l.effective_date, l.recorded_at, l.document_id, l.entry, l.line) <=
                  (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
                   cast(:after_entry AS integer), cast(:after_line AS integer))) before
    ) opening
    LEFT JOIN LATERAL (
        SELECT l.document_id, l.entry, l.line, l.effective_date, l.recorded_at, l.currency, l.party_id, l.text,
               l.amount::text AS amount, l.base_amount::text AS base_amount, d.type, d.number, l.tax,
               l.dimensions::text AS dimensions,
               l.quantity::text AS quantity, p.number AS party_code, p.data->>'name' AS party_name,
               l.product_id, o.number AS product_code, o.data->>'name' AS product_name
        FROM ledger.journal_line l
        JOIN kernel.document d ON d.tenant_id = l.tenant_id AND d.id = l.document_id
        LEFT JOIN kernel.document p ON p.tenant_id = l.tenant_id AND p.id = l.party_id
        LEFT JOIN kernel.document o ON o.tenant_id = l.tenant_id AND o.id = l.product_id
        WHERE l.company_id = cast(:company AS uuid) AND l.account_id = cast(:account AS uuid)
          AND l.effective_date >= cast(:after_date AS date) AND l.effective_date <= cast(:as_of AS date)
          AND l.recorded_at <= cast(:known_at AS timestamptz)
          AND (l.effective_date, l.recorded_at, l.document_id, l.entry, l.line) >
              (cast(:after_date AS date), cast(:after_recorded AS timestamptz), cast(:after_document AS uuid),
               cast(:after_entry AS integer), cast(:after_line AS integer))
        ORDER BY l.effective_date, l.recorded_at, l.document_id, l.entry, l.line
        LIMIT :limit
    ) page ON true
    ORDER BY page.effective_date, page.recorded_at, page.document_id, page.entry, page.line
"""

_LAST = 2**31 - 1  # the largest integer of Postgres
_START = ("-infinity", "00000000-0000-0000-0000-000000000000", "0", "0")


def account_ledger(query: AccountLedgerQuery, context: Context) -> AccountLedger:
    """A page of an account's lines with running balance; one statement whatever its length.

    An archived account is read as well. Raises NotFound for an unknown account, UnknownReference for a company.
    """
    company = company_of(context, query.company)
    account = configuration(context).find(Account, query.id)
    if account is None:
        raise NotFound(f"There is no account {query.id}.")
    first = query.date_from or date(1, 1, 1)
    as_of = query.as_of or max(first, context.clock.today(company.data.timezone))
    position = _position(query.cursor, account.id) if query.cursor else [str(first), *_START]
    found = context.work.read(
        _PAGE,
        company=str(company.id),
        account=str(account.id),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        now_known=query.known_at is None,
        as_of=str(as_of),
        after_date=position[0],
        after_recorded=position[1],
        after_document=position[2],
        after_entry=position[3],
        after_line=position[4],
        limit=query.limit + 1,
    )
    rows = [row for row in found if row.document_id is not None]
    unit = quantum(company.data.currency)
    opening = Decimal(found[0].opening).quantize(unit)
    balance = opening
    zero = nothing(company.data.currency)
    lines = []
    for row in rows[: query.limit]:
        amount = Decimal(row.base_amount).quantize(unit)
        balance += amount
        lines.append(
            LedgerLine(
                document=Ref(id=row.document_id, code=row.number or ""),
                document_type=row.type,
                date=row.effective_date,
                recorded_at=row.recorded_at,
                entry=row.entry,
                kind=entry_kind(row.entry),
                line=row.line,
                currency=row.currency,
                amount=round_money(Decimal(row.amount), row.currency),
                debit=max(amount, zero),
                credit=max(-amount, zero),
                balance=balance,
                party=Ref(id=row.party_id, code=row.party_code, name=row.party_name) if row.party_id else None,
                product=_product(row),
                quantity=None if row.quantity is None else plain(Decimal(row.quantity)),
                tax=row.tax,
                text=row.text,
                dimensions=orjson.loads(row.dimensions) or None,
            )
        )
    following = None
    if len(rows) > query.limit:
        last = rows[query.limit - 1]
        following = listing.cursor(
            *map(str, (account.id, last.effective_date, last.recorded_at, last.document_id, last.entry, last.line))
        )
    return AccountLedger(
        account=account.ref,
        company=company.ref,
        as_of=as_of,
        known_at=query.known_at,
        currency=company.data.currency,
        opening_balance=opening,
        data=lines,
        closing_balance=balance,
        next_cursor=following,
    )


def _product(row: Any) -> Ref | None:
    return Ref(id=row.product_id, code=row.product_code, name=row.product_name) if row.product_id else None


def _position(cursor: str, account: UUID) -> list[str]:
    """The line a cursor of the account stands for: its date, instant, document, entry, line. Raises InvalidRequest."""
    of, day, instant, document, entry, line = listing.read_cursor(cursor, 6)
    if of != str(account):
        raise listing.bad_cursor()
    try:
        return [
            str(date.fromisoformat(day)),
            datetime.fromisoformat(instant).isoformat(),
            str(UUID(document)),
            str(min(int(entry), _LAST)),
            str(min(int(line), _LAST)),
        ]
    except ValueError as error:
        raise listing.bad_cursor() from error
