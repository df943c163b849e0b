"""One simulation: clients, relay, queues and schedule in an order drawn from a seed, with faults drawn from it too.

At the end the books must be those of a second run that sends every request once, one after the other and without any
fault, in the order in which the first run committed them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError

from bigledger.kernel import relay
from bigledger.kernel.clock import seeded_clock
from bigledger.kernel.problems import Unavailable
from tests.simulation import books
from tests.simulation.bus import Bus, Message
from tests.simulation.ground import START, Ground
from tests.simulation.processes import SAFE, Fault, Process, nanoseconds, stepping
from tests.simulation.scripts import Request, script
from tests.support.api import Api, Response, find
from tests.support.events import subscribers
from tests.support.integrity import sound

STEPS = 14
"""A fault strikes one of the first so many steps of a process, if it strikes it at all."""

MOST_FAULTS = 4
"""How many faults one request or one message meets at most; everything works in the end."""

MOST_MOVES = 3
"""How many effects may have to stand elsewhere than where they committed, for an order that explains the books."""

TURNS = 5000
"""More turns than any simulation takes."""

LATER = nanoseconds(START + timedelta(days=30))
"""When subscribers run: what they write does not depend on when they do."""


@dataclass
class Effect:
    """Something that took effect, or was refused: what the second run repeats, at the same instants."""

    name: str
    request: Request | None
    """The request; None for a run of the schedule."""
    instants: Sequence[int]
    opened: int
    place: int
    answer: tuple[int, Any] | None = None


@dataclass
class Client:
    """Sends its requests one after the other, each until it is answered."""

    requests: list[Request]
    running: Process | None = None
    faults: int = 0


@dataclass
class Simulation:
    """The first run of a seed."""

    ground: Ground
    seed: int
    trace: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    faults: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.shop = self.random.choice(sorted(self.ground.shops))
        self.api = self.ground.copy(self.shop)
        self.bus = Bus(self.random)
        self.clients = [Client(requests) for requests in script(self.random)]
        self.answers: dict[str, Response] = {}
        self.approvals: list[str] = []
        self.running: dict[Process, Callable[[], None]] = {}
        self.relaying: Process | None = None
        self.sweeping: Process | None = None
        self.sweeps = 0
        self.nudged = False
        self.calm = False
        self.now = nanoseconds(START)
        self.place = 0

    def run(self) -> None:
        """Play the script to its end, then let everything that waits be delivered, without faults."""
        with world(self.bus, self._nudged):
            try:
                for _ in range(TURNS):
                    if not self._turn():
                        break
                else:
                    raise AssertionError("the simulation does not end")
            finally:
                for process in list(self.running):
                    process.kill()
        assert self.ground.waiting() == 0, "events wait in the outbox after all was relayed"

    def _nudged(self) -> None:
        self.nudged |= self.random.random() < 0.7

    # ---- what may happen next -------------------------------------------------------------------------------------

    def _turn(self) -> bool:
        """One thing happens, drawn from all that may; False when nothing is left to happen."""
        moves: list[tuple[float, Callable[[], None]]] = []
        moves += [(4, lambda p=process: self._go_on(p)) for process in self.running]
        idle = [client for client in self.clients if client.running is None and client.requests]
        moves += [(2, lambda c=client: self._send(c)) for client in idle]
        playing = bool(idle) or any(client.running for client in self.clients)
        if not playing and not self.running:
            self.calm = True
        moves += [(1, lambda m=messages: self._deliver(m)) for messages in self._deliverable()]
        if self.relaying is None and (self.nudged or (self.calm and self.ground.waiting())):
            moves.append((1, self._relay))
        if not moves and self.calm:
            return False
        if playing:
            moves.append((0.15, self._sweep if self.sweeping is None else self._time_passes))
            moves.append((0.3, self._time_passes))
        _, chosen = self.random.choices(moves, [weight for weight, _ in moves])[0]
        self.now += self.random.randint(1, 20) * 1_000_000
        chosen()
        return True

    def _time_passes(self) -> None:
        self.now += self.random.choice([1, 30, 300]) * 1_000_000_000

    def _send(self, client: Client) -> None:
        request = client.requests[0].resolved(self.approvals, self.random)
        if request is None:
            client.requests.pop(0)
            return
        client.requests[0] = request
        process = self._start(request.name, lambda p: request.send(self.api), client.faults)
        client.running = process
        self.running[process] = lambda: self._answered(client, request, process)

    def _answered(self, client: Client, request: Request, process: Process) -> None:
        client.running = None
        response: Response | None = process.answer
        if process.died or response is None or response.status == 503:
            client.faults += 1
            self._note(f"{request.name}: {'no answer' if process.died else 'unavailable'}, it is sent again")
            return
        assert response.status != 500, f"{request.name}: {response.text}"
        self._note(f"{request.name}: {response.status} {response.text[:110]}")
        hit = response.headers.get("Idempotency-Hit") == "true"
        if hit and request.name in self.answers:
            assert response.text == self.answers[request.name].text, "another answer to the same request"
        committed = next((effect for effect in self.effects if effect.name == request.name), None)
        assert committed is not None or not hit, "an answer is kept of what was not committed"
        if committed is None:
            committed = Effect(request.name, request, process.instants, process.opened, self._place())
            self.effects.append(committed)
        committed.answer = books.answer(request, response)
        self.answers[request.name] = response
        if response.status < 300:
            books.check_looks(request.operation, response.json)
        if request.operation in ("create_invoice", "issue_invoice", "request_approval") and not request.dry:
            body = response.json
            approval = body.get("approval", body if request.operation == "request_approval" else {}).get("id")
            if approval is not None:
                self.approvals.append(approval)
        again = committed.answer[0] < 300 and not request.dry and self.random.random() < 0.15
        client.faults = 0
        if not again:
            client.requests.pop(0)

    def _sweep(self) -> None:
        self.sweeps += 1
        schedule = find("release_expired_reservations")
        process = self._start(f"sweep {self.sweeps}", lambda p: tried(schedule), 0)
        self.sweeping = process

        def done() -> None:
            self.sweeping = None

        self.running[process] = done

    def _relay(self) -> None:
        self.nudged = False
        self.relaying = process = self._start("relay", lambda p: tried(find("relay_events")), 0)

        def done() -> None:
            self.relaying = None
            self.nudged |= process.died or process.answer is None

        self.running[process] = done

    def _deliverable(self) -> list[list[Message]]:
        """For each queue some of its messages, in any order, of events that are not being delivered already."""
        found = []
        for queue in self.bus.queues.values():
            busy = {message.key for message in queue if message.hidden}
            free: dict[tuple[str, str], Message] = {}
            for message in queue:
                if not message.hidden and message.key not in busy:
                    free.setdefault(message.key, message)
            if free and len(busy) < 2:
                some = list(free.values())
                found.append(self.random.sample(some, self.random.randint(1, min(3, len(some)))))
        return found

    def _deliver(self, messages: Sequence[Message]) -> None:
        subscriber = next(one for one in subscribers() if one.consumer == messages[0].consumer)
        for message in messages:
            message.hidden = True
            message.receives += 1
        batch = {"Records": [message.record() for message in messages]}
        most = max(message.receives for message in messages)
        process = self._start(
            f"{subscriber.name} {most}", lambda p: subscriber(batch, None), most if most < 4 else MOST_FAULTS, LATER
        )

        def done() -> None:
            answer = process.answer
            failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]} if answer else None
            for message in messages:
                message.hidden = False
                taken = failed is not None and message.record()["messageId"] not in failed
                # What was taken and is not forgotten by the queue comes again.
                if taken and (self.calm or self.random.random() < 0.9):
                    self.bus.queues[message.consumer].remove(message)

        self.running[process] = done

    # ---- processes and their faults -------------------------------------------------------------------------------

    def _start(self, name: str, work: Callable[[Process], Any], faults: int, now: int | None = None) -> Process:
        process = Process(name, work, (lambda: self.now) if now is None else (lambda: now))
        fault: Fault | None = None
        strikes = -1
        if not self.calm and faults < MOST_FAULTS and self.random.random() < 0.3:
            strikes = self.random.randrange(STEPS)
            fault = self.random.choice(["crash", "crash", "disconnect"])
        steps = 0

        def reached(process: Process, step: str) -> Fault | None:
            nonlocal steps
            if step == "opened":
                process.opened = self._place()
            if step == "committed" and process.flushed:
                self._committed(process)
            steps += 1
            if steps == strikes + 1:
                self.faults += 1
                self._note(f"{process.name}: {fault} at {step}")
                return fault
            if step in SAFE and self.random.random() < 0.5:
                process.pause()
                # Whoever was paused may be dead by now: then this is where it died.
                return process.reached(process, step) if process.reached is not reached else None
            return None

        process.reached = reached
        return process

    def _go_on(self, process: Process) -> None:
        process.resume()
        if process.ended:
            self.running.pop(process)()

    def _committed(self, process: Process) -> None:
        request = next((c.requests[0] for c in self.clients if c.running is process), None)
        if request is None and process is not self.sweeping:
            return
        self._note(f"{process.name}: committed")
        self.effects.append(Effect(process.name, request, process.instants, process.opened, self._place()))

    def _place(self) -> int:
        self.place += 1
        return self.place

    def _note(self, text: str) -> None:
        self.trace.append(f"{(self.now - nanoseconds(START)) / 1e9:10.3f} s  {text}")


class Difference(AssertionError):
    """The two runs of a seed ended differently."""


def simulate(ground: Ground, seed: int, thorough: bool = False) -> Simulation:
    """Play a seed and hold it against the run without faults, and if asked for against all integrity checks.

    Raises AssertionError with the seed and what happened.
    """
    first = Simulation(ground, seed)
    try:
        first.run()
        _hold(first)
        if thorough:
            sound(first.api)
        _compare(first)
    except AssertionError as error:
        story = "\n".join(first.trace)
        raise AssertionError(f"SEED={seed} ({first.shop} shop):\n{story}\n\n{error}") from error
    return first


def _hold(first: Simulation) -> None:
    """What must hold of the first run by itself: every event told, none invented, each document's in order."""
    told = books.feed(first.api)
    books.in_order(told)
    known = {event["id"]: event for event in first.api.events()}
    assert [event["id"] for event in told] == list(known), "the feed has another order than the events"
    recorded = {event["id"]: event for event in known.values() if event["time"] >= f"{START:%Y-%m-%dT%H:%M}"}
    assert recorded == first.bus.accepted, "what was recorded is not what was published"
    offered: dict[str, None] = dict.fromkeys(event["id"] for event in first.bus.offered)
    books.in_order([known[identifier] for identifier in offered])


