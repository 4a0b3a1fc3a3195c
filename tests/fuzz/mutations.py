"""Strategies: a valid configuration with some things wrong, or perhaps not wrong, with it."""

import copy
import math
from datetime import date

from hypothesis import strategies as st

WORDS = ("", " ", "sms_spam", "task3", "flowers", "spanish_tokens", "generated-dim16", "ppmi-es-dim50", "naml", "no")
ODD = ("../../etc/passwd", "/etc/passwd", "a/b", "x" * 300, "a\nb", "\u202e", "{wildcard}", "$(id)", "é", "-rf", "NULL")
NUMBERS = (0, -1, 1, 2, 3, 7, 29, 30, 50, 1000, 10**6, 10**9, 10**30, 0.0, -0.5, 0.5, 1e-320, 1e-12, 1.5, 1e30)
VALUES = (
    *WORDS,
    *ODD,
    *NUMBERS,
    math.nan,
    math.inf,
    -math.inf,
    None,
    True,
    False,
    [],
    {},
    [[]],
    [1, 1],
    date(2020, 1, 1),
)
UNKNOWN = ("sedes", "seeds", "tasks", "name", "", "0", "by_task", "epochs")


def parts(content, place=()):
    """The places of all that lies in nested dicts and lists."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in pairs:
        yield (*place, key)
        yield from parts(value, (*place, key))


@st.composite
def mutated(draw, content, most=3):
    """A copy of ``content`` with one to ``most`` mutations, most of which change a number a little."""
    content = copy.deepcopy(content)
    for _ in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(("near",) * 5 + ("remove", "replace", "repeat", "misname")))
        places = [place for place in parts(content) if kind != "near" or _is_number(_at(content, place))]
        if places:
            *above, key = draw(st.sampled_from(places))
            _mutate(draw, _at(content, above), key, kind)
    return content


def _at(content, place):
    for key in place:
        content = content[key]
    return content


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mutate(draw, where, key, kind):
    """Change a number a little; remove, replace, repeat or misname one thing."""
    value = where[key]
    if kind == "near":
        where[key] = draw(st.sampled_from([value - 1, value + 1, value * 2, value * 10, value // 2, value / 3]))
    elif kind == "remove":
        del where[key]
    elif kind == "repeat" and isinstance(where, list):
        where.append(value)
    elif kind == "misname" and isinstance(where, dict):
        where[draw(st.sampled_from(UNKNOWN))] = where.pop(key)
    else:
        where[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
