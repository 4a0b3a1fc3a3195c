"""Distances of networks of a few parameters, by hand."""

import math

import pytest
import torch

from tnas_bench.config import FisherSettings
from tnas_bench.distance import forms, own
from tnas_bench.distance.forms import Measured, distances
from tnas_bench.errors import UserError


def fisher(backbone, *head):
    return {"0.weight": torch.tensor(backbone), "1.weight": torch.tensor(head)}


def settings(**others):
    return FisherSettings(**{"examples": 1, "sigma2": 1.0, "sigma2_shown": (1.0, 3.0)} | others)


def rows(base, target, settings):
    """Values by form, rule for heads, normalised or not, and sigma squared."""
    found = distances(Measured(base), Measured(target), own("paper", settings), settings.sigma2_shown)
    values = {(row["form"], row["heads"], row["normalised"], row["sigma2"]): row["value"] for row in found}
    assert len(values) == len(found)
    return values


def test_two_parameters_of_two_tensors():
    # sigma^2 = 1: logs of (4, 2) against (2, 16), ratios 2 and 1/8: |log 2 - log 8| / 2 = log 2; with the absolute
    # value a tensor (log 2 + log 8) / 2 = 2 log 2. sigma^2 = 3: (6, 4) against (4, 18): log(3/2) - log(9/2) = -log 3.
    values = rows(fisher([3.0], 1.0), fisher([1.0], 15.0), settings(normalised=False))
    whole = ("zero_padded", False)
    assert values["log_det", *whole, 1.0] == pytest.approx(math.log(2))
    assert values["log_det_sizes", *whole, 1.0] == pytest.approx(math.log(2))
    assert values["released", *whole, 1.0] == pytest.approx(2 * math.log(2))
    assert values["log_det", *whole, 3.0] == pytest.approx(math.log(3) / 2)
    assert values["released", *whole, 3.0] == pytest.approx((math.log(1.5) + math.log(4.5)) / 2)
    assert values["log_det", "backbone", False, 1.0] == pytest.approx(math.log(2))  # 4 against 2, n = 1


def test_two_parameters_of_one_tensor_have_one_absolute_value():
    # As above, but in the backbone: what the tensor's entries gain and lose cancels before the absolute value.
    base, target = fisher([3.0, 1.0], 5.0), fisher([1.0, 15.0], 5.0)
    values = rows(base, target, settings(normalised=False, heads="backbone"))
    for form in ("log_det", "log_det_sizes", "released"):
        assert values[form, "backbone", False, 1.0] == pytest.approx(math.log(2))
        assert values[form, "zero_padded", False, 1.0] == pytest.approx(math.log(4) / 3)


def test_normalised_means_divided_by_the_sum_of_what_is_compared():
    # (3, 1) / 4 against (1, 15) / 16: (7/4)(5/4) / ((17/16)(31/16)); the backbone alone is 1 in both.
    values = rows(fisher([3.0], 1.0), fisher([1.0], 15.0), settings())
    expected = math.log((7 / 4) * (5 / 4) / ((17 / 16) * (31 / 16))) / 2
    assert values["log_det", "zero_padded", True, 1.0] == pytest.approx(expected)
    assert values["log_det", "backbone", True, 1.0] == pytest.approx(0, abs=1e-12)
    frechet = ((0.75**0.5 - 0.25) ** 2 + (0.5 - (15 / 16) ** 0.5) ** 2) / 2
    assert values["frechet", "zero_padded", True, 0.0] == pytest.approx(frechet)
    assert values["frechet", "backbone", True, 0.0] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("swapped", [False, True])
def test_heads_of_other_sizes_are_padded_with_zeros(swapped):
    # Two outputs against one: the smaller head gets an entry 0, whose log(0 + 2) counts in equation 3 and in the
    # released form, not in equation 2. Tensors (2) and (2, 6) against (6) and (4); sigma^2 = 2.
    pair = [fisher([2.0], 2.0, 6.0), fisher([6.0], 4.0)]
    values = rows(*(reversed(pair) if swapped else pair), settings(normalised=False, sigma2=2.0, sigma2_shown=(2.0,)))
    whole = ("zero_padded", False, 2.0)
    assert values["log_det", *whole] == pytest.approx(abs(math.log(4 * 4 * 8 / (8 * 6 * 2))) / 3)
    assert values["released", *whole] == pytest.approx((math.log(8 / 4) + math.log(4 * 8 / (6 * 2))) / 3)
    assert values["log_det_sizes", *whole] == pytest.approx(abs(math.log(4 * 4 * 8) / 3 - math.log(8 * 6) / 2))
    assert values["log_det", "backbone", False, 2.0] == pytest.approx(math.log(2))
    frechet = (0.2**0.5 - 0.6**0.5) ** 2 + (0.2**0.5 - 0.4**0.5) ** 2 + 0.6
    assert values["frechet", "zero_padded", True, 0.0] == pytest.approx(frechet / 2)


def test_equation_2_needs_no_common_tensors():
    logs = torch.tensor([2.0, 4.0]), torch.tensor([5.0])
    assert forms.log_det_sizes(logs[0], 3, logs[1], 10) == pytest.approx(2 - 0.5)


def test_a_released_fisher_is_a_view_and_counts_in_full():
    view = {"0.weight": torch.tensor([[1.0, 3.0]]).expand(4, 2), "0.bias": torch.tensor(7.0).expand(4)}
    dense = {name: part.contiguous() for name, part in view.items()}
    other = {"0.weight": torch.rand(4, 2), "0.bias": torch.rand(4)}
    assert rows(view, other, settings()) == pytest.approx(rows(dense, other, settings()))


def test_which_rows_there_are():
    values = rows(fisher([3.0], 1.0), fisher([1.0], 15.0), settings())
    assert {key[1:] for key in values if key[0] == "released"} == {
        ("zero_padded", True, 1.0),
        ("zero_padded", True, 3.0),
        ("zero_padded", False, 1.0),
        ("backbone", True, 1.0),
        ("backbone", False, 1.0),
    }
    assert len(values) == 3 * 5 + 2


def test_a_fisher_stays_as_it_was_and_is_at_distance_0_from_itself():
    parts = {"0.weight": torch.tensor([3.0, 1.0], dtype=torch.float64), "1.weight": torch.tensor([0.5])}
    measured = Measured(parts)
    assert not any(row["value"] for row in distances(measured, measured, own("paper", settings())))
    assert parts["0.weight"].tolist() == [3, 1]


def test_settings_move_protocol_paper_alone():
    others = settings(normalised=False, heads="backbone", sigma2=0.5)
    assert own("paper", others) == ("log_det", False, "backbone", 0.5)
    assert own("released", others) == ("released", True, "zero_padded", 1e-10)  # PAPERS C.4: the authors' code


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_a_network_that_learnt_nothing_is_the_users_to_train_again(value):
    with pytest.raises(UserError, match="train it anew"):
        rows(fisher([value], 0.0), fisher([1.0], 1.0), settings())
