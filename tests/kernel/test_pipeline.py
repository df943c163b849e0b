"""The life of a request: permission, validation, the tenant's transaction, the rule, declared events, one commit."""

from typing import Any

import pytest

from bigledger.kernel import Actor, Command, Context, Operation, UnknownReference, database, operation, runtime
from bigledger.kernel.observability import logger
from bigledger.kernel.operation import SIGNED_IN
from tests.kernel import notes
from tests.kernel.notes import NewNote, Note, NoteWritten, get_note, list_notes, refresh_notes, rewrite_note, write_note
from tests.support.api import Api, send
from tests.support.bare import add_document, working
from tests.support.statements import counted


@operation("POST /api/v1/defective-notes", emits=[NoteWritten])
def write_defective_note(new: NewNote, context: Context) -> Note:
    """Fails after it has staged everything."""
    note = notes.write(new, context)
    context.work.flush()
    raise ZeroDivisionError(f"secret internals of {note.id}")


@operation("POST /api/v1/refused-notes", emits=[NoteWritten])
def write_refused_note(new: NewNote, context: Context) -> Note:
    """Refuses after it has staged and even flushed everything."""
    notes.write(new, context)
    context.work.flush()
    raise UnknownReference("There is no such thing.")


@operation("POST /api/v1/undeclared-notes")
def write_undeclared_note(new: NewNote, context: Context) -> Note:
    """Emits an event that it has not declared."""
    return notes.write(new, context)


@operation("POST /api/v1/wrong-notes", emits=[NoteWritten])
def write_wrong_sql(new: NewNote, context: Context) -> Note:
    """Sends a statement that does not exist in SQL."""
    notes.write(new, context)
    context.work.read("SELECT secret_column FROM secret_table")
    raise AssertionError("the statement should have been refused")


@operation("GET /api/v1/anyone", permission=SIGNED_IN)
def get_anyone(context: Context) -> Note:
    """Open to everyone who is signed in."""
    return Note(id=context.new_id(), text=context.actor.name, version=1)


@operation("GET /api/v1/everyone", public=True)
def get_everyone(context: Context) -> Note:
    """Open to everyone, and without a transaction."""
    return Note(id=context.new_id(), text=context.actor.kind, version=1)


@operation("GET /api/v1/everyones-data", public=True)
def get_everyones_data(context: Context) -> Note:
    """Public, and reads although it has no transaction."""
    context.work.read("SELECT 1")
    raise AssertionError("the statement should have been refused")


def test_a_request_is_answered_with_the_resource_its_etag_and_its_id(tenant: Api) -> None:
    answer = tenant.call(write_note, {"text": "hello", "amount": "12.50"}).expect(201)
    assert answer.json == {"id": answer["id"], "text": "hello", "amount": "12.50", "version": 1}
    assert answer.headers == {"Content-Type": "application/json", "ETag": '"1"', "X-Request-Id": "request-0001"}
    assert tenant.call(get_note, path={"id": answer["id"]}).expect(200).json == answer.json


def test_a_page_has_no_etag(tenant: Api) -> None:
    assert "ETag" not in tenant.call(list_notes).expect(200).headers


def test_the_document_its_event_and_the_outbox_are_written_together(tenant: Api) -> None:
    before = tenant.counts()
    tenant.call(write_note, {"text": "hello"}).expect(201)
    after = tenant.counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "kernel.document": 1,
        "kernel.event": 1,
        "kernel.outbox": 1,
    }


