"""The checks of what is committed: drift of bytes, the limits of AWS, the root template, gaps among examples."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from devtools.generate import check
from devtools.generate.command import main
from devtools.generate.discover import Functions, discover
from devtools.generate.recorded import missing, read
from devtools.generate.templates import OF_AUTHORIZERS, PARAMETERS
from tests.contracts.tree import VOID_THING, Tree, small_tree


@pytest.fixture
def functions(tmp_path: Path) -> Functions:
    """The functions of the small tree."""
    return discover(small_tree(tmp_path).root)


CHOICES = """
Parameters:
  InstallCounting: {Type: String, Default: "true"}
  InstallThings: {Type: String, Default: "true"}
Conditions:
  HasCounting: !Equals [!Ref InstallCounting, "true"]
  HasThings: !Equals [!Ref InstallThings, "true"]
"""
CONDITIONS = {"counting": "HasCounting", "things": "HasThings"}


def root_template(conditions: Mapping[str, str] = CONDITIONS, **applications: list[str]) -> str:
    """A root template with an application per module that is given these parameters."""
    lines = [CHOICES, "Resources:"]
    for module, names in applications.items():
        lines += [f"  {module.title()}:", "    Type: AWS::Serverless::Application"]
        lines += [f"    Condition: {conditions[module]}"] if module in conditions else []
        lines += ["    Properties:"]
        lines += [f"      Location: functions/{module}/template.yaml", "      Parameters:"]
        lines += [f"        {name}: x" for name in names]
    return "\n".join(lines) + "\n"


REQUIRED = ["Stack", *(name for name, parameter in PARAMETERS.items() if "Default" not in parameter)]
SYSTEM = [*REQUIRED, *OF_AUTHORIZERS]


def test_drift_is_a_missing_a_differing_or_a_left_over_file(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write("events/a.made.v1.schema.json", "{}\n")
    tree.write("events/b.made.v1.schema.json", "{ }\n")
    tree.write("events/c.made.v1.schema.json", "{}\n")
    tree.write("events/c.made.v1.json", "an example, which is of another kind\n")
    wanted = {f"events/{name}.made.v1.schema.json": "{}\n" for name in "abd"}
    assert check.drift(tmp_path, "events", wanted) == [
        check.Drift("events/c.made.v1.schema.json", "left over"),
        check.Drift("events/b.made.v1.schema.json", "differs"),
        check.Drift("events/d.made.v1.schema.json", "missing"),
    ]


def test_writing_brings_the_files_in_step(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write("events/b.made.v1.schema.json", "{ }\n")
    tree.write("events/c.made.v1.schema.json", "{}\n")
    wanted = {f"events/{name}.made.v1.schema.json": "{}\n" for name in "ab"}
    assert len(check.write(tmp_path, "events", wanted)) == 3
    assert check.drift(tmp_path, "events", wanted) == []
    assert sorted(path.name for path in (tmp_path / "events").iterdir()) == [
        "a.made.v1.schema.json",
        "b.made.v1.schema.json",
    ]


def test_a_stack_of_too_many_resources_is_refused(functions: Functions) -> None:
    one = functions.of("things").operations[0]
    many = Functions(tuple(replace(one, name=f"create_thing_{number}") for number in range(63)))
    assert list(check.limits(many)) == ["things needs 507 resources; a stack holds 500. Split the module."]


def test_too_many_routes_are_refused(functions: Functions) -> None:
    one = functions.of("things").operations[0]
    operations = [replace(one, name=f"create_thing_{number}", module=f"m{number % 6}") for number in range(301)]
    assert list(check.limits(Functions(tuple(operations)))) == [
        "there are 301 routes; an HTTP API holds 300. Give some modules an API of their own."
    ]


def test_a_name_that_aws_would_not_take_is_refused(functions: Functions) -> None:
    one = replace(functions.of("things").operations[0], name="create_" + "x" * 40)
    assert list(check.limits(Functions((one,)))) == [
        f"things.{one.name} would be a name of 75 characters in AWS; 64 are allowed. Shorten it."
    ]


def test_a_root_template_that_holds_every_module_is_right(tmp_path: Path, functions: Functions) -> None:
    Tree(tmp_path).write("template.yaml", root_template(counting=REQUIRED, system=SYSTEM, things=REQUIRED))
    assert list(check.root_template(tmp_path, functions)) == []


def test_a_root_template_that_forgets_something_is_refused(tmp_path: Path, functions: Functions) -> None:
    Tree(tmp_path).write(
        "template.yaml", root_template(counting=REQUIRED[:-1], system=[*SYSTEM[:-1], "Colour"], gone=REQUIRED)
    )
    assert list(check.root_template(tmp_path, functions)) == [
        "template.yaml does not give DeploymentHook to the module counting",
        "template.yaml does not give OperatorSecret to the module system",
        "template.yaml gives Colour to the module system, whose template does not take it",
        "template.yaml holds the module things 0 times; add one application for functions/things/template.yaml",
        "template.yaml holds an application for functions/gone/template.yaml, where no function is",
    ]


def test_a_module_is_installed_with_what_it_uses(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    tree.write("functions/things/_shared.py", "from bigledger.counting import count\n")
    functions = discover(tree.root)
    wanted = {"counting": REQUIRED, "system": SYSTEM, "things": REQUIRED}
    tree.write("template.yaml", root_template(**wanted))
    assert list(check.root_template(tmp_path, functions)) == [
        "template.yaml installs things without counting, which it uses; let its condition say so",
    ]
    both = {"counting": "HasEither", "things": "HasThings"}
    either = "  HasEither: !Or [!Condition HasCounting, !Condition HasThings]\nResources:"
    tree.write("template.yaml", root_template(both, **wanted).replace("Resources:", either))
    assert list(check.root_template(tmp_path, functions)) == []


def test_a_module_is_not_installed_with_what_does_not_use_it(tmp_path: Path, functions: Functions) -> None:
    wanted = {"counting": REQUIRED, "system": SYSTEM, "things": REQUIRED}
    Tree(tmp_path).write("template.yaml", root_template({"things": "HasThings"}, **wanted))
    assert list(check.root_template(tmp_path, functions)) == [
        "template.yaml installs counting with system, which does not use it; let its condition say so",
        "template.yaml installs counting with things, which does not use it; let its condition say so",
    ]


def test_what_nothing_works_without_cannot_be_left_out(tmp_path: Path, functions: Functions) -> None:
    wanted = {"counting": REQUIRED, "system": SYSTEM, "things": REQUIRED}
    Tree(tmp_path).write("template.yaml", root_template({**CONDITIONS, "system": "HasThings"}, **wanted))
    assert list(check.root_template(tmp_path, functions)) == [
        "template.yaml installs counting without system, which it uses; let its condition say so",
        "template.yaml installs system without system, which it uses; let its condition say so",
    ]


def test_a_root_template_of_too_many_parameters_is_refused(tmp_path: Path, functions: Functions) -> None:
    text = root_template(counting=REQUIRED, system=SYSTEM, things=REQUIRED)
    many = "".join(f"  P{number}: {{Type: String}}\n" for number in range(199))
    Tree(tmp_path).write("template.yaml", text.replace("Parameters:\n", f"Parameters:\n{many}", 1))
    assert list(check.root_template(tmp_path, functions)) == ["template.yaml has 201 parameters; 200 are allowed."]


def test_what_has_no_example_is_told(tmp_path: Path, functions: Functions) -> None:
    Tree(tmp_path).write("docs/examples/things.void_thing.json", '{"request": {}, "response": {}}')
    assert missing(read(tmp_path), ["things.void_thing", "things.create_thing"], functions.events) == [
        "no example of things.create_thing; give a test of it the example fixture and @pytest.mark.example",
        "no example of the event customer.created.v1; mark a test that causes it with @pytest.mark.example",
    ]


@pytest.fixture
def project(tmp_path: Path) -> Tree:
    """A whole small project with one operation and its recorded example."""
    tree = Tree(tmp_path)
    tree.function("things", "void_thing", VOID_THING)
    tree.write("template.yaml", root_template(things=REQUIRED))
    tree.write(
        "docs/examples/things.void_thing.json",
        '{"request": {"method": "POST", "path": "/api/v1/things/T1/void", "headers": {}, "body": {"reason": "x"}},'
        ' "response": {"status": 200, "headers": {}, "body": {"id": "T1", "version": 2}}}',
    )
    return tree


def test_generating_writes_what_checking_then_finds_in_step(project: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(only_check=True, with_examples=False, root=project.root) == 1
    assert capsys.readouterr().err == "Run `make generate`, look at the difference, and commit it.\n"
    assert not (project.root / "functions/things/template.yaml").exists()
    assert main(only_check=False, with_examples=False, root=project.root) == 0
    assert main(only_check=True, with_examples=False, root=project.root) == 0
    assert (project.root / "events/operations/things.void_thing.json").is_file()
    assert "[void_thing]" not in (project.root / "docs/operations.md").read_text()
    assert (
        "| `POST /api/v1/things/{id}/void` | `things.void_thing` |" in (project.root / "docs/operations.md").read_text()
    )


def test_a_changed_byte_is_drift_and_is_named(project: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    main(only_check=False, with_examples=False, root=project.root)
    template = project.root / "functions/things/template.yaml"
    template.write_text(template.read_text().replace("MemorySize: 512", "MemorySize: 256"))
    capsys.readouterr()
    assert main(only_check=True, with_examples=False, root=project.root) == 1
    told = capsys.readouterr().out
    assert "  templates     1 files  1 drifted\n    differs: functions/things/template.yaml\n" in told
    assert "  openapi       1 files  in step\n" in told


def test_faulty_functions_are_told_and_nothing_is_written(project: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    project.function("things", "end_thing", "")
    assert main(only_check=False, with_examples=False, root=project.root) == 1
    assert "functions/things/end_thing.py: declares nothing named end_thing" in capsys.readouterr().err
    assert not (project.root / "functions/things/template.yaml").exists()
