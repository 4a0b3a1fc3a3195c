"""TF-Hub modules: SavedModels made here, converted, and compared with TensorFlow text by text."""

import io
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tnas_bench.errors import UserError
from tnas_bench.modules import Module, registry
from tnas_bench.modules.inputs import embed
from tnas_bench.modules.prepare import prepare
from tnas_bench.tasks import Split, Task

NAME = "nnlm-en-dim50"


@pytest.fixture(autouse=True)
def row(monkeypatch):
    """The row of a module as small as those made here."""
    small = registry.row(NAME).model_copy(update={"dimension": 5})
    monkeypatch.setattr(registry, "rows", lambda: {NAME: small})


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """One SavedModel of each kind, by name."""
    pytest.importorskip("tensorflow_hub")
    import saved_models_made as made

    folder = tmp_path_factory.mktemp("models")
    made.save(folder / "plain")
    made.save(folder / "normalised", made.no_punctuation, " ", blank=True)
    made.save(folder / "lowercase", made.lower_and_spaced)
    made.save_version_1(folder / "version_1")
    made.save(folder / "two_tables", tables=2)
    made.save(folder / "ascii_lowercase", made.tf.strings.lower)
    return folder


def ours(module, texts):
    """Vectors of texts by our own tokens, rows and sums."""
    none = Split((), np.empty(0, np.int64))
    inputs = embed(module, Task("t", "text", "t", (), Split(tuple(texts), np.zeros(len(texts), int)), none, none))
    bags = inputs.train
    spans = [slice(*bags.offsets[text : text + 2]) for text in range(len(bags))]
    return np.array([bags.weights[span] @ inputs.table[bags.rows[span]] for span in spans])


def model(folder):
    """A SavedModel as TensorFlow runs it."""
    import tensorflow as tf
    import tensorflow_hub as hub

    loaded = hub.load(str(folder))
    if callable(loaded):
        return lambda texts: loaded(tf.constant(texts)).numpy()
    return lambda texts: loaded.signatures["default"](tf.constant(texts))["default"].numpy()


@pytest.fixture(scope="module")
def converted(models, tmp_path_factory):
    """The module made of the SavedModel ``normalised``, by the whole way: a mirror, and a process of its own."""
    place = tmp_path_factory.mktemp("mirror")
    shutil.copytree(models / "normalised", place / "modules" / NAME)
    with pytest.MonkeyPatch.context() as patch:
        small = registry.row(NAME).model_copy(update={"dimension": 5})
        patch.setattr(registry, "rows", lambda: {NAME: small})
        card = prepare(NAME, place / NAME, place / "cache", place)
    assert not list((place / "cache").iterdir())
    return Module.load(place / NAME), card


def test_the_card_says_what_the_saved_model_is(converted):
    import saved_models_made as made

    module, card = converted
    assert (card["words"], card["buckets"], card["dimension"], card["hash"]) == (len(made.TOKENS), 7, 5, "farmhash-64")
    assert card["normalisation"] == {"lowercase": False, "punctuation": "delete", "separator": "space", "blank": False}
    assert card["source"] == "https://tfhub.dev/google/nnlm-en-dim50/2, a folder of the mirror" and not card["stand_in"]
    assert list(module.vocabulary) == made.TOKENS
    assert np.array_equal(module.matrix, made.matrix())


# Assigned characters alone, since those of a newer Unicode are punctuation to one library and unknown to another; and
# not NUL, where TensorFlow's lower case ends a text.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\0")
WORDS = st.sampled_from(["the", "film", "Good", "GOOD", "w1", "w299", "x_y", "ñandú", "ÉTÉ", "кот", "日本語", "don't"])
PIECES = st.one_of(WORDS, st.sampled_from(list(" \t\n\u00a0\u3000,.!?-—¿«")), st.text(CHARACTERS, max_size=8))
TEXTS = st.lists(st.lists(PIECES, max_size=12).map(" ".join), min_size=1, max_size=8)


