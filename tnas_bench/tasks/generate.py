"""Generated tasks: stand-ins that prove the wiring where no real data is at hand, and claim nothing.

All generated tasks draw from one vocabulary with Zipf frequencies, so that a module of word embeddings can
serve them all. A class has words of its own that stand out, and a few labels are wrong.
"""

from itertools import product

import numpy as np
import pandas as pd

from tnas_bench import seeds

ROWS = 400
WORDS_OF_A_CLASS = 30
SHARE_OF_CLASS_WORDS = 0.3  # of the words of a text
SHARE_OF_WRONG_LABELS = 0.05
SHORTEST, LONGEST = 6, 24  # words in a text


def vocabulary() -> list[str]:
    """The 1,000 words of all generated tasks, the most frequent first: two made-up syllables each."""
    syllables = ["".join(pair) for pair in product("bdfgklmnprstvz", "aeiou")]
    words = np.array(["".join(pair) for pair in product(syllables, syllables)])
    return seeds.stream("generated vocabulary").permutation(words)[:1000].tolist()


def generate(task: str, classes: int, rows: int = ROWS) -> pd.DataFrame:
    """Columns ``text`` and ``label`` (``class 1`` ...), balanced; a function of the arguments alone."""
    rng = seeds.stream("generated", task)
    words = np.array(vocabulary())
    topics = [rng.choice(words, WORDS_OF_A_CLASS, replace=False) for _ in range(classes)]
    labels = np.arange(rows) % classes
    texts = [_text(words, topics[label], rng) for label in labels]
    wrong = rng.random(rows) < SHARE_OF_WRONG_LABELS
    labels = np.where(wrong, rng.integers(classes, size=rows), labels)
    return pd.DataFrame({"text": texts, "label": [f"class {label + 1}" for label in labels]})


def _text(words: np.ndarray, topic: np.ndarray, rng: np.random.Generator) -> str:
    zipf = 1 / np.arange(1, len(words) + 1)
    length = rng.integers(SHORTEST, LONGEST + 1)
    common = rng.choice(words, length, p=zipf / zipf.sum())
    own = rng.choice(topic, length)
    return " ".join(np.where(rng.random(length) < SHARE_OF_CLASS_WORDS, own, common))
