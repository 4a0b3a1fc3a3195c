"""The multitask controller without task embeddings (Transfer Learning with Neural AutoML, section 4.3, ablation)."""

import torch
from torch import Tensor

from tnas_bench.controllers.reinforce import Reinforce


class Agnostic(Reinforce):
    """Proposes alike for every task: the policy reads zeros where it would read a task's embedding."""

    def embedding(self, task: str) -> Tensor:
        """Zeros, which nothing trains."""
        return self.embeddings.setdefault(task, torch.zeros(self.settings.embedding_size))

    def facts(self) -> dict:
        """The most probable actions, alike for each task met so far; there are no embeddings."""
        return super().facts() | {"embeddings": {}}
