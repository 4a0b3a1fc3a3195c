"""Beyond: searches that are not in the paper, where a scale has them; each is marked so."""

from pandas import DataFrame

from tnas_bench.config import Scale
from tnas_bench.exhibits import tnaml

SEARCHES = {
    "best_first": "Replay ‡",
    "optuna_tpe": "TPE ‡",
    "optuna_nsga2": "NSGA-II ‡",
    "optuna_gp": "GP ‡",
    "optuna_random": "RS by Optuna ‡",
}
EXPLAINED = {
    "best_first": "Replay: what T-NAML was pretrained with, the best configuration of each task first, then the second "
    "best of each, and so on; nothing is learnt",
    "optuna_tpe": "TPE: tree-structured Parzen estimators, by Optuna",
    "optuna_nsga2": "NSGA-II: an evolutionary algorithm, by Optuna",
    "optuna_gp": "GP: Bayesian optimisation with a Gaussian process, by Optuna",
    "optuna_random": "RS by Optuna: its random sampler, which should do as RS does",
}


def variants(scale: Scale) -> list[str]:
    """The paper's methods, then the searches of the scale that are not in the paper."""
    return [*tnaml.METHODS, *(variant for variant in SEARCHES if variant in scale.beyond)]


def methods(frame: DataFrame) -> dict[str, str]:
    """Names of the paper's methods, and of the other searches that a frame has."""
    there = set(frame["variant"])
    return tnaml.METHODS | {variant: name for variant, name in SEARCHES.items() if variant in there}


def notes(frame: DataFrame) -> list[str]:
    """What the searches are that are not in the paper, if there are some."""
    there = [EXPLAINED[variant] for variant in methods(frame) if variant in EXPLAINED]
    return [f"‡ Not in the paper. {'. '.join(there)}."] if there else []
