"""Nobody's change is overwritten unseen: ETag and If-Match."""

import pytest

from tests.kernel.notes import append_to_note, get_note, rewrite_note, write_note
from tests.support.api import Api


@pytest.fixture
def path(tenant: Api) -> dict[str, str]:
    """The path of a note at version 2."""
    written = tenant.call(write_note, {"text": "a"}).expect(201)
    tenant.call(append_to_note, {"text": "b"}, path={"id": written["id"]}).expect(200)
    return {"id": written["id"]}


@pytest.mark.parametrize("etag", ['"2"', "2", 'W/"2"', ' "2" ', "*"])
def test_the_version_that_was_read_may_be_changed(tenant: Api, path: dict[str, str], etag: str) -> None:
    assert tenant.call(get_note, path=path).headers["ETag"] == '"2"'
    answer = tenant.call(rewrite_note, {"text": "c"}, path=path, headers={"If-Match": etag}).expect(200)
    assert (answer["text"], answer["version"], answer.headers["ETag"]) == ("c", 3, '"3"')


@pytest.mark.parametrize(("etag", "read"), [('"1"', 1), ('"3"', 3), ('"0"', 0), ('"999999999"', 999999999)])
def test_another_version_is_refused_and_told(tenant: Api, path: dict[str, str], etag: str, read: int) -> None:
    before = tenant.counts()
    answer = tenant.call(rewrite_note, {"text": "c"}, path=path, headers={"If-Match": etag}).expect(412)
    assert (answer["code"], answer["version"]) == ("stale_version", 2)
    assert answer["detail"] == (f"You read version {read}, but it is at version 2 now. Read it again, then repeat.")
    assert tenant.counts() == before
    assert tenant.call(get_note, path=path)["text"] == "ab"


def test_patch_asks_for_if_match(tenant: Api, path: dict[str, str]) -> None:
    before = tenant.counts()
    answer = tenant.call(rewrite_note, {"text": "c"}, path=path).expect(428)
    assert (answer["code"], answer["header"]) == ("precondition_missing", "If-Match")
    assert tenant.counts() == before
    assert tenant.call(get_note, path=path)["text"] == "ab"


def test_a_transition_takes_if_match_when_it_is_given(tenant: Api, path: dict[str, str]) -> None:
    tenant.call(append_to_note, {"text": "c"}, path=path, headers={"If-Match": '"1"'}).expect(412)
    assert tenant.call(append_to_note, {"text": "c"}, path=path).expect(200)["version"] == 3
    assert (
        tenant.call(append_to_note, {"text": "d"}, path=path, headers={"If-Match": '"3"'}).expect(200)["text"] == "abcd"
    )


def test_what_is_not_there_is_not_found_whatever_the_version(tenant: Api) -> None:
    answer = tenant.call(rewrite_note, {"text": "c"}, path={"id": "N-1"}, headers={"If-Match": '"1"'})
    assert answer.status == 404
