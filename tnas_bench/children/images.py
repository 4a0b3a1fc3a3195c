"""The data of an image task as a group of children reads it, and the networks of children that fine-tune a module.

A module that stays as it came gives each image its features once and for all. One that is fine-tuned is the lowest
layers of its child: it trains with the child's batches, rates and optimizer, batch norm by the statistics of a batch.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from tnas_bench.children.data import Examples
from tnas_bench.children.optimizer import ACCUMULATOR_START, Rates, train_all
from tnas_bench.children.tables import FrozenTable, NoTable
from tnas_bench.modules.image.module import ImageModule

EVALUATED_AT_ONCE = 100  # images
Pixels = Tensor  # uint8, (images, 3, side, side)


class ImageData:
    """A task under one image module: three splits, and the features of their images under the module as it came.

    ``splits``: pixels, features (float32, (images, dimension)) and labels of training, validation and test.
    """

    towers = ("deep",)

    def __init__(self, module: ImageModule, splits: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], classes: int):
        self.module, self.classes, self.dimension = module, classes, module.card.dimension
        self.like = torch.zeros(1, device=module.device)
        examples = [
            (torch.from_numpy(pixels).to(module.device), torch.from_numpy(labels).to(module.device))
            for pixels, _, labels in splits
        ]
        self.train, self.validation, self.test = (Examples(pixels, None, labels) for pixels, labels in examples)
        features = (torch.tensor(features, device=module.device) for _, features, _ in splits)
        self.features = {pixels: known for (pixels, _), known in zip(examples, features, strict=True)}

    def embeddings(self, fine_tune: bool, children: int) -> "FrozenTable | FineTuned":
        """What the towers of so many children stand on."""
        if not fine_tune:
            return FrozenTable(self.features, children)
        if children > 1:
            raise ValueError(f"{children} children that fine-tune: they train one by one")
        return FineTuned(self.module)

    def wide(self, children: int) -> NoTable:
        """The image space has no wide tower."""
        return NoTable(self.like, self.classes, children)


class FineTuned:
    """The network of a module under one child, trained with it; in the place of a table."""

    def __init__(self, module: ImageModule):
        self.module, self.network = module, module.network()
        self.weights, self.gradients = flat(self.network)
        self.accumulators = torch.full_like(self.weights, ACCUMULATOR_START)

    def plan(self, pixels: Pixels, images: np.ndarray) -> Iterable[tuple[Pixels, np.ndarray]]:
        """The steps that read ``images`` (int64, (steps, 1, batch))."""
        return ((pixels, step[0]) for step in images)

    def forward(self, step: tuple[Pixels, np.ndarray]) -> Tensor:
        """The features of each image of the step, (batch, dimension)."""
        with autograd():
            self.output = self.network.train()(self._inputs(*step))
        return self.output.detach()

    def train(self, step: object, gradient: Tensor, rates: Rates) -> None:
        """Update all weights, given the gradient of the features, (1, batch, dimension)."""
        with autograd():
            self.output.backward(gradient[0].clone())
        train_all(self.weights, self.accumulators, self.gradients, rates)
        self.gradients.zero_()

    def sums(self, pixels: Pixels, images: np.ndarray) -> Tensor:
        """The features of ``images`` (int64, (images,)), (1, images, dimension)."""
        parts = np.array_split(images, range(EVALUATED_AT_ONCE, len(images), EVALUATED_AT_ONCE))
        network = self.network.eval()
        return torch.cat([network(self._inputs(pixels, part)) for part in parts]).unsqueeze(0)

    def _inputs(self, pixels: Pixels, images: np.ndarray) -> Tensor:
        return self.module.inputs(pixels[torch.from_numpy(images).to(pixels.device)])


@contextmanager
def autograd() -> Iterator[None]:
    """Record gradients, inside a group that trains without autograd."""
    with torch.inference_mode(False), torch.enable_grad():
        yield


def flat(network: nn.Module) -> tuple[Tensor, Tensor]:
    """Weights and gradients of a network as one buffer each, (1, parameters), of which its own become views."""
    parameters = list(network.parameters())
    weights = nn.utils.parameters_to_vector(parameters).detach().clone()
    gradients = torch.zeros_like(weights)
    sizes = [parameter.numel() for parameter in parameters]
    for parameter, value, gradient in zip(parameters, weights.split(sizes), gradients.split(sizes), strict=True):
        parameter.data, parameter.grad = value.view_as(parameter), gradient.view_as(parameter)
    return weights.unsqueeze(0), gradients.unsqueeze(0)
