"""The shapes of integrity: a check as it is declared, what to run, and what was found."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from bigledger.kernel import Answer, Command

Severity = Literal["critical", "major", "minor"]
"""``critical``: the books themselves are wrong. ``major``: a figure that is kept beside them is, and can be rebuilt.
``minor``: a trace that no figure rests on is broken."""

CheckName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,59}$")]


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant. ``sql`` answers a row for everything it looks at, right or wrong, with the columns

    ``document_id`` (uuid) and ``place`` (text): which document, and where in it or beside it;
    ``expected`` and ``found`` (text): what should be and what is. Where the two differ, or one is null, the
    invariant is broken. Amounts are written without trailing zeros, so that equal figures are equal texts.
    """

    name: str
    meaning: str
    severity: Severity
    sql: str


class RunChecks(Command):
    """Which checks to run, all of them when none is named, and how much evidence each may give.

    A check that finds more says how many there are.
    """

    checks: Annotated[list[CheckName], Field(min_length=1, max_length=100)] | None = None
    evidence: Annotated[int, Field(ge=1, le=100)] = 20


class EvidenceDocument(Answer):
    """The document that is wrong, or that what is wrong belongs to. One that is missing has an id only."""

    id: UUID
    type: str | None = None
    number: str | None = None


class Evidence(Answer):
    """One thing that is not as it must be: where it is, what should be there, and what is. Absent: nothing at all."""

    document: EvidenceDocument | None = None
    place: str
    expected: str | None = None
    found: str | None = None


class CheckResult(Answer):
    """How a check came out: how many things it looked at, how many of them are wrong, and the first of those."""

    name: str
    meaning: str
    severity: Severity
    passed: bool
    looked_at: int
    wrong: int
    evidence: list[Evidence]


class IntegrityReport(Answer):
    """What the checks found, all at one moment. It passed when every check did."""

    passed: bool
    checked_at: dt.datetime
    checks: list[CheckResult]
