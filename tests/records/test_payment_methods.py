"""Payment methods: money moves through the account of the one that is named, and only the way it is for."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.purchases import Purchases, posted
from tests.support.shop import Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A shop with a till, a card terminal that only takes money in, and a euro account."""
    record = shop.api.record
    record("payment-methods", code="CASH", name="Cash", account="1010")
    record("payment-methods", code="CARD", name="Card terminal", account="1020", use="receipts")
    record("payment-methods", code="CHEQUE", name="Cheque", account="1020", use="disbursements")
    record("payment-methods", code="SEPA", name="SEPA transfer", account="1020", currency="EUR")
    return shop


def refused(shop: Shop, operation: str, body: dict[str, Any], **path: str) -> Any:
    """What a call is answered that is refused with 422; it changes nothing."""
    before = shop.api.counts()
    headers = {"Idempotency-Key": "refused"}
    problem = shop.api.call(operation, body, path=path, headers=headers).expect(422).json
    assert shop.api.counts() == before
    return problem


def named(answer: Any) -> tuple[str, str, str]:
    """The account, and the code and name of the method, as they are answered."""
    method = answer["payment_method"]
    return answer["account"]["code"], method["code"], method["name"]


def test_a_payment_arrives_on_the_account_of_its_method(shop: Shop) -> None:
    shop.invoice()
    answer = shop.pay("1287.00", payment_method="CASH")
    assert named(answer) == ("1010", "CASH", "Cash")
    assert posted(answer) == [("1010", "1287.00", "0.00"), ("1200", "0.00", "1287.00")]
    read = shop.api.call("get_payment", path={"id": answer["id"]}).expect(200).json
    (row,) = shop.api.call("list_payments").expect(200)["data"]
    (event,) = shop.api.events("payment.received")
    assert read["payment_method"] == row["payment_method"] == event["data"]["payment_method"]
    assert read["payment_method"] == answer["payment_method"]


def test_by_its_id_as_well(shop: Shop) -> None:
    method = shop.api.call("get_record", path={"resource": "payment-methods", "id": "CASH"}).json
    assert named(shop.pay("5.00", payment_method=method["id"])) == ("1010", "CASH", "Cash")


def test_an_account_that_is_named_goes_before_that_of_the_method(shop: Shop) -> None:
    answer = shop.pay("5.00", payment_method="CASH", account="1020")
    assert named(answer) == ("1020", "CASH", "Cash")
    assert posted(answer)[0] == ("1020", "5.00", "0.00")


def test_without_a_method_the_companys_bank_account_is_used_and_none_is_told(shop: Shop) -> None:
    answer = shop.pay("5.00", method="by hand")
    assert (answer["account"]["code"], answer["method"], "payment_method" in answer) == ("1020", "by hand", False)


def test_an_invoice_is_paid_and_refunded_by_a_method(shop: Shop) -> None:
    invoice = shop.invoice()
    body = {"amount": "1300.00", "payment_method": "CARD"}
    path = {"id": invoice["id"]}
    paid = shop.api.call("pay_invoice", body, path=path, headers={"Idempotency-Key": "pay"}).expect(201).json
    assert named(paid) == ("1020", "CARD", "Card terminal")
    body, path = {"payment_method": "CASH"}, {"id": paid["id"]}
    refund = shop.api.call("refund_payment", body, path=path, headers={"Idempotency-Key": "back"}).expect(201).json
    assert (refund["amount"], *named(refund)) == ("13.00", "1010", "CASH", "Cash")
    assert ("1010", "0.00", "13.00") in posted(refund)
    (row,) = shop.api.call("list_refunds").expect(200)["data"]
    assert row["payment_method"]["code"] == "CASH"
    (event,) = shop.api.events("payment.refunded")
    assert event["data"]["payment_method"]["code"] == "CASH"


@pytest.mark.parametrize(
    ("method", "why"),
    [
        ("CHEQUE", "CHEQUE Cheque is only for disbursements. Choose another payment method, or leave it out."),
        ("SEPA", "SEPA SEPA transfer is only for payments in EUR. Choose another payment method, or leave it out."),
        ("EAST", "EAST Till is only for the company EAST. Choose another payment method, or leave it out."),
    ],
    ids=["direction", "currency", "company"],
)
def test_a_method_for_something_else_is_refused(shop: Shop, method: str, why: str) -> None:
    shop.api.record("companies", code="EAST", name="East", currency="USD", jurisdiction="US-NY")
    shop.api.record("payment-methods", code="EAST", name="Till", account="1010", company="EAST")
    body = {"customer": "CUST001", "amount": "5.00", "company": "MAIN", "payment_method": method}
    problem = refused(shop, "record_payment", body)
    assert (problem["code"], problem["detail"], problem["payment_method"]) == (
        "payment_method_not_suitable", why, method,
    )  # fmt: skip
    assert [error["pointer"] for error in problem["errors"]] == ["/payment_method"]


