"""What anyone may know of the installation: that it works, and its contract."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict

import bigledger
from bigledger.kernel import Answer, database

CONTRACT = Path(bigledger.__file__).with_name("openapi.json")
"""The published contract, printed from the operations and shipped beside the code."""


class Health(Answer):
    """The installation works: its version answers, and so does its database."""

    status: Literal["ok"]
    version: str
    database: Literal["ok"]


class Contract(Answer):
    """The contract as an OpenAPI 3.1 document."""

    model_config = ConfigDict(extra="allow", frozen=True)
    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]

    def as_json(self, shares: Any = None) -> str:
        """The document as it was published: it is large, so it is not put together again for every reader."""
        return contract_text()


def health() -> Health:
    """Ask the database one thing. Raises Unavailable when it does not answer."""
    with database.transaction() as opened:
        opened.row("SELECT 1")
    return Health(status="ok", version=bigledger.__version__, database="ok")


@lru_cache(maxsize=1)
def contract() -> Contract:
    """The published contract."""
    return Contract.model_validate_json(contract_text())


@lru_cache(maxsize=1)
def contract_text() -> str:
    """The published contract as a JSON text; read once by each process."""
    return CONTRACT.read_text()
