"""Counts and information worked out by hand, factors by another library, and what may and may not matter."""

import json
import math
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy.linalg import svd
from scipy.sparse import csr_array

from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.modules import Module, Normalisation, ppmi, registry
from tnas_bench.modules.prepare import prepare
from tnas_bench.seeds import stream
from tnas_bench.tasks import Split, store

NAME = "ppmi-en-dim50"
PLAIN = Normalisation(lowercase=True, punctuation="space")


@pytest.fixture(autouse=True)
def row(monkeypatch):
    """A row of three dimensions, for texts of few words."""
    small = registry.row(NAME).model_copy(update={"dimension": 3, "buckets": 4})
    monkeypatch.setattr(registry, "rows", lambda: {NAME: small})


def texts(seed, count=60):
    """Two kinds of sentences: words a* keep to themselves, and so do words b*."""
    rng = stream("ppmi texts", seed)
    return [" ".join(f"{'ab'[text % 2]}{number}" for number in rng.integers(0, 12, 20)) for text in range(count)]


def prepared(folder, train, test=("only here",), name="small"):
    """A prepared task in ``folder``."""
    splits = {"train": train, "validation": ["other words"], "test": test}
    made = {key: Split(tuple(value), np.zeros(len(value), np.int64)) for key, value in splits.items()}
    store.write(folder, made, {"task": name, "kind": "text", "dataset": name, "classes": ["a", "b"]})
    return folder


def built(place, **folders):
    prepare(NAME, place / NAME, place / "cache", tasks=folders)
    return place / NAME


def numbers(*split_texts):
    """The numbers of words in texts, by order of first appearance, and the words."""
    known = {}
    return ppmi.numbered(split_texts, PLAIN, lambda word: known.setdefault(word, len(known))), list(known)


def test_windows_by_hand():
    text, words = numbers("a b a", "b c")
    counts = ppmi.cooccurrences(text, 3).toarray()
    assert words == ["a", "b", "c"]
    assert counts.tolist() == [[2, 2, 0], [2, 0, 1], [0, 1, 0]]  # a-a at distance 2 counts from both sides


def test_windows_end_after_five_places_and_with_the_text():
    text, words = numbers("a b c d e f g", "h")
    counts = ppmi.cooccurrences(text, len(words)).toarray()
    assert counts[0].tolist() == [0, 1, 1, 1, 1, 1, 0, 0] and not counts[7].any()


def test_words_beyond_the_vocabulary_keep_their_places():
    text, words = numbers("a x x x x x b", *["a b"] * 5)
    vocabulary, places = ppmi.frequent(words, [text])
    assert vocabulary == ["a", "b", "x"]
    places[words.index("x")] = ppmi.GAP
    assert ppmi.cooccurrences(places[text], 2).toarray().tolist() == [[0, 5], [5, 0]]


def test_the_vocabulary_is_frequent_words_in_order():
    text, words = numbers("z " * 7, "y x " * 5, "w " * 4)
    vocabulary, places = ppmi.frequent(words, [text])
    assert vocabulary == ["z", "x", "y"]
    assert places.tolist() == [0, 2, 1, -1, -1]  # z, y, x, w, and what is no word


def test_information_by_hand():
    counts = csr_array(np.array([[0.0, 4, 1], [4, 0, 0], [1, 0, 0]]))
    found = ppmi.positive_information(counts).toarray()
    contexts = [5**0.75, 4**0.75, 1.0]
    whole = sum(contexts)
    assert found[0, 1] == pytest.approx(math.log((4 / 10) / ((5 / 10) * (contexts[1] / whole))))
    assert found[0, 2] == pytest.approx(math.log((1 / 10) / ((5 / 10) * (contexts[2] / whole))))
    assert found[2, 0] == pytest.approx(math.log((1 / 10) / ((1 / 10) * (contexts[0] / whole))))
    assert (found[counts.toarray() == 0] == 0).all()
    rare = ppmi.positive_information(csr_array(np.array([[100.0, 1], [1, 100]]))).toarray()
    assert rare[0, 1] == 0 and rare[0, 0] > 0  # negative information is none


