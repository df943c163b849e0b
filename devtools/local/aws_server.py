"""The AWS services of the local cloud: moto behind a threaded server, with four corrections.

- moto's queues are not safe when several requests come at once (deleting a message rebuilds the list while another
  request appends to it, and that one's message is lost); here they take turns, and a long poll waits outside.
- moto fills an event into a text template even where a rule has none, so that `<time>` in a customer's name breaks
  the event; here a target without a transformer gets the event itself, as EventBridge does it.
- moto's tokens name an issuer in the real AWS, whose keys would be fetched from there; here the issuer is this server.
- moto looks at its own folders on each request to find the service; here it looks once.

And one request that AWS has no need of: the messages that a dead process had taken are given back. A long poll that
nobody waits for any more goes on here, and takes what arrives; AWS notices that the connection is gone.
"""

from __future__ import annotations

import argparse
import functools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from devtools.local.aws import GIVE_BACK
from devtools.local.child import say_ready, tether, tether_worker
from devtools.local.cloudformation import ACCOUNT, REGION

ADDRESS = "BIGLEDGER_AWS_ADDRESS"
THREADS = 96  # more than there are queues to wait at
_LOOK_AGAIN = 0.25  # seconds; a message that becomes visible by itself tells nobody

_taking_turns = threading.Condition(threading.RLock())
_given_back: Counter[str] = Counter()
"""How often the messages of a queue were given back: a long poll that began before ends."""


def application() -> Any:
    """The WSGI application, made once in the serving process."""
    tether_worker()
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    _correct_queues()
    _correct_events()
    _correct_tokens(os.environ[ADDRESS])
    dispatcher = DomainDispatcherApplication(create_backend_app)
    vars(dispatcher)["get_backend_for_host"] = functools.lru_cache(maxsize=1024)(dispatcher.get_backend_for_host)
    say_ready()
    return _with_giving_back(dispatcher)


def _with_giving_back(moto: Any) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != GIVE_BACK:
            return moto(environ, start_response)
        for name in parse_qs(environ["QUERY_STRING"]).get("queue", ()):
            _give_back(name)
        start_response("204 No Content", [])
        return []

    return answer


def _give_back(queue_name: str) -> None:
    from moto.sqs.models import sqs_backends

    with _taking_turns:
        queue = sqs_backends[ACCOUNT][REGION].queues.get(queue_name)
        if queue is not None:
            for message in queue.pending_messages:
                message.visible_at = 0.0
            queue.pending_messages.clear()
        _given_back[queue_name] += 1
        _taking_turns.notify_all()


def _correct_queues() -> None:
    from moto.sqs import models

    queues: Any = models.SQSBackend
    for name in ("send_message", "change_message_visibility"):
        setattr(queues, name, _in_turn(getattr(queues, name), tell=True))
    for name in ("delete_message", "purge_queue", "get_queue_attributes"):
        setattr(queues, name, _in_turn(getattr(queues, name), tell=False))
    queues.receive_message = _waiting_outside(queues.receive_message)
    queues.is_message_valid_based_on_retention_period = _young_enough
    # Asked for each message in the queue at each request.
    vars(models).update(unix_time=time.time, unix_time_millis=lambda: time.time() * 1000)


def _in_turn(method: Callable[..., Any], *, tell: bool) -> Callable[..., Any]:
    """The method, one call at a time; `tell` wakes those who wait for messages."""

    @functools.wraps(method)
    def in_turn(*arguments: Any, **named: Any) -> Any:
        with _taking_turns:
            result = method(*arguments, **named)
            if tell:
                _taking_turns.notify_all()
            return result

    return in_turn


def _waiting_outside(receive: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    @functools.wraps(receive)
    def received(
        queues: Any, queue_name: str, count: int, wait_seconds_timeout: int, visibility_timeout: int, names: Any = None
    ) -> list[Any]:
        deadline = time.monotonic() + wait_seconds_timeout
        with _taking_turns:
            began = _given_back[queue_name]
            while _given_back[queue_name] == began:
                found = receive(queues, queue_name, count, 0, visibility_timeout, names)
                remaining = deadline - time.monotonic()
                if found or remaining <= 0:
                    return found
                _taking_turns.wait(min(remaining, _LOOK_AGAIN))
        return []

    return received


def _young_enough(queues: Any, queue_name: str, message: Any) -> bool:
    period = queues.get_queue(queue_name).message_retention_period
    return bool(period + message.sent_timestamp / 1000 > time.time())


def _correct_events() -> None:
    from moto.events.utils import EventTemplateParser

    fill = EventTemplateParser.parse

    def parse(input_template: str | None, input_paths_map: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        if input_template:
            return fill(input_template, input_paths_map, event)  # type: ignore[arg-type]
        return {name: value for name, value in event.items() if name != "ingestion-time"}

    EventTemplateParser.parse = staticmethod(parse)  # type: ignore[assignment, method-assign]


def _correct_tokens(address: str) -> None:
    from moto.cognitoidp.models import CognitoIdpUserPool

    create = CognitoIdpUserPool.create_jwt

    @functools.wraps(create)
    def create_jwt(pool: Any, *arguments: Any, **named: Any) -> tuple[str, int]:
        named["extra_data"] = {**(named.get("extra_data") or {}), "iss": f"{address}/{pool.id}"}
        return create(pool, *arguments, **named)

    setattr(CognitoIdpUserPool, "create_jwt", create_jwt)  # noqa: B010 - mypy refuses the plain assignment


def main() -> None:
    """Serve until SIGTERM."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    port = arguments.parse_args().port
    os.environ[ADDRESS] = f"http://127.0.0.1:{port}"
    tether()
    Server(
        "devtools.local.aws_server:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backpressure=1024,
        websockets=False,
        factory=True,
        workers_kill_timeout=2,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
