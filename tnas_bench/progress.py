"""Progress of a run: a bar on a terminal, a plain line now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LEAST_SECONDS = 5.0  # between two lines


class Observer(Protocol):
    """Is told how many more trials or steps are finished, and perhaps the best accuracy among them."""

    def __call__(self, finished: int, best: float | None = None) -> None: ...


@contextmanager
def progress(name: str, total: int, noun: str) -> Iterator[Observer]:
    """Show on stderr how far a run of ``total`` ``noun``s ("trials", "epochs", ...) is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(name, total, noun)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(noun))
    with Progress(*columns, TextColumn("{task.fields[best]}"), TimeRemainingColumn(), console=console) as bar:
        yield Bar(bar, name, total)


class Bar:
    """Moves a bar."""

    def __init__(self, bar: Progress, name: str, total: int):
        self.bar, self.best = bar, None
        self.task = bar.add_task(name, total=total, best="")

    def __call__(self, finished: int, best: float | None = None) -> None:
        self.best = better(self.best, best)
        self.bar.update(self.task, advance=finished, best=told(self.best))


class Lines:
    """Prints ``<name>: 40 of 100 trials, best 0.873, 35 s left``, at most every few seconds."""

    def __init__(self, name: str, total: int, noun: str, clock: Callable[[], float] = time.monotonic):
        self.name, self.total, self.noun, self.clock = name, total, noun, clock
        self.done, self.best = 0, None
        self.printed = clock()
        self.resumed: int | None = None  # what was there before the clock started

    def __call__(self, finished: int, best: float | None = None) -> None:
        self.done += finished
        self.best = better(self.best, best)
        if self.resumed is None:
            self.resumed, self.start = self.done, self.clock()
        elif self.done == self.total or self.clock() - self.printed >= LEAST_SECONDS:
            self._print()

    def _print(self) -> None:
        self.printed = self.clock()
        pace = (self.printed - self.start) / max(self.done - self.resumed, 1)
        parts = [f"{self.done} of {self.total} {self.noun}", told(self.best)]
        left = f"{pace * (self.total - self.done):.0f} s left"
        print(f"{self.name}: {', '.join(filter(None, [*parts, left]))}", file=sys.stderr)


def better(best: float | None, other: float | None) -> float | None:
    """The larger of two accuracies of which either may be unknown."""
    return max((each for each in (best, other) if each is not None), default=None)


def told(best: float | None) -> str:
    """A best accuracy in words, or nothing."""
    return "" if best is None else f"best {best:.3f}"
