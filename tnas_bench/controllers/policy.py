"""The policy network of Neural AutoML: an autoregressive distribution over the actions of a space, given a task.

Transfer Learning with Neural AutoML, section 3 and figure 1 (left). Decision by decision::

    [task embedding, embedding of the previous choice] -> layer -> LSTM -> layer -> head of the decision -> logits
                                                            |______________^  skip connection

All weights here are shared by all tasks; what is a task's own, its embedding, is an input.
"""

from collections.abc import Callable
from functools import partial
from itertools import accumulate

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import nll_loss

from tnas_bench.config import PolicySettings
from tnas_bench.seeds import stream
from tnas_bench.spaces import Actions, Space


class Policy(nn.Module):
    """pi(a_d | a_1 ... a_(d-1), task). Weights start uniform in +- ``initial_range``, hence near-uniform proposals."""

    def __init__(self, space: Space, seed: int, settings: PolicySettings):
        super().__init__()
        units, size = settings.hidden_units, settings.embedding_size
        choices = [len(decision.choices) for decision in space.decisions]
        # One table for the choices of all decisions, numbered through from ``first[decision]``; its last row is the
        # start symbol.
        *self.first, self.start = accumulate(choices, initial=0)
        self.embedding = nn.Embedding(self.start + 1, size)
        self.before = nn.Linear(2 * size, units)
        self.cells = nn.ModuleList(nn.LSTMCell(units, units) for _ in range(settings.layers))
        # The skip connection is a concatenation: unlike a sum it gives the way around the cell weights of its own, so
        # that the marginals of the actions can be learnt while the cell's output still means nothing.
        self.after = nn.Linear(2 * units, units)
        self.heads = nn.ModuleList(nn.Linear(units, number) for number in choices)
        self._initialise(seed, settings.initial_range)

    @torch.no_grad()
    def _initialise(self, seed: int, bound: float) -> None:
        for name, parameter in self.named_parameters():
            values = stream(seed, "controller", "weights", name).uniform(-bound, bound, tuple(parameter.shape))
            parameter.copy_(torch.from_numpy(values))

    def forward(self, tasks: Tensor, act: Callable[[int, Tensor], Tensor]) -> list[Tensor]:
        """Make the decisions in order, and return log pi(. | a_1 ... a_(d-1), task) for each decision d.

        ``tasks``: embeddings, shape (n, size); ``act(d, log pi)``: the actions of decision d, int64, shape (n,);
        d-th result: shape (n, choices of d).
        """
        previous = torch.full((len(tasks),), self.start)
        states, results = [None] * len(self.cells), []
        for decision, head in enumerate(self.heads):
            features = torch.tanh(self.before(torch.cat([tasks, self.embedding(previous)], dim=1)))
            output = features
            for layer, cell in enumerate(self.cells):
                states[layer] = cell(output, states[layer])
                output = states[layer][0]
            log_pi = head(torch.tanh(self.after(torch.cat([features, output], dim=1)))).log_softmax(dim=1)
            previous = self.first[decision] + act(decision, log_pi)
            results.append(log_pi)
        return results

    def log_probabilities(self, tasks: Tensor, actions: Tensor) -> list[Tensor]:
        """As ``forward``, along given actions: int64, shape (n, decisions)."""
        return self(tasks, lambda decision, log_pi: actions[:, decision])

    def sample(self, task: Tensor, rng: np.random.Generator) -> Actions:
        """Draw actions for one task embedding, shape (size,), taking one number from ``rng`` a decision."""
        return self._decide(task, lambda log_pi: _draw(log_pi, rng.random()))

    def mode(self, task: Tensor) -> Actions:
        """The most probable choice of each decision, given those before it; among equals the first."""
        return self._decide(task, lambda log_pi: int(log_pi.argmax()))

    @torch.no_grad()
    def _decide(self, task: Tensor, choose: Callable[[np.ndarray], int]) -> Actions:
        actions = []

        def act(decision: int, log_pi: Tensor) -> Tensor:
            actions.append(choose(log_pi[0].numpy()))
            return torch.tensor(actions[-1:])

        self(task.unsqueeze(0), act)
        return tuple(actions)


def log_probability(log_pis: list[Tensor], actions: Tensor) -> Tensor:
    """log pi(a), summed over the decisions, of int64 ``actions``, shape (n, decisions); result: shape (n,)."""
    return -sum(map(partial(nll_loss, reduction="none"), log_pis, actions.T))


def entropy(log_pis: list[Tensor]) -> Tensor:
    """The sum over the decisions d of H(pi(. | a_1 ... a_(d-1))), along the actions that were taken; shape (n,)."""
    log_pi = torch.cat(log_pis, dim=1)
    return -(log_pi.exp() * log_pi).sum(dim=1)


def _draw(log_pi: np.ndarray, uniform: float) -> int:
    """The choice at which the cumulative distribution, in double precision, passes ``uniform``."""
    cumulative = np.cumsum(np.exp(log_pi.astype(np.float64)))
    return int(np.searchsorted(cumulative[:-1], uniform * cumulative[-1], side="right"))