def _compare(first: Simulation) -> None:
    """Raise Difference unless some order of the effects, one after the other, leads to the same books.

    It is looked for among the neighbours of the order of the commits, then among those of the nearest of them.
    """
    left = books.state(first.ground.rows(first.api, first.shop))
    order = sorted(first.effects, key=lambda effect: effect.place)
    reasons = told = _different(first, order, left)
    for _ in range(MOST_MOVES):
        if not reasons:
            return
        tried = []
        for neighbour in _neighbours(order):
            tried.append((neighbour, _different(first, neighbour, left)))
            if not tried[-1][1]:
                return
        order, reasons = min(tried, key=lambda one: len(one[1]), default=(order, reasons))
    raise Difference("\n".join(["Against the order of the commits:", *told]))


def _neighbours(order: Sequence[Effect]) -> Iterator[list[Effect]]:
    """The orders in which one effect comes before or after another that it was under way with.

    One that began before others had committed may come before them. One that committed while others were under way may
    come after them, and with that after what came and went meanwhile: an invoice goes by the credit limit there was
    when it began, also where the new limit had been answered, and the invoice itself not been found, before it was
    committed.
    """
    for index, effect in enumerate(order):
        rest = [*order[:index], *order[index + 1 :]]
        first = next(place for place, one in enumerate(order) if place == index or one.place > effect.opened)
        last = max(place for place, one in enumerate(order) if place <= index or one.opened < effect.place)
        yield from ([*rest[:place], effect, *rest[place:]] for place in range(first, last + 1) if place != index)


