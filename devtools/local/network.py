"""Ports of this machine: the loopback address only."""

from __future__ import annotations

import socket

from devtools.local.state import CloudError

LOOPBACK = "127.0.0.1"


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody answers on a port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def own_port(port: int) -> int:
    """The port to serve on: the one wanted, or a free one for 0. Raises CloudError when it cannot be had."""
    if port == 0:
        return free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of an earlier run that are not quite over do not count, a program that listens does.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError as error:
            raise CloudError(f"Port {port} is reserved for root. Choose one above 1023: make run PORT=8080") from error
        except OSError as error:
            raise CloudError(
                f"Port {port} is used by another program. Stop that one, or choose another port:"
                f" make run PORT={port + 1 if port < 65535 else 8080}"
            ) from error
    return port
