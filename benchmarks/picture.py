"""Draws throughput and latency against clients, as an SVG without a library: bars, a line, and their figures."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.throughput import AIM, Row

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 720, 360, 70, 50, 60
INK, BAR, LINE, FAINT = "#1f2933", "#2f6f8f", "#c2571a", "#d9e2ec"

_TITLE = "Invoices end to end, as a share of the TPC-B rate of the same server"
_TEXT = f'font-family="sans-serif" font-size="13" fill="{INK}"'


def drawn(rows: Sequence[Row]) -> str:
    """The picture of invoices by clients: bars are the share of TPC-B, the line the median latency."""
    shown = [row for row in rows if row.what == "invoice"]
    height = HEIGHT - TOP - BOTTOM
    most = max([AIM, *(row.ratio for row in shown)]) * 1.2
    slow = max(row.p95 for row in shown) * 1.2
    step = (WIDTH - 2 * LEFT) / max(len(shown), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {_TEXT}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="26" font-size="16">{_TITLE}</text>',
    ]
    aim = TOP + height * (1 - AIM / most)
    parts.append(f'<line x1="{LEFT}" x2="{WIDTH - LEFT}" y1="{aim:.0f}" y2="{aim:.0f}" stroke="{FAINT}"/>')
    parts.append(f'<text x="{LEFT - 8}" y="{aim + 4:.0f}" text-anchor="end">{AIM}</text>')
    points = []
    for place, row in enumerate(shown):
        x = LEFT + step * place
        tall = height * row.ratio / most
        top = TOP + height - tall
        middle = x + step / 2
        parts.append(
            f'<rect x="{x + step * 0.2:.0f}" y="{top:.0f}" width="{step * 0.6:.0f}" height="{tall:.0f}" fill="{BAR}"/>'
        )
        parts.append(f'<text x="{middle:.0f}" y="{top - 6:.0f}" text-anchor="middle">{row.ratio:.2f}</text>')
        name = f"{row.clients} client{'s' if row.clients > 1 else ''}"
        parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{name}</text>')
        tenants = f"{row.tenants} tenant{'s' if row.tenants > 1 else ''}"
        parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - BOTTOM + 34}" text-anchor="middle">{tenants}</text>')
        points.append((middle, TOP + height * (1 - row.p95 / slow), row.p95))
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y, _ in points)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    for x, y, value in points:
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{LINE}"/>')
        parts.append(f'<text x="{x + 8:.0f}" y="{y - 6:.0f}" fill="{LINE}">{value:.0f} ms</text>')
    parts.append(f'<text x="{WIDTH - LEFT}" y="{HEIGHT - 8}" text-anchor="end" fill="{LINE}">95th percentile</text>')
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
