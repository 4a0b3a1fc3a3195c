"""Word vectors from the tasks' own training texts: positive pointwise mutual information (PPMI), factorised.

After Levy, Goldberg and Dagan, "Improving distributional similarity with lessons learned from word embeddings" (TACL
2015): the PPMI of words and contexts with smoothed context frequencies, and the truncated singular value decomposition
of that matrix, whose left vectors times the square root of the singular values are the words' vectors.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import coo_array, csr_array
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from tnas_bench import seeds, tasks
from tnas_bench.errors import UserError
from tnas_bench.modules import Normalisation
from tnas_bench.modules.embedding import Embedding, Materials
from tnas_bench.modules.registry import Row
from tnas_bench.modules.tokens import tokenise
from tnas_bench.progress import progress

WINDOW = 5  # words on each side that are contexts of a word
SMOOTHING = 0.75  # exponent of the contexts' frequencies (Levy et al.)
LEAST_COUNT = 5  # occurrences of a word of the vocabulary
MOST_WORDS = 20_000  # of the vocabulary
MOST_TOKENS = 2_000_000  # read of one task, so that none outweighs the others
ITERATIONS = 10  # of the randomised decomposition: the singular values of PPMI fall slowly
GAP = -1  # number of what is no word


def ppmi(row: Row, materials: Materials) -> Embedding:
    """Trained on the training texts of the tasks in ``materials``, and on nothing else of them.

    Unknown words start at zero, as with GloVe. The bytes are the same every time on one machine; with another kind of
    processor or another version of a numerical library the last bits of the vectors may differ. Raises UserError for a
    task that is not prepared, and for texts with too few words for the dimension.
    """
    with progress(row.name, 2 * len(materials.tasks) + 1, "steps") as tell, threadpool_limits(1):
        tell(0)
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__  # a word not met before gets the next number
        texts = []
        for name, folder in materials.tasks.items():
            drawn = in_random_order(name, tasks.training(folder).inputs)
            texts.append(numbered(drawn, row.normalisation, numbers.__getitem__))
            tell(1)
        words, places = frequent(list(numbers), texts)
        if len(words) <= row.dimension:
            few = f"only {len(words)} words occur {LEAST_COUNT} times or more in the training texts"
            advice = f"too few for {row.dimension} dimensions; add tasks to the scale, or leave the module out"
            raise UserError(f"module {row.name}: {few} of {', '.join(materials.tasks)}, {advice}")
        counts = csr_array((len(words), len(words)))
        for text in texts:
            counts += cooccurrences(places[text], len(words))
            tell(1)
        vectors = factorised(positive_information(counts), row.dimension)
        tell(1)
    matrix = np.concatenate([vectors, np.zeros((row.buckets, row.dimension), np.float32)])
    hashes = {name: tasks.card(folder)["sha256"]["train"] for name, folder in materials.tasks.items()}
    return Embedding(words, matrix, row.normalisation, f"training texts of {', '.join(hashes)}", tasks=hashes)


def in_random_order(task: str, texts: Sequence[str]) -> list[str]:
    """All texts, so that those that are read do not depend on how the publisher sorted them."""
    return [texts[place] for place in seeds.stream("ppmi", task).permutation(len(texts))]


def numbered(texts: Sequence[str], normalisation: Normalisation, number: Callable[[str], int]) -> np.ndarray:
    """The numbers of the words (int32), text after text, each followed by a GAP of WINDOW places, up to MOST_TOKENS."""
    options, parts, read = normalisation.model_dump(), [np.empty(0, np.int32)], 0
    gap = np.full(WINDOW, GAP, np.int32)
    for text in texts:
        words = tokenise(text, **options)[: MOST_TOKENS - read]
        parts += [np.fromiter(map(number, words), np.int32, len(words)), gap]
        read += len(words)
        if read == MOST_TOKENS:
            break
    return np.concatenate(parts)


def frequent(words: Sequence[str], texts: Sequence[np.ndarray]) -> tuple[list[str], np.ndarray]:
    """The vocabulary, the most frequent first, equals by alphabet; and the place in it of every number.

    Numbers of other words and GAP have the place GAP (its number, -1, stands for the last entry).
    """
    counts = sum(np.bincount(text[text != GAP], minlength=len(words)) for text in texts)
    often = [number for number in range(len(words)) if counts[number] >= LEAST_COUNT]
    often = sorted(often, key=lambda number: (-counts[number], words[number]))[:MOST_WORDS]
    places = np.full(len(words) + 1, GAP, np.int32)
    places[often] = np.arange(len(often))
    return [words[number] for number in often], places


def cooccurrences(text: np.ndarray, size: int) -> csr_array:
    """How often a word stands within WINDOW places of another (symmetric, shape (size, size)).

    Words beyond the vocabulary keep their places, so that they bring none nearer together.
    """
    counts = csr_array((size, size))
    for distance in range(1, WINDOW + 1):
        pairs = np.stack([text[:-distance], text[distance:]])
        pairs = pairs[:, (pairs != GAP).all(axis=0)]
        counts += coo_array((np.ones(pairs.shape[1]), tuple(pairs)), (size, size)).tocsr()
    return counts + counts.T


def positive_information(counts: csr_array) -> csr_array:
    """max(0, log P(w, c) / (P(w) P'(c))), where P'(c) is the frequency of a context to the power SMOOTHING."""
    totals = counts.sum(axis=1)
    smoothed = totals**SMOOTHING
    pairs = counts.tocoo()
    words, contexts = pairs.coords
    information = np.log(pairs.data * smoothed.sum() / (totals[words] * smoothed[contexts]))
    positive = csr_array((np.maximum(information, 0), (words, contexts)), counts.shape)
    positive.eliminate_zeros()
    return positive


def factorised(matrix: csr_array, dimension: int) -> np.ndarray:
    """Left singular vectors times square roots of the singular values (float32, shape (words, dimension)).

    One factor scales them all, so that their squared lengths have the mean 1 and the learning rates of the search space
    suit them as they suit other modules.
    """
    left, values, _ = randomized_svd(matrix, dimension, n_iter=ITERATIONS, random_state=0)
    vectors = left * np.sqrt(values)
    return (vectors / np.sqrt((vectors**2).sum(axis=1).mean())).astype(np.float32)
