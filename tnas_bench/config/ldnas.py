"""Settings of LD-NAS: networks, Fishers, and searches for cells."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from tnas_bench.config.controllers import PolicySettings
from tnas_bench.config.values import (
    Count,
    Depth,
    Flag,
    Fraction,
    Name,
    Names,
    Rate,
    Repeats,
    Settings,
    Size,
    Tiny,
    distinct,
)

Rivals = Annotated[int, Field(strict=True, ge=2, le=1000)]  # one network has none to be compared with
Precision = Annotated[
    Literal["float32", "bfloat16"], Field(description="of autocast; bfloat16 where the device has it")
]


class Recipe(Settings):
    """How a network is trained: Adam with PyTorch's other defaults, no schedule."""

    epochs: dict[Name, Count] = Field(description="by data set (the authors' code: mnist 50, cifar10 100)")
    images: Count | None = Field(None, description="images of an epoch, drawn anew for each; null: all")
    test_images: Count | None = Field(None, description="first test images that accuracy is of; null: all")
    batch_size: Count = Field(64, description="images of a step (the authors' code: 64)")
    learning_rate: Rate = Field(1e-3, description="learning rate of Adam (the authors' code: 1e-3)")
    statistics_images: Count | None = Field(
        None,
        description="first training images of which batch norm's statistics are taken anew after the last epoch; null: "
        "as training left them, lagging behind if steps are few [choice]",
    )
    precision: Precision = "float32"


class FisherSettings(Settings):
    examples: Count = Field(description="M of equation 1: training images of the target, drawn anew a seed [choice]")
    test_images: Count | None = Field(None, description="protocol released: first test images; null: all")
    batch_size: Count = Field(100, description="protocol released: images of a squared gradient (code: 100)")
    sigma2: Tiny = Field(1e-10, description="sigma squared of equations 2 and 3 (the authors' code: 1e-10)")
    sigma2_shown: Annotated[tuple[Tiny, ...], AfterValidator(distinct)] = Field(
        (1e-14, 1e-12, 1e-10, 1e-8, 1e-6), description="values of sigma squared that the figure compares [choice]"
    )
    normalised: Flag = Field(True, description="a Fisher is divided by its sum (code: yes; equation 1: no)")
    heads: Literal["zero_padded", "backbone"] = Field(
        "zero_padded", description="heads of other sizes are padded with zeros (code), or all heads are left out"
    )


class Skeleton(Settings):
    """How cells are stacked. ``released``: at constant width and resolution; ``darts``: a stem and two reductions."""

    kind: Literal["released", "darts"] = Field(
        description="the authors' skeleton, or one in the manner of DARTS [choice]"
    )
    channels: Size = Field(description="channels of the first cells; a reduction doubles them [choice]")
    cells: Depth = Field(description="number of cells [choice]")

    @model_validator(mode="after")
    def _released_has_no_stem(self) -> "Skeleton":
        if self.kind == "released" and self.channels != 3:
            raise ValueError(f"skeleton released has no stem: give it 3 channels, not {self.channels}")
        return self


class FuseSettings(Settings):
    candidates: Rivals = Field(description="networks compared in a round, the incumbent among them")
    rounds: Count = Field(description="rounds (paper: 200; the authors' code: 100)")
    stages: Count = Field(description="times that weights, then coefficients are trained in a round (code: 10)")
    weight_epochs: Count = Field(3, description="epochs of the weights a stage (code: 3)")
    coefficient_epochs: Count = Field(10, description="epochs of the coefficients a stage (code: 10)")
    coefficient_rate: Rate = Field(1e-3, description="learning rate of Adam for the coefficients (code: 1e-3)")
    patience: Count | None = Field(None, description="stop when an incumbent survives so many rounds; null: never")


class DartsSettings(Settings):
    epochs: Count = Field(description="search epochs (DARTS: 50)")
    learning_rate: Rate = Field(0.025, description="of SGD for the weights, cosine to 1e-3 (DARTS: 0.025)")
    mixture_rate: Rate = Field(3e-4, description="of Adam for the mixture (DARTS: 3e-4)")
    batch_size: Count = Field(64, description="images of a step (DARTS: 64)")


class EnasSettings(Settings):
    epochs: Count = Field(description="search epochs (ENAS: 150)")
    learning_rate: Rate = Field(0.05, description="of SGD for the shared weights, cosine (ENAS: 0.05)")
    policy_steps: Count = Field(30, description="updates of the policy an epoch (ENAS: 30)")
    policy_batch: Count = Field(10, description="cells an update (ENAS: 10)")
    samples: Count = Field(10, description="cells drawn at the end, of which the best is taken [choice]")
    batch_size: Count = Field(160, description="images of a step (ENAS: 160)")
    controller: PolicySettings = Field(description="settings of the policy")


class SearchSettings(Settings):
    skeleton: Skeleton = Field(description="the network in which cells are compared")
    images: Count | None = Field(None, description="images of an epoch, of each part of the data; null: all")
    batch_size: Count = Field(128, description="images of a step of a candidate's weights (code: 128)")
    learning_rate: Rate = Field(1e-3, description="of Adam for a candidate's weights (code: 1e-3)")
    statistics_images: Count | None = Field(
        None,
        description="likewise before FUSE or random search compares cells; DARTS and ENAS always compare by batch "
        "statistics [choice]",
    )
    precision: Precision = "float32"
    base_candidates: Count = Field(description="cells tried by the random search for a base task's best cell [choice]")
    base_epochs: Count = Field(description="epochs of each of them [choice]")
    fuse: dict[Literal["paper", "released"], FuseSettings] = Field(description="FUSE, by protocol")
    darts: DartsSettings
    enas: EnasSettings

    @model_validator(mode="after")
    def _both_protocols(self) -> "SearchSettings":
        if missing := {"paper", "released"} - self.fuse.keys():
            raise ValueError(f"fuse has no settings for protocol {missing.pop()}; give both: paper, released")
        return self


class LdnasSettings(Settings):
    """Improved AutoML from Transfer Learning."""

    tasks: Names = Field(min_length=2, description="tasks whose distances are measured (paper: all eight)")
    targets: Names = Field(description="tasks that are searched for (paper: task3, task6); none: only distances")
    seeds: Repeats = Field(description="initialisations of the networks (paper: 10): seeds 0, 1, ...")
    epsilon: dict[Name, Fraction] = Field(description="by data set: a network that misses 1 - epsilon is told [choice]")
    repetitions: Repeats = Field(
        description="of every search, from the base task's to the training of what it found, and of the trainings of "
        "the tables' hand-designed networks [choice]"
    )
    networks: Recipe
    fisher: FisherSettings
    search: SearchSettings
    final_skeleton: Skeleton = Field(description="the network that is made of a found cell")
    final: Recipe

    @model_validator(mode="after")
    def _targets_are_tasks(self) -> "LdnasSettings":
        if others := set(self.targets) - set(self.tasks):
            raise ValueError(f"targets that are not among the tasks: {', '.join(sorted(others))}")
        return self
