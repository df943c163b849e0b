"""What customers owe and what is owed to suppliers, by how long it is past due or ago, as of any day.

An item is open by its amount less what settled it up to the day: allocations are dated, so a past day shows what was
open then. Amounts are above zero where they stand on the usual side: owed by a customer, owed to a supplier. Advances,
and credits that nobody used yet, are on the other side and have a column of their own. The total ties to the control
accounts of the subledger.
"""

import datetime as dt
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, Entry, FieldError, InvalidRequest, Ref, configuration
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.kernel.money import nothing, quantum, round_money
from bigledger.kernel.problems import UnknownReference
from bigledger.kernel.serialization import json_text
from bigledger.ledger import Subledger
from bigledger.records import Account, Company, company_of
from bigledger.reporting.cells import Address, identifier
from bigledger.reporting.model import Report, ReportCell, ReportColumn, ReportRow, Style, Tie
from bigledger.reporting.queries import AgeingQuery

KINDS: dict[str, Subledger] = {"aged-receivables": "receivable", "aged-payables": "payable"}
TITLES = {"receivable": "Aged receivables", "payable": "Aged payables"}

MOST_ITEMS = 2000
"""How many items one answer shows."""

# Without known_at, only what is open now or was settled after the day can have been open on it.
_CANDIDATES = """
    SELECT open_item_id FROM ledger.open_item_balance WHERE open AND company_id = cast(:company AS uuid)
    UNION SELECT open_item_id FROM ledger.settlement WHERE effective_date > cast(:as_of AS date)
"""
_CANDIDATES_KNOWN_AT = "SELECT id AS open_item_id FROM ledger.open_item WHERE company_id = cast(:company AS uuid)"

OPEN = """
    SELECT i.id, i.document_id, i.instalment, i.party_id, i.account_id, i.effective_date, i.due_date, i.currency,
           i.recorded_at, i.reference, coalesce(i.document_date, i.effective_date) AS document_date,
           :sign * (i.amount - s.amount) AS amount, :sign * (i.base_amount - s.base_amount) AS base,
           CASE WHEN :sign * i.amount < 0 THEN 'unallocated'
                ELSE (SELECT bucket->>0 FROM jsonb_array_elements(cast(:buckets AS jsonb)) bucket
                      WHERE cast(:as_of AS date) - CASE WHEN :by = 'due_date' THEN i.due_date
                                                        ELSE coalesce(i.document_date, i.effective_date) END
                          <= (bucket->>1)::integer LIMIT 1) END AS bucket
    FROM ({candidates}) c
    JOIN ledger.open_item i ON i.id = c.open_item_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(base_amount), 0) AS base_amount
        FROM ledger.settlement WHERE open_item_id = i.id AND effective_date <= cast(:as_of AS date)
          AND recorded_at <= cast(:known_at AS timestamptz)) s
    WHERE i.subledger = :subledger AND i.company_id = cast(:company AS uuid)
      AND i.effective_date <= cast(:as_of AS date) AND i.recorded_at <= cast(:known_at AS timestamptz)
      AND (:party = '' OR i.party_id = {party})
      AND (i.amount <> s.amount OR i.base_amount <> s.base_amount)
"""
"""The items that were open, their open amounts in their currency and in base currency, and their buckets."""

_AGED = """
    WITH item AS MATERIALIZED ({open})
    SELECT jsonb_build_object(
        'sums', (SELECT coalesce(jsonb_agg(jsonb_build_object('party_id', s.party_id, 'code', p.number,
                     'name', p.data->>'name', 'bucket', s.bucket, 'amount', s.amount::text)
                     ORDER BY p.number, s.party_id), '[]')
                 FROM (SELECT party_id, bucket, sum(base) AS amount FROM item GROUP BY 1, 2) s
                 JOIN kernel.document p ON p.id = s.party_id),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'document_id', i.document_id,
                     'number', d.number, 'type', d.type, 'instalment', i.instalment, 'party_id', i.party_id,
                     'reference', i.reference, 'date', i.document_date, 'due_date', i.due_date,
                     'currency', i.currency, 'bucket', i.bucket,
                     'amount', i.amount::text, 'base', i.base::text)
                     ORDER BY i.due_date, d.number, i.instalment), '[]')
                  FROM (SELECT * FROM item WHERE :items LIMIT :most) i
                  JOIN kernel.document d ON d.id = i.document_id),
        'balance', (SELECT coalesce(sum(amount), 0)::text FROM ({balance}) b),
        'party', (SELECT p.id FROM kernel.document p WHERE p.type = :party_type AND p.id = {party})
    )::text
"""

