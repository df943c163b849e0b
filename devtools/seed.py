"""Makes the demo company in a running installation, through the HTTP API alone.

Every call carries an Idempotency-Key of its own, so that a seeding that was interrupted is simply repeated.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from devtools import demo_company

CREDENTIALS = Path(__file__).resolve().parents[1] / ".local" / "credentials.json"
ATTEMPTS = 5

Progress = Callable[[str, int, int], None]
"""Told after each call: what is being made, how many of all the calls are done, and how many there are."""


class SeedError(Exception):
    """The installation refused a call; the message has its answer."""


@dataclass(frozen=True)
class Demo:
    """The demo tenant and the key of its administrator."""

    tenant_id: str
    api_key: str


def seed(
    operator: httpx.Client,
    known: Demo | None = None,
    *,
    keep: Callable[[Demo], None] = lambda demo: None,
    progress: Progress = lambda what, done, total: None,
) -> Demo:
    """Make the demo company, or complete one that was begun.

    ``operator`` is a client with the base URL and the operator's key as Bearer. ``keep`` is told the tenant and its
    key as soon as there are any, since no later call tells the key; given back as ``known``, they make a repeated
    seeding go on with that tenant. Raises SeedError, or httpx.TransportError when the installation does not answer.
    """
    calls: list[tuple[str, str, demo_company.Record]] = [
        *(("Taxes", "taxes", tax) for tax in demo_company.TAXES),
        *(("Taxes", "tax-rules", rule) for rule in demo_company.TAX_RULES),
        *(("Approval rules", "approval-rules", rule) for rule in demo_company.APPROVAL_RULES),
        *(("Suppliers", "suppliers", supplier) for supplier in demo_company.SUPPLIERS),
        *(("Customers", "customers", customer) for customer in demo_company.customers()),
        *(("Products", "products", product) for product in demo_company.products()),
        *(("Stock", "stock-movements", receipt) for receipt in demo_company.receipts()),
    ]
    demo = known or _tenant(operator)
    keep(demo)
    progress("Company", 1, len(calls) + 1)
    for done, (what, resource, body) in enumerate(calls, start=2):
        headers = {
            "Authorization": f"Bearer {demo.api_key}",
            "Idempotency-Key": f"seed-{resource}-{body.get('code', done)}",
        }
        _post(operator, f"/api/v1/{resource}", body, headers)
        progress(what, done, len(calls) + 1)
    return demo


def _tenant(operator: httpx.Client) -> Demo:
    """Make the tenant. One whose key nobody kept is left behind, since its key is never told again."""
    for attempt in itertools.count(1):
        headers = {"Idempotency-Key": f"seed-tenant-{attempt}"}
        made = _post(operator, "/api/v1/tenants", demo_company.TENANT, headers)
        if "api_key" in made:
            return Demo(made["id"], made["api_key"])
    raise AssertionError("the count has no end")


def _post(client: httpx.Client, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """Call an operation that makes something; what passes by itself is tried again."""
    for attempt in range(1, ATTEMPTS + 1):
        response = client.post(path, json=body, headers=headers)
        if response.is_success:
            answer: dict[str, Any] = response.json()
            return answer
        if not _passes(response) or attempt == ATTEMPTS:
            break
        time.sleep(int(response.headers.get("Retry-After", "1")))
    raise SeedError(f"POST {path} answered {response.status_code}: {response.text}")


def _passes(response: httpx.Response) -> bool:
    """Whether the refusal says that trying again may help."""
    kind = response.headers.get("Content-Type", "")
    return kind.startswith("application/problem+json") and response.json().get("retryable") is True


def main(arguments: list[str]) -> int:
    """``bigledger seed``: make one more demo company in the running system. Answers the exit status."""
    purpose = "Make one more demo company in the running system."
    parser = argparse.ArgumentParser(prog="bigledger seed", description=purpose)
    parser.add_argument("--url", help="where the system is; the one that runs here unless given")
    parser.add_argument("--operator-key", help="the operator's key; the one of the system that runs here unless given")
    options = parser.parse_args(arguments)
    running = json.loads(CREDENTIALS.read_text()) if CREDENTIALS.is_file() else {}
    url, key = options.url or running.get("url"), options.operator_key or running.get("operator_key")
    if not url or not key:
        print("Nothing runs here. Start it with `make run`, or name --url and --operator-key.", file=sys.stderr)
        return 1
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as operator:
        try:
            demo = seed(operator, progress=_show)
        except (SeedError, httpx.TransportError) as error:
            print(f"\n{error}", file=sys.stderr)
            return 1
    print(f"\nTenant   {demo.tenant_id}\nAPI key  {demo.api_key}")
    return 0


def _show(what: str, done: int, total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r{done:>3}/{total}  {what:<20}", end="", flush=True)
