"""The lines and taxes of a bill as they are stored: what each is for, what it costs, and where it is posted."""

from decimal import Decimal

from bigledger.kernel import Context, Entry, Ref
from bigledger.kernel.money import nothing
from bigledger.ledger import account_for
from bigledger.payables.model import BillAccounts, BillItem, BillItemTax, BillTax, NewBill, NewBillItem
from bigledger.payables.queries import BillType, Inputs
from bigledger.records import Account, Company, Known, Product, Supplier, with_scale
from bigledger.tax import PurchaseAssessment, PurchaseLine, PurchaseTax, TaxAmount, tax_amounts


def purchase_line(item: NewBillItem, inputs: Inputs) -> PurchaseLine:
    """A line as its taxes are assessed."""
    category = inputs.products[item.product].data.tax_category if item.product else None
    taxes = None if item.taxes is None else tuple(item.taxes)
    alone = item.tax_base is not None
    return PurchaseLine(item.quantity, item.price, category, taxes, item.discount_percent, item.recoverable, alone)


def bill_items(
    new: NewBill,
    inputs: Inputs,
    assessed: PurchaseAssessment,
    context: Context,
    company: Entry[Company],
    supplier: Known[Supplier],
    currency: str,
) -> list[BillItem]:
    """The lines of a bill, each with its account and what its taxes add to its cost. Raises as ``cost_account``."""
    answered = []
    for index, (item, line) in enumerate(zip(new.items, assessed.computation.lines, strict=True)):
        product = inputs.products[item.product] if item.product else None
        account = cost_account(item, product, supplier, context, company, f"/items/{index}")
        described = product and (product.data.description or product.data.name)
        bought = assessed.purchased.lines[index]
        kept = {part.tax.code: part.cost for part in bought.taxes if part.cost}
        answered.append(
            BillItem(
                line=index + 1,
                account=account.ref,
                product=Ref(id=product.id, code=product.data.code) if product else None,
                description=item.description or described or account.data.name,
                quantity=item.quantity,
                unit_price=with_scale(item.unit_price or Decimal(0), currency),
                tax_base=None if item.tax_base is None else with_scale(item.tax_base, currency),
                discount=line.discount,
                net=line.net,
                taxes=[BillItemTax(**dict(tax), non_deductible=kept.get(tax.code)) for tax in tax_amounts(line.taxes)],
                non_deductible=bought.tax_in_cost + nothing(currency),
                cost=bought.cost + nothing(currency),
                discount_percent=item.discount_percent,
                recoverable=item.recoverable,
                price_includes_tax=line.price_includes_tax or None,
                gross=line.gross if line.price_includes_tax else None,
                tax_notes=assessed.notes[index],
                agreed_taxes=item.taxes,
                own_account=True if item.account else None,
            )
        )
    return answered


def cost_account(
    item: NewBillItem,
    product: Known[Product] | None,
    supplier: Known[Supplier],
    context: Context,
    company: Entry[Company],
    pointer: str,
) -> Entry[Account]:
    """Where a line is posted: its own account, what clears receipts, or the first expense account that is named.

    Receiving goods debits stock and credits what was received and not billed; the bill debits that, so the account
    holds just what is received or billed but not both. What a bill is held against its receipts and its order for
    (quantities, prices, the variance between them) is decided before this, by whatever matches them: it is the one
    place that says where the cost of a line goes. Raises those of ``account_for``.
    """
    defaults = company.data.accounts
    if item.account is not None:
        return account_for(context, "expense", item.account, f"{pointer}/account")
    if product is not None and product.data.kind == "stock":
        return account_for(context, "accrual", defaults.stock_received_not_invoiced, "/company")
    if product is not None and product.data.expense_account:
        return account_for(context, "expense", product.data.expense_account, f"{pointer}/product")
    if supplier.data.expense_account:
        return account_for(context, "expense", supplier.data.expense_account, "/supplier")
    return account_for(context, "expense", defaults.expense, "/company")


def bill_taxes(assessed: PurchaseAssessment) -> list[BillTax]:
    """The taxes of a bill, and what of each is claimed back, a cost or owed."""
    told = tax_amounts(assessed.computation.taxes)
    return [_tax(amount, found) for amount, found in zip(told, assessed.purchased.taxes, strict=True)]


def _tax(amount: TaxAmount, found: PurchaseTax) -> BillTax:
    return BillTax(
        **dict(amount),
        recoverable=found.recovered,
        non_deductible=found.cost,
        owed=found.owed,
        withheld=found.tax.withheld or None,
        due="payment" if found.tax.due == "payment" else None,
    )


def bill_accounts(
    assessed: PurchaseAssessment,
    context: Context,
    company: Entry[Company],
    supplier: Known[Supplier],
    type: BillType,
) -> BillAccounts:
    """Where the parts besides the lines are posted. Raises those of ``account_for``."""
    defaults = company.data.accounts
    own = None if type == "expense_claim" else supplier.data.payable_account
    common = defaults.expense_claims if type == "expense_claim" else defaults.payable
    payable = account_for(context, "payable", own or common, "/supplier" if own else "/company")
    taxes, owed, costs = {}, {}, {}
    for each in assessed.purchased.taxes:
        if each.recovered:
            taxes[each.tax.code] = account_for(context, "tax", each.recovered_on, "/items").code
        if each.owed:
            owed[each.tax.code] = account_for(context, "tax", each.owed_on, "/items").code
        if each.cost and each.tax.cost_account:
            costs[each.tax.code] = account_for(context, "expense", each.tax.cost_account, "/items").code
    return BillAccounts(payable=payable.code, taxes=taxes, owed=owed, costs=costs)
