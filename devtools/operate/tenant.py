"""``bigledger tenant create``: makes a tenant over the API, with the operator's key."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import secrets
import sys
from typing import Any

import httpx

from devtools.local.api import api_client
from devtools.local.state import LOCAL
from devtools.operate.target import Refusal, stack

KEY_VARIABLE = "BIGLEDGER_OPERATOR_KEY"


def main(arguments: list[str]) -> int:
    """Make a tenant and tell its first key; answers the exit status."""
    options = parser().parse_args(arguments)
    if options.action is None:
        parser().print_help()
        return 2
    try:
        url, key = _installation(options)
        made = create(url, key, body(options), options.idempotency_key)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except httpx.TransportError as error:
        print(
            f"{url} does not answer: {error}. Whether the tenant was made is not known: repeat the command with"
            f" --idempotency-key {options.idempotency_key}",
            file=sys.stderr,
        )
        return 1
    tell(made, as_json=options.json)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="bigledger tenant", description="Tenants of an installation.")
    actions = made.add_subparsers(dest="action", metavar="create")
    new = actions.add_parser(
        "create",
        help="make a tenant",
        description="Makes a tenant that can write its first invoice: company, chart of accounts, series, fiscal years,"
        " roles, and a key whose role is admin, which is told this once. The operator's key is never an argument: it"
        f" comes from {KEY_VARIABLE}, from .local/credentials.json for the system that runs on this machine, or is"
        " asked for.",
    )
    new.add_argument("--name", required=True, help="the tenant's name, which its first company bears too")
    new.add_argument("--currency", default="USD", help="the currency of its books, ISO 4217 (USD)")
    new.add_argument("--jurisdiction", default="US", help="where it is taxed, such as DE or US-CA (US)")
    new.add_argument("--timezone", default="UTC", help="an IANA time zone, which decides what day it is (UTC)")
    new.add_argument("--company", default="MAIN", metavar="CODE", help="the code of its first company (MAIN)")
    new.add_argument("--fiscal-year-month", type=int, default=1, metavar="1-12", help="when its fiscal year begins (1)")
    new.add_argument("--test", action="store_true", help="mark its first key blg_test_ instead of blg_live_")
    where = new.add_mutually_exclusive_group()
    where.add_argument("--url", help="the base of the API; the system that runs on this machine when left out")
    where.add_argument("--stack-name", help="a stack in AWS, such as bigledger-prod")
    new.add_argument(
        "--idempotency-key",
        default=f"tenant-{secrets.token_hex(8)}",
        help="repeat a call whose answer was lost with the key that it had",
    )
    new.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    return made


def body(options: argparse.Namespace) -> dict[str, Any]:
    """The request for what the command line says."""
    return {
        "name": options.name,
        "mode": "test" if options.test else "live",
        "company": {
            "code": options.company,
            "currency": options.currency,
            "jurisdiction": options.jurisdiction,
            "timezone": options.timezone,
            "fiscal_year_month": options.fiscal_year_month,
        },
    }


def create(url: str, key: str, wanted: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
    """Make the tenant. Raises Refusal with what the API said, or httpx.TransportError when it does not answer."""
    with api_client(url, key) as client:
        answer = client.post("/api/v1/tenants", json=wanted, headers={"Idempotency-Key": idempotency_key})
    if answer.is_success:
        made: dict[str, Any] = answer.json()
        return made
    try:
        problem = answer.json()
        places = "".join(f"\n  {one['pointer']}: {one['message']}" for one in problem.get("errors", ()))
        said = f"{problem['detail']}{places}"
    except (ValueError, KeyError, TypeError):
        said = answer.text[:500]
    raise Refusal(f"The API refused ({answer.status_code}): {said}")


def tell(made: dict[str, Any], *, as_json: bool) -> None:
    """Say what was made."""
    if as_json:
        print(json.dumps(made, indent=2, ensure_ascii=False))
    else:
        print(f"{made['name']} is tenant {made['id']}, with the company {made['company']['code']}.")
        if made.get("api_key"):
            print(f"Its first key, told this once: {made['api_key']}")
    if not made.get("api_key"):
        print(
            "Its first key was told when the tenant was made, and is never told again. Whoever holds another key of it"
            " can make a new one; otherwise make another tenant, with another idempotency key.",
            file=sys.stderr,
        )


def _installation(options: argparse.Namespace) -> tuple[str, str]:
    """The base of the API, and the operator's key."""
    key = os.environ.get(KEY_VARIABLE, "")
    if options.stack_name:
        return stack(options.stack_name).url, key or _asked()
    if options.url:
        return options.url, key or _asked()
    try:
        local = json.loads((LOCAL / "credentials.json").read_text())
        return str(local["url"]), key or str(local["operator_key"])
    except (OSError, ValueError, KeyError) as error:
        raise Refusal(
            "Nothing runs on this machine. Start it with `make run`, or name --url or --stack-name."
        ) from error


def _asked() -> str:
    if not sys.stdin.isatty():
        raise Refusal(f"Set {KEY_VARIABLE} to the operator's key; nobody is there to be asked for it.")
    return getpass.getpass("The operator's key (blg_operator_…): ").strip()
