"""Payment runs: what is due is selected, approved by somebody else, sent to the bank and confirmed line by line."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    NotFound,
    Page,
    Problem,
    Ref,
    database,
    documents,
    listing,
)
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.money import EXACT, nothing, round_money
from bigledger.ledger import Settled, account_for, check_open, kept_in
from bigledger.payables.choosing import named_suppliers
from bigledger.payables.early_payment import needed, offers
from bigledger.payables.events import (
    PaymentRunApproved,
    PaymentRunCancelled,
    PaymentRunConfirmed,
    PaymentRunCreated,
    PaymentRunFact,
)
from bigledger.payables.model import BillData, links
from bigledger.payables.pain import MESSAGE, credit_transfers
from bigledger.payables.payment_model import NewSupplierPayment, SupplierAllocation
from bigledger.payables.payments import enter
from bigledger.payables.run_model import (
    MAXIMUM_LINES,
    CancelPaymentRun,
    ConfirmPaymentRun,
    LineOutcome,
    NewPaymentRun,
    PaymentFile,
    PaymentRun,
    PaymentRunData,
    PaymentRunList,
    PaymentRunReference,
    PaymentRunSummary,
    RunBill,
    RunLine,
)
from bigledger.payables.settling_queries import DueBills, bills_of_run, due_bills
from bigledger.payables.withholding import of_bill, rate_of
from bigledger.records import Account, BankDetails, Company, company_of, number_for
from bigledger.workflow import FourEyesRequired

TYPE = "payment_run"


class NothingDue(Problem):
    """No bill is due that the run could pay."""

    title = "Nothing is due"


class BankAccountMissing(Problem):
    """The money has nowhere to go to or to come from; ``errors`` points at each."""

    title = "A bank account is missing"


class BillInRun(Conflict):
    """A bill waits in another payment run."""

    title = "The bill is in another run"


database.constraint(
    "bill_in_one_run", lambda: BillInRun("Somebody put some of these bills into another run at the same time.")
)


def create(new: NewPaymentRun, context: Context) -> PaymentRun:
    """Propose a run of what is due. Raises NothingDue, InvalidRequest, UnknownReference, those of ``account_for``."""
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    currency = new.currency or company.data.currency
    pointer = "/account" if new.account else "/company"
    account = account_for(context, "money", new.account or company.data.accounts.bank, pointer)
    due = due_bills(context, company, currency, new.due_until, on, new.early_discounts, new.suppliers or ())
    lines = _selected(new, due, context, company, on)
    if not lines:
        raise NothingDue(f"No bill in {currency} is due up to {new.due_until} that could be paid on {on}.")
    if len(lines) > MAXIMUM_LINES:
        raise InvalidRequest(
            f"This would be {len(lines)} transfers; a run has {MAXIMUM_LINES} at most. Choose an earlier day.",
            errors=[FieldError("/due_until", "too_large", "choose an earlier day, or name suppliers")],
        )
    data = PaymentRunData(
        company=company.ref,
        account=account.ref,
        bank_account=account.data.bank_account,
        date=on,
        due_until=new.due_until,
        currency=currency,
        total=sum((line.amount for line in lines), nothing(currency)),
        lines=lines,
        early_discounts=new.early_discounts,
    )
    document = Document(
        id=new.id or context.new_id(),
        type=TYPE,
        status="proposed",
        data=data,
        company_id=company.id,
        date=on,
        currency=currency,
        total=data.total,
        metadata=dict(new.metadata),
        number=number_for(context, TYPE, company, on),
    )
    documents.create(context, document)
    return _told(context, document, data, PaymentRunCreated, [])


def approve(reference: PaymentRunReference, context: Context) -> PaymentRun:
    """Approve a run; from here on its file can be taken. Raises FourEyesRequired for its maker, BankAccountMissing."""
    document, before = _read(context, reference.id)
    documents.check_version(context, document)
    documents.check_status(document, ("proposed",), "approved")
    if context.actor.id == document.created_by:
        raise FourEyesRequired(f"{context.actor.name} made {document.number}; somebody else has to approve it.")
    data = document.read(PaymentRunData)
    _check_accounts(data)
    data = data.model_copy(update={"approved_by": context.actor.id, "approved_at": context.now})
    documents.change(context, document, status="approved", data=data)
    return _told(context, document, data, PaymentRunApproved, before, approved_by=context.actor.id)


def cancel(command: CancelPaymentRun, context: Context) -> PaymentRun:
    """Cancel a run of which the bank has paid nothing; its bills are free for another."""
    document, before = _read(context, command.id)
    documents.check_version(context, document)
    documents.check_status(document, ("proposed", "approved"), "cancelled")
    data = document.read(PaymentRunData)
    if any(line.status == "paid" for line in data.lines):
        raise Conflict(f"The bank paid lines of {document.number} already. Confirm the others as rejected.")
    data = data.model_copy(update={"cancel_reason": command.reason})
    documents.change(context, document, status="cancelled", data=data)
    return _told(context, document, data, PaymentRunCancelled, before, reason=command.reason)


def file(reference: PaymentRunReference, context: Context) -> PaymentFile:
    """The file of an approved run for the bank. Raises Conflict for one that is not approved or has no line left."""
    document, _ = _read(context, reference.id)
    data = document.read(PaymentRunData)
    if data.approved_at is None or document.status == "cancelled":
        raise Conflict(f"{document.number} is {document.status}; only a run that is approved has a file for the bank.")
    if all(line.status == "rejected" for line in data.lines):
        raise Conflict(f"The bank rejected every line of {document.number}. Make a new run.")
    content = credit_transfers(str(document.number), data)
    return PaymentFile(name=f"{document.number}.xml", message=MESSAGE, media_type="application/xml", content=content)


def confirm(command: ConfirmPaymentRun, context: Context) -> PaymentRun:
    """Record what the bank did: a payment for each line it paid; the bills of those it rejected stay due.

    Raises Conflict, InvalidRequest for a line that is none or is confirmed, OverAllocated for bills that were paid
    meanwhile, PeriodClosed, ExchangeRateMissing and those of ``account_for``.
    """
    document, before = _read(context, command.id)
    documents.check_version(context, document)
    documents.check_status(document, ("approved",), "confirmed")
    data = document.read(PaymentRunData)
    company = company_of(context, str(data.company.id))
    on = command.date or data.date
    outcomes = _outcomes(command, data)
    lines = list(data.lines)
    if any(outcome.outcome == "paid" for outcome in outcomes):
        check_open(context, company, "cash", on)
    account = account_for(context, "money", str(data.account.id), "/account")
    found = bills_of_run(context, company, data.currency, kept_in(account, data.currency), on, document)
    for outcome in outcomes:
        line = lines[outcome.line - 1]
        update: dict[str, Any] = {"status": outcome.outcome, "reason": outcome.reason}
        if outcome.outcome == "paid":
            payment = _pay(line, outcome, command, data, context, company, account, found, on, document)
            update["payment"] = payment
        lines[outcome.line - 1] = line.model_copy(update=update)
    data = data.model_copy(update={"lines": lines})
    status = "approved" if any(line.status == "open" for line in lines) else "confirmed"
    documents.change(context, document, status=status, data=data)
    return _told(context, document, data, PaymentRunConfirmed, before)


def get(reference: PaymentRunReference, context: Context) -> PaymentRun:
    """One payment run by id or number; one statement. Raises NotFound."""
    document, events = _read(context, reference.id)
    return _answer(document, document.read(PaymentRunData), events)


def list_all(query: PaymentRunList, context: Context) -> Page[PaymentRunSummary]:
    """A page of payment runs, newest first unless sorted."""
    part = listing.part_of(PaymentRunSummary, PaymentRunData)
    found, following = listing.page(context, TYPE, query, part=part)
    summaries = []
    for one in found:
        data = one.document.read(part)
        fields = {name: getattr(data, name) for name in PaymentRunSummary.model_fields if hasattr(data, name)}
        summaries.append(PaymentRunSummary(**fields | _common(one.document)))
    return Page[PaymentRunSummary](data=summaries, next_cursor=following)


def _selected(
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
        rate = rate_of(supplier, context, on)
        bills, kept = [], Decimal(0)
        for document in open_.documents:
            items = [item for item in open_.items if item.document_id == document.id]
            one = Settled(document, items)
            if new.early_discounts:
                one.offers = offers(document, items, on, company)
            one.items = [item for item in items if item.due_date <= new.due_until or item.id in one.offers]
            if one.items and document.date is not None and document.date <= on:
                bill = _run_bill(one)
                bills.append(bill)
                if rate:
                    base = of_bill(document.read(BillData), bill.amount, company)
                    kept += round_money(EXACT.multiply(base, rate.rate), new.currency or company.data.currency)
        if bills:
            bank = BankDetails.model_validate(supplier["bank_account"]) if supplier["bank_account"] else None
            lines.append(
                RunLine(
                    line=len(lines) + 1,
                    supplier=Ref(id=supplier["id"], code=supplier["code"], name=supplier["name"]),
                    bank_account=bank,
                    amount=sum((bill.amount for bill in bills), -kept),
                    withheld=kept or None,
                    bills=sorted(bills, key=lambda bill: (bill.due_date, bill.document.code)),
                )
            )
    return lines


def _run_bill(one: Settled) -> RunBill:
    document, data = one.document, one.document.read(BillData)
    discount = sum((one.offers.get(item.id, Decimal(0)) for item in one.items), Decimal(0))
    return RunBill(
        document=Ref(id=document.id, code=str(document.number)),
        supplier_number=data.supplier_number,
        due_date=min(item.due_date for item in one.items),
        amount=needed(one) + nothing(data.currency),
        discount=discount + nothing(data.currency) if discount else None,
    )


def _check_accounts(data: PaymentRunData) -> None:
    errors = [
        FieldError(f"/lines/{line.line - 1}", "bank_account_missing", f"{line.supplier.code} has no bank account")
        for line in data.lines
        if line.bank_account is None
    ]
    if data.bank_account is None:
        message = f"account {data.account.code} has no bank account"
        errors.insert(0, FieldError("/account", "bank_account_missing", message))
    if errors:
        raise BankAccountMissing(
            "The bank cannot be told where money goes: set bank_account on these records, then make the run anew.",
            errors=errors,
        )


def _outcomes(command: ConfirmPaymentRun, data: PaymentRunData) -> Sequence[LineOutcome]:
    """What happened to which lines; each is open and named once."""
    if command.lines is None:
        return [LineOutcome(line=line.line, outcome="paid") for line in data.lines if line.status == "open"]
    errors, seen = [], set()
    for index, outcome in enumerate(command.lines):
        pointer = f"/lines/{index}/line"
        if outcome.line > len(data.lines):
            errors.append(FieldError(pointer, "unknown_line", f"the run has no line {outcome.line}"))
        elif data.lines[outcome.line - 1].status != "open" or outcome.line in seen:
            errors.append(FieldError(pointer, "confirmed_twice", f"line {outcome.line} is confirmed already"))
        seen.add(outcome.line)
    if errors:
        raise InvalidRequest("Some lines cannot be confirmed.", errors=errors)
    return command.lines


def _pay(
    line: RunLine,
    outcome: LineOutcome,
    command: ConfirmPaymentRun,
    data: PaymentRunData,
    context: Context,
    company: Entry[Company],
    account: Entry[Account],
    found: DueBills,
    on: dt.date,
    run: Document,
) -> Ref:
    """Record the payment of a line."""
    new = NewSupplierPayment(
        supplier=line.supplier.code,
        amount=line.amount + (line.withheld or Decimal(0)),
        withhold=line.withheld is not None,
        currency=data.currency,
        exchange_rate=command.exchange_rate,
        date=on,
        account=data.account.code,
        account_amount=outcome.account_amount,
        allocations=[
            SupplierAllocation(document=str(bill.document.id), amount=bill.amount) for bill in line.bills if bill.amount
        ],
        early_discounts=data.early_discounts,
        method="bank transfer",
        reference=f"{run.number}-{line.line}",
    )
    supplier = {**dict(line.supplier), "withholding_tax": _tax_of(found, line)}
    payment = enter(new, found.of(supplier), context, company, account, on, run)
    kept = payment.withholding.amount if payment.withholding else None
    if kept != line.withheld:
        raise Conflict(
            f"What is withheld from {line.supplier.code} has changed since the run was made: {kept or 0} instead of"
            f" {line.withheld or 0}. Record what the bank paid as a payment, and confirm the line as rejected."
        )
    return Ref(id=payment.id, code=payment.number)


def _tax_of(found: DueBills, line: RunLine) -> str | None:
    """The tax that is withheld from a line's supplier."""
    taxes = {str(supplier["id"]): supplier["withholding_tax"] for supplier in found.suppliers}
    return taxes.get(str(line.supplier.id))


def _read(context: Context, reference: str) -> tuple[Document, list[str]]:
    found = context.work.read_json(_RUN.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no payment run {reference}.")
    return from_json(found["document"]), found["events"] or []


_RUN = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id)
    )::text
    FROM kernel.document d WHERE d.type = '{TYPE}' AND {{match}}
"""


def _told(
    context: Context,
    document: Document,
    data: PaymentRunData,
    event: type[PaymentRunFact],
    before: list[str],
    **more: Any,
) -> PaymentRun:
    fields = {name: getattr(data, name) for name in event.model_fields if hasattr(data, name)}
    stated = {"id": document.id, "number": document.number, "status": document.status}
    context.emit(event(**fields | stated | more), document)
    return _answer(document, data, [*before, event.type])


def _common(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "number": document.number or "",
        "status": document.status,
        "version": document.version,
    }


def _answer(document: Document, data: PaymentRunData, events: list[str]) -> PaymentRun:
    fields: dict[str, Any] = dict(data)
    more = {"events": events, "links": links("payment-runs", document.id), "metadata": document.metadata}
    return PaymentRun(**fields | _common(document) | more)
