"""The configuration of a scale: budgets and interchangeable inputs, typed, one meaning a key.

A scale is a YAML file in ``workflow/config``; it changes numbers and inputs, never code.
"""

from typing import Literal

from pydantic import Field, model_validator

from tnas_bench.config.controllers import ControllerSettings
from tnas_bench.config.data import DataSettings
from tnas_bench.config.ldnas import LdnasSettings
from tnas_bench.config.values import (
    Choices,
    Count,
    Counts,
    Few,
    Flag,
    Flags,
    Line,
    Name,
    Names,
    Rate,
    Repeats,
    Settings,
    SomeNames,
    Times,
    Weight,
)


class Phases(Settings):
    """How many trials to learn in, and how many to transfer in."""

    pretraining: Count = Field(description="trials of pretraining, over all its tasks [choice]")
    transfer: Count = Field(description="trials of a study that is transferred to: B")

    def trials(self, task: str) -> int:
        """B for one task."""
        return self.transfer


class Budgets(Phases):
    fixed: Count = Field(description="trials after which Table 1, right half, reads test accuracy")
    by_task: dict[Name, Count] = Field({}, description="another B of some tasks; the paper: less for slow ones")
    fixed_by_task: dict[Name, Count] = Field({}, description="smaller fixed budget for slow tasks")
    retrainings: Count = Field(
        10, description="trainings of the one transferred architecture, and fresh ones of the best found [choice]"
    )

    @model_validator(mode="after")
    def _nested(self) -> "Budgets":
        if self.fixed > self.transfer:
            raise ValueError(f"fixed ({self.fixed}) is more than transfer ({self.transfer}); give no more")
        for task, trials in self.fixed_by_task.items():
            if trials > self.fixed:
                told = f"is more than that of all tasks ({self.fixed}); give no more"
                raise ValueError(f"fixed_by_task.{task} ({trials}) {told}")
        return self

    def trials(self, task: str) -> int:
        """B for one task."""
        return self.by_task.get(task, self.transfer)

    def fixed_trials(self, task: str) -> int:
        """The fixed budget for one task."""
        return min(self.fixed_by_task.get(task, self.fixed), self.trials(task))


class DrawRule(Settings):
    """When two accuracies are a draw: if their difference is within either margin [choice]."""

    deviations: Weight = Field(2, description="standard errors of the difference, over the N children [choice]")
    points: Weight = Field(0.1, description="points of accuracy, in percent [choice]")


class ImageSettings(Settings):
    """The image experiment, and the space of image children."""

    learning_rate: Rate | None = Field(
        None, description="of its controllers, whose budgets are small; null: as of all controllers [choice]"
    )
    pretraining_tasks: SomeNames = Field(description="image tasks that the controller learns on")
    transfer_tasks: SomeNames = Field(description="image tasks that it is transferred to")
    trials: Phases
    modules: SomeNames = Field(description="choices of the first decision [choice]")
    fine_tune: Flags = Field(
        (True, False), description="choices of the second; [false]: only what a CPU can afford [choice]"
    )
    training_steps: Counts = Field(description="choices of the last decision [choice]")


class MnmsSettings(Settings):
    """The experiment of Multitask Neural Model Search. Each study is on all tasks of its phase at once."""

    pretraining_tasks: SomeNames = Field(description="tasks that are searched simultaneously")
    transfer_tasks: SomeNames = Field(description="tasks that the controller is transferred to")
    trials: Phases


class TableSettings(Settings):
    """The tabular benchmark: all configurations of a part of the text space, trained on each of some tasks."""

    tasks: SomeNames = Field(description="text tasks of the tabular benchmark")
    seeds: Repeats = Field(3, description="trainings of each configuration on each task")
    choices: dict[Name, Choices] = Field(description="choices that are kept of each decision; of others, all [choice]")
    trials: Phases = Field(description="of the searches by look-up that an exhibit compares [choice]")
    learning_rate: Rate | None = Field(
        None, description="of the controllers of these; null: as of all controllers [choice]"
    )
    searches: Repeats = Field(5, description="how many searches of each kind it compares, by their seeds [choice]")


class PriceSettings(Settings):
    """What a scale is expected to take (tnas-bench price)."""

    accept: Flag = Field(False, description="the workflow starts only when the price was accepted once")
    gpu: Times = Field(
        40, description="how many times as fast as a core a GPU is at images, where none was measured [choice]"
    )


