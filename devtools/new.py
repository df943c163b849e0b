"""``bigledger new``: the three hand-written files of an operation, small and working, to be made its own."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devtools.generate.discover import ROOT
from devtools.generate.intrinsics import logical
from devtools.generate.schemas import with_article

_NAME = re.compile(r"([a-z][a-z_]*)\.([a-z]+(?:_[a-z0-9]+)+)\Z")
_ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/[a-z0-9][\w./{}-]*)\Z")
_MODULES = Path("layers/bigledger/bigledger")


class CannotScaffold(Exception):
    """The operation cannot be made as asked for; the message says what to do instead."""


@dataclass(frozen=True)
class Plan:
    """An operation to be made, named <verb>_<noun>: the noun is the type of the document it is about."""

    module: str
    name: str
    method: str
    path: str

    @property
    def verb(self) -> str:
        """What it does."""
        return self.name.partition("_")[0]

    @property
    def noun(self) -> str:
        """What it does it to, one of them."""
        noun = self.name.partition("_")[2]
        return _singular(noun) if self.verb == "list" else noun

    @property
    def words(self) -> str:
        """The noun for people."""
        return self.noun.replace("_", " ")

    @property
    def a(self) -> str:
        """The noun with its article."""
        return with_article(self.noun)

    @property
    def parameters(self) -> list[str]:
        """The parameters of its path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def files(self) -> dict[str, str]:
        """The three files by their paths: the rule, the function, the test."""
        rule, test = _shape(self)
        return {
            f"{_MODULES}/{self.module}/{self.name}.py": rule,
            f"functions/{self.module}/{self.name}.py": _function(self),
            f"tests/{self.module}/test_{self.name}.py": test,
        }


def main(operation: str, route: str | None, root: Path = ROOT) -> int:
    """Make the files and say what comes next; answers the exit status."""
    try:
        made = scaffold(operation, route, root)
    except CannotScaffold as error:
        print(error, file=sys.stderr)
        return 1
    rule, function, test = made
    name = operation.partition(".")[2]
    print("Made three files, which work as they are:")
    print(f"  {rule:<55}  the rule: what it asks for, does and answers")
    print(f"  {function:<55}  the function: its route, events and refusals")
    print(f"  {test:<55}  the test: its example and its refusals")
    print("Next:")
    print("  1. Write the rule; name its events in emits=[...] and its refusals in problems=[...] of the function.")
    print("  2. make generate    runs its example and prints its template, contract, schemas and reference")
    print(f'  3. make check       and make test ARGS="-k {name}"')
    return 0


def scaffold(operation: str, route: str | None, root: Path) -> list[str]:
    """Make the three files of an operation below ``root``; answers their paths.

    Raises CannotScaffold, and makes none, when one of them exists or the name or the route does not fit.
    """
    plan = planned(operation, route)
    modules = sorted(
        path.parent.name for path in (root / _MODULES).glob("*/__init__.py") if path.parent.name != "kernel"
    )
    if plan.module not in modules:
        raise CannotScaffold(
            f"There is no module {plan.module}; there are {', '.join(modules)}. A new module begins with"
            f" {_MODULES}/{plan.module}/__init__.py and its place among the layers in pyproject.toml."
        )
    namesake = next((root / "functions").glob(f"*/{plan.name}.py"), None)
    existing = [path for path in plan.files if (root / path).exists()]
    if namesake is not None and not existing:
        existing = [namesake.relative_to(root).as_posix()]
    if existing:
        raise CannotScaffold(f"{existing[0]} is there already; nothing was made. Choose another name.")
    for path, text in plan.files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", *plan.files], cwd=root, check=True)
    return list(plan.files)


