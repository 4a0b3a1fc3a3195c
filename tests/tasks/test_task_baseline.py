"""The linear baseline learns what is there to be learned, and no more."""

import numpy as np

from tnas_bench.tasks import Split, Task
from tnas_bench.tasks.baseline import accuracy


def task(texts, labels):
    """Every fourth example is for testing."""
    labels, test = np.array(labels), np.arange(len(texts)) % 4 == 3
    train, held_out = (Split(tuple(np.array(texts)[part]), labels[part]) for part in (~test, test))
    return Task("made", "text", "made", ("no", "yes"), train, held_out, held_out)


def numbered(count=200):
    """Four letters that spell a number, so that no two are alike."""
    return ["".join("abcdefghij"[int(digit)] for digit in f"{number:04}") for number in range(count)]


def test_a_word_and_a_pair_of_words_are_learned():
    labels = np.random.default_rng(0).permutation(200) % 2
    word = [f"{name} {('rain', 'sun')[label]} today" for name, label in zip(numbered(), labels, strict=True)]
    pair = [f"{name} {('not good', 'good not')[label]}" for name, label in zip(numbered(), labels, strict=True)]
    assert accuracy(task(word, labels)) == accuracy(task(pair, labels)) == 1


def test_the_ending_of_texts_of_one_word_is_learned():
    """No test text was seen in training: words alone would tell nothing."""
    labels = np.random.default_rng(0).permutation(200) % 2
    texts = [name + ("xen", "zos")[label] for name, label in zip(numbered(), labels, strict=True)]
    assert accuracy(task(texts, labels)) == 1


def test_labels_at_random_are_not_learned():
    labels = np.random.default_rng(0).permutation(200) % 2
    texts = [f"{name} sun and rain" for name in numbered()]
    assert accuracy(task(texts, labels)) < 0.7
