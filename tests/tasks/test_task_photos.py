"""Photos: small JPEG files painted here, in archives of one folder a class."""

import io
import json
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

from tnas_bench import tasks
from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks import registry
from tnas_bench.tasks.loaders import LOADERS
from tnas_bench.tasks.photos import MOST_PIXELS, photo_folders, square
from tnas_bench.tasks.prepare import prepare

PATTERN = r"(.*/)?(?P<label>[^/]+)/[^/]+\.jpg"


def jpeg(colour=(200, 30, 30), size=(40, 24), mode="RGB"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).convert(mode).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@pytest.fixture
def packed(tmp_path):
    def pack(members):
        path = tmp_path / "photos.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return {path.name: path}

    return pack


def test_photos_are_labelled_by_their_folder_in_the_order_of_the_archive(packed):
    red, blue = jpeg((200, 30, 30)), jpeg((20, 40, 220), size=(24, 50))
    made = photo_folders(
        packed({"p/LICENSE.txt": b"free", "p/roses/1.jpg": red, "p/iris/2.jpg": blue, "p/roses/3.jpg": red}),
        PATTERN,
        side=8,
    )
    assert made.labels.tolist() == ["roses", "iris", "roses"] and made.parts is None
    assert made.pixels.shape == (3, 3, 8, 8) and made.pixels.dtype == np.uint8
    for image, colour in zip(made.pixels, ((200, 30, 30), (20, 40, 220), (200, 30, 30)), strict=True):
        assert np.abs(image.mean(axis=(1, 2)) - colour).max() < 3  # channels in the order red, green, blue


@pytest.mark.parametrize(("size", "left", "top"), [((11, 6), 2, 0), ((6, 9), 0, 1), ((6, 6), 0, 0)])
def test_a_photo_of_the_right_shorter_side_keeps_its_middle_pixels(size, left, top):
    pixels = np.random.default_rng(0).integers(256, size=(size[1], size[0], 3), dtype=np.uint8)
    expected = pixels[top : top + 6, left : left + 6]
    assert np.array_equal(square(Image.fromarray(pixels), 6), expected.transpose(2, 0, 1))


def test_a_photo_stays_upright_and_is_smoothed_when_it_shrinks():
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:20, :, 0] = 240  # red above
    pixels[20:, ::2, 2] = 200  # blue below, every other column: its mean is 100, but 0 or 200 if pixels were picked
    small = square(Image.fromarray(pixels), 10).astype(int)
    assert (small[0, :4] > 230).all() and (small[0, 6:] < 10).all()
    assert (np.abs(small[2, 6:] - 100) < 20).all()


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_four_colour_photos_become_three_channels(packed, mode):
    made = photo_folders(packed({"a/1.jpg": jpeg((120, 120, 120), mode=mode)}), PATTERN, side=8)
    assert made.pixels.shape == (1, 3, 8, 8) and np.abs(made.pixels.astype(int) - 120).max() < 5


def resized_header(height, width):
    """A whole small JPEG whose header claims another size."""
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0") + 5  # start of frame: marker, length, precision; then height and width
    data[at : at + 4] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(data)


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a whole JPEG picture"),
        (b"no picture", "not a whole JPEG picture"),
        (png(), "not a whole JPEG picture"),
        (jpeg(size=(300, 300))[:-400], "not a whole JPEG picture"),
        (jpeg()[:60], "not a whole JPEG picture"),
        (resized_header(0, 40), "not a whole JPEG picture"),
        (resized_header(6000, 9000), f"more than {MOST_PIXELS:,} pixels"),  # that Pillow itself would open
        (resized_header(12000, 12000), f"more than {MOST_PIXELS:,} pixels"),  # that it would warn of
        (resized_header(65000, 65000), f"more than {MOST_PIXELS:,} pixels"),  # that it would refuse
    ],
)
def test_a_picture_that_cannot_be_is_one_line(packed, data, message):
    with pytest.raises(UserError) as error, warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        photo_folders(packed({"a/1.jpg": jpeg(), "a/2.jpg": data}), PATTERN, side=8)
    assert str(error.value) == f"a/2.jpg: {message}; replace the file that holds it"


def test_an_archive_without_photos(packed):
    with pytest.raises(UserError, match=r"photos\.zip: holds no picture that belongs to the data set; replace the fi"):
        photo_folders(packed({"a/readme.txt": b""}), PATTERN, side=8)


def test_a_photo_that_points_outside_is_refused(packed):
    with pytest.raises(UserError, match=r"photos\.zip: its member '\.\./a/2\.jpg' points outside of it"):
        photo_folders(packed({"a/1.jpg": jpeg(), "../a/2.jpg": jpeg()}), PATTERN, side=8)


@pytest.fixture
def garden(tables, packed):
    """The task ``garden``: 60 photos of two classes, each of a shade of its own, in a mirror."""
    tables.task("garden", kind="image", labels=json.dumps({"iris": "iris", "rose": "rose"}), published_rows="60")

    def plant(classes=("rose", "iris")):
        photos = {f"g/{classes[n % 2]}/{n}.jpg": jpeg((4 * n, 10, 10)) for n in range(60)}
        data = packed(photos)["photos.zip"].read_bytes()
        options = json.dumps({"pattern": PATTERN, "side": 12})
        tables.source("garden", {"photos.zip": data}, loader="photo_folders", options=options)
        return tables.mirror

    return plant


def test_a_task_of_photos_comes_back_with_its_own_side(garden, tmp_path):
    card = prepare("garden", tmp_path / "out", DataSettings(sources=["mirror"]), garden(), cache=tmp_path)
    assert card["rows"] == {"train": 48, "validation": 6, "test": 6, "total": 60, "dropped": 0}
    assert (card["classes"], card["split"], card["differences"]) == (["iris", "rose"], "random", [])
    task, shades = tasks.load(tmp_path / "out"), []
    for split, each in ((task.train, 24), (task.validation, 3), (task.test, 3)):
        assert split.inputs.shape == (2 * each, 3, 12, 12) and np.bincount(split.labels).tolist() == [each, each]
        numbers = np.rint(split.inputs[:, 0].mean(axis=(1, 2)) / 4).astype(int)
        assert (numbers % 2 == 1 - split.labels).all()  # even ones are roses: class 1
        shades += numbers.tolist()
    assert sorted(shades) == list(range(60))


def test_an_unknown_folder_is_named(garden, tmp_path):
    mirror = garden(("rose", "weed"))
    with pytest.raises(UserError, match=r"^garden: its raw files have label weed, which no class has; replace them$"):
        prepare("garden", tmp_path / "out", DataSettings(sources=["mirror"]), mirror, cache=tmp_path)


def test_every_source_of_the_flowers_makes_them_equally_large():
    """The generated stand-in is made whole: it has all classes at the side of the real photos."""
    task = registry.task_row("flowers")
    *real, generated = registry.sources(task)
    made = LOADERS[generated.loader]({}, **generated.options)
    assert set(made.labels) == set(task.labels) and made.pixels.shape[1:] == (3, 96, 96)
    assert {source.options["side"] for source in real} == {96}
