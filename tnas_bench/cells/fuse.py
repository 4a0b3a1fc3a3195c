"""FUSE: search by fusing candidates into one relaxed network (LD-NAS, section 3.3 and algorithm 1).

Each round compares the best cell so far, the incumbent, with cells drawn anew from the space. Protocol ``paper`` gives
no candidate a head start; ``released`` does as the authors' code: all convolutions start from the same random numbers,
and the incumbent keeps its trained classifier.
"""

import torch
from torch import Tensor, nn

from tnas_bench.cells import Cell, decode
from tnas_bench.cells.relaxation import candidate, compare, epochs, train_coefficients, train_weights
from tnas_bench.cells.search import Problem
from tnas_bench.device import device
from tnas_bench.seeds import stream


class Fuse:
    """A step is a round; one that has nothing to compare, or comes after the incumbent's last, costs nothing."""

    def __init__(self, problem: Problem):
        self.problem, self.settings = problem, problem.settings.fuse[problem.protocol]
        self.steps = self.settings.rounds
        self.incumbent: Cell | None = None
        self.survived = 0  # rounds in a row that the incumbent won again
        self.classifier: dict[str, Tensor] = {}  # of the incumbent, where it is carried over

    def step(self, number: int) -> dict:
        """A round. ``stopped`` records have no more than ``cell``, ``survived``, ``passes`` and ``forward``."""
        cells = self._cells(number)
        if self._stops(cells):
            self.incumbent = cells[0]
            return self._record(stopped=True, passes=0, forward=0)
        networks = self._networks(cells, number)
        alphas = torch.zeros(len(cells), device=device(), requires_grad=True)  # 1/|C| each after the softmax
        facts = self._alternate(networks, alphas, number)
        winner = alphas.argmax().item()  # algorithm 1 prints argmin, against its text and the authors' code
        self._crown(cells[winner])
        if self.problem.protocol == "released":
            self.classifier = dict(networks[winner].classifier.state_dict())
        candidates = [list(cell.operations) for cell in cells]
        return self._record(stopped=False, candidates=candidates, alphas=alphas.tolist(), winner=winner, **facts)

    def state(self) -> dict:
        """Incumbent, survival, and what is carried over: random streams are named by the round."""
        operations = None if self.incumbent is None else list(self.incumbent.operations)
        return {"incumbent": operations, "survived": self.survived, "classifier": self.classifier}

    def restore(self, state: dict) -> None:
        """Take up the state."""
        self.incumbent = None if state["incumbent"] is None else Cell(tuple(state["incumbent"]))
        self.survived, self.classifier = state["survived"], state["classifier"]

    def best(self) -> Cell:
        """The incumbent."""
        return self.incumbent

    def foretell(self, number: int, record: dict) -> dict:
        """What of a record needs no training, given its coefficients; the search moves on."""
        cells = self._cells(number)
        if self._stops(cells):
            self.incumbent = cells[0]
            return self._record(stopped=True)
        winner = record["alphas"].index(max(record["alphas"]))
        self._crown(cells[winner])
        return self._record(stopped=False, candidates=[list(cell.operations) for cell in cells], winner=winner)

    def _cells(self, number: int) -> list[Cell]:
        """The incumbent and new cells, all different; as many as the space has."""
        space, rng = self.problem.space, stream(self.problem.name, self.problem.seed, "cells", number)
        cells = [] if self.incumbent is None else [self.incumbent]
        while len(cells) < min(self.settings.candidates, space.size):
            cell = decode(space, space.sample(rng))
            if cell not in cells:
                cells.append(cell)
        return cells

    def _networks(self, cells: list[Cell], number: int) -> list[nn.Module]:
        if self.problem.protocol == "paper":
            return [candidate(self.problem, cell, number, position) for position, cell in enumerate(cells)]
        networks = [candidate(self.problem, cell) for cell in cells]
        if self.classifier:
            networks[0].classifier.load_state_dict(self.classifier)
        return networks

    def _alternate(self, networks: list[nn.Module], alphas: Tensor, number: int) -> dict:
        """Train weights and coefficients in turn, in stages; the losses of the last stage, and the passes of all."""
        problem, labels, passes, forward = self.problem, self.problem.compared.labels, 0, 0
        for stage in range(self.settings.stages):
            batches = epochs(problem, self.settings.weight_epochs, number, stage)
            train_loss, trained = train_weights(networks, alphas, batches, problem.settings)
            logits, compared = compare(networks, problem)
            validation_loss = train_coefficients(alphas, logits, labels, self.settings)
            passes, forward = passes + trained, forward + compared
        return {"train_loss": train_loss, "validation_loss": validation_loss, "passes": passes, "forward": forward}

    def _stops(self, cells: list[Cell]) -> bool:
        return len(cells) == 1 or self.survived == self.settings.patience

    def _crown(self, cell: Cell) -> None:
        self.survived = self.survived + 1 if cell == self.incumbent else 0
        self.incumbent = cell

    def _record(self, **facts: object) -> dict:
        return {**facts, "cell": list(self.incumbent.operations), "survived": self.survived}
