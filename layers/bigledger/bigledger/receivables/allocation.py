"""What of a payment goes to which document and item; pure but for the refusals."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from bigledger.kernel import Document, Entry, FieldError, InvalidRequest, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.ledger import DatedTooEarly, OpenItem, OverAllocated, Settled
from bigledger.receivables.payment_model import Allocation, NewPayment
from bigledger.receivables.queries import PaymentInputs
from bigledger.records import Company


@dataclass(slots=True)
class Target:
    """What is to be settled: items of a document, what of the money goes to them, and where that was said."""

    part: Settled
    items: Sequence[OpenItem]
    wanted: Decimal | None = None
    pointer: str = ""
    kind: str = "invoice"

    @property
    def open(self) -> Decimal:
        """What is open of its items."""
        return sum((item.open for item in self.items), Decimal(0))

    @property
    def payable(self) -> Decimal:
        """What settles its items with all that may be taken off."""
        return self.open - sum((self.part.offers.get(item.id, Decimal(0)) for item in self.items), Decimal(0))


class Parts:
    """What is open of a customer, found by document number or id and by open item."""

    def __init__(self, documents: Sequence[Document], items: Sequence[OpenItem]) -> None:
        self._by_document: dict[UUID, list[OpenItem]] = {document.id: [] for document in documents}
        for item in items:
            if item.document_id in self._by_document:
                self._by_document[item.document_id].append(item)
        self.parts = {document.id: Settled(document, self._by_document[document.id]) for document in documents}
        self._by_name: dict[str, Settled] = {}
        # Numbers are unique within a type only; an invoice goes before other documents of the same number.
        for part in sorted(self.parts.values(), key=lambda one: one.document.type == "invoice"):
            self._by_name[str(part.document.id)] = part
            if part.document.number:
                self._by_name[part.document.number] = part
        self._by_item = {str(item.id): item for item in items}
        self._order = dict.fromkeys(item.document_id for item in items)

    def every(self) -> list[Target]:
        """All documents with open items, in the order of these."""
        return [Target(self.parts[key], self.parts[key].items) for key in self._order if key in self.parts]

    def named(self, allocation: Allocation, pointer: str) -> Target | None:
        """What an allocation names, None when that is nothing of this customer's."""
        name = allocation.name.lower() if is_id(allocation.name) else allocation.name
        if allocation.kind == "open_item":
            item = self._by_item.get(name)
            part = self.parts.get(item.document_id) if item else None
            return Target(part, [item], allocation.amount, pointer, allocation.kind) if item and part else None
        part = self._by_name.get(name)
        if part is None or (allocation.kind == "invoice" and part.document.type != "invoice"):
            return None
        return Target(part, part.items, allocation.amount, pointer, allocation.kind)


def targets_of(new: NewPayment, inputs: PaymentInputs | None, currency: str, company: Entry[Company]) -> list[Target]:
    """What in the payment's currency it may settle, in the order it settles it.

    Raises UnknownReference, and InvalidRequest for what is named twice, be it by its number and its id, or that is
    in another currency or of another company.
    """
    if inputs is None:
        raise UnknownReference(
            f"There is no active customer {new.customer}. One that is archived is taken into use again by sending its"
            " record status active.",
            errors=[unknown("customer", new.customer, "/customer")],
        )
    parts = Parts(inputs.documents, inputs.items)
    if new.allocations is None:
        targets = [in_currency(target, currency) for target in parts.every()]
        return [target for target in targets if target.items]
    named = [parts.named(allocation, f"/allocations/{index}") for index, allocation in enumerate(new.allocations)]
    errors = [
        unknown(allocation.kind, allocation.name, f"/allocations/{index}/{allocation.kind}")
        for index, (allocation, target) in enumerate(zip(new.allocations, named, strict=True))
        if target is None or not _of_customer(target, inputs.customer)
    ]
    if errors:
        raise UnknownReference("Some allocations name nothing that this customer owes.", errors=errors)
    chosen = [target for target in named if target is not None]
    if twice := named_twice(chosen):
        raise InvalidRequest("Name each invoice and open item once, with all that goes to it.", errors=twice)
    elsewhere = [
        FieldError(
            f"{target.pointer}/{target.kind}",
            "company_differs",
            f"{target.part.document.number} is of another company than {company.code}",
        )
        for target in chosen
        if target.part.document.company_id not in (None, company.id)
    ]
    if elsewhere:
        raise InvalidRequest(
            "A payment settles what is owed to its own company. Record it in the company of the invoices.",
            errors=elsewhere,
        )
    foreign = [
        FieldError(
            f"{target.pointer}/{target.kind}",
            "currency_differs",
            f"{target.part.document.number} is in {target.part.document.currency}, the payment in {currency}",
        )
        for target in chosen
        if not (any(item.currency == currency for item in target.items) if target.items else _in(target, currency))
    ]
    if foreign:
        raise InvalidRequest(
            "A payment settles invoices in its own currency. Give the amount and the currency of the invoices, and as"
            " account_amount what arrived on the account.",
            errors=foreign,
        )
    return [in_currency(target, currency) for target in chosen]


