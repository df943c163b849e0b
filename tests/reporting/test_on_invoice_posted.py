"""Drafts and approved invoices in the sales by product: counted when they are issued."""

from typing import Any

import pytest

from tests.support.events import deliver
from tests.support.reports import sales
from tests.support.shop import Shop


def decide(shop: Shop, decision: str, **body: Any) -> None:
    (approval,) = shop.api.call("list_approvals").expect(200)["data"]
    shop.api.call("decide_approval", body or None, path={"id": approval["id"], "decision": decision}).expect(200)


@pytest.mark.parametrize("times", [1, 3])
def test_a_draft_counts_once_it_is_issued(shop: Shop, times: int) -> None:
    draft = shop.invoice(draft=True)
    deliver(shop.api, times=times)
    assert sales(shop) == []
    shop.api.call("issue_invoice", path={"id": draft["id"]}).expect(200)
    deliver(shop.api, times=times)
    assert sales(shop) == [("PROD001", "10", "1200.00")]


@pytest.mark.parametrize("times", [1, 3])
def test_an_approved_invoice_counts_once_it_is_approved(shop: Shop, times: int) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    shop.invoice()
    deliver(shop.api, times=times)
    assert sales(shop) == []
    decide(shop, "approve")
    deliver(shop.api, times=times)
    assert sales(shop) == [("PROD001", "10", "1200.00")]


def test_a_draft_that_has_to_wait_counts_only_when_it_is_approved(shop: Shop) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    draft = shop.invoice(draft=True)
    waiting = shop.api.call("issue_invoice", path={"id": draft["id"]}).expect(200)
    assert waiting["status"] == "pending_approval"
    deliver(shop.api)
    assert sales(shop) == []
    decide(shop, "approve")
    deliver(shop.api)
    assert sales(shop) == [("PROD001", "10", "1200.00")]


def test_a_rejected_invoice_never_counts(shop: Shop) -> None:
    shop.api.record("approval-rules", code="ALL", name="All", condition="document.total > 0")
    shop.invoice()
    decide(shop, "reject", reason="Too dear")
    deliver(shop.api)
    assert sales(shop) == []
