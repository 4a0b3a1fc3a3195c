import io
from statistics import fmean

import pytest
import search_made
import torch

from tnas_bench.cells import EDGES, cell_space, decode, encode
from tnas_bench.cells.enas import Enas, best_of
from tnas_bench.cells.network import network
from tnas_bench.config import EnasSettings
from tnas_bench.images import ImageSet

POOL_OR_SKIP = cell_space([("avg_pool_3x3", "skip_connect")] * len(EDGES))
INTO_NODE = [("skip_connect", "sep_conv_3x3"), ("dil_conv_3x3", "max_pool_3x3"), ("none",)]
CONVOLUTIONS = cell_space(INTO_NODE * 2)  # 0 to 1, 0 to 2, 1 to 2; 0, 1 and 2 to 3


def made(space=POOL_OR_SKIP, validation=None, rate=0.0035, **enas):
    """A search of few batches; ``rate`` is the policy's, ``enas`` are other settings."""
    small = {"epochs": 3, "policy_steps": 2, "policy_batch": 3, "samples": 4, "batch_size": 16}
    enas = EnasSettings(**small | enas, controller={"learning_rate": rate})
    settings = search_made.SETTINGS.model_copy(update={"enas": enas})
    validation = validation or search_made.coloured(24, 1)
    return Enas(search_made.problem(space=space, settings=settings, validation=validation))


def weights(module):
    return torch.cat([weight.detach().flatten() for weight in module.parameters()])


def listen(search, monkeypatch):
    """The paths that the policy will be asked for, as they come."""
    asked, ask = [], search.policy.ask
    monkeypatch.setattr(search.policy, "ask", lambda task: asked.append(ask(task)) or asked[-1])
    return asked


def planted(search, monkeypatch, best):
    """Let the reward of a path be its share of edges on which it agrees with the best one."""

    def accuracies(paths, batches):
        return [fmean(one == other for one, other in zip(path, best, strict=True)) for path in paths]

    monkeypatch.setattr(search, "accuracies", accuracies)


def test_the_policy_learns_a_planted_path(monkeypatch):
    # Planted optimum: the reward of every path is known; at random it is a half.
    best = (1, 0, 0, 1, 1, 0)
    search = made(epochs=2, rate=0.005, policy_steps=20, policy_batch=10, samples=20)
    planted(search, monkeypatch, best)
    first, last = (search.step(number)["reward"] for number in range(2))
    assert last > 0.9 and last > first + 0.1
    assert search.best() == decode(POOL_OR_SKIP, best)


def test_the_cell_is_the_best_path_and_at_the_end_the_best_sample(monkeypatch):
    best = (0, 1, 1, 0, 1, 0)
    search = made(epochs=2)
    planted(search, monkeypatch, best)
    asked = listen(search, monkeypatch)
    for number, of_choice in enumerate([slice(2, 8), slice(16, 20)]):  # 2 paths to train, 2 updates of 3; 4 samples
        record = search.step(number)
        chosen = encode(POOL_OR_SKIP, search.best())
        rewards = search.accuracies([chosen, *asked[of_choice]], [])
        assert chosen in asked[of_choice] and rewards[0] == max(rewards)
        assert record["cell"] == list(search.best().operations)
        assert record["reward"] == pytest.approx(fmean(search.accuracies(asked[8 * number :][2:8], [])))
    assert len(asked) == 20


def test_a_path_has_the_accuracy_of_its_cell_with_the_shared_weights():
    search = made(CONVOLUTIONS)  # untrained, paths disagree on many images
    path, other, batches = (0, 1, 0, 1, 0, 0), (1, 0, 0, 0, 1, 0), [*search_made.coloured(24, 5).batches(16)]
    alone = network(search.problem.settings.skeleton, decode(CONVOLUTIONS, path), 2, searching=True)
    alone.classifier.load_state_dict(search.network.classifier.state_dict())
    for edge, shared, action in zip(alone.body[0].edges, search.network.body[0].edges, path, strict=True):
        edge[0].load_state_dict(shared[action].state_dict())
    predicted = [(inputs, alone(inputs).argmax(1)) for inputs, _ in batches]
    assert 0 < sum(labels.sum() for _, labels in predicted) < 24
    predicted[0][1][:3] = 1 - predicted[0][1][:3]  # three errors among the 16 of the first batch, none in the other 8
    accuracies = search.accuracies([other, path], predicted)
    assert accuracies[1] == 21 / 24 and accuracies[0] < 21 / 24


def test_a_step_trains_the_weights_of_its_path_alone(monkeypatch):
    search = made(CONVOLUTIONS)
    monkeypatch.setattr(search.policy, "ask", lambda task: (1, 0, 0, 1, 1, 0))
    before = {name: weight.detach().clone() for name, weight in search.network.named_parameters()}
    search.step(0)
    changed = {name for name, weight in search.network.named_parameters() if not torch.equal(weight, before[name])}
    # Edge 1 leads to node 2, from which nothing goes on; the operation of edge 4 is a pool.
    trained = ("classifier", "body.0.edges.0.1.", "body.0.edges.3.1.")
    assert changed == {name for name in before if name.startswith(trained)}


def test_resumed_is_as_uninterrupted():
    whole, begun = made(CONVOLUTIONS), made(CONVOLUTIONS)
    records = [whole.step(number) for number in range(3)]
    for number in range(2):
        assert begun.step(number) == records[number]
        file = io.BytesIO()
        torch.save(begun.state(), file)
        file.seek(0)
        begun = made(CONVOLUTIONS)  # its process died
        begun.restore(torch.load(file, weights_only=True))
        assert list(begun.best().operations) == records[number]["cell"]
    assert begun.step(2) == records[2]
    assert torch.equal(weights(begun.network), weights(whole.network))
    assert torch.equal(weights(begun.policy.policy), weights(whole.policy.policy))


def test_a_record_counts_training_images_and_those_of_rewards():
    # 24 validation images in batches of 16 and 8, each the reward of an update of 3 paths.
    search = made(policy_steps=4)
    for epoch in range(2):
        record = search.step(epoch)
        assert (record["epoch"], record["passes"], record["forward"]) == (epoch, 32, 3 * (16 + 8 + 16 + 8))


def test_the_first_of_equals_is_the_best():
    assert best_of([(0,), (1,), (2,)], [0.5, 0.75, 0.75]) == (1,)


def test_weights_see_only_training_images():
    images = search_made.coloured(24, 1)
    relabelled = ImageSet(images.pixels, 1 - images.labels, images.classes, images.dataset)
    plain, other = made(), made(validation=relabelled)
    records = [search.step(0) for search in (plain, other)]
    assert torch.equal(weights(plain.network), weights(other.network))
    assert records[0]["train_loss"] == records[1]["train_loss"] and records[0]["reward"] != records[1]["reward"]
