"""Mistakes in a configuration, told in one line: which key, what is wrong with it, and what it may be."""

import difflib
import json
from collections.abc import Mapping
from typing import get_args

from pydantic import BaseModel, ValidationError

SHOWN = 60  # characters of a key or a value
NEAREST = 5  # of the known keys
Loc = tuple[int | str, ...]
WANTED = {  # in place of the words of Python, by pydantic's name of the mistake
    "string_type": "should be a text",
    "int_type": "should be a whole number",
    "float_type": "should be a number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list",
    "too_short": "should be a list of one or more",
    "dict_type": "should be keys and values",
    "model_type": "should be keys and values",
}


def first_mistake(error: ValidationError, model: type[BaseModel]) -> str:
    """What is wrong with which key; an unknown key first, since a misspelt one is also missed."""
    mistakes = error.errors(include_url=False, include_context=False)
    mistake = min(mistakes, key=lambda mistake: mistake["type"] != "extra_forbidden")
    place = ".".join(str(key)[:SHOWN] for key in mistake["loc"])
    return one_line(": ".join(filter(None, [place, _told(mistake, model)])))


def _told(mistake: Mapping, model: type[BaseModel]) -> str:
    match mistake["type"]:
        case "extra_forbidden":
            return f"unknown key; near to it: {', '.join(_nearest(model, mistake['loc']))}"
        case "missing":
            return f"is missing; it is: {_field(model, mistake['loc']).description or 'keys and values'}"
        case "value_error":
            return mistake["msg"].removeprefix("Value error, ")
    wanted = WANTED.get(mistake["type"], mistake["msg"].removeprefix("Input "))
    return f"{wanted}, not {shown(mistake['input'])}"


def shown(value: object) -> str:
    """A value in a few characters, however large it is."""
    if isinstance(value, str):
        return repr(value[:SHOWN])
    return repr(value)[:SHOWN] if isinstance(value, int | float | None) else f"a {type(value).__name__}"


def one_line(text: str) -> str:
    """The text with all that ends a line, or steers a terminal, written out."""
    return "".join(each if each.isprintable() else json.dumps(each).strip('"') for each in text)


def _nearest(model: type[BaseModel], place: Loc) -> list[str]:
    known = list(_model(model, place[:-1]).model_fields)
    return difflib.get_close_matches(str(place[-1]), known, n=NEAREST, cutoff=0)


def _field(model: type[BaseModel], place: Loc):
    return _model(model, place[:-1]).model_fields[place[-1]]


def _model(model: type[BaseModel], place: Loc) -> type[BaseModel]:
    """The model that lies at a place: below a field, or below a key of a field that is a dict of models."""
    for key in place:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[key].annotation
        else:
            model = get_args(model)[-1]
    return model
