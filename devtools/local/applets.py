"""The applets of the project in the local cloud: installed with a key of their own, run apart, switched on and off."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from devtools.local.api import answer_of, api_client
from devtools.local.deploy import STACK
from devtools.local.provision import Services
from devtools.local.state import LOCAL, ROOT, CloudError, Folder, read_json, write_json
from devtools.local.templates import Template, deployment_of


@dataclass(frozen=True)
class Applet:
    """An applet: its folder's name, and of its manifest what the local cloud needs."""

    id: str
    name: str
    title: str
    path: Path
    permissions: tuple[str, ...]

    @property
    def secret(self) -> str:
        """The name of the secret that holds its API key."""
        return f"{STACK}/applets/{self.id}"

    def template(self, bus: str, url: str, tenant_id: str) -> Template:
        """Its template, for one tenant of the installation at an address."""
        parameters = {"EventBus": bus, "BigLedgerUrl": url, "ApiKeySecret": self.secret, "Tenant": tenant_id}
        stack = f"{STACK}-applet-{self.name}"
        return Template.read(self.path / "template.yaml", stack, {"Stack": STACK, **parameters})


@dataclass(frozen=True)
class DeployedApplet:
    """A deployed applet and the file that tells its poller what to call."""

    name: str
    deployment: Path


class Applets:
    """The applets below a folder, and what `.local/applets.json` knows of those that are installed."""

    def __init__(self, folder: Folder, path: Path) -> None:
        self._folder = folder
        self._state = folder.path / "applets.json"
        self.found = [_read(manifest) for manifest in sorted(path.glob("*/applet.yaml"))]

    @property
    def installed(self) -> dict[str, dict[str, Any]]:
        """Tenant, key and whether it is enabled, by applet id."""
        return read_json(self._state)

    def get(self, name: str) -> Applet:
        """The applet of an id or a folder name. Raises CloudError."""
        for applet in self.found:
            if name in (applet.id, applet.name):
                return applet
        known = ", ".join(applet.id for applet in self.found) or "none"
        raise CloudError(f"There is no applet {name}. There are: {known}.")

    def install(self, url: str, tenant_id: str, api_key: str) -> None:
        """Give each applet that has none a role with what its manifest asks for, and a key. Raises CloudError."""
        with api_client(url, api_key) as api:
            for applet in self.found:
                if self.installed.get(applet.id, {}).get("tenant_id") != tenant_id:
                    if applet.permissions:
                        wanted = {"code": applet.id, "name": applet.title, "permissions": list(applet.permissions)}
                        answer_of(api.post("/api/v1/roles", json=wanted), also=409)
                    made = self._new_key(api, applet)
                    self._keep(applet, {"tenant_id": tenant_id, "enabled": True, **made})

    def deploy(self, services: Services, bus: str, url: str) -> list[DeployedApplet]:
        """Create what the installed applets' templates declare; answers what is to be called. May be repeated."""
        deployed = []
        for applet in self.found:
            state = self.installed.get(applet.id)
            if state is None:
                continue
            template = applet.template(bus, url, state["tenant_id"])
            services.secret(applet.secret, state["api_key"])
            services.create([template])
            if not state["enabled"]:
                services.switch_rules(template, bus, on=False)
            path = self._folder.run / f"applet-{applet.name}.json"
            deployment_of([template]).write(path)
            deployed.append(DeployedApplet(applet.name, path))
        return deployed

    def enable(self, applet: Applet, api: httpx.Client, services: Services, bus: str) -> None:
        """Give the applet a new key and let events reach it. Raises CloudError."""
        state = self._known(applet)
        if not state["enabled"]:
            made = self._new_key(api, applet)
            services.secret(applet.secret, made["api_key"])
            services.switch_rules(applet.template(bus, str(api.base_url), state["tenant_id"]), bus, on=True)
            self._keep(applet, {**state, **made, "enabled": True})

    def disable(self, applet: Applet, api: httpx.Client, services: Services, bus: str) -> None:
        """Let no event reach the applet any more, and revoke its key. Raises CloudError."""
        state = self._known(applet)
        if state["enabled"]:
            services.switch_rules(applet.template(bus, str(api.base_url), state["tenant_id"]), bus, on=False)
            answer_of(api.delete(f"/api/v1/api-keys/{state['key_id']}"))
            self._keep(applet, {**state, "enabled": False})

    def _known(self, applet: Applet) -> dict[str, Any]:
        state: dict[str, Any] | None = self.installed.get(applet.id)
        if state is None:
            raise CloudError(f"The applet {applet.id} is not installed yet; `make run` installs it.")
        return state

    def _new_key(self, api: httpx.Client, applet: Applet) -> dict[str, str]:
        wanted = {"name": applet.title, "roles": [applet.id], "mode": "test", "applet": applet.id}
        answer = answer_of(api.post("/api/v1/api-keys", json=wanted))
        return {"key_id": answer["id"], "api_key": answer["api_key"]}

    def _keep(self, applet: Applet, state: dict[str, Any]) -> None:
        write_json(self._state, {**self.installed, applet.id: state})


def _read(manifest: Path) -> Applet:
    try:
        content = yaml.safe_load(manifest.read_text())
        return Applet(
            id=str(content["id"]),
            name=manifest.parent.name,
            title=str(content["name"]),
            path=manifest.parent,
            permissions=tuple(content.get("permissions") or ()),
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise CloudError(f"{manifest} is no manifest of an applet: {error}") from error


def main(arguments: list[str] | None = None) -> int:
    """`bigledger applet list | enable <id> | disable <id>` for the cloud that runs here. Returns the exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        return _command(words, Folder(LOCAL))
    except CloudError as error:
        print(error, file=sys.stderr)
        return 1


def _command(words: list[str], folder: Folder) -> int:
    applets = Applets(folder, ROOT / "applets")
    if words == ["list"]:
        for applet in applets.found:
            state = applets.installed.get(applet.id)
            status = "not installed" if state is None else "enabled" if state["enabled"] else "disabled"
            print(f"{applet.id:<32} {status:<14} {applet.title}")
        return 0
    if len(words) != 2 or words[0] not in ("enable", "disable"):
        print("Usage: bigledger applet list | enable <id> | disable <id>", file=sys.stderr)
        return 2
    running, credentials = read_json(folder.running), read_json(folder.credentials)
    if not running or not credentials:
        raise CloudError("The local cloud is not running. Start it with `make run`, then try again.")
    applet = applets.get(words[1])
    with api_client(credentials["url"], credentials["api_key"]) as api:
        switch = applets.enable if words[0] == "enable" else applets.disable
        switch(applet, api, Services(running["aws_url"]), running["bus"])
    print(f"{applet.id} is {words[0]}d.")
    return 0
