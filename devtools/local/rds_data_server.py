"""Serves the RDS Data API on this machine, for any AWS SDK whose endpoint it is.

As a process, `python -m devtools.local.rds_data_server --port 8021`, it takes what it serves from the environment,
since URLs may have passwords in them.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
import traceback
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson

from devtools.local.child import on_stop, say_ready, tether
from devtools.local.network import LOOPBACK
from devtools.local.rds_data import Cluster, DataApi
from devtools.local.rds_data_errors import DataApiError

CLUSTER = "BIGLEDGER_RDS_DATA"
"""The variable that names the cluster and its roles: {"arn": …, "secrets": {<ARN of a secret>: <URL of its role>}}."""

REQUEST_LIMIT = 4 * 1024 * 1024
"""Bytes of a request, its headers included."""


class DataApiServer:
    """The endpoint, served by threads of this process. `api.calls` counts what came."""

    def __init__(self, cluster: Cluster, port: int = 0) -> None:
        self.api = DataApi(cluster)
        self._server = _Server((LOOPBACK, port), _Handler)
        self._server.api = self.api
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="rds-data", daemon=True)

    @property
    def url(self) -> str:
        """The address for AWS_ENDPOINT_URL_RDS_DATA."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self) -> Self:
        """Begin to serve."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Serve no more, and roll back what is open."""
        self._server.shutdown()
        self._server.server_close()
        self._server.disconnect()
        self._thread.join()
        self.api.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # clients keep their connections open
    request_queue_size = 256
    api: DataApi

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._connected: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take up a connection."""
        connection, address = super().get_request()
        self._connected.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Let go of a connection."""
        self._connected.discard(request)
        super().shutdown_request(request)

    def disconnect(self) -> None:
        """End the connections that clients keep."""
        for connection in list(self._connected):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        """Answer one call."""
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        try:
            if length + len(str(self.headers)) > REQUEST_LIMIT:
                raise DataApiError("RequestEntityTooLargeException", "Request entity is too large", 413)
            if "/rds-data/aws4_request" not in self.headers.get("Authorization", ""):
                raise DataApiError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
            answer, status, name = self.server.api.call(self.path.strip("/"), _parsed(body)), 200, None
        except DataApiError as error:
            answer, status, name = error.body(), error.status, error.name
        except Exception:  # noqa: BLE001 - the boundary: told as the service would, and shown whole
            traceback.print_exc()
            answer, status, name = {"message": "InternalFailure"}, 500, "InternalServerErrorException"
        self._answer(answer, status, name)

    def _answer(self, answer: dict[str, Any], status: int, error: str | None) -> None:
        body = orjson.dumps(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if error is not None:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Requests are not logged: there are thousands."""


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DataApiError("SerializationException", "The body is not JSON") from error
    if not isinstance(request, dict):
        raise DataApiError("SerializationException", "The body is not a JSON object")
    return request


def main() -> int:
    """Serve until SIGTERM. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Serve the RDS Data API over a Postgres of this machine.")
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    tether()
    stopped = on_stop()
    server = DataApiServer(Cluster(**orjson.loads(os.environ[CLUSTER])), port).start()
    say_ready()
    stopped.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
