"""Photos: pictures of any size, made square and equally large when they are read."""

import io
import re
import warnings
from collections.abc import Sequence

import numpy as np
from PIL import Image

from tnas_bench.errors import UserError
from tnas_bench.tasks import tfds
from tnas_bench.tasks.archives import members
from tnas_bench.tasks.image_files import Files, LabelledImages

MOST_PIXELS = 50_000_000  # of a picture, told by its header before anything is decoded; far more than photos here have


def photo_folders(files: Files, pattern: str, side: int) -> LabelledImages:
    """An archive of JPEG files in one folder a class: ``pattern`` finds the class in a member's name."""
    (path,) = files.values()
    found = ((re.fullmatch(pattern, name), name, data) for name, data in members(path))
    photos = [(match["label"], square(picture(name, data), side)) for match, name, data in found if match]
    return _labelled(str(path), photos)


def tfds_photos(files: Files, column: str, splits: Sequence[str], side: int) -> LabelledImages:
    """What :mod:`tnas_bench.tasks.tfds` wrote down of photos; all ``splits`` together, labelled by name."""
    photos = []
    for path in files.values():
        for batch in tfds.read(path).to_batches(64):  # not all at once: they are large as Python objects
            for row in batch.to_pylist():
                with tfds.intact(path):
                    pixels = np.frombuffer(row["input"], np.uint8).reshape(row["shape"])
                    photos.append((row["name"], square(Image.fromarray(pixels), side)))
    return _labelled(", ".join(files), photos)


def picture(name: str, data: bytes) -> Image.Image:
    """A JPEG file, decoded in RGB as it is stored; UserError where it is none, not whole, or absurdly large."""
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            image = Image.open(io.BytesIO(data), formats=["JPEG"])
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        return image.convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UserError(f"{name}: more than {MOST_PIXELS:,} pixels; replace the file that holds it") from None
    except (OSError, SyntaxError, ValueError):  # what Pillow makes of bytes that are cut short or are no JPEG
        raise UserError(f"{name}: not a whole JPEG picture; replace the file that holds it") from None


def square(image: Image.Image, side: int) -> np.ndarray:
    """The middle square of a picture, ``side`` pixels wide, channels first: uint8, shape (3, side, side).

    Whole pixels are cut off before anything is scaled: a picture whose shorter side is right keeps its pixels.
    """
    shorter = min(image.size)
    left, top = (image.width - shorter) // 2, (image.height - shorter) // 2
    middle = image.crop((left, top, left + shorter, top + shorter))
    return np.asarray(middle.resize((side, side), Image.Resampling.LANCZOS)).transpose(2, 0, 1)


def _labelled(place: str, photos: Sequence[tuple[str, np.ndarray]]) -> LabelledImages:
    if not photos:
        raise UserError(f"{place}: holds no picture that belongs to the data set; replace the file")
    labels, pixels = zip(*photos, strict=True)
    return LabelledImages(np.stack(pixels), np.array(labels))
