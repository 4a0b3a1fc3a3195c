"""Archives that are cut short, overfull, or that would write outside: one line each, and nothing is extracted."""

import gzip
import io
import tarfile
import zipfile

import pytest

from tnas_bench.errors import UserError
from tnas_bench.tasks import archives

FILES = {"a/1.txt": b"one" * 1000, "a/2.txt": bytes(range(256)) * 40}


def packed(suffix, files=FILES):
    buffer = io.BytesIO()
    if suffix in {"zip", "whl"}:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
    else:
        with tarfile.open(fileobj=buffer, mode={"tgz": "w:gz"}.get(suffix, f"w:{suffix.removeprefix('tar.')}")) as tar:
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


KINDS = ["zip", "whl", "tar.gz", "tgz", "tar.xz", "tar.bz2"]


@pytest.fixture
def write(tmp_path):
    def to_file(suffix, data):
        path = tmp_path / f"all.{suffix}"
        path.write_bytes(data)
        return path

    return to_file


@pytest.mark.parametrize("suffix", KINDS)
def test_members_come_with_their_names_in_order(write, suffix):
    assert list(archives.members(write(suffix, packed(suffix)))) == list(FILES.items())


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"no archive", lambda data: b""])
def test_an_archive_that_is_not_whole_is_named(write, suffix, damage):
    path = write(suffix, damage(packed(suffix)))
    with pytest.raises(UserError) as error:
        list(archives.members(path))
    assert str(error.value) == f"{path}: not a whole archive; replace or remove the file"


@pytest.mark.parametrize("suffix", KINDS)
@pytest.mark.parametrize("name", ["../2.txt", "/etc/2.txt", "a/../../2.txt"])
def test_a_member_that_points_outside_is_refused(write, tmp_path, suffix, name):
    path = write(suffix, packed(suffix, FILES | {name: b"out"}))
    with pytest.raises(UserError) as error:
        archives.unpack(path, {"a/1.txt": tmp_path / "1.txt", name: tmp_path / "2.txt"})
    assert str(error.value) == f"{path}: its member {name!r} points outside of it; replace the file"
    assert not (tmp_path / "2.txt").exists()


def test_a_member_of_absurd_size_is_not_read(write, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 5000)
    for suffix in ("zip", "tar.xz"):
        read = archives.members(write(suffix, packed(suffix)))
        assert next(read)[0] == "a/1.txt"
        with pytest.raises(UserError, match=r"its member 'a/2\.txt' has 10,240 bytes; replace the file$"):
            next(read)


def test_links_are_no_members(write):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        link = tarfile.TarInfo("a/1.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert list(archives.members(write("tgz", buffer.getvalue()))) == []


def test_one_member_of_a_zip(write):
    path = write(
        "zip", packed("zip", {"in/a.csv.gz": gzip.compress(b"a,b"), "in/cut.csv.gz": gzip.compress(b"a")[:-3]})
    )
    assert archives.content(path, "in/a.csv.gz") == b"a,b"
    with pytest.raises(UserError, match=r"all\.zip: not a whole gzip file; replace or remove the file$"):
        archives.content(path, "in/cut.csv.gz")
    with pytest.raises(UserError, match=r"all\.zip: holds no in/b\.csv; replace the file$"):
        archives.content(path, "in/b.csv")
    with pytest.raises(UserError, match=r"all\.zip: not a whole archive; replace or remove the file$"):
        archives.content(write("zip", packed("zip")[:-30]), "a/1.txt")