def planned(operation: str, route: str | None) -> Plan:
    """What is to be made; without a route, one is made from the name.

    Raises CannotScaffold.
    """
    named = _NAME.match(operation)
    if named is None:
        raise CannotScaffold(f"{operation} is no operation's name; write <module>.<verb>_<noun>, all in lower case.")
    module, name = named.groups()
    found = _ROUTE.match(route or _usual_route(name))
    if found is None:
        raise CannotScaffold(f'"{route}" is no route; write it as "POST /api/v1/invoices/{{id}}/send".')
    plan = Plan(module, name, *found.groups())
    if plan.parameters != (["id"] if plan.parameters else []):
        raise CannotScaffold(f"{plan.path} has other parameters than {{id}}; begin with one that has no other.")
    if not plan.parameters and plan.method not in {"GET", "POST"}:
        raise CannotScaffold(f"{plan.method} changes one {plan.words}: name it in the route with {{id}}.")
    return plan


def _usual_route(name: str) -> str:
    verb, _, noun = name.partition("_")
    many = f"/api/v1/{_plural(noun).replace('_', '-')}"
    usual = {"create": f"POST {many}", "get": f"GET {many}/{{id}}", "update": f"PATCH {many}/{{id}}"}
    if verb == "list":
        return f"GET /api/v1/{noun.replace('_', '-')}"
    return usual.get(verb, f"POST {many}/{{id}}/{verb}")


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return f"{noun[:-3]}y"
    return noun.removesuffix("es") if noun.endswith(("ses", "xes", "ches", "shes")) else noun.removesuffix("s")


def _shape(plan: Plan) -> tuple[str, str]:
    """The rule and the test of an operation about one document, on many, or that makes one."""
    if plan.parameters:
        return _rule_of_one(plan), _test_of_one(plan)
    if plan.method == "GET":
        return _rule_of_many(plan), _test_of_many(plan)
    return _rule_of_new(plan), _test_of_new(plan)


def _sentence(plan: Plan) -> str:
    many = plan.method == "GET" and not plan.parameters
    return f"{plan.verb.capitalize()} {_plural(plan.words) if many else plan.a}"


def _function(plan: Plan) -> str:
    camel = logical(plan.name)
    return f'''"""{_sentence(plan)}."""

from bigledger.kernel import Context{", Page" if plan.method == "GET" and not plan.parameters else ""}, operation
from bigledger.{plan.module} import {plan.name} as rule


@operation("{plan.method} {plan.path}")
def {plan.name}(command: rule.{camel}, context: Context) -> {_answer(plan)}:
    """{_sentence(plan)}."""
    return rule.run(command, context)
'''


def _answer(plan: Plan) -> str:
    answer = f"rule.{logical(plan.name)}Answer"
    return f"Page[{answer}]" if plan.method == "GET" and not plan.parameters else answer


def _rule_of_one(plan: Plan) -> str:
    camel = logical(plan.name)
    check = "" if plan.method == "GET" else "    documents.check_version(context, document)\n"
    stale = "" if plan.method == "GET" else ", StaleVersion when the caller has read an older version"
    return f'''"""{_sentence(plan)}: which one, and what is answered."""

from uuid import UUID

from bigledger.kernel import Answer, Command, Context, Reference, documents


class {camel}(Command):
    """Names {plan.a} by its number or id."""

    id: Reference


class {camel}Answer(Answer):
    """Which {plan.words} it was, and its state."""

    id: UUID
    number: str | None = None
    status: str
    version: int


def run(command: {camel}, context: Context) -> {camel}Answer:
    """Read the {plan.words} and answer its reference.

    Raises NotFound when there is none{stale}.
    """
    document = documents.get(context, "{plan.noun}", command.id)
{check}    return {camel}Answer(
        id=document.id, number=document.number, status=document.status, version=document.version
    )
'''


