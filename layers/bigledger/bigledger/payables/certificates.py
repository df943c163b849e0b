"""Certificates of tax withheld: what was kept back from a supplier in a period, told to it once."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Context,
    Day,
    Document,
    FieldError,
    Problem,
    Ref,
    Reference,
    UnknownReference,
    documents,
)
from bigledger.kernel.configuration import unknown
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.kernel.money import nothing
from bigledger.payables.credit_model import SupplierCreditData
from bigledger.payables.events import (
    BillCertified,
    SupplierCreditCertified,
    SupplierPaymentCertified,
    WithholdingIssued,
)
from bigledger.payables.links import Links, links
from bigledger.payables.model import BillData
from bigledger.payables.payment_model import CertifiedPayment, SupplierPaymentData
from bigledger.payables.withholding_model import negated
from bigledger.records import company_of, number_for

TYPE = "withholding_certificate"


class NothingWithheld(Problem):
    """Nothing was withheld in the period that is not certified already."""

    title = "Nothing was withheld"


class NewWithholdingCertificate(Command):
    """Certifies what was withheld from a supplier by payments and bills dated from one day to another, both included.

    What credits took back of the bills' counts below zero. What is void or certified already is left out. A certificate
    is about one tax and one currency.
    """

    supplier: Reference
    tax: Reference
    first_day: Day
    last_day: Day
    company: Reference | None = None


class WithholdingCertificateReference(Command):
    """Names a certificate by its id or number."""

    id: Reference


class WithholdingCertificateData(Answer):
    """What is stored of a certificate besides the columns of its document. Amounts are in ``currency``."""

    company: Ref
    supplier: Ref
    tax: str
    first_day: dt.date
    last_day: dt.date
    currency: str
    payments: list[CertifiedPayment]
    base: Amount
    amount: Amount


class WithholdingCertificate(WithholdingCertificateData):
    """A certificate of tax withheld, issued."""

    id: UUID
    number: str
    status: str
    version: int
    events: list[str]
    links: Links


_PAYMENTS = f"""
    SELECT jsonb_build_object(
        'supplier', jsonb_build_object('id', c.id, 'code', c.number, 'name', c.data->>'name'),
        'payments', (SELECT jsonb_agg({AS_JSON} ORDER BY d.date, d.id) FROM kernel.document d
                     WHERE d.type IN ('supplier_payment', 'bill', 'supplier_credit') AND d.party_id = c.id
                       AND d.posted_at IS NOT NULL AND d.status <> 'void' AND d.company_id = cast(:company AS uuid)
                       AND d.date BETWEEN cast(:first AS date) AND cast(:last AS date)
                       AND d.data->'withholding'->>'tax' = cast(:tax AS text) AND d.data->'certificate' IS NULL)
    )::text
    FROM kernel.document c WHERE c.type = 'supplier' AND c.status = 'active' AND {{match}}
"""


def issue(new: NewWithholdingCertificate, context: Context) -> WithholdingCertificate:
    """Issue a certificate of what was withheld. Raises UnknownReference, NothingWithheld."""
    company = company_of(context, new.company)
    found = context.work.read_json(
        _PAYMENTS.format(match=matching(new.supplier, "c")),
        reference=new.supplier,
        company=str(company.id),
        first=str(new.first_day),
        last=str(new.last_day),
        tax=new.tax,
    )
    if found is None:
        raise UnknownReference(
            f"There is no active supplier {new.supplier}.", errors=[unknown("supplier", new.supplier, "/supplier")]
        )
    payments = [from_json(payment) for payment in found["payments"] or []]
    if not payments:
        raise NothingWithheld(
            f"Nothing of {new.tax} was withheld from {found['supplier']['code']} between {new.first_day} and"
            f" {new.last_day} that is not certified already.",
            errors=[FieldError("/first_day", "nothing_withheld", "choose another period, tax or supplier")],
        )
    currency = str(payments[0].currency)
    payments = [payment for payment in payments if payment.currency == currency]
    lines = _lines(payments)
    data = WithholdingCertificateData(
        company=company.ref,
        supplier=Ref(**found["supplier"]),
        tax=new.tax,
        first_day=new.first_day,
        last_day=new.last_day,
        currency=currency,
        payments=lines,
        base=sum((line.base for line in lines), nothing(currency)),
        amount=sum((line.amount for line in lines), nothing(currency)),
    )
    on = context.clock.today(company.data.timezone)
    document = Document(
        id=context.new_id(),
        type=TYPE,
        status="issued",
        data=data,
        company_id=company.id,
        party_id=data.supplier.id,
        date=on,
        currency=currency,
        total=data.amount,
        number=number_for(context, TYPE, company, on),
    )
    documents.create(context, document)
    # A document that another certificate takes at the same time is in another version then, and this one begins anew.
    certificate = Ref(id=document.id, code=str(document.number))
    for payment, line in zip(payments, lines, strict=True):
        told = _read(payment).model_copy(update={"certificate": certificate})
        documents.change(context, payment, data=told)
        context.work.link(payment.id, document.id, TYPE)
        event = _CERTIFIED[payment.type](
            id=payment.id,
            number=str(payment.number),
            supplier=data.supplier,
            certificate=certificate,
            currency=currency,
            amount=line.amount,
        )
        context.emit(event, payment)
    context.emit(WithholdingIssued(**dict(data), id=document.id, number=str(document.number)), document)
    return _answer(document, data, ["withholding.issued"])


def get(reference: WithholdingCertificateReference, context: Context) -> WithholdingCertificate:
    """One certificate by id or number. Raises NotFound."""
    document = documents.get(context, TYPE, reference.id)
    return _answer(document, document.read(WithholdingCertificateData), ["withholding.issued"])


def _lines(payments: Sequence[Document]) -> list[CertifiedPayment]:
    lines = []
    for payment in payments:
        data = _read(payment)
        if data.withholding is None or payment.date is None:
            raise LookupError("they were asked for by what they withhold")
        kept = negated(data.withholding) if payment.type == "supplier_credit" else data.withholding
        lines.append(
            CertifiedPayment(
                payment=Ref(id=payment.id, code=str(payment.number)),
                date=payment.date,
                rate=kept.rate,
                base=kept.base,
                amount=kept.amount,
                reduced=kept.reduced,
            )
        )
    return lines


def _read(document: Document) -> SupplierPaymentData | BillData:
    """What is stored of a document that withheld something."""
    if document.type == "supplier_payment":
        return document.read(SupplierPaymentData)
    return document.read(BillData if document.type == "bill" else SupplierCreditData)


_CERTIFIED = {
    "supplier_payment": SupplierPaymentCertified,
    "bill": BillCertified,
    "supplier_credit": SupplierCreditCertified,
}


def _answer(document: Document, data: WithholdingCertificateData, events: list[str]) -> WithholdingCertificate:
    return WithholdingCertificate(
        **dict(data),
        id=document.id,
        number=document.number or "",
        status=document.status,
        version=document.version,
        events=events,
        links=links("withholding-certificates", document.id),
    )
