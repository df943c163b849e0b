"""The life of an approval: requested, then approved, rejected or withdrawn."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from bigledger.kernel import (
    Conflict,
    Context,
    Document,
    Entry,
    FieldError,
    InvalidRequest,
    Page,
    documents,
    listing,
)
from bigledger.kernel.problems import Forbidden
from bigledger.records import ApprovalRule
from bigledger.workflow import queries
from bigledger.workflow.events import (
    ApprovalApproved,
    ApprovalEvent,
    ApprovalRejected,
    ApprovalRequested,
    ApprovalWithdrawn,
)
from bigledger.workflow.model import (
    Approval,
    ApprovalFacts,
    ApprovalList,
    ApprovalRequest,
    ApprovalSubject,
    DecidedApproval,
    Decision,
    DocumentState,
    MatchedCondition,
    Person,
)
from bigledger.workflow.rules import MatchedRule

Outcome = Callable[[Document, Decision, Context], Document]
"""What a decision means for documents of one type: stages it and answers the document as it will be."""


class AlreadyDecided(Conflict):
    """The approval was approved, rejected or withdrawn before."""

    title = "The approval is decided"


class ApproverRoleMissing(Forbidden):
    """The approval rule names a role of those who decide, and the caller does not hold it."""

    title = "The approver's role is missing"


class FourEyesRequired(Forbidden):
    """Who made, changed or submitted the document wants to approve it, and the approval rule asks for somebody else."""

    title = "Somebody else has to approve"


def request_approval(
    context: Context, document: Document, rules: Sequence[Entry[ApprovalRule]], reason: str
) -> Approval:
    """Stage an approval that the document waits for, linked to it, with its event.

    Its decision is carried out by the outcome of the document's type. Whoever decides needs the roles of all the
    rules; without rules or roles, the permission is enough.
    """
    return _stage(context, document, reason, rules, review=False)


def request(command: ApprovalRequest, context: Context) -> Approval:
    """Ask for a review of any document; answers the approval that is pending already if there is one.

    Raises NotFound, and InvalidRequest for an approval of an approval.
    """
    found = queries.document(context, command.id)
    if found.pending is not None:
        return Approval.of(found.pending)
    if found.document.type == queries.TYPE:
        raise InvalidRequest(
            "An approval is decided, not approved in its turn. Name the document it is about.",
            errors=[FieldError("/id", "is_approval", "give the id of another document")],
        )
    # The number makes two requests at once collide in the database, so that the second finds the first.
    number = f"{found.document.id}/{found.approvals + 1}"
    return _stage(context, found.document, command.reason, (), review=True, number=number)


def decide(decision: Decision, context: Context, outcomes: Mapping[str, Outcome]) -> DecidedApproval:
    """Approve or reject, and carry out what it means for the document by the outcome of its type.

    Raises NotFound, ApproverRoleMissing, FourEyesRequired, StaleVersion, AlreadyDecided, InvalidRequest for a
    rejection without a reason or a date where nothing is posted, and whatever refuses the outcome.
    """
    found = queries.approval(context, decision.id)
    approval, facts = found.approval, found.approval.read(ApprovalFacts)
    _check_approver(facts, found.makers, decision, context)
    documents.check_version(context, approval)
    _check_open(approval, facts)
    if not decision.approved and decision.reason is None:
        raise InvalidRequest(
            "Say why it is rejected.",
            errors=[FieldError("/reason", "required", "a rejection needs a reason")],
        )
    if decision.date is not None and (facts.review or not decision.approved):
        raise InvalidRequest(
            "Nothing is posted by this decision. Leave the date out.",
            errors=[FieldError("/date", "nothing_posted", "only an approval that posts something takes a date")],
        )
    status, event = ("approved", ApprovalApproved) if decision.approved else ("rejected", ApprovalRejected)
    facts = _close(context, approval, status, event, decision.reason)
    document = found.document
    if not facts.review:
        document = outcomes[document.type](document, decision, context)
        approval.data = facts.model_copy(update={"document": _subject(document)})
    outcome = DocumentState(type=document.type, id=document.id, number=document.number, status=document.status)
    return DecidedApproval.of(approval, outcome=outcome)


def withdraw_approvals(context: Context, document: Document, reason: str) -> None:
    """Withdraw what is pending about a document that needs no decision any more; one statement.

    An approval that this request has decided stays decided.
    """
    decided = {subject.id for _, subject in context.work.events if subject.type == queries.TYPE}
    for approval in queries.pending(context, document.id):
        if approval.id not in decided:
            _close(context, approval, "withdrawn", ApprovalWithdrawn, reason)


def list_all(query: ApprovalList, context: Context) -> Page[Approval]:
    """A page of approvals, the newest first."""
    found, cursor = listing.page(context, queries.TYPE, query)
    return Page[Approval](data=[Approval.of(listed.document) for listed in found], next_cursor=cursor)


def _stage(
    context: Context,
    document: Document,
    reason: str,
    rules: Sequence[Entry[ApprovalRule]],
    review: bool,
    number: str | None = None,
) -> Approval:
    facts = ApprovalFacts(
        document=_subject(document),
        reason=reason,
        review=review,
        rules=[_matched(rule) for rule in rules],
        requested_by=_person(context),
        made_by=document.created_by,
        amount=document.total,
        currency=document.currency,
        approver_roles=sorted({rule.data.approver_role for rule in rules if rule.data.approver_role}),
        four_eyes=any(rule.data.four_eyes for rule in rules),
    )
    approval = Document(
        context.new_id(),
        queries.TYPE,
        "pending",
        facts,
        company_id=document.company_id,
        number=number,
        party_id=document.party_id,
        currency=document.currency,
        total=document.total,
    )
    documents.create(context, approval)
    context.work.link(document.id, approval.id, queries.LINK)
    context.emit(_event(ApprovalRequested, approval.id, facts), approval)
    return Approval.of(approval)


def _close(
    context: Context, approval: Document, status: str, event: type[ApprovalEvent], reason: str | None
) -> ApprovalFacts:
    """Stage the end of an approval with its event; answers what it says now."""
    facts = approval.read(ApprovalFacts).model_copy(
        update={"decided_by": _person(context), "decided_at": context.now, "decision_reason": reason}
    )
    documents.change(context, approval, status=status, data=facts)
    context.emit(_event(event, approval.id, facts), approval)
    return facts


def _check_approver(facts: ApprovalFacts, makers: Collection[str], decision: Decision, context: Context) -> None:
    actor = context.actor
    missing = [role for role in facts.approver_roles if role not in actor.roles]
    if missing:
        raise ApproverRoleMissing(
            f"Only who holds the role {' and '.join(missing)} may decide this, and {actor.name} does not.",
            roles=missing,
        )
    if facts.four_eyes and decision.approved and actor.id in {facts.made_by, facts.requested_by.id, *makers}:
        raise FourEyesRequired(
            f"{actor.name} made, changed or submitted this {facts.document.type.replace('_', ' ')};"
            " the rule asks for the approval of somebody else."
        )


def _check_open(approval: Document, facts: ApprovalFacts) -> None:
    if approval.status != "pending":
        by = f" by {facts.decided_by.name}" if facts.decided_by else ""
        raise AlreadyDecided(
            f"This approval was {approval.status}{by} already. Read it to see what followed.",
            document_status=approval.status,
        )


def _event(event: type[ApprovalEvent], id: UUID, facts: ApprovalFacts) -> ApprovalEvent:
    """The event of an approval: those of its facts that the event tells."""
    told: dict[str, Any] = {name: value for name, value in dict(facts).items() if name in event.model_fields}
    return event(id=id, **told)


def _subject(document: Document) -> ApprovalSubject:
    return ApprovalSubject(type=document.type, id=document.id, number=document.number)


def _person(context: Context) -> Person:
    return Person(id=context.actor.id, kind=context.actor.kind, name=context.actor.name)


def _matched(rule: Entry[ApprovalRule]) -> MatchedCondition:
    reason = rule.reason if isinstance(rule, MatchedRule) else rule.data.condition
    return MatchedCondition(code=rule.code, name=rule.data.name, reason=reason)
