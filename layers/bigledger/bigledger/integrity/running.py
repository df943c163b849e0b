"""Runs checks: all that are asked for in one statement, which sees the tenant as it is at one moment."""

from collections.abc import Sequence
from uuid import UUID

from bigledger.integrity.checks import CHECKS
from bigledger.integrity.model import Check, CheckResult, Evidence, EvidenceDocument, IntegrityReport, RunChecks
from bigledger.kernel import Context, FieldError, UnknownReference

_BY_NAME = {check.name: check for check in CHECKS}


def run(command: RunChecks, context: Context) -> IntegrityReport:
    """Run the checks that are named, or all, in one statement. Raises UnknownReference for a name of none."""
    chosen = _chosen(command)
    found = context.work.read_json(statement(chosen), evidence=command.evidence)
    results = [
        CheckResult(
            name=check.name,
            meaning=check.meaning,
            severity=check.severity,
            passed=row["wrong"] == 0,
            looked_at=row["looked_at"],
            wrong=row["wrong"],
            evidence=[_evidence(**item) for item in row["evidence"]],
        )
        for check in chosen
        for row in [found[check.name]]
    ]
    return IntegrityReport(passed=all(result.passed for result in results), checked_at=context.now, checks=results)


def statement(checks: Sequence[Check]) -> str:
    """The statement that runs these checks; its parameter ``evidence`` bounds what each tells of.

    One statement has one snapshot: requests that commit meanwhile are seen by all of the checks or by none. What is
    wrong is counted while it goes by, so that a broken check over millions of rows keeps no more than its evidence.
    """
    parts = "\nUNION ALL\n".join(_COUNTED.format(name=check.name, sql=check.sql) for check in checks)
    return " ".join(_TOLD.format(parts=parts).split())


_COUNTED = """
    SELECT '{name}' AS name, count(*) AS looked_at, count(*) FILTER (WHERE wrong) AS wrong,
           coalesce(jsonb_agg(jsonb_build_array(document_id, place, expected, found))
                    FILTER (WHERE wrong AND place_among <= cast(:evidence AS integer)), '[]') AS evidence
    FROM (SELECT looked.*, expected IS DISTINCT FROM found AS wrong,
                 count(*) FILTER (WHERE expected IS DISTINCT FROM found)
                     OVER (ROWS UNBOUNDED PRECEDING) AS place_among
          FROM ({sql}) looked) counted
"""

_TOLD = """
    WITH result AS MATERIALIZED ({parts})
    SELECT jsonb_object_agg(r.name, jsonb_build_object(
        'looked_at', r.looked_at, 'wrong', r.wrong, 'evidence', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'id', e->>0, 'type', d.type, 'number', d.number, 'place', e->>1, 'expected', e->>2, 'found', e->>3)
                ORDER BY d.type, d.number, e->>0, e->>1), '[]')
            FROM jsonb_array_elements(r.evidence) e LEFT JOIN kernel.document d ON d.id = cast(e->>0 AS uuid))))::text
    FROM result r
"""


def _chosen(command: RunChecks) -> list[Check]:
    if command.checks is None:
        return list(CHECKS)
    errors = [
        FieldError(f"/checks/{index}", "unknown_reference", f"there is no check {name}")
        for index, name in enumerate(command.checks)
        if name not in _BY_NAME
    ]
    if errors:
        raise UnknownReference(f"Some checks do not exist. There are: {', '.join(_BY_NAME)}.", errors=errors)
    return [_BY_NAME[name] for name in dict.fromkeys(command.checks)]


def _evidence(
    id: str | None, type: str | None, number: str | None, place: str, expected: str | None, found: str | None
) -> Evidence:
    document = EvidenceDocument(id=UUID(id), type=type, number=number) if id else None
    return Evidence(document=document, place=place, expected=expected, found=found)
