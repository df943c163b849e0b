"""Callers that are processes of their own, so that they can be killed while they issue invoices.

``python -m tests.database.callers TENANT CALLERS INVOICES`` makes the processes, each of which prints its place, its
process id and ``ready``. After a line on standard input all of them begin, and print their place and the number of
every invoice they are answered, and in the end ``done``. They ask under keys of their own, as clients do. Their process
ids are nobody else's until standard input ends. For them it is the day that it is for the test.
"""

import os
import sys
from uuid import UUID

from bigledger.kernel import runtime
from tests.support.api import Api, find
from tests.support.day import moving_clock

INVOICE = {"customer": "CUST002", "items": [{"product": "SERV001", "quantity": 1}]}


def main(tenant: str, callers: int, invoices: int) -> None:
    """Make the callers and wait for them."""
    runtime.clock = moving_clock()
    operation = find("create_invoice")
    waiting, begin = os.pipe()
    for place in range(callers):
        if os.fork() == 0:
            os.close(begin)
            tell(place, f"{os.getpid()} ready")
            os.read(waiting, 1)
            api = Api(UUID(tenant), f"caller-{place}")
            for number in range(invoices):
                key = {"Idempotency-Key": f"{place} {number}"}
                tell(place, api.call(operation, INVOICE, headers=key).expect(201)["number"])
            tell(place, "done")
            os._exit(0)
    sys.stdin.readline()
    os.close(begin)
    sys.stdin.read()
    for _ in range(callers):
        os.wait()


def tell(place: int, text: str) -> None:
    """Print a line at once and in one piece, whoever else prints."""
    os.write(sys.stdout.fileno(), f"{place} {text}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
