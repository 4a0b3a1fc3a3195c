"""Exhibits as text: Markdown and LaTeX."""

from collections.abc import Mapping

from pandas import DataFrame

from tnas_bench.exhibits.exhibit import Exhibit

LATEX = str.maketrans(
    {character: f"\\{character}" for character in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "–": "--"}
    | {"<": r"$<$", ">": r"$>$", "≤": r"$\leq$", "≥": r"$\geq$", "±": r"$\pm$", "†": r"$^\dagger$", "‡": r"$^\ddagger$"}
    | {"−": r"$-$", "σ": r"$\sigma$", "ε": r"$\epsilon$", "²": r"$^2$", "→": r"$\to$", "√": r"$\surd$"}
)


def markdown(exhibit: Exhibit, frame: DataFrame, tables: Mapping[str, DataFrame]) -> str:
    """An exhibit's ``tables`` of a frame, with title, scale, caption and notes."""
    blocks = [f"# {exhibit.title}", f"> {frame['label'].iloc[0]}", exhibit.caption]
    for title, table in tables.items():
        blocks += [f"**{title}**", _pipes(table)]
    return "\n\n".join([*blocks, "\n".join(f"* {note}" for note in exhibit.notes(frame))]) + "\n"


def _pipes(table: DataFrame) -> str:
    headers = [" ".join(filter(None, names)) for names in table.columns]
    rows = [headers, ["---"] * len(headers), *table.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows)


def latex(exhibit: Exhibit, frame: DataFrame, tables: Mapping[str, DataFrame]) -> str:
    """The same as a ``table`` environment, for a document with the package booktabs."""
    caption = " ".join([f"{exhibit.title}.", exhibit.caption, *exhibit.notes(frame), f"[{frame['label'].iloc[0]}]"])
    blocks = [r"\begin{table}", r"\centering\scriptsize", rf"\caption{{{caption.translate(LATEX)}}}"]
    blocks.append(rf"\label{{tab:{exhibit.name}}}")
    for title, table in tables.items():
        blocks += [rf"\par\medskip\textit{{{title.translate(LATEX)}}}\par\smallskip", _tabular(table)]
    return "\n".join([*blocks, r"\end{table}"]) + "\n"


def _tabular(table: DataFrame) -> str:
    escaped = table.map(lambda cell: cell.translate(LATEX)).rename(columns=lambda name: name.translate(LATEX))
    return escaped.to_latex(index=False, multicolumn_format="c", column_format="l" + "r" * (table.shape[1] - 1)).strip()
