"""What must hold of documents: their numbers, what they refer to, their approvals."""

from bigledger.integrity.model import Check

_NUMBERS = Check(
    "numbers_without_gaps",
    "Every number that a series has given, from one to its counter, stands on exactly one document, void ones"
    " included, and every document of the series has such a number.",
    "critical",
    """
    WITH series AS (
        SELECT s.id, s.number AS code, s.data->>'document_type' AS type, c.id AS company_id,
               s.data->>'prefix' AS prefix, (s.data->>'width')::integer AS width, s.data->>'restart' AS restart
        FROM kernel.document s JOIN kernel.document c ON c.type = 'company' AND c.number = s.data->>'company'
        WHERE s.type = 'number_series'),
    numbered AS (
        SELECT d.id, d.number, s.id AS series_id, s.code, s.width,
               replace(replace(replace(s.prefix, '{YYYY}', to_char(d.date, 'YYYY')), '{YY}', to_char(d.date, 'YY')),
                       '{MM}', to_char(d.date, 'MM')) AS head,
               CASE s.restart WHEN 'year' THEN to_char(d.date, 'YYYY') WHEN 'month' THEN to_char(d.date, 'YYYY-MM')
                              ELSE '' END AS period
        FROM series s JOIN kernel.document d ON d.type = s.type AND d.company_id = s.company_id
        WHERE d.number IS NOT NULL),
    given AS MATERIALIZED (
        SELECT id, series_id, period, substr(number, length(head) + 1)::bigint AS n
        FROM numbered
        WHERE starts_with(number, head) AND substr(number, length(head) + 1) ~ '^[0-9]{1,18}$'
          AND length(number) - length(head) = greatest(width, length(ltrim(substr(number, length(head) + 1), '0'))))
    SELECT coalesce(g.id, series_id) AS document_id,
           'number ' || n || coalesce(' of ' || nullif(period, ''), '') AS place,
           CASE WHEN c.series_id IS NULL THEN 'not given yet' ELSE 'on one document' END AS expected,
           CASE WHEN g.documents = 1 THEN 'on one document' ELSE 'on ' || coalesce(g.documents, 0) || ' documents' END
               AS found
    FROM (SELECT series_id, period, n FROM kernel.number_counter, generate_series(1, last) n) c
    FULL JOIN (SELECT series_id, period, n, min(id::text)::uuid AS id, count(*) AS documents
               FROM given GROUP BY series_id, period, n) g USING (series_id, period, n)
    WHERE series_id IN (SELECT id FROM series)
    UNION ALL
    SELECT b.id, 'number', 'a number of the series ' || string_agg(b.code, ' or ' ORDER BY b.code), b.number
    FROM numbered b WHERE b.id NOT IN (SELECT id FROM given) GROUP BY b.id, b.number
    """,
)

_LINKS = Check(
    "links_join_documents",
    "Every link leads from a document to a document.",
    "minor",
    """
    SELECT coalesce(f.id, t.id, l.from_id) AS document_id,
           l.kind || ' from ' || l.from_id || ' to ' || l.to_id AS place, 'both exist' AS expected,
           CASE WHEN f.id IS NULL THEN 'the first does not exist' WHEN t.id IS NULL THEN 'the second does not exist'
                ELSE 'both exist' END AS found
    FROM kernel.document_link l
    LEFT JOIN kernel.document f ON f.id = l.from_id
    LEFT JOIN kernel.document t ON t.id = l.to_id
    """,
)

_PARTIES = "('customer', 'supplier')"

_NAMED = Check(
    "documents_name_what_exists",
    "Companies, customers, suppliers and products that documents and journal lines name exist.",
    "critical",
    f"""
    SELECT x.document_id, x.place, x.wanted AS expected, CASE
               WHEN d.id IS NULL THEN 'nothing' WHEN x.wanted = 'party' AND d.type IN {_PARTIES} THEN 'party'
               ELSE d.type END AS found
    FROM (SELECT id AS document_id, 'company' AS place, 'company' AS wanted, company_id AS named
          FROM kernel.document WHERE company_id IS NOT NULL
          UNION ALL
          SELECT id, 'party', 'party', party_id FROM kernel.document WHERE party_id IS NOT NULL
          UNION ALL
          SELECT document_id, 'entry ' || entry || ' line ' || line || ', company', 'company', company_id
          FROM ledger.journal_line
          UNION ALL
          SELECT document_id, 'entry ' || entry || ' line ' || line || ', party', 'party', party_id
          FROM ledger.journal_line WHERE party_id IS NOT NULL
          UNION ALL
          SELECT document_id, 'entry ' || entry || ' line ' || line || ', product', 'product', product_id
          FROM ledger.journal_line WHERE product_id IS NOT NULL) x
    LEFT JOIN kernel.document d ON d.id = x.named
    """,
)

_APPROVALS = Check(
    "approvals_equal_waiting_documents",
    "Every document that waits for an approval has one that is pending, and every pending approval that is no mere"
    " review has a document that waits.",
    "critical",
    """
    WITH pending AS MATERIALIZED (
        SELECT id, (data->'document'->>'id')::uuid AS about FROM kernel.document
        WHERE type = 'approval' AND status = 'pending' AND NOT (data->>'review')::boolean)
    SELECT d.id AS document_id, 'approval' AS place, 'one is pending' AS expected,
           CASE WHEN p.n = 1 THEN 'one is pending' ELSE coalesce(p.n, 0) || ' are pending' END AS found
    FROM kernel.document d LEFT JOIN (SELECT about, count(*) AS n FROM pending GROUP BY about) p ON p.about = d.id
    WHERE d.status = 'pending_approval'
    UNION ALL
    SELECT p.id, 'its document', 'pending_approval', coalesce(d.status, 'does not exist')
    FROM pending p LEFT JOIN kernel.document d ON d.id = p.about
    """,
)

CHECKS = (_NUMBERS, _LINKS, _NAMED, _APPROVALS)
