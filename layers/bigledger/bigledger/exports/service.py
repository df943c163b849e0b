"""The life of an export: asked for, then written step by step in the background, each step after the event of the last.

What a step stored, and how far the export has come, is one transaction with the event that brings the next step. So an
export that was interrupted, wherever, goes on where it stopped, and its files are those of one that was not.

What it holds: of every table that tells when its rows were recorded, the rows recorded up to one instant, none missing.
Documents among them are as they were when they were read, and their ``updated_at`` says whether that was later.
"""

import hashlib
import time
from collections.abc import Sequence
from typing import Literal, cast

import orjson

from bigledger.exports import tables, writing
from bigledger.exports.events import ExportAdvanced, ExportCompleted, ExportCreated, ExportFact
from bigledger.exports.model import (
    FORMAT,
    Export,
    ExportData,
    ExportedFile,
    ExportInstant,
    ExportList,
    ExportReference,
    ExportSummary,
    FileState,
    NewExport,
)
from bigledger.kernel import (
    Context,
    Document,
    FieldError,
    InvalidRequest,
    NotFound,
    Page,
    documents,
    files,
    listing,
    permissions,
)

TYPE = "export"

MANIFEST = "manifest.json"

SETTLING = 30.0
"""Seconds that a step waits for the transactions to end that were under way when it began."""

_UNDER_WAY = """
    SELECT coalesce(jsonb_agg(pid::text || ' ' || xact_start::text), '[]')::text FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
      AND xact_start IS NOT NULL
"""


class StillWriting(Exception):
    """Transactions that began before the export have not ended, so what they write up to its instant may be missing."""


def create(new: NewExport, context: Context) -> Export:
    """Ask for an export; it is written in the background. Raises InvalidRequest for an instant to come."""
    until = new.recorded_up_to or context.now
    if until > context.now:
        raise InvalidRequest(
            "Nothing is recorded yet of what is to come. Choose an earlier instant, or leave recorded_up_to out.",
            errors=[FieldError("/recorded_up_to", "in_the_future", "choose an instant that has passed")],
        )
    data = ExportData(recorded_up_to=until)
    document = documents.create(context, Document(id=context.new_id(), type=TYPE, status="queued", data=data))
    context.emit(ExportCreated(id=document.id, step=0, rows_done=0, rows_total=0), document)
    return _answer(document, data, context)


def get(reference: ExportReference, context: Context) -> Export:
    """How far an export has come, and its files once it is completed. Raises NotFound."""
    if not documents.is_id(reference.id):
        raise NotFound(f"There is no export {reference.id}.")
    document = documents.get(context, TYPE, reference.id)
    return _answer(document, document.read(ExportData), context)


_COUNTED = """
    (SELECT jsonb_build_array(coalesce(sum((f->>'done')::bigint), 0),
                coalesce(sum(CASE WHEN f->>'sha256' IS NOT NULL THEN (f->>'done')::bigint
                             ELSE greatest((f->>'rows')::bigint, (f->>'done')::bigint) END), 0),
                count(f->>'sha256'), count(*))::text
     FROM jsonb_array_elements(d.data->'files') f)
"""


def list_all(query: ExportList, context: Context) -> Page[ExportSummary]:
    """A page of exports, newest first, without their files; one statement."""
    found, following = listing.page(context, TYPE, query, _COUNTED, listing.part_of(ExportSummary, ExportData))
    data = [_summary(one.document, orjson.loads(one.beside or "[0, 0, 0, 0]")) for one in found]
    return Page[ExportSummary](data=data, next_cursor=following)


