"""Report schedules: what is due is asked for, each day of a schedule once, also after a gap."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bigledger.kernel import Context, configuration
from bigledger.records import Company, ReportSchedule, days_of, due_days
from bigledger.reporting import jobs

PER_TRANSACTION = 20
"""The most jobs that one transaction starts."""

_SCHEDULES = f"""
    SELECT jsonb_agg(jsonb_build_object(
        'id', d.id, 'code', d.number, 'data', d.data, 'created_at', d.created_at,
        'last', (SELECT j.date FROM kernel.document_link l JOIN kernel.document j ON j.id = l.to_id
                 WHERE l.from_id = d.id AND l.kind = '{jobs.TYPE}' ORDER BY l.to_id DESC LIMIT 1)) ORDER BY d.id)::text
    FROM kernel.document d WHERE d.type = 'report_schedule' AND d.status = 'active'
"""


@dataclass(frozen=True, slots=True)
class _Due:
    """A schedule and a day it is due on."""

    id: UUID
    code: str
    schedule: ReportSchedule
    on: dt.date

    def job(self) -> jobs.ReportJobData:
        """What is asked for, with the days that the schedule tells from the one it is due on."""
        first, last = days_of(self.schedule.period, self.on)
        days = {"as_of": last} if jobs.PRINTABLE[self.schedule.report].of_a_day else {"from": first, "to": last}
        company = {} if self.schedule.company is None else {"company": self.schedule.company}
        return jobs.ReportJobData(
            report=self.schedule.report,
            format=self.schedule.format,
            parameters={**{name: str(day) for name, day in days.items()}, **company, **self.schedule.parameters},
            schedule=self.code,
            due_on=self.on,
        )


def start_due(context: Context) -> int:
    """Ask for the reports that are due in the tenant, the oldest first; answers how many."""
    due = sorted(
        (one for row in context.work.read_json(_SCHEDULES) or [] for one in _days(row, context)),
        key=lambda one: (one.on, one.code),
    )[:PER_TRANSACTION]
    for one in due:
        # The number is the schedule's for this day, which nobody gives twice.
        document = jobs.start(one.job(), f"{one.id}/{one.on}", context)
        context.work.link(one.id, document.id, jobs.TYPE)
    return len(due)


def _days(row: dict[str, Any], context: Context) -> list[_Due]:
    schedule = ReportSchedule.model_validate(row["data"])
    today = context.clock.today(_timezone(schedule, context))
    if row["last"] is not None:
        after = dt.date.fromisoformat(row["last"])
    else:
        after = dt.datetime.fromisoformat(row["created_at"]).date() - dt.timedelta(days=1)
    return [_Due(UUID(row["id"]), row["code"], schedule, day) for day in due_days(schedule, after, today)]


def _timezone(schedule: ReportSchedule, context: Context) -> str:
    """Where the day begins: of the schedule's company, or of the tenant's first one."""
    companies = configuration(context)
    named = companies.find(Company, schedule.company) if schedule.company else None
    first = named or next(companies.every(Company))
    return str(first.data.timezone)
