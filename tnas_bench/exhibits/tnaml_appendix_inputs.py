"""What the searches of Transfer Learning with Neural AutoML had at hand, by their run cards: space, modules, data sets.

One row a cell: part, item (a decision, a module, a task; "all"), measure, ours and theirs as text, empty where there is
none; of data sets also task, title, grade.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from pandas import DataFrame

from tnas_bench.exhibits import numerals, published, tnaml
from tnas_bench.tasks.registry import task_rows

ALL = "all"
SIZES = {"train": "train", "validation": "validation", "test": "test", "rows": "all"}
RANGES = ("rows", "classes", "mean_characters")  # of which the paper gives lowest and highest
WORDS = {"True": "yes", "False": "no"}
Cells = Mapping[tuple[str, str], tuple[str, str]]  # of an item and a measure: ours, theirs
NONE = ("–", "–")
REMEMBERED = " (memory)"  # marks a size that is not verified


def inputs(cards: Sequence[Mapping]) -> DataFrame:
    """The rows of all parts; ``cards``: run cards of studies of one scale."""
    tasks = {task: card for each in cards for task, card in each["inputs"]["tasks"].items()}
    modules = {name: card for each in cards for name, card in each["inputs"]["modules"].items()}
    rows = [*_space(cards[0]["study"]["settings"]["space"]), *_modules(modules), *_data_sets(tasks)]
    paper = published.read("tnaml_appendix")
    named = {(row.part, row.item, row.measure): row.value for row in paper.itertuples()}
    return DataFrame(
        {"theirs": named.get((row["part"], row["item"], row["measure"]), ""), "grade": ""} | row for row in rows
    )


def _space(space: Mapping[str, Sequence]) -> Iterable[dict]:
    for decision, choices in space.items():
        texts = [
            WORDS.get(str(choice), f"{choice:g}" if isinstance(choice, float) else str(choice)) for choice in choices
        ]
        yield {"part": "space", "item": decision, "measure": "choices", "ours": ", ".join(texts)}
        yield {"part": "space", "item": decision, "measure": "number", "ours": str(len(choices))}
    size = math.prod(len(choices) for choices in space.values())
    yield {"part": "space", "item": ALL, "measure": "number", "ours": str(size)}


def _modules(modules: Mapping[str, Mapping]) -> Iterable[dict]:
    for name, card in modules.items():
        cells = {key: str(card.get(key, "")) for key in ("dimension", "words", "language", "trained", "stand_in")}
        for measure, text in (cells | {"named": ""}).items():
            yield {"part": "module", "item": name, "measure": measure, "ours": WORDS.get(text, text)}


def _data_sets(tasks: Mapping[str, Mapping]) -> Iterable[dict]:
    order = [row.name for row in task_rows() if row.name in tasks]
    order += [task for task in tasks if task not in order]
    sizes = {task: _sizes(tasks[task]) for task in order}
    for task in order:
        card, known = tasks[task], tasks[task].get("published", {})
        facts = {"part": "data", "item": task, "task": task, "title": card["title"], "grade": card["grade"]}
        yield facts | {"measure": "phase", "ours": card["role"]}
        for measure, size in sizes[task].items():
            mark = REMEMBERED if known.get("sure") == "memory" else ""
            theirs = "" if known.get(measure) is None else f"{known[measure]:,.0f}{mark}"
            yield facts | {"measure": measure, "ours": f"{size:,.0f}", "theirs": theirs}
    for measure in RANGES:
        of_all = [size[measure] for size in sizes.values()]
        yield {"part": "data", "item": ALL, "measure": measure, "ours": f"{min(of_all):,.0f} to {max(of_all):,.0f}"}


def _sizes(card: Mapping) -> dict[str, float]:
    rows = card["rows"]
    splits = {split: rows[split] for split in ("train", "validation", "test")}
    totals = {"rows": rows["total"], "classes": len(card["classes"])}
    return splits | totals | {"mean_characters": card["mean_characters"]}


def tables(frame: DataFrame) -> dict[str, DataFrame]:
    """Space, modules, data sets, beside what is published of them."""
    cells = {(row.item, row.measure): (row.ours or "–", row.theirs or "–") for row in frame.itertuples()}
    items = {part: list(dict.fromkeys(rows["item"])) for part, rows in frame.groupby("part", sort=False)}
    titles = tnaml.marked(frame[frame["task"] != ""])
    return {
        "Search space": numerals.table([_decision(item, cells) for item in items["space"]]),
        "Embedding modules": numerals.table([_module(item, cells) for item in items["module"]]),
        "Data sets": numerals.table([_data_set(item, titles.get(item, "All"), cells) for item in items["data"]]),
    }


def _decision(item: str, cells: Cells) -> dict[tuple[str, str], str]:
    choices, (number, size) = cells.get((item, "choices"), NONE), cells[item, "number"]
    row = {("Decision", ""): tnaml.DECISIONS.get(item, "all configurations"), ("Choices", ""): choices[0]}
    theirs = size if item == ALL else choices[1]
    return row | {("Number", ""): f"{int(number):,}", ("Named by the paper", ""): theirs}


def _module(item: str, cells: Cells) -> dict[tuple[str, str], str]:
    dimension, words, language, trained, stand_in = (
        cells[item, measure][0] for measure in ("dimension", "words", "language", "trained", "stand_in")
    )
    row = {("Module", ""): item, ("Dimension", ""): dimension}
    row["Words", ""] = f"{int(words):,}" if words.isdigit() else words
    row |= {("Language", ""): language, ("Trained", ""): trained, ("Stands in", ""): stand_in}
    return row | {("Named by the paper", ""): cells[item, "named"][1]}


def _data_set(item: str, title: str, cells: Cells) -> dict[tuple[str, str], str]:
    row = {("Data set", ""): title, ("Phase", ""): cells.get((item, "phase"), NONE)[0]}
    row |= {("Rows", name): cells.get((item, measure), NONE)[0] for measure, name in SIZES.items()}
    row["Rows", "published"] = cells[item, "rows"][1]
    for measure, name in {"classes": "Classes", "mean_characters": "Mean characters"}.items():
        row[name, "ours"], row[name, "published"] = cells[item, measure]
    return row


def notes(frame: DataFrame) -> list[str]:
    """What a reader must know to read the tables."""
    remembered = frame["theirs"].str.endswith(REMEMBERED).any()
    return [
        "The paper's appendix is not at hand: of space and modules, only what its text names stands beside ours.",
        "Published sizes are those of the public data sets or of Houlsby et al. 2019; the paper's own text gives the "
        "ranges over all its 21 tasks.",
        *([f"{REMEMBERED.strip()}: not verified."] if remembered else []),
    ]
