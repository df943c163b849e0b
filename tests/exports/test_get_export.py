"""An export tells how far it has come, and opens its files only to those who may make exports."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bigledger.kernel import files
from tests.exports.test_create_export import asked, shown
from tests.support.api import Api
from tests.support.events import deliver
from tests.support.store import Store


@pytest.mark.example
def test_example(api: Api, example: Any) -> None:
    made = asked(api)
    answer = example(path={"id": made["id"]})
    assert (answer["status"], answer["rows_done"], answer["files_total"]) == ("queued", 0, 0)


def test_links_open_the_files_of_who_may_export(api: Api, store: Store) -> None:
    made = asked(api)
    deliver(api)
    answer = shown(api, made)
    assert answer["files_done"] == answer["files_total"] == len(answer["files"])
    (account,) = [file for file in answer["files"] if file["name"] == "documents/account.ndjson"]
    url = urlsplit(account["url"])
    assert url.path.endswith(f"{api.tenant_id}/exports/{made['id']}/documents/account.ndjson")
    asks = parse_qs(url.query)
    assert asks["X-Amz-Expires"] == [str(files.LINK_SECONDS)]
    assert asks["response-content-disposition"] == ['attachment; filename="account.ndjson"']
    reader = api.as_("reader", "*.get_*")
    assert [file.get("url") for file in shown(reader, made)["files"]] == [None] * len(answer["files"])
    assert shown(reader, made)["manifest"]["sha256"] == answer["manifest"]["sha256"]


def test_there_is_no_such_export(api: Api) -> None:
    for reference in ("nothing", "019b772d-0e3b-7000-8000-000000000000"):
        assert api.call("get_export", path={"id": reference}).expect(404)["code"] == "not_found"
