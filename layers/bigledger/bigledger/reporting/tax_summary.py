"""Taxes of a period by tax and rate: the amounts they fall on and what they come to, with what is free of them.

The figures are what documents tell of their taxes, as tax returns take them: what is collected above zero; what is
claimed back on purchases, and the purchases themselves, below. A rate of zero has a base and no tax; turnover that is
exempt, or that no tax falls on, stands by the reason. A tax that is due at payment counts on the day it is paid.

The taxes tie to what the ledger says of each tax account in these days. What else moved these accounts, such as an
entry by hand or the settlement of a return, stands below the total; only the settlements of returns are expected
there, so anything else makes a difference.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, configuration
from bigledger.kernel.money import quantum
from bigledger.kernel.serialization import json_text
from bigledger.records import Account, Company, Tax, TaxRule, company_of
from bigledger.reporting.cells import Address, identifier, unknown_cell
from bigledger.reporting.figures import NARROWED, narrowed
from bigledger.reporting.layout import Line, Term
from bigledger.reporting.model import Report, ReportCell, ReportColumn, ReportRow, Tie
from bigledger.reporting.periods import Column, movement_column
from bigledger.reporting.queries import TaxSummaryQuery, period
from bigledger.reporting.tax_entries import NOT_TOLD, RATE, SIDE, taxed, without

KIND, TITLE = "tax-summary", "Tax summary"

SETTLEMENT = "tax_return"
"""The type of the documents whose postings to tax accounts are expected besides taxes."""

_BY_HAND = {
    "journal_entry": "Posted by hand",
    "opening_balance": "Opening balance",
    SETTLEMENT: "Settled by tax returns",
}

_ACCOUNTS = "(SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))"

_LINES = f"""
    l.company_id = cast(:company AS uuid) AND l.account_id IN (SELECT id FROM account)
    AND l.effective_date >= cast(:first AS date) AND l.effective_date <= cast(:last AS date)
    AND l.recorded_at <= cast(:known_at AS timestamptz) {NARROWED.format(row="l")}
"""

_BALANCE = """
    SELECT base_debit - base_credit AS amount FROM ledger.balance
    WHERE company_id = cast(:company AS uuid) AND account_id = a.id
      AND day >= cast(:first AS date) AND day <= cast(:last AS date)
"""

_BALANCE_OF_LINES = """
    SELECT base_amount AS amount FROM ledger.journal_line
    WHERE company_id = cast(:company AS uuid) AND account_id = a.id
      AND effective_date >= cast(:first AS date) AND effective_date <= cast(:last AS date)
      AND recorded_at <= cast(:known_at AS timestamptz)
"""

_SUMMARY = """
    WITH taxed AS MATERIALIZED ({taxed}),
    untaxed AS ({without}),
    account AS MATERIALIZED (
        SELECT value AS id FROM {accounts} named (value)
        UNION SELECT output_account_id FROM taxed WHERE output_account_id IS NOT NULL
        UNION SELECT input_account_id FROM taxed WHERE input_account_id IS NOT NULL)
    SELECT jsonb_build_object(
        'taxes', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('side', side, 'tax', tax, 'rate', rate, 'base', base::text,
                            'amount', amount::text) ORDER BY side DESC, tax, rate), '[]')
            FROM (SELECT side, tax, rate, sum(base) AS base, sum(amount) AS amount
                  FROM (SELECT {side} AS side, e.tax, {rate} AS rate, e.base, e.amount
                        FROM (SELECT document_id, kind, tax, effective_date, sum(base) AS base,
                                     sum(output - input) AS amount
                              FROM taxed GROUP BY 1, 2, 3, 4) e) r
                  GROUP BY 1, 2, 3) s),
        'untaxed', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('side', side, 'basis', basis, 'tax', tax, 'rule', rule,
                            'base', base::text) ORDER BY side DESC, basis, tax, rule), '[]')
            FROM (SELECT {side} AS side, basis, tax, rule, sum(base) AS base FROM untaxed e GROUP BY 1, 2, 3, 4) s),
        'accounts', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id,
                'told', ((SELECT coalesce(sum(output), 0) FROM taxed WHERE output_account_id = a.id)
                       - (SELECT coalesce(sum(input), 0) FROM taxed WHERE input_account_id = a.id))::text,
                'moved', (SELECT coalesce(-sum(amount), 0)::text FROM ({balance}) b))), '[]')
            FROM account a),
        'besides', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('account', account_id, 'type', type, 'amount', amount::text)
                            ORDER BY type), '[]')
            FROM (SELECT l.account_id, d.type, -sum(l.base_amount) AS amount
                  FROM ledger.journal_line l JOIN kernel.document d ON d.id = l.document_id
                  WHERE {lines} AND {not_told} GROUP BY 1, 2) s)
    )::text
