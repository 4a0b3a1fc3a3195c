"""Image children against plain PyTorch: autograd through module and tower, an update written out, a loop."""

import images_made as made
import numpy as np
import pytest
import torch
from children_oracle import ACTIVATIONS, dense
from torch import nn
from torch.nn.functional import cross_entropy

from tnas_bench.children.group import Group, accuracies
from tnas_bench.children.images import FineTuned
from tnas_bench.seeds import stream


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setattr("tnas_bench.modules.image.networks.OURS", {"tiny": made.network})


def tower(configuration, seed):
    rng, units, layers = stream(seed, "weights"), 5, []
    for _ in range(configuration["hidden_layers"]):
        layers += [dense(units, configuration["hidden_size"], rng), ACTIVATIONS[configuration["activation"]]()]
        units = configuration["hidden_size"]
    return nn.Sequential(*layers, dense(units, made.CLASSES, rng)).float()


def trained(configuration, seed):
    """Module and tower after all steps."""
    (pixels, labels), *_ = made.splits()
    inputs = (torch.from_numpy(pixels).float() / 255 - 0.5) / 0.25
    network, head = made.network(), tower(configuration, seed)
    learning = [*head.parameters(), *(network.parameters() if configuration["fine_tune"] else [])]
    sums = [torch.full_like(parameter, 0.1) for parameter in learning]
    rng, images = stream(seed, "order"), []
    for _ in range(configuration["training_steps"]):
        while len(images) < 100:
            images += rng.permutation(len(labels)).tolist()
        batch, images = images[:100], images[100:]
        features = network.train(configuration["fine_tune"])(inputs[batch])
        loss = cross_entropy(head(features), torch.from_numpy(labels[batch]))
        with torch.no_grad():
            for parameter, gradient, total in zip(learning, torch.autograd.grad(loss, learning), sums, strict=True):
                total += gradient**2
                rate = configuration["deep_learning_rate"] / total.sqrt()
                parameter.copy_((parameter - rate * gradient) / (1 + rate * configuration["deep_regularisation"]))
    return network.eval(), head


@pytest.mark.parametrize("fine_tune", [True, False])
@pytest.mark.parametrize("layers", [0, 1])
def test_logits_after_training_are_those_of_plain_pytorch(fine_tune, layers):
    configuration = made.CONFIGURATION | {"fine_tune": fine_tune, "hidden_layers": layers}
    data = made.data()
    group = Group(data, [configuration], [7])
    group.train()
    network, head = trained(configuration, 7)
    with torch.no_grad():
        for split, (pixels, _) in zip((data.train, data.validation, data.test), made.splits(), strict=True):
            expected = head(network((torch.from_numpy(pixels).float() / 255 - 0.5) / 0.25))
            found = group.logits(split, np.arange(len(split)))[0]
            torch.testing.assert_close(found, expected, rtol=1e-3, atol=2e-5)


def test_fine_tuning_trains_the_module_of_its_own_child_only():
    data, before = made.data(), made.network().state_dict()
    groups = [Group(data, [made.CONFIGURATION], [seed]) for seed in (0, 1)]
    for group in groups:
        group.train()
    own = [group.embeddings.network.state_dict() for group in groups]
    assert not torch.equal(own[0]["0.weight"], before["0.weight"])
    assert not torch.equal(own[0]["0.weight"], own[1]["0.weight"])
    assert not torch.equal(own[0]["1.running_mean"], before["1.running_mean"])
    for name, tensor in before.items():
        assert torch.equal(data.module.weights[name], tensor)


def test_frozen_children_train_together_as_alone():
    configurations = [
        made.CONFIGURATION
        | {"fine_tune": False, "deep_learning_rate": rate, "training_steps": steps, "dropout": dropout}
        for rate, steps, dropout in ((0.1, 30, 0.3), (0.03, 20, 0.0), (1.0, 5, 0.5))
    ]
    data = made.data()
    together = Group(data, configurations, [0, 1, 2])
    together.train()
    for number, configuration in enumerate(configurations):
        alone = Group(data, [configuration], [number])
        alone.train()
        found = together.logits(data.test, np.arange(50))[number]
        torch.testing.assert_close(found, alone.logits(data.test, np.arange(50))[0], rtol=1e-5, atol=1e-6)


def test_a_task_that_can_be_learned_is_learned():
    """One channel is brighter: a linear tower on the mean of channels tells all three classes."""
    data = made.data()
    group = Group(data, [made.CONFIGURATION | {"training_steps": 150, "deep_regularisation": 0.0}], [0])
    group.train()
    assert accuracies(group.correct(data.test)) == [1.0]


def test_children_that_fine_tune_are_not_trained_together():
    with pytest.raises(ValueError, match="one by one"):
        Group(made.data(), [made.CONFIGURATION] * 2, [0, 1])


def test_evaluation_in_parts_is_evaluation_at_once():
    data, tuned = made.data(), FineTuned(made.module())
    whole = tuned.network.eval()(tuned.module.inputs(data.train.deep)).detach()
    torch.testing.assert_close(tuned.sums(data.train.deep, np.arange(120))[0].detach(), whole, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("fine_tune", [True, False])
def test_an_exploding_child_is_wrong_everywhere(fine_tune):
    wild = {"deep_learning_rate": 1e30, "activation": "relu", "deep_regularisation": 0.0, "fine_tune": fine_tune}
    data = made.data()
    group = Group(data, [made.CONFIGURATION | wild], [0])
    group.train()
    assert not group.dense.isfinite().all()
    assert accuracies(group.correct(data.validation)) == [0]
