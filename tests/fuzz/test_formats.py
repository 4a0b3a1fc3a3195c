"""Whatever a file holds: it is read, or refused in one line; and no file appears but where one belongs."""

import pytest
from damage import damaged
from formats import LOADED
from formats_ours import ours
from hypothesis import given, settings

from tnas_bench.errors import UserError
from tnas_bench.tasks.loaders import LOADERS

MOST_TOLD = 5000  # characters; some errors show what they found
CASES = max(1, settings().max_examples // 12)  # of each of the many formats
FORMATS = LOADED | ours()
OTHERS = [kind.files[kind.damaged] for kind in FORMATS.values()] + [
    b"",
    b"\0" * 4096,
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"{}",
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("formats")


def put(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("name", FORMATS)
def test_a_whole_file_is_read(tmp_path, name):
    put(tmp_path, FORMATS[name].files)
    FORMATS[name].read(tmp_path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FORMATS)
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path_factory, name):
    kind = FORMATS[name]

    @settings(max_examples=CASES)
    @given(damaged(kind.files[kind.damaged], OTHERS))
    def try_it(data):
        folder = tmp_path_factory.mktemp("case", numbered=True)
        put(folder, kind.files | {kind.damaged: data})
        try:
            kind.read(folder)
        except UserError as error:
            assert "\n" not in str(error) and len(str(error)) < MOST_TOLD

    try_it()


def test_every_loader_of_files_is_fuzzed():
    tried = {name.split(" in ")[0].split(",")[0] for name in LOADED}
    assert set(LOADERS) - {"generated", "shapes"} <= tried | {"table"}
