"""A new version of a function takes traffic only when it says itself that it can work."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from bigledger import __version__
from bigledger.kernel.deployment import QUESTION
from bigledger.kernel.problems import Unavailable
from bigledger.platform import deployments
from tests.support.api import Api, find
from tests.support.deployment import AwsStandIn

INVOICE = ("bigledger-receivables-create_invoice", "7")
BROKEN = ("bigledger-receivables-create_invoice", "8")
KINDS = {
    ("bigledger-receivables-get_invoice", "2"): "receivables.get_invoice",
    INVOICE: "receivables.create_invoice",
    ("bigledger-reporting-on_invoice_created", "3"): "reporting.on_invoice_created",
    ("bigledger-events-relay_events", "4"): "events.relay_events",
    ("bigledger-platform-authorize_request", "5"): "platform.authorize_request",
}


def broken(event: Any) -> Any:
    """A version whose layer is missing something."""
    raise ImportError("No module named 'orjson'")


@pytest.fixture
def aws(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsStandIn]:
    """CodeDeploy and Lambda with a version of a function of each kind, and one that is broken."""
    versions = {at: lambda event, name=name: find(name)(event, None) for at, name in KINDS.items()}
    with AwsStandIn({**versions, BROKEN: broken}) as stand_in:
        for name, value in stand_in.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(deployments, "PATIENCE", (0, 0))
        deployments._lambda.cache_clear()
        yield stand_in
    deployments._lambda.cache_clear()


def deploy(aws: AwsStandIn, *targets: tuple[str, str]) -> str:
    """What the hook reports of a deployment that gives traffic to these versions."""
    aws.deployments["d-1"] = targets
    answer = find("platform.check_deployment")({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "x-1"}, None)
    ((deployment, execution, status),) = aws.reported
    assert (deployment, execution, answer) == ("d-1", "x-1", {"status": status})
    return status


@pytest.mark.parametrize("target", KINDS, ids=KINDS.values())
def test_a_version_of_any_kind_that_is_ready_takes_traffic(aws: AwsStandIn, target: tuple[str, str]) -> None:
    assert deploy(aws, target) == "Succeeded"
    assert aws.called == [target]


def test_being_asked_is_no_work(aws: AwsStandIn, api: Api) -> None:
    """No tenant is touched, and the relay publishes nothing."""
    before = api.counts()
    assert before["kernel.outbox"] > 0
    assert deploy(aws, *KINDS) == "Succeeded"
    assert api.counts() == before


def test_a_version_that_does_not_start_takes_none(aws: AwsStandIn, log_lines: list[str]) -> None:
    assert deploy(aws, BROKEN) == "Failed"
    assert "create_invoice, version 8: No module named 'orjson'" in "\n".join(log_lines)


def test_one_of_several_that_is_not_ready_stops_the_deployment(aws: AwsStandIn) -> None:
    assert deploy(aws, INVOICE, BROKEN) == "Failed"


def test_a_version_that_is_not_there_takes_none(aws: AwsStandIn) -> None:
    assert deploy(aws, ("bigledger-receivables-create_invoice", "99")) == "Failed"


def test_a_deployment_that_names_no_function_is_refused(aws: AwsStandIn) -> None:
    assert deploy(aws) == "Failed"


def test_an_answer_to_something_else_is_not_taken_for_readiness(aws: AwsStandIn) -> None:
    """Code of before the question was known would just do its work, or answer nothing."""
    other = ("bigledger-old-function", "1")
    for answer in ({"statusCode": 200}, None, "ready", {"ready": "yes"}):
        aws.versions = {other: lambda event, answer=answer: answer}
        aws.reported.clear()
        assert deploy(aws, other) == "Failed"


def test_a_database_that_wakes_up_is_waited_for(aws: AwsStandIn) -> None:
    answers = [{"ready": False, "retry": True, "reason": "asleep"}] * 2 + [{"ready": True}]
    aws.versions = {INVOICE: lambda event: answers.pop(0)}
    assert deploy(aws, INVOICE) == "Succeeded"
    assert aws.called == [INVOICE] * 3


def test_a_database_that_does_not_wake_up_is_not(aws: AwsStandIn, log_lines: list[str]) -> None:
    aws.versions = {INVOICE: lambda event: {"ready": False, "retry": True, "reason": "asleep"}}
    assert deploy(aws, INVOICE) == "Failed"
    assert aws.called == [INVOICE] * 3
    assert "version 7: asleep" in "\n".join(log_lines)


def test_a_database_that_was_not_migrated_is_told(aws: AwsStandIn, owner_url: str, log_lines: list[str]) -> None:
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("UPDATE kernel.release SET revisions = revisions - 'ledger_0001'")
        try:
            assert deploy(aws, INVOICE) == "Failed"
        finally:
            owner.execute("UPDATE kernel.release SET revisions = revisions || '{\"ledger_0001\": null}'")
    told = f"The database has not got ledger_0001. Migrate it before you deploy {__version__}."
    assert told in "\n".join(log_lines)


def test_a_function_without_a_way_to_its_database_is_not_ready(owner_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://bigledger_application@127.0.0.1:1/none?connect_timeout=2")
    answer = find("receivables.create_invoice")(QUESTION, None)
    assert (answer["ready"], answer["retry"]) == (False, True)
    assert (
        answer["reason"] == Unavailable("The database does not answer just now. Nothing was changed; try again.").detail
    )


def test_nobody_can_ask_through_the_api(api: Api) -> None:
    """What a caller sends stands in the body and the query of an event, and is read as such."""
    body, query = {"name": "Check", "check": "deployment"}, {"check": "deployment"}
    refused = api.call("create_role", body, query=query, headers={"check": "deployment"}).expect(422)
    assert "ready" not in refused.json
