"""Two requests of which the second comes and goes between what the first reads and what it writes."""

from typing import Any

import pytest

from tests.simulation.bus import Bus
from tests.simulation.ground import START, Ground
from tests.simulation.processes import Fault, Process, nanoseconds
from tests.simulation.scripts import Request
from tests.simulation.simulation import world
from tests.support.api import Api, Response
from tests.support.integrity import sound


def overtaken(api: Api, first: Request, second: Request, where: str = "flush") -> tuple[Response, Response]:
    """The answers to two requests; the second overtakes the first when that has read and is about to write.

    ``where`` is the step at which it is overtaken, "read 2" before its second read.
    """

    def process(request: Request) -> Process:
        return Process(request.name, lambda p: request.send(api), lambda: nanoseconds(START))

    slow, quick = process(first), process(second)
    steps: list[str] = []
    waited: list[str] = []

    def wait_once(running: Process, step: str) -> Fault | None:
        steps.append(step)
        if where in (step, f"{step} {steps.count(step)}") and not waited:
            waited.append(where)
            running.pause()
        return None

    slow.reached = wait_once
    with world(Bus(), lambda: None):
        slow.resume()
        assert waited == [where]
        quick.resume()
        slow.resume()
    assert slow.ended
    return slow.answer, quick.answer


def _alone(request: Request, api: Api) -> Response:
    process = Process(request.name, lambda p: request.send(api), lambda: nanoseconds(START))
    process.resume()
    assert process.ended
    answer: Response = process.answer
    return answer


def invoice(name: str, customer: str, product: str, quantity: int) -> Request:
    return Request(
        name, "create_invoice", {"customer": customer, "items": [{"product": product, "quantity": quantity}]}
    )


def statuses(answers: tuple[Response, Response]) -> list[str]:
    return [answer["status"] if answer.status < 300 else answer["code"] for answer in answers]


@pytest.mark.parametrize(
    ("shop", "told"), [("strict", "credit_limit_exceeded"), ("lenient", "pending_approval")], ids=["refuse", "approve"]
)
def test_credit_that_another_invoice_used_up_meanwhile_is_not_given_twice(
    prepared: Ground, shop: str, told: str
) -> None:
    """Each of the two is within the limit of 1,500, and together they are not."""
    api = prepared.copy(shop)
    answers = overtaken(api, invoice("slow", "CUST003", "SERV001", 11), invoice("quick", "CUST003", "SERV001", 12))
    assert statuses(answers) == [told, "issued"]
    if told == "pending_approval":
        assert answers[0]["approval"]["reason"] == "over the credit limit"
        assert answers[0]["credit"] == {"limit": "1500.00", "exposure": "1828.50", "available": "-328.50"}
    sound(api)


@pytest.mark.parametrize(("shop", "told"), [("strict", "insufficient_stock"), ("lenient", "issued")])
def test_stock_that_another_invoice_took_meanwhile_is_not_promised_twice(
    prepared: Ground, shop: str, told: str
) -> None:
    """There are 20 desks: the slow one is refused, or gets what is left and the rest later."""
    api = prepared.copy(shop)
    wanted = {"id": "0195d6a0-0000-7000-8000-000000000001", "product": "PROD002", "quantity": 15}
    quick = Request("quick", "create_reservation", wanted)
    first, second = overtaken(api, invoice("slow", "CUST001", "PROD002", 8), quick)
    assert second.status == 201
    if told == "insufficient_stock":
        assert (first.status, first["code"]) == (422, told)
        assert [short["available"] for short in first["shortages"]] == ["5"]
    else:
        kept: Any = first.json
        assert (kept["reservations"][0]["quantity"], kept["items"][0]["backordered"]) == ("5", "3")
    sound(api)


@pytest.mark.parametrize("quick", ["approve", "reject"])
@pytest.mark.parametrize("slow", ["approve", "reject"])
def test_who_decides_between_the_reads_of_another_decision_has_decided(prepared: Ground, slow: str, quick: str) -> None:
    api = prepared.copy("strict")
    with world(Bus(), lambda: None):
        made = _alone(invoice("large", "CUST001", "PROD001", 20), api)
    approval = made["approval"]["id"]

    def decision(name: str, decided: str) -> Request:
        return Request(name, "decide_approval", {"reason": "seen"}, {"id": approval, "decision": decided})

    answers = overtaken(api, decision("slow", slow), decision("quick", quick), where="read 2")
    assert statuses(answers) == ["already_decided", "approved" if quick == "approve" else "rejected"]
    stored = api.call("get_invoice", path={"id": made["id"]}).expect(200)
    assert stored["status"] == ("issued" if quick == "approve" else "void")
    sound(api)
