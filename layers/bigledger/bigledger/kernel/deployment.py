"""What a deployment asks of functions: ``@hook``, which decides about a new version before it takes traffic.

CodeDeploy calls the hook for every function whose version changes. The hook asks that very version, see
``compatibility``, so that what is tried is the new code with its own rights, layers and schema.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from bigledger.kernel.context import Actor, Request
from bigledger.kernel.naming import module_of, summary_of
from bigledger.kernel.observability import begin, logger, record

QUESTION = {"check": "deployment"}
"""The event that a new version is asked with. What callers of the API send stands deeper in an event than this."""

Kind = TypeVar("Kind")
Handler = Callable[[Kind, Any, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Target:
    """A version of a function that is about to take traffic."""

    function: str
    version: str


@dataclass(frozen=True)
class Hook:
    """A declared pre-traffic hook. Calling it with CodeDeploy's event is the Lambda."""

    name: str
    module: str
    function: Callable[[Target], None]
    memory: int
    timeout: int

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return summary_of(self.function)

    def run(self, target: Target) -> None:
        """Raise what speaks against giving this version traffic."""
        self.function(target)

    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        """Look at what a deployment brings, and tell CodeDeploy whether it may go on."""
        started = time.perf_counter()
        identifier = str(event["DeploymentId"])
        begin(self.name, "", Actor(id="deployment"), Request(f"{self.module}.{self.name}", identifier, identifier))
        service = _codedeploy()
        status = "Succeeded"
        try:
            for target in _targets(service, identifier):
                self.function(target)
        except Exception:  # noqa: BLE001 - the boundary: whatever it is, the deployment must not go on
            logger.exception("the deployment is refused")
            status = "Failed"
        service.put_lifecycle_event_hook_execution_status(
            deploymentId=identifier,
            lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
            status=status,
        )
        outcome = "200" if status == "Succeeded" else "422"
        record(self.name, outcome, (time.perf_counter() - started) * 1000, 0, status=status)
        return {"status": status}


def hook(function: Callable[[Target], None]) -> Hook:
    """Declare the pre-traffic hook: its function raises what speaks against a version."""
    return Hook(function.__name__, module_of(function), function, memory=512, timeout=120)


def answers_deployments(handler: Handler[Kind]) -> Handler[Kind]:
    """A function's entry that does no work when a deployment asks, but says whether it is ready for some."""

    @wraps(handler)
    def entry(self: Kind, event: Any, lambda_context: Any) -> dict[str, Any]:
        if event.get("check") == QUESTION["check"]:
            from bigledger.kernel import compatibility

            return compatibility.answer()
        return handler(self, event, lambda_context)

    return entry


def _targets(service: Any, deployment: str) -> Iterator[Target]:
    """What a deployment brings. Raises LookupError when it does not say."""
    identifiers = service.list_deployment_targets(deploymentId=deployment)["targetIds"]
    if not identifiers:
        raise LookupError(f"The deployment {deployment} names no function.")
    found = service.batch_get_deployment_targets(deploymentId=deployment, targetIds=identifiers)["deploymentTargets"]
    for one in found:
        about = one["lambdaTarget"]["lambdaFunctionInfo"]
        yield Target(about["functionName"], about["targetVersion"])


def _codedeploy() -> Any:
    import boto3

    return boto3.client("codedeploy")