"""


def tax_summary(query: TaxSummaryQuery, context: Context) -> Report:
    """Bases and taxes by tax and rate, and what ties them to the ledger, in one statement."""
    company = company_of(context, query.company)
    first, last = period(context, [company], query.first, query.last)
    found = context.work.read_json(
        _SUMMARY.format(
            taxed=taxed(query.dimension),
            without=without(query.dimension),
            accounts=_ACCOUNTS,
            side=SIDE,
            rate=RATE,
            balance=_BALANCE if query.known_at is None else _BALANCE_OF_LINES,
            lines=_LINES,
            not_told=NOT_TOLD,
        ),
        company=str(company.id),
        first=str(first),
        last=str(last),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        accounts=json_text(tax_accounts(context)),
        **narrowed(query.dimension),
    )
    summary = _Summary(query, company, (first, last), context)
    return Report(
        kind=KIND,
        title=TITLE,
        company=company.ref,
        currency=company.data.currency,
        known_at=query.known_at,
        dimension=query.dimension or None,
        columns=[
            ReportColumn(key=key, label=label, starts_on=first, ends_on=last)
            for key, label in (("tax_base", "Base"), ("tax", "Tax"))
        ],
        rows=summary.rows(found),
        ties_to=[] if query.dimension else summary.ties(found),
    ).formatted(query.format, context.now)


def tax_accounts(context: Context) -> list[UUID]:
    """The accounts that taxes are posted to once they are due."""
    known = configuration(context)
    named = {
        reference
        for tax in known.every(Tax)
        for reference in (tax.data.account, tax.data.purchase_account)
        if reference is not None
    }
    return sorted(account.id for account in (known.find(Account, each) for each in named) if account is not None)


def cell_terms(context: Context, place: Address) -> tuple[Line, Column]:
    """What a cell of what else moved a tax account adds up. Raises InvalidRequest for one that there is not."""
    accounts = {str(entry.id): entry for entry in configuration(context).every(Account)}
    account = accounts.get(place.row)
    if place.first is None or account is None or place.options.get("by") != "besides":
        raise unknown_cell()
    line = Line(place.row, account.code, 0, "line", (Term(frozenset({account.id}), "lines", -1),))
    return line, movement_column([place.company], place.first, place.last)


class _Summary:
    """A tax summary in the making."""

    def __init__(
        self, query: TaxSummaryQuery, company: Entry[Company], days: tuple[dt.date, dt.date], context: Context
    ) -> None:
        known = configuration(context)
        self._query, self._company, self._days = query, company, days
        self._unit = quantum(company.data.currency)
        self._taxes = {entry.code: entry.data.name for entry in known.every(Tax)}
        self._rules = {entry.code: entry.data.name for entry in known.every(TaxRule)}
        self._accounts = {str(entry.id): entry for entry in known.every(Account)}

    def rows(self, found: Any) -> list[ReportRow]:
        """Sales, purchases, the total, and what else moved the accounts of taxes."""
        rows = []
        for side, title in (("sale", "Sales"), ("purchase", "Purchases")):
            of_side = [
                *(self._taxed(row) for row in found["taxes"] if row["side"] == side),
                *(self._untaxed(row) for row in found["untaxed"] if row["side"] == side),
            ]
            if of_side:
                rows += [ReportRow(key=side, label=title, level=0, style="heading"), *of_side]
        total = self._sum(row["amount"] for row in found["taxes"])
        cells = [ReportCell(), self._cell("total", total, of="total")]
        rows.append(ReportRow(key="total", label="Total tax", level=0, style="total", cells=cells))
        besides = sorted(found["besides"], key=lambda row: (row["type"], self._accounts[row["account"]].code))
        if besides:
            rows.append(ReportRow(key="besides", label="Tax accounts besides", level=0, style="heading"))
        return rows + [self._besides(row) for row in besides]

    def ties(self, found: Any) -> list[Tie]:
        """The taxes of each account against its movement, but for settlements of returns."""
        ties = []
        for row in sorted(found["accounts"], key=lambda row: self._accounts[row["id"]].code):
            besides = [one for one in found["besides"] if one["account"] == row["id"]]
            settled = self._sum(one["amount"] for one in besides if one["type"] == SETTLEMENT)
            told, moved = self._amount(row["told"]), self._amount(row["moved"]) - settled
            if told or moved or besides:
                ties.append(self._tie(self._accounts[row["id"]], told, moved))
        return ties

    def _tie(self, account: Entry[Account], told: Decimal, moved: Decimal) -> Tie:
        return Tie(
            column="tax",
            label=f"Tax on {account.code}",
            amount=told,
            ties_to=f"Movement of {account.code} but for settled returns",
            balance=moved,
            difference=told - moved,
        )

    def _taxed(self, row: dict[str, Any]) -> ReportRow:
        what = {"of": "tax", "side": row["side"], "tax": row["tax"], "rate": row["rate"]}
        key = f"{row['side']}:{row['tax']}@{row['rate']}"
        label = f"{row['tax']} {self._taxes.get(row['tax'], '')}".strip()
        cells = [
            self._cell(key, self._amount(row["base"]), **what, figure="base"),
            self._cell(key, self._amount(row["amount"]), **what),
        ]
        return ReportRow(key=key, label=label, level=1, style="line", cells=cells, rate=row["rate"] or None)

    def _untaxed(self, row: dict[str, Any]) -> ReportRow:
        basis, tax, rule = row["basis"], row["tax"] or "", row["rule"] or ""
        what = {"of": "untaxed", "side": row["side"], "basis": basis, "tax": tax, "rule": rule}
        named = f"{tax} {self._taxes.get(tax, '')}".strip()
        label = {
            "exemption": f"{named}: exempt",
            "no_rate": f"{named}: not in force",
            "rule": f"No tax by {rule} {self._rules.get(rule, '')}".strip(),
            "no_rule": "No tax, for want of a rule",
            "unsaid": "No tax",
        }[basis]
        key = ":".join(part for part in (row["side"], basis, tax, rule) if part)
        cells = [
            self._cell(key, self._amount(row["base"]), **what, figure="base"),
            self._cell(key, self._amount("0"), **what),
        ]
        return ReportRow(key=key, label=label, level=1, style="line", cells=cells, untaxed=basis)

    def _besides(self, row: dict[str, Any]) -> ReportRow:
        account, type = self._accounts[row["account"]], row["type"]
        told = _BY_HAND.get(type, type.replace("_", " ").capitalize())
        amount = self._amount(row["amount"])
        return ReportRow(
            key=f"besides:{type}:{account.code}",
            label=f"{told}: {account.code} {account.data.name}",
            level=1,
            style="line",
            cells=[ReportCell(), self._cell(str(account.id), amount, by="besides", which=type)],
            account=account.ref,
        )

    def _amount(self, text: str) -> Decimal:
        return Decimal(text).quantize(self._unit)

    def _sum(self, texts: Iterable[str]) -> Decimal:
        return sum((Decimal(text) for text in texts), Decimal(0)).quantize(self._unit)

    def _cell(self, row: str, amount: Decimal, **options: str) -> ReportCell:
        place = Address(
            kind=KIND,
            row=row,
            company=self._company.id,
            first=self._days[0],
            last=self._days[1],
            known_at=self._query.known_at,
            dimension=self._query.dimension,
            options=options,
        )
        return ReportCell(amount=amount, cell=identifier(place))
