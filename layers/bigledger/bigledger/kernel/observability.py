"""Structured logs and metrics; each line names tenant, actor, operation and correlation id."""

import os
from collections.abc import Mapping

os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "bigledger")
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "BigLedger")

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from bigledger.kernel.context import Actor, Request

logger = Logger(utc=True)

_TOLD = ("tenant_id", "actor", "correlation_id")  # what of a line's identity stands beside its metrics, too


def begin(operation: str, tenant: str, actor: Actor, request: Request) -> None:
    """Put the request's identity on every line that follows in this thread."""
    logger.thread_safe_clear_keys()
    logger.thread_safe_append_keys(
        tenant_id=tenant,
        actor=actor.id,
        operation=operation,
        correlation_id=request.correlation_id,
        request_id=request.id,
    )


def record(operation: str, outcome: str, milliseconds: float, statements: int, **more: str | int) -> None:
    """One line and one set of metrics per finished request."""
    logger.info(
        "answered %s", outcome, extra={"milliseconds": round(milliseconds, 2), "statements": statements, **more}
    )
    metrics = EphemeralMetrics()
    metrics.add_dimension(name="operation", value=operation)
    for name, value in logger.thread_safe_get_current_keys().items():
        if name in _TOLD:
            metrics.add_metadata(key=name, value=value)
    metrics.add_metric(name="Duration", unit=MetricUnit.Milliseconds, value=milliseconds)
    metrics.add_metric(name="Statements", unit=MetricUnit.Count, value=statements)
    metrics.add_metric(name=f"Outcome{outcome[0]}xx", unit=MetricUnit.Count, value=1)
    metrics.flush_metrics()


def measure(seconds: Mapping[str, int], counts: Mapping[str, int]) -> None:
    """Metrics of the whole installation, by name: of nobody's request."""
    metrics = EphemeralMetrics()
    for name, value in seconds.items():
        metrics.add_metric(name=name, unit=MetricUnit.Seconds, value=value)
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()
