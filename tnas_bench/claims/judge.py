"""Judge: the evidence that the results hold for a claim, and the verdict that its kind's rule makes of it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from pandas import DataFrame

from tnas_bench.claims import Claim, rules
from tnas_bench.claims.evidence import (
    Evidence,
    Sampled,
    bootstrap,
    equivalence,
    majority,
    mean_difference,
    median_log_ratio,
    seeds_above,
    share,
    tasks_above,
)
from tnas_bench.claims.measures import DATA, SETUP, WHOLE
from tnas_bench.claims.rules import Judgement, Verdict
from tnas_bench.config import experiments
from tnas_bench.stats import accuracy_error

NOT_RUN = Evidence("", "seeds", 0, np.nan)
SIZE = "parameters"  # the measure of a network's size
CHOSEN = "the size of final networks is our choice, made after the published ones (data/choices.tsv)"
AGREED = 0.5  # of the seeds of a task, for it to count


class Missing(Exception):
    """A result that a claim rests on is not there."""


def judge(claim: Claim, cells: DataFrame, differs: str) -> Judgement:
    """The verdict of one claim.

    ``cells``: what its measure gives, of all tasks and variants; ``differs``: what else than the seed is not the
    paper's, in words. Orders over tasks are still to be corrected for their number (:func:`rules.holm`).
    """
    cells = cells[cells["task"] == claim.task] if claim.task else cells
    if cells.empty:
        return Judgement(Verdict.NOT_RUN, NOT_RUN, "the scale has nothing to measure it on")
    try:
        found = KINDS[claim.kind](claim, cells, differs)
        return replace(found, verdict=Verdict.INCONCLUSIVE, reason=CHOSEN) if _by_choice(claim) else found
    except Missing as missing:
        return Judgement(Verdict.NOT_RUN, NOT_RUN, f"{missing.args[0]}")


def _by_choice(claim: Claim) -> bool:
    """Whether it is about the size of a cell's final network, beside a published number or a hand-designed network."""
    sides = {claim.of, claim.over} - {""}
    designed = sides & set(experiments().ldnas.networks)
    return claim.measure == SIZE and (len(sides) == 1) != bool(designed)


def _is_fact(claim: Claim) -> bool:
    """Whether seeds have no say in it: in a setup, in data, in the size of a hand-designed network."""
    return claim.of in (SETUP, DATA) or (claim.measure == SIZE and claim.of in experiments().ldnas.networks)


def _value(claim: Claim, cells: DataFrame, differs: str) -> Judgement:
    """Of one side, its mean over seeds; of two, the mean over tasks of their difference."""
    if claim.over:
        sampled = _both(claim, cells, mean_difference)
        return _over(rules.value(sampled.within(claim.value, claim.width), differs), sampled, cells)
    values, target, width = _seeds(cells, claim.of), claim.value, claim.width
    if _is_fact(claim):
        return rules.value(_fact(claim, values), differs)
    if claim.factor:
        found = _exponential(equivalence(np.log(values), np.log(target), np.log(width)))
    else:
        found = equivalence(values, target, width, _luck(cells, claim.of))
    return _bounded(rules.value(found, differs), cells, claim)


def _fact(claim: Claim, values: np.ndarray) -> Evidence:
    """What is as it is, without chance: within the margin or not."""
    ratio, difference = values[0] / claim.value, abs(values[0] - claim.value)
    inside = 1 / claim.width <= ratio <= claim.width if claim.factor else difference <= claim.width
    return Evidence("exact", "setups", 1, values[0], values[0], values[0], 1.0 - inside, float(inside))


def _bounded(judged: Judgement, cells: DataFrame, claim: Claim) -> Judgement:
    """A mean with searches that missed the bar is a bound, and equals nothing."""
    if not cells.loc[cells["variant"] == claim.of, "censored"].any():
        return judged
    return replace(judged, verdict=Verdict.INCONCLUSIVE, reason="some searches missed the bar: a bound from below")


def _order(claim: Claim, cells: DataFrame, differs: str) -> Judgement:
    """Over tasks by Wilcoxon's test, on one task (or one number for all of them) by a t-test over seeds."""
    return rules.order(order_evidence(claim, cells))


def order_evidence(claim: Claim, cells: DataFrame) -> Evidence:
    """The test of an order, as it stands alone."""
    if is_over_tasks(claim, cells):
        return tasks_above(_task_means(cells, claim.of) - (_task_means(cells, claim.over) if claim.over else 0))
    if _is_number(claim.of):
        return seeds_above(float(claim.of) - _seeds(cells, claim.over), shared=_luck(cells, claim.over))
    if _is_number(claim.over):
        return seeds_above(_seeds(cells, claim.of) - float(claim.over), shared=_luck(cells, claim.of))
    return seeds_above(_seeds(cells, claim.of), _seeds(cells, claim.over) if claim.over else None)


