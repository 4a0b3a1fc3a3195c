"""Lives: work that is killed at random moments and continued by the same command, again and again, until it is done."""

import itertools
import json
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import torch
from tiny_made import ENVIRONMENT, call, left
from works import Work

EACH = 8  # kills at most in one life
PATIENCE = 120  # seconds that orphans have, once the command that waited for them is done


def live(
    work: Work, wanted: dict, seconds: float, empty: Callable[[], Path], kills: int, seed: int
) -> tuple[Counter, int]:
    """Let work live in empty folders until it has been killed so often; the kills by victim, and how many trials and
    steps stood finished at a kill. ``wanted``: what undisturbed work leaves; ``seconds``: that it takes.
    """
    total, kept = Counter(), 0
    for number in itertools.count():
        life = Life(work, empty(), random.Random(f"{seed} {work.name} {number}"), seconds)
        life.run(min(EACH, kills - total.total()))
        found = left(life.folder)
        assert found == wanted, f"another end: {life.folder}"
        total, kept = total + life.kills, kept + len(life.finished)
        if total.total() >= kills:
            return total, kept
        shutil.rmtree(life.folder)


@dataclass
class Life:
    """Work in a folder of its own, and what has been seen of it."""

    work: Work
    folder: Path
    rng: random.Random
    seconds: float  # that it takes undisturbed
    kills: Counter = field(default_factory=Counter)  # by victim
    finished: dict = field(default_factory=dict)  # seconds of what stood finished at a kill, by folder and number

    def run(self, most: int) -> None:
        """To the end of the work, with at most so many kills on the way."""
        while self.kills.total() < most and self._goes_on():
            self._look()
        done = call(self.work.command, self.folder)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        self._await_orphans()
        end = finished(self.folder)
        assert self.finished.keys() <= end.keys(), "something finished is lost"
        self._compare(end)

    def _goes_on(self) -> bool:
        """Start the command and kill at a moment; False if it was done before."""
        begin, end = self.work.between
        moment, whom = self.seconds * self.rng.uniform(begin, end), self.rng.choice(self.work.victims)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(self.work.command, cwd=self.folder, env=ENVIRONMENT, **quiet) as running:
            try:
                return running.wait(moment) != 0
            except subprocess.TimeoutExpired:
                victims = self._victims(whom, psutil.Process(running.pid))
                print(f"{self.work.name}: killed after {moment:.1f} s: {whom}, {told(victims)}", flush=True)
                kill(victims)
                self.kills[whom] += 1
        return True

    def _victims(self, whom: str, first: psutil.Process) -> list[psutil.Process]:
        everybody = [first, *first.children(recursive=True)]
        return {"first": [first], "all": everybody, "any": [self.rng.choice(everybody)]}[whom]

    def _look(self) -> None:
        """Note what stands finished at a kill."""
        now = finished(self.folder)
        self._compare(now)
        self.finished |= now
        for file in (self.folder / "results").rglob("journal.jsonl"):
            # Read before the checkpoint, which is written before it.
            steps = len(whole_lines(file)) - 1
            assert next_step(file.with_name("checkpoint.pt"), steps) >= steps, f"{file}: steps would be done again"

    def _compare(self, now: dict) -> None:
        """What is done again takes another time, and so is told from the first."""
        for key in self.finished.keys() & now.keys():
            assert now[key] == self.finished[key], f"{key} was done again"

    def _await_orphans(self) -> None:
        end = time.monotonic() + PATIENCE
        while orphans := living(self.folder):
            assert time.monotonic() < end, f"still there: {told(orphans)}"
            time.sleep(0.1)


def finished(folder: Path) -> dict[tuple[str, int], float]:
    """The seconds of every trial and step that is put away below a folder, read without the package's help.

    They tell one training from another: done again, it would have taken another time.
    """
    found = {}
    for file in (folder / "results").rglob("pending/*.json"):
        for line in whole_lines(file):
            numbers = [trial["trial"] for trial in line["trials"]]
            found |= zip([(str(file.parents[1]), number) for number in numbers], line["seconds"], strict=True)
    for file in (folder / "results").rglob("timings.jsonl"):  # after pending: what is merged meanwhile is here
        for line in whole_lines(file):
            number = line.get("trial", line.get("step"))
            found[str(file.parent), number] = line["seconds"]
    return found


def whole_lines(file: Path) -> list[dict]:
    """The lines of a file that another process may be writing, or have moved away."""
    try:
        return [json.loads(line) for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
    except FileNotFoundError:
        return []


def next_step(checkpoint: Path, otherwise: int) -> int:
    """The step at which a checkpoint goes on."""
    try:
        return torch.load(checkpoint, weights_only=True, mmap=True)["next"]
    except FileNotFoundError:
        return otherwise


def living(folder: Path) -> list[psutil.Process]:
    """The processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()) == folder:
                found.append(process)
        except psutil.Error:
            continue
    return found


def kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:  # it ended first
            continue


def told(processes: list[psutil.Process]) -> str:
    names = []
    for process in processes:
        try:
            names.append(" ".join(process.cmdline()[1:4])[-60:])
        except psutil.Error:
            names.append("?")
    return f"{len(names)} ({names[-1]})"
