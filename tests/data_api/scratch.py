"""The cluster that these tests serve, and a client of it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any, Protocol

import boto3
import pytest

from bigledger.kernel import data_api
from devtools.local.rds_data_server import DataApiServer
from tests.support.data_api import APPLICATION

ARN = "arn:aws:rds:eu-west-1:000000000000:cluster:scratch"

MAKE_SERVICE = data_api._service.__wrapped__
"""What makes the kernel's client; the kernel itself keeps the first."""

Through = Callable[[DataApiServer, str], AbstractContextManager[None]]
"""Connects the kernel to a database through a server's Data API."""


class Serve(Protocol):
    """Serves the Data API with settings of a test's own."""

    def __call__(self, **settings: float) -> DataApiServer: ...


DATABASE_ERROR, BAD_REQUEST, VALIDATION = "DatabaseErrorException", "BadRequestException", "ValidationException"


def text(name: str, value: str, hint: str | None = None) -> dict[str, Any]:
    """A text as a parameter."""
    parameter: dict[str, Any] = {"name": name, "value": {"stringValue": value}}
    return parameter if hint is None else {**parameter, "typeHint": hint}


@lru_cache
def _boto(url: str) -> Any:
    return boto3.client(
        "rds-data",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


class Client:
    """boto3's client of a served Data API, with the names that every request has filled in."""

    def __init__(self, url: str, scratch: str) -> None:
        self.names = {"resourceArn": ARN, "secretArn": APPLICATION, "database": scratch}
        self.boto = _boto(url)

    def execute(self, sql: str, **request: Any) -> Any:
        """ExecuteStatement, without what botocore adds to the answer."""
        answer = self.boto.execute_statement(**{**self.names, "sql": sql, **request})
        del answer["ResponseMetadata"]
        return answer

    def value(self, sql: str, **request: Any) -> Any:
        """The one field of the one record of a statement."""
        ((field,),) = self.execute(sql, **request)["records"]
        return field

    def begin(self) -> str:
        """BeginTransaction; answers the id."""
        return str(self.boto.begin_transaction(**self.names)["transactionId"])

    def end(self, how: str, transaction_id: str) -> str:
        """``commit`` or ``rollback``; answers the status."""
        names = {name: value for name, value in self.names.items() if name != "database"}
        return str(getattr(self.boto, f"{how}_transaction")(**names, transactionId=transaction_id)["transactionStatus"])

    def refusal(self, call: Callable[[], Any]) -> tuple[str, str]:
        """Name and message of the error that a call is answered with."""
        with pytest.raises(self.boto.exceptions.ClientError) as caught:
            call()
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]
