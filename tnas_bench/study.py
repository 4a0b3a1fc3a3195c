"""Study: one controller run to a budget on its tasks with one seed.

A study is rounds of ask, train, tell, update. What the journal holds is not trained again: to resume a study is to
ask again, to check that the same proposals come, and to tell the recorded rewards. To audit it, or to rebuild its
controller for transfer, is the same without training (:func:`replay`).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tnas_bench import seeds
from tnas_bench.children import Score, Trainer
from tnas_bench.controllers import Controller
from tnas_bench.errors import UserError
from tnas_bench.journal import Proposal, Trial, check_header, check_proposals
from tnas_bench.journal.lease import lease
from tnas_bench.journal.sealed import read_sealed, seal
from tnas_bench.journal.writer import Journal
from tnas_bench.runcard import describe_run
from tnas_bench.spaces import Space

Observer = Callable[[Sequence[Trial]], None]  # is given the trials that have just been finished
Check = Callable[[Path, Sequence[Proposal], Sequence[Trial]], None]  # of a round: proposals, and what is recorded


@dataclass(frozen=True)
class Study:
    """What the trials of a study depend on, besides code. ``name`` names its random streams.

    ``settings`` holds all the rest (space, controller, data hashes, hash of the pretraining study) as JSON values.
    ``trials`` is the budget; a larger one continues the same study.
    """

    name: str
    tasks: tuple[str, ...]
    seed: int
    trials: int
    round_size: int
    settings: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self):
        for key, value in {"trials": self.trials, "round_size": self.round_size, "tasks": len(self.tasks)}.items():
            if value < 1:
                raise UserError(f"study {self.name}: {key} is {value}; give 1 or more")
        if self.seed < 0:
            raise UserError(f"study {self.name}: seed is {self.seed}; give 0 or more")

    @property
    def header(self) -> dict:
        """First line of the journal: all but the budget, as it reads back from JSON. Settings come in one order, but
        each as it is: actions refer to the decisions of a space by their order.
        """
        known = {"name": self.name, "tasks": self.tasks, "seed": self.seed, "round_size": self.round_size}
        return json.loads(json.dumps({**known, "settings": dict(sorted(self.settings.items()))}))

    @property
    def rounds(self) -> list[range]:
        """The trials of each round; the last round may be short."""
        starts = range(0, self.trials, self.round_size)
        return [range(start, min(start + self.round_size, self.trials)) for start in starts]

    def task(self, trial: int) -> str:
        """The task of a trial, drawn uniformly [paper tnaml, 2.2; uniform is a choice]."""
        return seeds.drawn(self.tasks, self.name, self.seed, "task", trial)

    def child_seed(self, trial: int) -> int:
        """The seed of a trial's child: a configuration proposed twice is trained twice, with fresh randomness."""
        return seeds.integer(self.name, self.seed, "child", trial)


