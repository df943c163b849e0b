"""The operator of the installation: one key, whose SHA-256 is kept in Secrets Manager."""

import hmac
import os
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from bigledger.kernel.problems import Unauthenticated
from bigledger.platform import secrets

KEPT = timedelta(minutes=5)
"""How long a process keeps the digest before it asks Secrets Manager again: a new key works everywhere by then."""

_known: dict[str, tuple[str, datetime]] = {}


def matches(credential: str, now: datetime) -> bool:
    """Whether this is the operator's key. ``OPERATOR_SECRET`` names the secret that holds its digest.

    Raises Unauthenticated when the installation has no operator's key.
    """
    name = os.environ.get("OPERATOR_SECRET")
    if not name:
        raise Unauthenticated("This installation has no operator's key: OPERATOR_SECRET does not name one.")
    digest, read_at = _known.get(name, ("", now - KEPT))
    if now - read_at >= KEPT:
        digest = str(_secrets_manager().get_secret_value(SecretId=name)["SecretString"]).strip()
        _known[name] = digest, now
    return hmac.compare_digest(secrets.digest(credential), digest)


@lru_cache(maxsize=1)
def _secrets_manager() -> Any:
    import boto3

    return boto3.client("secretsmanager")
