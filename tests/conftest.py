"""What tests of several rooms share."""

import pytest
from hypothesis import settings

from tnas_bench.exhibits.files import save_figure, save_table

# Of generated cases: the same ones every time, or many new ones (pytest --hypothesis-profile=long tests/fuzz).
settings.register_profile("steady", max_examples=300, derandomize=True, deadline=None, database=None)
settings.register_profile("long", max_examples=10_000, deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def save():
    """Writes all files of an exhibit below a folder."""

    def write(exhibit, frame, folder, label):
        save_table(exhibit, frame, folder, label)
        if exhibit.draw is not None:
            save_figure(exhibit, frame.assign(label=label), folder)

    return write
