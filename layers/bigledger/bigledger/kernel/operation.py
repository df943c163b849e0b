"""``@operation``: a plain function becomes a Lambda entry, a permission, a route and a piece of the contract."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, ParamSpec, TypeVar, get_type_hints

from bigledger.kernel import runtime
from bigledger.kernel.context import Context
from bigledger.kernel.deployment import answers_deployments
from bigledger.kernel.events import Event
from bigledger.kernel.naming import module_of, summary_of
from bigledger.kernel.problems import Problem
from bigledger.kernel.wire import Answer, Command

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

SIGNED_IN = ""
"""The permission of operations that anyone with a valid key may call; their rule may ask for more."""

TenantOf = Literal["caller", "items", "new", "path", "installation", "none"]
"""Whose transaction an operation runs in: the caller's tenant, a tenant it makes, or none at all.

``items`` is the caller's, and the operation opens the transactions itself, for the requests it consists of.
``path`` is the caller's too, and for the operator, who has none, the tenant whose ``id`` the path names.
``installation`` is the caller's too, and for the operator what belongs to no tenant.
"""


@dataclass(frozen=True)
class Operation(Generic[Parameters, Result]):
    """A declared operation. Calling it with a gateway event is the Lambda; ``run`` is the function itself."""

    name: str
    module: str
    route: str
    function: Callable[Parameters, Result]
    command: type[Command] | None
    answer: type[Answer]
    emits: tuple[type[Event], ...]
    problems: tuple[type[Problem], ...]
    status: int
    permission: str | None
    tenant: TenantOf
    key_required: bool
    version_required: bool
    grouped: bool
    memory: int
    timeout: int
    files: bool = False
    path_parameters: tuple[str, ...] = field(default=())

    @property
    def method(self) -> str:
        """The HTTP method of its route."""
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path of its route, with ``{parameters}``."""
        return self.route.partition(" ")[2]

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return summary_of(self.function)

    def run(self, *arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        """Run the rule itself, inside a transaction the caller has opened."""
        return self.function(*arguments, **named)

    @answers_deployments
    def __call__(self, event: dict[str, Any], lambda_context: Any) -> dict[str, Any]:
        """Handle one request of the HTTP API (payload format 2.0)."""
        from bigledger.kernel.pipeline import handle

        return handle(self, event)


def operation(
    route: str,
    *,
    emits: Sequence[type[Event]] = (),
    problems: Sequence[type[Problem]] = (),
    status: int | None = None,
    permission: str | None = None,
    public: bool = False,
    tenant: TenantOf = "caller",
    key_required: bool = False,
    grouped: bool = False,
    memory: int = 512,
    timeout: int = 29,
    files: bool = False,
) -> Callable[[Callable[Parameters, Result]], Operation[Parameters, Result]]:
    """Declare an operation: ``@operation("POST /api/v1/invoices", emits=[InvoiceCreated])``.

    The function takes an optional command first and the context last. Fields of the command come from the
    path, the query (GET, DELETE) and the JSON body. ``permission`` is the operation's own name unless given; a
    ``public`` operation asks for none. ``grouped`` says that its rule counts in what the unit of work has staged, so
    that several requests may be flushed at once. ``key_required`` refuses requests without
    Idempotency-Key. PATCH and PUT ask for If-Match; every other
    transition takes it. Memory in MB, timeout in seconds. ``files`` gives it the object store.

    Raises TypeError when the function's signature does not fit.
    """
    method, _, path = route.partition(" ")
    parameters = tuple(re.findall(r"{(\w+)}", path))

    def declare(function: Callable[Parameters, Result]) -> Operation[Parameters, Result]:
        name = function.__name__
        hints = get_type_hints(function)
        answer = hints.pop("return", None)
        if hints.pop("context", None) is not Context:
            raise TypeError(f"{name} must take a parameter named context of type Context")
        commands = list(hints.values())
        if len(commands) > 1 or any(not issubclass(command, Command) for command in commands):
            raise TypeError(f"{name} may take one Command besides the context")
        if not isinstance(answer, type) or not issubclass(answer, Answer):
            raise TypeError(f"{name} must say which Answer it returns")
        module = module_of(function)
        runtime.prepare()
        return Operation(
            name=name,
            module=module,
            route=route,
            function=function,
            command=commands[0] if commands else None,
            answer=answer,
            emits=tuple(emits),
            problems=tuple(problems),
            status=status or (201 if method == "POST" and not parameters else 200),
            permission=None if public else f"{module}.{name}" if permission is None else permission,
            tenant="none" if public else tenant,
            key_required=key_required,
            version_required=method in {"PATCH", "PUT"},
            grouped=grouped,
            memory=memory,
            timeout=timeout,
            files=files,
            path_parameters=parameters,
        )

    return declare
