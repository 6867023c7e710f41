"""What the demo says while it runs: numbered steps, lines under each, plain text when rich is not installed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rich.console


class Console:
    """Numbered steps with their lines; `quiet` keeps everything to itself."""

    def __init__(self, total: int, quiet: bool = False) -> None:
        """Starts the clock; `total` is the number of steps to come."""
        self.total = total
        self.quiet = quiet
        self.number = 0
        self.started = time.monotonic()
        self._rich = None if quiet else _rich_console()

    def step(self, title: str) -> None:
        """Announces the next step."""
        self.number += 1
        self._print(f"[{self.number}/{self.total}] {title}", "bold cyan")

    def say(self, line: str) -> None:
        """One line of what is going on."""
        self._print(f"      {line}", "dim")

    @contextmanager
    def busy(self, line: str) -> Iterator[None]:
        """A line of what takes a while; on a terminal something moves while it does."""
        self.say(line)
        if self._rich is None:
            yield
        else:
            with self._rich.status("      searching ..."):
                yield

    def text(self, line: str = "", style: str = "") -> None:
        """A line as it is."""
        self._print(line, style)

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def _print(self, line: str, style: str) -> None:
        if self.quiet:
            return
        if self._rich is None:
            print(line, flush=True)
        else:
            self._rich.print(line, style=style or None, markup=False, highlight=False, soft_wrap=True)


def _rich_console() -> rich.console.Console | None:
    """A rich console when rich is installed: colours on a terminal, plain text in a file."""
    try:
        from rich.console import Console as Rich
    except ImportError:
        return None
    return Rich()
