import copy
import io

import pytest
import torch
from networks_made import images, recipe, tiny
from torch import nn

from tnas_bench.device import generator
from tnas_bench.errors import UserError
from tnas_bench.images import ImageSet
from tnas_bench.networks.training import Training, accuracy, batch_statistics_accuracy

NAMES = ("test", "tiny", 0)


def training(network=None, test=None, **changes):
    return Training(network or tiny(), images(30), test or images(20, "test"), recipe(**changes), NAMES)


def through_a_file(state):
    """The state as it comes back from a checkpoint."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def equal(network, other):
    return all(map(torch.equal, network.state_dict().values(), other.state_dict().values()))


class Untouchable(ImageSet):
    def batches(self, size):
        raise AssertionError("test images were looked at")


def test_a_resumed_training_is_the_uninterrupted_one_to_the_bit():
    whole = training()
    records = [whole.step(0), whole.step(1)]
    first = training()
    assert first.step(0) == records[0]
    second = training(tiny(seed=1).eval())
    second.restore(through_a_file(first.state()))
    torch.rand(7)  # nothing hangs on the global stream
    assert second.step(1) == records[1]
    assert equal(second.network, whole.network)
    assert not equal(second.network, first.network)


def test_one_epoch_is_adam_on_the_mean_cross_entropy_of_each_batch():
    ours = training(epochs={"cifar10": 1}, images=16)
    network, losses, right = copy.deepcopy(ours.network), [], 0
    rng = generator(*NAMES, "epoch", 0)
    moments = [(torch.zeros_like(each), torch.zeros_like(each)) for each in network.parameters()]
    for number, (inputs, labels) in enumerate(images(30).epoch(8, rng, 16), start=1):
        logits = network(inputs)
        loss = -logits.log_softmax(1)[range(8), labels].mean()
        network.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter, (mean, square) in zip(network.parameters(), moments, strict=True):
                mean.mul_(0.9).add_(0.1 * parameter.grad)
                square.mul_(0.999).add_(0.001 * parameter.grad**2)
                deviation = (square / (1 - 0.999**number)).sqrt() + 1e-8
                parameter -= 0.01 * mean / (1 - 0.9**number) / deviation
        losses.append(loss.item())
        right += (logits.argmax(1) == labels).sum().item()
    record = ours.step(0)
    assert record["loss"] == pytest.approx(sum(losses) / 2, rel=1e-5)
    assert (record["epoch"], record["images"], record["train_accuracy"]) == (1, 16, right / 16)
    for one, two in zip(ours.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(one, two, atol=1e-5, rtol=1e-4)


def test_it_learns_to_tell_red_from_blue():
    work = training(epochs={"cifar10": 5})
    *_, last = map(work.step, range(work.steps))
    assert last["test"] == 1
    assert last["train_accuracy"] > 0.9


def test_test_images_are_first_looked_at_after_the_last_epoch():
    test = images(20, "test")
    untouchable = Untouchable(test.pixels, test.labels, 2, "cifar10")
    work = training(test=untouchable)
    assert set(work.step(0)) == {"epoch", "loss", "train_accuracy", "images"}
    with pytest.raises(AssertionError, match="test images"):
        work.step(1)


def test_the_last_record_has_what_is_reported():
    work = training(epochs={"cifar10": 1})
    record = work.step(0)
    assert record["test"] == accuracy(work.network, work.test)
    assert record["test_batch_statistics"] == batch_statistics_accuracy(work.network, work.test)
    assert record["parameters"] == 3 * 9 * 4 + (4 + 4) + (4 * 2 + 2)


def test_the_two_accuracies_differ_as_batch_statistics_do():
    """Grey images of 50 and of 150: told apart at their mean by batch statistics, never at a running mean of 0."""
    grey = torch.tensor([50, 150] * 5, dtype=torch.uint8)
    labels = (grey > 100).long()
    test = ImageSet(grey.view(-1, 1, 1, 1).expand(-1, 3, 32, 32).clone(), labels, 2, "mnist")
    network = nn.Sequential(nn.BatchNorm2d(3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    network[-1].weight.data = torch.tensor([[-1.0, -1, -1], [1, 1, 1]])
    network[-1].bias.data = torch.zeros(2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert accuracy(network, test) == 0.5  # all are above 0, hence of class 1
    assert batch_statistics_accuracy(network, test) == 1
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert before["0.num_batches_tracked"] == 0


def test_statistics_are_taken_anew_of_the_first_training_images_as_they_are():
    left, anew = training(epochs={"cifar10": 1}), training(epochs={"cifar10": 1}, statistics_images=12)
    records = [left.step(0), anew.step(0)]
    norm = anew.network[1]
    assert isinstance(norm, nn.BatchNorm2d)
    ((inputs, _),) = anew.train.first(12).batches(12)
    outputs = anew.network[0](inputs).transpose(0, 1).flatten(1)
    torch.testing.assert_close(norm.running_mean, outputs.mean(1))
    torch.testing.assert_close(norm.running_var, outputs.var(1))
    assert not torch.allclose(norm.running_mean, left.network[1].running_mean, rtol=0.01)
    assert all(map(torch.equal, anew.network.parameters(), left.network.parameters()))
    assert records[1]["test"] == accuracy(anew.network, anew.test)
    assert records[1]["test_batch_statistics"] == records[0]["test_batch_statistics"]
    assert norm.momentum == 0.1


def test_accuracy_counts_images_over_batches_of_any_length():
    class Brightest(nn.Module):
        def forward(self, inputs):
            return inputs.mean((2, 3))

    rng = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (230, 3, 32, 32), generator=rng, dtype=torch.uint8)
    brightest = pixels.double().sum((2, 3)).argmax(1)
    labels = torch.where(torch.arange(230) < 23, (brightest + 1) % 3, brightest)
    assert accuracy(Brightest(), ImageSet(pixels, labels, 3, "mnist")) == pytest.approx(0.9)


def test_mixed_precision_trains_too():
    record = training(epochs={"cifar10": 1}, precision="bfloat16").step(0)
    assert record["loss"] == pytest.approx(training(epochs={"cifar10": 1}).step(0)["loss"], rel=0.05)


def test_a_loss_that_is_not_finite_is_one_clear_line():
    network = tiny()
    network[-1].bias.data[0] = torch.inf
    with pytest.raises(UserError, match=r"^test tiny 0: the loss is not finite after epoch 1; take a smaller learning"):
        training(network).step(0)


def test_a_recipe_without_the_data_set_is_one_clear_line():
    with pytest.raises(UserError, match=r"^no number of epochs for data set 'cifar10': add it to 'epochs'"):
        training(epochs={"mnist": 3})
