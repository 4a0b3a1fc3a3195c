"""Downloads against a server on this machine that serves, cuts, stalls, lies and hides."""

import gzip
import hashlib
import io
import re
import socket
import subprocess
import sys
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks import downloads
from tnas_bench.tasks.prepare import prepare
from tnas_bench.tasks.registry import RawFile

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(ThreadingHTTPServer):
    """``behave`` answers a request, given the handler and the first byte that was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []  # the first byte of each request
        self.behave = serve
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = int(asked[1]) if asked else 0
        self.server.asked.append(first)
        self.server.behave(self, first)

    def log_message(self, *_):
        pass


def serve(handler, first, content=CONTENT, until=None):
    """The rest of the content as a server should; ``until``: break off there."""
    if first >= len(content):
        handler.send_error(416)
        return
    handler.send_response(206 if first else 200)
    handler.send_header("Content-Length", str(len(content) - first))
    handler.end_headers()
    handler.wfile.write(content[first:until])


@pytest.fixture
def publisher():
    server = Publisher()
    yield server
    server.shutdown()


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT", (2, 0.3))
    monkeypatch.setattr(downloads, "CHUNK", 1000)


def raw(*addresses, sha256=SHA256):
    return RawFile("pictures/all.bin", sha256, len(CONTENT), addresses)


def kept(folder):
    """The names of all files below a folder but for locks."""
    return sorted(file.name for file in folder.rglob("*") if file.is_file() and file.suffix != ".lock")


def test_a_file_is_fetched_once(publisher, tmp_path, capfd):
    for _ in range(2):
        assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
    assert publisher.asked == [0]
    assert kept(tmp_path) == ["all.bin"]
    assert "pooch" not in capfd.readouterr().err.lower()


def test_what_is_cut_is_continued_where_it_was_cut(publisher, tmp_path):
    publisher.behave = lambda handler, first: serve(handler, first, until=first + 400_000)
    assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
    assert publisher.asked == [0, 400_000, 800_000]


def test_a_later_call_continues_what_an_earlier_one_could_not_end(publisher, tmp_path):
    publisher.behave = lambda handler, first: serve(handler, first, until=first + 100_000)
    with pytest.raises(downloads.Unavailable, match=r"breaks off, 3 times; run again to continue"):
        downloads.fetch(raw(publisher.address), tmp_path)
    publisher.behave = serve
    assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
    assert publisher.asked[-1] == 300_000


def test_a_server_that_cannot_continue_starts_again(publisher, tmp_path):
    answers = iter([lambda handler, first: serve(handler, 0, until=5000), lambda handler, first: serve(handler, 0)])
    publisher.behave = lambda handler, first: next(answers)(handler, first)
    assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
    assert publisher.asked == [0, 5000]


def test_a_silent_server_is_left(publisher, tmp_path):
    def stall(handler, first):
        serve(handler, first, until=first + 2000)
        time.sleep(2)

    publisher.behave = stall
    began = time.monotonic()
    with pytest.raises(downloads.Unavailable, match=r"is silent for 0\.3 s"):
        downloads.fetch(raw(publisher.address), tmp_path)
    assert time.monotonic() - began < 10


def test_another_file_is_not_kept_and_the_next_address_is_asked(publisher, tmp_path):
    publisher.behave = lambda handler, first: serve(handler, first, b"<html>sign in</html>")
    other = Publisher()
    assert downloads.fetch(raw(publisher.address, other.address), tmp_path).read_bytes() == CONTENT
    with pytest.raises(downloads.Unavailable, match=r"has another file \(sha256 [0-9a-f]{64}\)"):
        downloads.fetch(raw(publisher.address, sha256="0" * 64), tmp_path / "again")
    assert kept(tmp_path / "again") == []
    other.shutdown()


def test_a_server_that_is_down_or_lacks_the_file(publisher, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{free.getsockname()[1]}"
    publisher.behave = lambda handler, first: handler.send_error(404)
    with pytest.raises(downloads.Unavailable) as error:
        downloads.fetch(raw(down, publisher.address), tmp_path)
    assert str(error.value) == f"{down} cannot be reached; {publisher.address} answers 404"
    with pytest.raises(downloads.Unavailable, match="no address is known"):
        downloads.fetch(raw(), tmp_path)


def fetch_elsewhere(file, folder):
    """A process that fetches, in small pieces."""
    arguments = repr((file.name, file.sha256, file.size, file.addresses))
    program = f"""
