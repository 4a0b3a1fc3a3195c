"""The trainer on a prepared task and a prepared module, each written by hand."""

import hashlib
import json
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from children_made import CONFIGURATION

from tnas_bench.children import Score
from tnas_bench.children.group import Group
from tnas_bench.children.shapes import TEXTS, groups
from tnas_bench.children.trainer import FITTING, TextTrainer
from tnas_bench.errors import UserError
from tnas_bench.modules.encoder import Encoder
from tnas_bench.spaces.tnaml import text_space

WORDS = ["good", "bad", "film", "plot", "the", "was"]


def write_task(folder, rows=(120, 30, 30)):
    """Texts whose class is the word "good" or "bad"."""
    folder.mkdir()
    rng, hashes = np.random.default_rng(0), {}
    for split, count in zip(("train", "validation", "test"), rows, strict=True):
        labels = rng.integers(2, size=count).astype(np.int32)
        texts = [" ".join(["the", rng.choice(WORDS[2:]), "was", WORDS[label]]) for label in labels]
        path = folder / f"{split}.parquet"
        pd.DataFrame({"text": texts, "label": labels}).to_parquet(path)
        hashes[split] = hashlib.sha256(path.read_bytes()).hexdigest()
    card = {"task": folder.name, "kind": "text", "dataset": folder.name, "classes": ["good", "bad"], "sha256": hashes}
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def write_module(folder):
    folder.mkdir()
    (folder / "vocabulary.txt").write_text("".join(f"{word}\n" for word in WORDS))
    np.save(folder / "matrix.npy", np.random.default_rng(1).normal(size=(len(WORDS) + 1, 3)).astype(np.float32))
    card = {"name": "module", "dimension": 3, "words": len(WORDS), "buckets": 1, "language": "en", "trained": True}
    normalisation = {"lowercase": True, "punctuation": "space"}
    rest = {"stand_in": True, "note": "", "source": "", "sha256": {"vocabulary": "", "matrix": ""}}
    (folder / "card.json").write_text(json.dumps(card | rest | {"normalisation": normalisation}))
    return folder


def write_encoder(folder):
    folder.mkdir()
    card = {"name": "encoder", "package": "made-up==1", "dimension": 4, "language": "en", "trained": True}
    rest = {"stand_in": True, "note": "", "trainable": False, "sha256": {"weights": "0" * 64}}
    (folder / "card.json").write_text(json.dumps(card | rest))
    return folder


@pytest.fixture
def encoded(tmp_path, monkeypatch):
    """A trainer whose task has a frozen encoder beside the table, and the texts that were encoded so far."""
    texts = []

    def encode(encoder, some):
        texts.extend(some)
        return np.array([[word in text for word in WORDS[:4]] for text in some], np.float32)

    monkeypatch.setattr(Encoder, "encode", encode)
    folders = {"module": write_module(tmp_path / "module"), "encoder": write_encoder(tmp_path / "encoder")}
    return TextTrainer({"films": write_task(tmp_path / "films")}, folders, device="cpu"), texts


@pytest.fixture
def trainer(tmp_path):
    task = write_task(tmp_path / "films")
    return TextTrainer({"films": task}, {"module": write_module(tmp_path / "module")}, device="cpu")


def test_scores_come_in_the_order_given_and_depend_on_their_own_seed(trainer):
    configurations = [
        CONFIGURATION | {"fine_tune": fine_tune, "training_steps": steps, "dropout": 0.2}
        for fine_tune, steps in ((True, 30), (False, 1), (True, 60), (False, 80), (False, 40))
    ]
    scores = pickle.loads(pickle.dumps(trainer)).train(configurations, "films", seeds=range(5))
    alone = [trainer.train([configuration], "films", [seed])[0] for seed, configuration in enumerate(configurations)]
    assert [(score.validation, score.test) for score in scores] == [(score.validation, score.test) for score in alone]
    assert all(isinstance(score, Score) and score.seconds > 0 for score in scores)
    assert scores[3].seconds == pytest.approx(80 * scores[1].seconds)
    assert scores[2].test == 1  # one word tells the class


def test_groups_are_a_function_of_the_configurations(trainer):
    space = text_space(["module", "other"], [1, 2])
    rng = np.random.default_rng(0)
    configurations = [space.decode(space.sample(rng)) for _ in range(30)]
    configurations += [CONFIGURATION | {"fine_tune": False, "dropout": rate / 100} for rate in range(20)]
    found = trainer.groups(configurations)
    assert sorted(position for group in found for position in group) == list(range(50))
    assert found == groups(configurations, TEXTS)
    assert [len(group) for group in found][-3:] == [8, 8, 4]
    shared = ("module", "fine_tune", "hidden_layers")
    for group in found:
        assert len({tuple(configurations[position][name] for name in shared) for position in group}) == 1


