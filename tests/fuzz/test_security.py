"""Nothing that is read can run, write elsewhere, or unpack to more than was set."""

import ast
import gzip
import io
import os
import pickle
import tarfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from formats import LOADED, zipped
from formats_ours import ours
from test_formats import put

from tnas_bench import foreign
from tnas_bench.errors import UserError
from tnas_bench.tasks import archives

PACKAGE = Path(__file__).resolve().parents[2] / "tnas_bench"
FORBIDDEN = {"pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal"}  # modules
RUNS = {"eval", "exec", "compile", "__import__"}  # built-in functions
LOADS = {  # the library's ways of running what is in a file, and what makes each of them safe
    "torch.load": ("weights_only", True),
    "np.load": ("allow_pickle", False),
    "np.lib.format.read_array": ("allow_pickle", False),
}
UNSAFE = {"pd.read_pickle", "pickle.load", "yaml.unsafe_load", "yaml.full_load", "torch.jit.load", "np.fromregex"}
LOADERS_OF_YAML = {"StrictLoader"}
FORMATS = LOADED | ours()


class Planted:
    """Unpickled, it makes a file in the working folder."""

    def __reduce__(self):
        return os.mkdir, ("planted",)


def hostile():
    """Files that run something in whoever unpickles them."""
    objects, checkpoint = io.BytesIO(), io.BytesIO()
    np.save(objects, np.array([Planted()], dtype=object), allow_pickle=True)
    torch.save({"state": Planted()}, checkpoint)
    members = io.BytesIO()
    np.savez(members, a=np.array([Planted()], dtype=object))
    plain = pickle.dumps(Planted())
    yaml = b"label: !!python/object/apply:os.mkdir [planted]\n"
    return {"npy": objects.getvalue(), "checkpoint": checkpoint.getvalue(), "npz": members.getvalue(), "yaml": yaml} | {
        "pickle": plain,
        "gz": gzip.compress(plain),
        "zip": zipped({"pos/1.txt": plain, "b.tsv.gz": gzip.compress(plain), "x": plain}),
        "parquet": parquet_of_objects(),
    }


def parquet_of_objects():
    """A column whose metadata say that its type is to be unpickled."""
    metadata = {"ARROW:extension:name": "arrow.py_extension_type"}
    metadata |= {"ARROW:extension:metadata": pickle.dumps(Planted()), "pandas": b'{"columns": []}'}
    buffer = io.BytesIO()
    pq.write_table(pa.table([pa.array([1])], pa.schema([pa.field("label", pa.int64(), metadata=metadata)])), buffer)
    return buffer.getvalue()


HOSTILE = hostile()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMATS)
def test_no_reader_runs_what_a_file_holds(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    kind = FORMATS[name]
    for number, data in enumerate(HOSTILE.values()):
        put(tmp_path / str(number), kind.files | {kind.damaged: data})
        with suppress(UserError):
            kind.read(tmp_path / str(number))
        assert not Path("planted").exists()


def test_what_is_planted_would_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pickle.loads(HOSTILE["pickle"])
    assert Path("planted").exists()


def calls(path):
    """The name of each function that a file calls, with its keywords where they are constants."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            keywords = {each.arg: getattr(each.value, "value", None) for each in node.keywords}
            yield ast.unparse(node.func), keywords, [ast.unparse(argument) for argument in node.args]


def test_the_code_has_no_way_of_running_what_it_reads():
    seen = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) else []
            assert not FORBIDDEN & {name.split(".")[0] for name in names if name}, path
        for function, keywords, arguments in calls(path):
            assert function not in RUNS | UNSAFE, f"{path}: {function}"
            if function in LOADS:
                keyword, value = LOADS[function]
                assert keywords.get(keyword) is value, f"{path}: {function} without {keyword}={value}"
            if function == "yaml.load":
                assert arguments[1] in LOADERS_OF_YAML, path
            seen.add(function)
    assert {"torch.load", "np.lib.format.read_array", "yaml.load"} <= seen


@pytest.fixture
def small_bounds(monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 10_000)
    monkeypatch.setattr(archives, "MOST_IN_ALL", 25_000)


def tarred(sizes, mode):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, size in sizes.items():
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, io.BytesIO(bytes(size)))
    return buffer.getvalue()


ONE, MANY = {"a": 10_001}, dict.fromkeys("abc", 9000)
BOMBS = {
    "a.zip": zipped({name: bytes(size) for name, size in ONE.items()}),
    "b.zip": zipped({name: bytes(size) for name, size in MANY.items()}),
    "a.tar.gz": tarred(ONE, "w:gz"),
    "b.tar.xz": tarred(MANY, "w:xz"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, small_bounds, name):
    (tmp_path / name).write_bytes(BOMBS[name])
    with pytest.raises(UserError, match=r"(has 10,001|have 27,000) bytes; replace the file$"):
        list(archives.members(tmp_path / name))


def test_a_gzip_file_or_a_member_that_unpacks_to_too_much_is_refused(tmp_path, small_bounds):
    with pytest.raises(UserError, match="more than 10,000 bytes when unpacked"):
        archives.gunzip("a.gz", gzip.compress(bytes(10_001)))
    assert archives.gunzip("a.gz", gzip.compress(bytes(10_000))) == bytes(10_000)
    (tmp_path / "a.zip").write_bytes(BOMBS["a.zip"])
    with pytest.raises(UserError, match="has 10,001 bytes"):
        archives.content(tmp_path / "a.zip", "a")


def test_a_member_larger_than_it_says_is_not_read_beyond_that(tmp_path):
    data = zipped({"a": bytes(10**6)}).replace((10**6).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(UserError, match="not a whole archive"):
        list(archives.members(tmp_path / "a.zip"))


@pytest.mark.parametrize("name", ["../out", "/out", "a/../../out"])
def test_nothing_is_extracted_outside(tmp_path, name):
    (tmp_path / "m.tar.gz").write_bytes(tarred({"whole": 3, name: 5}, "w:gz"))
    with pytest.raises(UserError, match="points outside"):
        archives.extract(tmp_path / "m.tar.gz", tmp_path / "in" / "model")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "m.tar.gz", "model", "whole"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_no_link_or_device_is_extracted(tmp_path, kind):
    with tarfile.open(tmp_path / "m.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = kind, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(UserError, match="'link' is no file inside the folder"):
        archives.extract(tmp_path / "m.tar.gz", tmp_path / "model")


def test_a_table_that_unpacks_to_too_much_is_refused(tmp_path):
    """Half a kilobyte that stands for 800 kB: one value, repeated."""
    path = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"a": np.zeros(100_000)}), path, compression="zstd")
    assert path.stat().st_size < 2000
    with pytest.raises(ValueError, match="more than 100,000 bytes"):
        foreign.parquet(path, most=100_000)
    assert len(foreign.parquet(path)) == 100_000


def test_an_array_whose_header_declares_too_much_is_refused(tmp_path):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (2**40, 2**10)})
    (tmp_path / "a.npy").write_bytes(head.getvalue() + bytes(64))
    with pytest.raises(ValueError):
        foreign.array(tmp_path / "a.npy")
    (tmp_path / "a.npz").write_bytes(zipped({"a.npy": head.getvalue() + bytes(64)}))
    with pytest.raises(ValueError):
        foreign.arrays(tmp_path / "a.npz")
