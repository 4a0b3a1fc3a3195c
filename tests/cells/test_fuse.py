import io
import json
from dataclasses import replace

import pytest
import torch
from search_made import FUSE, SETTINGS, coloured, fuse_settings, problem

from tnas_bench.cells import Cell, cell_space
from tnas_bench.cells import fuse as fuse_module
from tnas_bench.cells.fuse import Fuse

NOTHING = ("none",)
ONE_IS_BLIND = cell_space([NOTHING, NOTHING, NOTHING, ("none", "skip_connect"), NOTHING, NOTHING])
SEEING = ["none", "none", "none", "skip_connect", "none", "none"]
CONVOLUTIONS = cell_space([("sep_conv_3x3", "dil_conv_3x3")] * 6)
ONLY = cell_space([("skip_connect",)] * 6)


def run(search, first=0):
    return [search.step(number) for number in range(first, search.steps)]


def put_away(state):
    """The state as a checkpoint gives it back."""
    file = io.BytesIO()
    torch.save(state, file)
    return torch.load(io.BytesIO(file.getvalue()), weights_only=True)


@pytest.fixture
def trainings(monkeypatch):
    """What the networks' weights were before and after each training of weights, in order."""
    seen, train = [], fuse_module.train_weights

    def spy(networks, *arguments):
        before = [{name: value.clone() for name, value in each.state_dict().items()} for each in networks]
        result = train(networks, *arguments)
        after = [{name: value.clone() for name, value in each.state_dict().items()} for each in networks]
        seen.append((before, after))
        return result

    monkeypatch.setattr(fuse_module, "train_weights", spy)
    return seen


@pytest.fixture
def incumbent_wins(monkeypatch):
    """The first candidate wins every round."""

    def favour(alphas, *_):
        alphas.data[0] = 1
        return 0.0

    monkeypatch.setattr(fuse_module, "train_coefficients", favour)


