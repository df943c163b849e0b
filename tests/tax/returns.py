"""Short ways to prepare and file tax returns."""

from typing import Any, Protocol

from tests.support.api import Api


class Tenant(Protocol):
    """Whatever has a tenant to call."""

    @property
    def api(self) -> Api:
        """The tenant's operations."""
        ...


def prepare(shop: Tenant, status: int = 201, **body: Any) -> Any:
    """Prepare the return of October unless said otherwise."""
    body = {"starts_on": "2026-10-01", "ends_on": "2026-10-31"} | body
    return shop.api.call("prepare_tax_return", body).expect(status).json


def file(shop: Tenant, prepared: Any, status: int = 200, **body: Any) -> Any:
    """File a return that was prepared."""
    headers = {"Idempotency-Key": f"file-{shop.api.requests}", "If-Match": f'"{prepared["version"]}"'}
    return shop.api.call("file_tax_return", body, path={"id": prepared["id"]}, headers=headers).expect(status).json


def boxes(answer: Any) -> dict[str, str]:
    """The figure of each box."""
    return {box["box"]: box["amount"] for box in answer["boxes"]}


def lines(shop: Tenant, answer: Any, box: str, **query: Any) -> Any:
    """What a box is made of."""
    path = {"id": answer["id"], "box": box}
    return shop.api.call("list_tax_return_lines", path=path, query=query).expect(200).json
