"""Allocation: what some accounts came to in a period, spread over others, or over values of a dimension, by weight.

What is spread is what is left: the entry takes it off the sources, dated within the period, so a rule that is run
again finds nothing, or only what was posted since.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Conflict,
    Context,
    Day,
    Entry,
    NotFound,
    Ref,
    Reference,
    Table,
    configuration,
    database,
    in_order,
)
from bigledger.kernel.money import distribute, nothing, quantum, round_money
from bigledger.kernel.serialization import json_text
from bigledger.ledger.dimensions import DimensionRequired
from bigledger.ledger.events import AllocationPosted, JournalEntryCreated
from bigledger.ledger.journal import issue, tell, written
from bigledger.ledger.journal_lines import work_out
from bigledger.ledger.journal_model import MAXIMUM_LINES, EntryLine, NewLine
from bigledger.ledger.posting import check_open
from bigledger.records import Account, AllocationRule, AllocationSource, company_of

_RUN = Table("ledger.allocation_run", ("rule_id", "number", "document_id", "date_from", "date_to"))


class AllocatedMeanwhile(Conflict):
    """The rule was run by another request."""

    title = "The rule was run just now"


class TooManyShares(Conflict):
    """The allocation has more lines than an entry takes."""

    title = "The allocation is too large for an entry"


database.constraint("allocation_run_once", lambda: AllocatedMeanwhile("Another request ran this rule just now."))


class RunAllocationRule(Command):
    """Runs a rule over what was posted from ``date_from`` to ``date_to``; the entry is dated on the last day."""

    id: Reference
    date_from: Day
    date_to: Day

    _days = in_order("date_from", "date_to")


class AllocationRun(Answer):
    """What a rule took and where it went, in base currency. ``entry`` is absent where nothing was left to allocate.

    ``allocated`` is the sum of what was taken, debit positive.
    """

    rule: Ref
    date_from: dt.date
    date_to: dt.date
    currency: str
    allocated: Amount
    entry: Ref | None = None
    lines: list[EntryLine] = []
    events: list[str] = []


@dataclass(frozen=True, slots=True)
class _Share:
    """What comes on an account with these dimensions, debit positive."""

    account: Entry[Account]
    dimensions: Mapping[str, str]
    amount: Decimal


_FOUND = """
    SELECT jsonb_build_object(
        'runs', (SELECT count(*) FROM ledger.allocation_run r WHERE r.rule_id = cast(:rule AS uuid)),
        'balances', (
            SELECT jsonb_agg(jsonb_build_object('account_id', account_id, 'dimensions', dimensions, 'amount', amount)
                             ORDER BY account_id, dimensions)
            FROM (SELECT b.account_id, b.dimensions, sum(b.base_debit - b.base_credit)::text AS amount
                  FROM jsonb_to_recordset(cast(:accounts AS jsonb)) AS w(account_id uuid)
                  JOIN ledger.balance b ON b.company_id = cast(:company AS uuid) AND b.account_id = w.account_id
                      AND b.day BETWEEN cast(:date_from AS date) AND cast(:date_to AS date) AND NOT b.closing
                  GROUP BY b.account_id, b.dimensions
                  HAVING sum(b.base_debit - b.base_credit) <> 0) found)
    )::text
