"""Children that are looked up score what their training scored, in any process and any order."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from tabular_made import SPACE

from tnas_bench.children import Score
from tnas_bench.config import load_scale
from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.controllers.registry import make
from tnas_bench.errors import UserError
from tnas_bench.executors import executor
from tnas_bench.journal.sealed import read_sealed
from tnas_bench.seeds import integer
from tnas_bench.study import Study, run
from tnas_bench.tabular import Table
from tnas_bench.tabular.lookup import LookupTrainer
from tnas_bench.tabular.outcomes import incumbents, outcomes
from tnas_bench.tabular.search import search

SCALE = load_scale("tiny")  # rounds of five


def test_a_child_gets_the_training_that_its_seed_draws(table):
    configuration = SPACE.decode((1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0))
    scores = LookupTrainer(table).train([configuration] * 3, "spam", [6, 7, 2**62 + 1])
    number = 8 + 4 + 2
    rows = table.rows[(table.rows["task"] == "spam") & (table.rows["configuration"] == number)]
    first, second = (Score(*row) for row in rows[["validation", "half", "test", "seconds"]].to_numpy())
    assert rows["seed"].tolist() == [0, 1] and first != second
    assert scores == [first, second, second]


def test_what_is_not_in_the_table_is_named(table):
    trainer = LookupTrainer(table)
    with pytest.raises(UserError, match="table: has no task 'emotion'; take one of news, spam"):
        trainer.train([SPACE.decode((0,) * 12)], "emotion", [0])
    with pytest.raises(UserError, match="is not in the space"):
        trainer.train([SPACE.decode((0,) * 12) | {"dropout": 0.3}], "news", [0])


@pytest.mark.parametrize("count", [1, 2])
def test_a_study_by_look_up_is_the_same_for_any_number_of_workers(table, tmp_path, count):
    study = Study("test/lookup", ("news", "spam"), 3, 20, 5)
    with executor(f"processes:{count}") as pool:
        run(study, RandomSearch(SPACE, 1), SPACE, LookupTrainer(table), tmp_path, pool)
    _, trials = read_sealed(tmp_path)
    for trial in trials:
        scores = table.scores(trial.task, "test")[SPACE.number(trial.actions)]
        assert trial.test == scores[trial.seed % 2]


@pytest.mark.parametrize("controller", ["random_search", "naml"])
def test_a_search_in_memory_is_the_study_with_a_journal(table, tmp_path, controller):
    name = f"table/search/{controller}/spam"
    study = Study(name, ("spam",), 4, 23, SCALE.round_size)
    searcher = make(controller, SPACE, integer(name, 4, "controller"), SCALE.controller)
    with ThreadPoolExecutor(1) as pool:
        run(study, searcher, SPACE, LookupTrainer(table), tmp_path, pool)
    assert search(table, controller, "spam", 23, 4, SCALE) == read_sealed(tmp_path)[1]


@pytest.mark.parametrize("pretraining", [0, 15])
def test_test_accuracies_reach_no_proposal(table, pretraining):
    other = Table(table.description, table.rows.assign(test=1 - table.rows["test"]))
    ours, theirs = (search(each, "tnaml", "spam", 20, 0, SCALE, pretraining) for each in (table, other))
    assert [replace(trial, test=0) for trial in ours] == [replace(trial, test=0) for trial in theirs]
    assert [trial.test for trial in ours] != [trial.test for trial in theirs]


def test_best_first_starts_with_what_was_best_on_the_other_task(table):
    (task,) = set(table.tasks) - {"spam"}
    name = "table/search/best_first/spam"
    study = Study(f"{name}/pretraining", (task,), 2, 30, SCALE.round_size)
    controller, rewards = RandomSearch(SPACE, integer(name, 2, "controller")), {}
    for trial in range(30):
        actions = controller.ask(task)
        reward = table.scores(task, "validation")[SPACE.number(actions), study.child_seed(trial) % 2]
        rewards[actions] = max(reward, rewards.get(actions, 0))
    best = sorted(rewards, key=lambda actions: -rewards[actions])
    found = search(table, "best_first", "spam", len(best), 2, SCALE, pretraining=30)
    assert [trial.actions for trial in found] == best


def test_pretraining_changes_what_a_controller_proposes_first(table):
    first = [search(table, "tnaml", "spam", 5, 0, SCALE, pretraining)[0] for pretraining in (0, 300, 300)]
    assert first[1] == first[2]
    assert search(table, "tnaml", "spam", 20, 0, SCALE, 300) != search(table, "tnaml", "spam", 20, 0, SCALE)


def test_what_cannot_be_transferred_is_refused(table):
    with pytest.raises(UserError, match="controller random_search starts from scratch"):
        search(table, "random_search", "spam", 5, 0, SCALE, 10)
    with pytest.raises(UserError, match="controller naml starts from scratch"):
        search(table, "naml", "spam", 5, 0, SCALE, 10)
    alone = {**table.description, "tasks": {"spam": table.description["tasks"]["spam"]}}
    rows = table.rows[table.rows["task"] == "spam"].reset_index(drop=True)
    with pytest.raises(UserError, match="has one task, so there is none to pretrain on"):
        search(Table(alone, rows), "tnaml", "spam", 5, 0, SCALE, 10)


def test_outcomes_by_hand(table):
    """The best by validation so far, the earlier of equals; its rank and regret by true test accuracy."""
    trials = search(table, "random_search", "news", 12, 0, SCALE)
    given = [0.3, 0.5, 0.5, 0.2, 0.6, 0.6, 0.1, 0.59, 0.6, 0.0, 0.3, 0.4]
    trials = [replace(trial, validation=validation) for trial, validation in zip(trials, given, strict=True)]
    numbers = [SPACE.number(trial.actions) for trial in trials]
    expected = [numbers[position] for position in (0, 1, 1, 1, *[4] * 8)]
    assert incumbents(table, trials).tolist() == expected
    (end,) = outcomes(table, "news", [trials]).to_dict("records")
    means = [float(sum(pair)) / 2 for pair in table.scores("news", "test")]
    assert end["test"] == pytest.approx(means[numbers[4]]) and end["regret"] == pytest.approx(max(means) - end["test"])
    assert end["rank"] == sorted(means, reverse=True).index(means[numbers[4]]) + 1
    assert end["tried"] == len(set(numbers))


def test_a_search_of_everything_without_noise_finds_the_best(table):
    """Where validation is the true test accuracy, the grid ends with the best configuration."""
    truth = [value for task in table.tasks for value in table.truth(task) for _ in range(2)]
    clear = Table(table.description, table.rows.assign(validation=truth))
    (end,) = outcomes(clear, "spam", [search(clear, "grid", "spam", 16, 0, SCALE)]).to_dict("records")
    assert (end["rank"], end["regret"], end["tried"]) == (1, 0, 16)
