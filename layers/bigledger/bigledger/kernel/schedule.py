"""``@schedule``: a function whose caller is the clock."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from bigledger.kernel import runtime
from bigledger.kernel.context import Actor, Request
from bigledger.kernel.database import Role
from bigledger.kernel.deployment import answers_deployments
from bigledger.kernel.naming import module_of, summary_of
from bigledger.kernel.observability import begin, record


@dataclass(frozen=True)
class Schedule:
    """A declared scheduled function. Calling it with any event is the Lambda."""

    name: str
    module: str
    function: Callable[[], BaseModel]
    rate: str
    role: Role
    memory: int
    timeout: int

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return summary_of(self.function)

    def run(self) -> BaseModel:
        """Run the function itself."""
        return self.function()

    @answers_deployments
    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        """Run once; what came of it is logged and answered."""
        started = time.perf_counter()
        identifier = str(runtime.clock.new_id())
        begin(self.name, "", Actor(id="scheduler"), Request(f"{self.module}.{self.name}", identifier, identifier))
        answer = self.function().model_dump(mode="json")
        record(self.name, "200", (time.perf_counter() - started) * 1000, 0, **answer)
        return answer


def schedule(
    rate: str, *, role: Role = "application", memory: int = 512, timeout: int = 60
) -> Callable[[Callable[[], BaseModel]], Schedule]:
    """Declare a scheduled function: ``@schedule("rate(1 minute)")``; it answers what it did, counted."""

    def declare(function: Callable[[], BaseModel]) -> Schedule:
        module = module_of(function)
        return Schedule(function.__name__, module, function, rate, role, memory, timeout)

    return declare
