"""What holds for master data beyond its shape: what stays once figures rest on it, and how a change is told.

The rules of a type are data in the registry: SQL about the record itself, which is read in one statement with it,
the fields that stay, and a check of how the record fits to the others. The database refuses the same by triggers.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bigledger.kernel import Conflict, Context, Document, FieldError, InvalidRequest, NotFound, database
from bigledger.kernel.documents import AS_JSON, from_json, matching
from bigledger.records.events import Change

Data = Mapping[str, Any]
"""The fields of a record, JSON-ready, references as codes."""


class RecordInUse(Conflict):
    """Posted figures or given numbers rest on the record, so this part of it stays as it is."""

    title = "The record is in use"


for _name in ("set_up_in_use", "posted_period_stays", "locked_period_stays", "closed_year_stays"):
    database.constraint(
        _name, lambda: RecordInUse("Figures were posted meanwhile that rest on this. Read it again, then repeat.")
    )

database.constraint(
    "currency_of_company",
    lambda: RecordInUse("A company began to keep its books in the currency while it was archived. Choose another."),
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A record as it would be: ``before`` is None for a new one, ``used`` says whether figures rest on it."""

    context: Context
    before: Data | None
    after: Data
    used: bool = False
    reason: str | None = None
    """Why it is changed, as the caller says."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the records of one type. The SQL is about the document ``d``."""

    used: str = "false"
    """SQL, boolean: whether figures or numbers rest on the record. Then the ``frozen`` fields stay."""
    frozen: tuple[str, ...] = ()
    kept: str = "NULL"
    """SQL, text: why the record may not be archived; null when it may."""
    elements: Mapping[str, str] = field(default_factory=dict)
    """Lists of objects by the field that identifies their elements: a change names only those it is about."""
    check: Callable[[Proposed], None] = lambda proposed: None
    """Whether the record fits to the others and to what it was; raises a problem."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stored record with what its rules ask of it."""

    document: Document
    used: bool
    kept: str | None


def load(context: Context, type: str, title: str, rules: Rules, reference: str) -> Loaded:
    """A record by its id or code, and whether it is used; one statement. Raises NotFound."""
    found = context.work.read_json(
        f"SELECT jsonb_build_object('document', {AS_JSON}, 'used', {rules.used}, 'kept', {rules.kept})::text"
        f" FROM kernel.document d WHERE d.type = :type AND {matching(reference)} LIMIT 1",
        type=type,
        reference=reference,
    )
    if found is None:
        raise NotFound(f"There is no {title.lower()} {reference}.")
    return Loaded(from_json(found["document"]), found["used"], found["kept"])


def merged(rules: Rules, before: Data, given: Data) -> tuple[dict[str, Any], dict[str, str]]:
    """The record with the given fields replaced; of ``elements``, those not given stay as they are.

    Answers also where each given element went, pointer by pointer. Raises InvalidRequest for an empty list of
    them, which says nothing.
    """
    after = {**before, **given}
    moved: dict[str, str] = {}
    for name, key in rules.elements.items():
        if name not in given:
            continue
        if not given[name]:
            raise InvalidRequest(
                f"Name the {name} to change by their {key}, or leave {name} out. Those not named stay as they are.",
                errors=[FieldError(f"/{name}", "required", f"name at least one by its {key}")],
            )
        if not (isinstance(given[name], list) and all(isinstance(e, dict) and key in e for e in given[name])):
            continue  # the model tells what is wrong
        elements = list(before.get(name, []))
        for place, element in enumerate(given[name]):
            known = [index for index, present in enumerate(elements) if present[key] == element[key]]
            if known:
                elements[known[0]] = {**elements[known[0]], **element}
            else:
                elements.append(element)
            moved[f"/{name}/{known[0] if known else len(elements) - 1}"] = f"/{name}/{place}"
        after[name] = elements
    return {name: value for name, value in after.items() if value is not None}, moved


def as_given(errors: Iterable[FieldError], moved: Mapping[str, str]) -> list[FieldError]:
    """The errors with pointers into what the caller wrote instead of the merged record."""
    told = []
    for error in errors:
        written = "/".join(error["pointer"].split("/")[:3])
        pointer = moved.get(written, written) + error["pointer"].removeprefix(written)
        told.append(FieldError(pointer, error["code"], error["message"]))
    return told


def changes(rules: Rules, before: Data, after: Data) -> dict[str, Change]:
    """What each changed field was and is; of ``elements``, only those that differ."""
    told = {}
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        if name in rules.elements:
            was, now = (
                [element for element in one or [] if element not in (other or [])]
                for one, other in ((was, now), (now, was))
            )
        told[name] = Change(before=was, after=now)
    return told


def check_frozen(rules: Rules, what: str, changed: Iterable[str], used: bool) -> None:
    """Raise RecordInUse for fields that posted figures or given numbers rest on; ``what`` names the record."""
    touched = [name for name in rules.frozen if name in changed] if used else []
    if touched:
        raise RecordInUse(
            f"{what} is in use, so {' and '.join(touched)} cannot change any more. Create another one instead.",
            errors=[FieldError(f"/{name}", "in_use", "leave it as it is") for name in touched],
        )
