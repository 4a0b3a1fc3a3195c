import pytest
import torch
from torch.nn.functional import linear, max_pool2d

from tnas_bench.cells import EDGES, FULL, Cell, choices, decode
from tnas_bench.cells.network import CellNetwork, count, network
from tnas_bench.config import Skeleton
from tnas_bench.device import generator, seeded
from tnas_bench.networks import parameters
from tnas_bench.seeds import stream

EXAMPLE = Cell(  # of the authors' code, in the order of EDGES
    ("sep_conv_3x3", "sep_conv_7x7", "sep_conv_3x3", "sep_conv_3x3", "max_pool_3x3", "sep_conv_3x3")
)
DARTS = Skeleton(kind="darts", channels=4, cells=3)
MIXED = [  # operations of a small supernet, of different numbers
    ("skip_connect", "dil_conv_3x3"),
    ("none", "sep_conv_3x3", "avg_pool_3x3"),
    ("dil_conv_3x3", "none"),
    ("max_pool_3x3",),
    ("conv_7x1_1x7", "skip_connect"),
    ("none", "dil_conv_5x5"),
]
PATH = (1, 2, 1, 0, 0, 1)


def released(cells):
    return Skeleton(kind="released", channels=3, cells=cells)


def made(skeleton, operations, searching=True):
    with seeded("test", "network"):
        return CellNetwork(skeleton, operations, 5, searching=searching).double()


def alone(cell):
    return [[name] for name in cell.operations]


def composed(cell_layer, x, numbers=(0,) * 6):
    """The terms into the last node, written out for the four nodes."""
    op01, op02, op12, op03, op13, op23 = (edge[number] for edge, number in zip(cell_layer.edges, numbers, strict=True))
    s1 = op01(x)
    s2 = op02(x) + op12(s1)
    return op03(x), op13(s1), op23(s2)


def one_hot(operations, path):
    pairs = zip(operations, path, strict=True)
    return [torch.eye(len(names), dtype=torch.float64)[number] for names, number in pairs]


@pytest.mark.parametrize("actions", [FULL.sample(stream("test", "cells", number)) for number in range(4)])
def test_a_darts_network_by_hand(inputs, actions):
    ours = made(DARTS, alone(decode(FULL, actions)))
    convolution, norm, first, halve, second, halve_again, third = ours.body
    x = sum(composed(first, norm(convolution(inputs))))
    x = sum(composed(second, halve(x)))
    x = sum(composed(third, halve_again(x)))
    expected = linear(x.mean(dim=(2, 3)), ours.classifier[-1].weight, ours.classifier[-1].bias)
    assert torch.allclose(ours(inputs), expected, atol=1e-9)


def test_a_released_search_network_by_hand(inputs):
    ours = made(released(2), alone(EXAMPLE))
    first, last = ours.body
    ends = composed(last, sum(composed(first, inputs)))
    features = torch.stack(ends, dim=1).clamp(min=0).reshape(len(inputs), 9 * 32 * 32)
    assert torch.allclose(ours(inputs), linear(features, ours.classifier[-1].weight, ours.classifier[-1].bias))


def test_a_released_final_network_by_hand(inputs):
    ours = made(released(1), alone(EXAMPLE), searching=False)
    state = ours.state_dict()
    names = [name.removesuffix(".weight") for name in state if name.startswith("classifier") and "weight" in name]
    x = max_pool2d(sum(composed(ours.body[0], inputs)).relu(), 3, stride=1, padding=1).flatten(1)
    for name in names:
        x = linear(x.relu(), state[f"{name}.weight"], state[f"{name}.bias"])  # x is not negative at first
    assert [state[f"{name}.weight"].shape for name in names] == [(1024, 3072), (128, 1024), (5, 128)]
    assert torch.allclose(ours(inputs), x)


def test_a_one_hot_mixture_is_a_path_is_a_network_of_one_cell(inputs):
    supernet = made(DARTS, MIXED)
    cell = Cell(tuple(names[number] for names, number in zip(MIXED, PATH, strict=True)))
    discrete = made(DARTS, alone(cell))
    for theirs, ours in zip(supernet.body, discrete.body, strict=True):
        if hasattr(theirs, "edges"):
            for edge, number in enumerate(PATH):
                ours.edges[edge][0].load_state_dict(theirs.edges[edge][number].state_dict())
        else:
            ours.load_state_dict(theirs.state_dict())
    discrete.classifier.load_state_dict(supernet.classifier.state_dict())
    expected = discrete(inputs)
    assert torch.allclose(supernet(inputs, PATH), expected)
    assert torch.allclose(supernet(inputs, one_hot(MIXED, PATH)), expected)
    assert not torch.allclose(supernet(inputs), expected)


