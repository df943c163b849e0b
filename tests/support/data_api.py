"""The RDS Data API over the server of a test run: for tests of it, and for whole suites with DRIVER=data-api."""

import os

import pytest

from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer

CLUSTER = "arn:aws:rds:eu-west-1:000000000000:cluster:bigledger"
APPLICATION = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:bigledger/application-Ab12Cd"
DISPATCHER = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:bigledger/dispatcher-Ef34Gh"

_serving: list[DataApiServer] = []


def asked() -> bool:
    """Whether this run is to use the Data API: DRIVER is ``data-api`` and not ``psycopg``, the default."""
    driver = os.environ.get("DRIVER", "psycopg")
    if driver not in ("psycopg", "data-api"):
        raise pytest.UsageError(f"DRIVER is psycopg or data-api, and not {driver}.")
    return driver == "data-api"


def url(database: str, secret: str = APPLICATION) -> str:
    """The URL of a database for the role of a secret, as a template gives it to a function."""
    return f"postgresql+auroradataapi://:@/{database}?aurora_cluster_arn={CLUSTER}&secret_arn={secret}"


def variables(server: DataApiServer) -> dict[str, str]:
    """What the AWS SDK needs to find the endpoint."""
    return {
        "AWS_ENDPOINT_URL_RDS_DATA": server.url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }


def serve(database: str, application: str, dispatcher: str) -> tuple[str, str]:
    """Serve a database until this process ends, and let the environment say where; answers the URLs of both roles."""
    server = DataApiServer(Cluster(CLUSTER, {APPLICATION: application, DISPATCHER: dispatcher})).start()
    _serving.append(server)
    os.environ.update(variables(server))
    return url(database), url(database, DISPATCHER)
