"""Short ways to what reports say."""

from tests.support.shop import Shop


def sales(shop: Shop, day: str = "2026-12-31") -> list[tuple[str, str, str]]:
    """Product, quantity and net of what sold best in the year up to a day, the best first."""
    rows = shop.api.call("get_kpis", query={"as_of": day}).expect(200)["top_products"]
    return [(row["product"]["code"], row["quantity"], row["net"]) for row in rows]
