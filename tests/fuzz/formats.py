"""The formats that publishers have, each a small valid file and the loader that reads it."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgpack
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tnas_bench.tasks.loaders import LOADERS

Read = Callable[[Path], object]


@dataclass(frozen=True)
class Format:
    """Files by name; ``damaged``: which of them is damaged; ``read`` reads them from a folder."""

    files: dict[str, bytes]
    damaged: str
    read: Read


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(members, mode="w:gz"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def parquet(**columns):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def jpeg():
    buffer = io.BytesIO()
    Image.fromarray(np.arange(192, dtype=np.uint8).reshape(8, 8, 3)).save(buffer, "JPEG")
    return buffer.getvalue()


def idx(values, shape):
    return struct.pack(f">BBBB{len(shape)}i", 0, 0, 8, len(shape), *shape) + bytes(values)


def loaded(loader, files, damaged=None, **options):
    """The files of a source, as a loader reads them."""

    def read(folder):
        return LOADERS[loader]({name: folder / name for name in files}, **options)

    return Format(files, damaged or next(iter(files)), read)


TEXTS = {"pos/1.txt": b"fine words", "neg/1.txt": b"poor words"}
BROWN = {"cats.txt": b"ca01 news\n", "ca01": b"The/at jury/nn"}
WORDS = {"large_es.msgpack.gz": gzip.compress(msgpack.packb([{"format": "cB"}, ["de", "la"], ["que"]]))}
TFDS = {"input": [b"fine", b"poor"], "shape": [[1], [1]], "label": [0, 1], "name": ["a", "b"]}
PIXELS = {"input": [bytes(range(48))] * 2, "shape": [[4, 4, 3]] * 2, "label": [0, 1], "name": ["a", "b"]}
MNIST = {
    "a": gzip.compress(idx(bytes(784), (1, 28, 28))),
    "b": gzip.compress(idx([7], (1,))),
    "c": idx(bytes(784), (1, 28, 28)),
    "d": idx([7], (1,)),
}
MNIST = {"a.gz": MNIST["a"], "b.gz": MNIST["b"], "c": MNIST["c"], "d": MNIST["d"]}
DIGITS = gzip.compress(b"\n".join(b",".join([b"0"] * 784 + [str(digit).encode()]) for digit in (0, 1, 0, 1, 1)))
PHOTO = r"(?P<label>[a-z]+)/.+\.jpg"
CINE = {"c/1.xml": b'<review rank="4"><body>Una obra</body></review>'}

LOADED = {
    "table": loaded("table", {"a.csv": b'text,label\n"a ""b""",x\nc,y\n'}, text="text", label="label"),
    "table in a zip": loaded(
        "table",
        {"a.zip": zipped({"b.tsv.gz": gzip.compress(b"text\tlabel\na\tx\n")})},
        text="text",
        label="label",
        separator="\t",
        member="b.tsv.gz",
    ),
    "labelled_lines": loaded("labelled_lines", {"sms": b"ham\thi\nspam\tbuy\n"}, separator="\t"),
    "class_lines": loaded("class_lines", {"rev.pos": b"good\n\nfine\n"}),
    "class_folders": loaded("class_folders", {"a.zip": zipped(TEXTS)}, pattern=r"(?P<label>[a-z]+)/.+\.txt"),
    "class_folders in a tar.gz": loaded(
        "class_folders", {"a.tar.gz": tarred(TEXTS)}, pattern=r"(?P<label>[a-z]+)/.+\.txt"
    ),
    "brown": loaded("brown", {"brown.zip": zipped(BROWN)}),
    "cine": loaded("cine", {"cine.tar.xz": tarred(CINE, "w:xz")}),
    "word_lists": loaded("word_lists", {"w.whl": zipped(WORDS)}, pattern=r"large_(?P<label>es)\.msgpack\.gz", words=2),
    "tfds_texts": loaded("tfds_texts", {"train.parquet": parquet(**TFDS)}, column="text", splits=["train"]),
    "tfds_images": loaded("tfds_images", {"train.parquet": parquet(**PIXELS)}, column="image", splits=["train"]),
    "tfds_photos": loaded("tfds_photos", {"t.parquet": parquet(**PIXELS)}, column="image", splits=["train"], side=8),
    "idx": loaded("idx", MNIST),
    "idx, not packed": loaded("idx", MNIST, damaged="c"),
    "cifar_binary": loaded("cifar_binary", {"a": bytes(3073 * 2), "b": bytes(3073)}, test="b"),
    "digit_table": loaded("digit_table", {"d.whl": zipped({"digits.csv.gz": DIGITS})}, member="digits.csv.gz"),
    "photo_folders": loaded("photo_folders", {"p.zip": zipped({"rose/1.jpg": jpeg()})}, pattern=PHOTO, side=8),
}
