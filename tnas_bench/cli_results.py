"""The verbs about results as a whole: ``tnas-bench audit``."""

import sys
from collections import Counter
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tnas_bench.checks import checked_scale
from tnas_bench.cli_data import ScaleName
from tnas_bench.progress import progress

STYLES = {"ok": "green", "in part": "yellow", "fails": "bold red"}


def audit(
    scale: ScaleName = "paper",
    sample: Annotated[int, typer.Option(help="trials to train again, drawn from all studies", min=0)] = 3,
    seed: Annotated[int, typer.Option(help="draws these trials", min=0)] = 0,
) -> None:
    """Check all that is sealed at a scale: hashes, inputs, and every proposal; train some trials again."""
    from tnas_bench import audit
    from tnas_bench.exhibit_results import all_places, is_sealed

    settings, findings = checked_scale(scale), []
    console = Console(soft_wrap=True, highlight=False)
    with progress(f"audit of {settings.name}", len(audit.sealed(settings)), "studies") as observe:
        for found in audit.audit(settings, sample, seed):
            findings.append(found)
            console.print(Text(f"{found.verdict:8}", STYLES[found.verdict]), f"{found.path}: {found}")
            observe(1)
    unsealed = sum(not is_sealed(place) for place in all_places(settings))
    verdicts = Counter(found.verdict for found in findings)
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in STYLES)
    console.print(f"{len(findings)} sealed: {counted}; {unsealed} more are planned, and not sealed")
    if kinds := Counter(each.kind for found in findings for each in found.unchecked):
        console.print("not checked here:", ", ".join(f"{kind} of {number}" for kind, number in kinds.items()))
    if verdicts["fails"]:
        sys.exit(1)
