"""The report of a scale: one page that stands alone, made of the exhibits and the cards of what they rest on."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from pandas import DataFrame
from pydantic import BaseModel

from tnas_bench.claims import shown
from tnas_bench.claims.rules import Verdict
from tnas_bench.config import ROOT, Scale
from tnas_bench.errors import UserError
from tnas_bench.exhibits import EXHIBITS
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.files import read_table
from tnas_bench.tasks.registry import FAITHFUL

CHOICE = "[choice]"  # in a setting's description: the papers are silent, and this is our default
KINDS = ("tasks", "modules")  # of what runs were made with
WITHOUT_CLAIMS = (Verdict.WIRED, Verdict.NOT_RUN, Verdict.UNVALUED)
CALIBRATION = ROOT / "docs" / "calibration.svg"
LONG = 60  # characters of a fact that is told once, if several runs have it in common


def build(scale: Scale, folder: Path, runs: Mapping[str, dict], read: Mapping[str, Sequence[str]]) -> str:
    """The page as HTML: nothing in it is fetched from elsewhere.

    ``folder`` holds ``claims.csv``, and ``tables/`` and ``figures/`` of the exhibits; exhibits that are not there are
    named as not built.
    ``runs``: the run cards of what is sealed, by name; ``read``: of each exhibit, the names of all that it is to read.
    """
    tasks, modules = (_inputs(runs.values(), kind) for kind in KINDS)
    told, common = _facts(runs)
    built = [exhibit for exhibit in EXHIBITS.values() if (folder / "tables" / f"{exhibit.name}.csv").exists()]
    ledger = shown.read(folder)
    return _template().render(
        scale=scale,
        verdicts=[str(verdict) for verdict in Verdict if _may_say(scale, verdict)],
        counts=shown.counts(ledger),
        claims=list(shown.rows(ledger)),
        calibration=_picture(CALIBRATION),
        exhibits=[_shown(exhibit, folder, ledger, runs, read.get(exhibit.name, [])) for exhibit in built],
        missing=[exhibit.title for exhibit in EXHIBITS.values() if exhibit not in built],
        tasks=tasks.values(),
        faithful=FAITHFUL,
        modules=modules.values(),
        runs=told,
        planned=len(set(chain.from_iterable(read.values())) | runs.keys()),
        common=common,
        times=_times(runs),
        choices=pd.read_csv(ROOT / "data" / "choices.tsv", sep="\t").to_dict("records"),
        settings=list(settings(scale)),
    )


def _may_say(scale: Scale, verdict: Verdict) -> bool:
    """Whether a scale may have such a verdict: one that claims nothing says no more than that it is wired."""
    return verdict is not Verdict.WIRED if scale.claims else verdict in WITHOUT_CLAIMS


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


def _shown(exhibit: Exhibit, folder: Path, ledger: DataFrame, runs: Mapping[str, dict], names: Sequence[str]) -> dict:
    """An exhibit as the template wants it."""
    frame = read_table(exhibit, folder)
    try:
        notes, tables = exhibit.notes(frame), exhibit.tables(frame)
    except KeyError as error:  # of a column that it had not yet
        path, made = folder / "tables" / f"{exhibit.name}.csv", f"tnas-bench exhibit {exhibit.name}"
        raise UserError(f"{path}: is of another version ({error} is missing); make it with: {made}") from None
    names = [name for name in names if name in runs]
    tasks, modules = (_inputs((runs[name] for name in names), kind) for kind in KINDS)
    return {
        "name": exhibit.name,
        "title": exhibit.title,
        "caption": exhibit.caption,
        "notes": notes,
        "tables": [{"title": title} | _cells(table) for title, table in tables.items()],
        "figure": None if exhibit.draw is None else _picture(folder / "figures" / f"{exhibit.name}.svg"),
        "claims": list(shown.rows(ledger[ledger["exhibit"] == exhibit.name])),
        "other_tasks": [card for card in tasks.values() if card["grade"] not in FAITHFUL],
        "stand_ins": [card["name"] for card in modules.values() if card["stand_in"]],
        "runs": names,
    }


def _inputs(cards: Iterable[dict], kind: str) -> dict[str, dict]:
    """The cards of all tasks, or of all modules, that runs were made with, by their names."""
    return {name: card for run in cards for name, card in run["inputs"][kind].items()}


def _cells(table: DataFrame) -> dict:
    """Header groups with their widths, the second line of headers, and the rows."""
    groups = [(name, [lower for _, lower in columns]) for name, columns in groupby(table.columns, lambda pair: pair[0])]
    return {"groups": groups, "rows": table.to_numpy().tolist()}


def _picture(path: Path) -> Markup:
    """An SVG file as a part of a page, where its identifiers must be none of another picture's."""
    try:
        _, mark, text = path.read_text(encoding="utf-8").partition("<svg")
    except (OSError, UnicodeDecodeError):
        mark = ""
    if not mark:
        made = "benchmarks/verdicts.py --into docs" if path == CALIBRATION else f"tnas-bench exhibit {path.stem}"
        raise UserError(f"{path}: missing or no picture; make it with: {made}")
    return Markup(re.sub(r'( id="|href="#|url\(#)', rf"\1{path.stem}-", mark + text))


def _facts(runs: Mapping[str, dict]) -> tuple[list[dict], dict[tuple[str, str], int]]:
    """The facts of each run's header and card as text; and long ones that several runs have in common, numbered."""
    told = [{"name": name, "facts": dict(_told(card))} for name, card in runs.items()]
    counts = Counter(fact for run in told for fact in run["facts"].items() if len(fact[1]) > LONG)
    common = [fact for fact, count in counts.items() if count > 1]
    return told, {fact: number for number, fact in enumerate(common, 1)}


def _told(card: dict) -> Iterable[tuple[str, str]]:
    study = {key: value for key, value in card["study"].items() if key not in {"name", "seed", "settings"}}
    settings = {f"settings: {key}": value for key, value in card["study"]["settings"].items()}
    facts = {key: value for key, value in card.items() if key not in {"study", "inputs"}}
    for key, value in (study | settings | facts).items():
        yield key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _times(runs: Mapping[str, dict]) -> list[dict]:
    """What the runs of each experiment took, and all together: number, trials or steps, hours and their share."""
    if not runs:
        return []
    cards = [
        {
            "experiment": "/".join(name.split("/")[:2]),
            "runs": 1,
            "trials": card["trials"] if "trials" in card else card["steps"],
            "hours": card["seconds"] / 3600,
        }
        for name, card in runs.items()
    ]
    times = DataFrame(cards).groupby("experiment").sum()
    times.loc["together"] = times.sum()
    times["share"] = times["hours"] / times.loc["together", "hours"]
    times["rate"] = times["trials"] / (times["hours"] * 3600)
    return times.reset_index().to_dict("records")
