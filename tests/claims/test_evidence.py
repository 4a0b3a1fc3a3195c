"""Tests of evidence against scipy and statsmodels, by hand, and by simulation."""

import numpy as np
import pytest
import scikit_posthocs
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from tnas_bench import stats as stats_of_ours
from tnas_bench.claims import evidence
from tnas_bench.claims.evidence import (
    LEVEL,
    Evidence,
    bootstrap,
    equivalence,
    median_interval,
    seeds_above,
    share,
    tasks_above,
)
from tnas_bench.claims.rules import holm, order
from tnas_bench.stats import signed_rank

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("target", [80, 79, 82.5])
def test_equivalence_is_that_of_statsmodels(target):
    values = [80.0, 81, 80.5, 79.9]
    found = equivalence(values, target, 2)
    assert found.p == pytest.approx(DescrStatsW(values).ttost_mean(target - 2, target + 2)[0])
    assert (found.low, found.high) == pytest.approx(DescrStatsW(values).tconfint_mean(2 * LEVEL))
    assert (found.p <= LEVEL) == (target - 2 <= found.low and found.high <= target + 2)


def test_a_mean_beyond_the_margin_is_surely_beyond():
    assert equivalence([90.0, 90.1, 90.2], 80, 2).against < LEVEL < equivalence([81.9, 82.5, 82.2], 80, 2).against


def test_one_seed_can_tell_nothing():
    for found in (equivalence([80], 80, 2), seeds_above([3]), seeds_above([3], [1, 2])):
        assert found.least == 1 and np.isnan(found.p) and np.isnan(found.low)


def test_seeds_that_agree_exactly_are_sure():
    assert (equivalence([14.7, 14.7], 14.72, 0.1).p, equivalence([15, 15], 14.72, 0.1).against) == (0, 0)
    assert (seeds_above([1.0, 1.0]).p, seeds_above([-1.0, -1.0]).against) == (0, 0)
    assert seeds_above([0.1 + 0.2, 0.3], [0.3, 0.3]).p == 1  # equal, but for a last digit


def test_t_tests_are_those_of_scipy():
    one, other = RNG.normal(1, 2, 5), RNG.normal(0, 1, 3)
    welch = stats.ttest_ind(one, other, equal_var=False)
    found = seeds_above(one, other)
    assert found.p == pytest.approx(stats.t.sf(welch.statistic, welch.df))
    assert (found.low, found.high) == pytest.approx(tuple(welch.confidence_interval(0.9)))
    alone = stats.ttest_1samp(one, 0, alternative="greater")
    assert (seeds_above(one).p, seeds_above(one).units) == (pytest.approx(alone.pvalue), 5)


def test_what_all_seeds_share_is_added_to_their_error():
    """By hand: of 1, 2 and 3 the squared error is 1/3; with one that is shared and 1 it is 4/3, of 32 degrees."""
    values, error = [1.0, 2.0, 3.0], np.sqrt(4 / 3)
    above, inside = seeds_above(values, shared=1.0), equivalence(values, 1.5, 3.0, shared=1.0)
    assert above.p == pytest.approx(stats.t.sf(2 / error, 32))
    assert (above.low, above.high) == pytest.approx(stats.t.interval(0.9, 32, 2, error))
    assert inside.p == pytest.approx(stats.t.sf(2.5 / error, 32))
    assert seeds_above([2.0, 2.0], shared=1.0).p == pytest.approx(stats.norm.sf(2))


def test_a_shared_error_keeps_the_level():
    """Where nothing is above 0, one in twenty says so, however much of the error is shared."""
    draws, found = 4000, 0
    for _ in range(draws):
        found += seeds_above(RNG.normal(0, 1, 3) + RNG.normal(0, 2), shared=2.0).p <= LEVEL
    assert 0.035 < found / draws < 0.065


def test_tasks_are_compared_by_the_exact_test_of_wilcoxon():
    differences = RNG.normal(0.5, 1, 13)
    exact = stats.wilcoxon(differences, alternative="greater", method="exact")
    assert tasks_above(differences).p == pytest.approx(exact.pvalue)
    assert tasks_above(np.arange(1, 9)).p == 0.5**8 == tasks_above(np.arange(1, 9)).least
    assert tasks_above(-np.arange(1, 9)).against == 0.5**8
    assert tasks_above([1, 1, 0, 1]).p == 0.5**3  # ties, and a zero that is left out
    assert tasks_above([0.0, 0.0]).least == 1


def test_ties_are_exact_as_by_all_signs():
    differences = np.array([2.0, 2, -1, 3, 3, 1, -2, 5])
    every = stats.PermutationMethod(n_resamples=np.inf)
    for side, found in zip(("greater", "less"), signed_rank(differences), strict=True):
        assert found == pytest.approx(stats.wilcoxon(differences, alternative=side, method=every).pvalue)


