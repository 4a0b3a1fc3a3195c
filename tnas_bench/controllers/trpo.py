"""TRPO (Schulman et al. 2015, "Trust Region Policy Optimization", section 6 and appendix C)."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from tnas_bench.controllers.policy import entropy, log_probability
from tnas_bench.controllers.policy_gradient import PolicyGradient

Product = Callable[[Tensor], Tensor]  # of a matrix with a vector


class Trpo(PolicyGradient):
    """Takes one step a round along the natural gradient, as far as a bound on the KL divergence allows.

    The divergence is that of the decisions of a told trial, summed, and their mean over the trials. An action is a
    whole configuration [choice]. There is no learning rate.
    """

    def update(self) -> None:
        """Raise the surrogate of what was told since the last update, from the policy that proposed it."""
        log_pis = self._log_pis()
        before = [log_pi.detach() for log_pi in log_pis]
        gradient = _flat(torch.autograd.grad(self._surrogate(log_pis, before), self.parameters(), retain_graph=True))
        if gradient.any():
            product = hessian_product(divergence(before, log_pis), self.parameters(), self.settings.trpo.damping)
            direction = conjugate_gradients(product, gradient, self.settings.trpo.iterations)
            curvature = float(direction @ product(direction))
            if curvature > 0:  # rounding may leave none
                # The step at which the quadratic form of the divergence, x F x / 2, meets the bound.
                self._search(math.sqrt(2 * self.settings.trpo.divergence / curvature) * direction, before)
        self.told = []

    def parameters(self) -> list[Tensor]:
        """What a step moves: the policy, and the embeddings of the tasks told since the last update."""
        embeddings = [self.embedding(task) for task in dict.fromkeys(trial.task for trial in self.told)]
        return [*self.policy.parameters(), *embeddings]

    def _log_pis(self) -> list[Tensor]:
        batch = self.batch(self.told)
        return self.policy.log_probabilities(batch.tasks, batch.actions)

    def _surrogate(self, log_pis: list[Tensor], before: list[Tensor]) -> Tensor:
        """Mean over the trials of r A' and the entropy bonus; r: probability by that of the policy before the step."""
        batch = self.batch(self.told)
        ratio = (log_probability(log_pis, batch.actions) - log_probability(before, batch.actions)).exp()
        return (ratio * batch.advantages + self.settings.entropy * entropy(log_pis)).mean()

    @torch.no_grad()
    def _search(self, step: Tensor, before: list[Tensor]) -> None:
        """Shrink the step until it improves the surrogate within the bound; at last, take none."""
        settings, parameters = self.settings.trpo, self.parameters()
        start, value = parameters_to_vector(parameters), self._surrogate(before, before)
        for shrinks in range(settings.tries):
            vector_to_parameters(start + settings.shrink**shrinks * step, parameters)
            log_pis = self._log_pis()
            if self._surrogate(log_pis, before) > value and divergence(before, log_pis) <= settings.divergence:
                return
        vector_to_parameters(start, parameters)


def divergence(before: Sequence[Tensor], log_pis: Sequence[Tensor]) -> Tensor:
    """KL(before || now) of the distributions met along each trial, summed over the decisions; mean over the trials.

    Both: for each decision log pi, shape (n, choices).
    """
    old, new = torch.cat(list(before), dim=1), torch.cat(list(log_pis), dim=1)
    return (old.exp() * (old - new)).sum(dim=1).mean()


def hessian_product(value: Tensor, parameters: Sequence[Tensor], damping: float) -> Product:
    """v -> (H + ``damping``) v, H: the second derivatives of ``value``, which are never formed.

    That of :func:`divergence` at the policy before the step is the Fisher matrix.
    """
    slope = _flat(torch.autograd.grad(value, parameters, create_graph=True))

    def product(vector: Tensor) -> Tensor:
        return _flat(torch.autograd.grad(slope @ vector, parameters, retain_graph=True)) + damping * vector

    return product


def conjugate_gradients(product: Product, target: Tensor, iterations: int) -> Tensor:
    """x with A x near ``target``, from x = 0, for a positive definite A given by its product with a vector."""
    x, residual = torch.zeros_like(target), target.clone()
    direction, square = residual.clone(), residual @ residual
    for _ in range(iterations):
        if square <= 1e-10 * (target @ target):
            break
        curved = product(direction)
        length = square / (direction @ curved)
        x, residual = x + length * direction, residual - length * curved
        square, previous = residual @ residual, square
        direction = residual + square / previous * direction
    return x


def _flat(parts: Sequence[Tensor]) -> Tensor:
    return torch.cat([part.flatten() for part in parts])
