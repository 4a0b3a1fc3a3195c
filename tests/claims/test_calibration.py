"""The rules are as sure as docs/verdicts.md says: by simulation, within its own error, and by hand where possible."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tnas_bench.claims import calibration
from tnas_bench.claims.calibration import cases, markdown, summary
from tnas_bench.claims.evidence import LEVEL
from tnas_bench.config import load_scale

DOCS = Path(__file__).resolve().parents[2] / "docs"
LAB = load_scale("lab")
DRAWS = 300


def page():
    """The rows of the table: kind, seeds, share wrong, share right."""
    section = (DOCS / "verdicts.md").read_text(encoding="utf-8").split("## How sure these rules are")[1]
    rows = re.findall(r"^\| (.+?) \| (\d+) \| ([\d.]+)% ± [\d.]+ \| (\d+)% \|", section, re.MULTILINE)
    return {kind: (int(seeds), float(wrong) / 100, float(right) / 100) for kind, seeds, wrong, right in rows}


def test_the_page_has_every_kind_and_none_is_wrong_more_often_than_said():
    assert page().keys() == {case.name for case in cases(LAB)}
    error = np.sqrt(LEVEL * (1 - LEVEL) / 10_000)
    assert all(wrong <= LEVEL + 3 * error for _, wrong, _ in page().values())


@pytest.mark.parametrize("case", cases(LAB), ids=lambda case: case.name)
def test_the_page_is_what_a_simulation_gives(case):
    seeds, wrong, right = page()[case.name]
    assert seeds == case.seeds
    for question, effect, chance in (("wrong", case.null, wrong), ("right", case.true, right)):
        draws = DRAWS // 3 if case.family > 1 else DRAWS
        row = calibration._row(case, question, effect, seeds, draws)
        found = row["any"] if question == "wrong" else row["reproduced"]
        assert abs(found - chance) <= 4 * np.sqrt(max(chance * (1 - chance), 0.01) / draws) + 0.01


def test_counts_and_trends_by_hand():
    """12 of 13 within a quarter is said of 12 and 13; a trend of two s.d. is a t-test that is not central."""
    by_name = {case.name: page()[case.name] for case in cases(LAB)}
    chances = [stats.binom.sf(11, 13, 12 / 13 - shift) for shift in (0.25, 0)]
    assert by_name["count of 13 tasks"][1:] == pytest.approx(chances, abs=0.012)
    power = stats.nct.sf(stats.t.isf(LEVEL, LAB.seeds - 1), LAB.seeds - 1, 2 * np.sqrt(LAB.seeds))
    assert by_name["trend over seeds"][2] == pytest.approx(power, abs=0.02)


def test_fewest_seeds_are_of_the_ladder(monkeypatch):
    monkeypatch.setattr(calibration, "SEEDS", (2, 3))
    monkeypatch.setattr(calibration, "cases", lambda scale: [case for case in cases(scale) if "seeds" in case.name])
    frame = calibration.calibrate(LAB, 400)
    verdicts = frame[[str(verdict) for verdict in calibration.JUDGED]]
    assert verdicts.sum(axis=1).to_numpy() == pytest.approx(1)
    enough = summary(frame).set_index("kind")["enough"]
    powers = frame[(frame["kind"] == "trend over seeds") & (frame["effect"] == 2)].set_index("seeds")["reproduced"]
    assert powers[enough["trend over seeds"]] >= 0.95 > powers[3]
    assert f"| trend over seeds | {LAB.seeds} |" in markdown(frame)