def test_any_text_has_the_vector_that_tensorflow_gives(converted, models):
    module, theirs = converted[0], model(models / "normalised")

    @settings(max_examples=200, deadline=None)
    @given(TEXTS | st.lists(st.lists(PIECES, max_size=8).map("".join), min_size=1, max_size=4))
    def check(texts):
        assert ours(module, texts) == pytest.approx(theirs(texts), abs=1e-6)

    check()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", {"lowercase": False, "punctuation": "keep", "separator": "ascii", "blank": False}),
        ("lowercase", {"lowercase": True, "punctuation": "space", "separator": "ascii", "blank": False}),
        ("version_1", {"lowercase": False, "punctuation": "keep", "separator": "spaces", "blank": True}),
    ],
)
def test_how_a_model_reads_texts_is_found_out(models, tmp_path, name, expected):
    from tnas_bench.modules import saved_model

    normalisation = saved_model.convert(models / name, tmp_path)
    assert normalisation.model_dump() == expected
    tokens = (tmp_path / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:-1]
    vocabulary, matrix = {token: row for row, token in enumerate(tokens)}, np.load(tmp_path / "matrix.npy")
    theirs = model(models / name)

    @settings(max_examples=50, deadline=None)
    @given(TEXTS)
    def check(texts):
        found = saved_model.sentence_vectors(vocabulary, matrix, normalisation, texts)
        assert found == pytest.approx(theirs(texts), abs=1e-6)

    check()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ascii_lowercase", "reads texts in no way of ours: with lowercase True.* off"),
        ("two_tables", "has 2 matrices"),
    ],
)
def test_a_model_that_would_not_be_reproduced_is_refused(models, tmp_path, name, told):
    from tnas_bench.modules import saved_model

    with pytest.raises(saved_model.Refused, match=told):
        saved_model.convert(models / name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_no_text_module_is_refused(models, tmp_path):
    from tnas_bench.modules import saved_model

    (tmp_path / "empty").mkdir()
    for damage in ("vocabulary", "second asset", "variables", "graph"):
        folder = tmp_path / damage
        shutil.copytree(models / "plain", folder)
    (tmp_path / "vocabulary/assets/tokens.txt").write_bytes("ñ".encode("latin-1"))
    (tmp_path / "second asset/assets/more.txt").write_text("more")
    shutil.rmtree(tmp_path / "variables/variables")
    (tmp_path / "graph/saved_model.pb").write_bytes(b"no graph")
    for name, told in [
        ("empty", "not a SavedModel"),
        ("vocabulary", "not UTF-8"),
        ("second asset", "has 2 assets"),
        ("variables", "not a SavedModel"),
        ("graph", "not a SavedModel"),
    ]:
        with pytest.raises(saved_model.Refused, match=told) as caught:
            saved_model.convert(tmp_path / name, tmp_path)
        assert "\n" not in str(caught.value)


def archive(mirror, *members):
    """``modules/<name>.tar.gz`` of a mirror, with members given as names and bytes."""
    path = mirror / "modules" / f"{NAME}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def tensorflow_there(monkeypatch):
    """Lets through what needs TensorFlow only later; if it were run, these tests would fail."""
    monkeypatch.setattr("tnas_bench.modules.hub.importlib.util.find_spec", lambda name: object())
    monkeypatch.setattr("tnas_bench.modules.hub.CONVERSION", "no.such.module")


@pytest.mark.parametrize("name", ["../outside.txt", "a/../../outside.txt", "{}/outside.txt"])
def test_an_archive_writes_nothing_outside_its_folder(tmp_path, tensorflow_there, name):
    archive(tmp_path, ("saved_model.pb", b"graph"), (name.format(tmp_path), b"gotcha"))
    with pytest.raises(UserError, match=rf"{NAME}.tar.gz: its member '.*outside.txt' points outside of it"):
        prepare(NAME, tmp_path / NAME, tmp_path / "cache", tmp_path)
    assert not list(tmp_path.rglob("outside.txt")) and not list((tmp_path / "cache").iterdir())


def test_an_archive_with_a_link_is_refused(tmp_path, tensorflow_there):
    path = archive(tmp_path)
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("assets")
        link.type, link.linkname = tarfile.SYMTYPE, "/"
        tar.addfile(link)
    with pytest.raises(UserError, match="'assets' is no file inside"):
        prepare(NAME, tmp_path / NAME, tmp_path / "cache", tmp_path)


def test_a_truncated_archive_is_refused(tmp_path, tensorflow_there):
    path = archive(tmp_path, ("saved_model.pb", os.urandom(50_000)), ("assets/tokens.txt", b"the\n"))
    whole = path.read_bytes()
    for size in (0, 5, 100, 30_000, len(whole) - 9):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match=r"not a whole .*; replace or remove the file") as caught:
            prepare(NAME, tmp_path / NAME, tmp_path / "cache", tmp_path)
        assert "\n" not in str(caught.value)


