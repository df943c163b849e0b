"""Runs the gateway: granian with several worker processes, each with a few threads."""

from __future__ import annotations

import argparse
import gc
import os
from pathlib import Path

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from devtools.local.child import say_ready, tether, tether_worker
from devtools.local.gateway import Gateway, application

DEPLOYMENT = "BIGLEDGER_DEPLOYMENT"
BACKLOG = 1024


def worker() -> Gateway:
    """The application, made once in each worker process."""
    tether_worker()
    gateway = application(Path(os.environ[DEPLOYMENT]))
    say_ready()
    return gateway


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("deployment", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=4)
    arguments = parser.parse_args()
    os.environ[DEPLOYMENT] = str(arguments.deployment)
    tether()
    # Where processes are forked, the workers find everything imported and share its memory.
    application(arguments.deployment)
    gc.freeze()
    Server(
        "devtools.local.gateway_server:worker",
        address="127.0.0.1",
        port=arguments.port,
        interface=Interfaces.WSGI,
        workers=arguments.workers,
        blocking_threads=arguments.threads,
        backlog=BACKLOG,
        backpressure=BACKLOG,
        websockets=False,
        factory=True,
        workers_kill_timeout=35,  # seconds: longer than the longest operation
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()