def test_an_edge_gives_the_weighted_sum_of_its_operations(inputs):
    weights = [torch.rand(len(names), generator=generator("test", "mixture"), dtype=torch.float64) for names in MIXED]
    ours = made(released(1), MIXED, searching=False)
    cell = ours.body[0]

    def edge(number, x):
        return sum(weight * operation(x) for weight, operation in zip(weights[number], cell.edges[number], strict=True))

    s1 = edge(0, inputs)
    s2 = edge(1, inputs) + edge(2, s1)
    assert torch.allclose(cell(inputs, weights), edge(3, inputs) + edge(4, s1) + edge(5, s2))


def test_a_mixture_can_be_a_matrix_whose_rows_are_edges(inputs):
    supernet = made(released(1), [("skip_connect", "dil_conv_3x3")] * len(EDGES))
    matrix = torch.rand((6, 2), generator=generator("test", "mixture"), dtype=torch.float64, requires_grad=True)
    logits = supernet(inputs, matrix)
    assert torch.equal(logits, supernet(inputs, list(matrix)))
    gradient = torch.autograd.grad(logits[:, 0].sum(), matrix)[0]
    step = torch.zeros_like(matrix)
    step[4, 1] = 1e-6
    difference = supernet(inputs, matrix + step) - supernet(inputs, matrix - step)
    assert gradient[4, 1].item() == pytest.approx(difference[:, 0].sum().item() / 2e-6, rel=1e-5)


def test_a_path_trains_the_operations_that_it_uses_and_no_other(inputs):
    supernet = made(DARTS, MIXED)
    supernet(inputs, PATH).square().sum().backward()
    for layer in (layer for layer in supernet.body if hasattr(layer, "edges")):
        for edge, used in zip(layer.edges, PATH, strict=True):
            for number, operation in enumerate(edge):
                assert all((weight.grad is not None) == (number == used) for weight in operation.parameters())


@pytest.mark.parametrize(("skeleton", "searching"), [(DARTS, True), (released(2), True), (released(2), False)])
def test_a_cell_without_connections_shows_the_classifier_the_same_for_all_images(inputs, skeleton, searching):
    logits = made(skeleton, [("none",)] * 6, searching)(inputs)
    assert logits.shape == (3, 5)
    assert torch.equal(logits, logits[:1].expand(3, 5))


@pytest.mark.parametrize(
    ("cells", "sides"), [(1, [32]), (2, [32, 16]), (3, [32, 16, 8]), (4, [32, 16, 8, 8]), (5, [32, 16, 16, 8, 8])]
)
def test_reductions_come_at_a_third_and_at_two_thirds(inputs, cells, sides):
    shapes = []
    ours = made(Skeleton(kind="darts", channels=2, cells=cells), [("skip_connect",)] * 6)
    for layer in ours.body:
        if hasattr(layer, "edges"):
            layer.register_forward_hook(lambda module, given, output: shapes.append(tuple(output.shape)))
    ours(inputs)
    assert shapes == [(3, 2 * 32 // side, side, side) for side in sides]


def test_sizes_of_the_released_networks_by_hand():
    # A cell of the example has 5 separable convolutions, 4 * 72 + 312 = 600. Heads: 3072 * 1024 + 1024 + 1024 * 128 +
    # 128 + 128 * 4 + 4 = 3,278,468, as in the authors' code, and 9216 * 4 + 4.
    assert count(released(50), EXAMPLE, 4) == 3_278_468 + 50 * 600
    assert parameters(network(released(1), EXAMPLE, 4, searching=True)) == 9216 * 4 + 4 + 600


def test_sizes_of_a_darts_network_by_hand():
    # With c channels a cell of six dilated convolutions has 6 * (9 c + c^2); its batch norms have 6 * 2 c.
    cell = Cell(("dil_conv_3x3",) * 6)
    convolutions = 27 * 4 + sum(6 * (9 * c + c * c) for c in (4, 8, 16)) + 4 * 8 + 8 * 16 + 16 * 5 + 5
    norms = 2 * 4 + sum(6 * 2 * c for c in (4, 8, 16)) + 2 * 8 + 2 * 16
    assert parameters(network(DARTS, cell, 5, searching=True)) == convolutions
    assert count(DARTS, cell, 5) == parameters(network(DARTS, cell, 5, searching=False)) == convolutions + norms


def test_initial_weights_depend_on_the_stream_they_are_built_in(inputs):
    logits = made(DARTS, choices(FULL))(inputs, (4,) * 6)
    assert torch.equal(made(DARTS, choices(FULL))(inputs, (4,) * 6), logits)
    with seeded("test", "another"):
        assert not torch.equal(CellNetwork(DARTS, choices(FULL), 5, searching=True).double()(inputs, (4,) * 6), logits)
