"""A group trains its children as each would train alone, and the corners of the child model."""

import numpy as np
import pytest
import torch
from children_made import CLASSES, CONFIGURATION, Made

from tnas_bench.children.data import TextData
from tnas_bench.children.group import BATCH, Group, accuracies, order
from tnas_bench.children.layers import Dropout
from tnas_bench.modules.bags import Bags, Inputs
from tnas_bench.seeds import stream


def train(data, configurations, seeds):
    group = Group(data, configurations, seeds)
    group.train()
    return group


@pytest.mark.parametrize("fine_tune", [True, False])
@pytest.mark.parametrize(
    "shape", [{"normalisation": "batch"}, {"normalisation": "layer"}, {"hidden_layers": 0}], ids=str
)
def test_many_at_once_are_as_one_by_one(made, shape, fine_tune):
    data = made.data()
    rates = [(0.1, 0.3, 0.0, 90, 1e-3), (0.02, 0.0, 0.5, 33, 0.0), (0.3, 0.1, 0.2, 33, 0.0), (0.1, 0.3, 0.0, 7, 1e4)]
    configurations = [
        CONFIGURATION
        | shape
        | {"fine_tune": fine_tune, "deep_learning_rate": deep, "wide_learning_rate": wide}
        | {
            "dropout": dropout,
            "training_steps": steps,
            "deep_regularisation": shrink,
            "wide_regularisation": shrink / 9,
        }
        for deep, wide, dropout, steps, shrink in rates
    ]
    seeds = [5, 6, 7, 5]
    together = train(data, configurations, seeds)
    for child, (configuration, seed) in enumerate(zip(configurations, seeds, strict=True)):
        alone = train(data, [configuration], [seed])
        torch.testing.assert_close(together.dense[child], alone.dense[0], rtol=0, atol=1e-9)
        tables = [(together.wide, alone.wide), (together.embeddings, alone.embeddings)]
        for many, one in tables if fine_tune else tables[:1]:
            torch.testing.assert_close(many.rows.split(many.size)[child], one.rows, rtol=0, atol=1e-9)
        for split in (data.validation, data.test):
            assert accuracies(together.correct(split))[child] == accuracies(alone.correct(split))[0]


def test_every_epoch_is_a_permutation_and_batches_run_on():
    texts = order(seed=3, texts=70, steps=7).ravel()
    assert texts.shape == (7 * BATCH,)
    epochs = texts.reshape(10, 70)
    assert (np.sort(epochs, axis=1) == np.arange(70)).all()
    assert len({tuple(epoch) for epoch in epochs}) == 10


def contribution(made, rate):
    """The largest part of the deep tower in the validation logits after 100 steps with the deep tower off."""
    off = {"deep_regularisation": 1e4, "deep_learning_rate": rate, "training_steps": 100, "wide_learning_rate": 0.3}
    data = made.data()
    group = train(data, [CONFIGURATION | off | {"wide_regularisation": 0.0}], [1])
    texts = np.arange(len(data.validation))
    logits, wide = group.logits(data.validation, texts), group.wide.sums(data.validation.wide, texts)
    assert wide.abs().max() > 0.1
    return (logits - wide).abs().max()


@pytest.mark.parametrize("rate", [1e-4, 0.1])
def test_the_top_regularisation_switches_the_deep_tower_off(made, rate):
    assert contribution(made, rate) < 1e-3


def test_a_smaller_one_does_not(made):
    data = made.data()
    weak = {"deep_regularisation": 0.1, "deep_learning_rate": 1e-4, "training_steps": 100}
    group = train(data, [CONFIGURATION | weak], [1])
    texts = np.arange(len(data.validation))
    deep = group.logits(data.validation, texts) - group.wide.sums(data.validation.wide, texts)
    assert deep.abs().max() > 0.1


def test_the_top_regularisation_keeps_the_wide_tower_at_zero(made):
    off = {"wide_regularisation": 1e4, "wide_learning_rate": 1.0}
    assert not train(made.data(), [CONFIGURATION | off], [1]).wide.rows.any()
    assert train(made.data(), [CONFIGURATION | {"wide_learning_rate": 1.0}], [1]).wide.rows.any()


def test_dropout_drops_the_expected_share_and_scales_the_rest():
    layer = Dropout([0.3, 0.0], [stream(1), stream(2)], like=torch.zeros(1))
    outputs = layer.forward(torch.ones(2, 1000, 200), training=True)
    assert (outputs[0] == 0).double().mean() == pytest.approx(0.3, abs=4 * (0.21 / 200_000) ** 0.5)
    assert outputs[0].max() == pytest.approx(1 / 0.7)
    assert (outputs[1] == 1).all()
    assert (layer.forward(outputs, training=False) == outputs).all()


@pytest.mark.parametrize("fine_tune", [True, False])
def test_a_task_of_a_few_texts_trains(fine_tune):
    data = Made(texts=(3, 1, 1)).data()
    group = train(data, [CONFIGURATION | {"fine_tune": fine_tune, "normalisation": "batch"}], [0])
    assert accuracies(group.correct(data.validation))[0] in (0, 1)


@pytest.mark.parametrize("fine_tune", [True, False])
def test_texts_without_any_row_are_judged_by_the_biases(fine_tune):
    empty = Bags(np.zeros(31, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
    deep = Inputs(4, np.ones((4, 2), np.float32), empty, empty, empty)
    labels = np.array([2] * 20 + [0] * 10)
    data = TextData(
        deep, Inputs(4, None, empty, empty, empty), [labels] * 3, CLASSES, torch.device("cpu"), torch.float64
    )
    group = train(data, [CONFIGURATION | {"fine_tune": fine_tune}], [0])
    assert accuracies(group.correct(data.test)) == pytest.approx([2 / 3])


def test_a_child_that_diverges_scores_zero_and_harms_no_other(made):
    data = made.data(torch.float32)
    wild = CONFIGURATION | {"deep_learning_rate": 1e30, "activation": "relu", "deep_regularisation": 0.0}
    tame = wild | {"deep_learning_rate": 0.1}
    group = train(data, [wild, tame], [0, 1])
    assert not group.dense[0].isfinite().all()
    assert accuracies(group.correct(data.validation))[0] == 0
    tame_alone = accuracies(train(data, [tame], [1]).correct(data.validation))[0]
    assert accuracies(group.correct(data.validation))[1] == tame_alone > 0


def test_a_text_child_without_wide_rates_is_a_mistake(made):
    lacking = {name: value for name, value in CONFIGURATION.items() if not name.startswith("wide")}
    with pytest.raises(KeyError, match="wide_learning_rate"):
        Group(made.data(), [lacking], [0])
