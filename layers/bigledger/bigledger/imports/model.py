"""The shapes of imports: what callers send, what is stored, what is answered."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bigledger.kernel import Answer, Command, Reference

MAXIMUM_ROWS = 20_000
"""The most rows of one import; a larger file is imported in parts."""

MAXIMUM_TEXT = 5_000_000
"""The most characters of a file: what a function takes in one request."""

MAXIMUM_ERRORS = 1000
"""The most errors that an import tells; ``error_count`` says how many there are."""

ImportKind = Literal[
    "customers", "suppliers", "contacts", "products", "accounts", "journal_entries", "opening_items", "invoices"
]


class NewImport(Command):
    """Rows to import: a CSV ``text``, an XLSX ``workbook`` in base64, or ``rows`` as objects in the shape of the API.

    Each object has an ``external_id``, by which it is imported once, whatever happens; records may do with their
    code, open items with their party and number. Of a table the first row names the fields, those of nested objects
    with dots (``address.city``). Rows of a journal entry or an invoice that follow one another with the same external
    id are its lines; a field that entries and lines both have is a line's with ``line_`` before it (``line_text``).
    """

    kind: ImportKind
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAXIMUM_TEXT)] | None = None
    workbook: Annotated[str, StringConstraints(min_length=1, max_length=MAXIMUM_TEXT)] | None = None
    sheet: Annotated[str, StringConstraints(min_length=1, max_length=31)] | None = None
    """The sheet of the workbook; its first one when absent."""
    delimiter: Literal[",", ";", "\t", "|"] = ","
    rows: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAXIMUM_ROWS)] | None = None
    validate_only: bool = False

    @model_validator(mode="after")
    def _one(self) -> "NewImport":
        if sum(one is not None for one in (self.text, self.workbook, self.rows)) != 1:
            raise PydanticCustomError("text_or_rows", "give one of text, workbook and rows")
        return self


class ImportReference(Command):
    """Names an import by its id."""

    id: Reference


class RowError(Answer):
    """What is wrong in a row; rows are counted from 1, a header not among them."""

    row: int
    external_id: str | None = None
    pointer: str
    code: str
    message: str


class ImportData(Answer):
    """What is stored of an import."""

    kind: ImportKind
    total: int
    """How many objects there are: records, entries or invoices."""
    done: int = 0
    """How many of them were imported, or found to have been before."""
    created: int = 0
    skipped: int = 0
    """How many had been imported before, by their external id."""
    errors: list[RowError] = []
    error_count: int = 0


class Import(ImportData):
    """An import. ``status``: ``invalid`` has errors and is not imported, ``validated`` waits for its commit or was

    only validated, ``importing`` is under way or was interrupted, ``completed``.
    """

    id: UUID
    status: str
    version: int
    remaining: int
    events: list[str] = []
