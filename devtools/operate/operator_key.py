"""``bigledger operator-key``: makes the key of an installation's operator, who makes tenants and sets feature flags."""

from __future__ import annotations

import argparse
import sys

from bigledger.kernel.clock import Clock
from bigledger.platform import new_operator_secret
from devtools.operate.target import Refusal, aws, refusing, stack


def main(arguments: list[str]) -> int:
    """Make a key; its digest goes to the stack's secret, or is told. Answers the exit status."""
    options = parser().parse_args(arguments)
    made = new_operator_secret(Clock())
    if options.stack_name:
        try:
            secret = f"{stack(options.stack_name).prefix}/operator"
            manager = aws("secretsmanager")
            refusing(lambda: manager.put_secret_value(SecretId=secret, SecretString=made.digest))
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            return 1
        print(
            f"{secret} has the SHA-256 of the new key; within five minutes the one before works no more.",
            file=sys.stderr,
        )
    else:
        print(f"SHA-256, for the secret <stack>/operator: {made.digest}", file=sys.stderr)
    print("The key itself is told this once. Keep it where you keep passwords:", file=sys.stderr)
    print(made.text)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(
        prog="bigledger operator-key",
        description="Makes a key for the operator of an installation. Only its SHA-256 is kept, in the secret"
        " <stack>/operator. Making another replaces it. The key alone goes to the standard output, so that it can be"
        " piped into a store of passwords.",
    )
    command.add_argument("--stack-name", help="put the SHA-256 into this stack's secret; without it, it is told")
    return command
