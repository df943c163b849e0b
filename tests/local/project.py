"""A small project for the local cloud to serve: a module of notes, with the platform's own operations beside it."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

NOTES = {
    "ping": '''
        """Answers without a database."""

        from bigledger.kernel import Answer, Context, operation


        class Pong(Answer):
            """An answer."""

            pong: bool


        @operation("GET /api/v1/ping", public=True)
        def ping(context: Context) -> Pong:
            """Answer."""
            return Pong(pong=True)
    ''',
    "show_event": '''
        """Answers with the event it was called with."""

        import json


        def show_event(event, context):
            """No operation of the kernel: a plain handler."""
            answer = {"event": event, "function": context.function_name, "request": context.aws_request_id}
            headers = {"Content-Type": "application/json"}
            return {"statusCode": 200, "headers": headers, "cookies": ["a=1", "b=2"], "body": json.dumps(answer)}
    ''',
    "fail": '''
        """Fails."""


        def fail(event, context):
            """Raise."""
            raise RuntimeError("a defect")
    ''',
    "make_note": '''
        """Makes a note and tells of it."""

        from bigledger.kernel import Answer, Command, Context, Document, Event, Name, documents, event, operation
        from uuid import UUID


        @event("note.made")
        class NoteMade(Event):
            """A note was made."""

            text: str


        class NewNote(Command):
            """A note to make."""

            text: Name


        class Note(Answer):
            """A note."""

            id: UUID
            text: str
            version: int


        @operation("POST /api/v1/notes", emits=[NoteMade])
        def make_note(new: NewNote, context: Context) -> Note:
            """Make a note."""
            document = documents.create(context, Document(context.new_id(), "note", "active", {"text": new.text}))
            context.emit(NoteMade(text=new.text), document)
            return Note(id=document.id, text=new.text, version=document.version)
    ''',
    "on_note_made": '''
        """Writes an echo of each note."""

        from bigledger.kernel import Context, Document, Event, documents, event, subscriber


        @event("note.made")
        class NoteMade(Event):
            """A note was made."""

            text: str


        @subscriber(NoteMade)
        def on_note_made(event: NoteMade, context: Context) -> None:
            """Write an echo; a note named poison cannot be taken."""
            if event.text == "poison":
                raise RuntimeError("poison")
            documents.create(context, Document(context.new_id(), "echo", "active", {"text": event.text}))
    ''',
    "list_echoes": '''
        """Lists the echoes in the order they were written."""

        from bigledger.kernel import Answer, Context, operation


        class Echoes(Answer):
            """What was echoed."""

            echoes: list[str]
            dead: int


        @operation("GET /api/v1/echoes")
        def list_echoes(context: Context) -> Echoes:
            """List them."""
            found = context.work.read_json("""
                SELECT jsonb_build_object(
                    'echoes', (SELECT coalesce(jsonb_agg(data->>'text' ORDER BY created_at, id), '[]')
                               FROM kernel.document WHERE type = 'echo'),
                    'dead', (SELECT count(*) FROM kernel.document WHERE type = 'dead_letter'))::text
            """)
            return Echoes(**found)
    ''',
}

RELAY = '''
    """Publishes what waits."""

    from bigledger.kernel import relay, schedule
    from bigledger.kernel.relay import Relayed


    @schedule("rate(1 minute)", role="dispatcher")
    def relay_events() -> Relayed:
        """Publish it."""
        return relay.relay()
'''

APPLET = '''
    """Writes a note of its own for each note of the tenant, through the API, and where its modules come from."""

    import importlib.util
    import json
    import os
    import sys
    import urllib.request

    import boto3


    def handler(batch, context):
        print("this goes to the log")
        key = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["API_KEY_SECRET"])["SecretString"]
        for record in batch["Records"]:
            detail = json.loads(record["body"])["detail"]
            seen = [name for name in ("bigledger", "devtools", "functions") if importlib.util.find_spec(name)]
            text = f"applet heard {detail['data']['text']}, sees {seen}"
            request = urllib.request.Request(
                os.environ["BIGLEDGER_URL"] + "/api/v1/notes",
                json.dumps({"text": text}).encode(),
                {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
                 "Idempotency-Key": detail["id"]},
            )
            with urllib.request.urlopen(request) as response:
                response.read()
'''


def variables() -> dict[str, Any]:
    return {
        "STACK": {"Ref": "Stack"},
        "EVENT_BUS": {"Ref": "EventBus"},
        "DATABASE_URL": {"Fn::Sub": "postgresql+auroradataapi://:@/${DatabaseName}"},
        "RELAY": {"Fn::Sub": "lambda:${Stack}-events-relay_events"},
    }


def parameters() -> dict[str, Any]:
    names = ("EventBus", "AuthorizerId", "DatabaseName", "OperatorSecret", "UserPoolIssuer", "UserPoolClient")
    return {"Stack": {"Type": "String", "Default": "bigledger"}, **{name: {"Type": "String"} for name in names}}


def function(module: str, name: str, folder: Path | None = None, **environment: Any) -> dict[str, Any]:
    properties = {
        "FunctionName": {"Fn::Sub": f"${{Stack}}-{module}-{name}"},
        "CodeUri": str(folder) if folder else ".",
        "Handler": f"{name}.{name}",
        "Timeout": 20,
        **({"Environment": {"Variables": environment}} if environment else {}),
    }
    return {"Type": "AWS::Serverless::Function", "Properties": properties}


def route(name: str, key: str, authorized: bool) -> dict[str, Any]:
    return {
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {"IntegrationUri": {"Ref": f"{name}.Alias"}, "PayloadFormatVersion": "2.0"},
        },
        f"{name}Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "RouteKey": key,
                "AuthorizationType": "CUSTOM" if authorized else "NONE",
                "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
            },
        },
    }


def subscription(module: str, name: str, event: str, receives: int = 8) -> dict[str, Any]:
    arn = {"Fn::GetAtt": ["Queue", "Arn"]}
    return {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": f"${{Stack}}-{module}-dead"}}},
        "Queue": {
            "Type": "AWS::SQS::Queue",
            "Properties": {
                "QueueName": {"Fn::Sub": f"${{Stack}}-{module}-{name}"},
                "VisibilityTimeout": 360,
                "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": receives},
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": {"Ref": "EventBus"},
                "EventPattern": {"detail-type": [event]},
                "Targets": [{"Id": "queue", "Arn": arn}],
            },
        },
    }


def mapping(name: str) -> dict[str, Any]:
    return {
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
                "FunctionName": {"Ref": name},
                "BatchSize": 10,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        }
    }


def write(root: Path) -> Path:
    """Write the project below a folder; answers the folder."""
    _notes(root / "functions" / "notes")
    _events(root / "functions" / "events")
    _platform(root / "functions" / "platform")
    return root


def _notes(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name, code in NOTES.items():
        (folder / f"{name}.py").write_text(dedent(code))
    resources: dict[str, Any] = {name: function("notes", name) for name in NOTES}
    for name, key, authorized in (
        ("ping", "GET /api/v1/ping", False),
        ("show_event", "POST /api/v1/shown/{place}/{thing}", False),
        ("fail", "GET /api/v1/fail", False),
        ("make_note", "POST /api/v1/notes", True),
        ("list_echoes", "GET /api/v1/echoes", True),
    ):
        resources |= route(name, key, authorized)
    resources |= subscription("notes", "on_note_made", "note.made") | mapping("on_note_made")
    template(folder, resources)


def _events(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "relay_events.py").write_text(dedent(RELAY))
    url = {"Fn::Sub": "postgresql+auroradataapi://:@/${DatabaseName}"}
    rule = {"ScheduleExpression": "rate(1 minute)", "Targets": [{"Id": "function", "Arn": {"Ref": "relay_events"}}]}
    relay = function("events", "relay_events", DISPATCHER_DATABASE_URL=url, DATABASE_URL="")
    template(folder, {"relay_events": relay, "Rule": {"Type": "AWS::Events::Rule", "Properties": rule}})


def _platform(folder: Path) -> None:
    folder.mkdir(parents=True)
    real = ROOT / "functions" / "platform"
    secret = {"OPERATOR_SECRET": {"Ref": "OperatorSecret"}}
    pool = {"USER_POOL_ISSUER": {"Ref": "UserPoolIssuer"}, "USER_POOL_CLIENT": {"Ref": "UserPoolClient"}}
    resources = {"authorize_request": function("platform", "authorize_request", real, **secret, **pool)}
    for name, key in (
        ("create_tenant", "POST /api/v1/tenants"),
        ("verify_auth", "GET /api/v1/auth/verify"),
        ("create_role", "POST /api/v1/roles"),
        ("create_api_key", "POST /api/v1/api-keys"),
        ("revoke_api_key", "DELETE /api/v1/api-keys/{id}"),
    ):
        resources[name] = function("platform", name, real)
        resources |= route(name, key, True)
    template(folder, resources)


def template(folder: Path, resources: dict[str, Any], more: dict[str, Any] | None = None) -> None:
    """Write a module's template; JSON is YAML too."""
    content = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {**parameters(), **(more or {})},
        "Globals": {"Function": {"Runtime": "python3.11", "Environment": {"Variables": variables()}}},
        "Resources": resources,
    }
    (folder / "template.yaml").write_text(json.dumps(content, indent=1))


