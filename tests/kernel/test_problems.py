"""Refusals are told as RFC 9457 problem details: a status, a code for programs, a sentence for people, the facts."""

import json
from decimal import Decimal

import pytest

from bigledger.kernel import Conflict, FieldError, InvalidRequest, NotFound, Problem, StaleVersion, UnknownReference
from bigledger.kernel.http import problem_response
from bigledger.kernel.problems import (
    Forbidden,
    IdempotencyKeyReused,
    InProgress,
    InternalError,
    MalformedRequest,
    PayloadTooLarge,
    PreconditionMissing,
    Unauthenticated,
    Unavailable,
)


class CreditLimitReached(Problem):
    """A rule of a module."""

    title = "The credit limit is reached"


def test_a_problem_has_the_members_of_rfc_9457_and_ours() -> None:
    problem = CreditLimitReached(
        "Ask for less.", errors=[FieldError("/items/0", "too_much", "take fewer")], limit="100.00"
    )
    assert problem.body("request-7") == {
        "type": "urn:bigledger:problem:credit_limit_reached",
        "title": "The credit limit is reached",
        "status": 422,
        "detail": "Ask for less.",
        "instance": "request-7",
        "code": "credit_limit_reached",
        "retryable": False,
        "errors": [{"pointer": "/items/0", "code": "too_much", "message": "take fewer"}],
        "limit": "100.00",
    }


def test_errors_are_left_out_when_there_are_none() -> None:
    assert "errors" not in CreditLimitReached("Ask for less.").body("request-7")


def test_a_problem_is_answered_as_problem_json() -> None:
    response = problem_response(CreditLimitReached("Ask for less.", limit=Decimal("1E+2")), "request-7")
    event = response.event()
    assert event["statusCode"] == 422
    assert event["headers"]["Content-Type"] == "application/problem+json"
    assert event["isBase64Encoded"] is False
    assert json.loads(event["body"])["limit"] == "100"


@pytest.mark.parametrize(
    ("kind", "status", "code", "retryable", "headers"),
    [
        (MalformedRequest, 400, "malformed_request", False, {}),
        (Unauthenticated, 401, "unauthenticated", False, {"WWW-Authenticate": "Bearer"}),
        (Forbidden, 403, "forbidden", False, {}),
        (NotFound, 404, "not_found", False, {}),
        (Conflict, 409, "conflict", False, {}),
        (InProgress, 409, "in_progress", True, {"Retry-After": "1"}),
        (StaleVersion, 412, "stale_version", False, {}),
        (PayloadTooLarge, 413, "payload_too_large", False, {}),
        (InvalidRequest, 422, "invalid_request", False, {}),
        (UnknownReference, 422, "unknown_reference", False, {}),
        (IdempotencyKeyReused, 422, "idempotency_key_reused", False, {}),
        (PreconditionMissing, 428, "precondition_missing", False, {}),
        (InternalError, 500, "internal_error", False, {}),
        (Unavailable, 503, "unavailable", True, {"Retry-After": "2"}),
    ],
)
def test_each_refusal_has_its_status_and_code(
    kind: type[Problem], status: int, code: str, retryable: bool, headers: dict[str, str]
) -> None:
    problem = kind("Do something else.")
    assert (problem.status, problem.code(), problem.retryable) == (status, code, retryable)
    assert problem.headers() == headers
    assert problem.title
    assert str(problem) == "Do something else."
