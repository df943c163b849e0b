"""What a function tells of itself: the module it belongs to and the summary in its docstring."""

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any


def module_of(function: Callable[..., Any]) -> str:
    """The module of a function in functions/<module>/<name>.py.

    In Lambda the module's folder is unpacked under another name; there the Lambda's own name tells it:
    ``<stack>-<module>-<name>``.
    """
    folder = Path(inspect.getfile(function)).resolve().parent
    task_root = os.environ.get("LAMBDA_TASK_ROOT")
    if task_root and folder == Path(task_root).resolve():
        return os.environ["AWS_LAMBDA_FUNCTION_NAME"].split("-")[-2]
    return folder.name


def summary_of(function: Callable[..., Any]) -> str:
    """The first line of a function's docstring."""
    return (inspect.getdoc(function) or "").partition("\n")[0]
