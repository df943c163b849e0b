"""Clients of the local AWS services, and the environment in which functions find them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from devtools.local.cloudformation import REGION

SERVER: Mapping[str, str] = {
    # The same pool has the same id in every run.
    "MOTO_COGNITO_IDP_USER_POOL_ID_STRATEGY": "HASH",
    "MOTO_COGNITO_IDP_USER_POOL_CLIENT_ID_STRATEGY": "HASH",
}
"""The environment of the process that the local services run in."""

GIVE_BACK = "/_local/give-back"
"""Their path that gives back what a dead process had taken from queues: `?queue=one&queue=two`."""


def variables(url: str) -> Mapping[str, str]:
    """What makes AWS's SDK talk to the local services and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def client(service: str, url: str) -> Any:
    """A client of one service, whatever this process's own environment says about AWS and proxies."""
    from botocore.config import Config

    settings = Config(
        proxies={}, retries={"total_max_attempts": 1}, read_timeout=60, connect_timeout=5, max_pool_connections=100
    )
    return _session().client(service, endpoint_url=url, config=settings)


@functools.cache
def _session() -> Any:
    import boto3

    return boto3.session.Session("local", "local", region_name=REGION)
