import sys

import numpy as np
import pytest
from controllers_made import SPACE
from scipy.stats import chi2_contingency, chisquare

from tnas_bench.controllers.optuna_samplers import SAMPLERS, OptunaSampler
from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.errors import UserError
from tnas_bench.spaces import Space
from tnas_bench.spaces.tnaml import text_space

TEXT = text_space([f"module-{number}" for number in range(8)], (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000))
EACH = pytest.mark.parametrize("name", SAMPLERS)
ASKS = 2000


@pytest.fixture(scope="module")
def counts():
    """How often each choice of each decision came, by Optuna's random search and by ours."""
    tables = []
    for controller in (OptunaSampler("optuna_random", TEXT, 0), RandomSearch(TEXT, 0)):
        proposals = np.array([controller.ask("task") for _ in range(ASKS)])
        sizes = [len(decision.choices) for decision in TEXT.decisions]
        tables.append([np.bincount(column, minlength=size) for column, size in zip(proposals.T, sizes, strict=True)])
    return tables


@pytest.mark.parametrize("place", range(12))
def test_two_random_searches_agree(counts, place):
    # 36 comparisons: one of them falls below 0.001 in 4 of 100 sets of streams.
    optunas, ours = (table[place] for table in counts)
    assert chisquare(optunas).pvalue > 0.001 and chisquare(ours).pvalue > 0.001
    assert chi2_contingency([optunas, ours]).pvalue > 0.001


def rounds(controller, tasks, number, size=5):
    """Rounds of several asks before their tells; all proposals."""
    everything = []
    for _ in range(number):
        asked = [(task, controller.ask(task)) for task in (tasks * size)[:size]]
        for task, actions in asked:
            controller.tell(task, actions, 0.2 * actions[0] + 0.1 * actions[1])
        controller.update()
        everything += asked
    return everything


@EACH
def test_a_sampler_is_told_what_it_asked_task_by_task(name):
    controller = OptunaSampler(name, SPACE, 0)
    asked = rounds(controller, ["a", "b"], 4)
    for task, study in controller.studies.items():
        told = [(tuple(trial.params.values()), trial.value) for trial in study.trials]
        assert told == [(actions, 0.2 * actions[0] + 0.1 * actions[1]) for each, actions in asked if each == task]
    assert not any(controller.asked.values())


@EACH
def test_a_tasks_proposals_do_not_depend_on_other_tasks(name):
    space = Space(TEXT.decisions[2:6])
    alone, beside = OptunaSampler(name, space, 0), OptunaSampler(name, space, 0)
    rounds(beside, ["b"], 1)
    assert rounds(alone, ["a"], 3) == rounds(beside, ["a"], 3)  # by the third round, TPE and the process have learnt


@EACH
def test_samplers_are_silent(name, capfd, recwarn):
    rounds(OptunaSampler(name, SPACE, 0), ["a"], 4)
    assert capfd.readouterr() == ("", "") and not recwarn.list


def test_without_optuna_one_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UserError, match="optuna_tpe needs the package optuna, which is missing; pip install optuna"):
        OptunaSampler("optuna_tpe", SPACE, 0)
