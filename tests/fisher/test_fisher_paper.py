import pytest
import torch
from fisher_made import NETWORKS, examples, loop, network
from torch import nn
from torch.func import functional_call, grad, vmap

from tnas_bench.errors import UserError
from tnas_bench.fisher.paper import fisher


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_type_agrees_with_a_loop_over_single_examples(name, dtype):
    inputs, labels = examples(dtype=dtype)
    ours = fisher(network(name, dtype), [(inputs, labels)], 4)
    theirs = loop(network(name, torch.float64), inputs.double(), labels)
    assert list(ours) == list(theirs)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    for parameter, expected in theirs.items():
        assert expected.max() > 0
        within = {"rtol": tolerance, "atol": tolerance * float(expected.max()) / 10}
        torch.testing.assert_close(ours[parameter].double(), expected, **within)


@pytest.mark.parametrize("name", ["batch norm inside", "two groups"])
def test_agreement_with_vmap_of_grad(name):
    inputs, labels = examples()
    made = network(name).eval()
    weights = {key: value.detach() for key, value in made.named_parameters()}

    def loss(weights, one, label):
        return nn.functional.cross_entropy(functional_call(made, weights, (one[None],)), label[None])

    each = vmap(grad(loss), in_dims=(None, 0, 0))(weights, inputs, labels)
    torch.testing.assert_close(fisher(made, [(inputs, labels)], 4), {k: (v**2).mean(0) for k, v in each.items()})


def test_a_logistic_regression_by_hand():
    # Weights 0: both classes have probability 1/2, and a label's gradient is x (p - y), +-x / 2. Two examples, (1, 2)
    # and (3, 0): the mean of squares is (1 + 9) / 4 / 2 = 1.25 and (4 + 0) / 4 / 2 = 0.5; of biases 1/4.
    head = nn.Linear(2, 2)
    nn.init.zeros_(head.weight), nn.init.zeros_(head.bias)
    found = fisher(head, [(torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([0, 1]))], 2)
    assert found["weight"].tolist() == [[1.25, 0.5]] * 2 and found["bias"].tolist() == [0.25, 0.25]


def test_batches_do_not_matter():
    inputs, labels = examples(7)
    whole = fisher(network("batch norm inside"), [(inputs, labels)], 4)
    parts = [(inputs[part], labels[part]) for part in (slice(0, 3), slice(3, 4), slice(4, 7))]
    torch.testing.assert_close(fisher(network("batch norm inside"), parts, 4), whole)


def test_missing_logits_are_zeros():
    inputs, _ = examples()
    labels = torch.tensor([0, 5, 4, 3, 5, 1])
    made = network("convolution")
    padded = nn.Sequential(made, nn.ConstantPad1d((0, 2), 0.0))  # 4 outputs for 6 classes
    expected = {name.removeprefix("0."): value for name, value in loop(padded, inputs, labels).items()}
    torch.testing.assert_close(fisher(made, [(inputs, labels)], 6), expected, rtol=1e-5, atol=1e-9)


def test_more_outputs_than_classes_are_used_as_they_are():
    inputs, labels = examples(classes=2)
    made = network("linear")
    torch.testing.assert_close(fisher(made, [(inputs, labels)], 2), loop(made, inputs, labels), rtol=1e-5, atol=1e-9)


def test_the_network_stays_as_it_was():
    made, (inputs, labels) = network("batch norm inside"), examples()
    before = {name: value.clone() for name, value in made.state_dict().items()}
    fisher(made, [(inputs, labels)], 4)
    assert all(layer.training for layer in made.modules())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in made.parameters())
    assert not any(layer._forward_hooks for layer in made.modules())
    torch.testing.assert_close(made.state_dict(), before, rtol=0, atol=0)
    assert not inputs.requires_grad


@pytest.mark.parametrize(
    "layer",
    [
        nn.PReLU(),
        nn.Conv2d(6, 6, 3, padding="same"),
        nn.Conv2d(6, 6, 3, padding=1, padding_mode="circular"),
        nn.BatchNorm2d(6, track_running_stats=False),
    ],
)
def test_an_unknown_layer_is_named(layer):
    made = nn.Sequential(layer, nn.Flatten(), nn.Linear(210, 4))
    with pytest.raises(UserError, match="no Fisher information for layer '0'") as raised:
        fisher(made, [examples()], 4)
    assert "\n" not in str(raised.value)


def test_a_layer_without_parameters_may_be_anything():
    made = nn.Sequential(nn.BatchNorm2d(6, affine=False), nn.GELU(), nn.Flatten(), nn.Linear(210, 4))
    assert list(fisher(made, [examples()], 4)) == ["3.weight", "3.bias"]


def test_a_layer_used_twice_is_named():
    twice = nn.Linear(4, 4)
    with pytest.raises(UserError, match=r"layer '0': it is used twice"):
        fisher(nn.Sequential(twice, nn.Tanh(), twice), [(torch.zeros(2, 4), torch.tensor([0, 1]))], 4)
