"""`bigledger run`: start the local cloud, show that it works, and serve until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, NoReturn

from devtools.local.cloudformation import TemplateError
from devtools.local.demo import Demo, demonstrate, open_demo, things_to_try
from devtools.local.lambda_figures import table
from devtools.local.options import Options, from_environment
from devtools.local.postgres import PostgresError
from devtools.local.progress import Progress
from devtools.local.state import CloudError
from devtools.local.supervisor import LocalCloud

__all__ = ["CloudError", "LocalCloud", "Options", "main"]

USAGE = """\
Usage: bigledger run

Starts BigLedger on this machine and serves until Ctrl-C. The data stays in .local; `make clean` forgets it.

  PORT=8080          where the API is served, on 127.0.0.1 only
  WORKERS=2          processes that answer requests
  THREADS=4          requests that each of them answers at a time
  DATABASE_URL=...   the owner's URL of a database on another Postgres server, instead of the embedded one

  RUNTIME=lambda     run each function in processes of its own, as Lambda does: built, with AWS's runtime client, over
                     the Data API; `bigledger functions` shows what their cold starts took
  PROCESSES=24       so many of them are kept at most
  ARTIFACTS=...      run what `sam build` has made, such as .aws-sam/build, instead of building
"""


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C or SIGTERM. Returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words:
        asked = words[0] in ("-h", "--help")
        print(USAGE, end="", file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    progress = Progress(total=6)
    cloud = None
    try:
        options = from_environment(os.environ)
        progress.total += options.on_lambda
        cloud = LocalCloud(options, progress)
        cloud.start()
        demo = open_demo(cloud)
        if demo is not None:
            demonstrate(cloud, demo)
        _say_how_to_use(cloud, demo)
        cloud.failed.wait()
        progress.say()
        raise cloud.failure or CloudError("The local cloud stopped.")
    except KeyboardInterrupt:
        progress.say()
        _stop(cloud)
        return 0
    except (CloudError, PostgresError, TemplateError) as error:
        print(f"\n{error}", file=sys.stderr)
        _stop(cloud)
        return 1
    finally:
        if cloud is not None:
            cloud.stop()  # whatever happened, even to the terminal


def _interrupt(number: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def _stop(cloud: LocalCloud | None) -> None:
    """Stop in order; a second Ctrl-C does not interrupt that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if cloud is not None and cloud.children:
        _show_cold_starts(cloud)
        with cloud.progress.step("Stopping"):
            cloud.stop()


def _show_cold_starts(cloud: LocalCloud) -> None:
    if cloud.options.on_lambda and cloud.failure is None:
        for line in table(cloud.figures()):
            cloud.progress.say(line, markup=False)


def _say_how_to_use(cloud: LocalCloud, demo: Demo | None) -> None:
    say = cloud.progress.say
    say()
    say(f"[bold]BigLedger is running at {cloud.url}[/bold]")
    if demo is None:
        say(f"  The API key in {cloud.folder.credentials} is refused. Put a present one there.", markup=False)
    else:
        say(f"  API key       {demo.api_key}", markup=False)
    say(f"  Credentials   {cloud.folder.credentials}", markup=False)
    say(f"  Logs          {cloud.folder.logs}", markup=False)
    if cloud.options.on_lambda:
        say("  Cold starts   .venv/bin/bigledger functions", markup=False)
    say()
    say("Things to try, in another terminal:")
    for line in things_to_try(cloud.url):
        say(line, markup=False)
    say()
    say("Ctrl-C stops it. The data stays; `make clean` forgets it.")
