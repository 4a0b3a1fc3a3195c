"""The configuration of a scale: budgets and interchangeable inputs, typed, one meaning a key.

A scale is a YAML file in ``workflow/config``; it changes numbers and inputs, never code.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError, model_validator

from tnas_bench.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "workflow" / "config"
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Settings(BaseModel):
    """Immutable, and closed: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSettings(Settings):
    sources: tuple[Literal["mirror", "package", "tfds", "publisher", "generated"], ...] = Field(
        min_length=1, description="where raw data may come from, tried in this order"
    )
    max_rows: PositiveInt | None = Field(None, description="at most so many rows of a task, drawn by class; null: all")
    max_images: PositiveInt | None = Field(None, description="at most so many images of a task, by class; null: all")
    balanced: bool = Field(
        True, description="image tasks: classes made of others are cut to the size of the rest (code)"
    )

    @property
    def whole(self) -> bool:
        """Whether tasks are as the publishers' files have them: such scales share what is prepared."""
        published = set(self.sources) <= {"mirror", "publisher"}
        return published and self.max_rows is None and self.max_images is None and self.balanced


def with_sources(data: DataSettings, sources: Sequence[str]) -> DataSettings:
    """The same with other sources; an unknown one is the user's mistake."""
    try:
        return DataSettings(**data.model_dump(exclude={"sources"}), sources=tuple(sources))
    except ValidationError as error:
        raise UserError(f"sources {', '.join(sources)}: {first_mistake(error)}") from None


class PpoSettings(Settings):
    """Proximal policy optimisation (Schulman et al. 2017)."""

    clip: Fraction = Field(0.2, description="a ratio of probabilities counts within 1 +- this (PPO: 0.2)")
    epochs: PositiveInt = Field(4, description="steps of Adam a round, each on all of its trials [choice]")


class TrpoSettings(Settings):
    """Trust region policy optimisation (Schulman et al. 2015)."""

    divergence: PositiveFloat = Field(0.03, description="bound on the mean KL divergence of a step [choice]")
    damping: PositiveFloat = Field(0.1, description="added to the diagonal of the Fisher matrix [choice]")
    iterations: PositiveInt = Field(10, description="of conjugate gradients (TRPO: 10)")
    shrink: Fraction = Field(0.5, description="factor of a step that breaks the bound or does not improve [choice]")
    tries: PositiveInt = Field(10, description="times that a step is shrunk and tried, before there is none [choice]")


class UrexSettings(Settings):
    """Under-appreciated reward exploration (Nachum et al. 2017)."""

    temperature: PositiveFloat = Field(0.1, description="tau: weight and sharpness of the exploration (UREX: 0.1)")
    window: PositiveInt = Field(
        10, description="K: last trials of a task that share the exploration's weights [choice]"
    )


class ReplaySettings(Settings):
    """Off-policy training from a bank of past trials (Multitask Neural Model Search)."""

    steps: PositiveInt = Field(10, description="minibatches that the learner trains on at an update [choice]")
    batch: PositiveInt = Field(10, description="trials of each task in a minibatch, with replacement [choice]")
    clip: Fraction = Field(0.2, description="a ratio of probabilities counts within 1 +- this [choice]")
    sync: PositiveInt = Field(2, description="updates after which the actor takes the learner's weights [choice]")
    # Advantages (R - b) / b are about a tenth of normalised ones.
    entropy: float = Field(0.001, ge=0, description="weight of the entropy bonus, in place of the general one [choice]")
    baseline_floor: PositiveFloat = Field(0.05, description="least average that an advantage is divided by [choice]")


