"""Events and answers as objects: fields by attribute, amounts as exact decimals."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

DECIMALS = frozenset(
    """
    total subtotal tax_total base_total discount_total gross net base amount base_amount discount_amount amount_due
    amount_paid amount_left unallocated outstanding written_off account_amount
    items taxes instalments exchange_rate exchange_difference
    price unit_price net_unit_price tax_base sales_price purchase_price list_price unit_cost cost value
    discount discount_percent percent percentage rate factor rounding
    debit credit base_debit base_credit total_debit total_credit balance opening_balance closing_balance
    clearing_balance result allocated recognised reduced
    recoverable non_deductible owed costs withheld paid
    limit credit_limit exposure available available_after requested shortage
    quantity on_hand reserved ordered delivered received returned remaining backordered
    overdue fee interest
    gain loss difference carried_amount recognised_amount revalued_amount
    output input payable
    """.split()
)
"""The names under which a decimal string is an amount, a quantity or a rate. See Data."""

_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?\Z")


class EventRefused(Exception):
    """A message that this applet cannot take as an event; the reason says what to do."""


class Data:
    """A JSON object whose fields are read by name: ``data.total`` or ``data["total"]``.

    BigLedger writes decimals as strings, so that they stay exact, and it writes codes as strings too: account "1200"
    is no number. The rule that tells them apart is the field's name: **a decimal string under one of the names in
    DECIMALS is read as a Decimal; every other value is what JSON says.** So ``data.total > 10_000`` is exact, and
    comparing a field that is not in DECIMALS with a number raises a TypeError instead of guessing;
    ``Decimal(data.field)`` is then the way.

    There are no methods, because every name belongs to the fields: ``data.items`` are the lines of an invoice.
    ``"note" in data``, ``len(data)`` and iterating over its names work as with a dict.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return _read(name, self._fields[name])

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            known = ", ".join(sorted(self._fields)) or "none"
            raise AttributeError(f"there is no field {name!r} here; the fields are: {known}") from None

    def __contains__(self, name: object) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return self._fields == (other._fields if isinstance(other, Data) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Data({self._fields!r})"


def _read(name: str, value: Any) -> Any:
    """A JSON value as it stands under a name; the elements of a list stand under the name of the list."""
    if isinstance(value, dict):
        return Data(value)
    if isinstance(value, list):
        return [_read(name, element) for element in value]
    if isinstance(value, str) and name in DECIMALS and _DECIMAL.match(value):
        return Decimal(value)
    return value


def fields(data: Data) -> Mapping[str, Any]:
    """The JSON behind the data, with its decimals as strings."""
    return data._fields


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in BigLedger: the attributes of its CloudEvents envelope, and its data."""

    id: str
    """The same in every delivery of the event."""
    type: str
    """What happened, such as ``invoice.created``."""
    version: int
    """The version of the shape of ``data``."""
    subject: str
    """What it happened to: ``<document type>/<id>``, such as ``invoice/0195…``."""
    sequence: int
    """Counts the events of the subject from 1; the queue may deliver them in another order."""
    time: datetime
    """When it was recorded, UTC."""
    tenant: str
    """The id of the tenant it belongs to."""
    correlation_id: str
    """Links everything that one request set off; calls made for this event carry it on."""
    data: Data


def read_event(body: str) -> Event:
    """Read the body of a queue message: an event as EventBridge delivers it, its envelope under ``detail``.

    Raises EventRefused when it is not one.
    """
    try:
        detail = json.loads(body, parse_float=Decimal)["detail"]
        return Event(
            id=str(detail["id"]),
            type=str(detail["type"]),
            version=int(detail["version"]),
            subject=str(detail["subject"]),
            sequence=int(detail["sequence"]),
            time=datetime.fromisoformat(detail["time"]),
            tenant=str(detail["tenantid"]),
            correlation_id=str(detail["correlationid"]),
            data=Data(dict(detail["data"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EventRefused(
            f"The message is not an event of BigLedger ({type(error).__name__}: {error})."
            " See what else sends to this queue; only the rules of the applet should."
        ) from error
