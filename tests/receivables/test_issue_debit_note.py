"""Posting a draft debit note."""

import pytest

from tests.receivables.notes import debit_note
from tests.support.shop import Shop


@pytest.mark.example
def test_example(shop: Shop, example) -> None:
    draft = debit_note(shop, shop.invoice(), draft=True)
    answer = example(path={"id": draft["id"]}, headers={"If-Match": '"1"'})
    assert answer.status == 200
    assert (answer["number"], answer["status"], answer["amount_due"]) == ("DN-2026-000001", "issued", "53.63")


def test_a_draft_posts_nothing_until_it_is_posted_once(shop: Shop) -> None:
    draft = debit_note(shop, draft=True)
    assert (draft["status"], draft["posting"], draft["amount_due"]) == ("draft", {"lines": []}, "0.00")
    assert shop.api.counts()["ledger.open_item"] == 0
    issued = shop.api.call("issue_debit_note", path={"id": draft["id"]}).expect(200).json
    assert (issued["version"], issued["events"]) == (2, ["debit_note.created", "debit_note.posted"])
    before = shop.api.counts()
    assert shop.api.call("issue_debit_note", path={"id": draft["id"]}).expect(409)["code"] == "conflict"
    assert shop.api.counts() == before


def test_another_version_is_refused(shop: Shop) -> None:
    draft = debit_note(shop, draft=True)
    before = shop.api.counts()
    shop.api.call("issue_debit_note", path={"id": draft["id"]}, headers={"If-Match": '"7"'}).expect(412)
    assert shop.api.counts() == before
