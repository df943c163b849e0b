"""An export waits for what may still be written up to its instant, and says when that does not end."""

import os
from typing import Any

import psycopg
import pytest

from bigledger.exports import service
from tests.exports.test_create_export import asked, content, shown
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.store import Store

pytestmark = pytest.mark.one_driver


def application_url() -> str:
    return os.environ["DATABASE_URL"].replace("+psycopg", "")


def test_what_was_under_way_when_it_was_asked_for_is_waited_for(
    api: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request recorded before the export and committed after it began is in the export."""
    with psycopg.connect(application_url()) as slow:
        slow.execute("SELECT set_config('app.tenant_id', %s, true)", [str(api.tenant_id)])
        slow.execute(
            "INSERT INTO kernel.document (id, type, status, data, version, sequence, created_by, updated_by,"
            " created_at) VALUES (gen_random_uuid(), 'late', 'active', '{}', 1, 0, 'x', 'x', '2020-01-01T00:00:00Z')"
        )
        made = asked(api)
        plain = service.time.sleep

        def commit_meanwhile(seconds: float) -> None:
            slow.commit()
            plain(seconds)

        monkeypatch.setattr(service.time, "sleep", commit_meanwhile)
        deliver(api)
    assert shown(api, made)["status"] == "completed"
    assert content(api, store, made)["documents/late.ndjson"].count(b"\n") == 1


def test_what_does_not_end_keeps_the_export_from_beginning(
    api: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SETTLING", 0.1)
    with psycopg.connect(application_url()) as open_for_ever:
        open_for_ever.execute("SELECT 1")
        made = asked(api)
        deliver(api)
    assert shown(api, made)["status"] == "queued"
    assert store.names() == []
    (letter,) = _letters(api)
    assert "StillWriting: 1 transactions have not ended" in letter["reason"]


def _letters(api: Api) -> list[Any]:
    return [row.data for row in api.rows("SELECT data FROM kernel.document WHERE type = 'dead_letter'")]


def test_the_dead_letter_of_an_export_brings_it_on_once_it_is_redriven(
    api: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SETTLING", 0.1)
    with psycopg.connect(application_url()) as open_for_ever:
        open_for_ever.execute("SELECT 1")
        made = asked(api)
        deliver(api)
    (letter,) = api.call("list_dead_letters").expect(200)["data"]
    api.call("redrive_dead_letter", path={"id": letter["id"]}, headers={"If-Match": '"1"'}).expect(200)
    deliver(api)
    assert shown(api, made)["status"] == "completed"
