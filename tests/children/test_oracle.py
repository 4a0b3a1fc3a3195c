"""The fast group against the plain child: same streams, same weights."""

import numpy as np
import pytest
import torch
from children_made import CONFIGURATION
from children_oracle import Oracle

from tnas_bench.children.group import Group, accuracies
from tnas_bench.children.towers import views

SHAPES = [
    *({"activation": name} for name in ("relu", "relu6", "leaky_relu", "swish", "sigmoid", "tanh")),
    *({"normalisation": name} for name in ("none", "batch", "layer")),
    *({"hidden_layers": layers} for layers in (0, 1, 5)),
    {"dropout": 0.3},
    {"dropout": 0.5, "normalisation": "batch", "activation": "swish", "hidden_layers": 3},
]


@pytest.mark.parametrize("fine_tune", [True, False])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_two_hundred_steps_give_the_weights_of_plain_pytorch(made, shape, fine_tune):
    configuration = CONFIGURATION | shape | {"fine_tune": fine_tune, "training_steps": 200}
    oracle = Oracle(made.deep, made.wide, 3, configuration, seed=7).fit(made.labels[0])
    data = made.data()
    group = Group(data, [configuration], [7])
    group.train()

    dense = [p.mT if p.ndim == 2 else p[None] for p in oracle.tower.parameters()]
    ours = [view[0] for view in views(group.dense, group.layout)]
    for mine, plain in zip(ours, dense, strict=True):
        torch.testing.assert_close(mine, plain.detach(), rtol=0, atol=1e-6)
    torch.testing.assert_close(group.wide.rows[:-1], oracle.wide.weight.detach(), rtol=0, atol=1e-6)
    torch.testing.assert_close(group.wide.rows[-1], oracle.wide_bias.detach(), rtol=0, atol=1e-6)
    if fine_tune:
        torch.testing.assert_close(group.embeddings.rows, oracle.table.weight.detach(), rtol=0, atol=1e-6)
        assert not np.array_equal(group.embeddings.rows, made.deep.table), "the table did not train"
    for split, labels in (("validation", made.labels[1]), ("test", made.labels[2])):
        assert accuracies(group.correct(getattr(data, split))) == pytest.approx(
            [oracle.accuracy(split, labels)], abs=1e-12
        )
