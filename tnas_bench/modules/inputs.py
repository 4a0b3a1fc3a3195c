"""Inputs: the texts of a task as bags of rows, for the deep tower (module rows) and the wide one (one-hot tokens)."""

from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from tnas_bench.modules import EncoderCard, Module, Normalisation, card
from tnas_bench.modules.bags import Bags, Inputs
from tnas_bench.modules.encoder import Encoder
from tnas_bench.modules.tokens import tokenise
from tnas_bench.tasks import Split, Task

# [choice] The paper does not say how the wide tower's tokens are made.
WIDE = Normalisation(lowercase=True, punctuation="space")


def load(folder: Path) -> Module | Encoder:
    """The module prepared in ``folder``, of either kind."""
    facts = card(folder)
    return Encoder(facts, folder) if isinstance(facts, EncoderCard) else Module.load(folder)


def embed(module: Module | Encoder, task: Task) -> Inputs:
    """The deep tower's inputs: the rows that the task uses in any split, and a text as a bag of them."""
    return _sentences(module, task) if isinstance(module, Encoder) else _words(module, task)


def _words(module: Module, task: Task) -> Inputs:
    """A row a token, in the order of the module's matrix.

    A row's weight is its count in the text / sqrt(number of tokens of the text), so that a bag sums to the module's
    "sqrtn" sentence vector (TF-Hub text modules). A text without tokens is an empty bag, the zero vector.
    """
    vocabulary, splits = _occurrences(task, module.card.normalisation)
    used, columns = np.unique(module.rows(vocabulary), return_inverse=True)
    bags = [_sqrtn(_counts(split, columns, len(used))) for split in splits]
    return Inputs(len(used), module.matrix[used], *bags)


def _sentences(module: Encoder, task: Task) -> Inputs:
    """A row a distinct text, in order of first appearance; a bag is its own row, with weight 1."""
    splits = [split.inputs for split in (task.train, task.validation, task.test)]
    texts = list(dict.fromkeys(chain(*splits)))
    numbers = {text: number for number, text in enumerate(texts)}
    rows = [np.array([numbers[text] for text in split], np.int64) for split in splits]
    bags = [Bags(np.arange(len(own) + 1), own, np.ones(len(own), np.float32)) for own in rows]
    return Inputs(len(texts), module.vectors(texts), *bags)


def one_hot(task: Task) -> Inputs:
    """The wide tower's inputs: weight 1 for each distinct token of the text.

    Rows are the tokens of the training split in order of first appearance; tokens that it lacks are dropped.
    """
    _, splits = _occurrences(task, WIDE)
    size = int(splits[0].indices.max(initial=-1)) + 1  # the training split is numbered first
    bags = [_presence(_counts(split[:, :size], np.arange(size), size)) for split in splits]
    return Inputs(size, None, *bags)


def _occurrences(task: Task, normalisation: Normalisation) -> tuple[list[str], list[csr_array]]:
    """The distinct tokens in order of first appearance, and each split as an array of shape (texts, tokens).

    A split has a one for every occurrence, in the order of the text: repeated entries are not summed.
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__  # a token not met before gets the next number
    options = normalisation.model_dump()
    splits = [_numbered(split, options, numbers.__getitem__) for split in (task.train, task.validation, task.test)]
    return list(numbers), [
        csr_array((np.ones(len(flat), np.float32), flat, offsets), (len(offsets) - 1, len(numbers)))
        for flat, offsets in splits
    ]


def _numbered(split: Split, options: dict, number: Callable[[str], int]) -> tuple[np.ndarray, np.ndarray]:
    """The token numbers of all texts, one text after the other, and where each text begins and the last one ends."""
    texts = [np.fromiter(map(number, tokenise(text, **options)), np.int32) for text in split.inputs]
    offsets = np.cumsum([0, *map(len, texts)])
    return np.concatenate([np.empty(0, np.int32), *texts]), offsets


def _counts(occurrences: csr_array, columns: np.ndarray, size: int) -> csr_array:
    """How often each text has each column (shape (texts, size)), where token i is counted in ``columns[i]``."""
    shape = (occurrences.shape[0], size)
    counts = csr_array((occurrences.data, columns[occurrences.indices], occurrences.indptr), shape)
    counts.sum_duplicates()
    return counts


def _sqrtn(counts: csr_array) -> Bags:
    tokens = counts.sum(axis=1)
    return _bags(counts, counts.data / np.sqrt(np.repeat(tokens, np.diff(counts.indptr))))


def _presence(counts: csr_array) -> Bags:
    return _bags(counts, np.ones_like(counts.data))


def _bags(counts: csr_array, weights: np.ndarray) -> Bags:
    return Bags(counts.indptr.astype(np.int64), counts.indices.astype(np.int64), weights.astype(np.float32))
