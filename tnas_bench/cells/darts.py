"""DARTS: search by gradient descent on a mixture of operations (Liu et al. 2019, "Differentiable Architecture Search").

Every edge of a supernet adds up all of its operations, weighted by a softmax over logits a. The weights w descend the
training loss, the logits the validation loss, in turn. Batch norm always works on the statistics of the batch, so that
a loss is a function of w, a and the batch alone.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import cross_entropy
from torch.nn.utils import get_total_norm

from tnas_bench.cells import Cell, choices
from tnas_bench.cells.search import Problem
from tnas_bench.cells.supernet import cosine, descend, endless, supernet, supernet_passes
from tnas_bench.device import autocast, device, generator
from tnas_bench.images import Batch

# The values of the authors' code that are no settings.
MOMENTUM, WEIGHT_DECAY, LAST_RATE = 0.9, 3e-4, 1e-3
MIXTURE_DECAY, MIXTURE_BETAS, INITIAL_LOGITS = 1e-3, (0.5, 0.999), 1e-3

# A weight or logit that the loss does not depend on, as behind an edge that is none, has the gradient 0.
gradient = partial(torch.autograd.grad, materialize_grads=True)
Loss = Callable[[Sequence[Tensor], Tensor], Tensor]  # of weights w and logits a


class Darts:
    """A step is an epoch over the training images, each batch after a random one of the validation images.

    Passes of a batch of training images: one for the weights; at second order four, the other three being the gradients
    of equations 7 and 8. Passes of a batch of validation images: one.
    """

    def __init__(self, problem: Problem, second_order: bool):
        self.problem, self.settings, self.second_order = problem, problem.settings.darts, second_order
        self.steps = self.settings.epochs
        # The finite differences of equation 8 would drown in the rounding of bfloat16.
        self.precision = "float32" if second_order else problem.settings.precision
        self.network = supernet(problem, "darts")
        self.weights = dict(self.network.named_parameters())
        self.optimizer = torch.optim.SGD(self.network.parameters(), momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
        rng, self.sizes = self._generator("mixture"), [len(names) for names in choices(problem.space)]
        self.logits = (INITIAL_LOGITS * torch.randn(sum(self.sizes), generator=rng)).to(device()).requires_grad_()
        self.mixture_optimizer = torch.optim.Adam(
            [self.logits], self.settings.mixture_rate, betas=MIXTURE_BETAS, weight_decay=MIXTURE_DECAY
        )

    def step(self, number: int) -> dict:
        """An epoch; the losses are means over its batches, each before the step that it led to."""
        rate = cosine(self.settings.learning_rate, LAST_RATE, number / self.steps)
        losses, passes, count = torch.zeros(2, device=device()), 0, 0
        for train, validation in self._pairs(number):
            losses[1] += self._mixture_step(train, validation, rate)
            losses[0] += self._weights_step(train, rate)
            passes += len(train[1]) * (4 if self.second_order else 1) + len(validation[1])
            count += 1
        train_loss, validation_loss = (losses / count).tolist()
        return {
            "epoch": number,
            "train_loss": train_loss,
            "validation_loss": validation_loss,
            "mixture": [[round(weight, 6) for weight in edge.tolist()] for edge in self.mixture(self.logits.detach())],
            "cell": list(self.best().operations),
            "passes": supernet_passes(self.problem.space, passes),
            "forward": 0,
        }

    def state(self) -> dict:
        """Weights, logits and both optimizers; the rates and the random streams are those of the epoch."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "logits": self.logits.detach(),
            "mixture_optimizer": self.mixture_optimizer.state_dict(),
        }

    def restore(self, state: dict) -> None:
        """Take up the state."""
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        with torch.no_grad():
            self.logits.copy_(state["logits"])
        self.mixture_optimizer.load_state_dict(state["mixture_optimizer"])

    def best(self) -> Cell:
        """The strongest operation of each edge; `none` only where there is no other (section 2.4)."""
        edges = self.logits.detach().cpu().split(self.sizes)
        return Cell(tuple(map(strongest, choices(self.problem.space), edges)))

    def mixture(self, logits: Tensor) -> list[Tensor]:
        """The weights of each edge's operations (equation 2)."""
        return [edge.softmax(0) for edge in logits.split(self.sizes)]

    def loss(self, batch: Batch, weights: Sequence[Tensor], logits: Tensor) -> Tensor:
        """Mean cross-entropy of the supernet with the given weights, in the order of its parameters, and logits."""
        inputs, labels = batch
        named = dict(zip(self.weights, weights, strict=True))
        with autocast(self.precision):
            return cross_entropy(functional_call(self.network, named, (inputs, self.mixture(logits))), labels)

    def mixture_gradient(self, train: Batch, validation: Batch, rate: float) -> tuple[Tensor, Tensor]:
        """The gradient that the logits descend, and the validation loss that it was taken of."""
        weights, validation_loss = list(self.weights.values()), partial(self.loss, validation)
        if self.second_order:
            return unrolled_gradient(partial(self.loss, train), validation_loss, weights, self.logits, rate)
        loss = validation_loss(weights, self.logits)
        return gradient(loss, self.logits)[0], loss.detach()

    def _mixture_step(self, train: Batch, validation: Batch, rate: float) -> Tensor:
        self.logits.grad, loss = self.mixture_gradient(train, validation, rate)
        self.mixture_optimizer.step()
        return loss

    def _weights_step(self, train: Batch, rate: float) -> Tensor:
        loss = self.loss(train, list(self.weights.values()), self.logits.detach())
        descend(loss, self.optimizer, rate)
        return loss.detach()

    def _pairs(self, number: int) -> Iterator[tuple[Batch, Batch]]:
        size, images = self.settings.batch_size, self.problem.settings.images
        train = self.problem.train.epoch(size, self._generator("train", number), images)
        validation = endless(self.problem.validation, size, self._generator("validation", number), images)
        return zip(train, validation, strict=False)

    def _generator(self, *names: object) -> torch.Generator:
        return generator(self.problem.name, self.problem.seed, "darts", *names)


