"""Searching a table: any controller, by look-up."""

from collections.abc import Sequence

from tnas_bench.config import Scale
from tnas_bench.controllers import Controller
from tnas_bench.controllers.best_first import BestFirst
from tnas_bench.controllers.registry import make, row
from tnas_bench.errors import UserError
from tnas_bench.journal import Trial
from tnas_bench.seeds import integer
from tnas_bench.study import Study, learn, propose, scored
from tnas_bench.tabular import Table
from tnas_bench.tabular.lookup import LookupTrainer


def search(
    table: Table, controller: str, task: str, trials: int, seed: int, scale: Scale, pretraining: int = 0
) -> list[Trial]:
    """The trials of a study on a task of a table, in memory.

    With ``pretraining``, the controller has had so many trials on the other tasks before, and is transferred. Of the
    scale come the size of rounds and the controller's settings.
    """
    name, searcher = study_name(controller, task), taught(table, controller, task, seed, scale, pretraining)
    if pretraining:
        searcher.transfer(integer(name, seed, "transfer"))
    return in_memory(Study(name, (task,), seed, trials, scale.round_size), searcher, table)


def taught(table: Table, controller: str, task: str, seed: int, scale: Scale, pretraining: int) -> Controller:
    """The controller of :func:`search` as pretraining leaves it, not yet transferred; without any, a fresh one."""
    name = study_name(controller, task)
    settings = scale.controller_at(scale.table.learning_rate)
    searcher = make(controller, table.space, integer(name, seed, "controller"), settings)
    if pretraining:
        others = tuple(other for other in table.tasks if other != task)
        _check_transfer(controller, others)
        trials = in_memory(Study(f"{name}/pretraining", others, seed, pretraining, scale.round_size), searcher, table)
        if isinstance(searcher, BestFirst):
            searcher.recall((trial.task, trial.actions, trial.validation) for trial in trials)
    return searcher


def study_name(controller: str, task: str) -> str:
    """The name of a search, from which its random streams are drawn."""
    return f"table/search/{controller}/{task}"


def _check_transfer(controller: str, others: Sequence[str]) -> None:
    if row(controller).teacher is None:
        raise UserError(f"controller {controller} starts from scratch; give no pretraining, or another controller")
    if not others:
        raise UserError("table: has one task, so there is none to pretrain on; give no pretraining")


def in_memory(study: Study, controller: Controller, table: Table) -> list[Trial]:
    """As :func:`tnas_bench.study.run`, without a journal: here nothing is lost that takes more than seconds."""
    trainer, trials = LookupTrainer(table), []
    for members in study.rounds:
        proposals = propose(study, controller, members)
        scores = [
            score
            for proposal in proposals
            for score in trainer.train([table.space.decode(proposal.actions)], proposal.task, [proposal.seed])
        ]
        finished = scored(proposals, scores)
        learn(controller, finished)
        trials += finished
    return trials
