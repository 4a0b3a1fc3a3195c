"""The report of a scale: one page that stands alone, made of the exhibits and the cards of what they rest on."""

import base64
import json
import os
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from pandas import DataFrame
from pydantic import BaseModel

from tnas_bench.claims import shown
from tnas_bench.claims.rules import Verdict
from tnas_bench.config import ROOT, Scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.files import read_table, writing
from tnas_bench.tasks.registry import FAITHFUL

CHOICE = "[choice]"  # in a setting's description: the papers are silent, and this is our default


def write(
    path: Path, scale: Scale, folder: Path, tasks: Sequence[dict], modules: Sequence[dict], runs: Sequence[dict]
) -> None:
    """Write :func:`build`'s page to ``path``, whole or not at all."""
    page = build(scale, folder, tasks, modules, runs)
    unfinished = path.with_name(f".{path.name}.part")
    with writing(path.parent):
        unfinished.write_text(page, encoding="utf-8")
        os.replace(unfinished, path)


def build(scale: Scale, folder: Path, tasks: Sequence[dict], modules: Sequence[dict], runs: Sequence[dict]) -> str:
    """The page as HTML: nothing in it is fetched from elsewhere.

    ``folder`` holds ``claims.csv``, and ``tables/`` and ``figures/`` of the exhibits; exhibits that are not there are
    named as not built.
    ``tasks`` and ``modules`` are cards of prepared inputs, ``runs`` the run cards of sealed studies.
    """
    built = [exhibit for exhibit in EXHIBITS.values() if (folder / "tables" / f"{exhibit.name}.csv").exists()]
    ledger = shown.read(folder)
    return _template().render(
        scale=scale,
        verdicts=[str(verdict) for verdict in Verdict if (verdict is Verdict.WIRED) != scale.claims],
        counts=shown.counts(ledger),
        claims=list(shown.rows(ledger)),
        exhibits=[_shown(exhibit, folder) for exhibit in built],
        missing=[exhibit.title for exhibit in EXHIBITS.values() if exhibit not in built],
        tasks=tasks,
        faithful=FAITHFUL,
        modules=modules,
        runs=[_run(card) for card in runs],
        choices=pd.read_csv(ROOT / "data" / "choices.tsv", sep="\t").to_dict("records"),
        settings=list(settings(scale)),
    )


def _template() -> Template:
    environment = Environment(loader=PackageLoader("tnas_bench"), autoescape=True, undefined=StrictUndefined)
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters["thousands"] = lambda number: "–" if number is None else f"{number:,}"
    return environment.get_template("report.html.j2")


def settings(model: BaseModel, prefix: str = "") -> Iterable[dict]:
    """Every setting of a scale: dotted name, value as JSON, one-line meaning, and whether it is our choice."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        inner = value if isinstance(value, dict) else {"": value}
        if all(isinstance(each, BaseModel) for each in inner.values()) and inner:
            for key, each in inner.items():
                yield from settings(each, f"{prefix}{name}.{key}." if key else f"{prefix}{name}.")
        else:
            meaning = field.description or ""
            text = json.dumps(value, ensure_ascii=False)
            shown = {"name": prefix + name, "value": text, "meaning": meaning.replace(CHOICE, "").strip()}
            yield shown | {"choice": CHOICE in meaning}


def _shown(exhibit: Exhibit, folder: Path) -> dict:
    """An exhibit as the template wants it."""
    frame = read_table(exhibit, folder)
    return {
        "name": exhibit.name,
        "title": exhibit.title,
        "caption": exhibit.caption,
        "notes": exhibit.notes(frame),
        "tables": [{"title": title} | _cells(table) for title, table in exhibit.tables(frame).items()],
        "figure": None if exhibit.draw is None else _image(folder / "figures" / f"{exhibit.name}.svg"),
    }


def _cells(table: DataFrame) -> dict:
    """Header groups with their widths, the second line of headers, and the rows."""
    groups = [(name, [lower for _, lower in columns]) for name, columns in groupby(table.columns, lambda pair: pair[0])]
    return {"groups": groups, "rows": table.to_numpy().tolist()}


def _image(path: Path) -> str:
    """An SVG file as an address that holds the image itself."""
    try:
        return f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()}"
    except OSError:
        raise UserError(f"{path}: missing; make it with: tnas-bench figure {path.stem}") from None


def _run(card: dict) -> dict:
    """The study's name and the facts of its header and run card as text."""
    facts = card["study"] | {key: value for key, value in card.items() if key not in {"study", "inputs"}}
    text = {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in facts.items()
    }
    return {"name": f"{text.pop('name')}/seed{text.pop('seed')}", "facts": text}
