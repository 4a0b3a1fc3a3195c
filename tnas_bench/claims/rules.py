"""Rules: from evidence to a verdict, one rule a kind of claim; docs/verdicts.md tells them in words."""

from dataclasses import dataclass, replace
from enum import StrEnum

from tnas_bench import stats
from tnas_bench.claims.evidence import LEVEL, Evidence


class Verdict(StrEnum):
    REPRODUCED = "reproduced"
    DIRECTION = "direction only"
    REFUTED = "not reproduced"
    INCONCLUSIVE = "inconclusive"
    NOT_RUN = "not run"
    WIRED = "wired"  # all that a smoke run may say
    UNVALUED = "no published value"  # shown, never judged


@dataclass(frozen=True)
class Judgement:
    """A verdict with what it rests on, and why it is no other."""

    verdict: Verdict
    evidence: Evidence
    reason: str


def value(found: Evidence, differs: str) -> Judgement:
    """A published value: reproduced if ours is within the margin of it, surely.

    ``differs``: what else than the seed is not the paper's (budget, data, modules). Where anything is, a value that is
    elsewhere refutes nothing.
    """
    if found.p <= LEVEL:
        return Judgement(Verdict.REPRODUCED, found, f"within the margin{differs and f', with another {differs}'}")
    if found.against <= LEVEL:
        if differs:
            return Judgement(Verdict.INCONCLUSIVE, found, f"beyond the margin, but with another {differs}")
        return Judgement(Verdict.REFUTED, found, "beyond the margin")
    if unit := _too_few(found):
        return Judgement(Verdict.INCONCLUSIVE, found, unit)
    return Judgement(Verdict.INCONCLUSIVE, found, "the interval reaches across the margin")


def order(found: Evidence) -> Judgement:
    """One side above the other: reproduced if that is sure, not reproduced if the reverse is."""
    if unit := _too_few(found):
        return Judgement(Verdict.INCONCLUSIVE, found, unit)
    if found.p <= LEVEL:
        return Judgement(Verdict.REPRODUCED, found, "the order is sure")
    if found.against <= LEVEL:
        return Judgement(Verdict.REFUTED, found, "the reverse is sure")
    return Judgement(Verdict.INCONCLUSIVE, found, "neither order is sure")


def size(magnitude: Evidence, direction: Evidence, differs: str) -> Judgement:
    """A size with a direction (a ratio, a count): reproduced within the margin; else its direction may be sure.

    As with values, what comes out the other way round with another budget or other inputs refutes nothing.
    """
    judged = value(magnitude, differs)
    if judged.verdict is Verdict.REPRODUCED:
        return judged
    ordered = order(direction)
    if ordered.verdict is Verdict.REPRODUCED:
        return replace(judged, verdict=Verdict.DIRECTION, reason=f"the direction is sure; of the size, {judged.reason}")
    if ordered.verdict is Verdict.REFUTED and not differs:
        return Judgement(Verdict.REFUTED, direction, "the reverse direction is sure")
    return judged


def ratio(magnitude: Evidence, direction: Evidence, differs: str, published: float) -> Judgement:
    """A ratio is a size with a direction; that of 1 says that two sides are alike, and has none."""
    return value(magnitude, differs) if published == 1 else size(magnitude, direction, differs)


def _too_few(found: Evidence) -> str:
    """Says so where so few units could not give a verdict whatever they showed."""
    if found.least <= LEVEL:
        return ""
    return f"{found.units} {found.unit if found.units > 1 else found.unit.removesuffix('s')} cannot reach the level"


def holm(found: list[Evidence]) -> list[Evidence]:
    """The evidence of a family, corrected for its number (:func:`tnas_bench.stats.holm`).

    What so few units could not decide whatever they showed is not of the family: it cannot err.
    """
    family = [each for each in found if each.least <= LEVEL]
    corrected = (stats.holm([getattr(each, side) for each in family]) for side in ("p", "against"))
    members = iter([replace(each, p=p, against=against) for each, p, against in zip(family, *corrected, strict=True)])
    return [next(members) if each.least <= LEVEL else each for each in found]
