"""Calls scheduled functions by their rate, and the relay also whenever a function has told it that events wait."""

from __future__ import annotations

import argparse
import logging
import os
import re
import select
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devtools.local.child import on_stop, say_ready, tether
from devtools.local.cloudformation import ACCOUNT, REGION, TemplateError
from devtools.local.functions import Functions
from devtools.local.lambda_client import functions_of
from devtools.local.templates import Deployment, Timer

RELAY = "relay_events"
"""The scheduled function that publishes what waits in the outbox."""

SWEEP = 1.0  # seconds between runs of the relay when nobody calls it

log = logging.getLogger(__name__)


@dataclass
class Due:
    """A timer and when it is next due, on the monotonic clock."""

    timer: Timer
    period: float
    at: float


def period_of(expression: str) -> float:
    """Seconds between two runs of `rate(5 minutes)`. Raises TemplateError for what is no rate."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    if found is None or found[1] == "0":
        raise TemplateError(f"The local cloud runs rates, such as rate(5 minutes), and not {expression}.")
    return int(found[1]) * {"minute": 60.0, "hour": 3600.0, "day": 86400.0}[found[2]]


def is_relay(timer: Timer) -> bool:
    """Whether a timer calls the relay."""
    return timer.function.endswith(f"-{RELAY}")


def run(functions: Functions, timers: list[Timer], wake: socket.socket, stopped: threading.Event) -> None:
    """Call every timer's function when it is due, and the relay's also when something arrives on the socket."""
    now = time.monotonic()
    plan = [Due(timer, period_of(timer.expression), now) for timer in timers]
    for due in plan:
        if is_relay(due.timer):
            due.period = SWEEP
        else:
            due.at += due.period
    while not stopped.is_set():
        for due in plan:
            if due.at <= time.monotonic():
                _call(functions, due.timer)
                due.at = time.monotonic() + due.period
        wait = max(0.0, min((due.at for due in plan), default=now + SWEEP) - time.monotonic())
        if select.select([wake], [], [], min(wait, 0.5))[0]:
            _drain(wake)
            for due in plan:
                if is_relay(due.timer):
                    due.at = 0.0


def _call(functions: Functions, timer: Timer) -> Any:
    identifier = os.urandom(16).hex()
    event = {
        "version": "0",
        "id": identifier,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{timer.function}"],
        "detail": {},
    }
    try:
        return functions.call(timer.function, event, identifier)
    except Exception:
        log.exception("%s failed; it is called again when it is due", timer.function)
        return None


def _drain(wake: socket.socket) -> None:
    """Take everything that has arrived: many calls together are one."""
    wake.setblocking(False)
    try:
        while wake.recv(64):
            continue
    except BlockingIOError:
        return


def main() -> None:
    """Call the functions named on the command line until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("deployment", type=Path)
    parser.add_argument("--port", type=int, default=0, help="the UDP port that wakes the relay")
    parser.add_argument("functions", nargs="+")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    stopped = on_stop()
    tether()
    deployment = Deployment.read(arguments.deployment)
    timers = [timer for timer in deployment.timers if timer.function in arguments.functions]
    functions = functions_of(deployment.functions)
    for timer in timers:
        functions.handler(timer.function)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wake:
        wake.bind(("127.0.0.1", arguments.port))
        say_ready()
        run(functions, timers, wake, stopped)


if __name__ == "__main__":
    main()
