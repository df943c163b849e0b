"""The way from Docker's containers to services that listen on this machine's loopback address alone."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from typing import Self

HOST = "host.docker.internal"
"""What a container calls this machine."""

_CHUNK = 65536


def missing() -> str | None:
    """What is missing to run containers, in a sentence; None when nothing is."""
    if shutil.which("docker") is None:
        return "There is no `docker` on this machine."
    asked = subprocess.run(["docker", "info"], capture_output=True, text=True)
    if asked.returncode == 0:
        return None
    told = (asked.stderr or asked.stdout).strip().splitlines() or [f"exit status {asked.returncode}"]
    return f"`docker` is there, and its service does not answer: {told[-1]}"


def bridge() -> str | None:
    """The address of this machine in Docker's own network, where Docker runs on it; None in Docker Desktop.

    There containers reach the loopback address of this machine by themselves.
    """
    pattern = "{{(index .IPAM.Config 0).Gateway}}"
    asked = subprocess.run(
        ["docker", "network", "inspect", "bridge", "--format", pattern], capture_output=True, text=True
    )
    address = asked.stdout.strip()
    if asked.returncode or not address:
        return None
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return None
    return address


class Forwarder:
    """Lets connections to an address through to a port of the loopback address, until it is closed."""

    def __init__(self, address: str, target: int) -> None:
        self._target = target
        self._listening = socket.create_server((address, 0))
        self.port = int(self._listening.getsockname()[1])
        """Where it listens."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name=f"forward-{self.port}", daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                outside, _ = self._listening.accept()
            except OSError:
                return  # it was closed
            try:
                inside = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                outside.close()  # nobody serves there any more; the caller sees the connection end
                continue
            for source, sink in ((outside, inside), (inside, outside)):
                threading.Thread(target=_pump, args=(source, sink), name=f"pump-{self.port}", daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    """Hand on what comes until one side ends, then end the other."""
    try:
        while chunk := source.recv(_CHUNK):
            sink.sendall(chunk)
    except OSError:
        source.close()  # reset by one side: both end
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()  # it had ended already
