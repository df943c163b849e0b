"""What a payment or an allocation is for: the documents it names, or all that is open; and what each of them gets."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bigledger.kernel import FieldError, InvalidRequest, Ref, UnknownReference
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import is_id
from bigledger.ledger import OverAllocated, Settled, check_scale
from bigledger.payables.early_payment import needed, pay
from bigledger.payables.payment_model import SupplierAllocation
from bigledger.payables.settling_queries import OpenDocuments

_PAID_IN_ORDER = ("bill", "journal_entry")


def known_supplier(found: OpenDocuments | None, supplier: str) -> OpenDocuments:
    """What was found. Raises UnknownReference when there is no such supplier."""
    if found is None:
        raise UnknownReference(
            f"There is no active supplier {supplier}.", errors=[unknown("supplier", supplier, "/supplier")]
        )
    return found


def named_suppliers(suppliers: Sequence[str], ids: Mapping[str, str]) -> set[str]:
    """The ids of suppliers that are named, ``ids`` by every name. Raises UnknownReference with a pointer to each."""
    known = [ids.get(reference.lower() if is_id(reference) else reference) for reference in suppliers]
    errors = [
        unknown("supplier", reference, f"/suppliers/{index}")
        for index, reference in enumerate(suppliers)
        if known[index] is None
    ]
    if errors:
        raise UnknownReference("Some suppliers do not exist or are not active.", errors=errors)
    return {id for id in known if id is not None}


def supplier_ref(found: OpenDocuments) -> Ref:
    """The supplier as it stands in answers and events."""
    return Ref(**{name: found.supplier[name] for name in ("id", "code", "name")})


def open_bills(found: OpenDocuments, currency: str) -> list[Settled]:
    """Every document of a supplier that something is owed for in a currency, the earliest due first.

    Bills but for those on hold, and entries such as opening balances; an employee's claims are reimbursed one by one.
    """
    by_id = {document.id: document for document in found.documents}
    items = [
        item for item in found.items if item.currency == currency and item.amount < 0 and item.document_id in by_id
    ]
    payable = {id for id, one in by_id.items() if one.type in _PAID_IN_ORDER and str(id) not in found.held}
    order = dict.fromkeys(item.document_id for item in items if item.document_id in payable)
    return [Settled(by_id[key], [item for item in items if item.document_id == key]) for key in order]


def named_documents(
    found: OpenDocuments, asked: Sequence[SupplierAllocation], pointer: str, signs: Sequence[int]
) -> list[Settled]:
    """The named documents with their open items of one of the signs, -1 for what is owed to the supplier.

    Raises OverAllocated with a pointer to each that has none, is named twice, and InvalidRequest for an amount finer
    than the currency.
    """
    by_name: dict[str, Settled] = {}
    for document in found.documents:
        items = [item for item in found.items if item.document_id == document.id and _sign(item.amount) in signs]
        if items:
            by_name[str(document.id)] = by_name[str(document.number)] = Settled(document, items)
    chosen: list[Settled] = []
    errors: list[FieldError] = []
    for index, allocation in enumerate(asked):
        name = allocation.document
        one = by_name.get(name.lower() if is_id(name) else name)
        at = f"{pointer}/{index}/document"
        if one is None:
            errors.append(FieldError(at, "nothing_open", f"nothing of {name} is open for this supplier"))
        elif one in chosen:
            errors.append(FieldError(at, "allocated_twice", f"{name} is named twice"))
        else:
            chosen.append(one)
    if errors:
        raise OverAllocated("Some of these have nothing open, or are named twice.", errors=errors)
    amounts = [(one.amount, of.items[0].currency) for one, of in zip(asked, chosen, strict=True)]
    check_scale((f"{pointer}/{index}/amount", amount, currency) for index, (amount, currency) in enumerate(amounts))
    return chosen


_PAY_AS_BILLED = "Give the amount and the currency of the bills, and as account_amount what left the account."


def check_currency(parts: Sequence[Settled], currency: str, pointer: str, advice: str = _PAY_AS_BILLED) -> None:
    """Raise InvalidRequest where a document is in another currency, with advice on what to do."""
    errors = [
        FieldError(f"{pointer}/{index}/document", "currency_differs", f"{one.document.number} is in {was}")
        for index, one in enumerate(parts)
        if (was := one.items[0].currency) != currency
    ]
    if errors:
        raise InvalidRequest(f"All of it is settled in {currency}. {advice}", errors=errors)


def use_credits(parts: Sequence[Settled], asked: Sequence[SupplierAllocation], pointer: str) -> Decimal:
    """Take from the documents in the company's favour what is asked for, or all; answers the sum."""
    errors, sum_ = [], Decimal(0)
    for index, (one, allocation) in enumerate(zip(parts, asked, strict=True)):
        if one.items[0].amount < 0:
            continue
        wanted = one.open if allocation.amount is None else allocation.amount
        if wanted > one.open:
            message = f"only {one.open} is left of it"
            errors.append(FieldError(f"{pointer}/{index}/amount", "over_allocated", message))
            continue
        one.take(wanted)
        sum_ += wanted
    if errors:
        raise OverAllocated("Some amounts are more than is left over.", errors=errors)
    return sum_


def pay_bills(
    parts: Sequence[Settled],
    asked: Sequence[SupplierAllocation] | None,
    cash: Decimal,
    each: bool,
    pointer: str = "/allocations",
) -> Decimal:
    """Give each bill what it is to have of what is paid, in order; answers what is left.

    Where nothing was asked for, what is due first is paid first, open item by open item, so that a later instalment of
    one bill waits for the others. ``each`` lets a payment of a part earn a part of a discount.
    """
    errors, left = [], cash
    if asked is None:
        items = [(item, part) for part in parts for item in part.items]
        for item, part in sorted(items, key=lambda due: due[0].due_date):
            left -= pay(part, [item], min(needed(part, [item]), left), each)
        return left
    for index, (one, allocation) in enumerate(zip(parts, asked, strict=True)):
        if one.items[0].amount > 0:
            continue
        wanted = allocation.amount
        most = min(needed(one, one.items), left)
        if wanted is not None and wanted > left:
            errors.append(FieldError(f"{pointer}/{index}/amount", "over_allocated", f"only {left} is left"))
        elif wanted is not None and wanted > -one.open:
            errors.append(FieldError(f"{pointer}/{index}/amount", "over_allocated", f"only {-one.open} is open of it"))
        elif wanted is None and not most:
            errors.append(FieldError(f"{pointer}/{index}/document", "nothing_left", "nothing is left for it"))
        else:
            left -= pay(one, one.items, most if wanted is None else wanted, each)
    if errors:
        raise OverAllocated("Some allocations are more than is open or than is left.", errors=errors)
    return left


def _sign(amount: Decimal) -> int:
    return -1 if amount < 0 else 1
