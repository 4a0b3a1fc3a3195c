"""Work: the distances of all tasks to one target, a source a step, for the journal."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

import torch
from torch import nn

from tnas_bench.config import FisherSettings
from tnas_bench.device import generator
from tnas_bench.distance import own
from tnas_bench.distance.forms import Measured, distances
from tnas_bench.fisher import paper, released
from tnas_bench.images import ImageSet

PROTOCOLS = ("paper", "released")
PASS = 64  # images of a backward pass of protocol paper: many enough to be fast, few enough for any memory


class Distances:
    """The target's own step comes first, then the other sources in order: Work of :mod:`tnas_bench.journal.steps`.

    ``networks``: by task, what loads the network trained on it; ``train``, ``test``: the target's images, of which
    protocol ``paper`` takes a random part of the training images and ``released`` the first test images; ``names`` name
    the random stream. A record has ``source`` and ``values``: rows of :func:`distances`, with their ``protocol``.
    """

    def __init__(
        self,
        networks: Mapping[str, Callable[[], nn.Module]],
        target: str,
        train: ImageSet,
        test: ImageSet,
        settings: FisherSettings,
        names: tuple,
    ):
        self.networks, self.train, self.test, self.settings, self.names = networks, train, test, settings, names
        self.sources = [target, *(task for task in networks if task != target)]

    @property
    def steps(self) -> int:
        return len(self.sources)

    def step(self, number: int) -> dict:
        source = self.sources[number]
        measured = self._measure(source) if number else self._target
        values = [
            {"protocol": protocol, **row} for protocol in PROTOCOLS for row in self._distances(measured, protocol)
        ]
        assert number or not any(row["value"] for row in values), "a task is at distance 0 from itself"
        return {"source": source, "values": values}

    def _distances(self, measured: dict[str, Measured], protocol: str) -> list[dict]:
        usual = own(protocol, self.settings)
        return distances(measured[protocol], self._target[protocol], usual, self.settings.sigma2_shown)

    def state(self) -> dict:
        """Nothing: the target's Fishers are computed again where work is resumed."""
        return {}

    def restore(self, state: dict) -> None:
        pass

    @cached_property
    def _examples(self) -> ImageSet:
        """M training images, not augmented, drawn without replacement; all where there are no more."""
        order = torch.randperm(len(self.train), generator=generator(*self.names, "fisher examples"))
        drawn = order[: self.settings.examples].to(self.train.labels.device)
        return replace(self.train, pixels=self.train.pixels[drawn], labels=self.train.labels[drawn])

    @cached_property
    def _target(self) -> dict[str, Measured]:
        return self._measure(self.sources[0])

    def _measure(self, source: str) -> dict[str, Measured]:
        """The Fishers of a source's network on the target's images, by protocol."""
        network, classes = self.networks[source](), self.train.classes
        test = self.test.first(self.settings.test_images).batches(self.settings.batch_size)
        return {
            "paper": Measured(paper.fisher(network, self._examples.batches(PASS), classes)),
            "released": Measured(released.fisher(network, test, classes)),
        }