def advance(fact: ExportFact, context: Context) -> None:
    """Do the step that an event asks for; one that is done already is not done again.

    Raises StillWriting, and what the store raises; the event is then delivered again.
    """
    document = documents.get(context, TYPE, str(fact.id))
    data = document.read(ExportData).model_copy(deep=True)
    if data.step != fact.step or document.status == "completed":
        return
    key = _key(document, context)
    if data.step == 0:
        _settle(context)
        data = tables.plan(data, context)
    completed = writing.step(data, key, context)
    data.step += 1
    done, total = _progress(data)
    if not completed:
        documents.change(context, document, data=data, status="running")
        context.emit(ExportAdvanced(id=document.id, step=data.step, rows_done=done, rows_total=total), document)
        return
    data.manifest = _write_manifest(data, key, document, context)
    documents.change(context, document, data=data, status="completed")
    context.emit(
        ExportCompleted(
            id=document.id,
            step=data.step,
            rows_done=done,
            rows_total=total,
            files=len(data.files),
            bytes=sum(file.bytes for file in data.files),
            manifest_sha256=str(data.manifest.sha256),
        ),
        document,
    )


def _settle(context: Context) -> None:
    """Wait until everybody has committed who may have begun before the cut: what they write is recorded before it."""
    began = set(context.work.read_json(_UNDER_WAY))
    deadline = time.monotonic() + SETTLING
    while began:
        if time.monotonic() > deadline:
            raise StillWriting(f"{len(began)} transactions have not ended in {SETTLING:.0f} seconds")
        time.sleep(0.05)
        context.work.read("SELECT pg_stat_clear_snapshot()")
        began &= set(context.work.read_json(_UNDER_WAY))


def _write_manifest(data: ExportData, key: str, document: Document, context: Context) -> FileState:
    """Store what the export consists of: each file with its hash and its table, each table with its columns."""
    told = {
        "format": FORMAT,
        "export": document.id,
        "tenant": {"id": context.tenant.id, "name": context.tenant.name},
        "recorded_up_to": data.recorded_up_to,
        "completed_at": context.now,
        "files": [
            {
                "name": file.name,
                "table": file.table,
                "document_type": file.document_type,
                "rows": file.done,
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for file in data.files
        ],
        "tables": {name: table.model_dump() for name, table in data.tables.items()},
        "left_out": {**tables.LEFT_OUT, **{f"documents/{name}": why for name, why in tables.SECRET_TYPES.items()}},
    }
    text = orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z)
    files.put(f"{key}/{MANIFEST}", text, "application/json")
    return FileState(
        name=MANIFEST, table="", rows=0, bytes=len(text), read=True, sha256=hashlib.sha256(text).hexdigest()
    )


def _progress(data: ExportData) -> tuple[int, int]:
    """Rows done and rows in all; what was counted at the beginning gives way to what was found."""
    done = sum(file.done for file in data.files)
    return done, sum(file.done if file.sha256 else max(file.rows, file.done) for file in data.files)


def _key(document: Document, context: Context) -> str:
    return files.key_of(context.tenant.id, "exports", str(document.id))


def _answer(document: Document, data: ExportData, context: Context) -> Export:
    completed = document.status == "completed"
    may = completed and permissions.allowed(context.actor.permissions, "exports.create_export")

    def told(file: FileState) -> ExportedFile:
        url = files.link(f"{_key(document, context)}/{file.name}", file.name.rpartition("/")[2]) if may else None
        return ExportedFile(name=file.name, rows=file.done, bytes=file.bytes, sha256=str(file.sha256), url=url)

    done, total = _progress(data)
    finished = sum(file.sha256 is not None for file in data.files)
    summary = _summary(document, (done, total, finished, len(data.files)))
    return Export(
        **dict(summary),
        files=[told(file) for file in data.files] if completed else [],
        manifest=told(data.manifest) if data.manifest else None,
        events=[event.type for event, subject in context.work.events if subject is document],
    )


def _summary(document: Document, counted: Sequence[int]) -> ExportSummary:
    """An export without its files; ``counted`` are its rows done and in all, and its files done and in all."""
    done, total, files_done, files_total = counted
    completed = document.status == "completed"
    return ExportSummary(
        id=document.id,
        status=cast(Literal["queued", "running", "completed"], document.status),
        version=document.version,
        progress=100 if completed else min(100 * done // total, 99) if total else 0,
        recorded_up_to=document.read(ExportInstant).recorded_up_to,
        rows_done=done,
        rows_total=total,
        files_done=files_done,
        files_total=files_total,
        links={"self": f"/api/v1/exports/{document.id}"},
    )
