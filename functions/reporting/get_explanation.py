"""Explain a cell of a report."""

from bigledger.kernel import Context, operation
from bigledger.reporting import ExplainQuery, Explanation, explain


@operation("GET /api/v1/reports/{kind}/explain")
def get_explanation(query: ExplainQuery, context: Context) -> Explanation:
    """Explain a cell of a report: the journal lines that add up to it, their documents, and the events that made them.

    ``cell`` is what stands beside each amount of the report.
    """
    return explain(query, context)
