"""`make sam-local`: the API served by `sam local start-api`, each call in a container, for those who have Docker.

The rest is the local cloud's: the database behind the Data API, the other AWS services, subscribers and the relay.
What one of the two APIs writes, the other one reads.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from devtools.deploy import flat, sam
from devtools.deploy.build import build
from devtools.deploy.containers import HOST, Forwarder, bridge, missing
from devtools.environment import ROOT
from devtools.local.cloudformation import REGION, TemplateError
from devtools.local.demo import open_demo
from devtools.local.deploy import CLUSTER
from devtools.local.lambda_cloud import secrets_of
from devtools.local.options import from_environment
from devtools.local.postgres import PostgresError
from devtools.local.progress import Progress
from devtools.local.provision import ISSUER
from devtools.local.rds_data import Cluster
from devtools.local.rds_data_server import DataApiServer
from devtools.local.state import CloudError
from devtools.local.supervisor import LocalCloud

PORT = 3000
"""Where `sam local start-api` serves, on the loopback address."""


def main() -> int:
    """Serve until Ctrl-C. Returns the exit status: 1 where containers cannot run."""
    progress = Progress()
    try:
        found = flat.deployment()
        path = flat.write(flat.template(found, flat.built_layers(), {}))
        routes = len(found.routes)
        progress.say(f"Wrote {path.relative_to(ROOT)}: {len(found.functions)} functions, {routes} routes.")
        reason = missing()
        if reason is not None:
            print(_refusal(reason, path), file=sys.stderr)
            return 1
        make = [sys.executable, str(ROOT / "devtools" / "environment.py"), "sam"]
        if subprocess.run(make, cwd=ROOT).returncode:
            return 1
        _serve(progress)
    except KeyboardInterrupt:
        return 0
    except (CloudError, PostgresError, TemplateError, sam.SamError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _refusal(reason: str, path: Path) -> str:
    return (
        f"\n`sam local` runs functions in containers, so it needs Docker. {reason}\n\n"
        "  with Docker      install it, start it, then: make sam-local\n"
        "  without Docker   make run                  the same API, functions and events on this machine\n"
        "                   make run RUNTIME=lambda   the same, each function run by AWS's own runtime client\n\n"
        f"The template for `sam local` is {path.relative_to(ROOT)}; `make validate` checks its routes without Docker."
    )


def _serve(progress: Progress) -> None:
    with progress.step("Building the layers and functions") as note:
        build(heard=note.show)
    with contextlib.ExitStack() as running:
        cloud = running.enter_context(LocalCloud(from_environment(os.environ), progress))
        open_demo(cloud)
        functions = cloud.deployed.functions
        cluster = Cluster(CLUSTER, secrets_of(functions.functions.values(), cloud.database))
        data_api = DataApiServer(cluster).start()
        running.callback(data_api.stop)
        reach = _Reach(running)
        services = reach.url(cloud.services.url)
        variables = {
            "AWS_ENDPOINT_URL": services,
            "AWS_ENDPOINT_URL_RDS_DATA": reach.url(data_api.url),
            "RELAY": "",  # the relay looks for events by itself, each second
        }
        document = flat.template(functions, flat.built_layers(), variables)
        for resource in document["Resources"].values():
            own = resource["Properties"].get("Environment", {}).get("Variables", {})
            if "USER_POOL_ISSUER" in own:
                own["USER_POOL_ISSUER"] = own["USER_POOL_ISSUER"].replace(ISSUER, services)
        path = flat.write(document)
        progress.say(f"\nThe keys are in {cloud.folder.credentials}; the first call of a function takes a while.")
        sam.run(list(_command(path)), print)


def _command(path: Path) -> Iterator[str]:
    yield from ("local", "start-api", "--template-file", str(path), "--config-file", str(sam.empty_configuration()))
    yield from ("--port", str(PORT), "--region", REGION, "--warm-containers", "LAZY")
    yield from ("--add-host", f"{HOST}:host-gateway")


class _Reach:
    """The addresses of local services as containers see them."""

    def __init__(self, running: contextlib.ExitStack) -> None:
        self._running = running
        self._bridge = bridge()

    def url(self, local: str) -> str:
        """The address of a service that listens on the loopback address."""
        port = urlsplit(local).port
        assert port is not None
        if self._bridge is not None:
            port = self._running.enter_context(Forwarder(self._bridge, port)).port
        return f"http://{HOST}:{port}"


if __name__ == "__main__":
    sys.exit(main())
