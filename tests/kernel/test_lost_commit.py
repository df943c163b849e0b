"""A commit that nobody answered may have been done: the caller is told so, and a repetition finds out."""

import psycopg
import pytest
from sqlalchemy.engine import RootTransaction
from sqlalchemy.exc import OperationalError

from tests.kernel.notes import write_note
from tests.support.api import Api

COMMIT = RootTransaction.commit

UNKNOWN = (
    "The database went away while this was being saved, so it may be done or not. Send the same request again with its"
    " Idempotency-Key, or look before you repeat it."
)


def lost(sqlstate: str | None = None) -> OperationalError:
    """What SQLAlchemy raises when the connection is gone, or the server refuses with a state."""
    reason = psycopg.OperationalError("server closed the connection unexpectedly")
    reason.sqlstate = sqlstate
    return OperationalError("", {}, reason)


def test_a_commit_whose_answer_is_lost_is_told_as_unknown_and_its_repetition_answers(
    tenant: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit_and_go_away(self: RootTransaction) -> None:
        COMMIT(self)
        raise lost()

    monkeypatch.setattr(RootTransaction, "commit", commit_and_go_away)
    body = {"text": "once"}
    answer = tenant.call(write_note, body, headers={"Idempotency-Key": "k"}).expect(503)
    assert (answer["code"], answer["outcome"], answer["retryable"]) == ("unavailable", "unknown", True)
    assert answer["detail"] == UNKNOWN
    monkeypatch.setattr(RootTransaction, "commit", COMMIT)
    again = tenant.call(write_note, body, headers={"Idempotency-Key": "k"}).expect(201)
    assert again.headers["Idempotency-Hit"] == "true"
    assert len(tenant.events("note.written")) == 1


@pytest.mark.parametrize("state", ["57P01", "25P03", "53300"])
def test_a_commit_that_the_server_refused_is_told_as_not_done(
    tenant: Api, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    before = tenant.counts()

    def refuse(self: RootTransaction) -> None:
        self.rollback()
        raise lost(state)

    monkeypatch.setattr(RootTransaction, "commit", refuse)
    answer = tenant.call(write_note, {"text": "never"}).expect(503)
    assert answer["detail"] == "The database does not answer just now. Nothing was changed; try again."
    assert "outcome" not in answer.json
    monkeypatch.setattr(RootTransaction, "commit", COMMIT)
    assert tenant.counts() == before


def test_what_is_lost_before_the_commit_is_told_as_not_done(tenant: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tenant.counts()

    def go_away(self: object, sql: str, **parameters: object) -> None:
        raise lost()

    with monkeypatch.context() as patched:
        patched.setattr("bigledger.kernel.database.Transaction.rows", go_away)
        answer = tenant.call(write_note, {"text": "never"}).expect(503)
    assert answer["detail"] == "The database does not answer just now. Nothing was changed; try again."
    assert tenant.counts() == before
