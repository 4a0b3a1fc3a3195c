"""The hand-written backward pass against finite differences of the loss."""

import numpy as np
import pytest
import torch
from children_made import CLASSES, CONFIGURATION

from tnas_bench.children.group import BATCH, Group, cross_entropy_gradient
from tnas_bench.children.layers import ACTIVATIONS, NORMALISATIONS

STEP = 1e-6


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_the_slopes_of_the_loss(made, activation, normalisation):
    shape = {"activation": activation, "normalisation": normalisation}
    group = Group(made.data(), [CONFIGURATION | shape] * 2, [0, 1])
    rng = torch.Generator().manual_seed(0)
    group.dense += 0.3 * torch.randn(group.dense.shape, generator=rng, dtype=torch.float64)
    inputs = torch.randn(2, BATCH, 5, generator=rng, dtype=torch.float64)
    labels = torch.randint(CLASSES, (2, BATCH), generator=rng)

    def loss():
        """The sum of the children's losses, each of which depends on its own parameters alone."""
        logits = group._tower(2).forward(inputs, training=True)
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten()) * 2

    tower = group._tower(2)
    slopes = tower.backward(cross_entropy_gradient(tower.forward(inputs, training=True), labels))
    chosen = np.random.default_rng(0).choice(group.dense.numel(), 60, replace=False)
    for buffer, gradients, places in ((group.dense, group.gradients, chosen), (inputs, slopes, range(0, 1000, 37))):
        for place in places:
            values = buffer.view(-1)
            kept = values[place].item()
            values[place] = kept + STEP
            above = loss()
            values[place] = kept - STEP
            below = loss()
            values[place] = kept
            slope = ((above - below) / (2 * STEP)).item()
            assert gradients.reshape(-1)[place].item() == pytest.approx(slope, rel=1e-5, abs=1e-7)
