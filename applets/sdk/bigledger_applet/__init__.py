"""Write an applet: functions that BigLedger's events trigger and that call back over its API.

    applet = Applet()

    @applet.on("invoice.created")
    def hold_large_invoices(event: Event, api: Api) -> None:
        if event.data.total > 10_000:
            api.approvals.request(document=event.subject, reason="above 10,000")

    handler = applet.handler

The environment says where it works: BIGLEDGER_URL (the address of the API, without a path), API_KEY_SECRET (the name
of the secret that holds the applet's key; API_KEY is the key itself, for tests) and TENANT_ID (the tenant of the key).
"""

from bigledger_applet.api import Api, Resource
from bigledger_applet.applet import Applet
from bigledger_applet.client import ApiProblem, Client, Unreachable
from bigledger_applet.event import DECIMALS, Data, Event, EventRefused, read_event
from bigledger_applet.logs import logger
from bigledger_applet.manifest import Hook, InvalidManifest, Manifest, read_manifest, rule_pattern

__all__ = [
    "DECIMALS",
    "Api",
    "ApiProblem",
    "Applet",
    "Client",
    "Data",
    "Event",
    "EventRefused",
    "Hook",
    "InvalidManifest",
    "Manifest",
    "Resource",
    "Unreachable",
    "logger",
    "read_event",
    "read_manifest",
    "rule_pattern",
]