def _of_customer(target: Target, customer: Mapping[str, object]) -> bool:
    """Whether the document is the customer's, or one of several parties of which it has open items."""
    party = target.part.document.party_id
    return bool(target.items) if party is None else str(party) == customer["id"]


def _in(target: Target, currency: str) -> bool:
    return target.part.document.currency == currency


def in_currency(target: Target, currency: str) -> Target:
    """The target with its items of a currency alone; an entry may have items in several."""
    target.items = [item for item in target.items if item.currency == currency]
    return target


def named_twice(targets: Sequence[Target]) -> list[FieldError]:
    """Errors at those of whose items, or of whose document, something was named before and after."""
    seen: dict[object, list[int]] = {}
    for index, target in enumerate(targets):
        for key in [item.id for item in target.items] or [target.part.document.id]:
            seen.setdefault(key, []).append(index)
    places = sorted({place for where in seen.values() if len(where) > 1 for place in where})
    return [
        FieldError(
            f"{targets[place].pointer}/{targets[place].kind}",
            "allocated_twice",
            f"{targets[place].part.document.number} is named twice",
        )
        for place in places
    ]


def earliest_first(targets: Sequence[Target]) -> list[Target]:
    """All that they name, open item by open item, the earliest due first: a later instalment waits for other items."""
    items = [(item, target.part) for target in targets for item in target.items]
    return [Target(part, [item]) for item, part in sorted(items, key=lambda one: one[0].due_date)]


def exact_first(targets: Sequence[Target], available: Decimal, on: dt.date) -> list[Target]:
    """The first target that is settled by just what there is, discounts or not; then the others, the earliest first.

    One dated after the payment cannot be meant.
    """
    fitting = (
        target
        for target in targets
        if available in (target.open, target.payable)
        and (target.part.document.date is None or target.part.document.date <= on)
    )
    meant = next(fitting, None)
    if meant is None:
        return earliest_first(targets)
    if meant.open == available:
        meant.part.offers = {}
    return [meant, *earliest_first([target for target in targets if target is not meant])]


def allocate(targets: Sequence[Target], available: Decimal, each: bool, amounts: str = "of the payment") -> Decimal:
    """Give each target its shares, its items in order of their due dates; answers what is left.

    Discounts are not taken where there is enough without them. ``each`` is whether parts earn a part of them.
    """
    asked = sum((target.wanted for target in targets if target.wanted is not None), Decimal(0))
    unasked = [target for target in targets if target.wanted is None]
    if available - asked >= sum((target.open for target in unasked), Decimal(0)):
        for target in unasked:
            target.part.offers = {}
    errors = []
    left = available
    for target in targets:
        share = min(target.payable, left) if target.wanted is None else target.wanted
        pointer = f"{target.pointer}/amount"
        if share > target.open:
            message = f"only {target.open} is open of this {target.kind.replace('_', ' ')}"
            errors.append(FieldError(pointer, "over_allocated", message))
        elif share > left:
            errors.append(FieldError(pointer, "over_allocated", f"only {left} {amounts} is left"))
        elif target.pointer and not target.open:
            errors.append(FieldError(f"{target.pointer}/{target.kind}", "nothing_open", "nothing of it is open"))
        else:
            left -= target.part.pay(share, target.items, each)
    if errors:
        raise OverAllocated("Some allocations are more than is open or than is left of the payment.", errors=errors)
    return left


def still_open(targets: Sequence[Target]) -> Decimal:
    """What the targets that no amount was named for leave open, once they have their shares."""
    whole = [target for target in targets if target.wanted is None]
    given = sum((share.amount for one in whole for share in one.part.shares if share.item in one.items), Decimal(0))
    return sum((target.open for target in whole), Decimal(0)) - given


def check_dates(new: NewPayment, targets: Sequence[Target], on: dt.date) -> None:
    """Raise DatedTooEarly where the payment would settle an invoice before its date.

    The ledger and the open items would differ on the days between.
    """
    errors = []
    named: dict[Settled, Target] = {}
    for target in targets:
        named.setdefault(target.part, target)
    for target in named.values():
        document = target.part.document
        if target.part.shares and document.date is not None and on < document.date:
            pointer = f"{target.pointer}/{target.kind}" if new.allocations else "/date"
            errors.append(FieldError(pointer, "dated_too_early", f"{document.number} is dated {document.date}"))
    if errors:
        raise DatedTooEarly(
            f"The payment is dated {on}, but {'; '.join(error['message'] for error in errors)}. Date it on that day or"
            " later, name the invoices it is for, or give an empty list of allocations to keep it as an advance.",
            errors=errors,
        )
