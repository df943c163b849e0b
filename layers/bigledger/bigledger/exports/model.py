"""The shapes of exports: what callers send, what is stored, what is answered."""

import datetime as dt
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from bigledger.kernel import Answer, Command, Filter, Instant, ListQuery, Reference

FORMAT = "bigledger-export-1"
"""What a manifest says that it is the manifest of."""


class NewExport(Command):
    """Everything of the tenant that was recorded up to an instant, that of the request when absent."""

    recorded_up_to: Instant | None = None


class ExportReference(Command):
    """Names an export by its id."""

    id: Reference


class ExportColumn(Answer):
    """A column of a table and its type in Postgres. Numbers that need not be whole stand in the lines as texts."""

    name: str
    type: str


class ExportTable(Answer):
    """A table: its columns in their order, those that its rows are ordered by, and the one that tells when a row

    was recorded. One without such a column holds figures that are kept up to date, and is read as it stands.
    """

    columns: list[ExportColumn]
    key: list[str]
    recorded: str | None = None


class FileState(BaseModel):
    """A file on its way: of a table, of documents those of one type. ``after`` is the key of its last line so far."""

    name: str
    table: str
    document_type: str | None = None
    rows: int
    """How many rows were counted when the export began."""
    done: int = 0
    bytes: int = 0
    after: str | None = None
    upload: str | None = None
    marks: list[str] = []
    read: bool = False
    """Whether all rows are in."""
    sha256: str | None = None


class ExportInstant(BaseModel):
    """Up to when an export has what was recorded."""

    recorded_up_to: dt.datetime


class ExportData(ExportInstant):
    """What is stored of an export."""

    step: int = 0
    tables: dict[str, ExportTable] = {}
    files: list[FileState] = []
    manifest: FileState | None = None


class ExportedFile(Answer):
    """A stored file; ``url`` opens it for some minutes, for whoever may make exports."""

    name: str
    rows: int
    bytes: int
    sha256: str
    url: str | None = None


class ExportList(ListQuery):
    """Which exports to list."""

    allowed_filters = {"status": Filter("status")}


class ExportSummary(Answer):
    """An export in a list. ``progress`` is the share of its rows that are done, in percent; all of it at the end."""

    id: UUID
    status: Literal["queued", "running", "completed"]
    version: int
    progress: int
    recorded_up_to: dt.datetime
    rows_done: int
    rows_total: int
    files_done: int
    files_total: int
    links: dict[str, str]


class Export(ExportSummary):
    """An export. ``status``: ``queued``, ``running`` or ``completed``; only then there are files to fetch."""

    files: list[ExportedFile] = []
    manifest: ExportedFile | None = None
    events: list[str] = []
