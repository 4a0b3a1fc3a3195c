"""The table of claims: every cell of the paper, every exhibit, nothing invented."""

import math

import pytest

from tnas_bench.claims import claims
from tnas_bench.claims.measures.registry import MEASURES
from tnas_bench.exhibits import EXHIBITS, published

CLAIMS = {claim.id: claim for claim in claims()}


def test_each_claim_has_a_name_of_its_own_and_words():
    assert len(CLAIMS) == len(claims()) >= 150
    for claim in claims():
        assert claim.statement and claim.place and claim.paper in ("tnaml", "mnms", "ldnas", "ours")


def test_every_exhibit_has_claims_and_every_claim_an_exhibit():
    assert {claim.exhibit for claim in claims()} == set(EXHIBITS)


def test_every_measure_is_known_and_used():
    assert {claim.measure for claim in claims()} - {""} == set(MEASURES)


def test_all_78_cells_of_table_1_are_claims_as_published():
    cells = published.read("tnaml_table1")
    assert len(cells) == 78
    for cell in cells.itertuples():
        claim = CLAIMS[f"tnaml-table1-{cell.measure}-{cell.task}-{cell.variant}"]
        assert (claim.kind, claim.value, claim.place) == ("value", cell.value, cell.place)


@pytest.mark.parametrize("exhibit", ["ldnas_table1", "ldnas_table2"])
def test_all_cells_of_ldnas_tables_are_claims_as_published(exhibit):
    cells = published.read(exhibit)
    found = {(claim.place, claim.value) for claim in claims() if claim.exhibit == exhibit and claim.kind == "value"}
    assert found == {(cell.place, cell.value) for cell in cells.itertuples()}


def test_all_distances_of_figure_1_are_claims_as_published():
    figure = published.read("ldnas_fig1")
    for cell in figure[figure["source"] != figure["target"]].itertuples():
        claim = CLAIMS[f"ldnas-fig1-{cell.source}-to-{cell.target}"]
        assert (claim.value, claim.of, claim.task) == (cell.mean, cell.source, cell.target)
        assert claim.width == pytest.approx(2 * cell.deviation)


def test_a_claim_has_what_its_kind_needs_and_no_more():
    for claim in claims():
        sized = claim.kind in ("value", "ratio", "count")
        assert bool(claim.published) == bool(claim.margin) == bool(claim.margin_from) == sized, claim.id
        assert (claim.count is not None) == (claim.kind == "count"), claim.id
        if sized:
            assert math.isfinite(claim.value) and claim.width > 0, claim.id
        if claim.kind in ("order", "ratio") or claim.over:
            assert claim.over and claim.kind in ("order", "ratio", "value"), claim.id


def test_no_margin_is_the_spread_of_ten_models():
    """The paper's +- is over the ten models of one run."""
    for cell in published.read("tnaml_table1").dropna(subset="margin").itertuples():
        assert CLAIMS[f"tnaml-table1-accuracy-{cell.task}-tnaml"].width != cell.margin


def test_contradictions_of_the_papers_are_two_claims():
    pairs = [("speed-up", "speed-up-cells"), ("wins", "wins-cells"), ("draws", "draws-cells")]
    for text, cells in [*pairs, ("losses", "losses-cells")]:
        one, other = CLAIMS[f"tnaml-table1-{text}"], CLAIMS[f"tnaml-table1-{cells}"]
        assert one.measure == other.measure and one.place != other.place
    smaller, larger = (
        CLAIMS["ldnas-table1-smaller-than-random-search-text"],
        CLAIMS["ldnas-table1-larger-than-random-search"],
    )
    assert (smaller.of, smaller.over) == (larger.over, larger.of)
