from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tnas_bench.device import generator
from tnas_bench.images import ImageSet, crop_and_flip, image_set

MEAN, DEVIATION = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2023, 0.1994, 0.2010])


def numbered(count, dataset="mnist"):
    """Images of one grey level each, by which they are known again; the label is that of the level, modulo 3."""
    pixels = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 3, 32, 32).clone()
    return ImageSet(pixels, torch.arange(count) % 3, 3, dataset)


def noise(count, dataset):
    pixels = torch.randint(0, 256, (count, 3, 32, 32), generator=generator("test", "noise"), dtype=torch.uint8)
    return ImageSet(pixels, torch.zeros(count, dtype=torch.int64), 2, dataset)


def levels(batches):
    """The grey levels of the images of batches of MNIST, batch by batch."""
    return [(inputs[:, 0, 0, 0] * 255).round().int().tolist() for inputs, _ in batches]


def crop_by_slicing(image, down, right, flip):
    padded = np.zeros((3, 40, 40), np.uint8)
    padded[:, 4:36, 4:36] = image
    crop = padded[:, down : down + 32, right : right + 32]
    return crop[:, :, ::-1] if flip else crop


def test_every_augmented_image_is_a_crop_of_its_own_flipped_or_not():
    pixels = noise(400, "cifar10").pixels
    seen = []
    for image, ours in zip(pixels.numpy(), crop_and_flip(pixels, generator("test", "crops")).numpy(), strict=True):
        places = [
            (down, right, flip)
            for down in range(9)
            for right in range(9)
            for flip in (False, True)
            if np.array_equal(crop_by_slicing(image, down, right, flip), ours)
        ]
        assert len(places) == 1
        seen += places
    downs, rights, flips = zip(*seen, strict=True)
    assert set(downs) == set(rights) == set(range(9))
    # Binomial with p = 1/2: 4.9 standard deviations of 10 each.
    assert 151 < sum(flips) < 249
    assert abs(np.corrcoef(downs, rights)[0, 1]) < 0.25 and abs(np.corrcoef(rights, flips)[0, 1]) < 0.25


@pytest.mark.parametrize(("count", "size"), [(8, 4), (9, 4), (65, 64), (30, 8), (5, 10), (1, 4)])
def test_an_epoch_has_each_image_once_with_its_label_and_no_tiny_batch(count, size):
    batches = list(numbered(count).epoch(size, generator("test", "epoch")))
    order = [level for batch in levels(batches) for level in batch]
    assert sorted(order) == list(range(count))
    assert torch.cat([labels for _, labels in batches]).tolist() == [level % 3 for level in order]
    lengths = [len(labels) for _, labels in batches]
    assert max(lengths) <= size and max(lengths) - min(lengths) <= 1


def test_epochs_depend_on_their_generator_alone():
    images = numbered(50)
    first, again, other = (levels(images.epoch(8, generator("test", name))) for name in ("a", "a", "b"))
    assert first == again != other
    assert first != levels(images.batches(8))


def test_a_part_of_the_images_is_drawn_anew_for_each_epoch():
    images, rng = numbered(50), generator("test", "part")
    first, second = ({level for batch in levels(images.epoch(4, rng, 10)) for level in batch} for _ in range(2))
    assert len(first) == len(second) == 10
    assert first != second
    assert max(first | second) >= 10  # not the first of the set
    assert sum(len(labels) for _, labels in images.epoch(4, rng, 999)) == 50


def test_batches_are_all_images_in_order():
    assert levels(numbered(10).batches(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert levels(numbered(10).first(3).batches(4)) == [[0, 1, 2]]
    assert len(numbered(10).first(None)) == 10


def test_mnist_is_between_0_and_1_and_never_augmented():
    images = noise(6, "mnist")
    expected = images.pixels.numpy() / 255
    [(inputs, _)] = images.batches(6)
    np.testing.assert_allclose(inputs.numpy(), expected, atol=1e-6)
    for image in next(images.epoch(6, generator("test", "mnist")))[0].numpy():
        assert min(np.abs(image - other).max() for other in expected) < 1e-6


def test_cifar_is_normalised_by_channel():
    images = noise(6, "cifar10")
    [(inputs, _)] = images.batches(6)
    expected = (images.pixels.numpy().transpose(0, 2, 3, 1) / 255 - MEAN) / DEVIATION
    np.testing.assert_allclose(inputs.numpy().transpose(0, 2, 3, 1), expected, atol=1e-5)


def test_cifar_is_augmented_before_it_is_normalised():
    white = ImageSet(
        torch.full((40, 3, 32, 32), 255, dtype=torch.uint8), torch.zeros(40, dtype=torch.int64), 2, "cifar10"
    )
    [(inputs, _)] = white.epoch(40, generator("test", "white"))
    # Crops reach into the padding, which is black: 0 before, not after the normalisation.
    colours = np.unique(inputs.permute(0, 2, 3, 1).reshape(-1, 3).numpy(), axis=0)
    np.testing.assert_allclose(colours, [-MEAN / DEVIATION, (1 - MEAN) / DEVIATION], atol=1e-5)


def test_batches_are_channels_last_and_leave_the_set_as_it_is():
    images = noise(6, "cifar10")
    before = images.pixels.clone()
    for inputs, _ in (*images.batches(4), *images.epoch(4, generator("test", "layout"))):
        assert inputs.dtype == torch.float32 and inputs.is_contiguous(memory_format=torch.channels_last)
        inputs.zero_()
    assert torch.equal(images.pixels, before)


def test_splits_of_a_task_are_joined_in_the_order_given():
    def split(*grey):
        inputs = np.broadcast_to(np.array(grey, np.uint8).reshape(-1, 1, 1, 1), (len(grey), 3, 32, 32)).copy()
        return SimpleNamespace(inputs=inputs, labels=np.array(grey, np.int64) % 2)

    task = SimpleNamespace(dataset="mnist", classes=("even", "odd"), train=split(7, 8), validation=split(3))
    images = image_set(task, "validation", "train")
    assert (images.pixels[:, 0, 0, 0].tolist(), images.labels.tolist()) == ([3, 7, 8], [1, 1, 0])
    assert (images.classes, images.dataset) == (2, "mnist")
