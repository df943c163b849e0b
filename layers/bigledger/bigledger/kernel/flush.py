"""The statement that writes everything one operation staged: a data-modifying CTE per table, fed by one JSON."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Table:
    """A table the application appends to: its name and the columns it sets (the others have defaults)."""

    name: str
    columns: tuple[str, ...]


DOCUMENT = Table(
    "kernel.document",
    tuple(
        "id type company_id number status party_id date due_date currency total data metadata version sequence"
        " posted_at created_by updated_by".split()
    ),
)
LINK = Table("kernel.document_link", ("from_id", "to_id", "kind"))
EVENT = Table(
    "kernel.event",
    tuple(
        "id type version source subject_type subject_id sequence actor_id actor_kind actor_name operation"
        " correlation_id causation_id data".split()
    ),
)
OUTBOX = Table("kernel.outbox", ("event_id", "destination"))
IDEMPOTENCY = Table("kernel.idempotency", ("key", "operation", "request_hash", "status", "body"))

_CHANGED_COLUMNS = tuple(
    "number status party_id date due_date currency total data metadata version sequence posted_at updated_by".split()
)


@lru_cache(maxsize=256)
def flush_sql(
    tables: tuple[Table, ...],
    grouped: frozenset[Table],
    parameters: frozenset[str],
    changed: bool,
    configuration: bool,
) -> str:
    """The flush statement for these tables; its parameters are JSON texts: ``rows``, ``numbers`` where some are asked
    for, and ``shared`` with the lists that have tokens.

    It depends only on which tables take part, so Postgres prepares it once. The rows of ``grouped`` tables come in
    groups, each with the columns that its rows have alike. It answers one row: ``numbers`` (JSON object of token to
    number, or null) and ``changed`` (how many documents were updated).
    """
    numbered, shared = "numbers" in parameters, "shared" in parameters
    parts = []
    if shared:
        parts.append("shared AS MATERIALIZED (SELECT cast(:shared AS json) AS lists)")
    if numbered:
        parts.append(_NUMBERS)
    filled_rows = "kernel.fill(:rows, (SELECT jsonb_object_agg(token, number) FROM numbered))" if numbered else ":rows"
    if shared:
        filled_rows = f"kernel.with_lists({filled_rows}, (SELECT lists FROM shared))"
    parts.append(f"input AS MATERIALIZED (SELECT cast({filled_rows} AS jsonb) AS j)")
    for index, table in enumerate(tables):
        columns = ", ".join(table.columns)
        rows = f"jsonb_populate_recordset(NULL::{table.name}, j->'{table.name}')"
        if table in grouped:
            rows = (
                f"jsonb_to_recordset(j->'{table.name}') AS g (alike jsonb, rows jsonb),"
                f" jsonb_populate_recordset(jsonb_populate_record(NULL::{table.name}, alike), rows)"
            )
        values = columns
        if shared and table == IDEMPOTENCY:  # a JSON text within the JSON text, where its tokens were not found
            values = columns.replace("body", "kernel.with_lists(body, (SELECT lists FROM shared))")
        parts.append(f"append_{index} AS (INSERT INTO {table.name} ({columns}) SELECT {values} FROM input, {rows})")
    if changed:
        assignments = ", ".join(f"{column} = new.{column}" for column in _CHANGED_COLUMNS)
        parts.append(
            f"changed AS (UPDATE kernel.document old SET {assignments}, updated_at = kernel.now()"
            " FROM input, jsonb_populate_recordset(NULL::kernel.document, j->'changed') new"
            " WHERE old.id = new.id AND old.version = new.version - 1 RETURNING old.id)"
        )
    if configuration:
        parts.append(
            "configured AS (UPDATE kernel.tenant SET configuration_version = configuration_version + 1 RETURNING 1)"
        )
    answers = [
        "(SELECT jsonb_object_agg(token, number)::text FROM numbered) AS numbers" if numbered else "NULL AS numbers",
        "(SELECT count(*) FROM changed) AS changed" if changed else "0 AS changed",
    ]
    return f"WITH {', '.join(parts)} SELECT {', '.join(answers)} FROM input"


_NUMBERS = """
wanted AS MATERIALIZED (
    SELECT token, series_id, period, prefix, width, place
    FROM jsonb_to_recordset(cast(:numbers AS jsonb))
        AS r(token text, series_id uuid, period text, prefix text, width integer, place integer)),
counter AS (
    INSERT INTO kernel.number_counter AS c (series_id, period, last, prefixes)
    SELECT series_id, period, count(*), array_agg(DISTINCT prefix)
    FROM wanted GROUP BY series_id, period ORDER BY series_id, period
    ON CONFLICT (tenant_id, series_id, period) DO UPDATE
    SET last = c.last + excluded.last, prefixes = excluded.prefixes
    RETURNING series_id, period, last),
numbered AS MATERIALIZED (
    SELECT token, prefix || lpad(n::text, greatest(width, length(n::text)), '0') AS number
    FROM (SELECT w.token, w.prefix, w.width,
                 c.last - count(*) OVER (PARTITION BY w.series_id, w.period) + w.place AS n
          FROM wanted w JOIN counter c USING (series_id, period)) placed)
""".strip()
