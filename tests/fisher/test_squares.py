import pytest
import torch

from tnas_bench.device import generator
from tnas_bench.fisher import squares


@pytest.mark.parametrize("positions", [(1,), (2,), (4,), (5,), (2, 2), (3, 5), (1, 1, 1), (2, 40)])
@pytest.mark.parametrize("cache", [1, 300, 2**18])
def test_squares_are_those_of_gradients_written_out(positions, cache, monkeypatch):
    monkeypatch.setattr(squares, "CACHE", cache)
    rng = generator("squares", positions)
    inputs = torch.randn(7, *positions, 5, generator=rng, dtype=torch.float64)
    gradients = torch.randn(7, *positions, 3, generator=rng, dtype=torch.float64)
    outer = inputs.unsqueeze(-1) * gradients.unsqueeze(-2)
    expected = (outer.flatten(1, -3).sum(1) ** 2).sum(0)
    torch.testing.assert_close(squares.sum_of_squares(inputs, gradients), expected)


def test_two_examples_at_two_positions_by_hand():
    # Example 1: 1 * 2 + 3 * (-1) = -1; example 2: 2 * 1 + 1 * 1 = 3; squares 1 + 9.
    inputs = torch.tensor([[[1.0], [3.0]], [[2.0], [1.0]]])
    gradients = torch.tensor([[[2.0], [-1.0]], [[1.0], [1.0]]])
    assert squares.sum_of_squares(inputs, gradients).tolist() == [[10.0]]


def test_groups_are_maps_of_their_own():
    rng = generator("squares", "groups")
    inputs, gradients = (torch.randn(4, 3, 2, 2, size, generator=rng) for size in (5, 3))
    together = squares.sum_of_squares_by_group(inputs, gradients)
    for group in range(2):
        alone = squares.sum_of_squares(inputs[:, :, :, group], gradients[:, :, :, group])
        torch.testing.assert_close(together[group], alone)


def test_gradients_that_cancel_over_the_positions_give_no_negative_square():
    rng = torch.Generator().manual_seed(0)
    inputs = torch.rand(40, 4, 30, generator=rng)
    inputs[:] = inputs[:, :1]  # the same at all positions
    gradients = torch.randn(40, 4, 20, generator=rng)
    gradients -= gradients.mean(1, keepdim=True)  # so all is 0 but for rounding
    found = squares.sum_of_squares(inputs, gradients)
    assert found.min() >= 0 and found.max() < 1e-4
