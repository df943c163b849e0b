"""Balances by account, and on demand by period and by the values of a dimension, from the balances of the days."""

import datetime as dt
from decimal import Decimal
from typing import Literal
from uuid import UUID

from bigledger.kernel import Amount, Answer, Command, Context, Day, Ref, Reference, configuration, in_order
from bigledger.kernel.money import quantum
from bigledger.records import Account, Dimension, DimensionValue, company_of


class AccountBalancesQuery(Command):
    """Which balances: of one account or all, from ``date_from`` to ``as_of`` (today in the company's time zone).

    ``by`` period answers a row for each period of the fiscal years. ``dimension`` answers a row for each of its
    values and one for what has none; ``value`` counts the lines of one value only. ``closing`` exclude leaves out
    the entries that close fiscal years.
    """

    company: Reference | None = None
    account: Reference | None = None
    date_from: Day | None = None
    as_of: Day | None = None
    by: Literal["account", "period"] = "account"
    dimension: Reference | None = None
    value: Reference | None = None
    closing: Literal["include", "exclude"] = "include"

    _days = in_order("date_from", "as_of")


class BalancePeriod(Answer):
    """A period of a fiscal year, as far as it was asked for."""

    fiscal_year: str
    number: int
    starts_on: dt.date
    ends_on: dt.date


class AccountBalance(Answer):
    """What an account had before, what was debited and credited, and what it came to; ``closing`` is debit positive.

    ``value`` is that of the dimension asked for; absent: the lines that have none.
    """

    account: Ref
    period: BalancePeriod | None = None
    value: Ref | None = None
    opening: Amount
    debit: Amount
    credit: Amount
    closing: Amount


class AccountBalances(Answer):
    """Balances in the company's base currency, by account, period and value."""

    company: Ref
    date_from: dt.date | None = None
    as_of: dt.date
    currency: str
    dimension: Ref | None = None
    rows: list[AccountBalance]


_BALANCES = """
    SELECT b.account_id, p.code, p.number, p.starts_on, p.ends_on, b.value, sum(b.opening)::text AS opening,
           sum(b.debit)::text AS debit, sum(b.credit)::text AS credit
    FROM (SELECT account_id, CASE WHEN day >= cast(:first AS date) THEN day END AS day,
                 CASE WHEN :dimension <> '' THEN dimensions->>:dimension END AS value,
                 CASE WHEN day < cast(:first AS date) THEN base_debit - base_credit ELSE 0 END AS opening,
                 CASE WHEN day < cast(:first AS date) THEN 0 ELSE base_debit END AS debit,
                 CASE WHEN day < cast(:first AS date) THEN 0 ELSE base_credit END AS credit
          FROM ledger.balance
          WHERE company_id = cast(:company AS uuid)
            AND (:account = '' OR account_id = cast(nullif(:account, '') AS uuid))
            AND day <= cast(:as_of AS date) AND (:closing OR NOT closing)
            AND (:value = '' OR dimensions->>:of = :value)) b
    LEFT JOIN (SELECT y.number AS code, f.number, f.starts_on, f.ends_on FROM records.fiscal_period f
               JOIN kernel.document y ON y.id = f.fiscal_year_id WHERE f.company_id = cast(:company AS uuid)) p
        ON :periods AND b.day BETWEEN p.starts_on AND p.ends_on
    GROUP BY b.account_id, p.code, p.number, p.starts_on, p.ends_on, b.value
    ORDER BY p.starts_on NULLS FIRST, b.value NULLS LAST
"""


def account_balances(query: AccountBalancesQuery, context: Context) -> AccountBalances:
    """The balances of accounts, in one statement. Raises UnknownReference."""
    company = company_of(context, query.company)
    known = configuration(context)
    account = known.find(Account, query.account) if query.account else None
    if query.account and account is None:
        known.get(Account, query.account, "/account")
    dimension = known.get(Dimension, query.dimension, "/dimension") if query.dimension else None
    value = known.get(DimensionValue, query.value, "/value") if query.value else None
    first = query.date_from or dt.date(1, 1, 1)
    as_of = query.as_of or max(first, context.clock.today(company.data.timezone))
    found = context.work.read(
        _BALANCES,
        company=str(company.id),
        account=str(account.id) if account else "",
        first=str(first),
        as_of=str(as_of),
        dimension=dimension.code if dimension else "",
        value=value.code if value else "",
        of=value.data.dimension if value else "",
        closing=query.closing == "include",
        periods=query.by == "period",
    )
    unit = quantum(company.data.currency)
    accounts = {entry.id: entry for entry in known.every(Account)}
    values = {entry.code: entry for entry in known.every(DimensionValue)}
    carried: dict[tuple[UUID, str | None], Decimal] = {}
    rows = []
    for row in found:
        key = (UUID(str(row.account_id)), row.value)
        before = carried.get(key, Decimal(0)) + Decimal(row.opening)
        carried[key] = before + Decimal(row.debit) - Decimal(row.credit)
        if query.by == "period" and row.number is None:
            continue  # what was there before the first period is in the opening of the next
        rows.append(
            AccountBalance(
                account=accounts[key[0]].ref,
                period=_period(row, first, as_of) if query.by == "period" else None,
                value=values[row.value].ref if row.value is not None else None,
                opening=before.quantize(unit),
                debit=Decimal(row.debit).quantize(unit),
                credit=Decimal(row.credit).quantize(unit),
                closing=carried[key].quantize(unit),
            )
        )
    rows.sort(key=lambda row: row.account.code)
    return AccountBalances(
        company=company.ref,
        date_from=query.date_from,
        as_of=as_of,
        currency=company.data.currency,
        dimension=dimension.ref if dimension else None,
        rows=rows,
    )


def _period(row: object, first: dt.date, as_of: dt.date) -> BalancePeriod:
    return BalancePeriod(
        fiscal_year=row.code,  # type: ignore[attr-defined]
        number=row.number,  # type: ignore[attr-defined]
        starts_on=max(row.starts_on, first),  # type: ignore[attr-defined]
        ends_on=min(row.ends_on, as_of),  # type: ignore[attr-defined]
    )
