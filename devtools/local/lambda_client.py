"""Calls functions through Lambda's Invoke operation, where functions are otherwise called in the own process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import orjson
import urllib3

from devtools.local.functions import Functions, Handler
from devtools.local.templates import Function

SERVICE = "BIGLEDGER_LAMBDA"
"""The variable with the address of the service that runs the functions; without it they are called in the process."""

_CONNECTIONS = 64
_LOADING = 120  # seconds beyond a function's timeout: a start may have to wait for others


class FunctionFailed(Exception):
    """The function raised, could not be loaded, ended its process, or took longer than its timeout."""


class LambdaFunctions(Functions):
    """The functions of a deployment, run by the service at an address."""

    def __init__(self, functions: Mapping[str, Function], url: str) -> None:
        super().__init__(functions)
        self._url = url
        self._http = urllib3.PoolManager(maxsize=_CONNECTIONS, retries=False)

    def handler(self, name: str) -> Handler:
        """A stand-in for the function's handler, which takes the event to the service. Nothing is loaded for it."""
        return lambda event, context: self._invoke(name, event)

    def _invoke(self, name: str, event: Any) -> Any:
        response = self._http.request(
            "POST",
            f"{self._url}/2015-03-31/functions/{name}/invocations",
            body=orjson.dumps(event),
            headers={"Content-Type": "application/json"},
            timeout=urllib3.Timeout(connect=5, read=self._functions[name].timeout + _LOADING),
        )
        told = orjson.loads(response.data)
        if response.status != 200:
            raise FunctionFailed(f"{name}: {told['Message']}")
        if "X-Amz-Function-Error" in response.headers:
            raise FunctionFailed(f"{name}: {told.get('errorType')}: {told.get('errorMessage')}")
        return told


def functions_of(functions: Mapping[str, Function]) -> Functions:
    """The way to call functions that the environment asks for."""
    url = os.environ.get(SERVICE)
    return LambdaFunctions(functions, url) if url else Functions(functions)
