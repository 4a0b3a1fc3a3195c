"""The one writer of a study's folder: groups wait under ``pending/`` until their round is merged, in order."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from tnas_bench.errors import UserError
from tnas_bench.journal import (
    JOURNAL,
    Proposal,
    Trial,
    chain,
    check_header,
    check_proposals,
    complete_lines,
    read_journal,
)
from tnas_bench.journal.durable import append, on_disk, write_atomic
from tnas_bench.journal.sealed import rebuild, unseal


class Journal:
    """The journal of one study, opened for writing (under its lease) or started with its header.

    ``trials`` are merged; ``waiting`` (by trial number) are finished but not merged yet. Nothing in either is
    trained again.
    """

    def __init__(self, folder: Path, header: dict):
        self.path, self.timings, self.pending = folder / JOURNAL, folder / "timings.jsonl", folder / "pending"
        with on_disk(self.pending):
            self.pending.mkdir(exist_ok=True)
        unseal(folder, "trials", rebuild, "trial")
        self.first = chain.link(chain.START, header)  # pending groups are chained to it, each on its own
        mend(self.path, self.first)
        mend(self.timings, b"")
        found, self.trials, self.last = read_journal(self.path)
        check_header(self.path, found, header)
        self.waiting: dict[int, Trial] = {}
        self.seconds: dict[int, float] = {}
        for file in sorted(self.pending.glob("*.json")):
            for group in chain.contents(self.first, complete_lines(file), file):
                self._take(group, file)

    @property
    def hash(self) -> str:
        """The hash of the last merged line: it stands for all lines."""
        return chain.line_hash(self.last)

    def keep(self, trials: Sequence[Trial], seconds: Sequence[float]) -> None:
        """Put a finished group away, in one step."""
        group = {"trials": [asdict(trial) for trial in trials], "seconds": list(seconds)}
        file = self.pending / f"trial{trials[0].trial:06d}.json"
        write_atomic(file, chain.link(self.first, group))
        self._take(group, file)

    def finished(self, proposals: Sequence[Proposal]) -> list[Trial]:
        """The trials of these proposals that need no training, in order; UserError if they were proposed otherwise."""
        merged = self.trials[proposals[0].trial : proposals[-1].trial + 1]
        waiting = [self.waiting[each.trial] for each in proposals if each.trial in self.waiting]
        check_proposals(self.path, proposals, merged)
        check_proposals(self.pending, proposals, waiting)
        return merged + waiting

    def merge(self, proposals: Sequence[Proposal]) -> list[Trial]:
        """Append what waits of a round that is finished, in order; the trials of the round."""
        fresh = [self.waiting[each.trial] for each in proposals[max(0, len(self.trials) - proposals[0].trial) :]]
        if fresh:
            times = [{"trial": trial.trial, "seconds": self.seconds[trial.trial]} for trial in fresh]
            append(self.timings, b"".join(map(chain.encode, times)))
            lines = list(chain.links(self.last, map(asdict, fresh)))
            append(self.path, b"".join(lines))
            self.trials += fresh
            self.last = lines[-1]
            self.clear()
        return self.trials[proposals[0].trial : proposals[-1].trial + 1]

    def clear(self) -> None:
        """Remove what is pending, once it is merged."""
        self.waiting.clear()
        with on_disk(self.pending):
            for file in self.pending.iterdir():
                file.unlink()

    def total_seconds(self) -> float:
        """Seconds of training and evaluation of all merged trials."""
        return sum(read_seconds(self.timings, "trial"))

    def median_seconds(self) -> float:
        """The same, of the median trial."""
        return median(read_seconds(self.timings, "trial"))

    def _take(self, group: dict, file: Path) -> None:
        """Note a pending group; what is merged already (its writer died before it cleared up) is left."""
        for content, seconds in zip(group["trials"], group["seconds"], strict=True):
            if content["trial"] >= len(self.trials):
                self.waiting[content["trial"]] = Trial.from_json(content, file)
                self.seconds[content["trial"]] = seconds


def read_seconds(timings: Path, key: str) -> list[float]:
    """The times of a file, each line with the number of its ``key``; a time noted twice counts once, as last noted."""
    try:
        times = [json.loads(line) for line in complete_lines(timings)]
        return list({time[key]: time["seconds"] for time in times}.values())
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{timings}: is damaged; remove it (only times are lost) and run again") from None


def mend(path: Path, start: bytes) -> None:
    """Cut a torn last line off a file, or start the file."""
    lines = complete_lines(path) if path.exists() else []
    whole = b"".join(lines) or start
    if not path.exists() or len(whole) != path.stat().st_size:
        write_atomic(path, whole)
