"""Calls of the running API."""

from __future__ import annotations

from typing import Any

import httpx

from devtools.local.state import CloudError


def api_client(url: str, key: str) -> httpx.Client:
    """A client of the API with a key, whatever this process's own environment says about proxies."""
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False)


def answer_of(response: httpx.Response, also: int | None = None) -> Any:
    """What was answered, parsed. Raises CloudError for a refusal, but not for one of the status ``also``."""
    if response.is_success or response.status_code == also:
        return response.json()
    request = response.request
    raise CloudError(f"{request.method} {request.url.path} answered {response.status_code}: {response.text}")
