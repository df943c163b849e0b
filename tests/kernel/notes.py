"""The smallest module there could be: notes. Its operations exercise the kernel and nothing else."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from bigledger.kernel import (
    Amount,
    Answer,
    Command,
    Context,
    Document,
    Event,
    Filter,
    ListQuery,
    Page,
    Reference,
    documents,
    event,
    listing,
    numbering,
    operation,
)


@event("note.written")
class NoteWritten(Event):
    """A note was written."""

    text: str


@event("note.rewritten")
class NoteRewritten(Event):
    """A note has another text now."""

    text: str


class NoteData(Answer):
    """What is stored of a note."""

    text: str
    amount: Amount | None = None


class Note(Answer):
    """A note."""

    id: UUID
    number: str | None = None
    text: str
    amount: Amount | None = None
    version: int


class NewNote(Command):
    """A note to write; one with a series gets a number."""

    text: Annotated[str, Field(min_length=1)]
    amount: Amount | None = None
    lines: list[Amount] = []
    series: UUID | None = None
    tags: dict[str, str] = {}


class NoteReference(Command):
    """Names a note."""

    id: Reference


class NewText(Command):
    """Another text for a note."""

    id: Reference
    text: str


class NoteList(ListQuery):
    """A list of notes."""

    allowed_filters: ClassVar[Mapping[str, Filter]] = {
        "status": Filter("status"),
        "number": Filter("number"),
        "date": Filter("date", "date"),
        "due_date": Filter("due_date", "date"),
        "about": Filter("party_id", "uuid", "note"),
        "created_at": Filter("created_at", "timestamptz"),
    }
    allowed_sorts: ClassVar[Sequence[str]] = ("number", "date", "due_date", "status", "created_at")


def answer(note: Document) -> Note:
    """The note as it is answered."""
    data = note.read(NoteData)
    return Note(id=note.id, number=note.number, text=data.text, amount=data.amount, version=note.version)


def write(new: NewNote, context: Context) -> Note:
    """Stage a note with its event."""
    number = numbering.take(context, new.series, "N-{YYYY}-", 4, "year", context.now.date()) if new.series else None
    data = NoteData(text=new.text, amount=new.amount)
    note = documents.create(
        context, Document(context.new_id(), "note", "open", data, number=number, metadata=dict(new.tags))
    )
    context.emit(NoteWritten(text=new.text), note)
    return answer(note)


@operation("POST /api/v1/notes", emits=[NoteWritten])
def write_note(new: NewNote, context: Context) -> Note:
    """Write a note."""
    return write(new, context)


@operation("POST /api/v1/paid-notes", emits=[NoteWritten], key_required=True)
def write_paid_note(new: NewNote, context: Context) -> Note:
    """Write a note that must not be written twice."""
    return write(new, context)


@operation("GET /api/v1/notes/{id}")
def get_note(reference: NoteReference, context: Context) -> Note:
    """Read a note."""
    return answer(documents.get(context, "note", reference.id))


@operation("GET /api/v1/notes")
def list_notes(query: NoteList, context: Context) -> Page[Note]:
    """List notes."""
    found, cursor = listing.page(context, "note", query)
    return Page[Note](data=[answer(listed.document) for listed in found], next_cursor=cursor)


@operation("PATCH /api/v1/notes/{id}", emits=[NoteRewritten])
def rewrite_note(change: NewText, context: Context) -> Note:
    """Replace the text of a note."""
    note = documents.get(context, "note", change.id)
    documents.check_version(context, note)
    data = note.read(NoteData).model_copy(update={"text": change.text})
    documents.change(context, note, data=data)
    context.emit(NoteRewritten(text=change.text), note)
    return answer(note)


@operation("POST /api/v1/notes/{id}/append", emits=[NoteRewritten])
def append_to_note(change: NewText, context: Context) -> Note:
    """Add to the text of a note, whatever it is now."""
    note = documents.get(context, "note", change.id)
    documents.check_version(context, note)
    text = note.read(NoteData).text + change.text
    documents.change(context, note, data=NoteData(text=text))
    context.emit(NoteRewritten(text=text), note)
    return answer(note)


@operation("POST /api/v1/notes/refresh")
def refresh_notes(context: Context) -> Page[Note]:
    """Takes no fields."""
    return Page[Note](data=[])


def on(day: str) -> date:
    """A date from its ISO form."""
    return date.fromisoformat(day)
