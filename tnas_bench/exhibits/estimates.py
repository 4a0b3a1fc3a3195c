"""Estimates as text: means over seeds with their intervals."""

import numpy as np
import pandas as pd


def number(value: float, digits: int) -> str:
    """A number, or a dash where there is none."""
    return "–" if np.isnan(value) else f"{value:.{digits}f}"


def mean(cell: pd.Series, digits: int) -> str:
    """A mean with its interval in brackets, where it has one; ``cell`` as :class:`tnas_bench.stats.Estimate`."""
    interval = "" if np.isnan(cell["low"]) else f" [{cell['low']:.{digits}f}, {cell['high']:.{digits}f}]"
    return f"{cell['mean']:.{digits}f}{interval}"


def trials(cell: pd.Series) -> str:
    """A number of trials to a bar; "> B" where every seed missed the bar, "≥" where some did."""
    if cell["censored"] == cell["seeds"]:
        return f"> {cell['budget']:.0f}"
    return f"{'≥ ' if cell['censored'] else ''}{mean(cell, 0)}"
