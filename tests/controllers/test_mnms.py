from collections import Counter

import numpy as np
import pytest
import torch
from controllers_made import SPACE, joint, play, settings, weights
from scipy.stats import chisquare

from tnas_bench.controllers.mnms import Mnms


def actor(controller):
    """Its weights and embeddings, as one vector."""
    parts = [*controller.actor.parameters(), *controller.actor_embeddings.values()]
    return torch.cat([part.detach().flatten() for part in parts])


def learner(controller):
    parts = [*controller.policy.parameters(), *controller.embeddings.values()]
    return torch.cat([part.detach().flatten() for part in parts])


def test_the_actor_takes_the_learners_weights_after_some_updates_only():
    controller = Mnms(SPACE, 0, settings(replay={"sync": 3}))
    controller.ask("a"), controller.ask("b")
    start = actor(controller)
    assert torch.equal(start, learner(controller))
    for number in range(1, 7):
        play(controller, ["a", "b"], rounds=1)
        if number % 3 == 0:
            assert torch.equal(actor(controller), learner(controller)) and not torch.equal(actor(controller), start)
            start = actor(controller)
        else:
            assert torch.equal(actor(controller), start) and not torch.equal(learner(controller), start)


def test_trials_are_kept_with_the_probability_that_the_actor_gave_them():
    controller = Mnms(SPACE, 0, settings(replay={"sync": 2}))
    for _ in range(4):
        pi = {task: joint(controller.actor, controller._actor_embedding(task)).detach().numpy() for task in "ab"}
        kept = {task: len(controller.bank.get(task, [])) for task in "ab"}
        play(controller, ["a", "b"], rounds=1)
        for task in "ab":
            new = controller.bank[task][kept[task] :]
            assert len(new) == 2
            for trial in new:
                first, second = trial.told.actions
                assert np.exp(trial.log_pi) == pytest.approx(pi[task][3 * first + second], rel=1e-4)


def test_it_is_the_actor_that_proposes():
    controller = Mnms(SPACE, 0, settings(learning_rate=0.1, replay={"sync": 1000, "steps": 2, "batch": 2}))
    pi = joint(controller.actor, controller._actor_embedding("a")).detach().double().numpy()
    proposals = play(controller, ["a"], rounds=100)
    assert (joint(controller.policy, controller.embedding("a")).detach().numpy() - pi).max() > 0.3
    counts = np.zeros(6)
    for _, (first, second) in proposals:
        counts[3 * first + second] += 1
    assert chisquare(counts, pi / pi.sum() * 400).pvalue > 0.01


def filled(seed=0, **replay):
    """A bank of one trial of task a, and of nine of task b."""
    controller = Mnms(SPACE, seed, settings(replay=replay))
    controller.tell("a", (0, 1), 0.5)
    for number in range(9):
        controller.tell("b", (1, number % 3), number / 10)
    controller._keep()
    return controller


def test_a_minibatch_has_equally_many_trials_of_each_task():
    controllers, counts = [filled(seed, batch=6) for seed in range(5)], Counter()
    for controller in controllers * 100:
        minibatch = controller.draw()
        assert Counter(trial.told.task for trial in minibatch) == {"a": 6, "b": 6}
        counts.update(trial.told.reward for trial in minibatch if trial.told.task == "b")
    assert chisquare([counts[number / 10] for number in range(9)]).pvalue > 0.01


def test_advantages_are_by_the_average_of_now():
    controller = Mnms(SPACE, 0, settings(replay={"baseline_floor": 0.3}))
    controller.tell("a", (0, 1), 0.5), controller.tell("a", (1, 1), 0.7)
    first = controller.told[0]
    assert controller.advantage(first) == pytest.approx((0.5 - 0.6) / 0.6)
    controller.tell("a", (0, 0), 0.9)
    assert controller.advantage(first) == pytest.approx((0.5 - 0.7) / 0.7)
    controller.tell("poor", (0, 0), 0.1), controller.tell("poor", (0, 1), 0.3)
    assert controller.advantage(controller.told[-1]) == pytest.approx((0.3 - 0.2) / 0.3)


def test_the_loss_is_the_clipped_surrogate_of_the_learner():
    controller = filled(clip=0.1, entropy=0.05)
    for _ in range(3):
        controller.descend(controller.loss(controller.draw()))
    values, kinds = [], Counter()
    minibatch = [controller.bank["a"][0], *controller.bank["b"]]
    for (task, actions, reward, _), log_pi in minibatch:
        table = joint(controller.policy, controller.embedding(task)).detach().double().numpy().reshape(2, 3)
        ratio, mean = table[actions] / np.exp(log_pi), {"a": 0.5, "b": 0.4}[task]
        advantage = (reward - mean) / mean
        stopped = ratio > 1.1 if advantage > 0 else ratio < 0.9
        kinds[stopped] += advantage != 0
        value = advantage * (np.clip(ratio, 0.9, 1.1) if stopped else ratio)
        first, second = table.sum(1), table[actions[0]] / table[actions[0]].sum()
        values.append(value - 0.05 * ((first * np.log(first)).sum() + (second * np.log(second)).sum()))
    assert min(kinds[True], kinds[False]) > 0
    assert controller.loss(minibatch).item() == pytest.approx(-np.mean(values), rel=1e-4)


def test_transfer_keeps_what_the_learner_learnt_and_forgets_the_bank():
    controller = Mnms(SPACE, 0, settings(replay={"sync": 1000}))
    play(controller, ["a", "b"])
    learnt = weights(controller)
    controller.transfer(1)
    assert controller.bank == {} and controller.baselines == {} and controller.embeddings == {}
    assert torch.equal(actor(controller), learnt)
    play(controller, ["new"], rounds=1)
    assert set(controller.bank) == {"new"}