from pathlib import Path
from tnas_bench.tasks import downloads
from tnas_bench.tasks.registry import RawFile
downloads.CHUNK = 1000
downloads.fetch(RawFile(*{arguments}), Path({str(folder)!r}))
"""
    return subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)


def stall(handler, first):
    """Serve half, and then nothing more for a while."""
    serve(handler, first, until=500_000)
    time.sleep(5)


def wait_for_half(folder):
    part, end = folder / "pictures/all.bin.part", time.monotonic() + 120
    while not part.exists() or part.stat().st_size < 400_000:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_download_that_is_killed_in_the_middle_is_continued(publisher, tmp_path):
    publisher.behave = stall
    with fetch_elsewhere(raw(publisher.address), tmp_path) as killed:
        wait_for_half(tmp_path)
        killed.kill()
    publisher.behave = serve
    assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
    assert publisher.asked[0] == 0 and publisher.asked[1] >= 400_000


def test_two_that_want_one_file_do_not_write_into_each_other(publisher, tmp_path):
    publisher.behave = lambda handler, first: stall(handler, first) if first == 0 else serve(handler, first)
    with fetch_elsewhere(raw(publisher.address), tmp_path) as first:
        wait_for_half(tmp_path)
        with pytest.warns(UserWarning, match=r"all\.bin: is being written by another process; waiting for its end"):
            assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
        assert first.wait() == 0
    assert publisher.asked == [0, 500_000]


def test_a_file_that_nobody_has_seen_is_never_continued(publisher, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/all.bin.part").write_bytes(b"of an earlier version")
    assert downloads.fetch(raw(publisher.address, sha256=""), tmp_path).read_bytes() == CONTENT
    assert publisher.asked == [0]


def test_a_complete_part_is_taken_as_it_is(publisher, tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/all.bin.part").write_bytes(CONTENT)
    assert downloads.fetch(raw(publisher.address), tmp_path).read_bytes() == CONTENT
    assert publisher.asked == []


def tar_gz(members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


SETTINGS = DataSettings(sources=("mirror", "publisher"))


def archived(tables, csv, publisher, **archive):
    """The task ``weather``, whose file only a publisher has, inside an archive."""
    packed = tar_gz({"data/weather.csv": csv, "data/other.csv": b"no"})
    tables.task("weather")
    tables.source("weather", {"weather.csv": csv})
    tables.file("weather", "weather.csv", csv, inside="all.tar.gz/data/weather.csv")
    tables.file("weather", "all.tar.gz", packed, addresses=publisher.address, **archive)
    (tables.mirror / "raw/weather/weather.csv").unlink()
    publisher.behave = lambda handler, first: serve(handler, first, packed)
    return packed


def test_a_task_comes_from_its_publishers_archive(tables, weather_csv, publisher, tmp_path):
    archived(tables, weather_csv().encode(), publisher)
    card = prepare("weather", tmp_path / "weather", SETTINGS, tables.mirror, cache=tmp_path / "cache")
    assert (card["via"], card["grade"], card["rows"]["total"]) == ("publisher", "exact", 100)
    assert card["passed_over"] == ["mirror: weather.csv is not there"]
    assert not list(tmp_path.glob("**/other.csv"))
    prepare("weather", tmp_path / "weather", SETTINGS, tables.mirror, cache=tmp_path / "cache")
    assert publisher.asked == [0]


def test_an_archive_in_the_mirror_serves_its_members(tables, weather_csv, publisher, tmp_path):
    packed = archived(tables, weather_csv().encode(), publisher)
    (tables.mirror / "raw/weather/all.tar.gz").write_bytes(packed)
    card = prepare("weather", tmp_path / "weather", SETTINGS, tables.mirror, cache=tmp_path / "cache")
    assert card["via"] == "mirror" and publisher.asked == []


def test_an_archive_without_the_file_is_told_in_one_line(tables, weather_csv, publisher, tmp_path):
    archived(tables, weather_csv().encode(), publisher)
    tables.file("weather", "weather.csv", weather_csv().encode(), inside="all.tar.gz/elsewhere.csv")
    with pytest.raises(UserError, match=r"all\.tar\.gz: holds no elsewhere\.csv; replace the file$"):
        prepare("weather", tmp_path / "weather", SETTINGS, tables.mirror, cache=tmp_path / "cache")


def test_a_gzip_that_is_cut_short_is_told_in_one_line(tables, weather_csv, publisher, tmp_path):
    content = gzip.compress(weather_csv().encode())
    tables.task("weather")
    tables.source("weather", {"weather.csv.gz": content})
    (tables.mirror / "raw/weather/weather.csv.gz").write_bytes(content[:-9])
    with pytest.raises(UserError, match=r"weather\.csv\.gz: not a whole gzip file; replace or remove the file$"):
        prepare("weather", tmp_path / "weather", SETTINGS, tables.mirror, cache=tmp_path / "cache")
