from itertools import product

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from tnas_bench.config import ControllerSettings
from tnas_bench.controllers.policy import Policy
from tnas_bench.seeds import stream
from tnas_bench.spaces import Decision, Space
from tnas_bench.spaces.tnaml import text_space

TEXT = text_space([f"module-{number}" for number in range(8)], (100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000))
SMALL = Space(TEXT.decisions[1:4])  # 2 * 5 * 6 configurations: few enough to enumerate


def settings(**changes):
    return ControllerSettings(learning_rate=1e-3, **changes)


def embedding(bound=0.1):
    return torch.tensor(stream("test", "task").uniform(-bound, bound, 25), dtype=torch.float32)


def by_hand(policy, task, actions):
    """log pi of every decision along some actions, in numpy, in double precision, from the equations of an LSTM."""
    weights = {name: value.detach().numpy().astype(float) for name, value in policy.named_parameters()}
    sigmoid, results, number = lambda x: 1 / (1 + np.exp(-x)), [], len(weights["embedding.weight"]) - 1
    outputs, memories = np.zeros((2, 50)), np.zeros((2, 50))
    sizes = [len(weights[f"heads.{decision}.bias"]) for decision in range(len(actions))]
    for decision, action in enumerate(actions):
        x = np.concatenate([task, weights["embedding.weight"][number]])
        x = features = np.tanh(weights["before.weight"] @ x + weights["before.bias"])
        for layer in range(2):
            w = {key: weights[f"cells.{layer}.{key}"] for key in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
            gates = w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ outputs[layer] + w["bias_hh"]
            take, keep, new, show = gates.reshape(4, 50)
            memories[layer] = sigmoid(keep) * memories[layer] + sigmoid(take) * np.tanh(new)
            x = outputs[layer] = sigmoid(show) * np.tanh(memories[layer])
        x = np.tanh(weights["after.weight"] @ np.concatenate([features, x]) + weights["after.bias"])
        logits = weights[f"heads.{decision}.weight"] @ x + weights[f"heads.{decision}.bias"]
        results.append(logits - np.log(np.exp(logits).sum()))
        number = sum(sizes[:decision]) + action
    return results


def test_the_network_is_the_one_of_the_paper_by_hand():
    policy, task, rng = Policy(TEXT, 1, settings(initial_range=0.5)), embedding(), stream("test", "actions")
    batch = [TEXT.sample(rng) for _ in range(3)]
    ours = policy.log_probabilities(task.expand(3, -1), torch.tensor(batch))
    for row, actions in enumerate(batch):
        for log_pi, expected in zip(ours, by_hand(policy, task.numpy(), actions), strict=True):
            assert log_pi[row].detach().numpy() == pytest.approx(expected, abs=1e-5)


def test_every_weight_starts_uniform_in_the_initial_range():
    for name, parameter in Policy(TEXT, 0, settings(initial_range=0.1)).named_parameters():
        values = parameter.detach().numpy().ravel()
        assert np.abs(values).max() <= 0.1, name
        if values.size > 500:
            assert values.std() == pytest.approx(0.1 / 3**0.5, rel=0.1), name


@pytest.mark.parametrize("seed", range(3))
def test_first_proposals_are_near_uniform(seed):
    policy, task, rng = Policy(TEXT, seed, settings()), embedding(), stream("test", "uniform", seed)
    batch = torch.tensor([policy.sample(task, rng) for _ in range(50)])
    for log_pi in policy.log_probabilities(task.expand(50, -1), batch):
        assert (log_pi.exp() * log_pi.shape[1]).detach().numpy() == pytest.approx(1, abs=0.25)


def test_samples_have_the_probabilities_of_the_network():
    policy, task, rng = Policy(SMALL, 0, settings(initial_range=1)), embedding(1), stream("test", "sampling")
    everything = torch.tensor(list(product(range(2), range(5), range(6))))
    log_pis = policy.log_probabilities(task.expand(60, -1), everything)
    chosen = sum(log_pi[range(60), action] for log_pi, action in zip(log_pis, everything.T, strict=True))
    joint = chosen.detach().double().exp().numpy()
    assert joint.sum() == pytest.approx(1, abs=1e-5)
    counts = np.zeros((2, 5, 6))
    for _ in range(3000):
        counts[policy.sample(task, rng)] += 1
    assert chisquare(counts.ravel()).pvalue < 1e-6  # far from uniform, so that the next line says something
    assert chisquare(counts.ravel(), joint / joint.sum() * 3000).pvalue > 0.01


def test_the_mode_is_greedy_decision_by_decision():
    policy, task = Policy(TEXT, 2, settings(initial_range=0.5)), embedding()
    mode = policy.mode(task)
    greedy = [int(log_pi.argmax()) for log_pi in by_hand(policy, task.numpy(), mode)]
    assert list(mode) == greedy and len(set(mode)) > 2


def test_among_equal_choices_the_mode_takes_the_first():
    assert Policy(SMALL, 0, settings().model_copy(update={"initial_range": 1e-30})).mode(torch.zeros(25)) == (0, 0, 0)


def test_a_decision_takes_one_number_of_the_stream():
    policy, used, left = Policy(TEXT, 0, settings()), stream("test", "numbers"), stream("test", "numbers")
    policy.sample(embedding(), used)
    left.random(12)
    assert used.random() == left.random()


def test_a_space_of_one_choice_is_no_special_case():
    policy = Policy(Space((Decision("only", ("this",)),)), 0, settings())
    assert policy.sample(embedding(), stream("test")) == (0,)
