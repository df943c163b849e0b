"""Calls functions in this process as Lambda would: one module object per file, loaded by its path, and a context."""

from __future__ import annotations

import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Mapping
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devtools.local.cloudformation import ACCOUNT, REGION
from devtools.local.templates import Function

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Handler = Callable[[Any, Any], Any]

_loading = threading.RLock()


class LambdaContext:
    """The second argument of a handler."""

    __slots__ = ("_deadline", "aws_request_id", "function")

    function_version = "$LATEST"
    client_context = None
    identity = None

    def __init__(self, function: Function, request_id: str) -> None:
        self.function = function
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + function.timeout

    @property
    def function_name(self) -> str:
        """The name it is deployed under."""
        return self.function.name

    @property
    def memory_limit_in_mb(self) -> str:
        """As Lambda has it: a text."""
        return str(self.function.memory)

    @property
    def invoked_function_arn(self) -> str:
        """The function's ARN."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function.name}"

    @property
    def log_group_name(self) -> str:
        """The log group that the function would write to."""
        return f"/aws/lambda/{self.function.name}"

    @property
    def log_stream_name(self) -> str:
        """There is one stream here."""
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        """Until the function's timeout. Nothing ends a function here when it is over."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


class Functions:
    """The functions of a deployment, loaded when they are first called or all at once."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions
        self._handlers: dict[str, Handler] = {}

    def handler(self, name: str) -> Handler:
        """What a function's `Handler` names. Raises whatever its file raises when it is imported."""
        found = self._handlers.get(name)
        if found is None:
            with _loading:
                found = self._handlers[name] = load(self._functions[name])
        return found

    def call(self, name: str, event: Any, request_id: str) -> Any:
        """Call a function; answers what it answers and raises what it raises."""
        return self.handler(name)(event, LambdaContext(self._functions[name], request_id))


class _Loader(SourceFileLoader):
    """Leaves no compiled file behind: what lies in a function's folder is deployed."""

    def set_data(self, path: str, data: ReadableBuffer, *, _mode: int = 0o666) -> None:
        """Write nothing."""


def load(function: Function) -> Handler:
    """The handler of a function: `create_invoice.create_invoice` in its folder."""
    file, _, attribute = function.handler.rpartition(".")
    path = Path(function.folder, *file.split("/")).with_suffix(".py")
    name = f"functions.{path.parent.name}.{path.stem}"
    module = sys.modules.get(name)
    if module is None or Path(str(module.__file__)) != path:
        loader = _Loader(name, str(path))
        spec = importlib.util.spec_from_file_location(name, path, loader=loader)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    handler: Handler = getattr(module, attribute)
    return handler