def test_pairs_of_methods_are_tested_as_scikit_posthocs_tests_them():
    methods = RNG.normal([0, 0.4, 1.2], 1, (13, 3))
    pairs = [(0, 1), (0, 2), (1, 2)]
    theirs = scikit_posthocs.posthoc_wilcoxon(methods.T, method="exact", p_adjust="holm").to_numpy()
    p = [2 * min(signed_rank(methods[:, one] - methods[:, other])) for one, other in pairs]
    assert stats_of_ours.holm(p) == pytest.approx([theirs[pair] for pair in pairs])


def test_a_count_that_no_number_of_tasks_could_confirm_says_so():
    """Seven of seven: the share is 0.65 or more; of 8 of 13, within a quarter, no count is sure."""
    assert share(7, 7, 1.0, 0.25).least == pytest.approx(0.75**7) and LEVEL < 0.75**7
    assert share(8, 13, 8 / 13, 0.25).least > LEVEL >= share(3, 13, 12 / 13, 0.25).least


def test_median_interval_covers_as_it_says():
    draws = RNG.normal(size=(4000, 13))
    low, high = np.transpose([median_interval(draw) for draw in draws])
    assert 0.9 <= np.mean((low <= 0) & (high >= 0)) < 0.96
    assert median_interval(range(4)) == (-np.inf, np.inf)


def test_shares_are_tested_by_clopper_and_pearson():
    for successes, target in ((12, 12 / 13), (5, 0.5), (13, 1.0), (0, 0.1)):
        found = share(successes, 13, target, 0.25)
        low, high = proportion_confint(successes, 13, alpha=2 * LEVEL, method="beta")
        assert (found.low, found.high) == pytest.approx((low, high), nan_ok=True)
        assert (found.p <= LEVEL) == (target - 0.25 <= low and high <= target + 0.25)
    assert share(1, 13, 12 / 13, 0.25).against < LEVEL


def test_holm_is_that_of_statsmodels():
    p = [0.01, 0.04, 0.03, 0.005, 0.5]
    found = holm([Evidence("", "tasks", 8, 0, p=each, against=1 - each, least=0.004) for each in p])
    assert [each.p for each in found] == pytest.approx(multipletests(p, method="holm")[1])


def test_what_cannot_be_decided_makes_no_other_order_harder():
    """Over four tasks the least p is 1/16; without it the two others are a family of two."""
    able = [Evidence("", "tasks", 13, 0, p=p, against=1 - p, least=2**-13) for p in (0.03, 0.024)]
    unable = Evidence("", "tasks", 4, 0, p=0.0625, against=1.0, least=0.0625)
    found = holm([able[0], unable, able[1]])
    assert [each.p for each in found] == pytest.approx([0.048, 0.0625, 0.048])
    assert [order(each).verdict for each in found] == ["reproduced", "inconclusive", "reproduced"]


def mean_difference(one, other):
    return (one.mean(-1) - other.mean(-1)).mean(-1)


def test_bootstrap_of_a_mean_is_that_of_scipy():
    """With one and the same value for every seed it is the plain bootstrap over tasks."""
    differences = RNG.normal(1, 1, 13)
    one = np.repeat(differences[:, None], 3, axis=1)
    sampled = bootstrap(one, np.zeros((13, 3)), mean_difference, "mean")
    theirs = stats.bootstrap(
        (differences,), np.mean, confidence_level=0.9, n_resamples=10_000, method="percentile", rng=1
    ).confidence_interval
    found = sampled.within(1, 5)
    assert (found.low, found.high) == pytest.approx(tuple(theirs), abs=0.03)
    assert found.estimate == pytest.approx(differences.mean()) and found.p == 0


def test_what_the_tasks_of_a_seed_share_widens_the_interval():
    """Seeds that differ as a whole leave tasks alike: tasks alone would be sure."""
    shift = np.array([[-1.0, 0.2, 1.1]])
    found = bootstrap(np.ones((13, 1)) + shift, np.zeros((13, 3)), mean_difference, "shared").positive()
    half = stats.t.isf(LEVEL, 2) * stats.sem(shift[0])
    assert found.high - found.low >= 2 * half > 2 and found.p > LEVEL


def test_one_seed_has_no_bootstrap():
    found = bootstrap(np.ones((13, 1)), np.zeros((13, 1)), mean_difference, "one").positive()
    assert (found.least, found.low, found.p) == (1, -np.inf, 1)


def test_a_bootstrap_is_the_same_again(monkeypatch):
    monkeypatch.setattr(evidence, "DRAWS", 100)
    one = RNG.normal(size=(5, 3))
    again = [bootstrap(one, one * 2, mean_difference, "a claim").positive() for _ in range(2)]
    assert again[0] == again[1]
