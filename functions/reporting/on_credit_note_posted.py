"""Takes posted credit notes off the sales by product."""

from bigledger.kernel import Context, subscriber
from bigledger.receivables import CreditNotePosted
from bigledger.reporting import sales


@subscriber(CreditNotePosted)
def on_credit_note_posted(event: CreditNotePosted, context: Context) -> None:
    """Take the lines of a draft off once it is posted."""
    sales.credit(event, context)
