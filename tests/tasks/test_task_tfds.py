"""tensorflow-datasets: its mocks, and tiny data sets of our own that its builders write."""

import json

import numpy as np
import pytest

from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks import registry, tfds
from tnas_bench.tasks.loaders import LOADERS, tfds_images, tfds_texts
from tnas_bench.tasks.prepare import prepare

library = pytest.importorskip("tensorflow_datasets")
TASKS = {task.dataset: task for task in registry.task_rows()}
SOURCES = {name: source for name, task in TASKS.items() for source in registry.sources(task) if source.form == "tfds"}


@pytest.mark.parametrize("dataset", SOURCES)
def test_every_data_set_has_the_columns_and_classes_that_the_table_says(dataset, tmp_path, monkeypatch):
    source = SOURCES[dataset]
    with library.testing.mock_data(num_examples=5):
        builder = library.builder(source.package)
        monkeypatch.setattr(builder, "download_and_prepare", lambda: None)
        monkeypatch.setattr(library, "builder", lambda name: builder)
        tfds.export(source.package, tmp_path, source.options["column"], source.options["splits"])
    files = {f"{split}.parquet": tmp_path / f"{split}.parquet" for split in source.options["splits"]}
    raw = LOADERS[source.loader](files, **source.options)
    if source.loader == "tfds_images":
        assert raw.pixels.shape == (10, 3, 32, 32) and raw.parts.tolist() == ["train"] * 5 + ["test"] * 5
    elif source.loader == "tfds_photos":
        assert raw.pixels.shape == (5, 3, 96, 96) and raw.parts is None
        assert set(raw.labels) <= set(builder.info.features["label"].names) == set(TASKS[dataset].labels)
    else:
        assert len(raw) == 10 and set(source.labels) == set(builder.info.features["label"].names)


EXAMPLES = {"train": [("rain", "bad"), ("sun, ñ", "good")] * 30, "test": [("hail", "bad"), ("dew", "good")] * 10}


class Weather(library.core.GeneratorBasedBuilder):
    """Texts of two classes."""

    VERSION = library.core.Version("1.0.0")

    def _info(self):
        label = library.features.ClassLabel(names=["good", "bad"])
        features = library.features.FeaturesDict({"text": library.features.Text(), "label": label})
        return library.core.DatasetInfo(builder=self, features=features)

    def _split_generators(self, dl_manager):
        return {split: self._generate_examples(split) for split in EXAMPLES}

    def _generate_examples(self, split):
        for number, (text, label) in enumerate(EXAMPLES[split]):
            yield number, {"text": f"{text} {number}", "label": label}


OPTIONS = {"column": "text", "splits": ["train", "test"]}


@pytest.fixture
def weather(tables, tmp_path, monkeypatch):
    """The task ``weather``, which tensorflow-datasets has in its folder."""
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    tables.task("weather", split="predefined-train-test", published_rows="80")
    facts = {"loader": "tfds_texts", "options": json.dumps(OPTIONS), "grade": "repacked"}
    tables.source("weather", {}, form="tfds", package="weather", **facts)
    return tables


def test_a_task_comes_from_a_process_of_its_own(weather, tmp_path):
    Weather(data_dir=tmp_path / "tfds").download_and_prepare()
    settings, cache = DataSettings(sources=("mirror", "tfds")), tmp_path / "cache"
    card = prepare("weather", tmp_path / "weather", settings, None, cache=cache)
    assert (card["via"], card["grade"], card["classes"]) == ("tfds", "repacked", ["bad", "good"])
    assert card["rows"]["test"] == 20 and card["rows"]["total"] == 80
    assert [file["name"] for file in card["files"]] == ["train.parquet", "test.parquet"]
    files = tfds.fetch("gone", cache / "weather/tfds", "text", OPTIONS["splits"])  # kept: nobody is asked again
    told = tfds_texts(files, **OPTIONS)
    order = sorted(told["text"][:60], key=lambda text: int(text.split()[-1]))
    assert order[:2] == ["rain 0", "sun, ñ 1"]


def test_what_it_cannot_have_is_told_in_one_line(weather, tmp_path):
    with pytest.raises(UserError, match=r"tfds: weather: .+; put|no source serves .*tfds: weather: ") as error:
        prepare("weather", tmp_path / "weather", DataSettings(sources=("tfds",)), None, cache=tmp_path / "cache")
    assert "\n" not in str(error.value) and "Traceback" not in str(error.value)


def test_without_tensorflow_datasets_the_way_is_passed_over(weather, tmp_path, monkeypatch):
    monkeypatch.setattr(tfds.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"tensorflow-datasets is not installed \(pip install 'tnas_bench"):
        prepare("weather", tmp_path / "weather", DataSettings(sources=("tfds",)), None, cache=tmp_path / "cache")


def test_images_have_their_channels_first(tmp_path, monkeypatch):
    """A grey image is padded to 32 x 32 in three channels, a coloured one keeps its colours."""
    coloured = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
    for shape, image in (((28, 28, 1), np.full((28, 28, 1), 7, np.uint8)), ((32, 32, 3), coloured)):
        path = tmp_path / "train.parquet"
        tfds.pq.write_table(
            tfds.pa.table({"input": [image.tobytes()], "shape": [list(shape)], "label": [1], "name": ["b"]}), path
        )
        made = tfds_images({path.name: path}, "image", ["train"])
        assert made.labels.tolist() == [1] and made.pixels.shape == (1, 3, 32, 32)
        expected = np.pad(image[..., 0], 2) if shape[2] == 1 else image[..., 1]
        assert np.array_equal(made.pixels[0, 1], expected)


def test_photos_of_any_size_are_labelled_by_name(tmp_path):
    """Two photos of other shapes: the middle of each, in its colours."""
    wide, high = np.zeros((4, 8, 3), np.uint8), np.full((6, 4, 3), 90, np.uint8)
    wide[:, 2:6, 1] = 200
    columns = {"input": [wide.tobytes(), high.tobytes()], "shape": [list(wide.shape), list(high.shape)]}
    path = tmp_path / "train.parquet"
    tfds.pq.write_table(tfds.pa.table(columns | {"label": [1, 0], "name": ["rose", "iris"]}), path)
    made = LOADERS["tfds_photos"]({path.name: path}, "image", ["train"], side=4)
    assert made.labels.tolist() == ["rose", "iris"] and made.pixels.shape == (2, 3, 4, 4)
    assert (made.pixels[0] == np.array([0, 200, 0])[:, None, None]).all() and (made.pixels[1] == 90).all()
