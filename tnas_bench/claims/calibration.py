"""Calibration: how often each verdict is given where the truth is known.

Results are made up with a known effect, as many seeds and tasks as a scale has, and judged by the very tests and rules
that judge claims. An effect is told in margins; where a claim is of an order, in standard deviations.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.random import Generator
from pandas import DataFrame

from tnas_bench.claims import Claim, claims, rules
from tnas_bench.claims.evidence import (
    LEVEL,
    Sampled,
    Statistic,
    bootstrap,
    equivalence,
    majority,
    mean_difference,
    median_log_ratio,
    seeds_above,
    share,
    tasks_above,
)
from tnas_bench.claims.ledger import ORDERS, needed
from tnas_bench.claims.rules import Verdict
from tnas_bench.config import Scale
from tnas_bench.progress import progress
from tnas_bench.seeds import stream

# Standard deviations, as measured on runs at scale lab (docs/verdicts.md).
POINTS = 1.0  # test accuracy-top10 over seeds, in points
LOG_TRIALS = 0.5  # logarithm of the trials to the bar over seeds
LOG_TIME = 0.1  # logarithm of the time of a search for a cell over seeds
POINTS_TASKS, LOG_TASKS = 2.0, 0.5  # differences, and logarithms of ratios, over tasks
SHARED = 0.05  # of the variance of transferred searches over seeds, what all tasks of a seed share

RESAMPLES = 250  # of a bootstrap; that of the ledger has more
ALONE = ("embedding_contrast", "outlier", "saving_skew")  # measures that give one number for all tasks
SEEDS = (2, 3, 5, 10)  # of the curves
LADDER = (2, 3, 4, 5, 6, 8, 10, 15, 20, 30)  # in which the fewest seeds for POWER are looked for
POWER = 0.95
CURVES = 20  # so many times fewer draws are at a point of a curve
SIZES = tuple(np.arange(0, 3.01, 0.25))  # effects of what has a margin
SIDES = tuple(np.arange(-2, 4.01, 0.5))  # effects of an order
JUDGED = tuple(Verdict)[:4]

Verdicts = list[Verdict]


@dataclass(frozen=True)
class Case:
    """A kind of claim as it is simulated.

    ``judge(generator, effect, seeds)`` makes results up and gives the verdicts of a family of claims; ``null``: the
    effect at which "reproduced" is wrong, ``true``: that at which its power is told.
    """

    name: str
    unit: str
    judge: Callable[[Generator, float, int], Verdicts]
    seeds: int  # what the scale has
    family: int = 1
    null: float = 1
    true: float = 0
    by_seeds: bool = True  # whether it matters how many there are

    @property
    def effects(self) -> tuple[float, ...]:
        """Those of its curves."""
        return SIZES if self.null else SIDES


def cases(scale: Scale) -> list[Case]:
    """Every kind of claim, with the tasks and seeds of a scale."""
    transfer, pretraining, seeds = len(scale.transfer_tasks), len(scale.pretraining_tasks), scale.seeds
    even = sum(scale.seeds_by_task.get(task, seeds) == seeds for task in scale.transfer_tasks)
    family = sum(_is_in_family(claim, scale) for claim in claims())
    over_tasks, over_seeds = "s.d. over tasks", "s.d. over seeds"
    order, few = partial(_order_over_tasks, transfer, family), {"by_seeds": False}
    return [
        Case("value", "margins", _value, seeds),
        Case("value, margin a factor", "margins", _factor, seeds),
        Case(f"mean difference over {even} tasks", "margins", partial(_difference, even), seeds),
        Case(f"ratio over {even} tasks", "margins", partial(_ratio, even, 22, 2, LOG_TRIALS), seeds),
        Case("ratio on one task", "margins", partial(_ratio, 1, 1, 1.25, LOG_TIME), seeds),
        Case(f"count of {transfer} tasks", "margins", partial(_count, transfer, transfer - 1), seeds, **few),
        Case(
            f"count of {pretraining} tasks", "margins", partial(_count, pretraining, 3 * pretraining // 4), seeds, **few
        ),
        Case(f"order over {transfer} tasks (Holm)", over_tasks, order, seeds, family, 0, 1),
        Case("order over seeds", over_seeds, _order_over_seeds, seeds, 1, 0, 2),
        Case("trend over seeds", over_seeds, _trend, seeds, 1, 0, 2),
    ]


def _is_in_family(claim: Claim, scale: Scale) -> bool:
    """Whether it is an order over so many tasks that it can be decided: they are corrected together."""
    over_tasks = claim.kind in ORDERS and claim.paper == "tnaml" and not claim.task and claim.measure not in ALONE
    return over_tasks and 0.5 ** len({place.task for place in needed(claim, scale)}) <= LEVEL


def _value(rng: Generator, effect: float, seeds: int, margin: float = 2) -> Verdicts:
    return [rules.value(equivalence(rng.normal(effect * margin, POINTS, seeds), 0, margin), "").verdict]


def _factor(rng: Generator, effect: float, seeds: int) -> Verdicts:
    margin = np.log(2)
    return [rules.value(equivalence(rng.normal(effect * margin, LOG_TRIALS, seeds), 0, margin), "").verdict]


def _difference(tasks: int, rng: Generator, effect: float, seeds: int, margin: float = 1) -> Verdicts:
    sides = _sides(rng, effect * margin, tasks, seeds, POINTS_TASKS, POINTS)
    return [rules.value(_sampled(rng, sides, mean_difference).within(0, margin), "").verdict]


def _ratio(
    tasks: int, published: float, factor: float, spread: float, rng: Generator, effect: float, seeds: int
) -> Verdicts:
    centre, margin = np.log(published), np.log(factor)
    sides = _sides(rng, centre + effect * margin, tasks, seeds, LOG_TASKS if tasks > 1 else 0, spread)
    sampled = _sampled(rng, [np.exp(side) for side in sides], median_log_ratio)
    return [rules.ratio(sampled.within(centre, margin), sampled.positive(), "", published).verdict]


def _sides(
    rng: Generator, effect: float, tasks: int, seeds: int, over_tasks: float, over_seeds: float
) -> list[np.ndarray]:
    """Two sides, each (tasks, seeds): the one that is transferred, and so shares something, is ``effect`` above."""
    shared, own = over_seeds * np.sqrt(SHARED), over_seeds * np.sqrt(1 - SHARED)
    differences = effect + over_tasks * rng.normal(size=(tasks, 1))
    one = differences + shared * rng.normal(size=(1, seeds)) + own * rng.normal(size=(tasks, seeds))
    return [one, over_seeds * rng.normal(size=(tasks, seeds))]


def _sampled(rng: Generator, sides: list[np.ndarray], statistic: Statistic) -> Sampled:
    return bootstrap(*sides, statistic, "calibration", rng.integers(2**63), draws=RESAMPLES)


def _count(tasks: int, published: int, rng: Generator, effect: float, seeds: int, margin: float = 0.25) -> Verdicts:
    held = rng.binomial(tasks, max(published / tasks - effect * margin, 0))
    return [_counted(int(held), tasks, published / tasks, margin)]


@cache
def _counted(held: int, tasks: int, target: float, margin: float) -> Verdict:
    return rules.size(share(held, tasks, target, margin), majority(held, tasks, target), "").verdict


def _order_over_tasks(tasks: int, family: int, rng: Generator, effect: float, seeds: int) -> Verdicts:
    """All orders of a family have the effect."""
    sides = (_sides(rng, effect * POINTS_TASKS, tasks, seeds, POINTS_TASKS, POINTS) for _ in range(family))
    found = [tasks_above(one.mean(axis=1) - other.mean(axis=1)) for one, other in sides]
    return [rules.order(each).verdict for each in rules.holm(found)]


def _order_over_seeds(rng: Generator, effect: float, seeds: int) -> Verdicts:
    return [rules.order(seeds_above(rng.normal(effect, 1, seeds), rng.normal(0, 1, seeds))).verdict]


def _trend(rng: Generator, effect: float, seeds: int) -> Verdicts:
    return [rules.order(seeds_above(rng.normal(effect, 1, seeds))).verdict]


def calibrate(scale: Scale, draws: int) -> DataFrame:
    """One row a case, effect and number of seeds.

    Columns: kind, unit, effect, seeds; question ("wrong" or "right" where a case is asked at its null or true effect,
    with the scale's seeds); draws, as many as given there, fewer by CURVES elsewhere; the probability of each verdict;
    any: of "reproduced" anywhere in a family of claims.
    """
    planned = [(case, *point) for case in cases(scale) for point in _points(case)]
    rows = []
    with progress("calibration", len(planned), "points") as told:
        for case, question, effect, seeds in planned:
            rows.append(_row(case, question, effect, seeds, draws if question else -(-draws // CURVES)))
            told(1)
    return DataFrame(rows)


def _points(case: Case) -> Iterator[tuple[str, float, int]]:
    """Question, effect and seeds of what is simulated of a case."""
    questions = {(case.null, case.seeds): "wrong", (case.true, case.seeds): "right"}
    lines = SEEDS if case.by_seeds else (case.seeds,)
    curves = [(effect, seeds) for seeds in lines for effect in case.effects]
    ladder = [(case.true, seeds) for seeds in LADDER if case.by_seeds]
    for effect, seeds in dict.fromkeys([*questions, *curves, *ladder]):
        yield questions.get((effect, seeds), ""), effect, seeds


def _row(case: Case, question: str, effect: float, seeds: int, draws: int) -> dict:
    """A draw is a family of claims where "reproduced" is wrong, and else one claim."""
    rng = stream("calibration", case.name, effect, seeds)
    families = draws if question == "wrong" else -(-draws // case.family)
    found = [case.judge(rng, effect, seeds) for _ in range(families)]
    verdicts = [verdict for family in found for verdict in family]
    chances = {str(verdict): verdicts.count(verdict) / len(verdicts) for verdict in JUDGED}
    wrong = sum(Verdict.REPRODUCED in family for family in found) / families
    facts = {"kind": case.name, "unit": case.unit, "question": question, "effect": effect, "seeds": seeds}
    return facts | {"draws": draws} | chances | {"any": wrong}


def summary(frame: DataFrame) -> DataFrame:
    """One row a case: what docs/verdicts.md says of it.

    Columns: kind, seeds, wrong ("reproduced" at the null effect), error (of that, of the simulation), true (effect),
    power ("reproduced" there), enough (the fewest seeds of LADDER with POWER; 0: none; -1: seeds do not matter).
    """
    return DataFrame([_summary(kind, rows) for kind, rows in frame.groupby("kind", sort=False)])


def markdown(frame: DataFrame) -> str:
    """The summary as the table of docs/verdicts.md."""
    lines = ["| kind | seeds | reproduced where wrong | where true | seeds for 95% |", "|---|---|---|---|---|"]
    for each in summary(frame).itertuples():
        enough = {0: f"more than {LADDER[-1]}", -1: "–"}.get(each.enough, f"{each.enough}")
        wrong = f"{100 * each.wrong:.1f}% ± {100 * each.error:.1f}"
        lines.append(f"| {each.kind} | {each.seeds} | {wrong} | {100 * each.power:.0f}% | {enough} |")
    return "\n".join(lines) + "\n"


def _summary(kind: str, rows: DataFrame) -> dict:
    asked = rows.set_index("question")
    null, true = asked.loc["wrong"], asked.loc["right"]
    ladder = rows[(rows["effect"] == true["effect"]) & (rows["reproduced"] >= POWER)]["seeds"]
    enough = (ladder.min() if len(ladder) else 0) if rows["seeds"].nunique() > 1 else -1
    error = float(np.sqrt(null["any"] * (1 - null["any"]) / null["draws"]))
    found = {"kind": kind, "seeds": null["seeds"], "wrong": null["any"], "error": error}
    return found | {"true": true["effect"], "power": true["reproduced"], "enough": enough}
