"""What a payment run pays: a line per supplier, with the bills and the items of entries that are due."""

import datetime as dt
from decimal import Decimal

from bigledger.kernel import Context, Entry, Ref
from bigledger.kernel.money import nothing
from bigledger.ledger import Settled
from bigledger.payables.choosing import named_suppliers
from bigledger.payables.early_payment import needed, offers
from bigledger.payables.model import BillData
from bigledger.payables.payment_model import SupplierAllocation
from bigledger.payables.run_model import NewPaymentRun, RunBill, RunLine
from bigledger.payables.settling_queries import DueBills, OpenDocuments
from bigledger.payables.withholding import Paid, rule_of, withheld
from bigledger.records import BankDetails, Company


def selected(
    new: NewPaymentRun, due: DueBills, context: Context, company: Entry[Company], on: dt.date
) -> list[RunLine]:
    """A line per supplier with its bills that are due, or whose discount can still be taken.

    Raises UnknownReference with a pointer to each supplier that the command names and nobody knows.
    """
    wanted = None if new.suppliers is None else named_suppliers(new.suppliers, due.named)
    lines: list[RunLine] = []
    for supplier in due.suppliers:
        if wanted is not None and supplier["id"] not in wanted:
            continue
        open_ = due.of(supplier)
        rule = rule_of(supplier, context, company, on)
        chosen: list[tuple[RunBill, BillData | None]] = []
        for one in _payable(open_):
            document, items = one.document, one.items
            if new.early_discounts:
                one.offers = offers(document, items, on, company)
            one.items = [item for item in items if item.due_date <= new.due_until or item.id in one.offers]
            if one.items and document.date is not None and document.date <= on:
                chosen.append((_run_bill(one), document.read(BillData) if document.type == "bill" else None))
        chosen.sort(key=lambda one: (one[0].due_date, one[0].document.code or ""))
        taxed: list[Paid] = [(data, bill.amount) for bill, data in chosen if data is not None]
        used = _used_credits(open_, on, sum((bill.amount for bill, _ in chosen), Decimal(0)))
        credited: list[Paid] = [(data, -credit.amount) for credit, data in used]
        bills = [bill for bill, _ in chosen] + [credit for credit, _ in used]
        found = withheld(rule, taxed, credited, company, new.currency or company.data.currency).kept
        kept = found.amount if found else Decimal(0)
        if sum((bill.amount for bill in bills), -kept):
            bank = BankDetails.model_validate(supplier["bank_account"]) if supplier["bank_account"] else None
            lines.append(
                RunLine(
                    line=len(lines) + 1,
                    supplier=Ref(id=supplier["id"], code=supplier["code"], name=supplier["name"]),
                    bank_account=bank,
                    amount=sum((bill.amount for bill in bills), -kept),
                    withheld=kept or None,
                    bills=bills,
                )
            )
    return lines


def allocations(line: RunLine) -> list[SupplierAllocation]:
    """What each document of a line gets: of an entry what its items in the run come to, which alone are read."""
    sums: dict[str, Decimal] = {}
    for bill in line.bills:
        name = str(bill.document.id)
        sums[name] = sums.get(name, Decimal(0)) + bill.amount
    return [SupplierAllocation(document=name, amount=abs(amount)) for name, amount in sums.items() if amount]


def _payable(open_: OpenDocuments) -> list[Settled]:
    """What is paid as a whole: a bill, and of an entry each item, since each stands for a bill of its own."""
    found = []
    for document in open_.documents:
        if str(document.id) in open_.held:
            continue
        items = [item for item in open_.items if item.document_id == document.id and item.amount < 0]
        wholes = [items] if document.type == "bill" else [[item] for item in items]
        found += [Settled(document, whole) for whole in wholes]
    return found


def _used_credits(open_: OpenDocuments, on: dt.date, left: Decimal) -> list[tuple[RunBill, BillData]]:
    """The supplier's credits, the oldest first, as far as they take something off what would be sent."""
    used = []
    credits = (document for document in open_.documents if document.type == "supplier_credit")
    for document in sorted(credits, key=lambda one: (one.date or on, str(one.number))):
        items = [item for item in open_.items if item.document_id == document.id]
        amount = min(sum((item.open for item in items), Decimal(0)), left)
        if amount and document.date is not None and document.date <= on:
            data = document.read(BillData)
            named = Ref(id=document.id, code=str(document.number))
            unit = nothing(items[0].currency)
            used.append(
                (
                    RunBill(
                        document=named,
                        supplier_number=data.supplier_number,
                        due_date=items[0].due_date,
                        amount=unit - amount,
                    ),
                    data,
                )
            )
            left -= amount
    return used


def _run_bill(one: Settled) -> RunBill:
    document, first = one.document, one.items[0]
    is_bill = document.type == "bill"
    number = document.read(BillData).supplier_number if is_bill else first.reference or str(document.number)
    discount = sum((one.offers.get(item.id, Decimal(0)) for item in one.items), Decimal(0))
    return RunBill(
        document=Ref(id=document.id, code=str(document.number)),
        open_item_id=None if is_bill else first.id,
        supplier_number=number,
        due_date=min(item.due_date for item in one.items),
        amount=needed(one, one.items) + nothing(first.currency),
        discount=discount + nothing(first.currency) if discount else None,
    )
