"""The demo company, and its first invoice: one call, and the seven things that follow from it by themselves."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from rich.markup import escape

from devtools import demo_company
from devtools.local.api import answer_of, api_client
from devtools.local.deploy import STACK
from devtools.local.progress import Note
from devtools.local.state import CloudError, read_json, remember, write_json
from devtools.local.supervisor import LocalCloud
from devtools.seed import Demo, SeedError, seed

INVOICE = {"customer": "CUST001", "items": [{"product": "PROD001", "quantity": 10}]}
CURRENT = 10.0  # seconds within which the figures have to have followed the event
CURRENT_AFTER_COLD_STARTS = 60.0

__all__ = ["Demo", "demonstrate", "open_demo", "things_to_try"]


@dataclass(frozen=True)
class Effect:
    """One thing that followed: what, in figures, and the request that asks for it."""

    what: str
    figures: str
    request: str


def open_demo(cloud: LocalCloud) -> Demo | None:
    """The demo company, made at the first start and found again later; its applets are installed and run.

    None when the key in `.local/credentials.json` is refused, as when somebody rotated it. Raises CloudError when the
    system refuses to make the company; the next start goes on where this one ended.
    """
    with cloud.progress.step("Demo company") as note:
        known, refused = _known(cloud)
        if refused:
            note.text = "its key is refused"
            return None
        if known is not None and read_json(cloud.folder.state).get("seeded") == known.tenant_id:
            demo = known
            note.text = "as you left it"
        else:
            demo = _seeded(cloud, known, note)
            note.text = (
                f"{len(list(demo_company.customers()))} customers, {len(list(demo_company.products()))} products"
            )
        _keep(cloud, demo)
        remember(cloud.folder, seeded=demo.tenant_id)
    with cloud.progress.step("Applets") as note:
        note.text = ", ".join(applet.id for applet in cloud.install(demo.tenant_id, demo.api_key)) or "none"
    return demo


def _known(cloud: LocalCloud) -> tuple[Demo | None, bool]:
    """The company of an earlier run, if it is in this database, and whether its key is refused."""
    kept = read_json(cloud.folder.credentials)
    if not kept.get("tenant_id"):
        return None, False
    demo = Demo(str(kept["tenant_id"]), str(kept.get("api_key")))
    if api_client(cloud.url, demo.api_key).get("/api/v1/auth/verify").status_code == 200:
        return demo, False
    found = api_client(cloud.url, cloud.operator_key).get(f"/api/v1/tenants/{demo.tenant_id}")
    return None, found.status_code == 200


def _seeded(cloud: LocalCloud, known: Demo | None, note: Note) -> Demo:
    try:
        return seed(
            api_client(cloud.url, cloud.operator_key),
            known,
            keep=lambda demo: _keep(cloud, demo),
            progress=lambda what, done, total: note.show(f"{what} {done}/{total}"),
        )
    except (SeedError, httpx.TransportError) as error:
        raise CloudError(f"The demo company could not be made: {error}") from error


def _keep(cloud: LocalCloud, demo: Demo) -> None:
    content = {"url": cloud.url, "api_key": demo.api_key, "tenant_id": demo.tenant_id}
    write_json(cloud.folder.credentials, {**content, "operator_key": cloud.operator_key})


def demonstrate(cloud: LocalCloud, demo: Demo) -> None:
    """Make the first invoice and show what followed, asked for by API; once, for people then change the company.

    Raises CloudError when something did not follow; the next start tries again, with the same invoice.
    """
    if read_json(cloud.folder.state).get("demonstrated") == demo.tenant_id:
        with cloud.progress.step("First invoice") as note:
            note.text = "made at an earlier start"
        return
    with api_client(cloud.url, demo.api_key) as api:
        with cloud.progress.step("First invoice") as note:
            key = {"Idempotency-Key": f"first-invoice-{demo.tenant_id}"}
            made = answer_of(api.post("/api/v1/invoices", json=INVOICE, headers=key))
            note.text = made["number"]
            figures = _current_figures(cloud, api, made)
        effects = _effects(cloud, api, made, figures)
    remember(cloud.folder, demonstrated=demo.tenant_id)
    say = cloud.progress.say
    say()
    say(f"POST /api/v1/invoices {json.dumps(INVOICE)}", markup=False)
    say(f"answered 201: {made['number']}, {made['total']} {made['currency']}. What followed by itself:")
    for number, effect in enumerate(effects, start=1):
        say(f"  {number}  [bold]{effect.what:<25}[/bold] [dim]{effect.request}[/dim]")
        say(f"     {escape(effect.figures)}")


def _current_figures(cloud: LocalCloud, api: httpx.Client, made: dict[str, Any]) -> Any:
    """The key figures once the event of the invoice is delivered."""
    patience = CURRENT_AFTER_COLD_STARTS if cloud.options.on_lambda else CURRENT
    deadline = time.monotonic() + patience
    product = made["items"][0]["product"]["id"]
    while True:
        figures = answer_of(api.get("/api/v1/reports/kpis"))
        sold = {row["product"]["id"] for row in figures["top_products"]}
        if product in sold and cloud.services.waiting() == 0:
            return figures
        if time.monotonic() > deadline:
            raise CloudError(
                f"The event of {made['number']} was not delivered within {patience:.0f} seconds. See"
                f" {cloud.folder.logs}/relay.log and subscribers.log."
            )
        time.sleep(0.05)


def _effects(cloud: LocalCloud, api: httpx.Client, made: dict[str, Any], figures: dict[str, Any]) -> list[Effect]:
    def get(path: str) -> Any:
        return answer_of(api.get(path))

    self, history = made["links"]["self"], made["links"]["history"]
    stock = f"/api/v1/stock/availability?product={made['items'][0]['product']['code']}"
    events = f"/api/v1/events?subject=invoice/{made['id']}"
    invoice, level, trail, published = get(self), get(stock), get(history), get(events)
    rules = ", ".join(rule["name"] for rule in get("/api/v1/approval-rules")["data"])
    types = [event["type"] for event in published["data"]]
    credit, approval, reserved = invoice["credit"], invoice["approval"], invoice["reservations"][0]
    currency = invoice["currency"]
    return [
        Effect("Tax across jurisdictions", "; ".join(_tax(tax) for tax in invoice["taxes"]), f"GET {self}"),
        Effect(
            "Stock reserved",
            f"{reserved['quantity']} at {_code(reserved['location'])}: on hand {level['on_hand']},"
            f" reserved {level['reserved']}, available {level['available']}",
            f"GET {stock}",
        ),
        Effect(
            "Credit checked",
            f"limit {credit['limit']}, used {credit['exposure']}, left {credit['available']} {currency}",
            f"GET {self}",
        ),
        Effect(
            "Approval",
            f"{'required' if approval['required'] else 'not required'} by the rule: {rules}",
            "GET /api/v1/approvals",
        ),
        Effect(
            "Audit trail",
            "; ".join(f"{entry['type']} by {entry['actor']['name']}" for entry in trail["data"]),
            f"GET {history}",
        ),
        Effect(
            "Event published",
            "; ".join(f"{kind} goes to {_hearers(cloud, kind)}" for kind in types),
            f"GET {events}",
        ),
        Effect(
            "Analytics",
            f"revenue of the month {figures['revenue']['month']}, receivables {figures['receivables']['open']}"
            f" {currency}; sold: {', '.join(_sold(row) for row in figures['top_products'])}",
            "GET /api/v1/reports/kpis",
        ),
    ]


def _tax(tax: dict[str, str]) -> str:
    percent = f"{Decimal(tax['rate']) * 100:f}".rstrip("0").rstrip(".")
    return f"{tax['code']} {percent} % of {tax['base']} = {tax['amount']} ({tax['jurisdiction']})"


def _sold(row: dict[str, Any]) -> str:
    return f"{row['quantity']} {row['product']['code']}"


def _code(reference: Any) -> str:
    return str(reference["code"] if isinstance(reference, dict) else reference)


def _hearers(cloud: LocalCloud, kind: str) -> str:
    queues = cloud.services.hearers(cloud.deployed.bus, kind)
    return ", ".join(queue.removeprefix(f"{STACK}-") for queue in queues) or "nobody"


def things_to_try(url: str) -> list[str]:
    """Requests to copy into another terminal; the key is taken from the file of credentials."""
    read = 'KEY=$(python3 -c \'import json; print(json.load(open(".local/credentials.json"))["api_key"])\')'
    bearer = '-H "Authorization: Bearer $KEY"'
    invoice = '{"customer": "CUST002", "items": [{"product": "PROD002", "quantity": "2"}]}'
    return [
        f"  {read}",
        f"  curl -s {bearer} {url}/api/v1/reports/kpis",
        f"  curl -s {bearer} '{url}/api/v1/invoices?limit=5'",
        f"  curl -s {bearer} -H 'Content-Type: application/json' '{url}/api/v1/invoices?dry_run=true' \\",
        f"       -d '{invoice}'",
        f"  curl -s {url}/api/v1/openapi.json",
    ]
