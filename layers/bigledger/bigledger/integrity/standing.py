"""What must hold of what is posted by plan: runs of templates and allocation rules, recognised deferrals."""

from bigledger.integrity.model import Check

_TEMPLATES = Check(
    "template_runs_equal_entries",
    "What a template ran for is an entry of that day, and its reversal takes back just that entry.",
    "major",
    """
    SELECT r.document_id, 'run of ' || t.number || ' for ' || r.due_date AS place,
           'recurring of ' || r.due_date || CASE WHEN r.reversal_id IS NULL THEN '' ELSE ', taken back' END AS expected,
           (d.data->>'kind') || ' of ' || coalesce(d.data->>'requested_date', d.date::text)
               || CASE WHEN b.data->'reversal_of'->>'id' = d.id::text THEN ', taken back' ELSE '' END AS found
    FROM ledger.template_run r
    LEFT JOIN kernel.document t ON t.id = r.template_id
    LEFT JOIN kernel.document d ON d.id = r.document_id
    LEFT JOIN kernel.document b ON b.id = r.reversal_id
    """,
)

_ALLOCATIONS = Check(
    "allocation_runs_equal_entries",
    "What an allocation rule ran for is an entry of the last day of its period.",
    "major",
    """
    SELECT r.document_id, 'run ' || r.number || ' of ' || t.number AS place, 'allocation of ' || r.date_to AS expected,
           (d.data->>'kind') || ' of ' || d.date AS found
    FROM ledger.allocation_run r
    LEFT JOIN kernel.document t ON t.id = r.rule_id
    LEFT JOIN kernel.document d ON d.id = r.document_id
    """,
)

_DEFERRALS = Check(
    "deferrals_recognised_as_planned",
    "Each instalment that was recognised of a deferral is one of its plan, and its entry took just that off the"
    " deferral account.",
    "critical",
    """
    SELECT r.schedule_id AS document_id, 'instalment ' || r.number AS place,
           trim_scale((s.data->'instalments'->(r.number - 1)->>'amount')::numeric)::text AS expected,
           CASE WHEN r.amount = abs(l.amount) THEN trim_scale(r.amount)::text
                ELSE trim_scale(r.amount) || ', posted ' || coalesce(trim_scale(abs(l.amount))::text, 'nothing') END
               AS found
    FROM ledger.deferral_recognition r
    LEFT JOIN kernel.document s ON s.id = r.schedule_id
    LEFT JOIN LATERAL (
        SELECT sum(j.base_amount) AS amount FROM ledger.journal_line j
        WHERE j.document_id = r.document_id AND j.entry = 1
          AND j.account_id = (s.data->'deferral_account'->>'id')::uuid) l ON true
    """,
)

CHECKS = (_TEMPLATES, _ALLOCATIONS, _DEFERRALS)