"""


def run(command: RunAllocationRule, context: Context) -> AllocationRun:
    """Post what a rule spreads over its targets.

    Raises NotFound, PeriodClosed, TooManyShares and what ``work_out`` does.
    """
    known = configuration(context)
    rule = known.find(AllocationRule, command.id)
    if rule is None or not rule.active:
        raise NotFound(f"There is no allocation rule {command.id}.")
    company = company_of(context, rule.data.company)
    check_open(context, company, "gl", command.date_to)
    base = company.data.currency
    accounts = sorted({str(known.get(Account, source.account).id) for source in rule.data.sources})
    found = context.work.read_json(
        _FOUND,
        rule=str(rule.id),
        company=str(company.id),
        accounts=json_text([{"account_id": account} for account in accounts]),
        date_from=str(command.date_from),
        date_to=str(command.date_to),
    )
    taken = list(_taken(context, rule.data, found["balances"] or []))
    shares = _summed([*_taken_off(taken), *_given(context, rule.data, taken, base)])
    answer = AllocationRun(
        rule=rule.ref,
        date_from=command.date_from,
        date_to=command.date_to,
        currency=base,
        allocated=round_money(sum((one.amount for one in taken), Decimal(0)), base),
    )
    if not shares:
        return answer.model_copy(update={"allocated": nothing(base)})
    if len(shares) > MAXIMUM_LINES:
        raise TooManyShares(f"It has {len(shares)} lines, and an entry takes {MAXIMUM_LINES}. Split the rule.")
    text = rule.data.text or rule.data.name
    lines = [_line(share) for share in shares]
    drafted = work_out(context, company, command.date_to, lines, "allocation", text, rule.code)
    _check_exact(shares, drafted.data.lines)
    document = written(context, company, drafted)
    tell(context, JournalEntryCreated, document)
    issue(context, company, document, drafted)
    context.work.link(rule.id, document.id, "run")
    row = {"rule_id": rule.id, "number": found["runs"] + 1, "document_id": document.id}
    context.work.append(_RUN, [row | {"date_from": command.date_from, "date_to": command.date_to}])
    entry = Ref(id=document.id, code=str(document.number))
    context.emit(
        AllocationPosted(
            id=document.id,
            rule=rule.ref,
            company=company.ref,
            entry=entry,
            date_from=command.date_from,
            date_to=command.date_to,
            currency=base,
            allocated=answer.allocated,
            lines=drafted.data.lines,
        ),
        document,
    )
    events = [event.type for event, _ in context.work.events]
    return answer.model_copy(update={"entry": entry, "lines": drafted.data.lines, "events": events})


def _taken(context: Context, rule: AllocationRule, balances: Sequence[Mapping[str, Any]]) -> Iterator[_Share]:
    """What the sources come to, by account and dimensions; what two of them match is taken once."""
    known = configuration(context)
    for row in balances:
        account = next(one for one in known.every(Account) if one.id == UUID(row["account_id"]))
        if any(_is_from(context, source, account, row["dimensions"]) for source in rule.sources):
            yield _Share(account, row["dimensions"], Decimal(row["amount"]))


def _is_from(context: Context, source: AllocationSource, account: Entry[Account], carried: Mapping[str, str]) -> bool:
    if configuration(context).get(Account, source.account).id != account.id:
        return False
    wanted = (source.dimensions or {}).items()
    return all(carried.get(name) == value for name, value in wanted) and not set(source.without) & set(carried)


def _taken_off(taken: Sequence[_Share]) -> Iterator[_Share]:
    return (_Share(one.account, one.dimensions, -one.amount) for one in taken)


def _given(context: Context, rule: AllocationRule, taken: Sequence[_Share], base: str) -> Iterator[_Share]:
    """Each amount that was taken, spread over the targets by weight without a cent lost."""
    known = configuration(context)
    weights = [target.weight for target in rule.targets]
    accounts = [known.get(Account, target.account) if target.account else None for target in rule.targets]
    for one in taken:
        parts = distribute(one.amount, weights, quantum(base))
        for target, account, part in zip(rule.targets, accounts, parts, strict=True):
            carried = {**one.dimensions, **(target.dimensions or {})}
            yield _Share(account or one.account, dict(sorted(carried.items())), part)


def _summed(shares: Sequence[_Share]) -> list[_Share]:
    """One share per account and dimensions, without those that come to nothing."""
    sums: dict[tuple[str, str], _Share] = {}
    for share in shares:
        key = (share.account.code, json_text(dict(sorted(share.dimensions.items()))))
        before = sums[key].amount if key in sums else Decimal(0)
        sums[key] = _Share(share.account, share.dimensions, before + share.amount)
    return [sums[key] for key in sorted(sums) if sums[key].amount]


def _line(share: _Share) -> NewLine:
    side = "debit" if share.amount > 0 else "credit"
    fields = {"account": share.account.code, side: abs(share.amount), "dimensions": dict(share.dimensions) or None}
    return NewLine.model_validate(fields)


def _check_exact(shares: Sequence[_Share], lines: Sequence[EntryLine]) -> None:
    """Raise DimensionRequired where an account gives its lines a default: what has none could not be taken off it."""
    for share, line in zip(shares, lines, strict=True):
        if (line.dimensions or {}) != dict(share.dimensions):
            raise DimensionRequired(
                f"{share.account.code} gives every line a default, so what was posted without one cannot be taken off"
                " it. Remove the default, run the rule, then set it again.",
                account=share.account.code,
            )
