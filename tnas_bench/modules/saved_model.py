"""From a TF-Hub text module to vocabulary and matrix. Run by :mod:`tnas_bench.modules.hub` in a process of its own.

    python -m tnas_bench.modules.saved_model MODEL FOLDER

MODEL is the folder of a SavedModel (of TensorFlow 2, or a module of TensorFlow 1) or a handle that tensorflow_hub can
resolve. How it reads a text is not written in it, so it is found by trial: of all our normalisations, the first that
gives the model's own vectors on the probes is taken, and a model that none fits is refused.
"""

import itertools
import json
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import tensorflow as tf
import tensorflow_hub
from scipy.sparse import csr_array

from tnas_bench.modules import MATRIX, VOCABULARY, Card, Module, Normalisation
from tnas_bench.modules.hub import FACTS
from tnas_bench.modules.inputs import embed
from tnas_bench.modules.tokens import Punctuation, Separator
from tnas_bench.tasks import Split, Task

PATIENCE = 30.0  # seconds without an answer from the network
TOLERANCE = 1e-5  # of the largest difference between the model's vectors and ours
LISTED = 1000  # tokens of the vocabulary among the probes
Vectors = Callable[[Sequence[str]], np.ndarray]  # of texts, float32, shape (texts, dimension)

# Each setting of a normalisation changes some of them; {0} to {3} are words of the vocabulary.
PROBES = (
    *("", " ", "  ", "?!", "{0}", "{0} {1}", "{0} {0} {1}", " {0}  {1}   {2} ", "{0}\t{1}\n{2}\r\n{3}\x0b{0}\x0c{1}"),
    *("{0}\u00a0{1}", "{0}\u3000{1}", "{0}\u2028{1}", "{0}\x1c{1}", "{0}\x85{1}"),
    *("{0}, {1}!", "{0}—{1}", "«{0}» ({1})", "{0}'s {1}-{2}", "¿{0}? ¡{1}!", "{0} . {1}", "$ {0} $9 50% {1}_{2}"),
    *("zyzzyva", "Zyzzyva qwxzk ZYZZYVA", "naïve Ünïcödé ÉCOLE ñandú Ñ", "ΣΑΣ İstanbul ẞ", "日本語 кот КОТ", "🙂 {0}"),
    *("x" * size for size in (7, 8, 16, 17, 32, 33, 64, 65, 128, 129, 300)),
)


class Refused(Exception):
    """The model cannot be converted; the message says why."""


class Unreachable(Exception):
    """The model cannot be had; the message says why."""


