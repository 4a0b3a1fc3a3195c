"""What each kind of evidence is worth."""

from dataclasses import replace

from tnas_bench.claims import rules
from tnas_bench.claims.evidence import Evidence
from tnas_bench.claims.rules import Verdict

SURE = Evidence("t", "seeds", 3, 1.0, p=0.01, against=0.99)
REVERSED = Evidence("t", "seeds", 3, -1.0, p=0.99, against=0.01)
OPEN = Evidence("t", "seeds", 3, 0.1, p=0.4, against=0.6)
FEW = Evidence("t", "tasks", 4, 1.0, p=0.0625, against=1, least=0.0625)


def test_a_value():
    assert rules.value(SURE, "").verdict is Verdict.REPRODUCED is rules.value(SURE, "budget").verdict
    assert rules.value(REVERSED, "").verdict is Verdict.REFUTED
    assert rules.value(REVERSED, "budget").verdict is Verdict.INCONCLUSIVE
    assert rules.value(REVERSED, "budget").reason == "beyond the margin, but with another budget"
    assert rules.value(OPEN, "").verdict is Verdict.INCONCLUSIVE


def test_an_order():
    assert rules.order(SURE).verdict is Verdict.REPRODUCED
    assert rules.order(REVERSED).verdict is Verdict.REFUTED
    assert rules.order(OPEN).verdict is Verdict.INCONCLUSIVE
    assert rules.order(FEW).verdict is Verdict.INCONCLUSIVE
    assert rules.order(FEW).reason == "4 tasks cannot reach the level"


def test_a_size_has_a_direction_too():
    assert rules.size(SURE, SURE, "").verdict is Verdict.REPRODUCED
    assert rules.size(OPEN, SURE, "").verdict is Verdict.DIRECTION
    assert rules.size(REVERSED, SURE, "budget").verdict is Verdict.DIRECTION
    assert rules.size(OPEN, REVERSED, "").verdict is Verdict.REFUTED
    assert rules.size(OPEN, REVERSED, "budget").verdict is Verdict.INCONCLUSIVE
    assert rules.size(OPEN, OPEN, "").verdict is Verdict.INCONCLUSIVE
    assert rules.size(FEW, FEW, "").verdict is Verdict.INCONCLUSIVE


def test_a_ratio_of_one_has_no_direction():
    assert rules.ratio(REVERSED, SURE, "", 22).verdict is Verdict.DIRECTION
    assert rules.ratio(REVERSED, SURE, "", 1).verdict is Verdict.REFUTED
    assert rules.ratio(OPEN, SURE, "", 1).verdict is Verdict.INCONCLUSIVE


def test_a_count_beyond_the_margin_is_so_though_none_could_be_within():
    """Of so few tasks that no count is surely within the margin."""
    assert rules.value(replace(REVERSED, least=0.1), "").verdict is Verdict.REFUTED
    assert rules.size(replace(OPEN, least=0.1), SURE, "").verdict is Verdict.DIRECTION
