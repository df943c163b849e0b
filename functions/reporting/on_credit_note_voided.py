"""Adds what voided credit notes took off the sales by product."""

from bigledger.kernel import Context, subscriber
from bigledger.receivables import CreditNoteVoided
from bigledger.reporting import sales


@subscriber(CreditNoteVoided)
def on_credit_note_voided(event: CreditNoteVoided, context: Context) -> None:
    """Add the lines of a credit note again if it had been posted."""
    sales.add_again(event, context)
