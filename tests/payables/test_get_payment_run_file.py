"""The file for the bank is what ISO 20022's own schema of pain.001.001.09 takes, and says just what was approved."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sepaxml
import xmlschema

from tests.payables.runs import Runs

SPACE = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}

SCHEMA = xmlschema.XMLSchema(str(Path(sepaxml.__file__).parent / "schemas" / "pain.001.001.09.xsd"))
"""The message's official schema, as the package sepaxml carries it."""


@pytest.mark.example
def test_example(runs: Runs, example: Any) -> None:
    runs.bill(supplier_number="2026-4711")
    run = runs.propose()
    runs.approve(run)
    answer = example(path={"id": run["number"]})
    assert (answer.status, answer["name"]) == (200, "RUN-2026-000001.xml")


def texts(root: ElementTree.Element, path: str) -> list[str | None]:
    return [found.text for found in root.findall(path, SPACE)]


@pytest.mark.parametrize("currency", ["USD", "EUR"])
def test_it_is_valid_and_says_what_was_approved(runs: Runs, currency: str) -> None:
    rate = {"exchange_rate": "1.10"} if currency == "EUR" else {}
    runs.bill(supplier_number="A 1", currency=currency, **rate)
    runs.bill(supplier_number="A 2", currency=currency, items=[{"unit_price": "0.05"}], **rate)
    runs.bill("SUPP003", supplier_number="\u00e9\u2028<&>" + "9" * 90, currency=currency, **rate)
    run = runs.propose(currency=currency, date="2026-11-25")
    runs.approve(run)
    told = runs.file(run)
    assert (told["message"], told["media_type"]) == ("pain.001.001.09", "application/xml")
    SCHEMA.validate(told["content"])
    root = ElementTree.fromstring(told["content"])  # noqa: S314 - it is our own
    head = "p:CstmrCdtTrfInitn/p:GrpHdr/p:"
    assert texts(root, head + "MsgId") == ["RUN-2026-000001"]
    assert texts(root, head + "CreDtTm") == ["2026-11-23T09:00:00Z"]
    assert (texts(root, head + "NbOfTxs"), texts(root, head + "CtrlSum")) == (["2"], ["2000.05"])
    payment = "p:CstmrCdtTrfInitn/p:PmtInf/p:"
    assert texts(root, payment + "ReqdExctnDt/p:Dt") == ["2026-11-25"]
    assert texts(root, payment + "DbtrAcct/p:Id/p:IBAN") == ["DE89370400440532013000"]
    transfer = payment + "CdtTrfTxInf/p:"
    assert texts(root, transfer + "PmtId/p:EndToEndId") == ["RUN-2026-000001-1", "RUN-2026-000001-2"]
    assert texts(root, transfer + "Amt/p:InstdAmt") == ["1000.05", "1000.00"]
    assert [found.get("Ccy") for found in root.findall(transfer + "Amt/p:InstdAmt", SPACE)] == [currency] * 2
    assert texts(root, transfer + "CdtrAcct/p:Id/p:IBAN") == ["GB29NWBK60161331926819"]
    assert texts(root, transfer + "CdtrAcct/p:Id/p:Othr/p:Id") == ["0012345678"]
    assert texts(root, transfer + "Cdtr/p:Nm") == ["Paper Mill", "Ink & Söhne <Factoring>"]
    assert texts(root, transfer + "RmtInf/p:Ustrd") == ["A 1, A 2", "é <&>" + "9" * 90]
    assert texts(root, payment + "PmtTpInf/p:SvcLvl/p:Cd") == (["SEPA"] if currency == "EUR" else [])
    assert runs.file(run) == told


def test_what_the_bank_rejected_is_not_sent_again(runs: Runs) -> None:
    runs.bill()
    runs.bill("SUPP003")
    run = runs.propose()
    runs.approve(run)
    runs.act("confirm_payment_run", run, lines=[{"line": 1, "outcome": "rejected", "reason": "Account closed"}])
    content = runs.file(run)["content"]
    SCHEMA.validate(content)
    root = ElementTree.fromstring(content)  # noqa: S314 - it is our own
    assert texts(root, "p:CstmrCdtTrfInitn/p:PmtInf/p:CdtTrfTxInf/p:PmtId/p:EndToEndId") == ["RUN-2026-000001-2"]
    runs.act("confirm_payment_run", run, lines=[{"line": 2, "outcome": "rejected", "reason": "Account closed"}])
    assert runs.file(run, 409)["code"] == "conflict"


def test_nothing_goes_to_the_bank_before_it_is_approved(runs: Runs) -> None:
    runs.bill()
    run = runs.propose()
    assert runs.file(run, 409)["code"] == "conflict"
    runs.approve(run)
    runs.act("cancel_payment_run", run, reason="x")
    assert runs.file(run, 409)["code"] == "conflict"
