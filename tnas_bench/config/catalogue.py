"""Which studies and runs there are, and which an exhibit reads: ``workflow/config/experiments.yaml``, typed."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from tnas_bench.config.files import CONFIG
from tnas_bench.config.mistakes import first_mistake
from tnas_bench.config.values import Flag, Name, Names, Settings
from tnas_bench.config.yaml_files import read_yaml
from tnas_bench.errors import UserError

Path2 = Annotated[str, Field(pattern=r"^[a-z0-9_]+/[a-z0-9_]+$")]  # paper/experiment
Path3 = Annotated[str, Field(pattern=r"^[a-z0-9_]+/[a-z0-9_]+/[A-Za-z0-9_]+$")]  # paper/experiment/variant
Search = Annotated[str, Field(pattern=r"^\w+-(closest|farthest|random|printed|coded|full)-(paper|released)$")]
RUNS = ("networks", "epsilon_networks", "distances", "base_search")  # kinds of runs that are no group of searches


class Variant(Settings):
    controller: Name = Field(description="name of a controller")
    together: Flag = Field(False, description="one study on all tasks of the experiment at once")
    pretrained: Path3 | None = Field(
        None, description="experiment/variant whose study it starts from, of the same seed"
    )
    budget: Literal["phase", "fixed", "retrainings", "space"] = Field(
        "phase", description="which of the scale's budgets it has; space: a trial a configuration"
    )
    beyond: Flag = Field(False, description="not in the paper: only where the scale lists it")


class Experiment(Settings):
    of: Literal["texts", "images", "mnms", "table"] = Field(
        "texts", description="which of the scale's tasks and budgets"
    )
    phase: Literal["pretraining", "transfer"] | None = Field(
        None, description="which of those lists of tasks, if several"
    )
    variants: dict[Name, Variant] = Field(min_length=1)

    @model_validator(mode="after")
    def _budgets_are_there(self) -> "Experiment":
        if (self.of == "table") != (self.phase is None):
            raise ValueError("phase: take pretraining or transfer; of a table, leave it out")
        for name, variant in self.variants.items():
            has = {"space"} if self.of == "table" else {"phase"}
            has |= {"fixed", "retrainings"} if (self.of, self.phase) == ("texts", "transfer") else set()
            if variant.budget not in has:
                raise ValueError(
                    f"variants.{name}.budget: {variant.budget} is not there; take {' or '.join(sorted(has))}"
                )
        return self


class StudyExhibit(Settings):
    studies: tuple[Path3, ...] = Field(min_length=1, description="experiment/variant of all studies that it reads")
    tasks: Literal["algorithm_tasks"] | None = Field(None, description="of these tasks of the scale alone")


class LdnasExhibit(Settings):
    runs: Names = Field(min_length=1, description="kinds of runs, or groups of searches, that it reads")
    targets: Names = Field((), description="what it is about, and needs one of at a scale; none: all tasks")


class LdnasPlan(Settings):
    networks: Names = Field(description="hand-designed networks of the tables")
    searches: dict[Name, tuple[Search, ...]] = Field(description="groups of searches, <method>-<space>-<protocol>")
    exhibits: dict[Name, LdnasExhibit]

    @model_validator(mode="after")
    def _runs_are_known(self) -> "LdnasPlan":
        known = [*RUNS, *self.searches]
        for name, exhibit in self.exhibits.items():
            if unknown := [run for run in exhibit.runs if run not in known]:
                raise ValueError(f"exhibits.{name}.runs: has {unknown[0]!r}; take some of {', '.join(known)}")
        return self


class Experiments(Settings):
    experiments: dict[Path2, Experiment]
    exhibits: dict[Name, StudyExhibit]
    ldnas: LdnasPlan

    @model_validator(mode="after")
    def _studies_are_known(self) -> "Experiments":
        known = dict(self._variants())
        for name, exhibit in self.exhibits.items():
            for study in exhibit.studies:
                if study not in known:
                    raise ValueError(f"exhibits.{name}.studies: has {study!r}; take some of {', '.join(known)}")
                if exhibit.tasks and self._tasks(study) != ("texts", "transfer"):
                    raise ValueError(f"exhibits.{name}.tasks: {study} is not on tasks that texts are transferred to")
        if both := self.exhibits.keys() & self.ldnas.exhibits.keys():
            raise ValueError(f"exhibits: {min(both)!r} is one of ldnas, too; rename one of them")
        return self

    @model_validator(mode="after")
    def _teachers_are_known(self) -> "Experiments":
        known = dict(self._variants())
        for name, variant in known.items():
            path, seen = variant.pretrained, [name]
            while path is not None:
                if path not in known or path in seen:
                    told = "starts from itself" if path in seen else f"starts from {path!r}, which is not there"
                    raise ValueError(f"experiments: {name} {told}; take one of {', '.join(known)}")
                if not known[path].together and self._tasks(path) != self._tasks(name):
                    raise ValueError(f"experiments: {name} starts from {path}, which is not on its tasks, nor together")
                path, seen = known[path].pretrained, [*seen, path]
        return self

    def _variants(self) -> Iterator[tuple[str, Variant]]:
        for path, experiment in self.experiments.items():
            for name, variant in experiment.variants.items():
                yield f"{path}/{name}", variant

    def _tasks(self, path: str) -> tuple[str, str | None]:
        experiment = self.experiments[path.rsplit("/", 1)[0]]
        return experiment.of, experiment.phase


@cache
def experiments() -> Experiments:
    """``workflow/config/experiments.yaml``."""
    path = CONFIG / "experiments.yaml"
    try:
        return Experiments.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UserError(f"{path}: {first_mistake(error, Experiments)}; mend that key") from None
