"""What is asked of AWS SAM CLI's own code, run by the interpreter of `.venv-sam`, where nothing of ours is installed.

`python -P devtools/deploy/inside_sam.py <task>` takes a JSON object on standard input and answers one JSON object per
line. Importing SAM CLI and the linter takes seconds; one process does it once for all templates.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Request = dict[str, Any]
Answers = Iterator[dict[str, Any]]


def validate(request: Request) -> Answers:
    """`sam validate`, then `sam validate --lint`, on each of the `templates`: each catches what the other misses."""
    from samcli.cli.main import cli

    for template in request["templates"]:
        for check, options in (("translator", []), ("linter", ["--lint"])):
            said = io.StringIO()
            fault = None
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                command = ["validate", "--config-file", request["config"], "--template-file", template, *options]
                try:
                    cli.main(command, standalone_mode=False)
                except Exception as error:  # noqa: BLE001 - whatever it says of a template is the answer
                    fault = f"{error}"
            if fault is not None:
                fault = f"{said.getvalue()}{fault}".strip()
            yield {"template": template, "check": check, "fault": fault}


def transform(request: Request) -> Answers:
    """Each of the `templates`, given by name, as CloudFormation gets it: without anything that only SAM knows."""
    from boto3.session import Session
    from samtranslator.parser.parser import Parser
    from samtranslator.public.exceptions import InvalidDocumentException
    from samtranslator.translator.translator import Translator

    session = Session(region_name=os.environ["AWS_DEFAULT_REGION"])
    for name, template in request["templates"].items():
        translator = Translator(None, Parser(), boto_session=session)
        try:
            yield {"name": name, "template": translator.translate(template, {}, get_managed_policy_map=dict)}
        except InvalidDocumentException as error:
            yield {"name": name, "fault": " ".join([str(error), *(str(cause) for cause in error.causes)])}


def routes(request: Request) -> Answers:
    """The routes that `sam local start-api` would serve of a `template`, as its own route provider finds them."""
    from samcli.lib.providers.api_provider import ApiProvider
    from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

    stacks, remote = SamLocalStackProvider.get_stacks(request["template"])
    assert not remote, f"These are not on this machine: {remote}"
    for route in ApiProvider(stacks, cwd=str(Path(request["template"]).parent)).routes:
        for method in route.methods:
            authorizer = route.authorizer_object.lambda_name if route.authorizer_object else None
            yield {"method": method, "path": route.path, "function": route.function_name, "authorizer": authorizer}


def options(request: Request) -> Answers:
    """The names of the options of each of the `commands`, as samconfig.toml spells them; None for no command."""
    from samcli.cli.command import _SAM_CLI_COMMAND_PACKAGES

    packages = {package.rpartition(".")[2]: package for package in _SAM_CLI_COMMAND_PACKAGES}
    for name in request["commands"]:
        command = importlib.import_module(packages[name]).cli if name in packages else None
        known = None if command is None else sorted(str(one.name) for one in command.params)
        yield {"command": name, "options": known}


TASKS: dict[str, Callable[[Request], Answers]] = {
    "validate": validate,
    "transform": transform,
    "routes": routes,
    "options": options,
}


def main() -> int:
    """Answer one request. Returns the exit status."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    sys.stdout = sys.stderr  # what SAM CLI prints is no answer
    logging.disable(logging.WARNING)
    try:
        for answer in TASKS[sys.argv[1]](json.load(sys.stdin)):
            print(json.dumps(answer, default=str), file=answers, flush=True)
    except Exception:  # noqa: BLE001 - the boundary: told whole to the one who asked
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
