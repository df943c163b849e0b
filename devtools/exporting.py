"""``bigledger export FOLDER``: exports the whole tenant, shows how far it is, and fetches the files."""

import argparse
import hashlib
import time
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from devtools.importing import credentials
from devtools.local.api import answer_of, api_client
from devtools.local.state import CloudError

WAIT = 0.5  # seconds between two looks at an export


def main(arguments: list[str]) -> int:
    """Export and fetch; answers 0 once every file is there as its hash says, 1 when something refuses."""
    options = parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        url, key = credentials(options)
        with api_client(url, key) as client, httpx.Client(timeout=60, trust_env=False) as store:
            return run(client, store, options, console)
    except (CloudError, OSError, httpx.HTTPError) as error:
        console.print(f"{error}", style="red", markup=False)
        return 1


def run(client: httpx.Client, store: httpx.Client, options: argparse.Namespace, console: Console) -> int:
    """Ask for an export or go on with one, wait for it, and fetch what is not there yet."""
    if options.resume:
        made = answer_of(client.get(f"/api/v1/exports/{options.resume}"))
    else:
        made = answer_of(client.post("/api/v1/exports", json={}))
    console.print(f"Export {made['id']}; if this ends early, bigledger export --resume {made['id']} goes on.")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("rows", total=None)
        while made["status"] != "completed":
            progress.update(task, completed=made["rows_done"], total=made["rows_total"] or None)
            time.sleep(WAIT)
            made = answer_of(client.get(f"/api/v1/exports/{made['id']}"))
        progress.update(task, completed=made["rows_done"], total=made["rows_total"])
    return _fetch_all(client, store, made, Path(options.folder), console)


def _fetch_all(client: httpx.Client, store: httpx.Client, made: Any, folder: Path, console: Console) -> int:
    """Fetch every file; the links are asked for again when one has expired."""
    names = [file["name"] for file in [*made["files"], made["manifest"]]]
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=console
    ) as progress:
        task = progress.add_task("files", total=sum(file["bytes"] for file in [*made["files"], made["manifest"]]))
        for name in names:
            file = _named(made, name)
            if "url" not in file:
                raise CloudError("The key may not make exports, so it gets no links; use one that may.")
            if not _fetch(store, file, folder / name):
                made = answer_of(client.get(f"/api/v1/exports/{made['id']}"))
                if not _fetch(store, _named(made, name), folder / name):
                    raise CloudError(f"{name} cannot be fetched, or is not what its hash says.")
            progress.advance(task, file["bytes"])
    console.print(f"{made['rows_done']} rows in {len(names)} files are in {folder}, every hash right.", style="green")
    return 0


def _named(made: Any, name: str) -> Any:
    return next(file for file in [*made["files"], made["manifest"]] if file["name"] == name)


def _fetch(store: httpx.Client, file: Any, path: Path) -> bool:
    """Fetch a file unless it is there already; answers whether it is what its hash says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and _hash(path) == file["sha256"]:
        return True
    with store.stream("GET", file["url"]) as response, path.open("wb") as output:
        if not response.is_success:
            return False
        for piece in response.iter_bytes():
            output.write(piece)
    return _hash(path) == str(file["sha256"])


def _hash(path: Path) -> str:
    with path.open("rb") as data:
        return str(hashlib.file_digest(data, "sha256").hexdigest())


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    options = argparse.ArgumentParser(
        prog="bigledger export",
        description="Exports everything of the tenant as files of JSON lines with a manifest of their hashes, and"
        " fetches them. Files that are there already, as their hashes say, are not fetched again.",
    )
    options.add_argument("folder", nargs="?", default="export", help="where the files go (export)")
    options.add_argument("--resume", metavar="ID", help="wait for, and fetch, an export that was asked for before")
    options.add_argument("--url", help="where the API is; that of make run when left out")
    options.add_argument("--key", help="the key to use; that of make run when left out")
    return options