def unrolled_gradient(
    train: Loss, validation: Loss, weights: Sequence[Tensor], logits: Tensor, rate: float
) -> tuple[Tensor, Tensor]:
    """The gradient for a of L_val(w', a) with w' = w - ``rate`` grad_w L_train(w, a), and L_val(w', a) itself.

    Equation 7, whose w' is a plain step: without the momentum and weight decay that the authors' code adds to it::

        grad_a L_val(w', a) - rate * grad2_(a,w) L_train(w, a) v,    v = grad_w' L_val(w', a)

    Equation 8, the product by finite differences, with epsilon = 0.01 / ||v|| and w+- = w +- epsilon v::

        grad2_(a,w) L_train(w, a) v ~ (grad_a L_train(w+, a) - grad_a L_train(w-, a)) / (2 epsilon)
    """
    slope = gradient(train(weights, logits), weights)
    ahead = moved(weights, slope, -rate)
    loss = validation(ahead, logits)
    direct, *v = gradient(loss, [logits, *ahead])
    epsilon = 0.01 / get_total_norm(v)
    plus, minus = (gradient(train(moved(weights, v, by), logits), logits)[0] for by in (epsilon, -epsilon))
    return direct - rate * (plus - minus) / (2 * epsilon), loss.detach()


@torch.no_grad()
def moved(weights: Sequence[Tensor], direction: Sequence[Tensor], by: float | Tensor) -> list[Tensor]:
    """Weights + ``by`` * direction, with which a new graph begins."""
    return [(weight + by * part).requires_grad_() for weight, part in zip(weights, direction, strict=True)]


def strongest(names: Sequence[str], weights: Tensor) -> str:
    """The name of the largest weight, `none` last."""
    return max(zip(names, weights.tolist(), strict=True), key=lambda pair: (pair[0] != "none", pair[1]))[0]
