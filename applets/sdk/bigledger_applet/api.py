"""The API as an applet sees it: resources with verbs, and keys that make every write take effect once."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from bigledger_applet.client import Client
from bigledger_applet.event import Data

_SUBJECT = re.compile(r"[a-z][a-z0-9_]*/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class Api:
    """The API of BigLedger, called on behalf of one applet for one event.

    Each write carries an Idempotency-Key made of the applet's id, the event's id and the write's place among the
    writes for that event. An event that is delivered again sends the same keys, and the core answers what it answered
    the first time: it takes effect once. A handler therefore makes its writes in the same order each time.

    Every call raises ApiProblem when the API refuses it.
    """

    def __init__(self, client: Client, applet: str, event: str, correlation_id: str) -> None:
        self._client = client
        self._applet = applet
        self._event = event
        self._correlation_id = correlation_id
        self._writes = 0
        self.approvals = Approvals(self, "approvals")
        self.documents = Documents(self)
        self.invoices = Resource(self, "invoices")
        self.customers = Resource(self, "customers")
        self.products = Resource(self, "products")

    def resource(self, name: str) -> "Resource":
        """Any other resource by its name in the path: ``api.resource("tax-rules").list()``."""
        return Resource(self, name)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Data:
        """Read: ``api.get("/reports/kpis")``; the path is the one behind ``/api/v1``."""
        headers = {"X-Correlation-Id": self._correlation_id}
        return Data(self._client.call("GET", f"/api/v1{path}", query=query, headers=headers) or {})

    def post(self, path: str, body: Mapping[str, Any]) -> Data:
        """Write: ``api.post("/invoices", {...})``. Amounts are decimal strings or whole numbers."""
        self._writes += 1
        headers = {
            "Idempotency-Key": f"{self._applet}:{self._event}:{self._writes}",
            "X-Correlation-Id": self._correlation_id,
        }
        return Data(self._client.call("POST", f"/api/v1{path}", body=body, headers=headers) or {})


class Resource:
    """One resource of the API, such as the invoices."""

    def __init__(self, api: Api, name: str) -> None:
        self._api = api
        self._path = f"/{quote(name, safe='')}"

    def get(self, reference: str) -> Data:
        """One of them by its id; a subject such as ``invoice/0195…`` is accepted, and a code where there are codes."""
        return self._api.get(f"{self._path}/{_segment(reference)}")

    def list(self, **filters: str) -> Iterator[Data]:
        """All that match, page by page: ``api.invoices.list(status="issued")``."""
        query = dict(filters)
        while True:
            page = self._api.get(self._path, query)
            yield from page.data
            if "next_cursor" not in page or not page.next_cursor:
                return
            query["cursor"] = page.next_cursor

    def create(self, **fields: Any) -> Data:
        """Create one: ``api.invoices.create(customer="CUST001", items=[...])``."""
        return self._api.post(self._path, fields)


class Approvals(Resource):
    """Approvals: what waits for somebody's decision."""

    def request(self, document: str, reason: str) -> Data:
        """Ask for the approval of a document (its id or subject), saying why; answers the approval task."""
        return self._api.post(f"/documents/{_segment(document)}/approval-requests", {"reason": reason})


class Documents:
    """Documents of every type."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def history(self, document: str) -> Data:
        """What happened to a document (its id or subject), who did it and when."""
        return self._api.get(f"/documents/{_segment(document)}/history")


def _segment(reference: str) -> str:
    """The id in a subject ``type/id``, or the reference itself (a code may have a slash), safe to stand in a path."""
    subject = _SUBJECT.fullmatch(reference)
    return quote(subject[1] if subject else reference, safe="")
