"""Published: the numbers that a paper gives, from ``data/published``; none is estimated or read off a curve."""

from collections.abc import Iterable

import pandas as pd
from pandas import DataFrame

from tnas_bench.config import ROOT


def read(exhibit: str, **options: object) -> DataFrame:
    """The published values of an exhibit, one a row, with the place of each in its paper; ``options``: of pandas."""
    return pd.read_csv(ROOT / "data" / "published" / f"{exhibit}.tsv", sep="\t", **options)


def in_paper_order(tasks: Iterable[str], published: DataFrame) -> dict[str, str]:
    """The tasks and their titles in the order of the paper; those that it does not show come last, by name."""
    titles = dict(zip(published["task"], published["title"], strict=True))
    present = set(tasks)
    others = {task: task for task in sorted(present - titles.keys())}
    return {task: title for task, title in titles.items() if task in present} | others
