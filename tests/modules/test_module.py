import subprocess
import sys

import numpy as np
import pytest

from tnas_bench.errors import UserError
from tnas_bench.modules import Module, blake2b64

UNKNOWN = ["zyzzyva", "¿qué", "x" * 1000]


@pytest.fixture
def module(make_module):
    return make_module(["the", "film"], np.zeros((2 + 11, 3)))


def test_known_words_have_their_own_rows(module):
    assert module.rows(["film", "the", "film"]).tolist() == [1, 0, 1]


def test_blake2b_against_coreutils():
    """printf %s zyzzyva | b2sum --length 64"""
    assert blake2b64("zyzzyva") == 0x015A67CBE86F4031
    assert blake2b64("¿qué") == 0x61151D83EA6B2892


def test_unknown_words_fall_into_the_buckets(module):
    rows = module.rows([*UNKNOWN, "zyzzyva"])
    assert rows[0] == rows[3] == 2 + 0x015A67CBE86F4031 % 11
    assert ((rows >= 2) & (rows < 13)).all()


def test_another_process_finds_the_same_bucket(module, tmp_path):
    code = "import sys; from pathlib import Path; from tnas_bench.modules import Module; "
    code += "print(Module.load(Path(sys.argv[1])).rows(sys.argv[2:]).tolist())"
    command = [sys.executable, "-c", code, str(tmp_path / "hand-made"), *UNKNOWN]
    for hash_seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1"}
        other = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        assert other.stdout.strip() == str(module.rows(UNKNOWN).tolist())


def test_tokens_end_at_line_feeds_only(make_module):
    tokens = ["a\u2028b", "c\x85d", "e"]
    assert list(make_module(tokens, np.zeros((4, 2))).vocabulary) == tokens


def test_missing_module_names_the_command(tmp_path):
    with pytest.raises(UserError, match="tnas-bench module glove-50d"):
        Module.load(tmp_path / "glove-50d")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("card.json", b"{}"),
        ("card.json", b"\xff"),
        ("vocabulary.txt", b"the\n"),
        ("vocabulary.txt", b"\xff\n"),
        ("matrix.npy", b""),
        ("matrix.npy", b"\x80\x04N."),
    ],
)
def test_damage_is_one_line(module, tmp_path, file, content):
    (tmp_path / "hand-made" / file).write_bytes(content)
    with pytest.raises(UserError, match=r"damaged module .* run 'tnas-bench module hand-made --scale") as caught:
        Module.load(tmp_path / "hand-made")
    assert "\n" not in str(caught.value)
