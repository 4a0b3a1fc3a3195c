"""Bar: how many trials searches need to attain the best that a reference search found, as in Table 1's left half."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from tnas_bench.exhibits import numerals
from tnas_bench.exhibits.tnaml import Curves
from tnas_bench.metrics import evaluated_trials, trials_to_reach
from tnas_bench.stats import restricted_mean


def trials_to_bar(curves: Curves, budget: int, reference: str) -> list[dict]:
    """One row a variant: budget, variant, own_bar (whether the reference's only seed set the bar) and the estimate.

    Without the reference there is no bar, and no row.
    """
    own_bar = len(curves.get(reference, {})) == 1
    return [
        {"budget": budget, "variant": variant, "own_bar": own_bar} | asdict(restricted_mean([*counts.values()], budget))
        for variant, counts in reached(curves, budget, reference).items()
    ]


def reached(curves: Curves, budget: int, reference: str) -> dict[str, dict[int, int | None]]:
    """By variant and seed, the trials after which a search attains the bar; None: not within the budget.

    The bar is the reference's best validation accuracy-topN within ``budget`` trials.
    """
    evaluated = evaluated_trials(budget) - 1
    best = {seed: np.nanmax(validation[evaluated]) for seed, (validation, _) in curves.get(reference, {}).items()}
    if not best:
        return {}
    return {
        variant: {seed: trials_to_reach(heights, _bar(best, seed)) for seed, (heights, _) in seeds.items()}
        for variant, seeds in curves.items()
    }


def _bar(best: dict[int, float], seed: int) -> float:
    """The bar for a seed: mean of the best of the reference's other seeds, so that it does not set one for itself."""
    others = [height for other, height in best.items() if other != seed]
    return float(np.mean(others or list(best.values())))


def text(cell: pd.Series) -> str:
    """A number of trials with its interval; "> B" where every seed missed the bar, "≥" where some did."""
    if cell["censored"] == cell["seeds"]:
        return f"> {cell['budget']:.0f}"
    interval = numerals.bracketed(cell["mean"], cell["low"], cell["high"], 0)
    return f"{'≥ ' if cell['censored'] else ''}{interval}"
