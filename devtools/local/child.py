"""What every process of the local cloud does first: it ends with the one that started it, and says when it is ready."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from pathlib import Path

READY_FILE = "BIGLEDGER_READY_FILE"
"""The environment variable that names the file a child makes when it is ready."""

_PATIENCE = 5.0  # seconds between asking the own process to end and ending it


def tether() -> None:
    """End this process when its supervisor ends, however that happens: standard input is a pipe from it."""
    threading.Thread(target=_follow_input, name="tether", daemon=True).start()


def tether_worker() -> None:
    """End this process, started by `multiprocessing`, when the process that started it ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow_parent, args=(parent.sentinel,), name="tether", daemon=True).start()


def say_ready() -> None:
    """Tell the supervisor that this process does its work from now on."""
    path = os.environ.get(READY_FILE)
    if path:
        Path(path).touch()


def on_stop() -> threading.Event:
    """An event that is set when the process is asked to stop (SIGTERM); Ctrl-C is for the supervisor alone."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return stopped


def _follow_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        continue  # nothing is ever written; the end of the pipe is what counts
    _end()


def _follow_parent(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    _end()


def _end() -> None:
    timer = threading.Timer(_PATIENCE, os._exit, [1])
    timer.daemon = True
    timer.start()
    os.kill(os.getpid(), signal.SIGTERM)
