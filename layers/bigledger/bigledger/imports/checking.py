"""What the kinds of import share: objects as their models, and the refusal of rows that are wrong."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from bigledger.imports.model import RowError
from bigledger.imports.reading import Unit, told
from bigledger.kernel import Problem
from bigledger.kernel.intake import field_errors

Created = tuple[Unit, UUID]
"""An object, and the document it became or became a part of."""


def as_models(model: type[BaseModel], units: Sequence[Unit], errors: list[RowError]) -> Iterator[tuple[Unit, Any]]:
    """Each object as its model; what does not fit goes to the errors."""
    for unit in units:
        try:
            yield unit, model.model_validate(unit.data)
        except ValidationError as error:
            errors.extend(told(unit, field_errors(error)))


class ImportRefused(Problem):
    """Some rows cannot be imported as things stand now; ``rows`` tells which and why. Nothing of the chunk was."""

    title = "Some rows cannot be imported"


def refuse(errors: Sequence[RowError]) -> None:
    """Raise ImportRefused for rows that are wrong."""
    if errors:
        first = errors[0]
        raise ImportRefused(
            f"Row {first.row}: {first.message}. {len(errors)} in all. Mend what they rest on, then resume the import.",
            rows=[error.model_dump(exclude_none=True) for error in errors[:100]],
        )