def test_factors_against_lapack():
    matrix = stream("factors").random((40, 40)) * (stream("zeros").random((40, 40)) < 0.3)
    found = ppmi.factorised(csr_array(matrix), 6)
    left, values, _ = svd(matrix)
    expected = left[:, :6] * np.sqrt(values[:6])
    expected /= np.sqrt((expected**2).sum(axis=1).mean())
    assert found @ found.T == pytest.approx(expected @ expected.T, abs=1e-4)  # but for signs
    assert (found.astype(float) ** 2).sum(axis=1).mean() == pytest.approx(1)


def test_words_of_one_kind_of_text_are_neighbours(tmp_path):
    module = Module.load(built(tmp_path, small=prepared(tmp_path / "small", texts(0))))
    assert sorted(module.vocabulary) == sorted(f"{kind}{number}" for kind in "ab" for number in range(12))
    vectors = module.matrix[:24] / np.linalg.norm(module.matrix[:24], axis=1, keepdims=True)
    alike = vectors @ vectors.T
    kinds = np.array([token[0] for token in module.vocabulary])
    same = kinds[:, None] == kinds
    assert alike[same].min() > alike[~same].max()
    assert not module.matrix[24:].any() and len(module.matrix) == 28


def test_same_bytes_every_time(tmp_path):
    task = prepared(tmp_path / "small", texts(1))
    one, two = (built(tmp_path / place, small=task) for place in ("one", "two"))
    for file in ("card.json", "matrix.npy", "vocabulary.txt"):
        assert (one / file).read_bytes() == (two / file).read_bytes()


def test_texts_of_validation_and_test_change_nothing(tmp_path):
    one = built(tmp_path / "one", small=prepared(tmp_path / "a", texts(1)))
    two = built(tmp_path / "two", small=prepared(tmp_path / "b", texts(1), test=texts(2)))
    shutil.copytree(tmp_path / "a", tmp_path / "c")
    for split in ("validation", "test"):
        (tmp_path / "c" / f"{split}.parquet").unlink()
    three = built(tmp_path / "three", small=tmp_path / "c")
    for file in ("card.json", "matrix.npy", "vocabulary.txt"):
        assert (one / file).read_bytes() == (two / file).read_bytes() == (three / file).read_bytes()
    other = built(tmp_path / "four", small=prepared(tmp_path / "d", texts(3)))
    assert (one / "matrix.npy").read_bytes() != (other / "matrix.npy").read_bytes()


def test_the_card_names_the_training_texts(tmp_path):
    folders = {name: prepared(tmp_path / name, texts(name), name=name) for name in ("first", "second")}
    card = json.loads((built(tmp_path, **folders) / "card.json").read_text(encoding="utf-8"))
    assert card["tasks"] == {name: file_sha256(tmp_path / name / "train.parquet") for name in folders}
    assert (card["trained"], card["stand_in"]) == (True, True) and "first, second" in card["source"]


def test_no_task_outweighs_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(ppmi, "MOST_TOKENS", 30)
    text, words = numbers(*(f"w{number} x" for number in range(100)))
    assert (text != ppmi.GAP).sum() == 30 and len(words) == 16
    # Of texts sorted by kind, both kinds are read.
    task = prepared(tmp_path / "small", sorted(texts(0, 400)))
    drawn = ppmi.in_random_order("small", pq.read_table(task / "train.parquet")["text"].to_pylist())
    assert {text[0] for text in drawn[:20]} == {"a", "b"} and sorted(drawn) == sorted(texts(0, 400))


def test_too_few_words_are_told_in_one_line(tmp_path):
    task = prepared(tmp_path / "small", ["a b"] * 5)
    with pytest.raises(UserError, match="only 2 words occur 5 times or more in the training texts of small") as caught:
        built(tmp_path, small=task)
    assert "\n" not in str(caught.value) and not (tmp_path / NAME).exists()


def test_a_damaged_task_is_refused(tmp_path):
    task = prepared(tmp_path / "small", texts(0))
    (task / "train.parquet").write_bytes(b"")
    with pytest.raises(UserError, match="missing or damaged; run again: tnas-bench data get small"):
        built(tmp_path, small=task)