def main(model: str, folder: Path) -> None:
    """Write vocabulary, matrix and facts (the normalisation, or why there is none) into ``folder``."""
    try:
        facts = {"normalisation": convert(_resolved(model), folder).model_dump()}
    except Refused as reason:
        facts = {"error": str(reason)}
    except Unreachable as reason:
        facts = {"unreachable": str(reason)}
    (folder / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def convert(saved: Path, folder: Path) -> Normalisation:
    """Write vocabulary and matrix of a SavedModel into ``folder``; how it reads texts is returned."""
    vectors = _runnable(saved)
    tokens, matrix = _vocabulary(saved), _matrix(saved)
    if len(matrix) <= len(tokens):
        raise Refused(f"{len(matrix):,} vectors for {len(tokens):,} words leave none to hash buckets")
    normalisation = _fitting(tokens, matrix, vectors)
    (folder / VOCABULARY).write_bytes("".join(f"{token}\n" for token in tokens).encode())
    np.save(folder / MATRIX, matrix)
    return normalisation


def _resolved(model: str) -> Path:
    """The folder of the SavedModel: fetched, taken from tensorflow_hub's cache, or as given."""
    socket.setdefaulttimeout(PATIENCE)
    if Path(model).is_dir():
        return Path(model)
    try:
        return Path(tensorflow_hub.resolve(model))
    except (OSError, ValueError, EOFError, RuntimeError) as error:
        raise Unreachable(_told(error)) from None


def _told(error: Exception) -> str:
    """The first line of an error."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _runnable(saved: Path) -> Vectors:
    """The model as a function of texts."""
    try:
        model = tensorflow_hub.load(str(saved))
        call = model if callable(model) else model.signatures["default"]
    except (OSError, ValueError, KeyError, RuntimeError, tf.errors.OpError) as error:
        raise Refused(f"not a SavedModel of a text module ({_told(error)})") from None

    def vectors(texts: Sequence[str]) -> np.ndarray:
        try:
            found = call(tf.constant(list(texts)))
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise Refused(f"does not take a list of texts ({_told(error)})") from None
        return (found["default"] if isinstance(found, dict) else found).numpy()

    return vectors


def _vocabulary(saved: Path) -> list[str]:
    """The words in the order of their rows, read as TensorFlow reads lines: carriage returns are dropped."""
    assets = sorted(path for path in (saved / "assets").glob("*") if path.is_file())
    if len(assets) != 1:
        raise Refused(f"has {len(assets)} assets {[path.name for path in assets]} where one vocabulary is expected")
    try:
        lines = assets[0].read_bytes().decode().replace("\r", "").split("\n")
    except UnicodeDecodeError:
        raise Refused(f"its vocabulary {assets[0].name} is not UTF-8 text") from None
    return lines if lines[-1] else lines[:-1]


def _matrix(saved: Path) -> np.ndarray:
    """The only matrix among the variables."""
    try:
        reader = tf.train.load_checkpoint(str(saved / "variables" / "variables"))
    except (ValueError, RuntimeError, tf.errors.OpError) as error:
        raise Refused(f"has no variables ({_told(error)})") from None
    types = reader.get_variable_to_dtype_map()
    shapes = reader.get_variable_to_shape_map()
    matrices = sorted(name for name, shape in shapes.items() if len(shape) == 2 and types[name].is_floating)
    if len(matrices) != 1:
        raise Refused(f"has {len(matrices)} matrices {matrices} where one embedding is expected")
    return reader.get_tensor(matrices[0]).astype(np.float32, copy=False)


def _fitting(tokens: list[str], matrix: np.ndarray, vectors: Vectors) -> Normalisation:
    """The first normalisation with which our vectors of the probes are the model's."""
    texts = probes(tokens)
    expected = vectors(texts)
    if expected.shape != (len(texts), matrix.shape[1]):
        raise Refused(f"gives {expected.shape} for {len(texts)} texts, where vectors of the embedding are expected")
    vocabulary = {token: row for row, token in enumerate(tokens)}
    errors = {}
    for normalisation in _normalisations():
        ours = sentence_vectors(vocabulary, matrix, normalisation, texts)
        errors[normalisation] = np.abs(ours - expected).max(axis=1)
        if (errors[normalisation] <= TOLERANCE).all():
            return normalisation
    closest = min(errors, key=lambda normalisation: (errors[normalisation] > TOLERANCE).sum())
    worst = int(errors[closest].argmax())
    how = ", ".join(f"{name} {value}" for name, value in closest.model_dump().items())
    raise Refused(f"reads texts in no way of ours: with {how}, {texts[worst]!r} is {errors[closest][worst]:.2g} off")


def _normalisations() -> Iterator[Normalisation]:
    """All there are, the plainest first."""
    settings = ((False, True), get_args(Punctuation), get_args(Separator), (False, True))
    for values in itertools.product(*settings):
        yield Normalisation(**dict(zip(Normalisation.model_fields, values, strict=True)))


def probes(tokens: Sequence[str]) -> list[str]:
    """Texts that tell normalisations apart, and tokens from the whole vocabulary to check their rows."""
    listed = [tokens[row] for row in np.linspace(0, len(tokens) - 1, min(LISTED, len(tokens))).astype(int)]
    words = [token for token in listed if token.isalpha()][:100] or ["word"]
    patterns = [text for text in PROBES if "{" in text]
    words *= len(patterns) * 4 // len(words) + 1
    filled = [text.format(*words[4 * place :][:4]) for place, text in enumerate(patterns)]
    cased = [change(word) for word in words[:100] for change in (str.upper, str.title, str.lower)]
    return [*(text for text in PROBES if "{" not in text), *filled, *cased, *listed]


def sentence_vectors(
    vocabulary: dict[str, int], matrix: np.ndarray, normalisation: Normalisation, texts: Sequence[str]
) -> np.ndarray:
    """Our vectors of texts, the way children see them (float32, shape (texts, dimension))."""
    words, buckets = len(vocabulary), len(matrix) - len(vocabulary)
    facts = Card.model_construct(words=words, buckets=buckets, hash="farmhash-64", normalisation=normalisation)
    none = Split((), np.empty(0, np.int64))
    task = Task("probes", "text", "probes", (), Split(tuple(texts), np.zeros(len(texts), np.int64)), none, none)
    inputs = embed(Module(facts, vocabulary, matrix), task)
    bags = inputs.train
    return csr_array((bags.weights, bags.rows, bags.offsets), (len(bags), inputs.size)) @ inputs.table


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
