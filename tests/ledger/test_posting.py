"""Posting: what no entry may do, whatever document it comes from."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from bigledger.kernel import Entry
from bigledger.ledger import AccountNotPostable, AccountNotSuitable, JournalLine, post
from bigledger.ledger.accounts import check_party, check_postable
from bigledger.records import Account

PARTY = UUID("018f0000-0000-7000-8000-000000000001")


def account(code: str = "1200", **fields: Any) -> Entry[Account]:
    data = Account.model_validate({"code": code, "name": "Account", "kind": "asset"} | fields)
    return Entry(UUID(int=1), code, "active", None, data)


@pytest.mark.parametrize("control", ["receivable", "payable"])
def test_a_line_on_an_account_kept_per_party_names_one(control: str) -> None:
    check_party(account(control=control), PARTY)
    with pytest.raises(AccountNotSuitable) as refused:
        check_party(account(control=control), None)
    assert refused.value.members == {"account": "1200"}


@pytest.mark.parametrize("control", [None, "bank", "inventory", "tax"])
def test_other_lines_need_no_party(control: str | None) -> None:
    check_party(account(control=control), None)


def test_a_group_account_takes_no_postings() -> None:
    with pytest.raises(AccountNotPostable):
        check_postable(account(group=True))


def test_an_entry_that_does_not_balance_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bigledger.ledger.posting.check_open", lambda *_: None)
    lines = [JournalLine(account(), Decimal("1.00"), "USD"), JournalLine(account(), Decimal("-0.99"), "USD")]
    with pytest.raises(ValueError, match="does not balance"):
        post(None, None, None, "gl", None, lines, takes_back=True)  # type: ignore[arg-type]
