"""Audit: is what is sealed at a scale what its code, its data and its random streams give?

Each sealed run is checked on its own: its files against their hashes, its inputs against what is prepared, its
proposals by asking for them again, without training. Of all trials of all studies, some are drawn and trained again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tnas_bench import plan, plan_ldnas, runcard, seeds
from tnas_bench.config import Scale
from tnas_bench.errors import UserError
from tnas_bench.journal.sealed import is_sealed, read_card, sealed_below


@dataclass(frozen=True)
class Unchecked:
    """A kind of check that could not be made, and what is missing for it."""

    kind: str
    missing: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.missing})"


@dataclass
class Finding:
    """What was found of one sealed run; ``fault``: the first thing that is wrong, in one line."""

    path: str
    checked: list[str] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    fault: str | None = None

    @property
    def verdict(self) -> str:
        """``ok`` only of what was checked as a whole."""
        if self.fault:
            return "fails"
        return "in part" if self.unchecked else "ok"

    def __str__(self) -> str:
        told = [", ".join(self.checked)] if self.checked else []
        told += [f"not checked: {', '.join(map(str, self.unchecked))}"] if self.unchecked else []
        return self.fault or "; ".join(told)

    def take(self, told: Iterable[str | Unchecked]) -> None:
        """Note what checks tell, until one raises UserError."""
        try:
            for each in told:
                (self.unchecked if isinstance(each, Unchecked) else self.checked).append(each)
        except UserError as error:
            self.fault = str(error)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:  # of facts that are not there
            self.fault = f"its run card or its rows are damaged ({type(error).__name__}: {error}); restore both files"


def sealed(scale: Scale) -> list[plan.Place]:
    """What is sealed below the scale's results, by path; UserError if that is nothing."""
    root = plan.results(scale)
    folders = sealed_below(root)
    if not folders:
        raise UserError(f"{root}: nothing is sealed there; run the workflow at this scale first, or take another one")
    return [_place(scale, folder.relative_to(root)) for folder in folders]


def _place(scale: Scale, path: Path) -> plan.Place:
    """The study or the run that lies there, whether or not the scale still plans it."""
    *experiment, variant, task, seed = ("",) * (4 - len(path.parts)) + path.parts
    number = int(seed.removeprefix("seed")) if seed.removeprefix("seed").isdecimal() else -1
    if experiment[0] == "ldnas":
        return plan_ldnas.Run(scale, "/".join(experiment[1:]), variant, task, number)
    return plan.StudyPlan(scale, "/".join(experiment), variant, task, number)


def drawn(places: Iterable[plan.Place], sample: int, seed: int) -> Mapping[str, list[int]]:
    """The trials to train again, by path: drawn from all trials of all studies, as many as there are at most."""
    trials = [(place.path, trial) for place in places for trial in range(_trials(place))]
    chosen: dict[str, list[int]] = {}
    for number in sorted(seeds.stream("audit", seed).permutation(len(trials))[:sample]):
        chosen.setdefault(trials[number][0], []).append(trials[number][1])
    return chosen


def _trials(place: plan.Place) -> int:
    """Of a study, as its run card says; of runs of LD-NAS, and of cards that are damaged, none."""
    try:
        trials = read_card(place.folder).get("trials", 0)
    except UserError:
        return 0
    return trials if isinstance(trials, int) else 0


def audit(scale: Scale, sample: int, seed: int) -> Iterator[Finding]:
    """What is found of each sealed run of a scale, in the order of their paths.

    ``sample`` trials, drawn by ``seed``, are trained again, each with those that it was trained with.
    """
    from tnas_bench.audit import steps, studies

    places = sealed(scale)
    chosen, teachers = drawn(places, sample, seed), studies.Teachers()
    for place in places:
        finding = Finding(place.path)
        if not is_sealed(place.folder):
            finding.fault = "a card near here is at no place of a run (.../seed<k>); put it elsewhere, or remove it"
        elif isinstance(place, plan_ldnas.Run):
            finding.take(steps.check(place))
        else:
            finding.take(studies.check(place, chosen.get(place.path, []), teachers))
        if finding.fault and is_sealed(place.folder):
            finding.fault += _elsewhere(place.folder)
        yield finding


def same_machine(card: Mapping) -> bool:
    """Whether a run was computed on this kind of CPU and GPU with this version of torch: there, results are equal."""
    return not _differences(card)


def _elsewhere(folder: Path) -> str:
    """A hint, where results may differ by how sums are rounded."""
    try:
        return "".join(f"; it was computed with {was}, here is {here}" for was, here in _differences(read_card(folder)))
    except (UserError, KeyError, TypeError, AttributeError):
        return ""


def _differences(card: Mapping) -> list[tuple[str, str]]:
    here = runcard.describe_machine()
    pairs = [(card[key], here[key]) for key in ("cpu", "gpu")]
    pairs.append((f"torch {card['versions']['torch']}", f"torch {here['versions']['torch']}"))
    return [(str(was), str(now)) for was, now in pairs if was != now]
