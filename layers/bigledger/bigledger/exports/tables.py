"""Which tables there are, as the catalogue tells it: a table that a module brings is exported without a word here."""

from collections.abc import Mapping, Sequence
from typing import Any

from bigledger.exports.model import ExportColumn, ExportData, ExportTable, FileState
from bigledger.kernel import Context

DOCUMENTS = "kernel.document"

LEFT_OUT: Mapping[str, str] = {
    "kernel.outbox": "what still has to be delivered of the events, which are there",
    "kernel.idempotency": "answers kept for requests that are sent again",
}
"""The tables that are not exported, each with the reason."""

SECRET_TYPES: Mapping[str, str] = {"api_key_secret": "digests of API keys"}
"""The types of documents that are not exported, each with the reason."""

_RECORDED = ("recorded_at", "created_at")

_CATALOGUE = """
    SELECT jsonb_object_agg(n.nspname || '.' || c.relname, jsonb_build_object(
        'columns', (SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL))
                                     ORDER BY a.attnum)
                    FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'tenant_id'),
        'key', (SELECT coalesce(jsonb_agg(a.attname ORDER BY k.place), '[]')
                FROM pg_index i
                CROSS JOIN LATERAL unnest(cast(i.indkey AS smallint[])) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisprimary AND a.attname <> 'tenant_id')))::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
      AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
"""


def plan(data: ExportData, context: Context) -> ExportData:
    """The export with its tables and files, and how many rows each will have. Two statements."""
    found: dict[str, Any] = context.work.read_json(_CATALOGUE)
    tables = {name: _table(found[name]) for name in sorted(found) if name not in LEFT_OUT}
    counted = context.work.read_json(_counting(tables), until=data.recorded_up_to.isoformat())
    files = [
        FileState(name=_name(table, kind), table=table, document_type=kind, rows=rows)
        for table, kind, rows in sorted(counted, key=lambda one: (one[0], one[1] or ""))
        if kind not in SECRET_TYPES
    ]
    return data.model_copy(update={"tables": tables, "files": files})


def page_sql(table: str, told: ExportTable, document_type: str | None, *, first: bool) -> str:
    """One page of a table's lines, in the order of its key: parameters ``limit``, ``bytes``, ``until``,

    ``type`` and, behind the first page, ``after``. It answers one row: ``rows``, ``text`` (a line each), ``last`` (the
    key of the last, as JSON) and ``more``.
    """
    types = {column.name: column.type for column in told.columns}
    columns = ", ".join(_column(name, type) for name, type in types.items())
    where = _conditions(told, document_type)
    if not first:
        after = ", ".join(f"cast(cast(:after AS jsonb)->>{n} AS {types[name]})" for n, name in enumerate(told.key))
        where.append(f"({', '.join(f't.{name}' for name in told.key)}) > ({after})")
    order = ", ".join(f"t.{name}" for name in told.key)
    key = ", ".join(f"t.{name}::text" for name in told.key)
    return f"""
        WITH page AS MATERIALIZED (
            SELECT row_number() OVER () AS n, key, line,
                   sum(octet_length(line) + 1) OVER (ROWS UNBOUNDED PRECEDING) AS upto
            FROM (SELECT jsonb_build_array({key})::text AS key,
                         (SELECT row_to_json(told) FROM (SELECT {columns}) told)::text AS line
                  FROM {table} t WHERE {" AND ".join(where)} {f"ORDER BY {order}" if order else ""} LIMIT :limit) lines
        ), taken AS (SELECT * FROM page WHERE n = 1 OR upto <= :bytes)
        SELECT (SELECT count(*) FROM taken) AS rows,
               (SELECT string_agg(line || chr(10), '' ORDER BY n) FROM taken) AS text,
               (SELECT key FROM taken ORDER BY n DESC LIMIT 1) AS last,
               (SELECT count(*) FROM page) = :limit
                   OR (SELECT count(*) FROM page) > (SELECT count(*) FROM taken) AS more
    """


def _column(name: str, type: str) -> str:
    """A column as it stands in a line: exact numbers as texts, instants in UTC whatever the session's time zone."""
    match type:
        case "numeric":
            return f"t.{name}::text AS {name}"
        case "timestamp with time zone":
            return f"""to_char(t.{name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS {name}"""
    return f"t.{name}"


def _table(found: Mapping[str, Any]) -> ExportTable:
    columns = [ExportColumn(**column) for column in found["columns"]]
    names = {column.name for column in columns}
    recorded = next((name for name in _RECORDED if name in names), None)
    return ExportTable(columns=columns, key=found["key"], recorded=recorded)


def _name(table: str, document_type: str | None) -> str:
    return f"{table}.ndjson" if document_type is None else f"documents/{document_type}.ndjson"


def _conditions(told: ExportTable, document_type: str | None) -> list[str]:
    """What rows are exported: those up to the cut, where a table tells it."""
    conditions = ["true"] if told.recorded is None else [f"t.{told.recorded} <= cast(:until AS timestamptz)"]
    return conditions if document_type is None else ["t.type = :type", *conditions]


def _counting(tables: Mapping[str, ExportTable]) -> str:
    """Every table with its rows, documents by their type: a JSON array of table, type and count."""
    parts: Sequence[str] = [
        f"SELECT '{name}' AS name, {'t.type' if name == DOCUMENTS else 'NULL'} AS kind, count(*) AS rows FROM {name} t"
        f" WHERE {' AND '.join(_conditions(told, None))}{' GROUP BY t.type' if name == DOCUMENTS else ''}"
        for name, told in tables.items()
    ]
    return f"SELECT jsonb_agg(jsonb_build_array(name, kind, rows))::text FROM ({' UNION ALL '.join(parts)}) counted"
