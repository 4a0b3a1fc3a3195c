"""Strategies: the bytes of a file with damage."""

import json

from hypothesis import strategies as st
from mutations import mutated

HUGE = [
    b"\xff" * 4,
    b"\x7f" + b"\xff" * 7,
    b"\x00" * 8,
    b"9" * 30,
    b"[" * 3000,
    b"\xc3(",
    b"\r",
    b'"',
    b"\t",
    b"../../x",
]


@st.composite
def damaged(draw, data, others):
    """The bytes cut short, with some of them flipped or overwritten, or exchanged for those of another file."""
    kind = draw(st.sampled_from(["cut", "flip", "overwrite", "insert", "exchange", "restructure"]))
    place = draw(st.integers(0, max(0, len(data) - 1)))
    if kind == "restructure" and (content := _object(data)):
        return json.dumps(draw(mutated(content)), default=str).encode()
    if kind == "cut":
        return data[:place]
    if kind == "exchange":
        return draw(st.sampled_from(others))
    if kind == "flip":
        flipped = bytearray(data)
        for at in draw(st.lists(st.integers(0, max(0, len(data) - 1)), max_size=8)):
            flipped[at : at + 1] = bytes([flipped[at] ^ draw(st.integers(1, 255))]) if data else b""
        return bytes(flipped)
    new = draw(st.sampled_from(HUGE) | st.binary(max_size=16))
    return data[:place] + new + data[place + (len(new) if kind == "overwrite" else 0) :]


def _object(data):
    """The JSON object that the bytes are, if they are one."""
    try:
        content = json.loads(data)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