class TestOrder:
    """Permission, then validation, then the transaction."""

    def test_permission_is_asked_before_anything_is_read(self, tenant: Api) -> None:
        stranger = tenant.as_("stranger", "kernel.get_note")
        before = tenant.counts()
        answer, sent = counted(lambda: stranger.call(write_note, raw=b"{not json", query={"x": "1", "dry_run": "?"}))
        answer.expect(403)
        assert answer["code"] == "forbidden"
        assert answer["permission"] == "kernel.write_note"
        assert "stranger lacks the permission kernel.write_note" in answer["detail"]
        assert sent == []
        assert tenant.counts() == before

    def test_permission_is_asked_before_preconditions(self, tenant: Api) -> None:
        stranger = tenant.as_("stranger", "")
        assert stranger.call(rewrite_note, {"text": "x"}, path={"id": "N-1"}).status == 403
        assert stranger.call(notes.write_paid_note, {"text": "x"}).status == 403

    def test_validation_comes_before_the_transaction(self, tenant: Api) -> None:
        answer, sent = counted(lambda: tenant.call(write_note, {"text": ""}))
        answer.expect(422)
        assert sent == []

    def test_the_transaction_belongs_to_the_caller(self, tenant: Api, other: Api) -> None:
        written = tenant.call(write_note, {"text": "mine"}).expect(201)
        assert other.call(get_note, path={"id": written["id"]}).status == 404
        assert other.call(list_notes).expect(200)["data"] == []

    def test_a_reading_operation_sends_two_statements_and_a_writing_one_two(self, tenant: Api) -> None:
        written = tenant.call(write_note, {"text": "a"}).expect(201)
        answer, sent = counted(lambda: tenant.call(get_note, path={"id": written["id"]}))
        assert (answer.status, len(sent)) == (200, 2)
        answer, sent = counted(lambda: tenant.call(write_note, {"text": "b"}))
        assert (answer.status, len(sent)) == (201, 2)


class TestCaller:
    """Who may call at all."""

    def event(self, api: Api, found: Operation[Any, Any], **authorizer: str | None) -> dict[str, Any]:
        event = api.event(found)
        known = event["requestContext"]["authorizer"]["lambda"] | authorizer
        event["requestContext"]["authorizer"]["lambda"] = {
            name: value for name, value in known.items() if value is not None
        }
        return event

    def test_without_an_authorizer_nobody_comes_in(self, tenant: Api) -> None:
        event = tenant.event(list_notes)
        del event["requestContext"]["authorizer"]
        answer = send(list_notes, event).expect(401)
        assert answer["code"] == "unauthenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_why_the_authorizer_refused_is_told(self, tenant: Api) -> None:
        event = self.event(tenant, list_notes, problem="This key has expired.", permissions="*")
        assert send(list_notes, event).expect(401)["detail"] == "This key has expired."

    def test_the_operator_has_no_tenant_to_work_in(self, operator: Api) -> None:
        answer = Api(None, "operator", "operator", "*").call(list_notes).expect(403)
        assert answer["detail"] == "This key belongs to the operator, not to a tenant. Use a key of the tenant."

    def test_a_tenant_that_is_gone_is_told(self, tenant: Api) -> None:
        gone = Api(runtime.clock.new_id())
        assert gone.call(list_notes).expect(401)["detail"] == "The tenant of this key does not exist any more."
        assert gone.call(write_note, {"text": "x"}).status == 401

    def test_a_suspended_tenant_can_be_read_and_not_changed(self, tenant: Api) -> None:
        written = tenant.call(write_note, {"text": "a"}).expect(201)
        with working(tenant) as context:
            context.work.read("UPDATE kernel.tenant SET status = 'suspended'")
        before = tenant.counts()
        answer = tenant.call(write_note, {"text": "b"}).expect(403)
        assert answer["detail"] == "This tenant is suspended: it can be read, not changed."
        assert tenant.call(write_note, {"text": "b"}, query={"dry_run": "true"}).status == 403
        assert tenant.counts() == before
        assert tenant.call(get_note, path={"id": written["id"]}).expect(200)["text"] == "a"

    def test_a_key_of_which_an_older_version_was_authorized_is_refused(self, tenant: Api) -> None:
        key = add_document(tenant, type="api_key", status="active")
        call = {"actor_id": str(key.id), "actor_version": "1"}
        assert send(list_notes, self.event(tenant, list_notes, **call)).status == 200
        for change in ("status = 'revoked'", "status = 'active'"):
            with working(tenant) as context:
                context.work.read(f"UPDATE kernel.document SET version = version + 1, {change} WHERE type = 'api_key'")
            before = tenant.counts()
            answer = send(list_notes, self.event(tenant, list_notes, **call)).expect(401)
            assert answer["detail"] == "This key was revoked or changed, or has expired. Use the present one."
            assert tenant.counts() == before
        assert send(list_notes, self.event(tenant, list_notes, **call | {"actor_version": "3"})).status == 200

    def test_a_revoked_key_is_refused_even_in_its_present_version(self, tenant: Api) -> None:
        key = add_document(tenant, type="api_key", status="revoked")
        event = self.event(tenant, list_notes, actor_id=str(key.id), actor_version="1")
        assert send(list_notes, event).status == 401

    def test_a_key_is_refused_from_the_instant_it_expires(self, tenant: Api) -> None:
        for expires_at, status in (("2026-11-23T10:00:00Z", 200), ("2026-11-23T08:59:59Z", 401)):
            key = add_document(tenant, type="api_key", status="active", data={"expires_at": expires_at})
            event = self.event(tenant, list_notes, actor_id=str(key.id), actor_version="1")
            assert send(list_notes, event).status == status

    def test_another_tenants_key_does_not_open_this_one(self, tenant: Api, other: Api) -> None:
        key = add_document(other, type="api_key", status="active")
        event = self.event(tenant, list_notes, actor_id=str(key.id), actor_version="1")
        assert send(list_notes, event).status == 401

    def test_whoever_is_signed_in_may_call_what_asks_for_no_more(self, tenant: Api) -> None:
        assert tenant.as_("nobody", "").call(get_anyone).expect(200)["text"] == "nobody"
        event = tenant.event(get_anyone)
        del event["requestContext"]["authorizer"]
        assert send(get_anyone, event).status == 401

    def test_a_public_operation_asks_for_no_one_and_has_no_data(self, tenant: Api) -> None:
        answer, sent = counted(lambda: tenant.call(get_everyone))
        assert answer.expect(200)["text"] == "anonymous"
        assert sent == []
        assert tenant.call(get_everyones_data).status == 500


