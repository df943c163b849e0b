"""The played BigLedger on a port of the loopback address, and the applets loaded as Lambda loads them."""

import importlib.util
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

from tests.applets.events import TENANT
from tests.applets.played import Handler, PlayedApi

ROOT = Path(__file__).resolve().parents[2]
KEY = "blg_test_applet"


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedApi]:
    """The played API, which the environment names as the applet's BigLedger."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    api = PlayedApi(f"http://127.0.0.1:{server.server_port}")
    server.played = api  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("BIGLEDGER_URL", api.url)
    monkeypatch.setenv("API_KEY", KEY)
    monkeypatch.setenv("TENANT_ID", TENANT)
    yield api
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def load() -> Callable[[Path], ModuleType]:
    """Load the file of an applet anew, as a fresh Lambda environment does."""

    def loaded(path: Path) -> ModuleType:
        spec = importlib.util.spec_from_file_location("app", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return loaded
