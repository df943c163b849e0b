"""Who of a customer gets what is sent to it: its contacts who receive that, else its own address of mail."""

from collections.abc import Mapping
from typing import Any, Literal

from bigledger.kernel import Answer, Context, Ref


class Recipient(Answer):
    """A contact that something is sent to, the address of mail and the language it is to be written to in."""

    contact: Ref
    email: str
    language: str | None = None


def recipients_json(customer: str, what: Literal["invoices", "reminders"]) -> str:
    """SQL of a sub-select: the contacts of a customer who receive something, by code; null when there are none."""
    return f"""
        (SELECT jsonb_agg(jsonb_build_object(
                    'contact', jsonb_build_object('id', k.id, 'code', k.number, 'name', k.data->>'name'),
                    'email', k.data->>'email', 'language', k.data->>'language') ORDER BY k.number)
         FROM kernel.document k
         WHERE k.party_id = {customer} AND k.type = 'contact' AND k.status = 'active'
           AND k.data->'receives'->>'{what}' = 'true')
    """


def read_recipients(found: Mapping[str, Any]) -> tuple[list[Recipient] | None, str | None]:
    """The recipients, and the address of the first of them, else the customer's own.

    ``found`` has the customer's ``email`` and the ``recipients`` as ``recipients_json`` makes them.
    """
    recipients = [Recipient.model_validate(one) for one in found["recipients"] or []]
    return (recipients, recipients[0].email) if recipients else (None, found["email"])


def receivers_of_invoices(context: Context, customer: Ref) -> tuple[list[Recipient] | None, str | None]:
    """Who receives a customer's invoices, and the address of the first of them; one statement."""
    found = context.work.read_json(_CUSTOMER, customer=str(customer.id))
    return read_recipients(found)


_CUSTOMER = f"""
    SELECT jsonb_build_object('email', c.data->>'email', 'recipients', {recipients_json("c.id", "invoices")})::text
    FROM kernel.document c WHERE c.type = 'customer' AND c.id = cast(:customer AS uuid)
"""
