"""The ``bigledger`` command line. Each command imports what it needs when it is called, so that help is instant."""

import argparse
from importlib import import_module

_HAND_OVER = {
    "run": ("devtools.local.cloud", "start the whole system on this machine and keep serving"),
    "seed": ("devtools.seed", "make the demo company in the running system"),
    "import": ("devtools.importing", "bring a CSV, XLSX or JSON file into the running system"),
    "export": ("devtools.exporting", "fetch everything of a tenant as files with their hashes"),
    "functions": ("devtools.local.lambda_figures", "show the cold starts of `make run RUNTIME=lambda`"),
    "applet": ("devtools.local.applets", "list, enable or disable the applets of the running system"),
    "migrate": ("devtools.operate.migrate", "bring a database to the newest schema of every module"),
    "database-roles": ("devtools.operate.roles", "give the database's roles the passwords of their secrets"),
    "operator-key": ("devtools.operate.operator_key", "make the key of an installation's operator"),
    "tenant": ("devtools.operate.tenant", "make a tenant over the API"),
    "audit": ("devtools.operate.audit", "ask a database whether it keeps its tenants apart"),
    "deploy-check": ("devtools.operate.deploy_check", "say what a deployment would change, and what would break"),
    "cost": ("devtools.operate.cost", "work out what a million invoices cost in AWS"),
}
"""Commands with a command line of their own: the module whose ``main(arguments)`` takes it, and what it does."""

_EXAMPLES = """\
examples:
  bigledger run                                     the local cloud with a demo company
  bigledger new receivables.send_invoice            a new operation: its rule, its function, its test
  bigledger generate                                print everything that follows from the operations
  bigledger generate --check                        fail when something printed is not committed
  bigledger deploy-check --since v1.0               what a deployment would change since a release
  bigledger migrate --stack-name bigledger-prod     the newest schema, in AWS
  bigledger tenant create --name "Lighthouse"       a tenant and its first key
"""


def main(arguments: list[str]) -> int:
    """Run one command; answers its exit status."""
    if arguments and arguments[0] in _HAND_OVER:
        module, _ = _HAND_OVER[arguments[0]]
        return int(import_module(module).main(arguments[1:]) or 0)
    options = _parser().parse_args(arguments)
    match options.command:
        case "generate":
            from devtools.generate.command import main as generate

            return generate(options.check, with_examples=not options.without_examples)
        case "new":
            from devtools.new import main as new

            return new(options.operation, options.route)
    _parser().print_help()
    return 0 if not arguments else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bigledger",
        description="BigLedger's developer tools.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="<command>", title="commands")
    commands.add_parser("run", help=_HAND_OVER["run"][1], add_help=False)

    generate = commands.add_parser(
        "generate",
        help="print templates, contract, event schemas, examples and reference from the operations",
        description="Runs the example tests, then prints the SAM templates, the OpenAPI document, the event schemas and"
        " examples, and the reference pages. Nothing that is printed is edited by hand.",
    )
    generate.add_argument("--check", action="store_true", help="write nothing; fail when a committed file differs")
    generate.add_argument(
        "--without-examples",
        action="store_true",
        help="take the committed examples as they are instead of running their tests",
    )

    new = commands.add_parser(
        "new",
        help="scaffold an operation: its rule, its function and its test",
        description="Makes the three hand-written files of an operation. They work as they are and show where its own"
        " rule goes. Nothing is overwritten.",
    )
    new.add_argument("operation", metavar="<module>.<operation>", help="such as receivables.send_invoice")
    new.add_argument(
        "--route", help='such as "POST /api/v1/invoices/{id}/send"; made from the operation\'s name when left out'
    )

    for name, (_, what) in _HAND_OVER.items():
        if name != "run":
            commands.add_parser(name, help=what, add_help=False)
    return parser
