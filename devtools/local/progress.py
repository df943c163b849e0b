"""What a person sees while the local cloud starts: a line per step, with a spinner while it is under way."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.status import Status


@dataclass
class Note:
    """What is said of a step: `text` when it is done, `show` while it is under way."""

    title: str
    text: str = ""
    status: Status | None = None

    def show(self, text: str) -> None:
        """Say how far the step is."""
        if self.status is not None:
            self.status.update(f"{self.title} … {escape(text)}")


@dataclass
class Progress:
    """Steps on the terminal, or plain lines where there is none. `total` steps are counted, further ones are not."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    total: int = 0
    quiet: bool = False
    done: int = 0

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Note]:
        """Show a step while the block runs, and how long it took when it is done."""
        self.done += 1
        place = f"[dim]{self.done}/{self.total}[/dim] " if self.done <= self.total else ""
        note = Note(f"{place}{title}")
        started = time.monotonic()
        try:
            with contextlib.ExitStack() as shown:
                if not self.quiet:
                    note.status = shown.enter_context(self.console.status(f"{note.title} …"))
                yield note
        except BaseException:
            self.say(f"{place}[red]✗[/red] {title}")
            raise
        seconds = f"{time.monotonic() - started:.1f} s"
        told = f"{escape(note.text)}, {seconds}" if note.text else seconds
        self.say(f"{place}[green]✓[/green] {title}  [dim]{told}[/dim]")

    def say(self, text: str = "", *, markup: bool = True) -> None:
        """Print a line."""
        if not self.quiet:
            self.console.print(text, markup=markup, soft_wrap=True)
