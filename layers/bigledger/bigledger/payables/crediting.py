"""A supplier credit worked out from the lines of its bill: what is left of each, its price, discount and taxes."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from bigledger.currency import Rate
from bigledger.kernel import FieldError, Problem, Ref, database
from bigledger.kernel.money import nothing
from bigledger.ledger import DueInstalment, credited_quantities, credited_share
from bigledger.payables.bill_withholding import kept_back, no_longer_kept
from bigledger.payables.credit_model import CreditBill, SupplierCreditData
from bigledger.payables.drafting import bill_in_base
from bigledger.payables.model import Approval, BillAccounts, BillData, BillItem, BillTax


class OverCreditedBill(Problem):
    """More would be credited of a line than was billed and is not credited yet."""

    title = "More than was billed would be credited"


database.constraint(
    "credited_within_billed",
    lambda: OverCreditedBill("Another credit took lines of this bill back while this one was being made."),
)


def credit_data(
    command: CreditBill, number: str, id: UUID, bill: BillData, before: Sequence[BillItem], on: dt.date
) -> SupplierCreditData:
    """The credit for a bill; ``before`` are the lines of its other credits. Raises OverCreditedBill."""
    earlier: dict[int, list[BillItem]] = {}
    for item in before:
        earlier.setdefault(item.origin_line or 0, []).append(item)
    wanted = credited_quantities(command.lines, bill.items, earlier, "bill", OverCreditedBill)
    items = [
        _part(bill, bill.items[line - 1], quantity, earlier.get(line, []), place)
        for place, (line, quantity) in enumerate(wanted.items(), 1)
    ]
    zero = nothing(bill.currency)
    taxes = _taxes(bill, items)
    subtotal = sum((item.net for item in items), zero)
    charged = sum((tax.amount for tax in taxes if not tax.reverse_charge), zero)
    accounts = bill.accounts
    total = subtotal + charged
    if total < 0:
        raise OverCreditedBill(
            f"These lines come to {total} {bill.currency}: they took something off. Credit them with others.",
            errors=[FieldError("/lines", "below_zero", "name lines that come to more than nothing")],
        )
    data = SupplierCreditData(
        company=bill.company,
        supplier=bill.supplier,
        supplier_number=command.supplier_number,
        supplier_date=on,
        date=on,
        due_date=on,
        currency=bill.currency,
        items=items,
        subtotal=subtotal,
        tax_total=charged,
        total=total,
        taxes=taxes,
        instalments=[DueInstalment(due_date=on, amount=total)],
        approval=Approval(required=False),
        accounts=BillAccounts(
            payable=accounts.payable,
            taxes={tax.code: accounts.taxes[tax.code] for tax in taxes if tax.recoverable},
            owed={tax.code: accounts.owed[tax.code] for tax in taxes if tax.owed},
            costs={
                tax.code: accounts.costs[tax.code] for tax in taxes if tax.non_deductible and tax.code in accounts.costs
            },
        ),
        tax_policy=bill.tax_policy,
        reference=command.reference,
        reason=command.reason,
        bill=Ref(id=id, code=number),
        unallocated=zero,
    )
    if bill.base is not None:
        whole = not before and [item.quantity for item in items] == [item.quantity for item in bill.items]
        rate, agreed = Rate(bill.base.exchange_rate), bill.base.agreed is not None
        base = bill.base if whole else bill_in_base(data, rate, agreed, bill.base.currency)
        data = data.model_copy(update={"base": base})
    kept, counted = no_longer_kept(bill, sum((_paid(item) for item in before), zero), total)
    due = [DueInstalment(due_date=on, amount=total - (kept.amount if kept else zero))]
    return kept_back(data, kept, counted, due)


def _paid(item: BillItem) -> Decimal:
    """What a line comes to with what the supplier charges of its taxes."""
    return item.net + sum((tax.amount for tax in item.taxes if not tax.reverse_charge), Decimal(0))


def _part(bill: BillData, item: BillItem, quantity: Decimal, earlier: Sequence[BillItem], place: int) -> BillItem:
    """A quantity of a bill's line; the last part takes what the others have left of each amount."""
    currency = bill.currency
    part = credited_share(item, quantity, earlier, currency).of

    def taken(code: str, name: str) -> Decimal:
        found = (getattr(tax, name) for other in earlier for tax in other.taxes if tax.code == code)
        return sum((amount for amount in found if amount is not None), Decimal(0))

    taxes = [
        tax.model_copy(
            update={
                "base": part(tax.base, taken(tax.code, "base")),
                "amount": part(tax.amount, taken(tax.code, "amount")),
                "quantity": None if tax.quantity is None else quantity,
                "non_deductible": tax.non_deductible and part(tax.non_deductible, taken(tax.code, "non_deductible")),
            }
        )
        for tax in item.taxes
    ]
    net = part(item.net, sum((other.net for other in earlier), Decimal(0)))
    in_cost = (tax.non_deductible for tax in taxes if tax.non_deductible and tax.code not in bill.accounts.costs)
    extra = sum(in_cost, nothing(currency))
    return item.model_copy(
        update={
            "line": place,
            "origin_line": item.line,
            "quantity": quantity,
            "discount": part(item.discount, sum((other.discount for other in earlier), Decimal(0))),
            "net": net,
            "gross": None
            if item.gross is None
            else net + sum((tax.amount for tax in taxes if not tax.reverse_charge), Decimal(0)),
            "taxes": taxes,
            "non_deductible": extra,
            "cost": net + extra,
        }
    )


def _taxes(bill: BillData, items: Sequence[BillItem]) -> list[BillTax]:
    """The taxes of the credit from those of its lines."""
    taxes = []
    for tax in bill.taxes:
        levied = [found for item in items for found in item.taxes if found.code == tax.code]
        if not levied:
            continue
        zero = nothing(bill.currency)
        amount = sum((found.amount for found in levied), zero)
        kept = sum((found.non_deductible or zero for found in levied), zero)
        quantities = [found.quantity for found in levied if found.quantity is not None]
        taxes.append(
            tax.model_copy(
                update={
                    "base": sum((found.base for found in levied), zero),
                    "amount": amount,
                    "quantity": sum(quantities, Decimal(0)) if quantities else None,
                    "non_deductible": kept,
                    "recoverable": zero if tax.withheld else amount - kept,
                    "owed": -amount if tax.withheld else amount if tax.reverse_charge else zero,
                }
            )
        )
    return taxes
