"""CodeDeploy and Lambda as a hook sees them, on loopback: deployments, versions of functions, and what was reported."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Version = Callable[[Any], Any]
"""What a version of a function answers to an event. It raises when it ends without an answer."""


class AwsStandIn:
    """Answers the three calls of CodeDeploy and the one of Lambda that a hook makes, in AWS's own protocols."""

    def __init__(self, versions: Mapping[tuple[str, str], Version]) -> None:
        self.versions = versions
        """What is deployed, by the function's name and the version."""
        self.deployments: dict[str, Sequence[tuple[str, str]]] = {}
        """What each deployment gives traffic to."""
        self.reported: list[tuple[str, str, str]] = []
        """Deployment, execution and status, as the hook told them."""
        self.called: list[tuple[str, str]] = []
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                status, headers, answer = (
                    stand_in._codedeploy(target, json.loads(body)) if target else stand_in._lambda(self.path, body)
                )
                text = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which AWS's SDK finds it."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        return {
            "AWS_ENDPOINT_URL_CODEDEPLOY": url,
            "AWS_ENDPOINT_URL_LAMBDA": url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _codedeploy(self, call: str, request: Any) -> tuple[int, dict[str, str], Any]:
        deployment = request["deploymentId"]
        if deployment not in self.deployments:
            return 400, {}, {"__type": "DeploymentDoesNotExistException", "message": f"There is no {deployment}"}
        targets = {f"{name}:live": (name, version) for name, version in self.deployments[deployment]}
        if call == "ListDeploymentTargets":
            return 200, {}, {"targetIds": list(targets)}
        if call == "BatchGetDeploymentTargets":
            found = [
                {"functionName": targets[one][0], "functionAlias": "live", "targetVersion": targets[one][1]}
                for one in request["targetIds"]
            ]
            kind = "LambdaTarget"
            answer = [{"deploymentTargetType": kind, "lambdaTarget": {"lambdaFunctionInfo": one}} for one in found]
            return 200, {}, {"deploymentTargets": answer}
        assert call == "PutLifecycleEventHookExecutionStatus", call
        self.reported.append((deployment, request["lifecycleEventHookExecutionId"], request["status"]))
        return 200, {}, {"lifecycleEventHookExecutionId": request["lifecycleEventHookExecutionId"]}

    def _lambda(self, path: str, body: bytes) -> tuple[int, dict[str, str], Any]:
        parts = urlsplit(path)
        called = (parts.path.split("/")[3], parse_qs(parts.query)["Qualifier"][0])
        self.called.append(called)
        if called not in self.versions:
            return 404, {"X-Amzn-ErrorType": "ResourceNotFoundException"}, {"Message": f"There is no {called}"}
        try:
            return 200, {}, self.versions[called](json.loads(body))
        except Exception as error:  # noqa: BLE001 - as Lambda tells it
            told = {"errorMessage": str(error), "errorType": type(error).__name__}
            return 200, {"X-Amz-Function-Error": "Unhandled"}, told