@pytest.mark.filterwarnings("error")
def test_with_a_frozen_encoder_fine_tune_is_without_effect(encoded):
    trainer, _ = encoded
    configurations = [
        CONFIGURATION | {"module": module, "fine_tune": fine_tune, "training_steps": 30}
        for module in ("encoder", "module")
        for fine_tune in (True, False, False)
    ]
    assert trainer.groups(configurations) == [[0, 1, 2], [3], [4, 5]]
    scores = pickle.loads(pickle.dumps(trainer)).train(configurations, "films", [7] * 6)
    pairs = [(score.validation, score.test) for score in scores]
    assert pairs[0] == pairs[1] == pairs[2]
    assert trainer.train([configurations[0]], "films", [7])[0].test == scores[0].test
    assert scores[0].test == 1  # one word tells the class, and the vectors hold it


def test_texts_are_encoded_once_and_before_training(encoded):
    trainer, texts = encoded
    trainer.prepare()
    assert sorted(texts) == sorted({f"the {noun} was {word}" for noun in WORDS[2:] for word in WORDS[:2]})
    known = len(texts)
    trainer.train([CONFIGURATION | {"module": "encoder", "training_steps": 3}], "films", [0])
    trainer.prepare()
    assert len(texts) == known


@pytest.fixture
def small_gpu(monkeypatch):
    """A device that holds groups of ``largest`` children; the size of every group that was tried."""
    tried, largest, train = [], {"children": 3}, Group.train

    def train_if_it_fits(group):
        tried.append(len(group.steps))
        if tried[-1] > largest["children"]:
            raise torch.OutOfMemoryError
        train(group)

    monkeypatch.setattr(Group, "train", train_if_it_fits)
    yield tried, largest
    FITTING.clear()


def scores_of(trainer, configurations):
    return [(s.validation, s.half, s.test) for s in trainer.train(configurations, "films", range(len(configurations)))]


def test_a_group_that_does_not_fit_is_halved_and_its_scores_are_the_same(trainer, small_gpu):
    tried, largest = small_gpu
    configurations = [
        CONFIGURATION | {"fine_tune": False, "training_steps": 9 * n, "dropout": 0.3} for n in range(1, 8)
    ]
    halved = scores_of(trainer, configurations)
    assert tried == [7, 4, 2, 2, 2, 1]
    assert scores_of(trainer, configurations) == halved and tried[6:] == [2, 2, 2, 1]  # what fits is known
    scores_of(trainer, [configuration | {"hidden_layers": 1} for configuration in configurations[:3]])
    assert tried[10:] == [3]  # of another shape
    largest["children"] = 8
    FITTING.clear()
    assert scores_of(trainer, configurations) == halved and tried[11:] == [7]


def test_a_child_that_does_not_fit_alone_is_one_line(trainer, small_gpu):
    small_gpu[1]["children"] = 0
    with pytest.raises(UserError, match=r"^films: a child on module \(fine-tuned, 2 x 8\) does not fit") as error:
        trainer.train([CONFIGURATION] * 2, "films", [0, 1])
    assert "\n" not in str(error.value)


def test_other_errors_are_not_taken_for_full_memory(trainer, monkeypatch):
    def train(group):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Group, "train", train)
    with pytest.raises(RuntimeError, match="can't allocate"):
        trainer.train([CONFIGURATION] * 2, "films", [0, 1])


def test_mistakes_are_told_in_one_line(trainer, tmp_path):
    with pytest.raises(UserError, match=r"unknown task 'plays': take one of films"):
        trainer.train([CONFIGURATION], "plays", [0])
    with pytest.raises(UserError, match=r"unknown module 'elmo': take one of module"):
        trainer.train([CONFIGURATION | {"module": "elmo"}], "films", [0])
    with pytest.raises(UserError, match="lacks dropout"):
        trainer.groups([{name: value for name, value in CONFIGURATION.items() if name != "dropout"}])
    with pytest.raises(UserError, match=r"unknown activation 'step': take one of relu, "):
        trainer.groups([CONFIGURATION | {"activation": "step"}])
    empty = write_task(tmp_path / "empty", rows=(10, 10, 0))
    with pytest.raises(UserError, match="the test split has no rows"):
        TextTrainer({"empty": empty}, trainer.modules, "cpu").train([CONFIGURATION], "empty", [0])