def run(
    study: Study,
    controller: Controller,
    space: Space,
    trainer: Trainer,
    folder: Path,
    executor: Executor,
    observe: Observer = lambda trials: None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Run or continue a study in its folder with a fresh controller, to its budget, and seal it.

    ``facts`` (executor, inputs, ...) are added to the run card, and so is what the controller says that it has learnt
    (``facts()``, where it has it). While another process writes the study, it waits. Raises UserError if the journal is
    of another study, damaged or longer than the budget, if the proposals differ from the recorded ones, and if the disk
    or a worker fails; the command can then be given again, and nothing finished is lost.
    """
    with lease(folder):
        journal = Journal(folder, study.header)
        if len(journal.trials) > study.trials:
            raise UserError(f"{journal.path}: has {len(journal.trials)} trials; give no smaller budget than that")
        observe([*journal.trials, *journal.waiting.values()])
        for members in study.rounds:
            proposals = propose(study, controller, members)
            finished = {trial.trial for trial in journal.finished(proposals)}
            for trials, seconds in _train(proposals, finished, space, trainer, executor):
                journal.keep(trials, seconds)
                observe(trials)
            learn(controller, journal.merge(proposals))
        journal.clear()
        costs = {"seconds": journal.total_seconds(), "median_seconds": journal.median_seconds()}
        learnt = {"learnt": getattr(controller, "facts", dict)()}
        card = {"hash": journal.hash, **describe_run(), **(facts or {}), **costs, **learnt}
        seal(folder, study.header, journal.trials, card)


def replay(study: Study, controller: Controller, folder: Path, check: Check = check_proposals) -> None:
    """Bring a fresh controller to the state in which the sealed study in the folder left it.

    This audits the study, too: UserError names the first trial that the controller would not have proposed.
    ``check`` may be more patient: what is told are the recorded trials.
    """
    path = folder / "trials.parquet"
    header, trials = read_sealed(folder)
    check_header(path, header, study.header)
    if len(trials) != study.trials:
        raise UserError(f"{path}: has {len(trials)} of {study.trials} trials; run the study to its budget first")
    for members in study.rounds:
        proposals = propose(study, controller, members)
        recorded = trials[members.start : members.stop]
        check(path, proposals, recorded)
        learn(controller, recorded)


def propose(study: Study, controller: Controller, members: range) -> list[Proposal]:
    """All proposals of a round, in order, for the numbers of its trials."""
    return [_ask(study, controller, trial) for trial in members]


def _ask(study: Study, controller: Controller, trial: int) -> Proposal:
    task = study.task(trial)
    actions = tuple(int(action) for action in controller.ask(task))
    return Proposal(trial, trial // study.round_size, task, actions, study.child_seed(trial))


def learn(controller: Controller, trials: Sequence[Trial]) -> None:
    """Tell a round and update once. Only validation accuracies pass here: the test accuracy stays in the journal."""
    for trial in trials:
        controller.tell(trial.task, trial.actions, trial.validation)
    controller.update()


def _train(
    proposals: Sequence[Proposal], finished: set[int], space: Space, trainer: Trainer, executor: Executor
) -> Iterator[tuple[list[Trial], list[float]]]:
    """Train the unfinished proposals of a round; yields each group, with its seconds, as soon as it is finished."""
    futures = {}
    for group in grouped(proposals, space, trainer):
        if group := [proposal for proposal in group if proposal.trial not in finished]:
            configurations = [space.decode(proposal.actions) for proposal in group]
            child_seeds = [proposal.seed for proposal in group]
            try:
                futures[executor.submit(trainer.train, configurations, group[0].task, child_seeds)] = group
            except BrokenExecutor as failure:
                raise _in_one_line(failure) from None
    failures = []
    for future in as_completed(futures):
        if failure := future.exception():
            failures.append(failure)  # raised once the other groups are finished, and kept
        else:
            yield scored(futures[future], future.result()), [float(score.seconds) for score in future.result()]
    if failures:
        raise _in_one_line(failures[0])


def _in_one_line(failure: BaseException) -> BaseException:
    if not isinstance(failure, BrokenExecutor):
        return failure
    lost = "a worker process died (out of memory?)" if isinstance(failure, BrokenProcessPool) else failure
    return UserError(f"{lost}; run the command again, perhaps with fewer workers: all that is finished is kept")


def grouped(proposals: Sequence[Proposal], space: Space, trainer: Trainer) -> Iterator[list[Proposal]]:
    """The proposals of a round that are trained together: a function of the whole round, whatever is finished of it."""
    for task in dict.fromkeys(proposal.task for proposal in proposals):
        members = [proposal for proposal in proposals if proposal.task == task]
        for group in trainer.groups([space.decode(proposal.actions) for proposal in members]):
            yield [members[position] for position in group]


def scored(group: Sequence[Proposal], scores: Sequence[Score]) -> list[Trial]:
    """The trials that proposals become by the scores of their children."""
    return [
        Trial(**asdict(proposal), validation=score.validation, half=score.half, test=score.test)
        for proposal, score in zip(group, scores, strict=True)
    ]
