"""Audit of studies: every proposal is asked for again; a few children are trained again."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from tnas_bench import plan, run
from tnas_bench.audit import Unchecked, same_machine
from tnas_bench.audit.seal import check_inputs, check_seal
from tnas_bench.controllers import Controller
from tnas_bench.controllers.policy_gradient import PolicyGradient
from tnas_bench.device import use_one_thread
from tnas_bench.errors import UserError
from tnas_bench.journal import Proposal, Trial, check_proposals
from tnas_bench.journal.sealed import is_sealed, read_card, read_sealed, rebuild
from tnas_bench.spaces import Space
from tnas_bench.study import Study, grouped, replay

TOLERANCE = 0.02  # of an accuracy, on another kind of CPU: the margin that verdicts give accuracies, too
SCORES = ("validation", "half", "test")


LEARNT = 1e-3  # of an embedding, there, too; 3e-6 were seen
OTHERWISE = 0.1  # of the decisions of a policy, on another kind of CPU; 0.04 were seen of one study in 128, else none


class Teachers:
    """The controllers that teachers leave behind, each replayed once for all that it taught."""

    def __init__(self):
        self.known: dict[tuple[Path, str], Controller] = {}

    def __call__(self, study: Study, space: Space, folder: Path) -> Controller:
        key = folder, json.dumps(study.header["settings"]["controller"])
        if key not in self.known:
            check = check_proposals if same_machine(read_card(folder)) else Patient()
            self.known[key] = run.taught(study, space, folder, check)
        return deepcopy(self.known[key])


@dataclass
class Patient:
    """Notes the decisions that are proposed otherwise, by trial, and refuses all else that differs."""

    otherwise: Counter[int] = field(default_factory=Counter)

    def __call__(self, path: Path, proposals: Sequence[Proposal], trials: Sequence[Trial]) -> None:
        pairs = list(zip(proposals, trials, strict=True))
        for proposal, trial in pairs:
            if differing := sum(now != was for now, was in zip(proposal.actions, trial.actions, strict=True)):
                self.otherwise[trial.trial] = differing
        check_proposals(path, [replace(proposal, actions=trial.actions) for proposal, trial in pairs], trials)


def check(place: plan.StudyPlan, chosen: Sequence[int], teachers: Teachers) -> Iterator[str | Unchecked]:
    """Tell what holds of a sealed study, and what cannot be checked here; UserError: what does not hold.

    ``chosen``: its trials to train again.
    """
    if place.variant not in plan.variants(place.experiment):
        raise UserError(f"{place.folder}: experiments.yaml has no such study; put it elsewhere, or remove it")
    job, card = run.planned(place), read_card(place.folder)
    header, trials = read_sealed(place.folder)
    yield check_seal(place, "trials", header, len(trials), rebuild)
    inputs = list(check_inputs({"tasks": job.tasks, "modules": job.modules}, header["settings"]))
    yield from inputs
    if place.pretraining and not is_sealed(place.pretraining.folder):
        yield Unchecked("proposals", f"not sealed: {place.pretraining.path}, which taught it")
    else:
        yield _replayed(job, card, teachers)
    if chosen and isinstance(inputs[-1], Unchecked):
        yield Unchecked("retraining", f"of {_listed(chosen)}, without its inputs")
    elif chosen:
        yield retrain(job, trials, chosen, same_machine(card))


def _replayed(job: run.Job, card: Mapping, teachers: Teachers) -> str | Unchecked:
    """Ask for every proposal again, and compare what was learnt, on this kind of CPU exactly.

    On another kind, a policy whose sums are rounded otherwise may draw another choice now and then. It is told the
    recorded trials, and so stays close.
    """
    study, patient = run.study_of(job, card["inputs"]), Patient()
    controller = run.start(study, job.space, job.pretrained, teachers)
    exactly = same_machine(card) or not isinstance(controller, PolicyGradient)
    replay(study, controller, job.folder, check_proposals if exactly else patient)
    told = f"{len(patient.otherwise)} of {study.trials} come otherwise here: {_listed(list(patient.otherwise))}"
    if patient.otherwise.total() > OTHERWISE * study.trials * len(job.space.decisions):
        raise UserError(f"{job.folder}: {told}; distrust it, or audit it where it was computed")
    if patient.otherwise:
        return Unchecked("proposals", told)
    facts = getattr(controller, "facts", dict)()
    if card["learnt"] and not _close(card["learnt"], json.loads(json.dumps(facts)), 0.0 if exactly else LEARNT):
        raise UserError(f"{job.folder}: its controller did not learn what runcard.json tells; restore it")
    return f"{study.trials} proposals"


def _close(first: object, second: object, tolerance: float) -> bool:
    """Whether two JSON values are the same, but for numbers that differ by no more than the tolerance."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_close(first[key], second[key], tolerance) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(partial(_close, tolerance=tolerance), first, second))
    return first == second or (isinstance(first, float) and abs(first - second) <= tolerance)


def _listed(trials: Sequence[int]) -> str:
    return f"trial {', '.join(map(str, trials[:5]))}{', ...' if trials[5:] else ''}"


def retrain(job: run.Job, trials: Sequence[Trial], chosen: Sequence[int], exactly: bool) -> str:
    """Train the chosen trials again, each in its group; UserError names the first whose scores do not come again."""
    use_one_thread()
    trainer, tolerance, count = run.trainer_of(job), 0.0 if exactly else TOLERANCE, 0
    for members in {trials[trial].round: None for trial in chosen}:
        proposals = [trial for trial in trials if trial.round == members]
        for group in grouped(proposals, job.space, trainer):
            if any(trial.trial in chosen for trial in group):
                _compare(job, group, trainer, tolerance)
                count += len(group)
    within = "" if exactly else f", within {TOLERANCE}"
    return f"{_listed(chosen)} trained again ({count} in their groups{within})"


def _compare(job: run.Job, group: Sequence[Trial], trainer: run.GroupTrainer, tolerance: float) -> None:
    configurations, seeds = [job.space.decode(trial.actions) for trial in group], [trial.seed for trial in group]
    scores = trainer.train(configurations, group[0].task, seeds)
    for trial, score in zip(group, scores, strict=True):
        for key in SCORES:
            if abs(getattr(score, key) - (sealed := getattr(trial, key))) > tolerance:
                told = f"{key} accuracy {sealed} is sealed, {getattr(score, key)} comes"
                raise UserError(f"{job.folder}: trial {trial.trial}: {told}; distrust it, or run the study again")
