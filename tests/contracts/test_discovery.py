"""The naming law of functions: what is found, and each way of breaking it that is refused."""

from pathlib import Path

import pytest

from devtools.generate.discover import FaultyFunctions, discover
from tests.contracts.tree import CREATE_THING, GET_HEALTH, ON_CUSTOMER_CREATED, VOID_THING, Tree, small_tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty folder to put functions into."""
    return Tree(tmp_path)


def refused(tree: Tree) -> tuple[str, ...]:
    """What discovery says against the tree."""
    with pytest.raises(FaultyFunctions) as refusal:
        discover(tree.root)
    return refusal.value.faults


def fault(tree: Tree) -> str:
    """The one thing that discovery says against the tree."""
    (only,) = refused(tree)
    return only


def test_every_kind_is_found_in_the_order_of_modules_and_names(tmp_path: Path) -> None:
    functions = discover(small_tree(tmp_path).root)
    assert functions.modules == ("counting", "system", "things")
    assert [operation.name for operation in functions.operations] == [
        "get_health",
        "create_thing",
        "list_things",
        "void_thing",
    ]
    assert [subscriber.consumer for subscriber in functions.subscribers] == ["counting.on_customer_created"]
    assert [schedule.name for schedule in functions.schedules] == ["relay_events"]
    assert [authorizer.name for authorizer in functions.authorizers] == ["authorize_request"]
    assert [event.type for event in functions.events] == ["customer.created"]


def test_a_file_that_begins_with_an_underscore_is_no_operation(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH)
    tree.write("functions/things/_shared.py", "raise RuntimeError\n")
    assert [function.name for function in discover(tree.root).all] == ["get_health"]


def test_a_file_without_its_operation_is_refused(tree: Tree) -> None:
    tree.function("things", "void_thing", "def void_thing():\n    '''Void a thing.'''\n")
    assert fault(tree) == (
        "functions/things/void_thing.py: declares nothing named void_thing; use @operation, @subscriber or @schedule"
    )


def test_a_name_that_differs_from_the_file_is_refused(tree: Tree) -> None:
    tree.function("things", "cancel_thing", VOID_THING)
    assert fault(tree) == (
        "functions/things/cancel_thing.py: declares void_thing;"
        " the function has to be named cancel_thing, as its file is"
    )


def test_an_operation_under_another_name_than_its_own_is_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH + "\n    status = get_health\n    del get_health\n")
    assert fault(tree) == (
        "functions/things/get_health.py: does not hold get_health under that name, so Lambda would not find it"
    )


def test_two_operations_in_one_file_are_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH + VOID_THING)
    assert fault(tree) == (
        "functions/things/get_health.py: declares void_thing besides get_health; give each a file of its own"
    )


def test_an_operation_that_does_not_import_is_refused_with_the_place(tree: Tree) -> None:
    tree.function("things", "get_health", "import no_such_module\n")
    place = tree.root / "functions/things/get_health.py"
    assert fault(tree) == (
        "functions/things/get_health.py: does not import: ModuleNotFoundError: No module named 'no_such_module'"
        f" ({place}, line 1)"
    )


def test_an_operation_whose_signature_does_not_fit_is_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH.replace("context: Context", "wrong: Context"))
    (fault,) = refused(tree)
    assert "get_health must take a parameter named context of type Context" in fault


def test_a_name_that_stands_twice_is_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH)
    tree.function("system", "get_health", GET_HEALTH.replace("/health", "/system-health"))
    assert fault(tree) == (
        "functions/system/get_health.py and functions/things/get_health.py: both are named get_health;"
        " a name stands once in the whole system"
    )


def test_subscribers_of_two_modules_may_have_one_name(tree: Tree) -> None:
    tree.function("things", "on_customer_created", ON_CUSTOMER_CREATED)
    tree.function("system", "on_customer_created", ON_CUSTOMER_CREATED)
    consumers = [subscriber.consumer for subscriber in discover(tree.root).subscribers]
    assert consumers == ["system.on_customer_created", "things.on_customer_created"]


def test_a_route_that_stands_twice_is_refused_whatever_its_parameters_are_called(tree: Tree) -> None:
    tree.function("things", "void_thing", VOID_THING)
    other = VOID_THING.replace("void_thing", "end_thing").replace("{id}", "{thing}").replace("id: Ref", "thing: Ref")
    tree.function("things", "end_thing", other)
    assert fault(tree) == (
        "functions/things/end_thing.py and functions/things/void_thing.py: both answer"
        " POST /api/v1/things/{}/void; the gateway could not choose"
    )


def test_a_route_that_is_none_is_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH.replace("GET /api", "FETCH /api"))
    assert fault(tree) == (
        'functions/things/get_health.py: has the route "FETCH /api/v1/health";'
        ' write it as "POST /api/v1/invoices/{id}/void"'
    )


def test_a_path_parameter_that_the_command_does_not_have_is_refused(tree: Tree) -> None:
    tree.function("things", "void_thing", VOID_THING.replace("{id}", "{number}"))
    assert fault(tree) == (
        "functions/things/void_thing.py: has {number} in its path, but its command has no field number"
    )


def test_an_event_that_is_not_declared_is_refused(tree: Tree) -> None:
    text = CREATE_THING.replace("emits=[CustomerCreated]", "emits=[ThingMade]").replace(
        "    class NewThing", "    class ThingMade(Event):\n        id: str\n\n\n    class NewThing"
    )
    tree.function("things", "create_thing", text.replace("Context, Name", "Context, Event, Name"))
    assert fault(tree) == ("functions/things/create_thing.py: emits ThingMade, which is not declared with @event")


def test_a_subscription_to_an_event_that_is_not_declared_is_refused(tree: Tree) -> None:
    text = ON_CUSTOMER_CREATED.replace(
        '(CustomerCreated,) = (event for event in RECORD_EVENTS if event.type == "customer.created")',
        "class CustomerCreated(Event):\n        id: str",
    ).replace("Context, subscriber", "Context, Event, subscriber")
    tree.function("counting", "on_customer_created", text)
    assert fault(tree) == (
        "functions/counting/on_customer_created.py: subscribes to CustomerCreated, which is not declared with @event"
    )


def test_a_missing_docstring_is_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH.replace('"""Say whether all is well."""', ""))
    assert fault(tree) == (
        "functions/things/get_health.py: has no docstring; its first line is the summary in the published contract"
    )


def test_a_missing_test_is_refused(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH, tested=False)
    assert fault(tree) == ("functions/things/get_health.py: has no test file; write tests/things/test_get_health.py")


def test_all_faults_are_told_at_once(tree: Tree) -> None:
    tree.function("things", "get_health", GET_HEALTH, tested=False)
    tree.function("things", "void_thing", "")
    tree.function("things", "end_thing", "1 / 0\n")
    assert [fault.partition(":")[0] for fault in refused(tree)] == [
        "functions/things/end_thing.py",
        "functions/things/get_health.py",
        "functions/things/void_thing.py",
    ]
