"""Which processes serve a deployment, and what each of them is started with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from devtools.local.scheduler import is_relay, period_of
from devtools.local.templates import Deployment

# The relay runs each second; what it says of that would fill the log.
QUIET = {"POWERTOOLS_LOG_LEVEL": "WARNING", "POWERTOOLS_METRICS_DISABLED": "true"}
_ROLES = {"application": "DATABASE_URL", "dispatcher": "DISPATCHER_DATABASE_URL"}


@dataclass(frozen=True)
class Process:
    """A process: its module of this package with arguments, the functions it calls, and variables of its own."""

    name: str
    command: list[str]
    functions: list[str]
    variables: Mapping[str, str] = field(default_factory=dict)
    queues: list[str] = field(default_factory=list)
    """The queues that it delivers from."""


def processes(deployment: Deployment, file: str, faults: str, size: list[str], relay_port: int) -> Iterator[Process]:
    """The processes of a deployment that is kept in `file`; `size` are the arguments of the gateway.

    Scheduled functions with different database roles stand in different processes, so that each sees its own only.
    Raises TemplateError for a schedule that is no rate.
    """
    answering = [route.function for route in deployment.routes]
    answering += [deployment.authorizer] if deployment.authorizer else []
    yield Process("gateway", ["gateway_server", file, *size], answering)
    called = [subscription.function for subscription in deployment.subscriptions]
    if called:
        queues = [subscription.queue for subscription in deployment.subscriptions]
        yield Process("subscribers", ["poller", file, "--faults", faults], called, queues=queues)
    timed: dict[str, list[str]] = {}
    for timer in deployment.timers:
        period_of(timer.expression)
        variables = deployment.functions[timer.function].environment
        roles = "-".join(role for role, variable in _ROLES.items() if variables.get(variable))
        timed.setdefault("relay" if is_relay(timer) else f"schedules-{roles}", []).append(timer.function)
    for name, functions in timed.items():
        port = ["--port", str(relay_port)] if name == "relay" else []
        yield Process(name, ["scheduler", file, *port, *functions], functions, QUIET if name == "relay" else {})