def is_over_tasks(claim: Claim, cells: DataFrame) -> bool:
    """Whether tasks are the units of an order or a trend."""
    return not claim.task and set(cells["task"]) != {WHOLE}


def _ratio(claim: Claim, cells: DataFrame, differs: str) -> Judgement:
    """Median over tasks of the ratio of two sides; of searches that missed the bar, a bound."""
    sampled = _both(claim, cells, median_log_ratio)
    within = sampled.within(np.log(claim.value), np.log(claim.width))
    judged = _bounded_ratio(rules.ratio(within, sampled.positive(), differs, claim.value), cells, claim, sampled)
    return _over(replace(judged, evidence=_exponential(judged.evidence)), sampled, cells)


def _bounded_ratio(judged: Judgement, cells: DataFrame, claim: Claim, sampled: Sampled) -> Judgement:
    missed = cells.loc[cells["variant"] == claim.of, "censored"].any()
    if not missed or judged.verdict is Verdict.REFUTED:
        return judged
    direction = rules.order(sampled.positive()).verdict is Verdict.REPRODUCED
    verdict = Verdict.DIRECTION if direction else Verdict.INCONCLUSIVE
    return replace(judged, verdict=verdict, reason="some searches missed the bar: the ratio is a bound from below")


def _count(claim: Claim, cells: DataFrame, differs: str) -> Judgement:
    """On how many tasks something holds, in at least half of the seeds."""
    holds = _task_means(cells, claim.of) >= AGREED
    found = int(holds.sum()), len(holds), claim.value
    return rules.size(share(*found, claim.width), majority(*found), differs)


KINDS: dict[str, Callable[[Claim, DataFrame, str], Judgement]] = {
    "value": _value,
    "order": _order,
    "ratio": _ratio,
    "count": _count,
    "trend": _order,
}


def _seeds(cells: DataFrame, variant: str) -> np.ndarray:
    """The values of a variant by seed, each the mean over its tasks."""
    chosen = cells[cells["variant"] == variant]
    if chosen.empty:
        raise Missing(f"no result of {variant}")
    return chosen.groupby("seed")["value"].mean().to_numpy(float)


def _luck(cells: DataFrame, variant: str) -> float:
    """The standard error that test rows leave in a variant's mean accuracy, in points, and which all its seeds share.

    It counts where a published number is on the other side, which was measured on other rows; two sides of ours share
    theirs.
    """
    tested = cells[cells["variant"] == variant].groupby("task")[["value", "test_rows"]].mean().dropna()
    return float(np.linalg.norm(accuracy_error(tested["value"], tested["test_rows"])) / max(len(tested), 1))


def _task_means(cells: DataFrame, variant: str) -> np.ndarray:
    """The values of a variant by task, in the order of all tasks, each the mean over its seeds."""
    chosen = cells[cells["variant"] == variant]
    if missing := sorted(set(cells["task"]) - set(chosen["task"])):
        raise Missing(f"no result of {variant} on {', '.join(missing)}")
    return chosen.groupby("task")["value"].mean().to_numpy(float)


def _both(claim: Claim, cells: DataFrame, statistic: Callable) -> Sampled:
    """Two sides, each (tasks, seeds), over the tasks that have all seeds on both."""
    sides = [_matrix(cells, variant) for variant in (claim.of, claim.over)]
    whole = np.logical_and(*(side.notna().all(axis=1) for side in sides))
    if not whole.any():
        raise Missing(f"no task has all seeds of {claim.of} and {claim.over}")
    return bootstrap(*(side[whole].to_numpy(float) for side in sides), statistic, claim.id)


def _matrix(cells: DataFrame, variant: str) -> DataFrame:
    _task_means(cells, variant)
    return cells[cells["variant"] == variant].pivot(index="task", columns="seed", values="value")


def _over(judged: Judgement, sampled: Sampled, cells: DataFrame) -> Judgement:
    """Tells over how many tasks it is, where those with fewer seeds are left out."""
    tasks = cells["task"].nunique()
    told = f"; over the {sampled.tasks} of {tasks} tasks that have all seeds" if sampled.tasks < tasks else ""
    return replace(judged, reason=judged.reason + told)


def _exponential(found: Evidence) -> Evidence:
    """What was compared on a logarithmic scale, back on its own."""
    return replace(found, **{name: float(np.exp(getattr(found, name))) for name in ("estimate", "low", "high")})


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
