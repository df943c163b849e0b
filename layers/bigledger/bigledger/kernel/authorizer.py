"""``@authorizer``: the function the gateway asks who is calling, before it calls an operation."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bigledger.kernel import runtime
from bigledger.kernel.context import Actor, Request
from bigledger.kernel.deployment import answers_deployments
from bigledger.kernel.naming import module_of, summary_of
from bigledger.kernel.observability import begin, logger, record
from bigledger.kernel.problems import Unauthenticated

MEMORY = 512
TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is calling, and for which tenant. The operator of the installation belongs to none."""

    actor: Actor
    tenant_id: UUID | None = None

    def context(self) -> dict[str, str]:
        """What the gateway hands on to the operation; ``intake.read_actor`` reads it."""
        actor = self.actor
        known = {
            "actor_id": actor.id,
            "actor_kind": actor.kind,
            "actor_name": actor.name,
            "permissions": " ".join(actor.permissions),
            "roles": " ".join(actor.roles),
        }
        if self.tenant_id is not None:
            known["tenant_id"] = str(self.tenant_id)
        if actor.version is not None:
            known["actor_version"] = str(actor.version)
        return known


@dataclass(frozen=True)
class Authorizer:
    """A declared authorizer. Calling it with a gateway event is the Lambda; ``run`` is the function itself."""

    name: str
    module: str
    function: Callable[[str], Identity]
    memory: int = MEMORY
    timeout: int = TIMEOUT

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return summary_of(self.function)

    def run(self, credential: str) -> Identity:
        """Say whose key or token this is; raises Unauthenticated."""
        return self.function(credential)

    @answers_deployments
    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        """Answer an authorizer request of the HTTP API (payload format 2.0) with a simple response.

        A refused caller passes too, with the reason as ``problem``: the operation then answers 401 as a problem
        document, which the gateway itself could not. A failure on our side is raised, because the gateway keeps
        answers for a while and a passing fault must not be kept.
        """
        started = time.perf_counter()
        identifier = str(event["requestContext"]["requestId"])
        request = Request(f"{self.module}.{self.name}", identifier, identifier)
        try:
            identity = self.function(_credential(event))
        except Unauthenticated as refusal:
            begin(self.name, "", Actor("anonymous", "anonymous"), request)
            record(self.name, "401", (time.perf_counter() - started) * 1000, 0)
            return {"isAuthorized": True, "context": {"problem": refusal.detail}}
        except Exception:
            begin(self.name, "", Actor("anonymous", "anonymous"), request)
            logger.exception("nobody can be authorized")
            raise
        begin(self.name, str(identity.tenant_id or ""), identity.actor, request)
        record(self.name, "200", (time.perf_counter() - started) * 1000, 0)
        return {"isAuthorized": True, "context": identity.context()}


def authorizer(function: Callable[[str], Identity]) -> Authorizer:
    """Declare the authorizer: its function takes what came as Bearer and answers whose it is."""
    module = module_of(function)
    runtime.prepare()
    return Authorizer(function.__name__, module, function)


def _credential(event: Mapping[str, Any]) -> str:
    """What the Authorization header brings; raises Unauthenticated when it is not a bearer's."""
    scheme, _, credential = str((event.get("headers") or {}).get("authorization", "")).strip().partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated("Send an API key or a token in the header Authorization: Bearer <key>.")
    return credential.strip()
