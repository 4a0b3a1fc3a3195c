"""A scheduler for Snakemake that starts what is ready one by one, in an order that is drawn at random."""

import os
import random

from snakemake_interface_scheduler_plugins.base import SchedulerBase


class Scheduler(SchedulerBase):
    """Snakemake finds it on the path by the name of its folder; ``SHUFFLE_SEED`` repeats an order."""

    def __post_init__(self) -> None:
        self.rng = random.Random(os.environ["SHUFFLE_SEED"])

    def select_jobs(self, selectable_jobs, remaining_jobs, available_resources, input_sizes):
        if available_resources["_cores"] < 1:
            return []
        return [self.rng.choice(sorted(selectable_jobs, key=str))]
