"""What a process of functions shares: its clock and the way the relay is told that events wait."""

import gc
import os
import socket
from functools import lru_cache
from typing import Any

from bigledger.kernel.clock import Clock

clock = Clock()
"""Where operations of this process take time and ids from; tests and simulations put another here."""


_GARBAGE = 50_000
"""How many objects are made before those that hold each other are looked for. Requests leave few behind, and a large
one, whose objects all live until it is answered, would have them looked through again and again."""


def prepare() -> None:
    """Make a process ready for calls.

    In Lambda, load what the first one would wait for: a function's initialisation has more of a core than calls.
    """
    gc.set_threshold(_GARBAGE)
    if "AWS_LAMBDA_RUNTIME_API" not in os.environ:
        return
    from bigledger.kernel import database, pipeline  # noqa: F401

    database.prepare()
    if os.environ.get("RELAY", "").startswith("lambda:"):
        _lambda()


def nudge() -> None:
    """Tell the relay that there is something to publish. Losing a nudge only delays: the relay also sweeps.

    ``RELAY`` names it: ``lambda:<function name>`` in AWS, ``udp:<port>`` on this host; unset, nobody is told.
    """
    kind, _, name = os.environ.get("RELAY", "").partition(":")
    if kind == "udp":
        _socket().sendto(b"events", ("127.0.0.1", int(name)))
    elif kind == "lambda":
        _lambda().invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")


@lru_cache(maxsize=1)
def _socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


@lru_cache(maxsize=1)
def _lambda() -> Any:
    import boto3

    return boto3.client("lambda")
