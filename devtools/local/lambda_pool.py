"""The processes of all functions: started when they are called, kept warm, the longest idle ended beyond a bound."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from devtools.local.lambda_process import FunctionProcess, Setup
from devtools.local.runtime_api import Outcome
from devtools.local.templates import Function

PER_FUNCTION = 2
"""Processes of one function at most; further calls wait. Lambda would start as many as there are calls."""

_KEPT = 500  # durations of calls that the figures are made of


@dataclass
class Figures:
    """What a function's starts and calls took, in milliseconds."""

    starts: int = 0
    init: float = 0
    """The latest start: from the start of the process until the function was loaded."""
    first: float = 0
    """The first call after that."""
    memory: int | None = None
    """The most memory a process of it used, in MB, as far as the system tells."""
    calls: int = 0
    """Calls of a process that had been called before."""
    warm: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def as_json(self) -> dict[str, Any]:
        """The figures, with the median of the later calls."""
        warm = sorted(self.warm)
        return {
            "starts": self.starts,
            "init": round(self.init, 1),
            "first": round(self.first, 1),
            "memory": self.memory,
            "calls": self.calls,
            "warm": round(warm[len(warm) // 2], 1) if warm else None,
        }


@dataclass
class _Processes:
    """Those of one function: how many there are, and which of them have nothing to do."""

    count: int = 0
    idle: list[FunctionProcess] = field(default_factory=list)


class Pool:
    """Calls functions, each in processes of its own; `limit` processes at most."""

    def __init__(self, functions: Mapping[str, Function], setup: Setup, limit: int) -> None:
        self.figures: dict[str, Figures] = {}
        self._functions = functions
        self._setup = setup
        self._limit = limit
        self._processes = {name: _Processes() for name in functions}
        self._changed = asyncio.Condition()
        # More would only make all of them slower.
        self._starting = asyncio.Semaphore(max(2, os.cpu_count() or 2))
        self._closed = False

    def __contains__(self, name: str) -> bool:
        return name in self._functions

    async def call(self, name: str, payload: bytes) -> Outcome:
        """Call a function; it is started when there is no process of it that has nothing to do."""
        warm = await self._take(name)
        process = warm or FunctionProcess(self._functions[name], self._setup)
        try:
            if warm is None:
                async with self._starting:
                    refused = await process.start()
                if refused is not None:
                    _say(f"{name} does not load: {refused.payload.decode(errors='replace')}")
                    return refused
            started = time.perf_counter()
            outcome = await process.call(payload)
            self._note(process, (time.perf_counter() - started) * 1000, cold=warm is None)
        finally:
            await self._give_back(process)
        if outcome.error:
            _say(f"{name} failed: {outcome.payload.decode(errors='replace')}")
        return outcome

    def _note(self, process: FunctionProcess, took: float, *, cold: bool) -> None:
        name, memory = process.function.name, process.memory
        figures = self.figures.setdefault(name, Figures())
        figures.memory = max(figures.memory or 0, memory or 0) or None
        if cold:
            figures.starts += 1
            figures.init, figures.first = process.init * 1000, took
            _say(f"cold start of {name}: loaded in {figures.init:.0f} ms, first call {took:.0f} ms, {memory} MB")
        else:
            figures.calls += 1
            figures.warm.append(took)

    async def close(self) -> None:
        """End every process that has nothing to do, and each other one when its call is done."""
        self._closed = True
        idle = [process for one in self._processes.values() for process in one.idle]
        await asyncio.gather(*(process.end() for process in idle))

    async def _take(self, name: str) -> FunctionProcess | None:
        """A process that has nothing to do; None when one may be started."""
        own = self._processes[name]
        async with self._changed:
            while True:
                while own.idle:
                    process = own.idle.pop()
                    if process.alive:
                        return process
                    own.count -= 1
                if own.count < PER_FUNCTION and await self._room():
                    own.count += 1
                    return None
                await self._changed.wait()

    async def _room(self) -> bool:
        """Whether one more process may be started; the one that was idle for longest makes room for it."""
        if sum(one.count for one in self._processes.values()) < self._limit:
            return True
        idle = [(process.used, name) for name, one in self._processes.items() for process in one.idle]
        if not idle:
            return False
        _, name = min(idle)
        longest = min(self._processes[name].idle, key=lambda process: process.used)
        self._processes[name].idle.remove(longest)
        self._processes[name].count -= 1
        await longest.end()
        return True

    async def _give_back(self, process: FunctionProcess) -> None:
        own = self._processes[process.function.name]
        if process.alive and self._closed:
            await process.end()
        async with self._changed:
            if process.alive:
                own.idle.append(process)
            else:
                own.count -= 1
            self._changed.notify_all()


def _say(text: str) -> None:
    """A line in the log, between what the functions write."""
    print(text, file=sys.stderr, flush=True)
