"""``docs/security.md`` lists what is pinned; and nothing is fetched without a hash, unless that is said."""

from importlib.metadata import metadata
from pathlib import Path

import pytest

from tnas_bench import dependencies
from tnas_bench.modules.image.registry import rows as image_module_rows
from tnas_bench.modules.registry import rows as module_rows
from tnas_bench.tasks import registry

PAGE = (Path(__file__).resolve().parents[1] / "docs/security.md").read_text(encoding="utf-8")


def listed():
    """Version and licence by package, as the page has them."""
    table = PAGE.split("<!-- tnas-bench dependencies -->")[1].split("<!-- end -->")[0]
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "|" in line]
    return {name: (version, licence) for name, version, licence in lines[2:]}


def test_the_page_lists_every_pinned_package_at_its_version_with_a_licence():
    assert {name: version for name, (version, _) in listed().items()} == dependencies.pinned()
    assert all(licence for _, licence in listed().values())


@pytest.mark.parametrize(
    ("name", "licence"), [("numpy", "BSD-3-Clause"), ("pytest", "MIT"), ("requests", "Apache"), ("pillow", "MIT-CMU")]
)
def test_licences_are_those_that_the_packages_name(name, licence):
    assert licence in dependencies.licence(metadata(name)) and licence in listed()[name][1]


def test_data_without_a_known_hash_are_marked():
    sources = [source for task in registry.task_rows() for source in registry.sources(task)]
    unknown = {source.grade for source in sources if any(not file.sha256 for file in source.files)}
    assert unknown == {"unchecked"}


def test_every_archive_that_others_are_taken_from_gives_files_with_a_hash():
    """An archive may be packed anew; what is taken from it is checked, or the data are marked."""
    for task in registry.task_rows():
        marked = {
            file.name for source in registry.sources(task) if source.grade == "unchecked" for file in source.files
        }
        for file in registry.raw_files(task.dataset):
            if file.archive and not file.archive.sha256:
                assert file.sha256 or file.name in marked, file.name


def test_every_wheel_has_a_hash():
    wheels = [row for rows in (module_rows(), image_module_rows()) for row in rows.values() if row.package]
    assert all(row.sha256 for row in wheels if row.builder != "encoder")
    sources = [source for task in registry.task_rows() for source in registry.sources(task)]
    assert all(file.sha256 for source in sources if source.form == "package" for file in source.files)
