"""The measures by name: what the column ``measure`` of ``data/published/claims.tsv`` may say."""

from types import ModuleType

from tnas_bench.claims.measures import Measure, cells, costs, learning, outcomes, searches
from tnas_bench.claims.measures.facts import FACTS


def _of(room: ModuleType, *names: str) -> dict[str, Measure]:
    return {name: getattr(room, name) for name in names}


MEASURES: dict[str, Measure] = {
    **_of(searches, "trials", "accuracy", "start", "gain", "on_the_way", "late", "pretraining_accuracy"),
    **_of(searches, "image_accuracy", "image_on_the_way", "pair_accuracy", "pair_on_the_way", "together_accuracy"),
    **_of(learning, "gap", "gap_growth", "validation_rise", "test_rise", "control_gap", "embedding_contrast"),
    **_of(learning, "image_fine_tuned", "image_relu", "image_swish", "image_dropout"),
    **_of(learning, "accuracy_as_read", "spanish_early", "spanish_late", "both_towers", "outlier"),
    **learning.CHOSEN,
    **_of(outcomes, "first", "tenfold", "beyond_tenfold", "best", "gap_beyond_others"),
    **outcomes.TRANSFER,
    **outcomes.TOGETHER,
    **_of(costs, "seconds", "median_saving", "mean_saving", "saving_skew", "amortisation", "pretraining_hours"),
    **_of(costs, "validation_rows"),
    **FACTS,
    **_of(cells, "distance", "closest_margin", "across_margin", "asymmetry", "network_accuracy", "parameters"),
    **_of(cells, "search_days"),
}
