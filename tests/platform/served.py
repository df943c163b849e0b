"""The API without a network: an HTTP client whose requests are answered by the functions themselves."""

from collections.abc import Mapping
from typing import Any

import httpx

from bigledger.kernel import Operation
from devtools.local.routes import Routes
from tests.platform.callers import authorize
from tests.support.api import FUNCTIONS, find


class Served:
    """Answers requests as the gateway would, over a network that can break.

    After ``fails_after`` requests none gets through. The next new thing made under the path ``loses`` is made, but
    its answer does not arrive.
    """

    def __init__(self) -> None:
        self.requests = 0
        self.fails_after: int | None = None
        self.loses: str | None = None
        operations = [find(f"{path.parent.name}.{path.stem}") for path in sorted(FUNCTIONS.glob("*/*.py"))]
        self._routes = Routes((one.route, one) for one in operations if isinstance(one, Operation))
        self._callers: dict[str, dict[str, Any]] = {}

    def client(self, key: str) -> httpx.Client:
        """A client that sends this key."""
        headers = {"Authorization": f"Bearer {key}"}
        transport = httpx.MockTransport(self._answer)
        return httpx.Client(base_url="http://installation", headers=headers, transport=transport)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        if self.fails_after is not None and self.requests > self.fails_after:
            raise httpx.ConnectError("the network is gone", request=request)
        found = self._routes.find(request.method, request.url.path)
        assert found is not None, f"no operation answers {request.method} {request.url.path}"
        operation, parameters = found
        answer = operation(self._event(request, operation, parameters or {}), None)
        if request.url.path == self.loses and "Idempotency-Hit" not in answer["headers"]:
            self.loses = None
            raise httpx.ReadError("the connection broke", request=request)
        return httpx.Response(answer["statusCode"], headers=answer["headers"], text=answer["body"])

    def _event(
        self, request: httpx.Request, operation: Operation[Any, Any], parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        credential = request.headers["Authorization"]
        if credential not in self._callers:
            self._callers[credential] = authorize(credential)
        return {
            "version": "2.0",
            "routeKey": operation.route,
            "rawPath": request.url.path,
            "rawQueryString": request.url.query.decode(),
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "pathParameters": dict(parameters),
            "requestContext": {
                "http": {"method": request.method, "path": request.url.path},
                "requestId": f"request-{self.requests:04}",
                "authorizer": {"lambda": self._callers[credential]},
            },
            "body": request.content.decode() or None,
            "isBase64Encoded": False,
        }
