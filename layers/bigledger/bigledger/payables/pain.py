"""A payment run as an ISO 20022 customer credit transfer initiation, pain.001.001.09.

The message is what the EPC's implementation guidelines for SEPA credit transfers ask for where the currency is EUR; for
others the level of service and the charge bearer are left to the agreement with the bank. It says the same whenever it
is made: its time is that of the approval.
"""

from decimal import Decimal
from xml.etree import ElementTree

from bigledger.payables.run_model import PaymentRunData, RunLine
from bigledger.records import BankDetails

MESSAGE = "pain.001.001.09"

_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{MESSAGE}"
_LONGEST_NAME, _LONGEST_TEXT = 70, 140


def credit_transfers(number: str, data: PaymentRunData) -> str:
    """The file of an approved run: its lines that the bank has not rejected. Raises ValueError for one without."""
    lines = [line for line in data.lines if line.status != "rejected"]
    if data.bank_account is None or data.approved_at is None or not lines:
        raise ValueError("only an approved run from a bank account has a file")
    total = sum((line.amount for line in lines), Decimal(0))
    root = ElementTree.Element("Document", xmlns=_NAMESPACE)
    message = _add(root, "CstmrCdtTrfInitn")
    header = _add(message, "GrpHdr")
    _add(header, "MsgId", number)
    _add(header, "CreDtTm", data.approved_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _sums(header, lines, total)
    _add(_add(header, "InitgPty"), "Nm", _text(str(data.company.name), _LONGEST_NAME))
    payment = _add(message, "PmtInf")
    _add(payment, "PmtInfId", number)
    _add(payment, "PmtMtd", "TRF")
    _sums(payment, lines, total)
    if data.currency == "EUR":
        _add(_add(_add(payment, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _add(_add(payment, "ReqdExctnDt"), "Dt", data.date.isoformat())
    _add(_add(payment, "Dbtr"), "Nm", _text(data.bank_account.holder or str(data.company.name), _LONGEST_NAME))
    _account(payment, "DbtrAcct", data.bank_account, data.currency)
    _bank(payment, "DbtrAgt", data.bank_account)
    if data.currency == "EUR":
        _add(payment, "ChrgBr", "SLEV")
    for line in lines:
        _transfer(payment, number, data.currency, line)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False)


def _transfer(payment: ElementTree.Element, number: str, currency: str, line: RunLine) -> None:
    """One transfer; it tells the supplier which of its bills are paid."""
    if line.bank_account is None:
        raise ValueError("every line of an approved run has a bank account")
    transfer = _add(payment, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", f"{number}-{line.line}")
    amount = _add(_add(transfer, "Amt"), "InstdAmt", format(line.amount, "f"))
    amount.set("Ccy", currency)
    if line.bank_account.bic:
        _bank(transfer, "CdtrAgt", line.bank_account)
    _add(_add(transfer, "Cdtr"), "Nm", _text(line.bank_account.holder or str(line.supplier.name), _LONGEST_NAME))
    _account(transfer, "CdtrAcct", line.bank_account)
    told = ", ".join(bill.supplier_number for bill in line.bills)
    _add(_add(transfer, "RmtInf"), "Ustrd", _text(told, _LONGEST_TEXT))


def _sums(parent: ElementTree.Element, lines: list[RunLine], total: Decimal) -> None:
    _add(parent, "NbOfTxs", str(len(lines)))
    _add(parent, "CtrlSum", format(total, "f"))


def _account(parent: ElementTree.Element, name: str, details: BankDetails, currency: str | None = None) -> None:
    account = _add(parent, name)
    identified = _add(account, "Id")
    if details.iban:
        _add(identified, "IBAN", details.iban)
    else:
        _add(_add(identified, "Othr"), "Id", details.account_number)
    if currency:
        _add(account, "Ccy", currency)


def _bank(parent: ElementTree.Element, name: str, details: BankDetails) -> None:
    institution = _add(_add(parent, name), "FinInstnId")
    if details.bic:
        _add(institution, "BICFI", details.bic)
    else:
        _add(_add(institution, "Othr"), "Id", "NOTPROVIDED")


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = text
    return element


def _text(value: str, longest: int) -> str:
    """A text as a bank takes it: on one line, without what XML cannot hold, and cut to its length."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in value).split())[:longest]