class PolicySettings(Settings):
    """The policy, and what all algorithms that train it share."""

    learning_rate: PositiveFloat = Field(description="learning rate (paper: 1e-4, one update a child) of Adam [choice]")
    entropy: float = Field(0.01, ge=0, description="weight of the entropy bonus, summed over the decisions [choice]")
    baseline_decay: Fraction = Field(0.01, description="alpha of the moving averages of a task's rewards (paper)")
    deviation_floor: PositiveFloat = Field(1e-3, description="least deviation that an advantage is divided by [choice]")
    hidden_units: PositiveInt = Field(50, description="units of an LSTM layer (paper)")
    layers: PositiveInt = Field(2, description="LSTM layers (paper)")
    embedding_size: PositiveInt = Field(25, description="size of action and task embeddings (paper)")
    initial_range: PositiveFloat = Field(0.1, description="weights start uniform in +- this [choice]")
    reset_optimizer: bool = Field(True, description="transfer starts with a fresh optimizer state [choice]")


class ControllerSettings(PolicySettings):
    """Those, and one block for each algorithm that has settings of its own."""

    ppo: PpoSettings = PpoSettings()
    trpo: TrpoSettings = TrpoSettings()
    urex: UrexSettings = UrexSettings()
    replay: ReplaySettings = ReplaySettings()


class Phases(Settings):
    """How many trials to learn in, and how many to transfer in."""

    pretraining: PositiveInt = Field(description="trials of pretraining, over all its tasks [choice]")
    transfer: PositiveInt = Field(description="trials of a study that is transferred to: B")

    def trials(self, task: str) -> int:
        """B for one task."""
        return self.transfer


class Budgets(Phases):
    fixed: PositiveInt = Field(description="trials after which Table 1, right half, reads test accuracy")
    by_task: dict[str, PositiveInt] = Field({}, description="smaller B for slow tasks")
    fixed_by_task: dict[str, PositiveInt] = Field({}, description="smaller fixed budget for slow tasks")
    retrainings: PositiveInt = Field(
        10, description="trainings of the one transferred architecture, and fresh ones of the best found [choice]"
    )

    @model_validator(mode="after")
    def _fixed_fits(self) -> "Budgets":
        if self.fixed > self.transfer:
            raise ValueError(f"fixed ({self.fixed}) is more than transfer ({self.transfer})")
        return self

    def trials(self, task: str) -> int:
        """B for one task."""
        return self.by_task.get(task, self.transfer)

    def fixed_trials(self, task: str) -> int:
        """The fixed budget for one task."""
        return min(self.fixed_by_task.get(task, self.fixed), self.trials(task))


class Recipe(Settings):
    """How a network is trained: Adam with PyTorch's other defaults, no schedule."""

    epochs: dict[str, PositiveInt] = Field(description="by data set (the authors' code: mnist 50, cifar10 100)")
    images: PositiveInt | None = Field(None, description="images of an epoch, drawn anew for each; null: all")
    test_images: PositiveInt | None = Field(None, description="first test images that accuracy is of; null: all")
    batch_size: PositiveInt = Field(64, description="images of a step (the authors' code: 64)")
    learning_rate: PositiveFloat = Field(1e-3, description="learning rate of Adam (the authors' code: 1e-3)")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="of autocast; bfloat16 wants AMX or a GPU")


class FisherSettings(Settings):
    examples: PositiveInt = Field(
        description="M of equation 1: training images of the target, drawn anew a seed [choice]"
    )
    test_images: PositiveInt | None = Field(None, description="protocol released: first test images; null: all")
    batch_size: PositiveInt = Field(100, description="protocol released: images of a squared gradient (code: 100)")
    sigma2: PositiveFloat = Field(1e-10, description="sigma squared of equations 2 and 3 (the authors' code: 1e-10)")
    sigma2_shown: tuple[PositiveFloat, ...] = Field(
        (1e-14, 1e-12, 1e-10, 1e-8, 1e-6), description="values of sigma squared that the figure compares [choice]"
    )
    normalised: bool = Field(True, description="a Fisher is divided by its sum (code: yes; equation 1: no)")
    heads: Literal["zero_padded", "backbone"] = Field(
        "zero_padded", description="heads of other sizes are padded with zeros (code), or all heads are left out"
    )