def test_an_archive_is_converted_and_vectors_of_another_size_are_refused(models, tmp_path, monkeypatch):
    """One conversion: the archive is read well, and what is in it is not what the row says."""
    (tmp_path / "modules").mkdir()
    with tarfile.open(tmp_path / "modules" / f"{NAME}.tar.gz", "w:gz") as tar:
        tar.add(models / "plain", "./")
    large = registry.row(NAME).model_copy(update={"dimension": 50})
    monkeypatch.setattr(registry, "rows", lambda: {NAME: large})
    with pytest.raises(UserError, match=r"tar.gz: vectors of 5 dimensions; give the SavedModel of https://tfhub"):
        prepare(NAME, tmp_path / NAME, tmp_path / "cache", tmp_path)


def test_without_tensorflow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(UserError, match=r"pip install 'tnas_bench\[tensorflow\]'") as caught:
        prepare(NAME, tmp_path / NAME, tmp_path / "cache")
    assert "\n" not in str(caught.value) and not list(tmp_path.iterdir())


def test_an_address_that_nobody_serves_is_told_soon_and_in_one_line(tmp_path, monkeypatch, capfd):
    """One conversion: the resolver of tensorflow_hub meets a dead proxy."""
    pytest.importorskip("tensorflow_hub")
    for proxy in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "hub"))
    started = time.monotonic()
    with pytest.raises(UserError, match="cannot be had") as caught:
        prepare(NAME, tmp_path / NAME, tmp_path / "cache", tmp_path)
    assert time.monotonic() - started < 60
    wanted = f"save https://tfhub.dev/google/{NAME}/2?tf-hub-format=compressed as {tmp_path}/modules/{NAME}.tar.gz"
    assert wanted in str(caught.value) and "\n" not in str(caught.value)
    printed = capfd.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1  # what is being done, and nothing of TensorFlow's


def test_a_server_that_never_answers_is_given_up(monkeypatch, tmp_path):
    pytest.importorskip("tensorflow_hub")
    from tnas_bench.modules import saved_model

    monkeypatch.setattr(saved_model, "PATIENCE", 0.5)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    started = time.monotonic()
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"http://127.0.0.1:{server.getsockname()[1]}/model"
            with pytest.raises(saved_model.Unreachable, match="timed out"):
                saved_model._resolved(address)
    finally:
        socket.setdefaulttimeout(None)
    assert time.monotonic() - started < 20


def test_a_cache_that_cannot_be_made_is_told_in_one_line(tmp_path, tensorflow_there):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be used") as caught:
        prepare(NAME, tmp_path / NAME, tmp_path / "file" / "cache", tmp_path)
    assert "\n" not in str(caught.value)


def test_a_conversion_that_dies_is_told_in_one_line(tmp_path, tensorflow_there):
    (tmp_path / "modules" / NAME).mkdir(parents=True)
    with pytest.raises(UserError, match=r"TensorFlow ended with code 1 .*no.such.module") as caught:
        prepare(NAME, tmp_path / NAME, tmp_path / "cache", tmp_path)
    assert "\n" not in str(caught.value)


def test_no_tensorflow_is_loaded_here():
    code = "import sys, tnas_bench.modules.prepare; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
