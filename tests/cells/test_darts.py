import io

import numpy as np
import pytest
import search_made
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from tnas_bench.cells import EDGES, cell_space
from tnas_bench.cells.darts import Darts, cosine, descend, moved, strongest, supernet_passes, unrolled_gradient
from tnas_bench.config import DartsSettings, Skeleton
from tnas_bench.device import device
from tnas_bench.images import ImageSet

POOL_OR_SKIP = cell_space([("avg_pool_3x3", "skip_connect")] * len(EDGES))
ORDERS = pytest.mark.parametrize("second_order", [False, True], ids=["first order", "second order"])


def made(second_order, space=POOL_OR_SKIP, train=None, validation=None, common=None, **darts):
    """A search of few batches; ``common`` and ``darts`` are settings of all searches and of this one."""
    darts = DartsSettings(**{"epochs": 3, "batch_size": 16} | darts)
    settings = search_made.SETTINGS.model_copy(update={"darts": darts, **(common or {})})
    images = {"train": train or search_made.coloured(32, 0), "validation": validation or search_made.coloured(16, 1)}
    return Darts(search_made.problem(space=space, settings=settings, **images), second_order)


def relabelled(images):
    return ImageSet(images.pixels, 1 - images.labels, images.classes, images.dataset)


def weights(search):
    return torch.cat([weight.detach().flatten() for weight in search.network.parameters()])


def smooth(second_order):
    """A search in double precision whose loss has derivatives of all orders, and a batch of each kind.

    At the kinks of ReLU finite differences of any kind say little.
    """
    two = [("sep_conv_3x3", "avg_pool_3x3"), ("skip_connect", "conv_7x1_1x7"), ("dil_conv_3x3", "skip_connect")]
    space = cell_space([*two, *[("skip_connect",)] * 3])
    search = made(second_order, space, common={"skeleton": Skeleton(kind="darts", channels=4, cells=1)})
    for layers in [module for module in search.network.modules() if isinstance(module, nn.Sequential)]:
        for place, layer in enumerate(layers):
            layers[place] = nn.Softplus() if isinstance(layer, nn.ReLU) else layer
    search.network.double()
    search.logits = torch.linspace(-1, 1, 9, dtype=torch.float64, device=device(), requires_grad=True)
    rng, labels = torch.Generator().manual_seed(0), torch.tensor([0, 1, 0, 1], device=device())
    inputs = torch.rand(2, 4, 3, 8, 8, generator=rng, dtype=torch.float64).to(device())
    return search, (inputs[0], labels), (inputs[1], labels)


def test_the_unrolled_gradient_of_a_quadratic_by_hand():
    # L_train = (w - a)^2 / 2 and L_val = w'^2 / 2 + 3 a: at w = 2, a = 1 and rate 0.1, w' = 1.9 and dw'/da = 0.1.
    weight, logits = (torch.tensor([value], dtype=torch.float64, requires_grad=True) for value in (2.0, 1.0))
    gradient, loss = unrolled_gradient(
        lambda weights, a: ((weights[0] - a) ** 2 / 2).sum(),
        lambda weights, a: (weights[0] ** 2 / 2 + 3 * a).sum(),
        [weight],
        logits,
        0.1,
    )
    assert gradient.item() == pytest.approx(3 + 1.9 * 0.1, rel=1e-9)
    assert loss.item() == pytest.approx(1.9**2 / 2 + 3)


def test_second_order_is_the_finite_difference_of_the_unrolled_loss():
    search, train, validation = smooth(second_order=True)
    rate, step, current = 1.0, 1e-5, list(search.weights.values())

    def unrolled(logits):
        """Equation 6: the validation loss after one step on the training loss."""
        slope = torch.autograd.grad(search.loss(train, current, logits), current)
        return search.loss(validation, moved(current, slope, -rate), logits).item()

    steps = step * torch.eye(9, dtype=torch.float64, device=device())
    centre = search.logits.detach()
    exact = [(unrolled(centre + each) - unrolled(centre - each)) / (2 * step) for each in steps]
    exact = torch.tensor(exact, dtype=torch.float64, device=device())
    gradient, loss = search.mixture_gradient(train, validation, rate)
    assert (gradient - exact).norm() < 1e-3 * exact.norm()
    assert loss.item() == pytest.approx(unrolled(centre))
    first_order, _ = smooth(second_order=False)[0].mixture_gradient(train, validation, rate)
    assert (first_order - exact).norm() > 0.1 * exact.norm()


def test_first_order_is_the_gradient_of_the_validation_loss():
    search, train, (inputs, labels) = smooth(second_order=False)
    gradient, loss = search.mixture_gradient(train, (inputs, labels), rate=1.0)
    mixture = [*search.logits[:6].view(3, 2).softmax(1), *torch.ones(3, 1, dtype=torch.float64, device=device())]
    expected = cross_entropy(search.network(inputs, mixture), labels)
    expected.backward()
    torch.testing.assert_close(gradient, search.logits.grad)
    assert loss.item() == pytest.approx(expected.item())


@ORDERS
def test_a_gradient_of_the_mixture_leaves_the_weights_alone(second_order):
    search, train, validation = smooth(second_order)
    before = weights(search)
    search.mixture_gradient(train, validation, rate=1.0)
    assert torch.equal(weights(search), before)
    assert all(weight.grad is None for weight in search.network.parameters())


