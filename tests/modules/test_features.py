"""The cache of features, with an encoder whose vectors are worked out by hand and whose calls are counted."""

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tnas_bench.errors import UserError
from tnas_bench.modules.features import features

IDENTITY = {"task": "a", "module": "b"}
TEXTS = ["one", "three", "eleven", "", "five"]
EXPECTED = [[3, 1], [5, 1], [6, 1], [0, 1], [4, 1]]  # the length of a text, and one


class Counting:
    """Notes the inputs of every call."""

    def __init__(self):
        self.calls = []

    def __call__(self, texts):
        self.calls.append(list(texts))
        return np.array([[len(text), 1] for text in texts], np.float64)


@pytest.fixture
def encode():
    return Counting()


def asked(folder, encode, identity=IDENTITY, inputs=TEXTS, dimension=2, batch=2):
    return features(folder, identity, inputs, encode, dimension, batch, "counting")


def array(folder):
    (path,) = folder.glob("*.npy")
    return path


def test_computed_once_in_batches(tmp_path, encode):
    found = asked(tmp_path / "features", encode)
    assert found.tolist() == EXPECTED and found.dtype == np.float32
    assert encode.calls == [["one", "three"], ["eleven", ""], ["five"]]
    assert asked(tmp_path / "features", encode).tolist() == EXPECTED
    assert len(encode.calls) == 3
    assert np.load(array(tmp_path / "features")).tolist() == EXPECTED


def test_an_array_of_images_is_encoded_as_well(tmp_path):
    images = np.arange(5 * 3 * 2 * 2, dtype=np.uint8).reshape(5, 3, 2, 2)
    found = asked(tmp_path, lambda part: part.reshape(len(part), 3, -1).mean(2), inputs=images, dimension=3)
    assert found == pytest.approx(images.mean((2, 3)))


def test_another_task_or_module_is_computed_for_itself(tmp_path, encode):
    for identity in (IDENTITY, IDENTITY | {"task": "c"}, IDENTITY | {"module": "c"}):
        asked(tmp_path, encode, identity)
    assert len(encode.calls) == 9
    asked(tmp_path, encode, dict(reversed(IDENTITY.items())))
    assert len(encode.calls) == 9


def test_writing_to_the_array_changes_no_file(tmp_path, encode):
    asked(tmp_path, encode)[:] = 7
    assert asked(tmp_path, encode).tolist() == EXPECTED
    assert len(encode.calls) == 3


def flip(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def pickled(path):
    np.save(path, np.array([{}], object), allow_pickle=True)
    card = path.with_suffix(".json")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    card.write_text(json.dumps(json.loads(card.read_text()) | {"sha256": sha256}))


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        pickled,
        os.remove,
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.with_suffix(".json").write_text("{}"),
        lambda path: path.with_suffix(".json").write_text("not JSON"),
        lambda path: path.with_suffix(".json").unlink(),
    ],
)
def test_what_is_not_whole_is_computed_again(tmp_path, encode, damage):
    asked(tmp_path, encode)
    damage(array(tmp_path))
    assert asked(tmp_path, encode).tolist() == EXPECTED
    assert len(encode.calls) == 6
    assert asked(tmp_path, encode).tolist() == EXPECTED
    assert len(encode.calls) == 6


def test_a_foreign_array_under_a_true_card_is_computed_again(tmp_path, encode):
    """One row more than there are inputs: hash and identity are right, and yet it is none of ours."""
    asked(tmp_path, encode, inputs=[*TEXTS, "more"])
    assert asked(tmp_path, encode).tolist() == EXPECTED


class Killed(BaseException):
    """Stands for a signal."""


@pytest.mark.parametrize("torn", [0, 5])
def test_a_killed_one_is_continued(tmp_path, encode, torn):
    inputs = [*TEXTS, "six", "seven", "eight"]

    def killed(texts):
        if len(encode.calls) == 3:
            raise Killed
        return encode(texts)

    with pytest.raises(Killed):
        asked(tmp_path, killed, inputs=inputs)
    (partial,) = tmp_path.glob("*.partial")
    with partial.open("ab") as file:
        file.write(b"\x01" * torn)  # of a batch of which some bytes came to the disk
    encode.calls.clear()
    assert asked(tmp_path, encode, inputs=inputs).tolist() == [*EXPECTED, [3, 1], [5, 1], [5, 1]]
    assert encode.calls == [["five", "six"], ["seven", "eight"]]  # the last whole batch and what was missing
    assert not list(tmp_path.glob("*.partial"))


def test_a_foreign_partial_file_is_not_continued(tmp_path, encode):
    asked(tmp_path, encode)
    array(tmp_path).with_suffix(".partial").write_bytes(b"\x00" * 500)
    flip(array(tmp_path))
    assert asked(tmp_path, encode).tolist() == EXPECTED


PROCESS = """
import os, sys, time
from pathlib import Path
import numpy as np
from tnas_bench.modules.features import features

def encode(texts):
    with open(sys.argv[2], "a") as log:
        log.write(f"{os.getpid()}\\n")
    time.sleep(0.3)
    return np.array([[len(text)] for text in texts])

print(features(Path(sys.argv[1]), {"task": "a"}, ["a", "bb", "ccc", "dddd"], encode, 1, 1, "slow").ravel().tolist())
"""


def start(tmp_path):
    command = [sys.executable, "-c", PROCESS, str(tmp_path / "features"), str(tmp_path / "log")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def callers(tmp_path):
    log = tmp_path / "log"
    return log.read_text().split() if log.exists() else []


def test_of_two_processes_one_computes_and_both_have_it(tmp_path):
    processes = [start(tmp_path) for _ in range(2)]
    assert [process.communicate()[0].strip() for process in processes] == ["[1.0, 2.0, 3.0, 4.0]"] * 2
    assert len(callers(tmp_path)) == 4 and len(set(callers(tmp_path))) == 1


def test_who_waits_goes_on_where_a_killed_process_ended(tmp_path):
    first = start(tmp_path)
    while len(callers(tmp_path)) < 3:
        assert first.poll() is None
        time.sleep(0.01)
    second = start(tmp_path)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert second.communicate()[0].strip() == "[1.0, 2.0, 3.0, 4.0]"
    assert callers(tmp_path).count(str(second.pid)) == 3  # the one cut short, the one before it, and the last


def test_the_system_refuses_in_one_line(tmp_path, encode, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"file/features: features cannot be kept there \(Not a directory\)"):
        asked(tmp_path / "file" / "features", encode)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(UserError, match="No space left on device") as caught:
            asked(tmp_path, encode)
    assert "\n" not in str(caught.value)
    assert asked(tmp_path, encode).tolist() == EXPECTED


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(tmp_path, value):
    def encode(texts):
        return np.array([[value if text == "five" else 0, 1] for text in texts])

    with pytest.raises(UserError, match="counting: features of inputs from 4: not all are finite"):
        asked(tmp_path, encode)


def test_features_of_another_shape_are_refused(tmp_path, encode):
    with pytest.raises(UserError, match=r"have the shape \(2, 2\), not \(2, 3\)"):
        asked(tmp_path, encode, dimension=3)


def test_no_inputs_have_no_features(tmp_path, encode):
    assert asked(tmp_path, encode, inputs=[]).shape == (0, 2)
    assert not list(tmp_path.iterdir())
