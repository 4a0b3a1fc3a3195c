"""Dependencies: what ``constraints.txt`` pins, under which licence each is, and whether it is installed as pinned.

Licences are what the packages say of themselves, in the metadata that pip installed.
"""

from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

from packaging.requirements import Requirement

from tnas_bench.config import ROOT

HEADER = ("package", "version", "licence")
NOT_HERE = "not installed where this was written"
LONGEST = 60  # characters; some packages give the whole text of their licence
CLASSIFIER = "License :: "


def pinned() -> dict[str, str]:
    """The versions of ``constraints.txt``, by package."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")
    requirements = [Requirement(line) for line in lines if line.strip()]
    return {requirement.name: str(requirement.specifier).removeprefix("==") for requirement in requirements}


def rows() -> Iterator[tuple[str, str, str]]:
    """Package, version and licence of each."""
    for name, version in pinned().items():
        try:
            yield name, version, licence(metadata(name))
        except PackageNotFoundError:
            yield name, version, NOT_HERE


def licence(facts: PackageMetadata) -> str:
    """The licence that a package names: as an expression (SPDX), in words, or among its classifiers."""
    if expression := facts.get("License-Expression"):
        return expression
    named = (facts.get("License") or "").strip()
    if named and len(named) <= LONGEST and "\n" not in named:
        return named
    classified = [line.removeprefix(CLASSIFIER) for line in facts.get_all("Classifier") or [] if CLASSIFIER in line]
    names = [line.rpartition(" :: ")[2] for line in classified if line != "OSI Approved"]
    return ", ".join(names) or (named.splitlines() or ["not named"])[0][:LONGEST]
