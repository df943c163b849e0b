"""Whether a new version of a function may take traffic: it is asked itself, before its first caller is."""

import time
from functools import lru_cache
from typing import Any

import orjson

from bigledger.kernel.deployment import QUESTION, Target

PATIENCE = (1, 2, 4, 8, 16)
"""Seconds to wait before asking again, as long as the database does not answer; one that slept needs half a minute."""


class NotReady(Exception):
    """A version of a function is not fit for its callers; the message says why."""


def check(target: Target) -> None:
    """Call a version of a function with the deployment's question. Raises NotReady when it does not say it is ready."""
    answer = _ask(target)
    for seconds in PATIENCE:
        if not answer.get("retry"):
            break
        time.sleep(seconds)
        answer = _ask(target)
    if answer.get("ready") is not True:
        reason = answer.get("reason") or answer.get("errorMessage") or "It did not answer the question."
        raise NotReady(f"{target.function}, version {target.version}: {reason}")


def _ask(target: Target) -> dict[str, Any]:
    called = _lambda().invoke(FunctionName=target.function, Qualifier=target.version, Payload=orjson.dumps(QUESTION))
    answer = orjson.loads(called["Payload"].read())
    return answer if isinstance(answer, dict) else {}


@lru_cache(maxsize=1)
def _lambda() -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client("lambda", config=Config(connect_timeout=5, read_timeout=70))
