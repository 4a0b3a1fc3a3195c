import errno
import hashlib

import numpy as np
import pytest

from tnas_bench.errors import UserError
from tnas_bench.modules import Module, registry
from tnas_bench.modules.prepare import prepare

NAME = "generated-dim16"


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_prepared_twice_is_the_same_bytes(tmp_path):
    for place in ("one", "two"):
        prepare(NAME, tmp_path / place / NAME, tmp_path / "cache")
    assert contents(tmp_path / "one" / NAME) == contents(tmp_path / "two" / NAME)
    assert set(contents(tmp_path / "one" / NAME)) == {"card.json", "matrix.npy", "vocabulary.txt"}
    assert not (tmp_path / "cache").exists()


def test_the_card_tells_the_truth(tmp_path):
    card = prepare(NAME, tmp_path / NAME, tmp_path)
    module = Module.load(tmp_path / NAME)
    assert card == module.card.model_dump()
    assert (card["words"], card["words"] + card["buckets"], card["dimension"]) == (0, *module.matrix.shape)
    assert (card["trained"], card["stand_in"], card["combiner"]) == (False, True, "sqrtn")
    for name, file in (("vocabulary", "vocabulary.txt"), ("matrix", "matrix.npy")):
        assert card["sha256"][name] == hashlib.sha256((tmp_path / NAME / file).read_bytes()).hexdigest()


def test_random_vectors_have_about_unit_length_and_differ(tmp_path):
    prepare(NAME, tmp_path / NAME, tmp_path)
    matrix = Module.load(tmp_path / NAME).matrix
    assert (matrix**2).sum(axis=1).mean() == pytest.approx(1, abs=0.05)
    assert abs(matrix.mean()) < 0.01
    assert len(np.unique(matrix, axis=0)) == len(matrix)
    assert np.abs(np.corrcoef(matrix.T) - np.eye(16)).max() < 0.15


def test_glove_from_a_wheel(tmp_path, wheel, monkeypatch):
    package, sha256, _ = wheel
    row = registry.row("glove-50d").model_copy(
        update={"package": package, "sha256": sha256, "dimension": 2, "buckets": 3}
    )
    monkeypatch.setattr(registry, "rows", lambda: {"glove-50d": row})
    card = prepare("glove-50d", tmp_path / "glove-50d", tmp_path / "cache")
    module = Module.load(tmp_path / "glove-50d")
    assert (card["words"], card["source"]) == (3, package)
    assert module.matrix[module.rows(["film", "the", "good"])].tolist() == [[5, 6], [1, 2], [3, 4]]
    assert not module.matrix[3:].any()
    assert module.matrix.flags.c_contiguous


def test_an_unknown_name_leaves_nothing(tmp_path):
    with pytest.raises(UserError, match="unknown module 'nnlm'") as caught:
        prepare("nnlm", tmp_path / "modules" / "nnlm", tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_leaves_the_module_that_was_there(tmp_path, monkeypatch):
    prepare(NAME, tmp_path / NAME, tmp_path)
    before = contents(tmp_path / NAME)

    def full(file, matrix):
        file.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(UserError, match="No space left"):
        prepare(NAME, tmp_path / NAME, tmp_path)
    assert contents(tmp_path / NAME) == before
    assert {file.name for file in tmp_path.iterdir()} == {NAME, f".{NAME}.lock"}


def test_what_was_there_is_replaced(tmp_path):
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "old").write_text("old")
    prepare(NAME, tmp_path / NAME, tmp_path)
    assert "old" not in contents(tmp_path / NAME)