def test_a_refund_does_not_take_a_way_in(shop: Shop) -> None:
    payment = shop.pay("5.00")
    problem = refused(shop, "refund_payment", {"payment_method": "CARD"}, id=payment["id"])
    assert problem["detail"].startswith("CARD Card terminal is only for receipts.")


def test_one_that_is_archived_or_unknown_is_refused(shop: Shop) -> None:
    shop.api.call("archive_record", path={"resource": "payment-methods", "id": "CASH"}).expect(200)
    for code in ("CASH", "NONE"):
        problem = refused(shop, "record_payment", {"customer": "CUST001", "amount": "5.00", "payment_method": code})
        assert problem["code"] == "unknown_reference"
        assert [(error["pointer"], error["message"]) for error in problem["errors"]] == [
            ("/payment_method", f"there is no active payment method {code}")
        ]


def test_one_whose_account_holds_no_money_is_refused(shop: Shop) -> None:
    shop.api.record("payment-methods", code="ODD", name="Odd", account="4000")
    problem = refused(shop, "record_payment", {"customer": "CUST001", "amount": "5.00", "payment_method": "ODD"})
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("account_not_suitable", "/payment_method")


def test_its_account_stays_while_it_is_in_use(shop: Shop) -> None:
    archive = {"resource": "accounts", "id": "1010"}
    problem = shop.api.call("archive_record", path=archive).expect(409)
    assert problem["detail"] == (
        "Account 1010 cannot be archived:"
        " a company, a tax or a payment method posts to it, and must name another account first."
    )
    shop.api.call("archive_record", path={"resource": "payment-methods", "id": "CASH"}).expect(200)
    shop.api.call("archive_record", path=archive).expect(200)


def test_a_dry_run_tells_the_account_and_records_nothing(shop: Shop) -> None:
    before = shop.api.counts()
    body = {"customer": "CUST001", "amount": "5.00", "payment_method": "CASH"}
    headers = {"Idempotency-Key": "dry"}
    answer = shop.api.call("record_payment", body, query={"dry_run": "true"}, headers=headers).expect(200).json
    assert named(answer) == ("1010", "CASH", "Cash")
    assert shop.api.counts() == before


@pytest.fixture
def buyer(api: Api) -> Purchases:
    """A firm that pays by cheque, and takes money in by card."""
    buyer = Purchases(api)
    api.record("payment-methods", code="CHEQUE", name="Cheque", account="1010", use="disbursements")
    api.record("payment-methods", code="CARD", name="Card", account="1010", use="receipts")
    return buyer


def test_a_supplier_is_paid_by_a_method(buyer: Purchases) -> None:
    buyer.bill()
    answer = buyer.make("record_supplier_payment", supplier="SUPP001", amount="1000.00", payment_method="CHEQUE")
    assert named(answer) == ("1010", "CHEQUE", "Cheque")
    assert posted(answer) == [("2100", "1000.00", "0.00"), ("1010", "0.00", "1000.00")]
    read = buyer.api.call("get_supplier_payment", path={"id": answer["id"]}).expect(200).json
    (row,) = buyer.api.call("list_supplier_payments").expect(200)["data"]
    (event,) = buyer.api.events("payment.made")
    assert read["payment_method"] == row["payment_method"] == event["data"]["payment_method"]
    assert read["payment_method"] == answer["payment_method"]
    before = buyer.api.counts()
    problem = buyer.make("record_supplier_payment", 422, supplier="SUPP001", amount="1.00", payment_method="CARD")
    assert problem["code"] == "payment_method_not_suitable"
    assert buyer.api.counts() == before


def test_an_expense_claim_is_reimbursed_by_a_method(buyer: Purchases) -> None:
    items = [{"date": "2026-11-20", "description": "Train", "amount": "80.00", "account": "6150"}]
    claim = buyer.api.call("create_expense_claim", {"employee": "SUPP001", "purpose": "Trip", "items": items})
    buyer.act("submit_expense_claim", claim.expect(201).json)
    chief = buyer.api.as_("chief", "payables.*")
    chief.call("approve_expense_claim", path={"id": claim["id"]}).expect(200)
    answer = buyer.act("reimburse_expense_claim", claim.json, 201, payment_method="CHEQUE")
    assert named(answer) == ("1010", "CHEQUE", "Cheque")
    assert posted(answer) == [("2140", "80.00", "0.00"), ("1010", "0.00", "80.00")]
