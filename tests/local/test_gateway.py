"""The gateway speaks API Gateway's HTTP API: its events, its authorizer, its answers and refusals."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devtools.local import gateway as gateways
from devtools.local.gateway import Gateway
from devtools.local.http_event import BODY_LIMIT
from devtools.local.templates import Deployment, Function, Route

Handler = Callable[[Any, Any], Any]


class Answer:
    """What came back."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.line = status
        self.status = int(status.split()[0])
        self.headers = dict(headers)
        self.all_headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Project:
    """Functions given as code, and requests to a gateway over them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "functions" / "small"
        self._folder.mkdir(parents=True)
        self._deployment = Deployment()
        self._gateway: Gateway | None = None

    def function(self, name: str, code: str, key: str | None = None, *, authorized: bool = False) -> None:
        (self._folder / f"{name}.py").write_text(code)
        self._deployment.functions[name] = Function(name, str(self._folder), f"{name}.{name}", 128, 3, {})
        if key:
            self._deployment.routes.append(Route(key, name, authorized))

    def authorizer(self, code: str, ttl: int = 60) -> None:
        self.function("authorize_request", code)
        self._deployment.authorizer, self._deployment.authorizer_ttl = "authorize_request", ttl

    def call(
        self, method: str, path: str, query: str = "", body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        self._gateway = self._gateway or Gateway(self._deployment)
        environ: dict[str, Any] = {
            "HOME": "/somewhere",
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_PORT": "8080",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8080",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        for name, value in (headers or {}).items():
            prefix = "" if name.lower() in ("content-type", "content-length") else "HTTP_"
            environ[prefix + name.upper().replace("-", "_")] = value
        started: list[Any] = []
        answer = self._gateway(environ, lambda *given: started.extend(given))
        return Answer(started[0], started[1], b"".join(answer))


SHOW = """
import json


def show(event, context):
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_request_becomes_an_event_of_payload_format_2(project: Project) -> None:
    project.function("show", SHOW, "POST /things/{id}")
    headers = {"Content-Type": "application/json", "X-Many": "1,2", "Cookie": "a=1; b=2", "User-Agent": "test"}
    event = project.call("POST", "/things/7", "x=1&x=2&y=%20&z=", b'{"a": 1}', headers).json
    context = event.pop("requestContext")
    assert event == {
        "version": "2.0",
        "routeKey": "POST /things/{id}",
        "rawPath": "/things/7",
        "rawQueryString": "x=1&x=2&y=%20&z=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": "127.0.0.1:8080",
            "content-length": "8",
            "content-type": "application/json",
            "x-many": "1,2",
            "user-agent": "test",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"x": "1,2", "y": " ", "z": ""},
        "pathParameters": {"id": "7"},
        "body": '{"a": 1}',
        "isBase64Encoded": False,
    }
    assert len(context.pop("requestId")) == 16
    assert context.pop("timeEpoch") > 0
    assert context.pop("time").endswith(" +0000")
    assert context == {
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": "127.0.0.1",
        "domainPrefix": "local",
        "http": {
            "method": "POST",
            "path": "/things/7",
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": "test",
        },
        "routeKey": "POST /things/{id}",
        "stage": "$default",
    }


def test_what_a_request_has_not_is_not_in_the_event(project: Project) -> None:
    project.function("show", SHOW, "GET /things")
    event = project.call("GET", "/things").json
    assert not {"cookies", "queryStringParameters", "pathParameters", "body"} & set(event)


