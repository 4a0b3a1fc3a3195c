"""The files of an exhibit: its numbers as CSV, from which all else can be made again; Markdown, LaTeX, images."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from pandas import DataFrame
from PIL import Image

from tnas_bench.errors import UserError
from tnas_bench.exhibits import svg
from tnas_bench.exhibits.exhibit import Exhibit
from tnas_bench.exhibits.text import latex, markdown

WORDS = dict.fromkeys(  # columns that may be empty
    (
        *("task", "title", "grade", "variant", "item", "measure", "ours", "theirs", "stand_ins", "pretrained_on"),
        *("module", "language", "outcome", "other", "cluster", "bound", "decision", "choice"),
        *("protocol", "form", "normalised", "heads", "device", "base", "cell"),
    ),
    str,
)
LONG = ["stand_ins", "pretrained_on"]  # lists of names, the same row after row: they would be most of a file
ABOVE = "as above"
PASSES = 3  # of the layout: it gives titles the room that they took in the pass before
SALT = "tnas_bench"  # matplotlib names the parts of an SVG at random unless told a salt


def save_table(exhibit: Exhibit, frame: DataFrame, folder: Path, label: str) -> None:
    """Write ``tables/<name>.csv`` (all numbers), ``.md`` and ``.tex`` (what a reader sees)."""
    frame = frame.assign(label=label)
    tables = exhibit.tables(frame)
    with writing(folder / "tables") as there:
        _said_once(frame).to_csv(there / f"{exhibit.name}.csv", index=False, lineterminator="\n")
        (there / f"{exhibit.name}.md").write_text(markdown(exhibit, frame, tables), encoding="utf-8")
        (there / f"{exhibit.name}.tex").write_text(latex(exhibit, frame, tables), encoding="utf-8")


def read_table(exhibit: Exhibit, folder: Path) -> DataFrame:
    """The frame that :func:`save_table` wrote, with the scale's label in the column ``label``."""
    path = folder / "tables" / f"{exhibit.name}.csv"
    try:
        return _said_in_full(pd.read_csv(path, dtype=WORDS).fillna(dict.fromkeys(WORDS, "")))
    except (OSError, ValueError):  # pandas' parser errors are ValueErrors
        raise UserError(
            f"{path}: missing or not a table; make it with: tnas-bench exhibit {exhibit.name} --scale ..."
        ) from None


def save_figure(exhibit: Exhibit, frame: DataFrame, folder: Path) -> None:
    """Write ``figures/<name>.svg`` and ``.png`` of a frame that has the scale's label; the same bytes every time."""
    with rc_context({"svg.hashsalt": SALT} | svg.TEXT), writing(folder / "figures") as figures:
        figure = exhibit.draw(frame)
        _footnote(figure, frame["label"].iloc[0], exhibit.notes(frame))
        _settle(figure)
        _save_png(figure, figures / f"{exhibit.name}.png")
        told = svg.add_dots(figure)
        figure.savefig(figures / f"{exhibit.name}.svg", metadata={"Date": None})
        svg.finish(figures / f"{exhibit.name}.svg", told)


def _said_once(frame: DataFrame) -> DataFrame:
    """With ``ABOVE`` in the columns ``LONG`` where a row says again what the one above it says."""
    said = frame.filter(LONG)
    return frame.assign(**said.mask(said.eq(said.shift()) & said.ne(""), ABOVE))


def _said_in_full(frame: DataFrame) -> DataFrame:
    """What :func:`_said_once` was given."""
    said = frame.filter(LONG)
    return frame.assign(**said.mask(said.eq(ABOVE)).ffill())


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """A folder that is there to be written to; a full disk or a missing right is one line to the user."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error}); free some space or mend its rights") from None


def _save_png(figure: Figure, path: Path) -> None:
    """In 256 colours, a third of the bytes. They cover its range evenly: other palettes put bands into colour bars."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=200)
    Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path)


def _settle(figure: Figure) -> None:
    """Lay out once and for all, in round numbers: the solver of the layout ends in other last digits each time."""
    for _ in range(PASSES):
        figure.get_layout_engine().execute(figure)
    figure.set_layout_engine("none")
    for axes in figure.axes:
        axes.set_position([round(edge, 6) for edge in axes.get_position(original=True).bounds])


def _footnote(figure: Figure, label: str, notes: list[str]) -> None:
    """Small text under a figure, which makes room for it."""
    width, height = figure.get_size_inches()
    lines = [line for text in (label, " ".join(notes)) for line in textwrap.wrap(text, int(width * 19))]
    room = 0.12 * len(lines) + 0.12
    figure.set_size_inches(width, height + room)
    figure.get_layout_engine().set(rect=(0, room / (height + room), 1, height / (height + room)))
    style = {"fontsize": 6, "color": "#555555", "va": "bottom", "parse_math": False}  # a label may hold $
    figure.text(0.01, 0.06 / (height + room), "\n".join(lines), **style)
