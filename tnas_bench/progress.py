"""Progress of a study: a bar on a terminal, a plain line now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LEAST_SECONDS = 5.0  # between two lines


@contextmanager
def progress(name: str, total: int) -> Iterator[Callable[[Sequence], None]]:
    """Show on stderr how far a study of ``total`` trials is; yields the observer of :func:`tnas_bench.study.run`."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(name, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    best = TextColumn("best {task.fields[best]:.3f}")
    with Progress(*columns, best, TimeRemainingColumn(), console=console) as bar:
        yield Bar(bar, name, total)


class Bar:
    """Moves a bar."""

    def __init__(self, bar: Progress, name: str, total: int):
        self.bar, self.best = bar, 0.0
        self.task = bar.add_task(name, total=total, best=self.best)

    def __call__(self, trials: Sequence) -> None:
        self.best = max([self.best, *(trial.validation for trial in trials)])
        self.bar.update(self.task, advance=len(trials), best=self.best)


class Lines:
    """Prints ``study <name>: 40 of 100 trials, best 0.873, 35 s left``, at most every few seconds."""

    def __init__(self, name: str, total: int, clock: Callable[[], float] = time.monotonic):
        self.name, self.total, self.clock = name, total, clock
        self.done, self.best = 0, 0.0
        self.printed = clock()
        self.resumed: int | None = None  # trials that were there before the clock started

    def __call__(self, trials: Sequence) -> None:
        self.done += len(trials)
        self.best = max([self.best, *(trial.validation for trial in trials)])
        if self.resumed is None:
            self.resumed, self.start = self.done, self.clock()
        elif self.done == self.total or self.clock() - self.printed >= LEAST_SECONDS:
            self._print()

    def _print(self) -> None:
        self.printed = self.clock()
        pace = (self.printed - self.start) / (self.done - self.resumed)
        left = f"{pace * (self.total - self.done):.0f} s left"
        print(f"study {self.name}: {self.done} of {self.total} trials, best {self.best:.3f}, {left}", file=sys.stderr)