def test_a_path_and_its_parameters_are_decoded(project: Project) -> None:
    project.function("show", SHOW, "GET /things/{id}")
    event = project.call("GET", "/things/Grün".encode().decode("latin-1")).json
    assert (event["rawPath"], event["pathParameters"]) == ("/things/Grün", {"id": "Grün"})


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/octet-stream", b"\x00\x01"),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("application/json", b"\xff"),
        ("", b"{}"),
    ],
)
def test_a_body_that_is_no_text_travels_in_base64(project: Project, content_type: str, body: bytes) -> None:
    project.function(
        "back",
        "def back(event, context):\n"
        "    return {'statusCode': 200, 'body': event['body'], 'isBase64Encoded': event['isBase64Encoded']}\n",
        "POST /back",
    )
    assert project.call("POST", "/back", body=body, headers={"Content-Type": content_type}).body == body


def test_an_answer_keeps_status_headers_and_cookies(project: Project) -> None:
    project.function(
        "made",
        "def made(event, context):\n"
        "    return {'statusCode': 201, 'headers': {'ETag': '\"1\"', 'X-Number': 7}, 'cookies': ['a=1', 'b=2'],"
        " 'body': 'é'}\n",
        "GET /made",
    )
    answer = project.call("GET", "/made")
    assert (answer.line, answer.body) == ("201 Created", "é".encode())
    assert answer.all_headers == [("etag", '"1"'), ("x-number", "7"), ("set-cookie", "a=1"), ("set-cookie", "b=2")]


def test_an_answer_without_status_is_the_json_of_a_200(project: Project) -> None:
    project.function("plain", "def plain(event, context):\n    return {'a': 1}\n", "GET /plain")
    answer = project.call("GET", "/plain")
    assert (answer.status, answer.headers, answer.body) == (200, {"content-type": "application/json"}, b'{"a":1}')


def test_a_function_is_given_a_lambda_context(project: Project) -> None:
    project.function(
        "about",
        "def about(event, context):\n"
        "    return {'name': context.function_name, 'memory': context.memory_limit_in_mb,\n"
        "            'time': 0 < context.get_remaining_time_in_millis() <= 3000,\n"
        "            'request': context.aws_request_id == event['requestContext']['requestId']}\n",
        "GET /about",
    )
    assert project.call("GET", "/about").json == {"name": "about", "memory": "128", "time": True, "request": True}


def test_an_unknown_path_is_answered_as_the_gateway_does_with_a_problem_beside(project: Project) -> None:
    project.function("show", SHOW, "GET /things")
    answer = project.call("GET", "/nothing")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
    body = answer.json
    assert body.pop("instance") == answer.headers["x-request-id"]
    assert body == {
        "message": "Not Found",
        "type": "urn:bigledger:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is no operation GET /nothing.",
        "code": "not_found",
        "retryable": False,
    }


def test_another_method_of_a_known_path_is_told(project: Project) -> None:
    project.function("show", SHOW, "GET /things")
    project.function("show_again", SHOW.replace("def show", "def show_again"), "PUT /things")
    answer = project.call("DELETE", "/things")
    assert (answer.status, answer.json["detail"]) == (404, "/things does not take DELETE. Allowed: GET, PUT.")
    assert (answer.json["message"], answer.json["allow"]) == ("Not Found", ["GET", "PUT"])


ALLOW = """
calls = []


def authorize_request(event, context):
    calls.append(event)
    key = event["headers"]["authorization"]
    if key == "broken":
        raise RuntimeError("no database")
    return {"isAuthorized": key != "denied", "context": {"actor_id": key, "calls": len(calls)}}
"""


def test_a_request_without_authorization_is_refused_before_the_authorizer(project: Project) -> None:
    project.function("show", SHOW, "GET /things", authorized=True)
    project.authorizer(ALLOW)
    answer = project.call("GET", "/things")
    assert (answer.status, answer.json["message"], answer.json["code"]) == (401, "Unauthorized", "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert project.call("GET", "/things", headers={"Authorization": "a"}).json["requestContext"]["authorizer"] == {
        "lambda": {"actor_id": "a", "calls": 1}
    }