def _different(first: Simulation, order: Sequence[Effect], left: list[tuple[str, str]]) -> list[str]:
    """The second run: every effect once, in this order; answers how it differs."""
    api = first.ground.copy(first.shop)
    bus = Bus()
    reasons = []
    with world(bus, lambda: None):
        for effect in order:
            response = _alone(effect.name, _work(effect, api), effect.instants[0], effect.instants)
            if effect.request is not None and books.answer(effect.request, response) != effect.answer:
                told = books.answer(effect.request, response)
                reasons.append(f"{effect.name} answers {effect.answer}\n  without faults: {told}")
        _alone("relay", lambda p: find("relay_events")({}, None), LATER)
        for subscriber in subscribers():
            for message in bus.queues[subscriber.consumer]:
                message.receives = 1
                batch = {"Records": [message.record()]}
                taken = _alone(subscriber.name, lambda p, s=subscriber, b=batch: s(b, None), LATER)
                assert taken == {"batchItemFailures": []}
    return reasons + books.difference(left, books.state(first.ground.rows(api, first.shop)))


def _work(effect: Effect, api: Api) -> Callable[[Process], Any]:
    if effect.request is None:
        return lambda p: find("release_expired_reservations")({}, None)
    request = effect.request
    return lambda p: request.send(api)


def _alone(name: str, work: Callable[[Process], Any], now: int, instants: Sequence[int] = ()) -> Any:
    process = Process(name, work, lambda: now, instants)
    process.resume()
    assert process.ended
    return process.answer


def tried(schedule: Any) -> Any:
    """What a run of the relay answers; None when it failed, as the platform would tell an alarm."""
    try:
        return schedule({}, None)
    except (BotoCoreError, Unavailable):
        return None


def world(bus: Bus, nudged: Callable[[], None]) -> AbstractContextManager[None]:
    """Processes that step, and a relay that publishes on this bus."""
    relay._client = lambda name: bus  # type: ignore[assignment]
    return stepping(nudged, seeded_clock(0, START))
