"""How far a report job has come, for whoever looks at it while it is made.

A job is one transaction, of which nobody sees anything before its end. So its progress is kept apart from it, in a
transaction of its own each time: when it begins, at every thousandth row that is read, and at every tenth of the rows
that are written into the file. A job that is made again after a failure begins again.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from bigledger.kernel import database
from bigledger.kernel.transactions import open_tenant

READ_EACH = 1000
"""After so many rows that are read, progress is told."""

WRITTEN_PARTS = 10
"""How often progress is told while rows are written."""

PROGRESS = """
    (SELECT p.rows_done || '/' || coalesce(p.rows_total::text, '') FROM reporting.job_progress p
     WHERE p.job_id = d.id ORDER BY p.step DESC LIMIT 1)
"""
"""SQL: the progress of a job ``d``: rows done and, once they are known, rows in all; null where it has not begun."""

_TELL = """
    INSERT INTO reporting.job_progress (job_id, step, rows_done, rows_total)
    SELECT cast(:job AS uuid), coalesce(max(p.step), 0) + 1, cast(:done AS integer), cast(:total AS integer)
    FROM reporting.job_progress p WHERE p.job_id = cast(:job AS uuid)
    RETURNING step
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come. While rows are read, nobody knows how many there are."""

    rows_done: int
    rows_total: int | None

    @property
    def phase(self) -> Literal["reading", "writing"]:
        """Whether the report is being read, or its rows are being written into the file."""
        return "reading" if self.rows_total is None else "writing"

    @property
    def percent(self) -> int:
        """The share of the rows that are written; never all of them, since the file has still to be stored."""
        return min(100 * self.rows_done // self.rows_total, 99) if self.rows_total else 0


def progress_of(told: str | None) -> Progress | None:
    """What the expression PROGRESS says."""
    if told is None:
        return None
    done, _, total = told.partition("/")
    return Progress(int(done), int(total) if total else None)


class Teller:
    """Tells the progress of one job as it is made."""

    def __init__(self, tenant: UUID, now: dt.datetime, job: UUID) -> None:
        self._tenant, self._now, self._job = tenant, now, job
        self._told, self._total = 0, 0
        self._tell(0, None)

    def read(self, rows: int) -> None:
        """So many rows are read, and there may be more."""
        if rows - self._told >= READ_EACH:
            self._told = rows
            self._tell(rows, None)

    def writing(self, rows: int) -> None:
        """All rows are read, so many, and writing them begins."""
        self._told, self._total = 0, rows
        self._tell(0, rows)

    def written(self, rows: int) -> None:
        """So many rows are written."""
        if rows * WRITTEN_PARTS // self._total > self._told:
            self._told = rows * WRITTEN_PARTS // self._total
            self._tell(rows, self._total)

    def _tell(self, done: int, total: int | None) -> None:
        with database.transaction() as apart:
            open_tenant(apart, self._tenant, self._now)
            apart.row(_TELL, job=str(self._job), done=done, total=total)
