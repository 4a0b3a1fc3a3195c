"""Module: a pretrained embedding of text, prepared as a folder with a card.

Most are tables of words, of three files: ``vocabulary.txt`` has one token a line, ``matrix.npy`` one row a token and
then one row a hash bucket, ``card.json`` says what they are. Unknown tokens share the buckets. A frozen encoder
(:mod:`tnas_bench.modules.encoder`) has a card of its own kind and nothing else.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, NonNegativeInt, PositiveInt, TypeAdapter, ValidationError

from tnas_bench import foreign
from tnas_bench.config import Settings
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256
from tnas_bench.modules.farmhash import farmhash64
from tnas_bench.modules.tokens import Punctuation, Separator

VOCABULARY, MATRIX, CARD = "vocabulary.txt", "matrix.npy", "card.json"
Hash = Literal["blake2b-64", "farmhash-64"]


class Normalisation(Settings):
    """What is done to a text before it is split: see :func:`tnas_bench.modules.tokens.tokenise`."""

    lowercase: bool
    punctuation: Punctuation
    separator: Separator = "whitespace"
    blank: bool = False


class Hashes(Settings):
    """SHA-256 of the files beside the card."""

    vocabulary: str
    matrix: str


class Card(Settings):
    """What a prepared module is, where it came from, and whether it stands in for another."""

    name: str
    dimension: PositiveInt
    words: NonNegativeInt
    buckets: PositiveInt
    hash: Hash = "blake2b-64"  # of the tokens beyond the vocabulary
    language: str
    normalisation: Normalisation
    combiner: Literal["sqrtn"] = "sqrtn"  # sentence vector = sum of the word vectors / sqrt(tokens)
    trained: bool
    stand_in: bool
    note: str
    trainable: Literal[True] = True  # fine_tune decides whether the table is trained
    source: str
    tasks: dict[str, str] = Field({}, description="SHA-256 of the training splits it was trained on, by task")
    sha256: Hashes

    @property
    def files(self) -> dict[str, str]:
        """SHA-256 of the files beside the card, by name."""
        return {VOCABULARY: self.sha256.vocabulary, MATRIX: self.sha256.matrix}


class EncoderCard(Settings):
    """What a frozen encoder of whole texts is. Its model lies in a package, of which the folder holds nothing."""

    name: str
    package: str  # "name==version"
    dimension: PositiveInt
    language: str
    trained: bool
    stand_in: bool
    note: str
    trainable: Literal[False] = False  # so fine_tune is without effect
    sha256: dict[str, str] = Field(description="SHA-256 of the package's model files, by name")

    @property
    def files(self) -> dict[str, str]:
        return {}


CARDS = TypeAdapter(Card | EncoderCard)


@dataclass(frozen=True, eq=False)
class Module:
    """A prepared module. The matrix is memory-mapped: only the rows that are read cost memory."""

    card: Card
    vocabulary: dict[str, int] = field(repr=False)  # token -> row
    matrix: np.ndarray = field(repr=False)  # float32, shape (words + buckets, dimension)

    @classmethod
    def load(cls, folder: Path) -> "Module":
        """The module prepared in ``folder``; one that is missing or damaged is a :class:`UserError`."""
        facts = card(folder)
        if not isinstance(facts, Card):
            raise UserError(f"{folder}: a frozen encoder, which has no table of words; give another module")
        try:
            tokens = (folder / VOCABULARY).read_bytes().decode().split("\n")[:-1]
            matrix = foreign.array(folder / MATRIX)
        except (OSError, ValueError) as error:
            raise _damaged(folder, str(error).splitlines()[0] if str(error) else "no array") from None
        if len(tokens) != facts.words or matrix.shape != (facts.words + facts.buckets, facts.dimension):
            raise _damaged(folder, "files and card differ in size")
        return cls(facts, {token: row for row, token in enumerate(tokens)}, matrix)

    def rows(self, tokens: Sequence[str]) -> np.ndarray:
        """The matrix row of each token (int64, shape (tokens,)): its own, or that of its hash bucket."""
        known, words, buckets = self.vocabulary, self.card.words, self.card.buckets
        fingerprint = FINGERPRINTS[self.card.hash]
        found = (known[token] if token in known else words + fingerprint(token) % buckets for token in tokens)
        return np.fromiter(found, np.int64, len(tokens))


def card(folder: Path) -> Card | EncoderCard:
    """The card of a prepared module; a folder without one is the user's mistake."""
    if not (folder / CARD).exists():
        raise UserError(f"{folder}: no prepared module here; run {_command(folder)}")
    try:
        return CARDS.validate_json((folder / CARD).read_bytes())
    except ValidationError as error:
        raise _damaged(folder, str(error).splitlines()[0]) from None


def check(folder: Path) -> Card | EncoderCard:
    """The card of a prepared module whose files are those of the card; others are the user's mistake."""
    facts = card(folder)
    for name, sha256 in facts.files.items():
        if not (folder / name).is_file() or file_sha256(folder / name) != sha256:
            raise _damaged(folder, f"{name} is not that of the card")
    return facts


def _damaged(folder: Path, reason: str) -> UserError:
    return UserError(f"{folder}: damaged module ({reason}); remove it and run {_command(folder)}")


def _command(folder: Path) -> str:
    return f"'tnas-bench module {folder.name} --scale ...'"


def blake2b64(token: str) -> int:
    """A 64-bit hash that is the same in every process and on every machine ("blake2b-64")."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "big")


FINGERPRINTS: dict[Hash, Callable[[str], int]] = {"blake2b-64": blake2b64, "farmhash-64": farmhash64}
