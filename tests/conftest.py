"""What tests of several rooms share."""

import pytest

from tnas_bench.exhibits.files import save_figure, save_table


@pytest.fixture(scope="session")
def save():
    """Writes all files of an exhibit below a folder."""

    def write(exhibit, frame, folder, label):
        save_table(exhibit, frame, folder, label)
        if exhibit.draw is not None:
            save_figure(exhibit, frame.assign(label=label), folder)

    return write
