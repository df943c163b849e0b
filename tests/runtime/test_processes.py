"""Functions run as Lambda runs them: apart from all else, ended when they take too long, started anew after a crash."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from devtools.local.lambda_client import FunctionFailed, LambdaFunctions, functions_of
from devtools.local.lambda_figures import table
from devtools.local.runtime_api import PAYLOAD_LIMIT
from tests.runtime.served import Served, small_service

SEEN = """
    import importlib.util, os, sys


    def seen(event, context):
        return {
            "event": event,
            "path": sys.path,
            "found": [name for name in event if importlib.util.find_spec(name)],
            "environment": dict(os.environ),
            "folder": os.getcwd(),
            "remaining": context.get_remaining_time_in_millis(),
            "name": context.function_name,
            "memory": context.memory_limit_in_mb,
            "arn": context.invoked_function_arn,
            "request": context.aws_request_id,
        }
"""

COUNT = """
    import os, time

    calls = 0


    def count(event, context):
        global calls
        calls += 1
        time.sleep((event or {}).get("seconds", 0))
        return [os.getpid(), calls]
"""


def counting(name: str) -> str:
    return COUNT.replace("count(", f"{name}(")


def test_a_function_sees_its_folder_and_the_client_and_nothing_of_this_project(tmp_path: Path) -> None:
    service = small_service(tmp_path, {"seen": SEEN})
    with Served(service) as served:
        seen = served.call("seen", ["devtools", "bigledger", "pytest", "boto3", "pip", "awslambdaric", "seen"]).value
    assert seen["found"] == ["awslambdaric", "seen"]
    standard = Path(os.__file__).parent
    version = f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
    assert seen["path"] == [
        str(tmp_path),
        service.setup.runtime,
        *[str(standard.parent / version), str(standard), str(standard / "lib-dynload")],
    ]
    assert seen["folder"] == str(tmp_path)


def test_the_environment_and_the_context_are_lambdas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THIS_MACHINE", "1")
    with Served(small_service(tmp_path, {"seen": SEEN}, timeout=7)) as served:
        seen = served.call("seen", []).value
    environment = seen["environment"]
    assert environment.pop("AWS_LAMBDA_LOG_STREAM_NAME").split("/")[3].startswith("[$LATEST]")
    assert environment.pop("AWS_LAMBDA_RUNTIME_API").startswith("127.0.0.1:")
    assert environment.pop("_X_AMZN_TRACE_ID").endswith(";Sampled=0")
    for name in ("PATH", "PYTHONPATH", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"):
        environment.pop(name)
    environment.pop("LC_CTYPE", None)  # the interpreter's own, where this machine has no English locale
    assert environment == {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": "seen.seen",
        "AWS_REGION": "eu-central-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": "seen",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/seen",
        "AWS_LAMBDA_LOG_FORMAT": "Text",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        "COLOR": "blue",
    }
    assert 0 < seen["remaining"] <= 7000
    assert (seen["name"], seen["memory"]) == ("seen", "256")
    assert seen["arn"] == "arn:aws:lambda:eu-central-1:123456789012:function:seen"
    assert len(seen["request"]) == 36


def test_a_process_stays_warm_and_is_called_again(tmp_path: Path) -> None:
    with Served(small_service(tmp_path, {"count": COUNT})) as served:
        first, second = served.call("count").value, served.call("count").value
        figures = served.figures["count"]
    assert (first[0], first[1], second[1]) == (second[0], 1, 2)
    assert (figures["starts"], figures["calls"]) == (1, 1)
    assert min(figures["init"], figures["first"], figures["warm"]) > 0
    assert not Path(f"/proc/{first[0]}").exists(), "it ends with the service"
    (heading, line) = table({"bigledger-notes-count": figures})
    assert heading.split() == ["function", "starts", "load", "first", "call", "later", "calls", "median", "memory"]
    assert line.split()[:2] == ["notes-count", "1"]
    assert list(table({})) == ["No function was called yet."]


def test_calls_at_the_same_time_have_two_processes_and_a_third_waits(tmp_path: Path) -> None:
    with Served(small_service(tmp_path, {"count": COUNT})) as served:
        with ThreadPoolExecutor(3) as threads:
            found = [one.value for one in threads.map(lambda _: served.call("count", {"seconds": 0.5}), range(3))]
    assert len({process for process, _ in found}) == 2
    assert sorted(calls for _, calls in found) == [1, 1, 2]


def test_beyond_the_bound_the_process_that_was_idle_for_longest_is_ended(tmp_path: Path) -> None:
    codes = {name: counting(name) for name in ("one", "two", "three")}
    with Served(small_service(tmp_path, codes, limit=2)) as served:
        one, two = served.call("one").value, served.call("two").value
        assert served.call("one").value == [one[0], 2]
        served.call("three")
        assert Path(f"/proc/{one[0]}").exists()
        assert not Path(f"/proc/{two[0]}").exists()
        assert served.call("one").value == [one[0], 3]
        assert served.call("two").value[1] == 1


def test_what_a_function_raises_is_told_and_its_process_stays(tmp_path: Path) -> None:
    code = """
        import os


        def fail(event, context):
            if event:
                raise LookupError("no such thing")
            return os.getpid()
    """
    with Served(small_service(tmp_path, {"fail": code})) as served:
        before = served.call("fail").value
        failed = served.call("fail", 1)
        assert failed.told == ("LookupError", "no such thing")
        assert 'raise LookupError("no such thing")' in "".join(failed.value["stackTrace"])
        assert served.call("fail").value == before


def test_a_function_that_takes_longer_than_its_timeout_is_ended(tmp_path: Path) -> None:
    with Served(small_service(tmp_path, {"count": COUNT}, timeout=1)) as served:
        before = served.call("count").value
        kind, message = served.call("count", {"seconds": 60}).told
        assert (kind, message.partition("Error: ")[2]) == ("Sandbox.Timedout", "Task timed out after 1.00 seconds")
        after = served.call("count").value
    assert after[1] == 1
    assert after[0] != before[0]
    assert not Path(f"/proc/{before[0]}").exists()


def test_a_process_that_ends_in_a_call_is_started_again_for_the_next(tmp_path: Path) -> None:
    code = """
        import os


        def leave(event, context):
            if event == "killed":
                os.kill(os.getpid(), 9)
            if event:
                os._exit(3)
            return "here"
    """
    with Served(small_service(tmp_path, {"leave": code})) as served:
        assert served.call("leave").value == "here"
        assert served.call("leave", "ended").told == (
            "Runtime.ExitError",
            "Runtime exited with error: exit status 3",
        )
        assert served.call("leave", "killed").told == (
            "Runtime.ExitError",
            "Runtime exited with error: signal: SIGKILL",
        )
        assert served.call("leave").value == "here"
        assert served.figures["leave"]["starts"] == 3


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("import not_in_any_layer", "Runtime.ImportModuleError", "No module named 'not_in_any_layer'"),
        ("def other(event, context): ...", "Runtime.HandlerNotFound", "Handler 'broken' missing on module 'broken'"),
        ("import os; os._exit(4)", "Runtime.ExitError", "exit status 4"),
    ],
)
def test_a_function_that_cannot_be_loaded_says_why(tmp_path: Path, code: str, kind: str, message: str) -> None:
    with Served(small_service(tmp_path, {"broken": code})) as served:
        told = served.call("broken").told
        assert told[0] == kind
        assert message in told[1]
        (tmp_path / "broken.py").write_text("def broken(event, context):\n    return 'mended'\n")
        assert served.call("broken").value == "mended"


def test_an_event_is_taken_at_once_and_handled_afterwards(tmp_path: Path) -> None:
    code = """
        import pathlib


        def note(event, context):
            pathlib.Path(event["path"]).write_text("noted")
    """
    with Served(small_service(tmp_path, {"note": code})) as served:
        payload = f'{{"path": "{tmp_path}/noted"}}'
        answer = served.sdk.invoke(FunctionName="note", InvocationType="Event", Payload=payload)
        assert answer["StatusCode"] == 202
        deadline = time.monotonic() + 30
        while not (tmp_path / "noted").exists():
            assert time.monotonic() < deadline, "the event was not handled in 30 seconds"
            time.sleep(0.01)


def test_a_function_is_found_by_its_arn_and_its_alias_and_others_are_refused(tmp_path: Path) -> None:
    with Served(small_service(tmp_path, {"count": COUNT})) as served:
        for name in ("count", "count:live", "arn:aws:lambda:eu-central-1:123456789012:function:count:live"):
            assert not served.call(name).error
        with pytest.raises(ClientError) as refused:
            served.call("nothing")
        assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
        with pytest.raises(ClientError) as refused:
            served.sdk.invoke(FunctionName="count", Payload="{not json")
        assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_an_event_or_an_answer_over_6_mb_is_refused(tmp_path: Path) -> None:
    code = "def grow(event, context):\n    return 'x' * event\n"
    with Served(small_service(tmp_path, {"grow": code})) as served:
        assert len(served.call("grow", PAYLOAD_LIMIT - 2).value) == PAYLOAD_LIMIT - 2
        assert served.call("grow", PAYLOAD_LIMIT).told[0] == "Function.ResponseSizeTooLarge"
        with pytest.raises(ClientError) as refused:
            served.call("grow", "x" * PAYLOAD_LIMIT)
        assert refused.value.response["Error"]["Code"] == "RequestTooLargeException"
        assert served.call("grow", 1).value == "x"


def test_the_local_cloud_calls_functions_through_the_service_when_told_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = {"double": "def double(event, context):\n    return event * 2\n"}
    service = small_service(tmp_path, codes)
    assert not isinstance(functions_of(service.functions), LambdaFunctions)
    with Served(service) as served:
        monkeypatch.setenv("BIGLEDGER_LAMBDA", served.url)
        functions = functions_of(service.functions)
        assert isinstance(functions, LambdaFunctions)
        assert functions.call("double", 21, "request") == 42
        with pytest.raises(FunctionFailed, match="double: TypeError: unsupported operand"):
            functions.call("double", None, "request")
