"""A small tree of functions of its own, for tests of what is printed from functions."""

from pathlib import Path
from textwrap import dedent

CREATE_THING = '''
    from typing import Annotated

    from bigledger.kernel import Answer, Command, Context, Name, Positive, Problem, Reference, To, operation
    from bigledger.kernel.wire import ShownOnce
    from bigledger.records import RECORD_EVENTS

    (CustomerCreated,) = (event for event in RECORD_EVENTS if event.type == "customer.created")


    class NewThing(Command):
        """A thing to be made."""

        name: Name
        quantity: Positive
        customer: Annotated[Reference, To("customer")]
        note: str | None = None


    class Thing(Answer):
        """A thing."""

        id: str
        version: int
        note: str | None
        secret: Annotated[str, ShownOnce()]


    class TooManyThings(Problem):
        """There are more things than anyone needs."""


    @operation("POST /api/v1/things", key_required=True, emits=[CustomerCreated], problems=[TooManyThings])
    def create_thing(new: NewThing, context: Context) -> Thing:
        """Create a thing. Its ``secret`` is told once."""
        return Thing(id="1", version=1, note=None, secret="s")
'''

VOID_THING = '''
    from bigledger.kernel import Answer, Command, Context, Reference, Text, operation


    class VoidThing(Command):
        """A thing to be voided."""

        id: Reference
        reason: Text


    class VoidedThing(Answer):
        """A voided thing."""

        id: str
        version: int


    @operation("POST /api/v1/things/{id}/void")
    def void_thing(command: VoidThing, context: Context) -> VoidedThing:
        """Void a thing."""
        return VoidedThing(id=command.id, version=2)
'''

LIST_THINGS = '''
    from bigledger.kernel import Answer, Context, Filter, ListQuery, Page, operation


    class ThingList(ListQuery):
        """Which things."""

        allowed_filters = {"status": Filter("status"), "due_date": Filter("due_date", "date")}
        allowed_sorts = ("due_date",)


    class ListedThing(Answer):
        """One thing."""

        id: str


    @operation("GET /api/v1/things")
    def list_things(query: ThingList, context: Context) -> Page[ListedThing]:
        """List things."""
        return Page(data=[])
'''

GET_HEALTH = '''
    from bigledger.kernel import Answer, Context, operation


    class Health(Answer):
        """Whether all is well."""

        status: str


    @operation("GET /api/v1/health", public=True)
    def get_health(context: Context) -> Health:
        """Say whether all is well."""
        return Health(status="ok")
'''

RELAY_EVENTS = '''
    from bigledger.kernel import schedule
    from bigledger.kernel.relay import Relayed, relay


    @schedule("rate(1 minute)", role="dispatcher")
    def relay_events() -> Relayed:
        """Publish what waits."""
        return relay()
'''

ON_CUSTOMER_CREATED = '''
    from bigledger.kernel import Context, subscriber
    from bigledger.records import RECORD_EVENTS

    (CustomerCreated,) = (event for event in RECORD_EVENTS if event.type == "customer.created")


    @subscriber(CustomerCreated, timeout=20)
    def on_customer_created(event: CustomerCreated, context: Context) -> None:
        """Count the customer."""
'''

CHECK_DEPLOYMENT = '''
    from bigledger.kernel import hook
    from bigledger.kernel.deployment import Target


    @hook
    def check_deployment(target: Target) -> None:
        """Let every version take traffic."""
'''

AUTHORIZE_REQUEST = '''
    from bigledger.kernel import Actor, Identity, authorizer


    @authorizer
    def authorize_request(credential: str) -> Identity:
        """Let everyone in."""
        return Identity(Actor(credential))
'''


class Tree:
    """A folder with functions and a test file for each."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def function(self, module: str, name: str, text: str, tested: bool = True) -> None:
        """Write a function's file, and an empty test beside it."""
        self.write(f"functions/{module}/{name}.py", dedent(text))
        if tested:
            self.write(f"tests/{module}/test_{name}.py", "")

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def small_tree(root: Path) -> Tree:
    """Two modules with one function of each kind, and a subscriber in a third."""
    tree = Tree(root)
    tree.function("things", "create_thing", CREATE_THING)
    tree.function("things", "void_thing", VOID_THING)
    tree.function("things", "list_things", LIST_THINGS)
    tree.function("system", "get_health", GET_HEALTH)
    tree.function("system", "relay_events", RELAY_EVENTS)
    tree.function("system", "authorize_request", AUTHORIZE_REQUEST)
    tree.function("system", "check_deployment", CHECK_DEPLOYMENT)
    tree.function("counting", "on_customer_created", ON_CUSTOMER_CREATED)
    return tree
