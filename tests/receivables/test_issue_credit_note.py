"""Posting a draft credit note."""

import pytest

from tests.receivables.notes import credit
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    draft = credit(shop, shop.invoice(), lines=[{"line": 1, "quantity": 1}], draft=True)
    answer = example(path={"id": draft["id"]}, headers={"If-Match": '"1"'})
    assert answer.status == 200
    assert (answer["number"], answer["total"], answer["status"]) == ("CN-2026-000001", "128.70", "settled")


def test_an_older_version_is_refused(shop: Shop) -> None:
    draft = credit(shop, shop.invoice(), draft=True)
    shop.api.call("issue_credit_note", path={"id": draft["id"]}).expect(200)
    before = shop.api.counts()
    refused = shop.api.call("issue_credit_note", path={"id": draft["id"]}, headers={"If-Match": '"1"'}).expect(412)
    assert refused["code"] == "stale_version"
    assert shop.api.counts() == before
