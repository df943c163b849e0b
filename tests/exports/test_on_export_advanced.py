"""Every step of an export is small: its statements and what it holds do not grow with the export."""

import pytest

from bigledger.exports import tables, writing
from tests.exports.test_create_export import asked, shown
from tests.support.events import deliver
from tests.support.shop import Shop
from tests.support.statements import counted
from tests.support.store import store_in_process


@pytest.mark.example
@pytest.mark.usefixtures("example")
def test_each_step_tells_the_next_until_all_is_there(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows done rise to those there are. (Events have numbers of transactions, which are others in each run.)"""
    monkeypatch.setattr(tables, "LEFT_OUT", {**tables.LEFT_OUT, "kernel.event": "for this test"})
    with store_in_process(part=20_000):
        asked(shop.api)
        deliver(shop.api)
    advanced = [event["data"] for event in shop.api.events("export.advanced")]
    (completed,) = [event["data"] for event in shop.api.events("export.completed")]
    done = [event["rows_done"] for event in advanced]
    assert done == sorted(done)
    assert {event["rows_total"] for event in advanced} == {completed["rows_total"]} == {completed["rows_done"]}
    assert [event["step"] for event in [*advanced, completed]] == list(range(1, len(advanced) + 2))


def test_a_step_stores_a_part_and_reads_little_more(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No part is larger than a part and a page, however many rows a table has."""
    for _ in range(10):
        shop.invoice(items=[{"product": "SERV001", "quantity": 1}] * 5)
    monkeypatch.setattr(writing, "_PAGE_BYTES", 4_000)
    sizes: list[int] = []
    plain = writing.files.put_part

    def measured(key: str, upload: str, number: int, data: bytes) -> str:
        sizes.append(len(data))
        return plain(key, upload, number, data)

    with store_in_process(part=20_000):
        monkeypatch.setattr(writing.files, "put_part", measured)
        made = asked(shop.api)
        _, statements = counted(lambda: deliver(shop.api))
        answer = shown(shop.api, made)
    assert answer["status"] == "completed"
    assert len(sizes) > 10
    # A document may be longer than a page, and is then one of its own.
    assert max(sizes) < 20_000 + 4_000 + 20_000
    assert len(statements) < 60 * len(shop.api.events("export.advanced"))
