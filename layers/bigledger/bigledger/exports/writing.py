"""One step of an export: some megabytes of lines read and stored, and how far it has come."""

import hashlib
from dataclasses import dataclass, field

from bigledger.exports.model import ExportData, FileState
from bigledger.exports.tables import page_sql
from bigledger.kernel import Context, files
from bigledger.kernel.observability import logger

LINES = "application/x-ndjson"

_PAGE_BYTES = 768 * 1024
"""Bytes of lines that one statement answers, so that neither a driver nor the database has much to hold at once."""

_FIRST_LINES, _MOST_LINES = 500, 5000


@dataclass(slots=True)
class _Reading:
    """What was read of a file and is not stored yet."""

    text: bytearray = field(default_factory=bytearray)
    limit: int = _FIRST_LINES


def step(data: ExportData, key: str, context: Context) -> bool:
    """Store the next part, or several small files together; answers whether all files are there.

    A step may be done again, in part or in whole: each part is put in the place it has. Raises what the store raises.
    """
    stored = 0
    for file in [one for one in data.files if one.sha256 is None]:
        if stored >= files.PART or (stored and file.rows > _MOST_LINES):
            return False
        try:
            stored += _advance(data, file, f"{key}/{file.name}", context)
        except files.UploadLost:
            logger.warning("a file is written from its beginning", extra={"file": file.name})
            file.done, file.bytes, file.after, file.upload, file.marks, file.read = 0, 0, None, None, [], False
            return False
        if file.sha256 is None:
            return False
    return True


def _advance(data: ExportData, file: FileState, key: str, context: Context) -> int:
    """Store a part of a file, or make the file of its parts when they are all there; answers the bytes stored."""
    if file.read:
        assert file.upload is not None
        files.finish(key, file.upload, file.marks, file.bytes)
        file.sha256, size = files.digest(key)
        if size != file.bytes:
            raise RuntimeError(f"{file.name} has {size} bytes in the store, and {file.bytes} were written")
        return files.PART
    text, file.read = _read(data, file, context)
    file.bytes += len(text)
    if file.upload is None and file.read:
        files.put(key, bytes(text), LINES)
        file.sha256 = hashlib.sha256(text).hexdigest()
    elif text:
        file.upload = file.upload or files.begin(key, LINES)
        file.marks.append(files.put_part(key, file.upload, len(file.marks) + 1, bytes(text)))
    return len(text)


def _read(data: ExportData, file: FileState, context: Context) -> tuple[bytearray, bool]:
    """The next lines of a file, a part's worth or all that are left, and whether those were the last."""
    told, reading = data.tables[file.table], _Reading()
    while len(reading.text) < files.PART:
        given: dict[str, str | int] = {"limit": reading.limit, "bytes": _PAGE_BYTES}
        if told.recorded is not None:
            given["until"] = data.recorded_up_to.isoformat()
        if file.document_type is not None:
            given["type"] = file.document_type
        if file.after is not None:
            given["after"] = file.after
        sql = page_sql(file.table, told, file.document_type, first=file.after is None)
        (page,) = context.work.read(sql, **given)
        if page.rows:
            lines = page.text.encode()
            reading.text += lines
            reading.limit = max(1, min(_MOST_LINES, page.rows * _PAGE_BYTES // len(lines)))
            file.done += page.rows
            file.after = page.last
        if not page.more:
            return reading.text, True
    return reading.text, False
