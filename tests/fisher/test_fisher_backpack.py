"""Another library's second moments of gradients, layer by layer."""

import pytest
import torch
from fisher_made import NETWORKS, examples, network
from torch import nn

from tnas_bench.fisher.paper import fisher

backpack = pytest.importorskip("backpack")
extensions = pytest.importorskip("backpack.extensions")


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
@pytest.mark.parametrize("name", NETWORKS)
def test_agreement_with_backpack(name):
    inputs, labels = examples()
    ours = fisher(network(name), [(inputs, labels)], 4)
    made = network(name).eval()
    for layer in made.modules():
        if isinstance(layer, nn.ReLU):
            layer.inplace = False  # its hooks do not allow this
    made = backpack.extend(made)
    loss = backpack.extend(nn.CrossEntropyLoss(reduction="sum"))(made(inputs), labels)
    with backpack.backpack(extensions.SumGradSquared()):
        loss.backward()
    for key, parameter in made.named_parameters():
        scale = float(parameter.sum_grad_squared.max()) / len(labels)
        expected = parameter.sum_grad_squared / len(labels)
        torch.testing.assert_close(ours[key], expected, rtol=1e-5, atol=1e-6 * scale)
