"""What tests of several rooms share."""

import time

import pytest
from filelock import FileLock
from hypothesis import settings
from tiny_made import run

from tnas_bench.exhibits.files import save_figure, save_table

# Of generated cases: the same ones every time, or many new ones (pytest --hypothesis-profile=long tests/fuzz).
settings.register_profile("steady", max_examples=300, derandomize=True, deadline=None, database=None)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile("steady")


def pytest_collection_modifyitems(items):
    """What one worker does alone comes first, so that none waits for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


@pytest.fixture(scope="session")
def save():
    """Writes all files of an exhibit below a folder."""

    def write(exhibit, frame, folder, label):
        save_table(exhibit, frame, folder, label)
        if exhibit.draw is not None:
            save_figure(exhibit, frame.assign(label=label), folder)

    return write


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory, worker_id):
    """A folder in which the tiny workflow has run, with two jobs at a time: one for all processes of pytest.

    The file ``seconds`` in it tells how long that took.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder, done = shared / "undisturbed", shared / "undisturbed.done"
    with FileLock(shared / "undisturbed.lock"):
        if not done.exists():
            folder.mkdir()
            began = time.monotonic()
            run(folder, "--cores", "2")
            (folder / "seconds").write_text(str(time.monotonic() - began))
            done.touch()
    return folder
