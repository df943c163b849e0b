"""The local cloud as one thing: Postgres, the AWS services, the gateway, and the processes that carry events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from socket import SOCK_DGRAM
from types import TracebackType
from typing import IO, Self

import httpx
import psycopg
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import conninfo_to_dict

from bigledger.kernel.clock import Clock
from bigledger.platform.secrets import digest, new_operator_secret
from devtools.local import aws, databases, redelivery
from devtools.local.applets import Applet, Applets, DeployedApplet
from devtools.local.children import Child, trim
from devtools.local.databases import Database
from devtools.local.deploy import Deployed, deploy
from devtools.local.faults import Switch
from devtools.local.lambda_cloud import LambdaRuntime
from devtools.local.lambda_figures import Figures, figures
from devtools.local.network import LOOPBACK, free_port, own_port
from devtools.local.options import Options
from devtools.local.postgres import PostgresServer, log_file_of
from devtools.local.postgres_directory import tail
from devtools.local.processes import processes
from devtools.local.progress import Progress
from devtools.local.provision import ISSUER, Services
from devtools.local.state import CloudError, Folder, read_json, remember, take_lock, write_json
from devtools.local.templates import Deployment

DRAIN = 10.0  # seconds that events get to be delivered when the cloud stops
HOUSEKEEPING = 15.0  # seconds between two looks at logs and queues
PATIENCE = 5.0  # seconds that a process gets to end; the gateway gets as long as its longest operation
REQUEST_PATIENCE = 35.0


class LocalCloud:
    """A local cloud. `start` it, `stop` it; as a context manager it does both."""

    url: str
    operator_key: str
    database: Database
    services: Services
    deployed: Deployed

    def __init__(self, options: Options, progress: Progress | None = None) -> None:
        self.options = options
        self.folder = Folder(options.folder)
        self.faults = Switch(self.folder.faults)
        self.progress = progress or Progress(quiet=True)
        self.failure: CloudError | None = None
        self.failed = threading.Event()
        self.applets = Applets(self.folder, options.root / "applets")
        self.children: dict[str, Child] = {}
        self._lock: IO[str] | None = None
        self._postgres: PostgresServer | None = None
        self._lambda: LambdaRuntime | None = None
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        self._serving = False

    def start(self) -> Self:
        """Start everything and wait until it serves; applets that were installed before run, too.

        Raises CloudError, PostgresError or TemplateError with a sentence that says what to do; nothing is left
        running then.
        """
        self.folder.make()
        self._lock = take_lock(self.folder)
        try:
            port = own_port(self.options.port)
            self.url = f"http://{LOOPBACK}:{port}"
            self.operator_key = self._operator_key()
            self._aws_port, self._relay_port = free_port(), free_port(SOCK_DGRAM)
            services = self._child("aws", ["aws_server"], aws.SERVER, port=self._aws_port)
            with self.progress.step("Database") as note:
                self._start_database()
                note.text = "embedded Postgres" if self._postgres else "the server that DATABASE_URL names"
            with self.progress.step("AWS services") as note:
                services.wait_until_ready()
                self.services = Services(f"http://{LOOPBACK}:{self._aws_port}")
                self._deploy()
                found = self.deployed.functions
                note.text = f"{len(found.subscriptions)} queues"
            if self.options.on_lambda:
                with self.progress.step("Artifacts") as note:
                    self._start_lambda()
                    note.text = "what `sam build` made" if self.options.artifacts else "layers and functions' folders"
            with self.progress.step("Functions") as note:
                self._start_functions(port)
                note.text = f"{len(found.routes)} routes, {self.options.workers} processes"
        except BaseException:
            self.stop()
            raise
        self._serving = True
        running = {"url": self.url, "aws_url": self.services.url, "bus": self.deployed.bus}
        if self._lambda is not None:
            running["lambda_url"] = self._lambda.url
        write_json(self.folder.running, running)
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()
        return self

    def stop(self) -> None:
        """Answer the requests under way, deliver the events, then end every process. A second call does nothing."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join()
        if "gateway" in self.children:
            self.children.pop("gateway").stop(REQUEST_PATIENCE)
        if self._serving and self.failure is None:
            self._drain()
        self._serving = False
        for name in [*reversed([name for name in self.children if name != "aws"]), "aws"]:
            if name in self.children:
                self.children.pop(name).stop(PATIENCE)
        if self._postgres is not None:
            self._postgres.stop()
            self._postgres = None
        self.folder.running.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def embedded(self) -> PostgresServer:
        """The embedded server. Raises CloudError when the database stands on another one."""
        if self._postgres is None:
            raise CloudError("The database is on another server than the embedded one.")
        return self._postgres

    def figures(self) -> Figures:
        """What the starts and calls of functions took, if they run in processes of their own. Raises CloudError."""
        return figures(self._lambda.url) if self._lambda and "lambda" in self.children else {}

    def install(self, tenant_id: str, api_key: str) -> list[Applet]:
        """Install the applets of the project for a tenant, with the key of its administrator, and run them.

        What was installed before stays as it is. Raises CloudError when the API refuses.
        """
        self.applets.install(self.url, tenant_id, api_key)
        self._start_applets(self.applets.deploy(self.services, self.deployed.bus, self.url))
        return self.applets.found

    def _start_database(self) -> None:
        if self.options.database_url is None:
            self._postgres = PostgresServer.start(self.folder.postgres, durable=self.options.durable)
            self.database = databases.embedded(self._postgres)
        else:
            self.database = databases.external(self.options.database_url, self.folder)
        databases.migrate(self.database)
        if self._postgres is None:
            databases.let_roles_in(self.database)
        redelivery.publish_again(self.folder, self.database)

    def _deploy(self) -> None:
        """Create on empty AWS services what the templates declare, the installed applets' among it."""
        name = str(conninfo_to_dict(self.database.owner)["dbname"])
        self.deployed = deploy(self.options.root, self.services, digest(self.operator_key), name)
        self.deployed.functions.write(self.folder.run / "functions.json")
        self._applets = self.applets.deploy(self.services, self.deployed.bus, self.url)

    def _start_lambda(self) -> None:
        """Build what the functions consist of, and start the services that run it."""
        runtime = LambdaRuntime(self.options, self.folder)
        functions = self.deployed.functions
        artifacts = runtime.build(functions)
        for one in runtime.processes(functions, artifacts, self.database, self.services.url):
            self._child(one.name, one.command, one.variables).wait_until_ready()
        self._lambda = runtime

    def _start_functions(self, port: int) -> None:
        file, faults = str(self.folder.run / "functions.json"), str(self.folder.faults)
        size = ["--workers", str(self.options.workers), "--threads", str(self.options.threads)]
        for one in processes(self.deployed.functions, file, faults, size, self._relay_port):
            given = self._lambda.reach(self.services.url) if self._lambda else self._variables(one.functions)
            serves = port if one.name == "gateway" else None
            self._child(one.name, one.command, {**given, **one.variables}, port=serves, queues=one.queues)
        self._start_applets(self._applets)
        for child in list(self.children.values()):
            child.wait_until_ready()

    def _start_applets(self, deployed: list[DeployedApplet]) -> None:
        """Run the pollers of applets, those that do not run yet."""
        for applet in deployed:
            name = f"applet-{applet.name}"
            if name not in self.children:
                command = ["poller", str(applet.deployment), "--faults", str(self.folder.faults), "--applet"]
                queues = [one.queue for one in Deployment.read(applet.deployment).subscriptions]
                self._child(name, command, aws.variables(self.services.url), queues=queues).wait_until_ready()

    def _child(
        self,
        name: str,
        command: list[str],
        variables: Mapping[str, str],
        *,
        port: int | None = None,
        queues: Sequence[str] = (),
    ) -> Child:
        command = ["-m", f"devtools.local.{command[0]}", *command[1:], *(["--port", str(port)] if port else [])]
        child = Child(name, command, variables, self.folder, port=port, queues=queues)
        self.children[name] = child
        child.start()
        return child

    def _variables(self, functions: Iterable[str]) -> dict[str, str]:
        """The environment that functions declare, with this machine's values, and the way to the AWS services."""
        declared = self.deployed.functions.variables(functions)
        here = {
            "DATABASE_URL": self.database.application,
            "DISPATCHER_DATABASE_URL": self.database.dispatcher,
            "RELAY": f"udp:{self._relay_port}",
        }
        declared |= {name: value for name, value in here.items() if declared.get(name)}
        if "USER_POOL_ISSUER" in declared:
            declared["USER_POOL_ISSUER"] = declared["USER_POOL_ISSUER"].replace(ISSUER, self.services.url)
        return {**declared, **aws.variables(self.services.url)}

    def _operator_key(self) -> str:
        """The key that makes tenants, the same one in every run."""
        kept = read_json(self.folder.state).get("operator_key")
        if kept is None:
            kept = new_operator_secret(Clock()).text
            remember(self.folder, operator_key=kept)
        return str(kept)

    def _watch(self) -> None:
        """Start again what crashed; give up, with the reason, when that does not help or the database is gone."""
        next_look = time.monotonic() + HOUSEKEEPING
        while not self._stopping.wait(0.2):
            try:
                if self._postgres is not None and not self._postgres.running:
                    log = log_file_of(self.folder.postgres)
                    raise CloudError(f"Postgres ended. The end of {log}:\n{tail(log.read_text(errors='replace'))}")
                for child in list(self.children.values()):
                    if child.crashed():
                        self._revive(child)
                if time.monotonic() > next_look:
                    self._look_after()
                    next_look = time.monotonic() + HOUSEKEEPING
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and everything stops
                told = error if isinstance(error, CloudError) else CloudError(f"{type(error).__name__}: {error}")
                self.failure = told
                self.failed.set()
                return

    def _revive(self, child: Child) -> None:
        self.progress.say(
            f"[yellow]The process {child.name} ended unexpectedly and is started again;[/yellow] see {child.log}"
        )
        if child.queues:
            self._give_back(child.queues)
        child.restart()
        child.wait_until_ready()
        if child.name == "aws":
            self._deploy()
            redelivery.publish_again(self.folder, self.database)

    def _give_back(self, queues: Sequence[str]) -> None:
        """Free the messages that a process has taken along, which would stay hidden for half a minute."""
        try:
            self.services.give_back(queues)
        except httpx.HTTPError as error:  # then the services have ended, too, and begin with empty queues
            self.progress.say(f"[yellow]The queues could not be looked at:[/yellow] {error}")

    def _look_after(self) -> None:
        """Keep logs small, and remember until when everything is delivered."""
        for child in self.children.values():
            trim(child.log)
        try:
            redelivery.note(self.folder, self.database, self.services)
        except (psycopg.Error, BotoCoreError, ClientError) as error:
            self.progress.say(f"[yellow]The queues could not be looked at:[/yellow] {error}")

    def _drain(self) -> None:
        """Wait a while until every event is delivered, so that the next start need not publish any again."""
        deadline = time.monotonic() + DRAIN
        try:
            while not redelivery.note(self.folder, self.database, self.services, timedelta()):
                if time.monotonic() > deadline:
                    self.progress.say("Some events are not delivered yet; the next start publishes them again.")
                    return
                time.sleep(0.1)
        except (psycopg.Error, BotoCoreError, ClientError) as error:
            self.progress.say(f"[yellow]The queues could not be looked at:[/yellow] {error}")
