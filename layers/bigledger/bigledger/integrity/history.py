"""What must hold of the audit trail: events, their order, what is still to be published, the answers kept."""

from bigledger.integrity.model import Check

_CONSECUTIVE = Check(
    "events_consecutive",
    "The events of every document are numbered from one without a gap, up to the count the document itself keeps.",
    "critical",
    """
    SELECT coalesce(e.subject_id, d.id) AS document_id, 'events' AS place,
           '1 to ' || coalesce(d.sequence, e.last) AS expected,
           CASE WHEN e.first = 1 AND e.n = e.last THEN '1 to ' || e.last
                ELSE coalesce(e.n || ' of them, ' || e.first || ' to ' || e.last, 'none') END AS found
    FROM (SELECT subject_id, count(*) AS n, min(sequence) AS first, max(sequence) AS last
          FROM kernel.event GROUP BY subject_id) e
    FULL JOIN (SELECT id, sequence FROM kernel.document
               WHERE sequence > 0 OR id IN (SELECT subject_id FROM kernel.event)) d ON d.id = e.subject_id
    """,
)

_SILENT = "('api_key_secret', 'dead_letter')"
"""Documents that only serve others and tell nothing of themselves."""

# The requests of an atomic bulk share a transaction, and each of them may have changed the document: such a transaction
# has told of as many changes as it has events, at most.
_TOLD = Check(
    "changes_have_events",
    "Every change of a document was told by an event of the same transaction. (What a new tenant begins with was told"
    " by the tenant's own event.)",
    "critical",
    f"""
    SELECT d.id AS document_id, 'changes' AS place, c.n || ' told' AS expected,
           least(greatest(c.n, e.transactions), e.n) || ' told' AS found
    FROM kernel.document d
    LEFT JOIN (SELECT actor_id, recorded_at FROM kernel.event WHERE type = 'tenant.created' LIMIT 1) t ON true
    CROSS JOIN LATERAL (SELECT d.version - CASE WHEN d.created_by = t.actor_id AND d.created_at = t.recorded_at
                                                THEN 1 ELSE 0 END AS n) c
    CROSS JOIN LATERAL (SELECT count(*) AS n, count(DISTINCT (v.transaction_id, v.recorded_at)) AS transactions
                        FROM kernel.event v WHERE v.subject_id = d.id) e
    WHERE d.type NOT IN {_SILENT}
    """,
)

_NO_DOCUMENTS = "('feature_flag')"
"""Subjects of events that are kept elsewhere than among the documents."""

_SUBJECTS = Check(
    "events_tell_of_documents",
    "Every event tells of a document that exists and is of the type it says.",
    "critical",
    f"""
    SELECT e.subject_id AS document_id, 'events' AS place, e.subject_type AS expected,
           coalesce(d.type, CASE WHEN t.tenant_id IS NOT NULL THEN 'tenant' END, 'nothing') AS found
    FROM (SELECT DISTINCT subject_id, subject_type FROM kernel.event WHERE subject_type NOT IN {_NO_DOCUMENTS}) e
    LEFT JOIN kernel.document d ON d.id = e.subject_id
    LEFT JOIN kernel.tenant t ON t.tenant_id = e.subject_id
    """,
)

_OUTBOX = Check(
    "outbox_has_its_events",
    "Whatever waits to be published is an event that was recorded.",
    "minor",
    """
    SELECT e.subject_id AS document_id, 'event ' || o.event_id AS place, 'recorded' AS expected,
           CASE WHEN e.id IS NULL THEN 'not recorded' ELSE 'recorded' END AS found
    FROM kernel.outbox o LEFT JOIN kernel.event e ON e.id = o.event_id
    """,
)

_UUID = "'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"

_ANSWERS = Check(
    "answers_name_documents",
    "Every answer that is kept for a repeated request is about something that exists, and every delivery that is"
    " marked as done was of an event that was recorded.",
    "minor",
    f"""
    WITH kept AS MATERIALIZED (
        SELECT key, CASE WHEN key LIKE 'event %' THEN split_part(key, ' ', 3)
                         WHEN body IS JSON OBJECT THEN body::json->>'id' END AS id
        FROM kernel.idempotency)
    SELECT d.id AS document_id, k.key AS place, 'exists' AS expected,
           CASE WHEN coalesce(d.id, e.id, t.tenant_id) IS NULL THEN 'there is no ' || k.id ELSE 'exists' END AS found
    FROM (SELECT key, id, CASE WHEN id ~ {_UUID} THEN id::uuid END AS named FROM kept) k
    LEFT JOIN kernel.document d ON d.id = k.named
    LEFT JOIN kernel.event e ON e.id = k.named
    LEFT JOIN kernel.tenant t ON t.tenant_id = k.named
    WHERE k.named IS NOT NULL
    """,
)

CHECKS = (_CONSECUTIVE, _TOLD, _SUBJECTS, _OUTBOX, _ANSWERS)
