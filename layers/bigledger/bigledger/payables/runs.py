"""Payment runs: what is due is selected, approved by somebody else, sent to the bank and confirmed line by line."""

import datetime as dt
from collections.abc import Mapping, Sequence
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
from bigledger.kernel.money import nothing
from bigledger.ledger import Way, account_for, check_open, kept_in
from bigledger.payables.events import (
    PaymentRunApproved,
    PaymentRunCancelled,
    PaymentRunConfirmed,
    PaymentRunCreated,
    PaymentRunFact,
)
from bigledger.payables.holding import BillOnHold
from bigledger.payables.holds import held_json
from bigledger.payables.links import links
from bigledger.payables.pain import MESSAGE, credit_transfers
from bigledger.payables.payment_model import NewSupplierPayment
from bigledger.payables.payments import enter
from bigledger.payables.run_lines import allocations, selected
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
    RunLine,
)
from bigledger.payables.settling_queries import DueBills, bills_of_run, due_bills
from bigledger.records import Account, Company, company_of, number_for
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


for _name in ("bill_in_one_run", "item_in_one_run"):
    database.constraint(_name, lambda: BillInRun("Somebody put some of these bills into another run at the same time."))


def create(new: NewPaymentRun, context: Context) -> PaymentRun:
    """Propose a run of what is due. Raises NothingDue, InvalidRequest, UnknownReference, those of ``account_for``."""
    company = company_of(context, new.company)
    on = new.date or context.clock.today(company.data.timezone)
    currency = new.currency or company.data.currency
    pointer = "/account" if new.account else "/company"
    account = account_for(context, "money", new.account or company.data.accounts.bank, pointer)
    due = due_bills(
        context, company, currency, new.due_until, on, new.early_discounts, new.credits, new.suppliers or ()
    )
    lines = selected(new, due, context, company, on)
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
    """Approve a run; from here on its file can be taken.

    Raises FourEyesRequired for its maker, BankAccountMissing, BillOnHold for bills that were put on hold since.
    """
    document, before, held = _read(context, reference.id)
    documents.check_version(context, document)
    documents.check_status(document, ("proposed",), "approved")
    if context.actor.id == document.created_by:
        raise FourEyesRequired(f"{context.actor.name} made {document.number}; somebody else has to approve it.")
    data = document.read(PaymentRunData)
    on_hold = [str(bill.document.code) for line in data.lines for bill in line.bills if str(bill.document.id) in held]
    if on_hold:
        raise BillOnHold(f"Put on hold since: {', '.join(on_hold)}. Release them, or cancel the run and make another.")
    _check_accounts(data)
    data = data.model_copy(update={"approved_by": context.actor.id, "approved_at": context.now})
    documents.change(context, document, status="approved", data=data)
    return _told(context, document, data, PaymentRunApproved, before, approved_by=context.actor.id)


def cancel(command: CancelPaymentRun, context: Context) -> PaymentRun:
    """Cancel a run of which the bank has paid nothing; its bills are free for another."""
    document, before, _ = _read(context, command.id)
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
    document, _, _ = _read(context, reference.id)
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
    document, before, _ = _read(context, command.id)
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
    document, events, _ = _read(context, reference.id)
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
        allocations=allocations(line),
        early_discounts=data.early_discounts,
        method="bank transfer",
        reference=f"{run.number}-{line.line}",
    )
    # One that nothing is owed any more is not among those found: what is paid to it is refused then.
    known = (supplier for supplier in found.suppliers if str(supplier["id"]) == str(line.supplier.id))
    supplier = next(known, dict(line.supplier))
    payment = enter(new, found.of(supplier), context, company, Way(account), on, run)
    kept = payment.withholding.amount if payment.withholding else None
    if kept != line.withheld:
        raise Conflict(
            f"What is withheld from {line.supplier.code} has changed since the run was made: {kept or 0} instead of"
            f" {line.withheld or 0}. Record what the bank paid as a payment, and confirm the line as rejected."
        )
    return Ref(id=payment.id, code=payment.number)


def _read(context: Context, reference: str) -> tuple[Document, list[str], Mapping[str, str]]:
    """A run, its events and why bills of it are on hold, by their ids. Raises NotFound."""
    found = context.work.read_json(_RUN.format(match=matching(reference)), reference=reference)
    if found is None:
        raise NotFound(f"There is no payment run {reference}.")
    return from_json(found["document"]), found["events"] or [], found["held"] or {}


_RUN = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'events', (SELECT jsonb_agg(e.type ORDER BY e.sequence) FROM kernel.event e WHERE e.subject_id = d.id),
        'held', {held_json("ARRAY(SELECT r.bill_id FROM payables.bill_in_run r WHERE r.run_id = d.id)")}
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
