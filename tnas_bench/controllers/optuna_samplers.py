"""Optuna's samplers as controllers: independent search strategies from a library, without any transfer."""

import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from tnas_bench.errors import UserError
from tnas_bench.seeds import integer
from tnas_bench.spaces import Actions, Space

# By controller: Optuna's class, and settings other than its defaults or that matter here [choice]. A trial that is
# asked and not yet told counts as a bad one for TPE ("constant liar"), so that a round's proposals differ.
SAMPLERS = {
    "optuna_random": ("RandomSampler", {}),
    "optuna_tpe": ("TPESampler", {"multivariate": True, "constant_liar": True}),
    "optuna_nsga2": ("NSGAIISampler", {"population_size": 50}),
    "optuna_gp": ("GPSampler", {"deterministic_objective": False}),
}


class OptunaSampler:
    """One of Optuna's samplers, with an Optuna study in memory for each task; each decision is a categorical."""

    def __init__(self, name: str, space: Space, seed: int):
        self.optuna = _optuna(name)
        self.name, self.seed = name, seed
        categorical = self.optuna.distributions.CategoricalDistribution
        self.distributions = {decision.name: categorical(range(len(decision.choices))) for decision in space.decisions}
        self.studies: dict[str, object] = {}
        self.asked = defaultdict(list)  # Optuna's trials that wait for their reward, by task and actions

    def ask(self, task: str) -> Actions:
        """The sampler's next proposal; several may be asked before the first is told."""
        with _quietly():
            trial = self._study(task).ask(self.distributions)
        actions = tuple(trial.params[name] for name in self.distributions)
        self.asked[task, actions].append(trial)
        return actions

    def tell(self, task: str, actions: Actions, reward: float) -> None:
        """Hand the reward to the sampler."""
        with _quietly():
            self._study(task).tell(self.asked[task, tuple(actions)].pop(0), reward)

    def update(self) -> None:
        """Nothing to learn: samplers do so when they are asked."""

    def _study(self, task: str):
        if task not in self.studies:
            sampler, settings = SAMPLERS[self.name]
            seed = integer(self.seed, "controller", "optuna", task) % 2**32  # NumPy's old generator takes no more
            sampler = getattr(self.optuna.samplers, sampler)(seed=seed, **settings)
            self.studies[task] = self.optuna.create_study(direction="maximize", sampler=sampler)
        return self.studies[task]


def _optuna(name: str):
    """The library, imported when it is needed, and silent."""
    try:
        import optuna
    except ImportError:
        raise UserError(f"controller {name} needs the package optuna, which is missing; pip install optuna") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
