"""Ledger: the verdict on every claim at a scale, with its evidence, one a row."""

from dataclasses import asdict, replace

from pandas import DataFrame

from tnas_bench import exhibit_results, exhibits
from tnas_bench.claims import Claim, claims, rules
from tnas_bench.claims.judge import NOT_RUN, judge
from tnas_bench.claims.measures.registry import MEASURES
from tnas_bench.claims.rules import Judgement, Verdict
from tnas_bench.config import Scale
from tnas_bench.journal.sealed import is_sealed
from tnas_bench.plan import MULTITASK, Place

ORDERS = ("order", "trend")


def ledger(scale: Scale) -> DataFrame:
    """One row a claim: its fields, then verdict, reason, test, unit, units, estimate, low, high, p, runs.

    ``p`` of an order over tasks is corrected for the number of such orders of its paper that are run (Holm); ``runs``
    are the paths of the sealed studies that it rests on. A scale that claims nothing says only that a claim is wired.
    """
    measured = _Measured(scale)
    judged = _corrected({claim: _judge(claim, measured) for claim in claims()})
    return DataFrame([_row(claim, found, scale) for claim, found in judged.items()])


def _corrected(judged: dict[Claim, Judgement]) -> dict[Claim, Judgement]:
    """The orders over tasks of each paper, corrected for their number."""
    families: dict[str, list[Claim]] = {}
    for claim, found in judged.items():
        if claim.kind in ORDERS and found.evidence.unit == "tasks":
            families.setdefault(claim.paper, []).append(claim)
    corrected = {
        claim: rules.order(evidence)
        for family in families.values()
        for claim, evidence in zip(family, rules.holm([judged[claim].evidence for claim in family]), strict=True)
    }
    return judged | corrected


class _Measured:
    """The measures of a scale's sealed results, each computed once of results that are read once."""

    def __init__(self, scale: Scale):
        self.scale, self._results, self._cells = scale, {}, {}

    def __call__(self, claim: Claim) -> DataFrame:
        key = claim.exhibit, claim.measure
        if key not in self._cells:
            self._cells[key] = MEASURES[claim.measure](self._read(claim.exhibit), self.scale)
        return self._cells[key]

    def _read(self, exhibit: str) -> object:
        sealed = [place for place in exhibit_results.planned(self.scale, exhibit) if is_sealed(place.folder)]
        key = exhibits.find(exhibit).reads, tuple(place.path for place in sealed)
        if key not in self._results:
            self._results[key] = exhibit_results.read(self.scale, exhibit, sealed)
        return self._results[key]


def _judge(claim: Claim, measured: _Measured) -> Judgement:
    scale = measured.scale
    if claim.kind == Verdict.UNVALUED:
        return Judgement(Verdict.UNVALUED, NOT_RUN, "the paper gives no value")
    if not scale.makes(claim.exhibit):
        return Judgement(Verdict.NOT_RUN, NOT_RUN, "the scale leaves its exhibit out")
    places = needed(claim, scale)
    if not places:
        return Judgement(Verdict.NOT_RUN, NOT_RUN, "the scale plans no such run")
    if missing := [place for place in places if not is_sealed(place.folder)]:
        return Judgement(Verdict.NOT_RUN, NOT_RUN, f"{len(missing)} of {len(places)} runs not sealed")
    judged = judge(claim, measured(claim), scale.differs.get(claim.paper, ""))
    if judged.verdict is not Verdict.NOT_RUN and (reason := _out_of_reach(claim, scale)):
        return replace(judged, verdict=Verdict.INCONCLUSIVE, reason=reason)
    return judged


def _out_of_reach(claim: Claim, scale: Scale) -> str:
    """Says so where no search of the scale can come to what is published: to so many trials, or to such a choice."""
    if claim.measure == "image_fine_tuned" and len(set(scale.images.fine_tune)) == 1:
        return "whether to fine-tune is no choice of the scale's image children"
    if (claim.measure, claim.kind) != ("trials", "value"):
        return ""
    budget = scale.trials.trials(claim.task)
    return f"out of reach of {budget:,} trials" if claim.value > claim.width * budget else ""


def needed(claim: Claim, scale: Scale) -> list[Place]:
    """The planned studies or runs that a claim rests on: of its variants and task; of all, where it names none."""
    measure = MEASURES[claim.measure]
    variants = {claim.of, claim.over, *measure.beside}
    planned = exhibit_results.planned(scale, claim.exhibit)
    if measure.experiments:
        planned = [place for place in planned if place.experiment in measure.experiments]
    chosen = [place for place in planned if _variant(place) in variants] or planned
    return [place for place in chosen if not claim.task or place.task in (claim.task, MULTITASK)]


def _variant(place: Place) -> str:
    """As measures name it: a search for cells without its protocol."""
    return place.variant.removesuffix("-paper")


def _row(claim: Claim, judged: Judgement, scale: Scale) -> dict:
    told = judged.verdict not in (Verdict.NOT_RUN, Verdict.UNVALUED)
    runs = [place.path for place in needed(claim, scale)] if told else []
    wired = told and not scale.claims
    found = {
        "verdict": str(Verdict.WIRED if wired else judged.verdict),
        "reason": judged.reason,
        **asdict(judged.evidence),
    }
    return asdict(claim) | found | {"runs": " ".join(runs)}
