"""The HTTP API of the local cloud: a WSGI application that serves the routes which the templates declare.

A request becomes the event that API Gateway would send; the authorizer and the function are called in this process or
by the service that runs functions as Lambda does, one request at a time per thread.
"""

from __future__ import annotations

import logging
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bigledger.kernel.problems import (
    Forbidden,
    InternalError,
    NotFound,
    PayloadTooLarge,
    Problem,
    Unauthenticated,
    Unavailable,
)
from devtools.local.http_event import BODY_LIMIT, BodyTooLarge, answer, event_of, request_id
from devtools.local.lambda_client import functions_of
from devtools.local.routes import Routes
from devtools.local.templates import Deployment, Route

CACHED_CALLERS = 4096
"""How many answers of the authorizer one worker keeps."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Refusal(Exception):
    """The gateway itself answers: API Gateway's message, and the problem that explains it."""

    message: str
    problem: Problem


class Gateway:
    """One worker's gateway over a deployment. Calling it is the WSGI application."""

    def __init__(self, deployment: Deployment) -> None:
        self._functions = functions_of(deployment.functions)
        self._routes: Routes[Route] = Routes((route.key, route) for route in deployment.routes)
        self._authorizer = deployment.authorizer
        self._ttl = deployment.authorizer_ttl
        self._callers: dict[str, tuple[float, dict[str, Any] | None]] = {}
        self._names = [route.function for route in deployment.routes]

    def load_all(self) -> float:
        """Load every function, so that no request has to wait for it; answers the seconds it took.

        A function that does not load is reported here and answered with 500 when it is called.
        """
        started = time.perf_counter()
        for name in [*self._names, *([self._authorizer] if self._authorizer else [])]:
            try:
                self._functions.handler(name)
            except Exception:
                log.exception("%s does not load", name)
        return time.perf_counter() - started

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """Answer one request."""
        identifier = request_id()
        try:
            path = environ["PATH_INFO"]
            if not path.isascii():
                path = path.encode("latin-1").decode("utf-8", "replace")
            found = self._routes.find(environ["REQUEST_METHOD"], path)
            if found is None:
                raise self._no_route(environ["REQUEST_METHOD"], path)
            route, parameters = found
            event = event_of(environ, route.key, path, parameters, identifier)
            if route.authorized:
                event["requestContext"]["authorizer"] = {"lambda": self._caller(event)}
            return answer(self._functions.call(route.function, event, identifier), start_response)
        except Refusal as refusal:
            return _refuse(refusal, identifier, start_response)
        except BodyTooLarge:
            limit = PayloadTooLarge(f"A body has at most {BODY_LIMIT} bytes. Split the work.", limit=BODY_LIMIT)
            return _refuse(Refusal("Request Entity Too Large", limit), identifier, start_response)
        except Exception:  # noqa: BLE001 - the boundary: a function failed outside its own handling
            traceback.print_exc(file=sys.stderr)
            detail = InternalError(f"The function failed. The log of the gateway has the reason under {identifier}.")
            print(f"request {identifier} failed", file=sys.stderr, flush=True)
            return _refuse(Refusal("Internal Server Error", detail), identifier, start_response)

    def _no_route(self, method: str, path: str) -> Refusal:
        others = self._routes.methods(path)
        if others:
            detail = f"{path} does not take {method}. Allowed: {', '.join(others)}."
            return Refusal("Not Found", NotFound(detail, allow=others))
        return Refusal("Not Found", NotFound(f"There is no operation {method} {path}."))

    def _caller(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The authorizer's context for the Authorization header, at most `ttl` seconds old. Raises Refusal."""
        credential = event["headers"].get("authorization")
        if not credential:
            raise Refusal("Unauthorized", Unauthenticated("Send an API key or a token: Authorization: Bearer <key>."))
        kept = self._callers.get(credential)
        now = time.monotonic()
        if kept is not None and kept[0] > now:
            known = kept[1]
        else:
            known = self._authorize(event, credential)
            if self._ttl:
                if len(self._callers) >= CACHED_CALLERS:
                    self._callers = {}
                self._callers[credential] = (now + self._ttl, known)
        if known is None:
            raise Refusal("Forbidden", Forbidden("The authorizer does not let this key or token pass."))
        return known

    def _authorize(self, event: Mapping[str, Any], credential: str) -> dict[str, Any] | None:
        """Ask the authorizer (payload format 2.0, simple response); None when it denies."""
        if self._authorizer is None:
            raise Refusal("Internal Server Error", Unavailable("No authorizer is deployed, so nobody can be let in."))
        question = {
            "version": "2.0",
            "type": "REQUEST",
            "routeArn": f"arn:aws:execute-api:local:local/{event['routeKey'].replace(' ', '/', 1)}",
            "identitySource": [credential],
            **{name: value for name, value in event.items() if name not in ("version", "body", "isBase64Encoded")},
        }
        said = self._functions.call(self._authorizer, question, event["requestContext"]["requestId"])
        return (said.get("context") or {}) if said["isAuthorized"] is True else None


def _refuse(refusal: Refusal, identifier: str, start_response: Callable[..., Any]) -> list[bytes]:
    problem = refusal.problem
    headers = [("content-type", "application/problem+json"), ("x-request-id", identifier)]
    headers += [(name.lower(), value) for name, value in problem.headers().items()]
    if problem.status == 413:
        headers.append(("connection", "close"))
    start_response(f"{problem.status} {problem.title}", headers)
    return [orjson.dumps({"message": refusal.message, **problem.body(identifier)})]


def application(deployment: Path) -> Gateway:
    """The application of one worker, with every function loaded."""
    gateway = Gateway(Deployment.read(deployment))
    seconds = gateway.load_all()
    log.warning("loaded the functions in %.2f s", seconds)
    return gateway
