"""Custom approval workflow: large invoices are reviewed, and stakeholders hear of payments."""

import os

from bigledger_applet import Api, Applet, Event, logger

applet = Applet()


@applet.on("invoice.created")
def hold_large_invoices(event: Event, api: Api) -> None:
    """Ask for the approval of an invoice above 10,000 in its own currency."""
    if event.data.total > 10_000:
        api.approvals.request(document=event.subject, reason="above 10,000")


@applet.on("payment.received")
def tell_stakeholders(event: Event, api: Api) -> None:
    """Leave a line in the log, and tell the subscribers of STAKEHOLDER_TOPIC when there is such a topic."""
    payment = event.data
    paid = f"{payment.amount} {payment.currency} from {payment.customer.code}"
    topic = os.environ.get("STAKEHOLDER_TOPIC")
    if topic:
        import boto3  # slow to import, so only where there is a topic

        boto3.client("sns").publish(
            TopicArn=topic,
            Subject=f"Payment received: {paid}",
            Message=f"Payment {payment.number} of {payment.date}: {paid}.",
            MessageAttributes={"event_id": {"DataType": "String", "StringValue": event.id}},
        )
    logger.info("payment received", extra={"payment": payment.number, "paid": paid, "published": bool(topic)})


handler = applet.handler
