"""Approval rules: which documents wait for whose approval."""

from typing import Annotated, Literal

from pydantic import Field

from bigledger.kernel import Code, Command, Name, Reference, To


class ApprovalRule(Command):
    """Asks for an approval when its condition holds.

    ``condition`` is an expression of the Common Expression Language over ``document``, such as
    ``document.total > 10000``.
    """

    code: Code
    name: Name
    document_type: Literal["invoice"] = "invoice"
    company: Annotated[Reference, To("company")] | None = None
    condition: Annotated[str, Field(min_length=1, max_length=2000)]
    approver_role: Annotated[Reference, To("role")] | None = None
    """Only holders of this role may decide; without it, anyone with the permission."""
    four_eyes: bool = False
    """Whether the one who made the document may not approve it."""