class Scale(Settings):
    name: Name = Field(description="name of the scale: its results are in results/<name>, its report in reports/<name>")
    label: Line = Field(description="what a number of this scale is worth; stands beside every exhibit")
    claims: Flag = Field(
        False, description="whether its numbers may confirm or refute a paper; false: they show the wiring"
    )
    differs: dict[Literal["tnaml", "mnms", "ldnas"], Line] = Field(
        {}, description="what else than the seeds is not the paper's, by paper; nothing where a paper is not named"
    )
    data: DataSettings
    pretraining_tasks: SomeNames = Field(description="tasks the multitask controller learns on")
    transfer_tasks: SomeNames = Field(description="tasks that it is transferred to, one at a time")
    modules: SomeNames = Field(description="choices of the first decision; the paper names three of its eight [choice]")
    training_steps: Counts = Field(description="choices of the last decision [choice]")
    seeds: Repeats = Field(description="repetitions of every study: seeds 0, 1, ...")
    seeds_by_task: dict[Name, Repeats] = Field({}, description="fewer repetitions of transfer to slow tasks")
    round_size: Count = Field(description="proposals between two updates of a controller (paper: 1)")
    top_n: Few = Field(10, description="N of accuracy-topN (paper: 10)")
    trials: Budgets
    controller: ControllerSettings
    draw: DrawRule = DrawRule()
    algorithm_tasks: SomeNames = Field(
        description="tasks transferred to on which algorithms are compared; the paper: four [choice]"
    )
    beyond: Names = Field((), description="searches beside the paper's, marked as not in it")
    exhibits: SomeNames | None = Field(None, description="exhibits of the scale; null: all")
    images: ImageSettings
    mnms: MnmsSettings
    table: TableSettings
    ldnas: LdnasSettings
    price: PriceSettings = Field(PriceSettings(), repr=False)  # rules go by the repr, and no result depends on it

    def makes(self, exhibit: str) -> bool:
        """Whether an exhibit is one of the scale's."""
        return self.exhibits is None or exhibit in self.exhibits

    def controller_at(self, learning_rate: float | None) -> ControllerSettings:
        """The settings of controllers, with another learning rate if one is given."""
        changes = {} if learning_rate is None else {"learning_rate": learning_rate}
        return self.controller.model_copy(update=changes)

    @model_validator(mode="after")
    def _tasks_are_of_one_phase(self) -> "Scale":
        for key, of in {"": self, "images.": self.images, "mnms.": self.mnms}.items():
            if repeated := set(of.pretraining_tasks) & set(of.transfer_tasks):
                raise ValueError(
                    f"{key}transfer_tasks: tasks listed twice: {', '.join(sorted(repeated))}; "
                    "none may be among the pretraining_tasks, too"
                )
        return self

    @model_validator(mode="after")
    def _tasks_are_transferred_to(self) -> "Scale":
        some = {"algorithm_tasks": self.algorithm_tasks}
        some |= {"trials.by_task": self.trials.by_task, "trials.fixed_by_task": self.trials.fixed_by_task}
        some |= {"seeds_by_task": self.seeds_by_task}
        for key, tasks in some.items():
            if other := set(tasks) - set(self.transfer_tasks):
                told = f"{', '.join(sorted(other))} is not among the transfer_tasks"
                raise ValueError(f"{key}: {told}; take some of {', '.join(self.transfer_tasks)}")
        return self

    @model_validator(mode="after")
    def _no_task_has_more_seeds(self) -> "Scale":
        for task, seeds in self.seeds_by_task.items():
            if seeds > self.seeds:
                told = f"is more than that of all tasks ({self.seeds}); give no more"
                raise ValueError(f"seeds_by_task.{task} ({seeds}) {told}")
        return self

    @model_validator(mode="after")
    def _top_n_fits(self) -> "Scale":
        for task in self.transfer_tasks:
            if self.trials.fixed_trials(task) < self.top_n:
                raise ValueError(f"top_n ({self.top_n}) is more than the fixed trials of {task}; give no more")
        if self.images.trials.transfer < self.top_n:
            raise ValueError(f"top_n ({self.top_n}) is more than images.trials.transfer; give no more")
        for phase in ("pretraining", "transfer"):
            if getattr(self.mnms.trials, phase) < self.top_n * len(getattr(self.mnms, f"{phase}_tasks")):
                raise ValueError(
                    f"mnms.trials.{phase} is less than top_n ({self.top_n}) for each of its tasks; give more"
                )
        return self
