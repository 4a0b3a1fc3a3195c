"""Values: what the keys of a configuration may be, each kind of number and name under one word.

Strict: a number in quotes or a yes is none of them. Bounded: what no machine could do is refused before it is tried.
"""

import re
from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

T = TypeVar("T")
SHOWN = 60  # characters of a value in a message
LONGEST = 300  # characters of a line of text


class Settings(BaseModel):
    """Immutable, and closed: an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def distinct(values: Sequence[T]) -> Sequence[T]:
    """The same, if none is there twice."""
    if repeated := [value for place, value in enumerate(values) if value in values[:place]]:
        raise ValueError(f"lists {repeated[0]!r} twice; list each once")
    return values


def named(value: str) -> str:
    """The same, if it is a name: part of paths, and of patterns of the workflow."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", value):
        raise ValueError(f"{value[:SHOWN]!r} is no name; take up to 64 letters, digits, points, _ and -")
    return value


def one_line(value: str) -> str:
    """The same, if it can be printed beside a figure."""
    if not (value.isprintable() and 0 < len(value) <= LONGEST):
        raise ValueError(f"{value[:SHOWN]!r} is no line of text; take up to {LONGEST} characters that can be printed")
    return value


def plain(value: object) -> object:
    """The same, if it is a single choice of a decision."""
    if not isinstance(value, bool | int | float | str):
        raise ValueError("should be a name, a number, true or false")
    return value


def _number(kind: type, **bounds: float) -> object:
    return Annotated[kind, Field(strict=True, **bounds)]


Count = _number(int, ge=1, le=10_000_000)  # of what may be many: trials, steps, rows, images
Repeats = _number(int, ge=1, le=100)  # of what is computed so often, each time anew
Few = _number(int, ge=1, le=1000)  # of what is averaged over
Size = _number(int, ge=1, le=4096)  # of a layer
Depth = _number(int, ge=1, le=64)  # how many layers
Times = _number(float, gt=0, le=10_000)  # how many times as much
Rate = _number(float, gt=0, le=10)  # of learning
Start = _number(float, ge=1e-6, le=10)  # of what starts at random, and not at 0
Weight = _number(float, ge=0, le=1e6)
Floor = _number(float, ge=1e-8, le=1e6)  # of what is divided by
Tiny = _number(float, ge=1e-30, le=1e6)  # what float32 still tells from 0
Fraction = _number(float, gt=0, lt=1)
Flag = Annotated[bool, Field(strict=True)]
Name = Annotated[str, AfterValidator(named)]
Line = Annotated[str, AfterValidator(one_line)]
Names = Annotated[tuple[Name, ...], AfterValidator(distinct)]
SomeNames = Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(distinct)]
Counts = Annotated[tuple[Count, ...], Field(min_length=1), AfterValidator(distinct)]
Flags = Annotated[tuple[Flag, ...], Field(min_length=1), AfterValidator(distinct)]
Choices = Annotated[tuple[Annotated[object, AfterValidator(plain)], ...], Field(min_length=1), AfterValidator(distinct)]
