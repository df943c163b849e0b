"""Where to go from a document of payables."""

from uuid import UUID

from bigledger.kernel import Answer


class Links(Answer):
    """Where to go from here."""

    self: str
    history: str


def links(path: str, id: UUID) -> Links:
    """The links of a document under its resource's path."""
    return Links(self=f"/api/v1/{path}/{id}", history=f"/api/v1/documents/{id}/history")
