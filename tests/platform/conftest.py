"""A user pool on the loopback, an operator's secret in a stand-in for Secrets Manager, and captured log lines."""

import base64
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from moto import mock_aws

from bigledger.kernel.clock import Clock
from bigledger.kernel.observability import logger
from bigledger.platform import new_operator_secret, user_pool
from bigledger.platform import operator as operator_key
from bigledger.platform.secrets import Secret

CLIENT = "console"


def _number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")


@dataclass
class UserPool:
    """A pool of users that signs tokens and publishes its keys, and that can be told to fail."""

    issuer: str
    now: datetime
    keys: dict[str, RSAPrivateKey] = field(default_factory=dict)
    asked: int = 0
    failing: bool = False

    def publish(self, kid: str, key: RSAPrivateKey) -> None:
        """Sign with one more key from now on."""
        self.keys[kid] = key

    def document(self) -> str:
        """The published key set."""
        return json.dumps(
            {
                "keys": [
                    {
                        "kid": kid,
                        "kty": "RSA",
                        "use": "sig",
                        "alg": "RS256",
                        "n": _number(key.public_key().public_numbers().n),
                        "e": _number(key.public_key().public_numbers().e),
                    }
                    for kid, key in self.keys.items()
                ]
            }
        )

    def token(self, *, kid: str = "first", algorithm: str = "RS256", key: Any = None, **claims: Any) -> str:
        """An id token for the client that is valid for an hour; a claim that is None is left out."""
        moment = int(self.now.timestamp())
        said = {
            "iss": self.issuer,
            "sub": "3f0c1c2e-user",
            "aud": CLIENT,
            "token_use": "id",
            "name": "Ada Okafor",
            "iat": moment,
            "exp": moment + 3600,
        } | {name.replace("__", ":"): value for name, value in claims.items()}
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, key or self.keys[kid], algorithm=algorithm, headers={"kid": kid})


@pytest.fixture(scope="session")
def rsa_keys() -> list[RSAPrivateKey]:
    """Three keys, since making them takes a while."""
    return [generate_private_key(65537, 2048) for _ in range(3)]


@pytest.fixture
def pool(rsa_keys: list[RSAPrivateKey], clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[UserPool]:
    """A user pool that this installation trusts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked += 1
            if served.failing or self.path != "/pool/.well-known/jwks.json":
                self.send_error(503)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(served.document().encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = UserPool(f"http://127.0.0.1:{server.server_port}/pool", clock.now(), {"first": rsa_keys[0]})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("USER_POOL_ISSUER", served.issuer)
    monkeypatch.setenv("USER_POOL_CLIENT", CLIENT)
    monkeypatch.setattr(user_pool, "_published", {})
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def operator_secret(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Secret]:
    """The operator's key, its digest kept in Secrets Manager."""
    secret = new_operator_secret(clock)
    monkeypatch.setenv("OPERATOR_SECRET", "bigledger/operator")
    monkeypatch.setattr(operator_key, "_known", {})
    operator_key._secrets_manager.cache_clear()
    with mock_aws():
        boto3.client("secretsmanager").create_secret(Name="bigledger/operator", SecretString=secret.digest)
        yield secret
    operator_key._secrets_manager.cache_clear()


@pytest.fixture
def log_lines() -> Iterator[list[str]]:
    """Everything logged during the test, at every level."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keep = Keep()
    keep.setFormatter(logger.registered_formatter)
    level = logger.log_level
    logger.setLevel("DEBUG")
    logger.addHandler(keep)
    yield lines
    logger.removeHandler(keep)
    logger.setLevel(level)


def later(clock: Clock, monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let time pass."""
    step = clock._instant
    monkeypatch.setattr(clock, "_instant", lambda: step() + int(by.total_seconds() * 1_000_000_000))
