"""Takes new credit notes off the sales by product."""

from bigledger.kernel import Context, subscriber
from bigledger.receivables import CreditNoteCreated
from bigledger.reporting import sales


@subscriber(CreditNoteCreated)
def on_credit_note_created(event: CreditNoteCreated, context: Context) -> None:
    """Take the lines of a credit note off once it is posted; a draft waits for its posting."""
    sales.credit(event, context)