class Skeleton(Settings):
    """How cells are stacked. ``released``: at constant width and resolution; ``darts``: a stem and two reductions."""

    kind: Literal["released", "darts"] = Field(
        description="the authors' skeleton, or one in the manner of DARTS [choice]"
    )
    channels: PositiveInt = Field(description="channels of the first cells; a reduction doubles them [choice]")
    cells: PositiveInt = Field(description="number of cells [choice]")

    @model_validator(mode="after")
    def _released_has_no_stem(self) -> "Skeleton":
        if self.kind == "released" and self.channels != 3:
            raise ValueError(f"skeleton released has no stem: give it 3 channels, not {self.channels}")
        return self


class FuseSettings(Settings):
    candidates: PositiveInt = Field(description="networks compared in a round, the incumbent among them")
    rounds: PositiveInt = Field(description="rounds (paper: 200; the authors' code: 100)")
    stages: PositiveInt = Field(description="times that weights, then coefficients are trained in a round (code: 10)")
    weight_epochs: PositiveInt = Field(3, description="epochs of the weights a stage (code: 3)")
    coefficient_epochs: PositiveInt = Field(10, description="epochs of the coefficients a stage (code: 10)")
    coefficient_rate: PositiveFloat = Field(1e-3, description="learning rate of Adam for the coefficients (code: 1e-3)")
    patience: PositiveInt | None = Field(
        None, description="stop when an incumbent survives so many rounds; null: never"
    )


class DartsSettings(Settings):
    epochs: PositiveInt = Field(description="search epochs (DARTS: 50)")
    learning_rate: PositiveFloat = Field(0.025, description="of SGD for the weights, cosine to 1e-3 (DARTS: 0.025)")
    mixture_rate: PositiveFloat = Field(3e-4, description="of Adam for the mixture (DARTS: 3e-4)")
    batch_size: PositiveInt = Field(64, description="images of a step (DARTS: 64)")


class EnasSettings(Settings):
    epochs: PositiveInt = Field(description="search epochs (ENAS: 150)")
    learning_rate: PositiveFloat = Field(0.05, description="of SGD for the shared weights, cosine (ENAS: 0.05)")
    policy_steps: PositiveInt = Field(30, description="updates of the policy an epoch (ENAS: 30)")
    policy_batch: PositiveInt = Field(10, description="cells an update (ENAS: 10)")
    samples: PositiveInt = Field(10, description="cells drawn at the end, of which the best is taken [choice]")
    batch_size: PositiveInt = Field(160, description="images of a step (ENAS: 160)")
    controller: PolicySettings = Field(description="settings of the policy")


class SearchSettings(Settings):
    skeleton: Skeleton = Field(description="the network in which cells are compared")
    images: PositiveInt | None = Field(None, description="images of an epoch, of each part of the data; null: all")
    batch_size: PositiveInt = Field(128, description="images of a step of a candidate's weights (code: 128)")
    learning_rate: PositiveFloat = Field(1e-3, description="of Adam for a candidate's weights (code: 1e-3)")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="of autocast; bfloat16 wants AMX or a GPU")
    base_candidates: PositiveInt = Field(
        description="cells tried by the random search for a base task's best cell [choice]"
    )
    base_epochs: PositiveInt = Field(description="epochs of each of them [choice]")
    fuse: dict[Literal["paper", "released"], FuseSettings] = Field(description="FUSE, by protocol")
    darts: DartsSettings
    enas: EnasSettings


