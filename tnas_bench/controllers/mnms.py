"""Multitask Neural Model Search (Wong and Gesmundo 2017, arXiv 1710.10776): PPO, off-policy, with a replay bank.

The paper itself is not at hand; a summary of it names the parts: an actor that samples, a learner that trains on
replayed trials by PPO, and advantages (R - b) / b. All numbers are ours [choice].
"""

from copy import deepcopy
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor

from tnas_bench.controllers.policy import entropy, log_probability
from tnas_bench.controllers.policy_gradient import PolicyGradient, Told
from tnas_bench.controllers.ppo import clipped_surrogate
from tnas_bench.seeds import stream
from tnas_bench.spaces import Actions


class Kept(NamedTuple):
    """A trial in the bank, with its log probability under the actor when it was asked."""

    told: Told
    log_pi: float


class Mnms(PolicyGradient):
    """The inherited policy and embeddings are the learner's; those of the actor are copies, renewed now and then."""

    def ask(self, task: str) -> Actions:
        """Sample actions from the actor. The order of asks matters: all draw from one stream."""
        return self.actor.sample(self._actor_embedding(task), self.rng)

    def update(self) -> None:
        """Train the learner on minibatches of all past trials; at times, renew the actor."""
        self._keep()
        for _ in range(self.settings.replay.steps):
            self.descend(self.loss(self.draw()))
        self.updates += 1
        if self.updates % self.settings.replay.sync == 0:
            self._renew_actor()

    def draw(self) -> list[Kept]:
        """A minibatch: equally many trials of each task that has some, drawn uniformly with replacement."""
        size = self.settings.replay.batch
        drawn = ([bank[place] for place in self.draws.integers(len(bank), size=size)] for bank in self.bank.values())
        return list(chain(*drawn))

    def loss(self, minibatch: list[Kept]) -> Tensor:
        """The mean of -min(r A, clip(r) A) and of the entropy bonus, as the learner is now."""
        trials, log_pis_asked = zip(*minibatch, strict=True)
        batch = self.batch(trials)
        log_pis = self.policy.log_probabilities(batch.tasks, batch.actions)
        log_ratio = log_probability(log_pis, batch.actions) - torch.tensor(log_pis_asked)
        advantages = torch.tensor([self.advantage(trial) for trial in trials])
        surrogate = clipped_surrogate(log_ratio, advantages, self.settings.replay.clip)
        return -(surrogate + self.settings.replay.entropy * entropy(log_pis)).mean()

    def advantage(self, trial: Told) -> float:
        """A = (R - b) / b, with the average reward b of the task as it is now."""
        mean = self.baselines[trial.task].mean
        return (trial.reward - mean) / max(mean, self.settings.replay.baseline_floor)

    @torch.no_grad()
    def _keep(self) -> None:
        """Move what was told since the last update into the bank."""
        tasks = torch.stack([self._actor_embedding(trial.task) for trial in self.told])
        actions = torch.tensor([trial.actions for trial in self.told])
        log_pi = log_probability(self.actor.log_probabilities(tasks, actions), actions)
        for trial, value in zip(self.told, log_pi.tolist(), strict=True):
            self.bank.setdefault(trial.task, []).append(Kept(trial, value))
        self.told = []

    def _actor_embedding(self, task: str) -> Tensor:
        return self.actor_embeddings.setdefault(task, self.embedding(task).detach().clone())

    def _renew_actor(self) -> None:
        self.actor = deepcopy(self.policy)
        self.actor_embeddings = {task: embedding.detach().clone() for task, embedding in self.embeddings.items()}

    def _forget_tasks(self, seed: int) -> None:
        super()._forget_tasks(seed)
        self.draws = stream(seed, "controller", "replay")
        self.bank: dict[str, list[Kept]] = {}
        self.updates = 0
        self._renew_actor()
