"""The local cloud as a whole: it serves what the templates say, loses no event, and tells clearly what is wrong."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from devtools.local.applets import Applets
from devtools.local.children import Child
from devtools.local.faults import Faults
from devtools.local.options import Options
from devtools.local.provision import VISIBILITY
from devtools.local.state import CloudError, read_json
from devtools.local.supervisor import LocalCloud
from tests.local import project

PATIENCE = 20.0  # less than VISIBILITY: a message that a dead process has taken along does not stay hidden that long


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE:.0f} seconds"
        time.sleep(0.05)


class Tenant:
    """A tenant of the running cloud."""

    def __init__(self, cloud: LocalCloud) -> None:
        operator = client(cloud, cloud.operator_key)
        company = {"name": "Notes", "company": {"currency": "USD", "jurisdiction": "US-CA"}}
        made = operator.post("/api/v1/tenants", json=company).json()
        self.id, self.key = made["id"], made["api_key"]
        self.cloud = cloud

    @property
    def api(self) -> httpx.Client:
        return client(self.cloud, self.key)

    def note(self, text: str) -> None:
        answer = self.api.post("/api/v1/notes", json={"text": text})
        assert answer.status_code == 201, answer.text

    def echoes(self) -> list[str]:
        return list(self.api.get("/api/v1/echoes").json()["echoes"])

    def dead_letters(self) -> int:
        return int(self.api.get("/api/v1/echoes").json()["dead"])


def client(cloud: LocalCloud, key: str) -> httpx.Client:
    return httpx.Client(base_url=cloud.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30)


def options(folder: Path) -> Options:
    """A cloud over the small project, with its data in a folder."""
    root = folder / "project"
    if not root.exists():
        project.write(root)
        project.write_applet(root)
    return Options(folder=folder / ".local", root=root, port=0, durable=False)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(options(tmp_path_factory.mktemp("cloud"))) as running:
        yield running


@pytest.fixture
def tenant(cloud: LocalCloud) -> Iterator[Tenant]:
    yield Tenant(cloud)
    cloud.faults.clear()


def test_it_serves_on_the_loopback_address_only(cloud: LocalCloud) -> None:
    answer = httpx.get(f"{cloud.url}/api/v1/ping", trust_env=False)
    assert (answer.status_code, answer.json()) == (200, {"pong": True})
    ports = {int(cloud.url.rsplit(":", 1)[1]), int(cloud.services.url.rsplit(":", 1)[1])}
    listening = [
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    ]
    addresses = {address for address, _, port in (one.partition(":") for one in listening) if int(port, 16) in ports}
    assert addresses == {"0100007F"}


def test_paths_and_headers_arrive_as_they_were_sent(cloud: LocalCloud) -> None:
    headers = [("X-Many", "1"), ("X-Many", "2"), ("Cookie", "a=b; c=d"), ("Content-Type", "application/json")]
    answer = httpx.post(
        f"{cloud.url}/api/v1/shown/Gr%C3%BCn/a%20b?x=1&x=2", headers=headers, content=b'{"a": 1}', trust_env=False
    )
    event = answer.json()["event"]
    assert event["pathParameters"] == {"place": "Grün", "thing": "a b"}
    assert event["rawQueryString"] == "x=1&x=2"
    assert event["cookies"] == ["a=b", "c=d"]
    assert event["headers"]["x-many"].replace(" ", "") == "1,2"
    assert event["body"] == '{"a": 1}'
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.json()["function"] == "bigledger-notes-show_event"


def test_a_body_of_11_mb_is_refused_and_the_next_request_answered(cloud: LocalCloud) -> None:
    with httpx.Client(base_url=cloud.url, trust_env=False, timeout=30) as http:
        refused = http.post("/api/v1/shown/a/b", content=b"x" * 11_000_000)
        assert (refused.status_code, refused.json()["message"]) == (413, "Request Entity Too Large")
        assert http.get("/api/v1/ping").status_code == 200


def test_a_call_needs_a_key_that_is_known(tenant: Tenant) -> None:
    assert httpx.get(f"{tenant.cloud.url}/api/v1/echoes", trust_env=False).status_code == 401
    assert client(tenant.cloud, "blg_live_unknown").get("/api/v1/echoes").status_code == 401
    assert client(tenant.cloud, tenant.cloud.operator_key).get("/api/v1/echoes").status_code == 403
    assert tenant.api.get("/api/v1/echoes").json() == {"echoes": [], "dead": 0}


def test_an_event_reaches_its_subscriber_once(tenant: Tenant) -> None:
    texts = [f"note {number}" for number in range(25)]
    for text in texts:
        tenant.note(text)
    wait_for(lambda: len(tenant.echoes()) >= 25)
    assert sorted(tenant.echoes()) == sorted(texts)


def test_a_text_that_looks_like_a_placeholder_of_the_bus_arrives_unchanged(tenant: Tenant) -> None:
    tenant.note("<detail> <time> <aws.events.event.json>")
    wait_for(tenant.echoes)
    assert tenant.echoes() == ["<detail> <time> <aws.events.event.json>"]


@pytest.mark.parametrize(
    "faults",
    [Faults(drop=3), Faults(fail=3), Faults(duplicate=3), Faults(delay=0.2), Faults(drop=1, fail=1, duplicate=1)],
    ids=lambda faults: str(faults),
)
def test_disturbed_deliveries_take_effect_once(tenant: Tenant, faults: Faults) -> None:
    tenant.cloud.faults.set(faults)
    texts = [f"note {number}" for number in range(6)]
    for text in texts:
        tenant.note(text)
    wait_for(lambda: sorted(tenant.echoes()) == texts and tenant.cloud.services.waiting() == 0)
    assert sorted(tenant.echoes()) == texts
    assert tenant.cloud.faults.remaining == Faults(delay=faults.delay)


def test_reordered_deliveries_arrive_newest_first(tenant: Tenant) -> None:
    tenant.cloud.faults.set(Faults(reorder=True))
    for number in range(4):
        tenant.note(f"note {number}")
    wait_for(lambda: len(tenant.echoes()) == 4)
    assert tenant.echoes() != [f"note {number}" for number in range(4)]
    assert sorted(tenant.echoes()) == [f"note {number}" for number in range(4)]


def test_an_event_that_cannot_be_taken_is_put_aside_and_the_others_are_not_held_up(tenant: Tenant) -> None:
    tenant.note("poison")
    tenant.note("good")
    wait_for(lambda: tenant.echoes() == ["good"])
    wait_for(tenant.dead_letters)
    wait_for(lambda: tenant.cloud.services.waiting() == 0)
    assert (tenant.echoes(), tenant.dead_letters()) == (["good"], 1)


def test_an_applet_runs_apart_and_is_switched_off_without_the_core_noticing(tenant: Tenant) -> None:
    cloud = tenant.cloud
    heard = "applet heard hello, sees []"
    (applet,) = cloud.install(tenant.id, tenant.key)
    tenant.note("hello")
    wait_for(lambda: sorted(tenant.echoes()) == [heard, "hello"])

    applets = Applets(cloud.folder, cloud.options.root / "applets")
    key = applets.installed[applet.id]["api_key"]
    assert client(cloud, key).get("/api/v1/auth/verify").json()["actor"]["kind"] == "applet"
    applets.disable(applet, tenant.api, cloud.services, cloud.deployed.bus)
    applets.deploy(cloud.services, cloud.deployed.bus, cloud.url)  # as a restart does: it stays disabled
    assert client(cloud, key).get("/api/v1/auth/verify").status_code == 401
    tenant.note("hello")
    wait_for(lambda: len(tenant.echoes()) == 3)
    wait_for(lambda: cloud.services.waiting() == 0)
    assert sorted(tenant.echoes()) == [heard, "hello", "hello"]

    applets.enable(applet, tenant.api, cloud.services, cloud.deployed.bus)
    tenant.note("hello")
    wait_for(lambda: len(tenant.echoes()) == 5)
    assert sorted(tenant.echoes()) == [heard, heard, "hello", "hello", "hello"]


def test_a_process_that_is_killed_is_started_again(tenant: Tenant) -> None:
    for name in ("subscribers", "relay", "gateway"):
        kill(tenant.cloud.children[name])
    tenant.note("after")
    wait_for(lambda: tenant.echoes() == ["after"])
    assert tenant.cloud.failure is None


def test_a_message_in_the_hands_of_a_killed_process_is_delivered_again_at_once(tenant: Tenant) -> None:
    cloud = tenant.cloud
    assert PATIENCE < VISIBILITY
    cloud.faults.set(Faults(delay=600))
    tenant.note("held")
    wait_for(lambda: held(cloud) == 1)
    cloud.faults.clear()
    kill(cloud.children["subscribers"])
    wait_for(lambda: tenant.echoes() == ["held"])


def held(cloud: LocalCloud) -> int:
    """How many messages the subscriber has received and not deleted."""
    wanted = "ApproximateNumberOfMessagesNotVisible"
    url = cloud.services.sqs.get_queue_url(QueueName="bigledger-notes-on_note_made")["QueueUrl"]
    return int(cloud.services.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[wanted])["Attributes"][wanted])


def kill(child: Child) -> None:
    """Kill a process of the cloud, and wait until it has been started again."""
    killed = child.pid
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: child.pid != killed and child.ready)


def httpx_works(cloud: LocalCloud) -> bool:
    try:
        return httpx.get(f"{cloud.url}/api/v1/ping", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_events_in_the_queues_survive_the_end_of_the_aws_services(tenant: Tenant) -> None:
    cloud = tenant.cloud
    cloud.faults.set(Faults(drop=1000))
    for number in range(5):
        tenant.note(f"note {number}")
    wait_for(lambda: cloud.services.waiting() == 5 and outbox(cloud) == 0)
    os.kill(cloud.children["aws"].pid, signal.SIGKILL)
    cloud.faults.clear()
    wait_for(lambda: len(tenant.echoes()) == 5)
    assert sorted(tenant.echoes()) == [f"note {number}" for number in range(5)]


def outbox(cloud: LocalCloud) -> int:
    with psycopg.connect(cloud.database.dispatcher) as connection:
        row = connection.execute("SELECT count(*) FROM kernel.outbox").fetchone()
    assert row is not None
    return int(row[0])


def test_a_second_run_of_the_same_folder_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(CloudError, match=rf"already running here \(process {os.getpid()}\)"):
        LocalCloud(cloud.options).start()
    assert httpx_works(cloud)


def test_a_restart_keeps_data_keys_and_what_was_not_delivered(tmp_path: Path) -> None:
    with LocalCloud(options(tmp_path)) as first:
        tenant = Tenant(first)
        tenant.note("one")
        wait_for(lambda: tenant.echoes() == ["one"])
        operator_key = first.operator_key
        first.faults.set(Faults(drop=1000))
        tenant.note("two")
        wait_for(lambda: first.services.waiting() == 1)
        pids = [child.pid for child in first.children.values()]
        # As if the machine had lost its power: nothing is stopped in order, no last look is taken.
        first.failure = CloudError("killed")
        for child in first.children.values():
            os.killpg(child.pid, signal.SIGKILL)
    first.faults.clear()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    with LocalCloud(options(tmp_path)) as second:
        assert second.operator_key == operator_key
        tenant.cloud = second
        wait_for(lambda: len(tenant.echoes()) == 2)
        assert tenant.echoes() == ["one", "two"]
        delivered = read_json(second.folder.state)["delivered_until"]
    assert read_json(second.folder.state)["delivered_until"] > delivered, "stopping in order takes a last look"


def test_another_servers_database_can_be_used(cloud: LocalCloud, tmp_path: Path, admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE other_owner LOGIN SUPERUSER PASSWORD 'secret'")
        connection.execute("CREATE DATABASE other OWNER other_owner")
    url = admin_url.replace("/postgres?", "/other?").replace("postgres@", "other_owner:secret@")
    given = options(tmp_path)
    elsewhere = Options(folder=given.folder, root=given.root, port=0, workers=1, threads=1, database_url=url)
    with LocalCloud(elsewhere) as running:
        assert not (given.folder / "postgres").exists()
        tenant = Tenant(running)
        tenant.note("elsewhere")
        wait_for(lambda: tenant.echoes() == ["elsewhere"])


def test_a_process_that_keeps_crashing_stops_everything_with_its_log(tmp_path: Path) -> None:
    given = options(tmp_path)
    running = LocalCloud(given).start()
    try:
        broken = given.root / "functions" / "notes" / "on_note_made.py"
        broken.write_text("raise RuntimeError('broken by a change')\n")
        os.kill(running.children["subscribers"].pid, signal.SIGKILL)
        assert running.failed.wait(PATIENCE)
        assert "The subscribers did not start. The end of" in str(running.failure)
        assert "RuntimeError: broken by a change" in str(running.failure)
    finally:
        running.stop()
    assert not running.children
