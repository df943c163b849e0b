"""Which approval rules ask for an approval of a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bigledger.kernel import Context, Entry, conditions, configuration
from bigledger.records import ApprovalRule, Company


@dataclass(frozen=True, slots=True)
class MatchedRule(Entry[ApprovalRule]):
    """A rule that asks for an approval; ``reason`` is its condition, and why it had no answer if it had none."""

    reason: str = ""


def matching_rules(
    context: Context, company: Entry[Company], document_type: str, facts: Mapping[str, Any]
) -> list[MatchedRule]:
    """The active rules for a document of a type and company whose condition holds, by code.

    ``facts`` are what conditions read as ``document.<name>``, those of records.CONDITION_EXAMPLES: amounts as
    Decimal in the document's currency, customer and company as codes. A condition that cannot be answered counts
    as holding: a person decides then, and the reason tells it.
    """
    matched = []
    for rule in configuration(context).active(ApprovalRule):
        data = rule.data
        if data.document_type != document_type or data.company not in (None, company.code):
            continue
        reason = _reason(data.condition, facts)
        if reason is not None:
            matched.append(MatchedRule(rule.id, rule.code, rule.status, rule.company_id, data, reason))
    return matched


def _reason(condition: str, facts: Mapping[str, Any]) -> str | None:
    """Why the condition asks for an approval, or None when it asks for none."""
    try:
        return condition if conditions.evaluate(condition, facts) else None
    except conditions.ConditionError as error:
        return f"{condition} could not be evaluated: {error}"