def _test_of_one(plan: Plan) -> str:
    headers = ', headers={"If-Match": \'"1"\'}' if plan.method in {"PATCH", "PUT"} else ""
    return f'''"""What {plan.name} answers, and what it refuses."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.stored import stored


@pytest.mark.example
def test_example(example: Any, example_api: Api) -> None:
    {plan.noun} = stored(example_api, "{plan.noun}", "EXAMPLE-1", status="draft")
    answer = example(path={{"id": "EXAMPLE-1"}}{headers}).expect(200)
    assert answer.json == {{"id": str({plan.noun}.id), "number": "EXAMPLE-1", "status": "draft", "version": 1}}


def test_one_that_does_not_exist_is_not_found(api: Api) -> None:
    before = api.counts()
    answer = api.call("{plan.module}.{plan.name}", path={{"id": "NONE"}}{headers}).expect(404)
    assert answer["code"] == "not_found"
    assert api.counts() == before
'''


def _rule_of_many(plan: Plan) -> str:
    camel = logical(plan.name)
    return f'''"""{_sentence(plan)}: how they are filtered, and what is answered of each."""

from uuid import UUID

from bigledger.kernel import Answer, Context, Filter, ListQuery, Page, listing


class {camel}(ListQuery):
    """Which {_plural(plan.words)} to list."""

    allowed_filters = {{"status": Filter("status"), "number": Filter("number")}}
    allowed_sorts = ("number",)


class {camel}Answer(Answer):
    """One {plan.words} of the list."""

    id: UUID
    number: str | None = None
    status: str
    version: int


def run(command: {camel}, context: Context) -> Page[{camel}Answer]:
    """A page of {_plural(plan.words)}, the newest first unless sorted."""
    found, cursor = listing.page(context, "{plan.noun}", command)
    documents = [listed.document for listed in found]
    data = [{camel}Answer(id=one.id, number=one.number, status=one.status, version=one.version) for one in documents]
    return Page[{camel}Answer](data=data, next_cursor=cursor)
'''


def _test_of_many(plan: Plan) -> str:
    return f'''"""What {plan.name} answers, and what it refuses."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.stored import stored


@pytest.mark.example
def test_example(example: Any, example_api: Api) -> None:
    {plan.noun} = stored(example_api, "{plan.noun}", "EXAMPLE-1", status="draft")
    answer = example(query={{"number": "EXAMPLE-1"}}).expect(200)
    only = {{"id": str({plan.noun}.id), "number": "EXAMPLE-1", "status": "draft", "version": 1}}
    assert answer.json == {{"data": [only], "next_cursor": None}}


def test_an_unknown_filter_is_refused(api: Api) -> None:
    answer = api.call("{plan.module}.{plan.name}", query={{"colour": "red"}}).expect(422)
    assert [error["pointer"] for error in answer["errors"]] == ["/colour"]
'''


def _rule_of_new(plan: Plan) -> str:
    camel = logical(plan.name)
    return f'''"""{_sentence(plan)}: what it takes, and what is answered."""

from uuid import UUID

from bigledger.kernel import Answer, Command, Context, Document, Name, documents


class {camel}(Command):
    """{plan.a.capitalize()} to be made."""

    name: Name


class {camel}Answer(Answer):
    """The new {plan.words}."""

    id: UUID
    name: str
    status: str
    version: int


def run(command: {camel}, context: Context) -> {camel}Answer:
    """Keep a new {plan.words} and answer it."""
    new = Document(context.new_id(), "{plan.noun}", "draft", {{"name": command.name}})
    document = documents.create(context, new)
    return {camel}Answer(id=document.id, name=command.name, status=document.status, version=document.version)
'''


def _test_of_new(plan: Plan) -> str:
    return f'''"""What {plan.name} answers, and what it refuses."""

from typing import Any

import pytest

from tests.support.api import Api


@pytest.mark.example
def test_example(example: Any) -> None:
    answer = example(body={{"name": "An example"}}).expect(201)
    assert (answer["name"], answer["status"], answer["version"]) == ("An example", "draft", 1)


def test_without_a_name_it_is_refused_and_nothing_is_kept(api: Api) -> None:
    before = api.counts()
    answer = api.call("{plan.module}.{plan.name}", {{}}).expect(422)
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/name", "required")]
    assert api.counts() == before
'''