_BALANCE = """
    SELECT :sign * (base_debit - base_credit) AS amount FROM ledger.balance
    WHERE company_id = cast(:company AS uuid) AND day <= cast(:as_of AS date)
      AND account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))
"""

_BALANCE_OF_LINES = """
    SELECT :sign * base_amount AS amount FROM ledger.journal_line
    WHERE company_id = cast(:company AS uuid) AND effective_date <= cast(:as_of AS date)
      AND account_id IN (SELECT value::uuid FROM jsonb_array_elements_text(cast(:accounts AS jsonb)))
      AND recorded_at <= cast(:known_at AS timestamptz)
      AND (:party = '' OR party_id = {party})
"""

_BY_ID = "cast(nullif(:party, '') AS uuid)"
_BY_CODE = "(SELECT id FROM kernel.document WHERE type = :party_type AND number = :party)"


def aged_receivables(query: AgeingQuery, context: Context) -> Report:
    """What customers owe."""
    return _report("aged-receivables", query, context)


def aged_payables(query: AgeingQuery, context: Context) -> Report:
    """What is owed to suppliers."""
    return _report("aged-payables", query, context)


def open_sql(known: bool, party: str = _BY_ID) -> str:
    """The statement of open items, as known at an instant or now; ``party`` is SQL for the id of the party."""
    return OPEN.format(candidates=_CANDIDATES_KNOWN_AT if known else _CANDIDATES, party=party)


def sign_of(subledger: Subledger) -> int:
    """What turns the ledger's sign into the usual side of the subledger."""
    return 1 if subledger == "receivable" else -1


def buckets(ends: list[int], by: str = "due_date") -> list[tuple[str, str, int]]:
    """Key, label and last day of each bucket: past due, or since the date of the document, which starts with 0."""
    due = by == "due_date"
    found = [("not_due", "Not due", 0)] if due else []
    starts = [1 if due else 0, *(end + 1 for end in ends)]
    found += [(f"{start}-{end}", f"{start}–{end} days", end) for start, end in zip(starts, ends, strict=False)]
    return [*found, (f"over_{ends[-1]}", f"Over {ends[-1]} days", 10**6)]


def _report(kind: str, query: AgeingQuery, context: Context) -> Report:
    company = company_of(context, query.company)
    subledger = KINDS[kind]
    as_of = query.as_of or context.clock.today(company.data.timezone)
    control = [entry for entry in configuration(context).every(Account) if entry.data.control == subledger]
    by_lines = query.known_at is not None or query.party is not None
    kind_of_party = "customer" if subledger == "receivable" else "supplier"
    party = _BY_CODE if query.party is not None and not is_id(query.party) else _BY_ID
    balance = _BALANCE_OF_LINES.format(party=party) if by_lines else _BALANCE
    found = context.work.read_json(
        _AGED.format(open=open_sql(query.known_at is not None, party), balance=balance, party=party),
        company=str(company.id),
        subledger=subledger,
        sign=sign_of(subledger),
        as_of=str(as_of),
        known_at=query.known_at.isoformat() if query.known_at else "infinity",
        by=query.by,
        buckets=json_text([(key, last) for key, _, last in buckets(query.ends, query.by)]),
        accounts=json_text([entry.id for entry in control]),
        party=query.party or "",
        party_type=kind_of_party,
        items=query.detail == "items",
        most=MOST_ITEMS + 1,
    )
    if query.party is not None and found["party"] is None:
        raise UnknownReference(
            f"There is no {kind_of_party} {query.party}.", errors=[unknown(kind_of_party, query.party, "/party")]
        )
    if len(found["items"]) > MOST_ITEMS:
        raise InvalidRequest(
            f"There are more than {MOST_ITEMS} open items. Ask for one party's, or for parties only.",
            errors=[FieldError("/detail", "too_many_items", "name a party, or choose detail=parties")],
        )
    return _Ageing(kind, query, company, as_of, found["party"] or "").report(found, control, context.now)


