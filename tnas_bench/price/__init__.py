"""Price: what a scale would take before it is started, in device-hours, disk and inputs.

Every job of the plan has a bill (:mod:`.studies`, :mod:`.ldnas`): so many units of work, each named by a rate. Rates
are seconds a unit, measured on this machine on a few units each (:mod:`.rates`). A price is their product, less what is
finished; all else is adding up (:mod:`.forecast`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tnas_bench.journal import JOURNAL
from tnas_bench.journal.sealed import is_sealed, read_card

Rate = tuple[str, str]  # what was measured ("texts/sms_spam") and a unit of it ("frozen step")
Rates = Mapping[str, Mapping[str, float]]  # seconds of a unit on one core or GPU, by what was measured and by unit
Units = Mapping[Rate, float]

PROCESS: Rate = ("process", "start")


@dataclass(frozen=True)
class Job:
    """One job of the workflow, and its bill."""

    path: str  # below the scale's results
    work: str  # the kind of work, a row of the forecast
    units: Units
    needs: Sequence[str] = ()  # the paths of the jobs that have to end before
    finished: float = 0.0  # the part of it that need not be done again

    def seconds(self, rates: Rates) -> float:
        """What all of it takes. KeyError where a rate was not measured."""
        return sum(units * rates[of][unit] for (of, unit), units in self.units.items())

    def left(self, rates: Rates) -> float:
        """What is left of it takes."""
        return (1 - self.finished) * self.seconds(rates)

    def at(self, finished: float) -> "Job":
        """The same, of which a part is finished."""
        return replace(self, finished=finished)


def finished(folder: Path, steps: int) -> float:
    """The part of a study's trials or of a run's steps that is sealed, or in its journal; budgets may have grown."""
    if is_sealed(folder):
        card = read_card(folder)
        return min(1.0, card.get("trials", card.get("steps", 0)) / steps)
    try:
        with (folder / JOURNAL).open("rb") as journal:
            lines = sum(1 for _ in journal)
    except OSError:
        return 0.0
    return min(1.0, max(0, lines - 1) / steps)  # the first line is the header
