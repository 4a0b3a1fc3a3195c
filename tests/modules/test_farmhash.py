"""TensorFlow itself is the second opinion."""

import pytest

from tnas_bench.modules.farmhash import farmhash64
from tnas_bench.seeds import stream


def test_published_values():
    """Of Guava's ``Hashing.farmHashFingerprint64``, another implementation (its FarmHashFingerprint64Test)."""
    assert farmhash64("test") == 8581389452482819506 % 2**64
    assert farmhash64("test" * 8) == -4196240717365766262 % 2**64
    assert farmhash64("test" * 64) == 3500507768004279527 % 2**64


def test_every_length_against_tensorflow():
    tf = pytest.importorskip("tensorflow")
    rng = stream("farmhash")
    letters = [*"abcdefghijklmnopqrstuvwxyz0123456789", "é", "ñ", "ß", "к", "日", "本", "😀", "\0", " ", "\u2028"]
    tokens = ["".join(rng.choice(letters, size)) for size in range(301) for _ in range(5)]
    tokens += ["".join(rng.choice(letters[:36], size)) for size in range(301)]
    assert {len(token.encode()) for token in tokens} >= set(range(301))
    for buckets in (2**63 - 1, 1000, 1):
        expected = tf.strings.to_hash_bucket_fast(tokens, buckets).numpy().tolist()
        assert [farmhash64(token) % buckets for token in tokens] == expected
