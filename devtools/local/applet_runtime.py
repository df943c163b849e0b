"""Runs inside an applet's process: reads an event per line, calls the handler, writes an answer per line.

Uses the standard library alone and is started by its path, so that the applet sees nothing but its own folder, its
kit and the installed packages. What the applet prints goes to the log.
"""

import importlib
import json
import os
import sys
import traceback


class Context:
    """The second argument of the handler."""

    function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
    memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    function_version = "$LATEST"

    def __init__(self) -> None:
        self.aws_request_id = os.urandom(16).hex()


def main() -> None:
    """Serve until the end of the input."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    module, _, name = sys.argv[1].rpartition(".")
    handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    for line in sys.stdin:
        try:
            answer = json.dumps({"result": handler(json.loads(line), Context())})
        except Exception as error:  # noqa: BLE001 - the boundary: told to the caller, who delivers again
            traceback.print_exc()
            answer = json.dumps({"error": f"{type(error).__name__}: {error}"})
        print(answer, file=answers, flush=True)


if __name__ == "__main__":
    main()
