"""The life of an import: read and validated whole, then committed in chunks, each in a transaction of its own.

A chunk, what it created, the external ids and how far the import has come are one transaction. So an import that was
interrupted, wherever, goes on where it stopped, and an external id is imported once.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from bigledger.imports.events import ImportAdvanced, ImportCompleted, ImportCreated, ImportFact
from bigledger.imports.kinds import KINDS, Kind
from bigledger.imports.model import MAXIMUM_ERRORS, Import, ImportData, ImportKind, ImportReference, NewImport
from bigledger.imports.reading import Unit, read
from bigledger.kernel import Conflict, Context, Document, NotFound, Table, database, documents, permissions
from bigledger.kernel.documents import AS_JSON, from_json, is_id
from bigledger.kernel.serialization import json_text

TYPE = "import"

_ROW = Table("imports.input_row", ("import_id", "position", "row", "external_id", "data"))
_IMPORTED = Table("imports.imported", ("kind", "external_id", "document_id", "import_id"))


class ImportedMeanwhile(Conflict):
    """Another import brought one of these external ids."""

    title = "Some of it was imported just now"


database.constraint("imported_once", lambda: ImportedMeanwhile("Another import brought some of it. Resume this one."))

_CHUNK = f"""
    SELECT jsonb_build_object(
        'document', {AS_JSON},
        'rows', (SELECT jsonb_agg(jsonb_build_object('row', r.row, 'external_id', r.external_id, 'data', r.data,
                                                     'before', i.document_id) ORDER BY r.position)
                 FROM imports.input_row r
                 LEFT JOIN imports.imported i ON i.kind = d.data->>'kind' AND i.external_id = r.external_id
                 WHERE r.import_id = d.id AND r.position > (d.data->>'done')::integer
                   AND r.position <= (d.data->>'done')::integer
                       + CASE d.data->>'kind' {{chunks}} END))::text
    FROM kernel.document d WHERE d.type = '{TYPE}' AND d.id = cast(:id AS uuid)
"""
_SQL = _CHUNK.format(chunks=" ".join(f"WHEN '{name}' THEN {kind.chunk}" for name, kind in KINDS.items()))


def create(new: NewImport, context: Context) -> Import:
    """Read and check every row; all errors are told at once. Nothing is created before the commit.

    What was imported before is not checked again: the commit passes over it, and what it became may have changed.
    """
    kind = KINDS[new.kind]
    permissions.require(context.actor, kind.permission)
    units, errors = read(new)
    if not errors:
        before = _imported_before(context, new.kind, units)
        errors = kind.check(context, [unit for unit in units if unit.external_id not in before])
    errors.sort(key=lambda error: error.row)
    data = ImportData(kind=new.kind, total=len(units), errors=errors[:MAXIMUM_ERRORS], error_count=len(errors))
    status = "invalid" if errors else "checked" if new.validate_only else "validated"
    document = documents.create(context, Document(id=context.new_id(), type=TYPE, status=status, data=data))
    _tell(context, ImportCreated, document, data)
    if status == "validated":
        context.work.append(
            _ROW,
            [
                {
                    "import_id": document.id,
                    "position": place,
                    "row": unit.row,
                    "external_id": unit.external_id,
                    "data": {"data": unit.data, "rows": unit.rows},
                }
                for place, unit in enumerate(units, 1)
            ],
        )
    return _answer(document, data, context)


def commit(reference: ImportReference, context: Context) -> Import:
    """Import the next chunk; ``remaining`` says how much is left. Raises NotFound, Conflict, ImportRefused."""
    return _next_chunk(reference, context, ("validated", "importing"), "committed")


def resume(reference: ImportReference, context: Context) -> Import:
    """Go on with an import that was interrupted. Raises NotFound, Conflict, ImportRefused."""
    return _next_chunk(reference, context, ("importing", "validated"), "resumed")


def get(reference: ImportReference, context: Context) -> Import:
    """One import by its id. Raises NotFound."""
    document = documents.get(context, TYPE, reference.id)
    return _answer(document, document.read(ImportData), context)


def _imported_before(context: Context, kind: ImportKind, units: Sequence[Unit]) -> set[str]:
    """The external ids that earlier imports brought."""
    rows = context.work.read(
        "SELECT i.external_id FROM jsonb_to_recordset(cast(:ids AS jsonb)) AS w(id text)"
        " JOIN imports.imported i ON i.kind = :kind AND i.external_id = w.id",
        ids=json_text([{"id": unit.external_id} for unit in units]),
        kind=kind,
    )
    return {row.external_id for row in rows}


def _next_chunk(reference: ImportReference, context: Context, allowed: tuple[str, ...], action: str) -> Import:
    found = context.work.read_json(_SQL, id=reference.id) if is_id(reference.id) else None
    if found is None:
        raise NotFound(f"There is no import {reference.id}.")
    document = from_json(found["document"])
    data = document.read(ImportData)
    kind: Kind = KINDS[data.kind]
    permissions.require(context.actor, kind.permission)
    if document.status == "completed":
        return _answer(document, data, context)
    documents.check_status(document, allowed, action)
    rows: list[dict[str, Any]] = found["rows"] or []
    units = [_unit(row) for row in rows if row["before"] is None]
    created = kind.create(context, units) if units else []
    context.work.append(
        _IMPORTED,
        [
            {"kind": data.kind, "external_id": unit.external_id, "document_id": made, "import_id": document.id}
            for unit, made in created
        ],
    )
    done = data.done + len(rows)
    data = data.model_copy(
        update={
            "done": done,
            "created": data.created + len(created),
            "skipped": data.skipped + len(rows) - len(units),
        }
    )
    completed = done == data.total
    documents.change(context, document, data=data, status="completed" if completed else "importing")
    _tell(context, ImportCompleted if completed else ImportAdvanced, document, data)
    return _answer(document, data, context)


def _unit(row: dict[str, Any]) -> Unit:
    stored = row["data"] if isinstance(row["data"], dict) else orjson.loads(row["data"])
    return Unit(row["row"], row["external_id"], stored["data"], stored["rows"])


def _tell(context: Context, event: type[ImportFact], document: Document, data: ImportData) -> None:
    told = {name: getattr(data, name) for name in ("kind", "total", "done", "created", "skipped", "error_count")}
    context.emit(event(id=document.id, status=document.status, **told), document)


def _answer(document: Document, data: ImportData, context: Context) -> Import:
    told = [event.type for event, subject in context.work.events if subject is document]
    return Import(
        **dict(data),
        id=document.id,
        status=document.status,
        version=document.version,
        remaining=data.total - data.done,
        events=told,
    )
