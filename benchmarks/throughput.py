"""Requests per second over HTTP, and how long each took, held against TPC-B on the same server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from benchmarks.load import Measured, run
from benchmarks.reference import Reference, TpcB
from benchmarks.system import System, Tenant

CLIENTS = (1, 4, 16)
BULK = 100
"""Invoices in one call of a bulk."""
AIM = 0.35
"""Invoices end to end, as a share of the TPC-B rate."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: what was asked by how many clients of how many tenants, and how it went."""

    what: str
    clients: int
    tenants: int
    per_second: float
    p50: float
    p95: float
    p99: float
    reference: float
    drift: float

    @property
    def ratio(self) -> float:
        """The rate as a share of the reference."""
        return self.per_second / self.reference

    def as_dict(self) -> dict[str, object]:
        """The row with its ratio, for JSON."""
        return {**asdict(self), "ratio": self.ratio}


def measure(system: System, tpcb: TpcB, seconds: float, many: int, say: Callable[[str], None]) -> list[Row]:
    """All rows: invoices by clients and tenants, with and without delivery of their events, then payments and reads."""
    one = [system.tenant("One")]
    rows: list[Row] = []

    def row(
        what: str,
        tenants: list[Tenant],
        requests: Callable[[Tenant, int], Iterator[bytes]],
        clients: int,
        worth: int = 1,
    ) -> None:
        def load() -> Measured:
            sources = [requests(tenants[client % len(tenants)], client) for client in range(clients)]
            return run(system.url, _over(sources, tenants, requests), seconds)

        load_once = run(system.url, [requests(tenants[0], 900 + len(rows))], min(2.0, seconds))
        del load_once  # the first requests find everything cold
        measured, reference = tpcb.around(load)
        rows.append(_row(what, clients, len(tenants), measured, reference, worth))
        say(f"{what}, {clients} clients, {len(tenants)} tenants: {rows[-1].per_second:.0f}/s, {rows[-1].ratio:.2f}")

    with system.without_delivery():
        for clients in CLIENTS:
            row("invoice", one, Tenant.invoices, clients)
    all_tenants = [*one, *(system.tenant(f"Tenant {number}") for number in range(2, many + 1))]
    with system.without_delivery():
        row("invoice", all_tenants, Tenant.invoices, 4)
        row("invoice", all_tenants, Tenant.invoices, 16)
        row("payment", one, Tenant.payments, 4)
        for atomic in (False, True):
            name = f"invoice, {BULK} a call, {'together' if atomic else 'each alone'}"
            row(name, one, partial(_bulk, atomic), 1, BULK)
            row(name, all_tenants, partial(_bulk, atomic), 4, BULK)
    newest = system.get(one[0], "/api/v1/invoices?limit=1")["data"][0]["id"]
    with system.without_delivery():
        row("invoice read", one, lambda tenant, client: tenant.reads(f"/api/v1/invoices/{newest}"), 4)
        row("list page of 50", one, lambda tenant, client: tenant.reads("/api/v1/invoices?status=issued"), 4)
    row("invoice, its events delivered meanwhile", one, lambda tenant, client: tenant.invoices(client + 50), 4)
    return rows


def _over(
    sources: list[Iterator[bytes]], tenants: list[Tenant], requests: Callable[[Tenant, int], Iterator[bytes]]
) -> list[Iterator[bytes]]:
    """Each client goes through its share of the tenants in turn."""
    clients = len(sources)
    if len(tenants) <= clients:
        return sources
    shares = [tenants[client::clients] for client in range(clients)]

    def in_turn(share: list[Tenant], client: int) -> Iterator[bytes]:
        own = [requests(tenant, client) for tenant in share]
        while True:
            for source in own:
                yield next(source)

    return [in_turn(share, client) for client, share in enumerate(shares)]


def _bulk(atomic: bool, tenant: Tenant, client: int) -> Iterator[bytes]:
    return tenant.bulks(client, BULK, atomic)


def _row(what: str, clients: int, tenants: int, measured: Measured, reference: Reference, worth: int) -> Row:
    """``worth`` is how much one request does: so many invoices."""
    return Row(
        what,
        clients,
        tenants,
        measured.per_second * worth,
        measured.percentile(0.50),
        measured.percentile(0.95),
        measured.percentile(0.99),
        reference.rate,
        reference.drift,
    )
