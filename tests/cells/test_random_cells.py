import io
import json
from dataclasses import replace
from itertools import accumulate

import torch
from search_made import SPACE, coloured, fuse_settings, problem

from tnas_bench.cells import Cell, cell_space, decode
from tnas_bench.cells.fuse import Fuse
from tnas_bench.cells.random_cells import RandomCells, equal_candidates
from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.seeds import integer

NOTHING = ("none",)
PLANTED = cell_space([NOTHING, NOTHING, NOTHING, ("none", "skip_connect"), NOTHING, NOTHING])
THREE = cell_space([NOTHING, NOTHING, NOTHING, ("skip_connect", "max_pool_3x3", "avg_pool_3x3"), NOTHING, NOTHING])


def run(search):
    return [search.step(number) for number in range(search.steps)]


def test_the_planted_best_cell_is_found():
    # "none" on every edge shows the classifier nothing: half of the two classes is all it can get.
    search = RandomCells(problem(space=PLANTED, train=coloured(64, 0)), candidates=2, epochs=4)
    accuracies = {tuple(record["tried"]): record["validation"] for record in run(search)}
    blind, seeing = ("none",) * 6, ("none", "none", "none", "skip_connect", "none", "none")
    assert accuracies[blind] == 0.5
    assert accuracies[seeing] > 0.9
    assert search.best() == Cell(seeing)


def test_records_tell_the_best_so_far():
    records = run(RandomCells(problem(), candidates=4, epochs=1))
    assert [record["best_validation"] for record in records] == list(
        accumulate((record["validation"] for record in records), max)
    )
    for number, record in enumerate(records):
        first = next(each for each in records if each["validation"] == record["best_validation"])
        assert record["cell"] == first["tried"]
        assert records.index(first) <= number
    assert json.loads(json.dumps(records, allow_nan=False)) == records


def test_cells_are_those_that_the_controller_of_random_search_proposes():
    controller = RandomSearch(SPACE, integer("made", 0))
    expected = [list(decode(SPACE, controller.ask("made")).operations) for _ in range(3)]
    assert [record["tried"] for record in run(RandomCells(problem(), candidates=3, epochs=1))] == expected


def test_a_cell_is_not_tried_twice_while_others_are_left():
    made = problem(space=THREE, train=coloured(8, 0))
    for seed in range(3):
        records = run(RandomCells(replace(made, seed=seed), candidates=4, epochs=1))
        assert len({tuple(record["tried"]) for record in records[:3]}) == 3
        assert records[3]["tried"] in [record["tried"] for record in records[:3]]


def test_resuming_at_any_step_gives_the_same_records():
    made = problem(space=THREE)
    records = run(RandomCells(made, candidates=4, epochs=1))
    search = RandomCells(made, candidates=4, epochs=1)
    for number, record in enumerate(records):
        file = io.BytesIO()
        torch.save(search.state(), file)
        search = RandomCells(made, candidates=4, epochs=1)
        search.restore(torch.load(io.BytesIO(file.getvalue()), weights_only=True))
        assert search.step(number) == record


def test_passes_are_the_images_of_all_epochs():
    settings = fuse_settings().model_copy(update={"images": 20})
    record = RandomCells(problem(settings=settings), candidates=1, epochs=3).step(0)
    assert (record["passes"], record["forward"]) == (20 * 3, 16)


def test_equal_candidates_have_the_passes_of_fuse():
    settings = fuse_settings(rounds=2, stages=2, weight_epochs=2)
    assert equal_candidates(settings.fuse["paper"]) == (6, 4)
    made = problem(settings=settings, train=coloured(16, 0))
    searches = Fuse(made), RandomCells(made, *equal_candidates(settings.fuse["paper"]))
    of_fuse, of_random = (sum(record["passes"] for record in run(search)) for search in searches)
    assert of_fuse == of_random == 2 * 3 * 2 * 2 * 16


def test_weights_never_learn_from_validation_images():
    made = problem(train=coloured(64, 0))
    flipped = replace(made, validation=replace(made.validation, labels=1 - made.validation.labels))
    honest, poisoned = (RandomCells(each, candidates=1, epochs=4).step(0) for each in (made, flipped))
    assert honest["train_loss"] == poisoned["train_loss"]
    assert honest["validation"] == 1 - poisoned["validation"] != 0.5


def test_a_cell_of_its_own_seed_and_step():
    made = problem(space=cell_space([("sep_conv_3x3",)] * 6))
    losses = [record["train_loss"] for record in run(RandomCells(made, candidates=2, epochs=1))]
    losses.append(RandomCells(replace(made, seed=1), candidates=1, epochs=1).step(0)["train_loss"])
    assert len(set(losses)) == 3


def test_what_needs_no_training_is_foretold_without_images():
    records = run(RandomCells(problem(), candidates=4, epochs=1))
    blind = RandomCells(problem(train=None, validation=None), candidates=4, epochs=1)
    for number, record in enumerate(records):
        told = blind.foretell(number, record)
        assert told == {key: record[key] for key in ("tried", "best_validation", "cell")}
