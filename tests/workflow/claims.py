"""A made-up type of document that waits for approval by rule: what the workflow's tests stand on."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from bigledger.kernel import Amount, Answer, Command, Context, Document, Event, documents, event, operation
from bigledger.kernel.operation import SIGNED_IN
from bigledger.records import company_of
from bigledger.workflow import (
    Approval,
    ApprovalApproved,
    ApprovalRejected,
    ApprovalRequested,
    ApprovalWithdrawn,
    DecidedApproval,
    Decision,
    decide,
    matching_rules,
    request_approval,
    withdraw_approvals,
)
from tests.support.api import Api, Response, find

EVENTS = [ApprovalRequested, ApprovalApproved, ApprovalRejected, ApprovalWithdrawn]


@event("claim.settled")
class ClaimSettled(Event):
    """A claim was paid or refused."""

    status: str


class Claim(Command):
    """A claim of so much; with an id, one that exists is submitted again."""

    total: Amount = Decimal(0)
    id: str | None = None


@operation("POST /api/v1/claims", permission=SIGNED_IN, emits=EVENTS)
def submit_claim(claim: Claim, context: Context) -> Approval:
    """Make a claim, or submit one again: it waits for an approval by whatever rules match its total."""
    company = company_of(context, None)
    if claim.id is None:
        document = Document(
            context.new_id(), "claim", "pending_approval", {}, company.id, total=claim.total, currency="USD"
        )
        documents.create(context, document)
    else:
        document = documents.get(context, "claim", claim.id)
        documents.change(context, document, status="pending_approval")
    rules = matching_rules(context, company, "invoice", {"total": claim.total, "currency": "USD"})
    return request_approval(context, document, rules, "a claim")


class Withdrawn(Answer):
    """A claim that was taken back."""

    id: UUID


@operation("POST /api/v1/claims/{id}/withdraw", permission=SIGNED_IN, emits=EVENTS)
def withdraw_claim(claim: Claim, context: Context) -> Withdrawn:
    """Take a claim back: nothing about it is left to decide."""
    document = documents.get(context, "claim", str(claim.id))
    withdraw_approvals(context, document, "taken back")
    documents.change(context, document, status="withdrawn")
    return Withdrawn(id=document.id)


@operation("POST /api/v1/claims/approvals/{id}/{decision}", permission=SIGNED_IN, emits=[*EVENTS, ClaimSettled])
def decide_claim(decision: Decision, context: Context) -> DecidedApproval:
    """Decide, and number a claim that was approved."""
    return decide(decision, context, {"claim": settle_claim})


def settle_claim(document: Document, decision: Decision, context: Context) -> Document:
    """What a decision means for a claim. As a document's module would, it withdraws what else is pending."""
    withdraw_approvals(context, document, "the claim is settled")
    status, number = ("paid", "CLAIM-1") if decision.approved else ("refused", None)
    documents.change(context, document, status=status, number=number)
    context.emit(ClaimSettled(status=status), document)
    return document


@dataclass
class Claims:
    """A tenant with claims, and actors in whatever roles a test needs."""

    api: Api

    def rule(self, condition: str = "document.total > 10000", **fields: Any) -> Any:
        """Make an approval rule."""
        rule = {"code": "BIG", "name": "Large", "condition": condition} | fields
        return self.api.record("approval-rules", **rule)

    def call(self, name: str, body: Any = None, roles: str = "", actor: str = "tester", **more: Any) -> Response:
        """Call an operation of this file, or one of functions/workflow, as an actor in some roles."""
        operation = OPERATIONS.get(name) or find(name)
        event = self.api.as_(actor, "*").event(operation, body, **more)
        event["requestContext"]["authorizer"]["lambda"]["roles"] = roles
        answer = operation(event, None)
        return Response(answer["statusCode"], answer["headers"], answer["body"])

    def submit(self, total: str, actor: str = "clerk") -> Any:
        """Submit a claim; answers its approval."""
        return self.call("submit_claim", {"total": total}, actor=actor).expect(201).json

    def decide(self, approval: Any, decision: str, body: Any = None, **more: Any) -> Response:
        """Decide about a claim."""
        return self.call("decide_claim", body, path={"id": approval["id"], "decision": decision}, **more)

    def document(self, id: str) -> Any:
        """Status, number and version of a document."""
        (row,) = self.api.rows(
            "SELECT status, number, version FROM kernel.document WHERE id = cast(:id AS uuid)", id=id
        )
        return tuple(row)


OPERATIONS = {operation.name: operation for operation in (submit_claim, withdraw_claim, decide_claim)}
