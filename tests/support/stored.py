"""Puts a document into a tenant directly, for tests of operations that only need one to be there."""

from collections.abc import Mapping
from typing import Any

from bigledger.kernel import Document
from tests.support.api import Api
from tests.support.bare import add_document


def stored(
    api: Api, type: str, number: str, status: str = "draft", data: Mapping[str, Any] | None = None, **columns: Any
) -> Document:
    """Create and commit a document of a type under a number, as the client's tenant."""
    return add_document(api, type, status, number=number, data=dict(data or {}), **columns)
