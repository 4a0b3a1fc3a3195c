"""Children that are looked up."""

from collections.abc import Sequence
from dataclasses import dataclass

from tnas_bench.children import Score
from tnas_bench.spaces import Configuration
from tnas_bench.tabular import MEASURES, Table


@dataclass(frozen=True)
class LookupTrainer:
    """Looks up what children yield. Implements :class:`tnas_bench.children.Trainer`.

    A child gets one of the trainings of its configuration, drawn by its own seed [choice]. So a score is a function of
    configuration, task and seed, as it is where children train: were the k-th proposal of a configuration to get the
    k-th training, it would depend on the order of the proposals, and on who shares the work.
    """

    table: Table

    def groups(self, configurations: Sequence[Configuration]) -> list[list[int]]:
        """All in one: there is nothing to share."""
        return [list(range(len(configurations)))]

    def train(self, configurations: Sequence[Configuration], task: str, seeds: Sequence[int]) -> list[Score]:
        """The scores of children; seconds are those that the training took when the table was made."""
        scores = [self.table.scores(task, measure) for measure in MEASURES]
        trainings = [self.table.number(configuration) for configuration in configurations]
        return [
            Score(*(float(score[number, seed % self.table.seeds]) for score in scores))
            for number, seed in zip(trainings, seeds, strict=True)
        ]