class LdnasSettings(Settings):
    """Improved AutoML from Transfer Learning."""

    tasks: tuple[str, ...] = Field(min_length=2, description="tasks whose distances are measured (paper: all eight)")
    targets: tuple[str, ...] = Field(
        description="tasks that are searched for (paper: task3, task6); none: only distances"
    )
    seeds: PositiveInt = Field(description="initialisations of the networks (paper: 10): seeds 0, 1, ...")
    epsilon: dict[str, Fraction] = Field(description="by data set: a network that misses 1 - epsilon is told [choice]")
    repetitions: PositiveInt = Field(
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


class DrawRule(Settings):
    """When two accuracies are a draw: if their difference is within either margin [choice]."""

    deviations: float = Field(2, ge=0, description="standard errors of the difference, over the N children [choice]")
    points: float = Field(0.1, ge=0, description="points of accuracy, in percent [choice]")


class ImageSettings(Settings):
    """The image experiment, and the space of image children."""

    learning_rate: PositiveFloat | None = Field(
        None, description="of its controllers, whose budgets are small; null: as of all controllers [choice]"
    )
    pretraining_tasks: tuple[str, ...] = Field(min_length=1, description="image tasks that the controller learns on")
    transfer_tasks: tuple[str, ...] = Field(min_length=1, description="image tasks that it is transferred to")
    trials: Phases
    modules: tuple[str, ...] = Field(min_length=1, description="choices of the first decision [choice]")
    fine_tune: tuple[bool, ...] = Field(
        (True, False), min_length=1, description="choices of the second; [false]: only what a CPU can afford [choice]"
    )
    training_steps: tuple[PositiveInt, ...] = Field(min_length=1, description="choices of the last decision [choice]")


class MnmsSettings(Settings):
    """The experiment of Multitask Neural Model Search. Each study is on all tasks of its phase at once."""

    pretraining_tasks: tuple[str, ...] = Field(min_length=1, description="tasks that are searched simultaneously")
    transfer_tasks: tuple[str, ...] = Field(min_length=1, description="tasks that the controller is transferred to")
    trials: Phases


class TableSettings(Settings):
    """The tabular benchmark: all configurations of a part of the text space, trained on each of some tasks."""

    tasks: tuple[str, ...] = Field(min_length=1, description="text tasks of the tabular benchmark")
    seeds: PositiveInt = Field(3, description="trainings of each configuration on each task")
    choices: dict[str, tuple] = Field(description="choices that are kept of each decision; of others, all [choice]")
    trials: Phases = Field(description="of the searches by look-up that an exhibit compares [choice]")
    learning_rate: PositiveFloat | None = Field(
        None, description="of the controllers of these; null: as of all controllers [choice]"
    )
    searches: PositiveInt = Field(5, description="how many searches of each kind it compares, by their seeds [choice]")


class Scale(Settings):
    name: str = Field(description="name of the scale: its results are in results/<name>, its report in reports/<name>")
    label: str = Field(description="what a number of this scale is worth; stands beside every exhibit")
    claims: bool = Field(description="whether its numbers may confirm or refute a paper; false: they show the wiring")
    differs: str = Field("", description="what else than the seeds is not the papers', in words; empty: nothing")
    data: DataSettings
    pretraining_tasks: tuple[str, ...] = Field(min_length=1, description="tasks the multitask controller learns on")
    transfer_tasks: tuple[str, ...] = Field(min_length=1, description="tasks that it is transferred to, one at a time")
    modules: tuple[str, ...] = Field(
        min_length=1, description="choices of the first decision; the paper names three of its eight [choice]"
    )
    training_steps: tuple[PositiveInt, ...] = Field(min_length=1, description="choices of the last decision [choice]")
    seeds: PositiveInt = Field(description="repetitions of every study: seeds 0, 1, ...")
    round_size: PositiveInt = Field(description="proposals between two updates of a controller (paper: 1)")
    top_n: PositiveInt = Field(10, description="N of accuracy-topN (paper: 10)")
    trials: Budgets
    controller: ControllerSettings
    draw: DrawRule = DrawRule()
    algorithm_tasks: tuple[str, ...] = Field(
        min_length=1, description="tasks transferred to on which algorithms are compared; the paper: four [choice]"
    )
    beyond: tuple[str, ...] = Field((), description="searches beside the paper's, marked as not in it")
    exhibits: tuple[str, ...] | None = Field(None, description="exhibits of the scale; null: all")
    images: ImageSettings
    mnms: MnmsSettings
    table: TableSettings
    ldnas: LdnasSettings

    def makes(self, exhibit: str) -> bool:
        """Whether an exhibit is one of the scale's."""
        return self.exhibits is None or exhibit in self.exhibits

    def controller_at(self, learning_rate: float | None) -> ControllerSettings:
        """The settings of controllers, with another learning rate if one is given."""
        changes = {} if learning_rate is None else {"learning_rate": learning_rate}
        return self.controller.model_copy(update=changes)

    @model_validator(mode="after")
    def _tasks_differ(self) -> "Scale":
        lists = [of.pretraining_tasks + of.transfer_tasks for of in (self, self.images, self.mnms)]
        for tasks in (*lists, self.table.tasks):
            if repeated := {task for task in tasks if tasks.count(task) > 1}:
                raise ValueError(f"tasks listed twice: {', '.join(sorted(repeated))}")
        return self

    @model_validator(mode="after")
    def _algorithm_tasks_are_transferred_to(self) -> "Scale":
        if other := set(self.algorithm_tasks) - set(self.transfer_tasks):
            raise ValueError(f"algorithm_tasks: {', '.join(sorted(other))} is not among the transfer_tasks")
        return self

    @model_validator(mode="after")
    def _top_n_fits(self) -> "Scale":
        for task in self.transfer_tasks:
            if self.trials.fixed_trials(task) < self.top_n:
                raise ValueError(f"top_n ({self.top_n}) is more than the fixed trials of {task}")
        if self.images.trials.transfer < self.top_n:
            raise ValueError(f"top_n ({self.top_n}) is more than images.trials.transfer")
        for phase in ("pretraining", "transfer"):
            if getattr(self.mnms.trials, phase) < self.top_n * len(getattr(self.mnms, f"{phase}_tasks")):
                raise ValueError(f"mnms.trials.{phase} is less than top_n ({self.top_n}) for each of its tasks")
        return self


def read_yaml(path: Path) -> dict:
    """A YAML mapping; a missing or malformed file is the user's mistake."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give an existing file") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML ({' '.join(str(error).split())}); mend the file") from None
    if not isinstance(content, dict):
        raise UserError(f"{path}: expected keys and values; see workflow/config/smoke.yaml for an example")
    return content


def first_mistake(error: ValidationError) -> str:
    """What is wrong with which key; an unknown key first, since a misspelt one is also missed."""
    unknown_first = sorted(error.errors(), key=lambda mistake: mistake["type"] != "extra_forbidden")
    mistake = unknown_first[0]
    message = "unknown key" if mistake["type"] == "extra_forbidden" else mistake["msg"].removeprefix("Value error, ")
    return ": ".join(filter(None, [".".join(map(str, mistake["loc"])), message]))


def load_scale(name_or_path: str) -> Scale:
    """A scale by the name of its file in ``workflow/config``, or by the path of a file of the user's own."""
    path = Path(name_or_path)
    known = sorted(file.stem for file in CONFIG.glob("*.yaml") if file.stem != "experiments")
    if path.suffix not in {".yaml", ".yml"}:
        path = CONFIG / f"{name_or_path}.yaml"
        if name_or_path not in known:
            raise UserError(f"unknown scale {name_or_path!r}: take one of {', '.join(known)} or a YAML file")
    if path.stem in known and path.resolve().parent != CONFIG:
        raise UserError(f"{path}: has the name of another scale, whose results it would share; rename the file")
    try:
        return Scale.model_validate({"name": path.stem} | read_yaml(path))
    except ValidationError as error:
        raise UserError(f"{path}: {first_mistake(error)}; mend that key") from None
