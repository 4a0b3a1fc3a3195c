"""Random search over cells (Li and Talwalkar 2019): train cells drawn at random, and keep the best on validation."""

import torch

from tnas_bench.cells import Cell, decode
from tnas_bench.cells.relaxation import candidate, compare, epochs, train_weights
from tnas_bench.cells.search import Problem
from tnas_bench.config import FuseSettings
from tnas_bench.controllers.random_search import RandomSearch
from tnas_bench.device import device
from tnas_bench.seeds import integer
from tnas_bench.spaces import Actions

DRAWS = 10  # at most, for a cell that was not tried before


def equal_candidates(fuse: FuseSettings) -> tuple[int, int]:
    """Candidates and epochs of each with which random search has the image passes of a whole FUSE."""
    return fuse.rounds * fuse.candidates, fuse.stages * fuse.weight_epochs


class RandomCells:
    """A step trains one cell for some epochs, as FUSE trains a candidate."""

    def __init__(self, problem: Problem, candidates: int, epochs: int):
        self.problem, self.steps, self.epochs = problem, candidates, epochs
        self.controller = RandomSearch(problem.space, integer(problem.name, problem.seed))
        self.tried: list[Actions] = []
        self.accuracies: list[float] = []

    def step(self, number: int) -> dict:
        """Train a cell; its accuracy on the validation images is its reward."""
        actions = self._ask()
        loss, passes, accuracy, forward = self._train(decode(self.problem.space, actions), number)
        self._tell(actions, accuracy)
        return {
            "tried": list(decode(self.problem.space, actions).operations),
            "validation": accuracy,
            "train_loss": loss,
            "best_validation": max(self.accuracies),
            "cell": list(self.best().operations),
            "passes": passes,
            "forward": forward,
        }

    def state(self) -> dict:
        """The rewards: the rest is a fold over them."""
        return {"accuracies": list(self.accuracies)}

    def restore(self, state: dict) -> None:
        """Ask again, and tell the rewards that were."""
        for accuracy in state["accuracies"]:
            self._tell(self._ask(), accuracy)

    def best(self) -> Cell:
        """The most accurate cell; among equals the first."""
        return decode(self.problem.space, self.tried[self.accuracies.index(max(self.accuracies))])

    def foretell(self, number: int, record: dict) -> dict:
        """What of the next record needs no training, given its accuracy; the search moves on."""
        self._tell(self._ask(), record["validation"])
        tried, best = decode(self.problem.space, self.tried[-1]), max(self.accuracies)
        return {"tried": list(tried.operations), "best_validation": best, "cell": list(self.best().operations)}

    def _ask(self) -> Actions:
        for _ in range(DRAWS):
            actions = self.controller.ask(self.problem.name)
            if actions not in self.tried:
                break
        return actions

    def _tell(self, actions: Actions, accuracy: float) -> None:
        self.controller.tell(self.problem.name, actions, accuracy)
        self.controller.update()
        self.tried.append(actions)
        self.accuracies.append(accuracy)

    def _train(self, cell: Cell, number: int) -> tuple[float, int, float, int]:
        """Mean training loss and image passes of a cell trained from new weights; its accuracy and images forward."""
        problem, labels = self.problem, self.problem.compared.labels
        network = candidate(problem, cell, number)
        alone = torch.zeros(1, device=device())  # the relaxed output of one network is its own
        loss, passes = train_weights([network], alone, epochs(problem, self.epochs, number), problem.settings)
        logits, forward = compare([network], problem)
        right = (logits[0].argmax(1) == labels).sum().item()
        return loss, passes, right / len(labels), forward
