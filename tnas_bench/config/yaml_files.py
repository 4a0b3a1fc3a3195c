"""YAML files, strictly: the core schema of YAML 1.2, plain data alone, and nothing said twice.

By YAML 1.1, which PyYAML reads, 1e-4 is text, 010 is eight, 1:30 is ninety and no is false. Tags that make objects are
refused by the safe loader that this one is; aliases are not, but nothing is merged, so that no file grows when read.
"""

import re
from pathlib import Path

import yaml

from tnas_bench.config.mistakes import one_line
from tnas_bench.errors import UserError

MOST_BYTES = 2**20  # thirty times what a scale of all tasks has
CORE = {  # first characters, and what it looks like
    "null": ("~nN\0", r"~|null|Null|NULL|"),
    "bool": ("tTfF", r"true|True|TRUE|false|False|FALSE"),
    "int": ("-+0123456789", r"[-+]?(?:0|[1-9][0-9]*)"),
    "float": ("-+.0123456789", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan"),
}


class StrictLoader(yaml.SafeLoader):
    """Reads plain data as YAML 1.2 has it."""

    yaml_implicit_resolvers = {}  # of its own, not those of YAML 1.1  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """A mapping, whose keys are texts, each there once."""
        keys = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise yaml.constructor.ConstructorError(None, None, "a key that is not a word", key.start_mark)
            if key.value in keys:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} twice", key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep)


for kind, (first, pattern) in CORE.items():
    StrictLoader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{pattern})$"), [*first])


def read_yaml(path: Path) -> dict:
    """A YAML mapping; a missing or malformed file is the user's mistake."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give an existing file") from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{path}: more than {MOST_BYTES:,} bytes; give the file of a scale")
    try:
        found = yaml.load(content.decode("utf-8-sig"), StrictLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # no UTF-8; a number of too many digits; brackets
        raise UserError(f"{path}: not YAML ({one_line(' '.join(str(error).split()))[:300]}); mend the file") from None
    if not isinstance(found, dict):
        raise UserError(f"{path}: expected keys and values; see workflow/config/smoke.yaml for an example")
    return found
