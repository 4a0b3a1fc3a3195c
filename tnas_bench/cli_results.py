"""The verbs about results as a whole: ``tnas-bench audit``, ``compare`` and ``export``."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tnas_bench.checks import checked_scale
from tnas_bench.cli_data import ScaleName
from tnas_bench.errors import UserError
from tnas_bench.progress import progress

STYLES = {"ok": "green", "in part": "yellow", "fails": "bold red"}


def audit(
    scale: ScaleName = "paper",
    sample: Annotated[int, typer.Option(help="trials to train again, drawn from all studies", min=0)] = 3,
    seed: Annotated[int, typer.Option(help="draws these trials", min=0)] = 0,
) -> None:
    """Check all that is sealed at a scale: hashes, inputs, and every proposal; train some trials again."""
    from tnas_bench import audit
    from tnas_bench.exhibit_results import all_places
    from tnas_bench.journal.sealed import is_sealed

    settings, findings = checked_scale(scale), []
    console = Console(soft_wrap=True, highlight=False, markup=False)
    with progress(f"audit of {settings.name}", len(audit.sealed(settings)), "studies") as observe:
        for found in audit.audit(settings, sample, seed):
            findings.append(found)
            console.print(Text(f"{found.verdict:8}", STYLES[found.verdict]), f"{found.path}: {found}")
            observe(1)
    unsealed = sum(not is_sealed(place.folder) for place in all_places(settings))
    verdicts = Counter(found.verdict for found in findings)
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in STYLES)
    console.print(f"{len(findings)} sealed: {counted}; {unsealed} more are planned, and not sealed")
    if kinds := Counter(each.kind for found in findings for each in found.unchecked):
        console.print("not checked here:", ", ".join(f"{kind} of {number}" for kind, number in kinds.items()))
    if verdicts["fails"]:
        sys.exit(1)


Side = Annotated[str, typer.Argument(help="a folder of results, a scale, COMMIT:results/SCALE, or a commit alone")]


def compare(first: Side, second: Side) -> None:
    """Tell what changed between two sets of sealed results, and whether it matters. Exit code 1: results differ."""
    from tnas_bench.compare import compare
    from tnas_bench.compare.sources import scale_of, source

    scale = scale_of(first) or scale_of(second)
    with source(first, scale) as old, source(second, scale) as new:
        found = compare(old.folder, new.folder)
        for change in found.changes:
            print(change)
        verdicts = _verdicts(old, new) if found.changes else []
    for change in verdicts:
        print(change)
    apart = ", ".join(f"{key} ({number})" for key, number in sorted(found.apart.items()))
    told = f", which differ without effect in: {apart}" if apart else ""
    print(f"{found.same} runs have the same results{told}")
    if found.changes:
        sys.exit(1)


def _verdicts(*sides) -> list[str]:
    """The claims whose verdict changed, those that were or are not run by number; both sides are judged anew."""
    judged = []
    with progress("verdicts", len(sides), "sides") as observe:
        for side in sides:
            try:
                judged.append(side.verdicts())
            except (UserError, KeyError, TypeError, ValueError, IndexError) as error:
                return [
                    f"verdicts: not compared, for this version cannot judge the results of {side.folder} ({error!r})"
                ]
            observe(1)
    old, new = judged
    if not (old and new):
        return ["verdicts: not compared, for a folder is not that of a known scale (results/SCALE)"]
    changed = {claim: f"{old[claim]} → {new[claim]}" for claim in old if old[claim] != new[claim]}
    told = [f"claim {claim}: {change}" for claim, change in changed.items() if "not run" not in change]
    unrun = Counter(change for change in changed.values() if "not run" in change)
    told += [f"claims, {number} of them: {change}" for change, number in unrun.items()]
    return [*told, f"verdicts: {len(changed)} of {len(old)} changed"]


def export(
    into: Annotated[Path, typer.Option(help="a new folder, or a new file that ends with .zip")],
    scale: ScaleName = "paper",
) -> None:
    """Pack what is sealed at a scale, and its tables and figures, into an RO-Crate: a folder or a zip."""
    try:
        from tnas_bench.crate import export
    except ModuleNotFoundError as error:
        raise UserError(f"{error.name} is not installed; run: pip install -e '.[export]'") from None

    settings = checked_scale(scale)
    print(f"{into}: {export(settings, into)} sealed runs of scale {settings.name}")
