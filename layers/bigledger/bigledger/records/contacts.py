"""Contacts: the people at a customer or a supplier, and what each of them is sent."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Code, Command, Name, Reference, To
from bigledger.records.parties import Email, Notes, Phone

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
"""A language as BCP 47 writes it, such as en or de-AT."""


class Receives(Command):
    """What a contact is sent. Invoices and reminders go to a customer's contacts before its own address."""

    invoices: bool = False
    statements: bool = False
    reminders: bool = False
    purchase_correspondence: bool = False


class Contact(Command):
    """A person, or an office, at a customer or a supplier, which it stays with."""

    code: Code
    name: Name
    customer: Annotated[Reference, To("customer")] | None = None
    supplier: Annotated[Reference, To("supplier")] | None = None
    role: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    language: Language | None = None
    receives: Receives = Receives()
    notes: Notes | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.customer is None) == (self.supplier is None):
            raise PydanticCustomError("one_party", "say whose contact it is: give either a customer or a supplier")
        if self.email is None and self.receives != Receives():
            raise PydanticCustomError("email_missing", "give the email address that it is sent to")
        return self
