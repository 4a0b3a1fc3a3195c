"""Text tasks: rows of a text and a label become numbered classes in three splits."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tnas_bench.errors import UserError
from tnas_bench.tasks import Split, cards
from tnas_bench.tasks.registry import TaskRow
from tnas_bench.tasks.sources import Found
from tnas_bench.tasks.splits import Rows, at_most, split


def relabel(raw: pd.DataFrame, labels: Mapping[str, str] | None) -> pd.DataFrame:
    """Class names in place of stored labels; None where a row has no class."""
    stored = raw["label"].str.strip()
    if labels is None:
        return raw.assign(label=[label or None for label in stored])
    return raw.assign(label=[labels.get(label, labels.get("*")) for label in stored])


def usable(raw: pd.DataFrame) -> pd.DataFrame:
    """Rows with a class and a text that is not blank."""
    return raw[raw["label"].notna() & raw["text"].str.strip().ne("")].reset_index(drop=True)


def prepared(task: TaskRow, found: Found, raw: pd.DataFrame, max_rows: int | None) -> tuple[dict[str, Split], dict]:
    """The splits of a task and the facts of its card, from rows with class names; classes are sorted by name."""
    kept = usable(raw)
    if len(kept) == 0:
        raise UserError(f"{task.name}: 0 rows with a text and a known class; give complete raw files")
    how = task.split if "split" in kept else "random"
    classes, numbers = np.unique(kept["label"].to_numpy(str), return_inverse=True)
    whole = split(task.name, numbers, None if how == "random" else kept["split"].to_numpy(str))
    if empty := [name for name, part in whole.items() if len(part) == 0]:
        raise UserError(f"{task.name}: {len(kept)} rows leave no {empty[0]} row; give complete raw files")
    rows = at_most(whole, max_rows)
    facts = cards.provenance(task, found, cut=sum(map(len, rows.values())) < len(kept))
    facts |= _sizes(task, raw, kept, classes.tolist(), rows, how) | {"max_rows": max_rows, "split": how}
    facts |= cards.majority(numbers, rows)
    texts = kept["text"].to_numpy(object)
    return {name: Split(tuple(texts[part]), numbers[part]) for name, part in rows.items()}, facts


def _sizes(task: TaskRow, raw: pd.DataFrame, kept: pd.DataFrame, classes: list[str], rows: Rows, how: str) -> dict:
    """The sizes of a card, and what only texts have. Publishers count blank texts, which are left out here."""
    mean = round(float(kept["text"].str.len().mean()), 2)
    found = cards.differences(task.published, int(raw["label"].notna().sum()), len(classes), mean)
    if how != task.split:
        found.append(f"split: {how} here, {task.split} published")
    texts = kept["text"].str.casefold()
    repeated = cards.repeats({name: set(texts.iloc[part]) for name, part in rows.items()})
    return cards.sizes(task, classes, rows, len(raw), len(kept), found) | {"mean_characters": mean, **repeated}