class TestFailure:
    """Whatever goes wrong is told as a problem, and nothing is half-written."""

    @pytest.mark.parametrize("broken", [write_defective_note, write_wrong_sql])
    def test_a_defect_tells_no_internals_and_leaves_nothing(self, tenant: Api, broken: Operation[Any, Any]) -> None:
        before = tenant.counts()
        answer = tenant.call(broken, {"text": "lost"}, headers={"Idempotency-Key": "k1"}).expect(500)
        assert answer.json == {
            "type": "urn:bigledger:problem:internal_error",
            "title": "Something went wrong on our side",
            "status": 500,
            "detail": "The request failed and changed nothing. If it persists, tell us request-0001.",
            "instance": "request-0001",
            "code": "internal_error",
            "retryable": False,
        }
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-Id"] == "request-0001"
        assert tenant.counts() == before

    def test_a_failure_is_not_kept_under_the_idempotency_key(self, tenant: Api) -> None:
        key = {"Idempotency-Key": "k1"}
        tenant.call(write_defective_note, {"text": "lost"}, headers=key).expect(500)
        tenant.call(write_refused_note, {"text": "lost"}, headers=key).expect(422)
        tenant.call(write_note, {"text": "kept"}, headers=key).expect(201)

    def test_a_refusal_leaves_nothing(self, tenant: Api) -> None:
        before = tenant.counts()
        answer = tenant.call(write_refused_note, {"text": "lost"}, headers={"Idempotency-Key": "k1"}).expect(422)
        assert answer["code"] == "unknown_reference"
        assert answer["instance"] == "request-0001"
        assert tenant.counts() == before

    def test_an_event_that_was_not_declared_is_a_defect_and_leaves_nothing(self, tenant: Api) -> None:
        before = tenant.counts()
        tenant.call(write_undeclared_note, {"text": "lost"}).expect(500)
        assert tenant.counts() == before

    def test_a_database_that_does_not_answer_is_told_as_unavailable(
        self, tenant: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
        answer = tenant.call(list_notes).expect(503)
        assert answer["code"] == "unavailable"
        assert answer["retryable"] is True
        assert answer.headers["Retry-After"] == "2"
        assert "127.0.0.1" not in answer.text
        monkeypatch.delenv("DATABASE_URL")
        assert tenant.call(list_notes).status == 503

    def test_a_relay_that_cannot_be_told_does_not_fail_what_is_committed(
        self, tenant: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[str] = []

        def nudge() -> None:
            told.append("nudged")
            raise OSError("no relay there")

        monkeypatch.setattr(runtime, "nudge", nudge)
        written = tenant.call(write_note, {"text": "kept"}).expect(201)
        assert told == ["nudged"]
        assert tenant.call(get_note, path={"id": written["id"]}).expect(200)["text"] == "kept"

    def test_the_relay_is_told_only_of_what_was_committed(self, tenant: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[str] = []
        monkeypatch.setattr(runtime, "nudge", lambda: told.append("nudged"))
        tenant.call(write_defective_note, {"text": "x"}).expect(500)
        tenant.call(write_note, {"text": "x"}, query={"dry_run": "true"}).expect(200)
        tenant.call(list_notes).expect(200)
        tenant.call(refresh_notes).expect(201)
        assert told == []


class TestLog:
    """Every line names the request it belongs to."""

    def test_the_lines_of_a_request_name_tenant_actor_operation_and_correlation(self, tenant: Api) -> None:
        tenant.call(write_note, {"text": "x"}, headers={"X-Correlation-Id": "order-7"}).expect(201)
        keys = logger.thread_safe_get_current_keys()
        assert keys["tenant_id"] == str(tenant.tenant_id)
        assert keys["actor"] == "tester"
        assert keys["operation"] == "write_note"
        assert keys["correlation_id"] == "order-7"
        assert keys["request_id"] == "request-0001"

    @pytest.mark.parametrize("query", ["a=1&a=2", "dry_run=perhaps"])
    def test_a_request_that_cannot_be_read_is_not_logged_as_the_one_before(self, tenant: Api, query: str) -> None:
        tenant.call(write_note, {"text": "x"}, headers={"X-Correlation-Id": "order-7"}).expect(201)
        event = tenant.as_("ada", "*").event(write_note, {"text": "x"})
        event["requestContext"]["requestId"] = "request-9999"
        event["rawQueryString"] = query
        send(write_note, event).expect(400)
        keys = logger.thread_safe_get_current_keys()
        assert (keys["actor"], keys["request_id"], keys["correlation_id"]) == ("ada", "request-9999", "request-9999")


def test_an_operation_can_be_run_within_a_transaction_of_the_caller(tenant: Api) -> None:
    with working(tenant) as context:
        note = write_note.run(NewNote(text="inside"), context)
        context.work.flush()
    assert tenant.call(get_note, path={"id": str(note.id)}).expect(200)["text"] == "inside"


class TestDeclaration:
    """What ``@operation`` reads off a function, and what it refuses."""

    def test_name_module_permission_and_status_follow_from_the_function_and_its_route(self) -> None:
        declared = (write_note.name, write_note.module, write_note.permission, write_note.status, write_note.method)
        assert declared == ("write_note", "kernel", "kernel.write_note", 201, "POST")
        assert write_note.summary == "Write a note."
        assert write_note.writes
        assert (get_note.status, get_note.writes, get_note.path_parameters) == (200, False, ("id",))
        assert (rewrite_note.status, rewrite_note.version_required) == (200, True)
        assert (notes.append_to_note.status, notes.append_to_note.version_required) == (200, False)
        assert (get_everyone.permission, get_everyone.tenant) == (None, "none")

    def test_a_function_without_a_context_is_refused(self) -> None:
        def without(new: NewNote) -> Note:
            raise NotImplementedError

        with pytest.raises(TypeError, match="without must take a parameter named context of type Context"):
            operation("POST /x")(without)

    def test_a_function_with_two_commands_is_refused(self) -> None:
        def greedy(one: NewNote, two: NewNote, context: Context) -> Note:
            raise NotImplementedError

        with pytest.raises(TypeError, match="greedy may take one Command besides the context"):
            operation("POST /x")(greedy)

    def test_a_function_that_takes_anything_else_is_refused(self) -> None:
        def loose(new: Actor, context: Context) -> Note:
            raise NotImplementedError

        with pytest.raises(TypeError, match="loose may take one Command besides the context"):
            operation("POST /x")(loose)

    def test_a_function_that_does_not_say_what_it_answers_is_refused(self) -> None:
        def mute(new: Command, context: Context) -> Any:
            raise NotImplementedError

        with pytest.raises(TypeError, match="mute must say which Answer it returns"):
            operation("POST /x")(mute)


def test_no_statement_runs_outside_a_tenants_transaction(tenant: Api) -> None:
    with database.transaction() as opened:
        assert opened.rows("SELECT * FROM kernel.document") == []
        assert opened.rows("SELECT * FROM kernel.tenant") == []