def test_weights_see_only_training_images():
    plain, other = made(False), made(False, validation=relabelled(search_made.coloured(16, 1)))
    for search in (plain, other):
        search.mixture_optimizer.param_groups[0]["lr"] = 0.0  # the same mixture throughout
        search.step(0)
    assert torch.equal(weights(plain), weights(other))
    changed = made(False, train=relabelled(search_made.coloured(32, 0)))
    changed.step(0)
    assert not torch.equal(weights(plain), weights(changed))


def test_the_mixture_sees_training_images_at_second_order_only():
    for second_order in (False, True):
        search, (inputs, labels), validation = smooth(second_order)
        one, other = (search.mixture_gradient((inputs, truth), validation, 1.0)[0] for truth in (labels, 1 - labels))
        assert torch.equal(one, other) != second_order


@ORDERS
def test_resumed_is_as_uninterrupted(second_order):
    space = cell_space([("sep_conv_3x3", "skip_connect"), *[("skip_connect", "max_pool_3x3")] * 5])
    whole, begun, resumed = (made(second_order, space) for _ in range(3))
    records = [whole.step(number) for number in range(3)]
    assert [begun.step(0), begun.step(1)] == records[:2]
    file = io.BytesIO()
    torch.save(begun.state(), file)
    file.seek(0)
    resumed.restore(torch.load(file, weights_only=True))
    assert resumed.best() == begun.best()
    assert resumed.step(2) == records[2]
    assert torch.equal(weights(resumed), weights(whole)) and torch.equal(resumed.logits, whole.logits)


def patterned(fine, seed):
    """A pattern in noise, whose sign is the class: a chequerboard, which average pooling wipes out, or two halves."""
    rng, labels = np.random.default_rng(seed), np.arange(64) % 2
    rows, columns = np.indices((32, 32))
    pattern = 12 * (-1.0) ** (rows + columns) if fine else np.where(columns < 16, 7.0, -7.0)
    pixels = 60 + (2 * labels - 1)[:, None, None, None] * pattern + rng.normal(0, 30, (64, 3, 32, 32))
    pixels = torch.tensor(pixels.clip(0, 255), dtype=torch.uint8, device=device())
    return ImageSet(pixels, torch.tensor(labels, device=device()), 2, "mnist")


@ORDERS
def test_the_better_operation_is_found(second_order):
    # Planted optimum: only what is not pooled tells the classes of the fine pattern apart; of the other, both do.
    skip = {}
    for fine in (True, False):
        images = {"train": patterned(fine, 0), "validation": patterned(fine, 1)}
        search = made(second_order, mixture_rate=0.1, learning_rate=0.003, **images)
        records = [search.step(number) for number in range(3)]
        skip[fine] = [edge[1] for edge in records[-1]["mixture"]]
        assert not fine or search.best().operations == ("skip_connect",) * 6
    assert min(skip[True]) > 0.8 > np.mean(skip[False])


def test_a_cell_has_the_strongest_operations_but_none():
    search = made(False, cell_space([("none", "skip_connect", "max_pool_3x3")] * 3 + [("none",)] * 3))
    search.logits = torch.tensor([9.0, 1.0, 2.0, 0.0, -1.0, -2.0, 5.0, 7.0, 6.0, 1.0, 1.0, 1.0])
    expected = ("max_pool_3x3", "skip_connect", "skip_connect", "none", "none", "none")
    assert search.best().operations == expected
    assert strongest(("skip_connect", "none"), torch.tensor([-5.0, 5.0])) == "skip_connect"


@ORDERS
def test_a_record_is_of_its_epoch(second_order):
    # 32 training images, each batch of 16 with one of the 16 validation images; (2 + 1 + 4 * 3) / 6 = 2.5 operations.
    choices = [("none", "skip_connect"), ("none",), *[("none", "skip_connect", "max_pool_3x3")] * 4]
    search = made(second_order, cell_space(choices), common={"skeleton": Skeleton(kind="darts", channels=2, cells=1)})
    record = search.step(0)
    assert record["passes"] == (2.5 * (4 * 32 + 32) if second_order else 2.5 * (32 + 32))
    assert [len(edge) for edge in record["mixture"]] == [2, 1, 3, 3, 3, 3]
    assert [sum(edge) for edge in record["mixture"]] == pytest.approx([1] * 6, abs=1e-5)
    assert record["epoch"] == 0 and record["cell"] == list(search.best().operations)


@ORDERS
@pytest.mark.parametrize("name", ["none", "skip_connect"])
def test_the_only_cell_of_a_space_is_found(second_order, name):
    search = made(second_order, cell_space([(name,)] * 6))
    assert search.step(0)["cell"] == [name] * 6
    assert search.step(1)["mixture"] == [[1.0]] * 6


def test_an_epoch_is_no_longer_than_the_settings_say():
    assert made(False, batch_size=8, common={"images": 8}).step(0)["passes"] == 2 * (8 + 8)


def test_supernet_passes_are_rounded_once():
    space = cell_space([("none", "skip_connect"), *[("skip_connect",)] * 5])  # 7 / 6 operations an edge
    assert supernet_passes(space, 100) == 117


def test_the_rate_is_that_of_pytorchs_schedule():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.025)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50, eta_min=1e-3)
    for epoch in range(50):
        assert cosine(0.025, 1e-3, epoch / 50) == pytest.approx(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()


@pytest.mark.parametrize(("slope", "moves"), [(2.0, 0.2), (20.0, 0.5)])
def test_a_step_is_clipped_to_a_gradient_of_norm_five(slope, moves):
    weight = torch.zeros(1, requires_grad=True)
    descend((slope * weight).sum(), torch.optim.SGD([weight], lr=1.0), rate=0.1)
    assert weight.item() == pytest.approx(-moves, rel=1e-4)