def equal(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("protocol", ["paper", "released"])
def test_resuming_at_any_round_gives_the_same_records(protocol):
    made = problem(protocol=protocol, settings=fuse_settings(stages=1))
    records = run(Fuse(made))
    search = Fuse(made)
    for number, record in enumerate(records):
        state = put_away(search.state())
        search = Fuse(made)
        search.restore(state)
        assert search.step(number) == record
    assert list(search.best().operations) == records[-1]["cell"]
    assert json.loads(json.dumps(records, allow_nan=False)) == records


def test_a_round_compares_the_incumbent_with_new_cells_and_takes_the_greatest_coefficient():
    records = run(Fuse(problem()))
    for number, record in enumerate(records):
        cells = record["candidates"]
        assert len(cells) == 3
        assert len(set(map(tuple, cells))) == 3
        assert record["alphas"][record["winner"]] == max(record["alphas"])
        assert record["cell"] == cells[record["winner"]]
        if number:
            assert cells[0] == records[number - 1]["cell"]
            assert record["survived"] == (records[number - 1]["survived"] + 1 if record["winner"] == 0 else 0)
    assert records[0]["survived"] == 0


def test_passes_are_images_times_candidates_times_epochs_times_stages():
    settings = fuse_settings(stages=3, weight_epochs=2, rounds=1).model_copy(update={"images": 20})
    record = Fuse(problem(settings=settings)).step(0)
    assert record["passes"] == 20 * 3 * 2 * 3
    assert record["forward"] == 16 * 3 * 3  # all validation images, once a stage


def test_images_also_caps_the_validation_images():
    capped = problem(settings=SETTINGS.model_copy(update={"images": 8}))
    poisoned = replace(capped.validation, labels=torch.cat([capped.validation.labels[:8], torch.zeros(8).long()]))
    assert Fuse(capped).step(0) == Fuse(replace(capped, validation=poisoned)).step(0)
    assert Fuse(capped).step(0)["alphas"] != Fuse(problem()).step(0)["alphas"]


def test_weights_never_learn_from_the_labels_of_validation_images(trainings):
    made = problem()
    flipped = replace(made.validation, labels=1 - made.validation.labels)
    first, second = Fuse(made).step(0), Fuse(replace(made, validation=flipped)).step(0)
    assert first["alphas"] != second["alphas"]
    (_, honest), _, (_, poisoned), _ = trainings  # two stages each; coefficients are equal until the first has ended
    assert all(map(equal, honest, poisoned))


def test_the_cell_that_sees_the_image_wins():
    settings = fuse_settings(candidates=2, rounds=2, stages=1, weight_epochs=3, coefficient_epochs=10)
    made = problem(space=ONE_IS_BLIND, settings=settings, train=coloured(64, 0), validation=coloured(64, 1))
    records = run(Fuse(made))
    assert [record["cell"] for record in records] == [SEEING, SEEING]
    assert len(records[0]["candidates"]) == 2


def test_a_space_has_no_more_candidates_than_cells():
    record = Fuse(problem(space=ONE_IS_BLIND)).step(0)
    assert len(record["candidates"]) == 2


def test_the_only_cell_of_a_space_wins_without_training(trainings):
    search = Fuse(problem(space=ONLY))
    assert (
        run(search) == [{"stopped": True, "cell": ["skip_connect"] * 6, "survived": 0, "passes": 0, "forward": 0}] * 3
    )
    assert search.best() == Cell(("skip_connect",) * 6)
    assert trainings == []


def test_rounds_after_the_incumbent_has_survived_long_enough_cost_nothing(incumbent_wins, trainings):
    search = Fuse(problem(settings=fuse_settings(rounds=5, patience=2, stages=1)))
    records = run(search)
    assert [record["survived"] for record in records] == [0, 1, 2, 2, 2]
    assert [record["stopped"] for record in records] == [False, False, False, True, True]
    assert [record["passes"] for record in records] == [96, 96, 96, 0, 0]
    assert len({tuple(record["cell"]) for record in records}) == 1
    assert len(trainings) == 3


def classifiers(state):
    return {name: value for name, value in state.items() if name.startswith("classifier.")}


def test_released_carries_the_classifier_of_the_incumbent_over_and_nothing_else(incumbent_wins, trainings):
    run(Fuse(problem(protocol="released", space=CONVOLUTIONS, settings=fuse_settings(rounds=2, stages=1))))
    (fresh, trained), (again, _) = trainings
    assert equal(classifiers(again[0]), classifiers(trained[0]))
    assert not equal(classifiers(again[0]), classifiers(fresh[0]))
    others = again[0].keys() - classifiers(again[0]).keys()
    assert others
    assert all(torch.equal(again[0][name], fresh[0][name]) for name in others)  # the same random numbers every round
    assert not any(equal(classifiers(each), classifiers(trained[0])) for each in again[1:])


def test_paper_gives_every_candidate_weights_of_its_own(incumbent_wins, trainings):
    run(Fuse(problem(settings=fuse_settings(rounds=2, stages=1))))
    starts = [classifiers(state) for before, _ in trainings for state in before]
    assert len(starts) == 6
    assert not any(equal(one, other) for i, one in enumerate(starts) for other in starts[:i])


def test_protocols_have_settings_of_their_own():
    both = {"paper": FUSE, "released": FUSE.model_copy(update={"rounds": 7})}
    settings = SETTINGS.model_copy(update={"fuse": both})
    assert [Fuse(problem(settings=settings, protocol=name)).steps for name in both] == [3, 7]


@pytest.mark.parametrize("protocol", ["paper", "released"])
@pytest.mark.parametrize("patience", [None, 1])
def test_what_needs_no_training_is_foretold_without_images(protocol, patience):
    settings = fuse_settings(patience=patience)
    records = run(Fuse(problem(settings=settings, protocol=protocol)))
    blind = Fuse(problem(settings=settings, protocol=protocol, train=None, validation=None))
    for number, record in enumerate(records):
        told = blind.foretell(number, record)
        assert told.items() <= record.items() and {"cell", "survived", "stopped"} <= told.keys()
        assert record["stopped"] or {"candidates", "winner"} <= told.keys()
