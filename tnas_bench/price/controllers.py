"""Rates of controllers: whole studies with children that cost nothing, journal and all."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tnas_bench.children import Score
from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.optuna_samplers import SAMPLERS
from tnas_bench.controllers.registry import make
from tnas_bench.price.rates import Seconds, seconds
from tnas_bench.seeds import stream
from tnas_bench.spaces import Configuration, Space
from tnas_bench.study import Study, run

TRIALS = 60  # at least
TASKS = ("one", "other")


@dataclass(frozen=True)
class Untrained:
    """A trainer that makes accuracies up."""

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        return [[position] for position in range(len(configurations))]

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        return [Score(*stream("price", seed).random(3), 0.0) for seed in seeds]


def rates(name: str, space: Space, settings: ControllerSettings, round_size: int) -> Seconds:
    """Seconds of a ``trial``; of a sampler, which looks back at all trials before, also of a ``trial squared``.
    ``bytes``: what a trial adds to the folder.
    """
    trials = -(-TRIALS // round_size) * round_size

    def study(count: int, folder: Path) -> float:
        made, planned = make(name, space, 0, settings), Study("price", TASKS, 0, count, round_size)
        with ThreadPoolExecutor(1) as executor:
            return seconds(lambda: run(planned, made, space, Untrained(), folder, executor))

    with TemporaryDirectory() as scratch:
        study(round_size, Path(scratch, "first"))  # what is imported then is not measured
        once, twice = study(trials, Path(scratch, "once")), study(2 * trials, Path(scratch, "twice"))
        size = sum(file.stat().st_size for file in Path(scratch, "twice").rglob("*") if file.is_file())
    squared = max(0.0, (twice - 2 * once) / (2 * trials**2)) if name in SAMPLERS else 0.0
    return {
        "trial": max(0.0, twice / (2 * trials) - 2 * trials * squared),
        "trial squared": squared,
        "bytes": size / (2 * trials),
    }
