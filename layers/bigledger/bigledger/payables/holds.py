"""SQL of why bills are on hold: of each the last of the rows that put it on hold and released it in turn."""


def hold_json(bill: str) -> str:
    """SQL of how often a bill was put on hold or released, and why it is on hold, if it is; ``bill`` is a uuid."""
    return f"""
        (SELECT jsonb_build_object('number', coalesce(max(h.number), 0),
                                   'reason', (array_agg(h.reason ORDER BY h.number DESC))[1])
         FROM payables.bill_hold h WHERE h.bill_id = {bill})
    """


def held_json(bills: str) -> str:
    """SQL of the bills on hold of some, an array of uuid: an object of the reasons by id, null where there are none."""
    return f"""
        (SELECT jsonb_object_agg(n.bill_id, n.reason)
         FROM (SELECT DISTINCT ON (h.bill_id) h.bill_id, h.reason FROM payables.bill_hold h
               WHERE h.bill_id = ANY ({bills}) ORDER BY h.bill_id, h.number DESC) n
         WHERE n.reason IS NOT NULL)
    """