def write_applet(root: Path) -> None:
    """Add an applet that writes a note of its own for each note named hello."""
    folder = root / "applets" / "echo"
    folder.mkdir(parents=True)
    manifest = {"id": "acme.echo", "name": "Echo", "version": "1.0.0", "permissions": ["notes.make_note"]}
    (folder / "applet.yaml").write_text(json.dumps(manifest))
    (folder / "app.py").write_text(dedent(APPLET))
    resources: dict[str, Any] = {"echo": function("applet", "echo")}
    properties = resources["echo"]["Properties"]
    properties["Handler"] = "app.handler"
    properties["Environment"] = {
        "Variables": {"BIGLEDGER_URL": {"Ref": "BigLedgerUrl"}, "API_KEY_SECRET": {"Ref": "ApiKeySecret"}}
    }
    resources |= subscription("applet", "echo", "note.made", receives=2) | mapping("echo")
    pattern = {"detail-type": ["note.made"], "detail": {"tenantid": [{"Ref": "Tenant"}], "data": {"text": ["hello"]}}}
    resources["Rule"]["Properties"]["EventPattern"] = pattern
    template(folder, resources, {name: {"Type": "String"} for name in ("BigLedgerUrl", "ApiKeySecret", "Tenant")})
    content = json.loads((folder / "template.yaml").read_text())
    del content["Globals"]
    (folder / "template.yaml").write_text(json.dumps(content, indent=1))