class _Ageing:
    """An ageing in the making."""

    def __init__(self, kind: str, query: AgeingQuery, company: Entry[Company], as_of: dt.date, party: str) -> None:
        self._kind, self._query, self._company, self._as_of, self._party = kind, query, company, as_of, party
        self._buckets = buckets(query.ends, query.by)
        self._unit = quantum(company.data.currency)
        self._keys = [*(key for key, _, _ in self._buckets), "unallocated", "total"]

    def report(self, found: Any, control: list[Entry[Account]], now: dt.datetime) -> Report:
        """The answer: a row per party, its items below it, and the total."""
        items: dict[str, list[dict[str, Any]]] = {}
        for item in found["items"]:
            items.setdefault(item["party_id"], []).append(item)
        rows: list[ReportRow] = []
        totals = dict.fromkeys(self._keys, nothing(self._company.data.currency))
        for party_id, sums in groupby(found["sums"], key=lambda row: row["party_id"]):
            of_party = list(sums)
            amounts = self._spread({row["bucket"]: Decimal(row["amount"]) for row in of_party})
            totals = {key: totals[key] + amounts[key] for key in self._keys}
            ref = Ref(id=UUID(party_id), code=of_party[0]["code"], name=of_party[0]["name"])
            label = f"{ref.code} {ref.name or ''}".strip()
            rows.append(self._row(f"party:{party_id}", label, 0, "line", amounts, party=ref))
            rows += [self._item(item, ref) for item in items.get(party_id, [])]
        rows.append(self._row("total", "Total", 0, "total", totals))
        balance = Decimal(found["balance"]).quantize(self._unit)
        names = ", ".join(entry.code for entry in sorted(control, key=lambda entry: entry.code))
        tie = Tie(
            column="total",
            label="Open items",
            amount=totals["total"],
            ties_to=f"Balance of {names}",
            balance=balance,
            difference=totals["total"] - balance,
        )
        labels = {key: label for key, label, _ in self._buckets} | {"unallocated": "Unallocated", "total": "Total"}
        return Report(
            kind=self._kind,
            title=TITLES[KINDS[self._kind]],
            company=self._company.ref,
            currency=self._company.data.currency,
            known_at=self._query.known_at,
            columns=[ReportColumn(key=key, label=labels[key], as_of=self._as_of) for key in self._keys],
            rows=rows,
            ties_to=[tie],
        ).formatted(self._query.format, now)

    def _item(self, item: dict[str, Any], party: Ref) -> ReportRow:
        due = dt.date.fromisoformat(item["due_date"])
        part = f" / {item['instalment']}" if item["instalment"] > 1 and not item["reference"] else ""
        amounts = self._spread({item["bucket"]: Decimal(item["base"])})
        inside = self._spread({item["bucket"]: Decimal(item["amount"])})
        currency = item["currency"]
        return self._row(
            f"item:{item['id']}",
            f"{item['reference'] or item['number']}{part}",
            1,
            "item",
            amounts,
            party=party,
            document=Ref(id=UUID(item["document_id"]), code=item["number"] or ""),
            document_type=item["type"],
            date=dt.date.fromisoformat(item["date"]),
            due_date=due,
            days_overdue=max((self._as_of - due).days, 0),
            currency=currency,
            inside={key: round_money(amount, currency) for key, amount in inside.items()},
        )

    def _spread(self, sums: dict[str, Decimal]) -> dict[str, Decimal]:
        """A figure for each column."""
        amounts = {key: sums.get(key, Decimal(0)) for key in self._keys}
        amounts["total"] = sum(sums.values(), Decimal(0))
        return amounts

    def _row(
        self,
        key: str,
        label: str,
        level: int,
        style: Style,
        amounts: dict[str, Decimal],
        inside: dict[str, Decimal] | None = None,
        **facts: Any,
    ) -> ReportRow:
        cells = [
            ReportCell(
                amount=amounts[column].quantize(self._unit),
                cell=self._cell(key, column),
                in_currency=inside[column] if inside else None,
            )
            for column in self._keys
        ]
        return ReportRow(key=key, label=label, level=level, style=style, cells=cells, **facts)

    def _cell(self, row: str, column: str) -> str:
        options = {"column": column, "buckets": self._query.buckets}
        if self._query.by != "due_date":
            options["by"] = self._query.by
        if self._party and row == "total":
            options["party"] = self._party
        return identifier(
            Address(
                kind=self._kind,
                row=row,
                company=self._company.id,
                last=self._as_of,
                known_at=self._query.known_at,
                options=options,
            )
        )
