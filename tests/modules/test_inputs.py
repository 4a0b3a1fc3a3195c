import numpy as np
import pytest
import torch

from tnas_bench import seeds
from tnas_bench.modules.inputs import embed, one_hot
from tnas_bench.modules.tokens import tokenise

VOCABULARY = ["good", "bad", "film", "never", "used"]
MATRIX = [[1, 0], [0, 1], [2, 2], [7, 7], [8, 8], [3, 5]]  # one bucket, so every unknown word is (3, 5)


def vectors(inputs, bags):
    """The sum of weighted table rows of each text, shape (texts, dimension)."""
    return torch.nn.functional.embedding_bag(
        torch.from_numpy(bags.rows),
        torch.from_numpy(inputs.table),
        torch.from_numpy(bags.offsets[:-1]),
        mode="sum",
        per_sample_weights=torch.from_numpy(bags.weights),
    ).numpy()


def random_texts(count, words, name):
    """Zipf-like texts of 0 to 40 words, a third of the words unknown to the module, some of them punctuated."""
    rng = seeds.stream("test texts", name)
    ranks = [np.minimum(rng.zipf(1.3, rng.integers(0, 40)), words + words // 2) for _ in range(count)]
    return [" ".join(f"W{rank}" + rng.choice(["", ",", "."]) for rank in row) for row in ranks]


def test_square_root_of_n_by_hand(make_module, make_task):
    inputs = embed(make_module(VOCABULARY, MATRIX), make_task(["Good, good film!", "", "bad"], ["what ever"]))
    assert inputs.size == 4
    assert inputs.table.tolist() == [[1, 0], [0, 1], [2, 2], [3, 5]]
    assert inputs.train.offsets.tolist() == [0, 2, 2, 3]
    assert inputs.train.rows.tolist() == [0, 2, 1]
    assert inputs.train.weights == pytest.approx([2 / 3**0.5, 1 / 3**0.5, 1])
    assert vectors(inputs, inputs.train) == pytest.approx(np.array([[2.3094011, 1.1547005], [0, 0], [0, 1]]))
    assert inputs.validation.rows.tolist() == [3]  # two unknown words, one bucket, one entry
    assert vectors(inputs, inputs.validation) == pytest.approx(np.array([[4.2426407, 7.0710678]]))
    assert len(inputs.test) == 0


def test_cutting_the_table_changes_no_text(make_module, make_task):
    """The oracle: torch's EmbeddingBag over the whole matrix, one entry an occurrence, divided by sqrt(n)."""
    words, buckets = 500, 7
    matrix = seeds.stream("test matrix").standard_normal((words + buckets, 9), dtype=np.float32)
    module = make_module([f"w{rank}" for rank in range(1, words + 1)], matrix)
    task = make_task(*(random_texts(60, words, name) for name in ("train", "validation", "test")))
    inputs = embed(module, task)
    assert inputs.size == len(inputs.table) < len(matrix)
    bag = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(matrix), mode="sum")
    for name in ("train", "validation", "test"):
        rows = [module.rows(tokenise(text, lowercase=True, punctuation="space")) for text in getattr(task, name).inputs]
        lengths = np.array([len(row) for row in rows])
        offsets = torch.from_numpy(np.cumsum([0, *lengths[:-1]]))
        sums = bag(torch.from_numpy(np.concatenate(rows)), offsets).numpy()
        expected = sums / np.sqrt(np.maximum(lengths, 1))[:, None]
        assert vectors(inputs, getattr(inputs, name)) == pytest.approx(expected, abs=1e-5)


def test_rows_of_a_text_are_distinct_and_ascending_and_typed_as_promised(make_module, make_task):
    module = make_module(["w1", "w2", "w3"], np.ones((8, 2)))
    inputs = embed(module, make_task(random_texts(50, 30, "order")))
    bags = inputs.train
    assert (bags.offsets.dtype, bags.rows.dtype, bags.weights.dtype) == (np.int64, np.int64, np.float32)
    for rows in np.split(bags.rows, bags.offsets[1:-1]):
        assert (np.diff(rows) > 0).all()
    assert np.unique(bags.rows).tolist() == list(range(inputs.size))


def test_case_and_punctuation_follow_the_card(make_module, make_task):
    module = make_module(["Good", "good,"], [[1], [2], [4]], lowercase=False, punctuation="keep")
    inputs = embed(module, make_task(["Good", "good,", "good"]))
    assert vectors(inputs, inputs.train).tolist() == [[1], [2], [4]]


def test_one_hot_is_presence_and_drops_what_training_lacks(make_task):
    task = make_task(["A film, a FILM", "the end"], ["the the unseen end a", "unseen"], ["", "film"])
    inputs = one_hot(task)
    assert (inputs.size, inputs.table) == (4, None)  # a film the end
    assert inputs.train.rows.tolist() == [0, 1, 2, 3]
    assert inputs.train.offsets.tolist() == [0, 2, 4]
    assert inputs.validation.rows.tolist() == [0, 2, 3]
    assert inputs.validation.offsets.tolist() == [0, 3, 3]
    assert inputs.test.offsets.tolist() == [0, 0, 1]
    for bags in (inputs.train, inputs.validation, inputs.test):
        assert bags.weights.dtype == np.float32
        assert bags.weights.tolist() == [1] * len(bags.rows)


def test_one_hot_of_training_does_not_depend_on_the_other_splits(make_task):
    train = random_texts(30, 100, "one hot")
    alone, together = one_hot(make_task(train)), one_hot(make_task(train, random_texts(30, 300, "other"), ["new"]))
    assert alone.size == together.size == len({word for text in train for word in tokenise(text, True, "space")})
    assert alone.train.rows.tolist() == together.train.rows.tolist()


@pytest.mark.parametrize("train", [[], ["", "?"]])
def test_training_texts_without_tokens(make_module, make_task, train):
    task = make_task(train, ["good"])
    wide, deep = one_hot(task), embed(make_module(VOCABULARY, MATRIX), task)
    assert (wide.size, deep.size) == (0, 1)
    assert wide.validation.offsets.tolist() == [0, 0]
    assert deep.train.offsets.tolist() == [0] * (len(train) + 1)
