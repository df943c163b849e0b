"""``bigledger import FILE``: checks a file, shows every error, brings it in chunk by chunk with a progress display."""

import argparse
import base64
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from devtools.local.api import answer_of, api_client
from devtools.local.state import CloudError

CREDENTIALS = Path(".local/credentials.json")


def main(arguments: list[str]) -> int:
    """Import a file; answers 0 once all of it is there, 1 when rows are wrong or the API refuses."""
    options = parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        url, key = credentials(options)
        with api_client(url, key) as client:
            return run(client, options, console)
    except (CloudError, OSError, httpx.HTTPError) as error:
        console.print(f"{error}", style="red", markup=False)
        return 1


def run(client: httpx.Client, options: argparse.Namespace, console: Console) -> int:
    """Check, then commit until nothing remains."""
    if options.resume:
        made = answer_of(client.get(f"/api/v1/imports/{options.resume}"))
    else:
        made = answer_of(client.post("/api/v1/imports", json=_body(options)))
    for error in made["errors"]:
        console.print(f"row {error['row']} {error['pointer']}: {error['message']}", markup=False)
    if made["error_count"]:
        errors = "1 error" if made["error_count"] == 1 else f"{made['error_count']} errors"
        console.print(f"{errors}; nothing was imported.", style="red")
        return 1
    if options.check:
        console.print(f"{made['total']} {made['kind']} can be imported.")
        return 0
    console.print(f"Import {made['id']}; if it is interrupted, bigledger import --resume {made['id']} goes on.")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(made["kind"].replace("_", " "), total=made["total"], completed=made["done"])
        made = _commit(client, made, lambda done: progress.update(task, completed=done))
    console.print(f"{made['created']} created, {made['skipped']} had been imported before.", style="green")
    return 0


def _commit(client: httpx.Client, made: Any, show: Callable[[int], None]) -> Any:
    """Commit chunk by chunk; each has a key of its own, so one that is sent twice is done once."""
    while made["remaining"]:
        headers = {"Idempotency-Key": f"import-{made['id']}-{made['done']}"}
        made = answer_of(client.post(f"/api/v1/imports/{made['id']}/commit", headers=headers))
        show(made["done"])
    return made


def _body(options: argparse.Namespace) -> dict[str, Any]:
    if not options.file or not options.kind:
        raise CloudError("Name the file and what is in it: bigledger import customers.csv --kind customers")
    if options.file.endswith(".xlsx"):
        workbook = base64.b64encode(Path(options.file).read_bytes()).decode()
        body = {"kind": options.kind, "validate_only": options.check, "workbook": workbook}
        return body | ({"sheet": options.sheet} if options.sheet else {})
    text = sys.stdin.read() if options.file == "-" else Path(options.file).read_text(encoding="utf-8-sig")
    body = {"kind": options.kind, "validate_only": options.check}
    if options.file.endswith(".json"):
        return body | {"rows": json.loads(text)}
    return body | {"text": text, "delimiter": options.delimiter}


def credentials(options: argparse.Namespace) -> tuple[str, str]:
    """The address and the key of the options, or of the system that runs here. Raises CloudError without either."""
    if options.url and options.key:
        return options.url, options.key
    if not CREDENTIALS.is_file():
        raise CloudError("Give --url and --key, or start the local system with make run.")
    found = json.loads(CREDENTIALS.read_text())
    return options.url or found["url"], options.key or found["api_key"]


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser(
        prog="bigledger import",
        description="Checks every row of a file, shows all errors, and brings it in chunk by chunk. What was imported"
        " before, by its external id, is passed over.",
    )
    options.add_argument("file", nargs="?", help="a CSV, XLSX or JSON file; - reads a CSV from the standard input")
    options.add_argument("--kind", help="what it holds: customers, open items (opening_items) and so on")
    options.add_argument("--delimiter", default=",", help="what stands between the cells of a CSV (,)")
    options.add_argument("--sheet", help="the sheet of a workbook; its first one when left out")
    options.add_argument("--check", action="store_true", help="only check the rows")
    options.add_argument("--resume", metavar="ID", help="go on with an import that was interrupted")
    options.add_argument("--url", help="where the API is; that of make run when left out")
    options.add_argument("--key", help="the key to use; that of make run when left out")
    return options