def test_the_authorizers_answer_is_kept_per_credential(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(gateways.time, "monotonic", lambda: now)
    project.function("show", SHOW, "GET /things", authorized=True)
    project.authorizer(ALLOW, ttl=60)

    def calls(key: str) -> int:
        event = project.call("GET", "/things", headers={"Authorization": key}).json
        return int(event["requestContext"]["authorizer"]["lambda"]["calls"])

    assert [calls("a"), calls("a"), calls("b"), calls("a")] == [1, 1, 2, 1]
    now += 60.5
    assert [calls("a"), calls("b")] == [3, 4]


def test_without_time_to_live_the_authorizer_is_asked_each_time(project: Project) -> None:
    project.function("show", SHOW, "GET /things", authorized=True)
    project.authorizer(ALLOW, ttl=0)
    found = [project.call("GET", "/things", headers={"Authorization": "a"}).json for _ in range(2)]
    assert [event["requestContext"]["authorizer"]["lambda"]["calls"] for event in found] == [1, 2]


def test_the_authorizer_is_asked_in_payload_format_2(project: Project) -> None:
    project.function("show", SHOW, "GET /things/{id}", authorized=True)
    project.authorizer(
        "import json\n\n\ndef authorize_request(event, context):\n"
        "    return {'isAuthorized': True, 'context': {'asked': json.dumps(event)}}\n"
    )
    event = project.call("GET", "/things/7", "x=1", headers={"Authorization": "Bearer k"}).json
    asked = json.loads(event["requestContext"].pop("authorizer")["lambda"]["asked"])
    assert (asked["version"], asked["type"], asked["identitySource"]) == ("2.0", "REQUEST", ["Bearer k"])
    for name in ("routeKey", "rawPath", "rawQueryString", "headers", "queryStringParameters", "pathParameters"):
        assert asked[name] == event[name]
    assert asked["requestContext"] == event["requestContext"]


def test_who_is_denied_gets_403(project: Project) -> None:
    project.function("show", SHOW, "GET /things", authorized=True)
    project.authorizer(ALLOW)
    answer = project.call("GET", "/things", headers={"Authorization": "denied"})
    assert (answer.status, answer.json["message"], answer.json["code"]) == (403, "Forbidden", "forbidden")


def test_a_failing_authorizer_lets_nobody_in_and_is_asked_again(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.function("show", SHOW, "GET /things", authorized=True)
    project.authorizer(ALLOW)
    answers = [project.call("GET", "/things", headers={"Authorization": "broken"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [500, 500]
    assert capsys.readouterr().err.count("RuntimeError: no database") == 2


def test_a_failing_function_is_a_500_without_internals(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.function("bad", "def bad(event, context):\n    raise RuntimeError('the secret')\n", "GET /bad")
    answer = project.call("GET", "/bad")
    assert (answer.status, answer.json["message"]) == (500, "Internal Server Error")
    assert b"secret" not in answer.body
    logged = capsys.readouterr().err
    assert "RuntimeError: the secret" in logged
    assert answer.headers["x-request-id"] in logged


def test_a_function_that_does_not_load_does_not_keep_others_from_being_served(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.function("broken", "import no_such_module\n", "GET /broken")
    project.function("show", SHOW, "GET /things")
    assert project.call("GET", "/things").status == 200
    assert [project.call("GET", "/broken").status for _ in range(2)] == [500, 500]
    assert "no_such_module" in capsys.readouterr().err


def test_a_body_over_10_mb_is_refused_unread(project: Project) -> None:
    project.function("show", SHOW, "POST /things")
    announced = project.call("POST", "/things", body=b"x", headers={"Content-Length": str(BODY_LIMIT + 1)})
    chunked = project.call(
        "POST", "/things", body=b"x" * (BODY_LIMIT + 1), headers={"Content-Length": "", "Transfer-Encoding": "chunked"}
    )
    for answer in (announced, chunked):
        assert (answer.status, answer.json["message"]) == (413, "Request Entity Too Large")
        assert answer.json["limit"] == 10_485_760
