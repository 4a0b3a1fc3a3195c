"""Each format of images in a file of a few bytes, written by hand."""

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from tnas_bench.errors import UserError
from tnas_bench.tasks.image_files import cifar_binary, digit_table, idx


def idx_images(*images):
    return struct.pack(">BBBBiii", 0, 0, 8, 3, len(images), 28, 28) + b"".join(images)


def idx_labels(*labels):
    return struct.pack(">BBBBi", 0, 0, 8, 1, len(labels)) + bytes(labels)


@pytest.fixture
def files(tmp_path):
    def write(*contents):
        paths = {f"file{number}": tmp_path / f"file{number}" for number in range(len(contents))}
        for path, content in zip(paths.values(), contents, strict=True):
            path.write_bytes(content)
        return paths

    return write


def test_idx(files):
    first, second, third = (bytes([level]) * 784 for level in (10, 20, 30))
    images = idx(files(idx_images(first, second), idx_labels(7, 2), idx_images(third), idx_labels(4)))
    assert images.labels.tolist() == [7, 2, 4] and images.parts.tolist() == ["train", "train", "test"]
    assert images.pixels.shape == (3, 3, 32, 32) and images.pixels.dtype == np.uint8
    for image, level in zip(images.pixels, (10, 20, 30), strict=True):
        assert (image[:, 2:30, 2:30] == level).all()
        assert image.sum(dtype=int) == 3 * 784 * level  # nothing but zeros around it


def test_idx_rows_run_down_and_pixels_to_the_right(files):
    picture = bytearray(784)
    picture[28 * 5 + 9] = 255  # row 5, column 9
    images = idx(files(idx_images(bytes(picture)), idx_labels(1), idx_images(bytes(784)), idx_labels(0)))
    assert np.argwhere(images.pixels[0]).tolist() == [[channel, 7, 11] for channel in range(3)]


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data + b"0", lambda data: b""])
def test_a_file_that_is_not_whole_idx(files, damage):
    images = idx_images(bytes(784))
    with pytest.raises(UserError, match=r"^file2: not a whole idx file; replace the file$"):
        idx(files(images, idx_labels(1), damage(images), idx_labels(1)))


def record(label, red, green, blue):
    return bytes([label]) + bytes(red) + bytes(green) + bytes(blue)


def test_cifar_binary(files):
    dark, marked = [0] * 1024, [0] * 1024
    marked[32 * 3 + 30] = 200  # row 3, column 30
    batches = files(record(9, marked, dark, dark), record(1, dark, dark, marked), record(5, dark, marked, dark))
    images = cifar_binary(batches, test="file1")
    assert images.labels.tolist() == [9, 1, 5] and images.parts.tolist() == ["train", "test", "train"]
    assert np.argwhere(images.pixels).tolist() == [[0, 0, 3, 30], [1, 2, 3, 30], [2, 1, 3, 30]]
    assert images.pixels.dtype == np.uint8


def test_a_truncated_batch(files):
    whole = bytes(2 * 3073)
    with pytest.raises(UserError, match=r"^file1: 6,145 bytes are not whole images of 3,073; replace the file$"):
        cifar_binary(files(whole, whole[:-1]), test="file1")


def test_a_table_of_digits_sorted_by_digit(tmp_path):
    labels = np.repeat(np.arange(10), 20)
    pixels = np.zeros((200, 784), int)
    pixels[:, 0], pixels[:, 783] = np.arange(200), labels + 100  # which row an image was; its label, out of sight
    text = "".join(",".join(map(str, row)) + "\n" for row in np.c_[pixels, labels])
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("inside/digits.csv.gz", gzip.compress(text.encode()))
    (tmp_path / "digits.whl").write_bytes(wheel.getvalue())
    images = digit_table({"digits.whl": tmp_path / "digits.whl"}, "inside/digits.csv.gz")
    assert (images.pixels[:, :, 29, 29] == images.labels[:, np.newaxis] + 100).all()
    assert sorted(images.pixels[:, 1, 2, 2]) == list(range(200))
    for part, count in (("train", 16), ("test", 4)):
        assert np.bincount(images.labels[images.parts == part]).tolist() == [count] * 10
    assert len(set(images.labels[:20])) == 10  # the first rows are no longer of one digit
