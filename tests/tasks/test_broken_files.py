"""Files that are not as their publishers made them: each loader says in one line what is wrong, and where."""

import gzip
import io
import json
import struct
import zipfile

import msgpack
import pytest

from tnas_bench.config import DataSettings
from tnas_bench.errors import UserError
from tnas_bench.tasks.loaders import LOADERS
from tnas_bench.tasks.prepare import prepare


def zipped(**members):
    """A zip archive; names have __ for a point and _ in place of a slash where needed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


def idx(*values, shape):
    return struct.pack(f">BBBB{len(shape)}i", 0, 0, 8, len(shape), *shape) + bytes(values)


IMAGES, LABELS = idx(*bytes(784), shape=(1, 28, 28)), idx(7, shape=(1,))
TABLE = {"text": "text", "label": "label"}
FOLDERS = {"pattern": r"(?P<label>[a-z]+)/.+\.txt"}
LISTS = {"pattern": r"large_(?P<label>es)\.msgpack\.gz", "words": 2}
LINES = {"separator": "\t"}
PHOTOS = {"pattern": r"(?P<label>[a-z]+)/.+\.jpg", "side": 8}
DIGITS = {"member": "digits.csv.gz"}
LATIN = "caf\xe9".encode("latin-1")
CATS = b"ca01 news\n"
DAMAGED, CUT, LOST = (
    "not a whole archive; replace or remove the file",
    "not a whole gzip file; replace",
    "replace the fi",
)

# loader, its options, the file's name, its bytes (a list: files a, b, ...), what the line says
BROKEN = [
    ("table", TABLE, "a.csv", b"text,label\nfine,b\n" + LATIN + b",d\n", "a.csv: line 3 is not utf-8-sig text"),
    ("table", TABLE, "a.csv", b"text,mood\na,b\n", "a.csv: has no column 'label'; take one of text, mood"),
    ("table", TABLE, "a.csv", b'text,label\n"open,b\nc,d\n', "a.csv: line 2 is malformed (unexpected end of data)"),
    ("table", TABLE, "a.csv.gz", gzip.compress(b"text,label\na,b\n")[:-9], CUT),
    ("table", TABLE | {"member": "b.csv"}, "a.zip", zipped(a__csv=b""), "a.zip: holds no b.csv; replace the file"),
    ("table", TABLE | {"member": "b.csv"}, "a.zip", zipped(b__csv=b"text,label\n")[:-5], DAMAGED),
    (
        "labelled_lines",
        LINES,
        "sms",
        b"ham\thi\nspam\t" + LATIN,
        "sms: line 2 is not utf-8 text; save the file as utf-8",
    ),
    ("labelled_lines", LINES, "sms", b"ham\thi\n\nspam hi\n", "sms: line 3 has no '\\t' after a label; mend that row"),
    ("class_lines", {}, "rev.pos", b"good\n\n" + LATIN + b"\n", "rev.pos: line 3 is not utf-8 text"),
    (
        "class_folders",
        FOLDERS,
        "a.zip",
        zipped(**{"pos/1.txt": b"fine\n" + LATIN}),
        "pos/1.txt: line 2 is not utf-8 text",
    ),
    (
        "class_folders",
        FOLDERS,
        "a.zip",
        zipped(**{"README": b"read"}),
        "a.zip: holds no text that belongs to the data set",
    ),
    (
        "class_folders",
        FOLDERS,
        "a.zip",
        zipped(**{"../pos/1.txt": b"a"}),
        "a.zip: its member '../pos/1.txt' points outside",
    ),
    ("class_folders", FOLDERS, "a.zip", zipped(**{"pos/1.txt": b"a"})[:-5], DAMAGED),
    ("class_folders", FOLDERS, "a.tar.xz", b"", DAMAGED),
    ("brown", {}, "brown.zip", zipped(ca01=b"The/at"), "brown.zip: holds no cats.txt; replace the file"),
    ("brown", {}, "brown.zip", zipped(cats__txt=CATS), "brown.zip: cats.txt, line 1: no document and its category"),
    (
        "brown",
        {},
        "brown.zip",
        zipped(cats__txt=b"\nca01\n", ca01=b"The"),
        "cats.txt, line 2: no document and its category",
    ),
    ("brown", {}, "brown.zip", zipped(cats__txt=CATS, ca01=LATIN), "ca01: line 1 is not utf-8 text"),
    ("brown", {}, "brown.zip", zipped(cats__txt=b"\n"), "brown.zip: holds no text that belongs to the data set"),
    ("brown", {}, "brown.zip", zipped(**{"cats.txt": CATS, "../ca01": b"a"}), "its member '../ca01' points outside"),
    ("brown", {}, "brown.zip", zipped(cats__txt=CATS)[:-5], DAMAGED),
    (
        "cine",
        {},
        "cine.zip",
        zipped(**{"c/1.xml": b'<review rank="4">'}),
        "c/1.xml: has no rank or no body; replace the ar",
    ),
    (
        "cine",
        {},
        "cine.zip",
        zipped(**{"c/1.xml": b"<body>a</body>"}),
        "c/1.xml: has no rank or no body; replace the ar",
    ),
    ("cine", {}, "cine.zip", zipped(**{"c/1.txt": b""}), "cine.zip: holds no text that belongs to the data set"),
    ("cine", {}, "cine.zip", zipped(**{"../c/1.xml": b""}), "its member '../c/1.xml' points outside"),
    ("cine", {}, "cine.tar.xz", b"\xfd7zXZ", DAMAGED),
    ("word_lists", LISTS, "w.whl", zipped(other=b""), "w.whl: holds no text that belongs to the data set"),
    ("word_lists", LISTS, "w.whl", zipped(**{"large_es.msgpack.gz": gzip.compress(b"\x91")[:-3]}), CUT),
    (
        "word_lists",
        LISTS,
        "w.whl",
        zipped(**{"large_es.msgpack.gz": gzip.compress(b"\x92")}),
        "es.msgpack.gz: not a list of",
    ),
    (
        "word_lists",
        LISTS,
        "w.whl",
        zipped(**{"large_es.msgpack.gz": gzip.compress(msgpack.packb(7))}),
        "not a list of wor",
    ),
    (
        "word_lists",
        LISTS,
        "w.whl",
        zipped(**{"large_es.msgpack.gz": gzip.compress(msgpack.packb([{}, [3]]))}),
        "large_es.msgpack.gz: not a list of words; replace the file that holds it",
    ),
    ("word_lists", LISTS, "w.whl", zipped(**{"large_es.msgpack.gz": b""})[:-5], DAMAGED),
    (
        "tfds_texts",
        {"column": "text", "splits": ["train"]},
        "train.parquet",
        b"PAR1",
        "damaged; remove it and run again",
    ),
    ("tfds_images", {"column": "image", "splits": ["train"]}, "train.parquet", b"", "damaged; remove it and run again"),
    (
        "tfds_photos",
        {"column": "image", "splits": ["train"], "side": 8},
        "train.parquet",
        b"PAR1",
        "train.parquet: damaged; remove it and run again",
    ),
    ("idx", {}, "a.gz", [gzip.compress(IMAGES)[:-9], LABELS, IMAGES, LABELS], CUT),
    ("idx", {}, "a", [IMAGES, LABELS, IMAGES, LABELS[:-1]], "d: not a whole idx file; replace the file"),
    ("idx", {}, "a", [IMAGES, LABELS, b"\0\0\x0d" + IMAGES[3:], LABELS], "c: not a whole idx file; replace the file"),
    (
        "idx",
        {},
        "a",
        [LABELS, IMAGES, IMAGES, LABELS],
        "a and b: not 28 x 28 images and a label for each; replace them",
    ),
    (
        "idx",
        {},
        "a",
        [IMAGES, LABELS, IMAGES, idx(7, 2, shape=(2,))],
        "c and d: not 28 x 28 images and a label for each",
    ),
    ("cifar_binary", {"test": "a"}, "a", bytes(3072), "a: 3,072 bytes are not whole images of 3,073; replace the file"),
    (
        "digit_table",
        DIGITS,
        "d.whl",
        zipped(**{"digits.csv.gz": gzip.compress(b"1,2,x\n")}),
        "d.whl: digits.csv.gz is no ta",
    ),
    (
        "digit_table",
        DIGITS,
        "d.whl",
        zipped(**{"digits.csv.gz": gzip.compress(b"1,2,3\n1,2\n")}),
        "digits.csv.gz is no table",
    ),
    (
        "digit_table",
        DIGITS,
        "d.whl",
        zipped(**{"digits.csv.gz": gzip.compress(b"1,2,3\n")}),
        "digits.csv.gz is no table of",
    ),
    ("digit_table", DIGITS, "d.whl", zipped(**{"digits.csv.gz": gzip.compress(b"9\n")[:-2]}), CUT),
    ("digit_table", DIGITS, "d.whl", zipped(other=b""), "d.whl: holds no digits.csv.gz; replace the file"),
    ("photo_folders", PHOTOS, "p.zip", zipped(**{"rose/1.jpg": b"GIF89a"}), "rose/1.jpg: not a whole JPEG picture"),
    ("photo_folders", PHOTOS, "p.zip", zipped(**{"../rose/1.jpg": b""}), "its member '../rose/1.jpg' points outside"),
    ("photo_folders", PHOTOS, "p.zip", zipped(**{"rose/1.jpg": b"a"})[:-5], DAMAGED),
    ("photo_folders", PHOTOS, "p.tgz", b"\x1f\x8b\x08", DAMAGED),
]


# Named by what is told: a name made of the bytes would hold the time at which they were packed, and every process
# that collects the tests would name them otherwise.
@pytest.mark.parametrize(
    ("loader", "options", "name", "data", "message"), BROKEN, ids=[f"{loader}: {told}" for loader, *_, told in BROKEN]
)
def test_a_broken_file_is_told_in_one_line(tmp_path, loader, options, name, data, message):
    contents = {name: data} if isinstance(data, bytes) else dict(zip((name, *"bcd"), data, strict=True))
    for each, content in contents.items():
        (tmp_path / each).write_bytes(content)
    with pytest.raises(UserError) as error:
        LOADERS[loader]({each: tmp_path / each for each in contents}, **options)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_every_loader_of_files_is_broken_here():
    assert {loader for loader, *_ in BROKEN} == set(LOADERS) - {"generated", "shapes"}


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        (b"tweet,mood\n", ""),
        (b"tweet,mood\n" + b"  ,sunny\n" * 50, ""),
        (b"tweet,mood\n" + b"a text,\n" * 50, ""),
        (b"tweet,mood\n" + b"a text,sunny\n" * 50, json.dumps({"rainy": "rainy"})),
    ],
    ids=["no rows", "blank texts", "no labels", "labels of no class"],
)
def test_a_task_of_which_no_row_is_left_is_told_in_one_line(tables, tmp_path, content, labels):
    tables.task("weather")
    tables.source("weather", {"weather.csv": content}, labels=labels)
    with pytest.raises(UserError, match=r"^weather: 0 rows with a text and a known class; give complete raw files$"):
        prepare("weather", tmp_path / "out", DataSettings(sources=["mirror"]), tables.mirror, cache=tmp_path)
