"""Numerals: numbers as the text of tables, a dash where there is none."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas import DataFrame


def table(rows: Sequence[Mapping[tuple[str, str], str]]) -> DataFrame:
    """Rows of text under columns of two levels, as :class:`tnas_bench.exhibits.exhibit.Exhibit` wants them."""
    return DataFrame(rows, columns=pd.MultiIndex.from_tuples(rows[0]))


def number(value: float, digits: int = 2) -> str:
    """A number with so many decimals; a dash where there is none."""
    return "–" if np.isnan(value) else f"{value:z.{digits}f}".replace("-", "−")


def power(value: float) -> str:
    """A number in scientific form, as short as it can be; a dash where there is none."""
    return "–" if np.isnan(value) else np.format_float_scientific(value, trim="-", exp_digits=1)


def plus_minus(value: float, spread: float, digits: int = 2) -> str:
    """A number and its spread, where it has one."""
    return number(value, digits) if np.isnan(spread) else f"{number(value, digits)} ± {spread:.{digits}f}"


def signed(value: float, error: float = np.nan, digits: int = 2) -> str:
    """A difference and its error, where it has one."""
    text = plus_minus(abs(value), error, digits)
    return text if np.isnan(value) else f"{'−' if value < 0 else '+'}{text}"


def bracketed(value: float, low: float, high: float, digits: int = 1) -> str:
    """A number and its interval, where it has one."""
    text = number(value, digits)
    return text if np.isnan(low) else f"{text} [{number(low, digits)}, {number(high, digits)}]"


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, a million and more with an exponent; a dash where there is none."""
    if np.isnan(value):
        return "–"
    digits = max(digits, len(f"{abs(value):.0f}")) if abs(value) < 1e6 else digits
    return f"{value:.{digits}g}".replace("-", "−")
