"""``Applet``: handlers by event, and the Lambda entry that hands them what the queue delivers."""

import inspect
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bigledger_applet.api import Api
from bigledger_applet.client import ApiProblem, Client
from bigledger_applet.event import Event, EventRefused, fields, read_event
from bigledger_applet.logs import logger, set_up
from bigledger_applet.manifest import Hook, InvalidManifest, Manifest, read_manifest
from bigledger_applet.matching import matches

Handler = Callable[[Event, Api], None]


class Applet:
    """An applet: what it does for each event that its manifest hooks.

    The manifest is the ``applet.yaml`` beside the file that has the handlers.
    """

    def __init__(self) -> None:
        self._manifest: Manifest | None = None
        self._handlers: dict[tuple[str, int], Handler] = {}
        self._client: Client | None = None

    def on(self, event: str, version: int = 1) -> Callable[[Handler], Handler]:
        """Declare the handler of an event: ``@applet.on("invoice.created")``.

        Raises InvalidManifest when the manifest has no such hook or cannot be used, ValueError for a second handler.
        """

        def declare(handler: Handler) -> Handler:
            if self._manifest is None:
                self._manifest = _manifest_beside(handler)
            if _hook(self._manifest, event, version) is None:
                raise InvalidManifest(
                    f"{handler.__name__} handles {event} version {version}, which applet.yaml does not hook."
                    f" Add {{event: {event}, version: {version}}} to its hooks."
                )
            if (event, version) in self._handlers:
                raise ValueError(f"{event} version {version} has a handler already; let one function do both")
            self._handlers[event, version] = handler
            return handler

        return declare

    @property
    def manifest(self) -> Manifest:
        """The applet's manifest."""
        if self._manifest is None:
            raise InvalidManifest('The applet has no handlers. Declare one with @applet.on("<event>").')
        return self._manifest

    def handler(self, batch: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
        """The Lambda entry: takes an SQS batch of EventBridge events, answers the messages to be delivered again.

        A message that fails does not hold up the others. After the deliveries that the queue's redrive policy allows
        it goes to the dead-letter queue.
        """
        set_up()
        failed = [record["messageId"] for record in batch["Records"] if not self._take(record)]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    def _take(self, record: Mapping[str, Any]) -> bool:
        """Handle one message; False asks for another delivery."""
        facts: dict[str, Any] = {"message_id": record["messageId"]}
        try:
            event = read_event(record["body"])
            facts |= {"event": event.type, "version": event.version, "event_id": event.id, "subject": event.subject}
            handled = self._handle(event)
        except EventRefused as refusal:
            logger.error("event refused", extra={**facts, "reason": str(refusal)})
            return False
        except ApiProblem as problem:
            told = {"status": problem.status, "code": problem.code, "detail": problem.detail}
            logger.error("the API refused", extra={**facts, **told})
            return False
        except Exception:  # noqa: BLE001 - the boundary: logged whole, delivered again, then in the dead-letter queue
            logger.exception("the handler failed", extra=facts)
            return False
        logger.info("handled" if handled else "no match", extra=facts)
        return True

    def _handle(self, event: Event) -> bool:
        """Hand the event to its handler; False when it does not meet the conditions of the hook.

        Raises EventRefused for an event that this applet must not or cannot take.
        """
        tenant = os.environ.get("TENANT_ID")
        if tenant and event.tenant != tenant:
            raise EventRefused(f"The event belongs to tenant {event.tenant}, and this applet works for {tenant} alone.")
        hook = _hook(self.manifest, event.type, event.version)
        handler = self._handlers.get((event.type, event.version))
        if hook is None or handler is None:
            raise EventRefused(
                f"{self.manifest.id} {self.manifest.version} handles {self._handled()}, not {event.type} version"
                f" {event.version}. Deploy a release that does, then redrive the dead-letter queue."
            )
        if not matches(hook.match, fields(event.data)):
            return False
        handler(event, Api(self._connected(), self.manifest.id, event.id, event.correlation_id))
        return True

    def _handled(self) -> str:
        return ", ".join(f"{event} version {version}" for event, version in sorted(self._handlers)) or "no event"

    def _connected(self) -> Client:
        if self._client is None:
            url = os.environ.get("BIGLEDGER_URL")
            if not url:
                raise RuntimeError("Set BIGLEDGER_URL to the address of BigLedger, such as https://erp.example.com.")
            self._client = Client(url)
        return self._client


def _manifest_beside(handler: Handler) -> Manifest:
    manifest = read_manifest(Path(inspect.getfile(handler)).with_name("applet.yaml"))
    if manifest.guards:
        raise InvalidManifest("This release of the kit hands over events only; take the guards out of applet.yaml.")
    return manifest


def _hook(manifest: Manifest, event: str, version: int) -> Hook | None:
    return next((hook for hook in manifest.hooks if (hook.event, hook.version) == (event, version)), None)
