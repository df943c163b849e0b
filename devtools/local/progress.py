"""What a person sees while the local cloud starts: one line per step, with a spinner while it is under way."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console


@dataclass
class Note:
    """Something to add to the line of a finished step."""

    text: str = ""


@dataclass
class Progress:
    """Steps on the terminal, or plain lines where there is none."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    total: int = 0
    quiet: bool = False
    _done: int = 0

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Show a step while the block runs, and how long it took when it is done."""
        self._done += 1
        place = f"[dim]{self._done}/{max(self.total, self._done)}[/dim]" if self.total else ""
        note = Note()
        started = time.monotonic()
        shown = contextlib.nullcontext() if self.quiet else self.console.status(f"{place} {title} …")
        try:
            with shown:
                yield note
        except BaseException:
            self.say(f"{place} [red]✗[/red] {title}")
            raise
        seconds = time.monotonic() - started
        self.say(f"{place} [green]✓[/green] {title}  [dim]{note.text}{'  ' if note.text else ''}{seconds:.1f} s[/dim]")

    def say(self, text: str = "", *, markup: bool = True) -> None:
        """Print a line."""
        if not self.quiet:
            self.console.print(text, markup=markup, soft_wrap=True)
