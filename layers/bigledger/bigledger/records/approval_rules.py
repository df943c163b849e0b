"""Approval rules: which documents wait for whose approval."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Name, Reference, To, conditions

CONDITION_EXAMPLES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "invoice": (
        {
            "total": Decimal("0.00"),
            "subtotal": Decimal("0.00"),
            "tax_total": Decimal("0.00"),
            "currency": "USD",
            "customer": "CUST001",
            "company": "MAIN",
            "over_credit_limit": False,
            "lines": 1,
        },
        {
            "total": Decimal("1087000000000.00"),
            "subtotal": Decimal("1000000000000.00"),
            "tax_total": Decimal("87000000000.00"),
            "currency": "JPY",
            "customer": "CUST002",
            "company": "SECOND",
            "over_credit_limit": True,
            "lines": 5000,
        },
    ),
    "bill": (
        {
            "total": Decimal("0.00"),
            "subtotal": Decimal("0.00"),
            "tax_total": Decimal("0.00"),
            "currency": "USD",
            "supplier": "SUPP001",
            "company": "MAIN",
            "lines": 1,
        },
        {
            "total": Decimal("1087000000000.00"),
            "subtotal": Decimal("1000000000000.00"),
            "tax_total": Decimal("87000000000.00"),
            "currency": "JPY",
            "supplier": "SUPP002",
            "company": "SECOND",
            "lines": 5000,
        },
    ),
}
"""What a condition can read of each type of document, by example: amounts are in the document's currency, customer,
supplier and company are codes, ``lines`` counts the items. A new condition is tried on each example."""


class ApprovalRule(Command):
    """Asks for an approval when its condition holds.

    ``condition`` is an expression of the Common Expression Language over ``document``, such as
    ``document.total > 10000 && document.currency == "USD"``; amounts are compared exactly.
    """

    code: Code
    name: Name
    document_type: Literal["invoice", "bill"] = "invoice"
    company: Annotated[Reference, To("company")] | None = None
    condition: Annotated[str, Field(min_length=1, max_length=2000)]
    approver_role: Annotated[Reference, To("role")] | None = None
    """Only holders of this role may decide; without it, anyone with the permission."""
    four_eyes: bool = False
    """Whether the one who made the document may not approve it."""

    @field_validator("condition")
    @classmethod
    def _is_a_question(cls, value: str, info: ValidationInfo) -> str:
        """A new condition must compile and answer true or false; a stored one was checked when it came."""
        examples = CONDITION_EXAMPLES.get(info.data.get("document_type", ""))
        if examples is not None and not (info.context or {}).get("stored"):
            try:
                conditions.check(value, examples)
            except conditions.ConditionError as error:
                raise PydanticCustomError(
                    "invalid_condition", "this condition cannot be used: {reason}", {"reason": str(error)}
                ) from error
        return value
