"""A page of made-up results, built once for the tests of what it says and of what a browser shows."""

import ldnas_made
import mnms_made
import pytest
import table_made
import tnaml_made
from report_made import RUNS, judged

from tnas_bench import report
from tnas_bench.claims import shown
from tnas_bench.config import Budgets, Phases, load_scale
from tnas_bench.exhibits import EXHIBITS


@pytest.fixture(scope="session")
def scale():
    trials = Budgets(pretraining=10, transfer=10, fixed=5)
    label = "toy: <script>alert(1)</script> & no claim"
    paper = load_scale("paper")
    images = paper.images.model_copy(update={"trials": Phases(pretraining=10, transfer=10)})
    return table_made.small(paper.model_copy(update={"label": label, "trials": trials, "images": images}))


def read_by(exhibit, scale, images):
    match exhibit.name.split("_")[0]:
        case "tnaml":
            return tnaml_made.read_by(exhibit, scale.transfer_tasks)
        case "mnms":
            return mnms_made.read_by(exhibit)
        case "table":
            return table_made.made(*table_made.TESTS)
    return images


@pytest.fixture(scope="session")
def folder(scale, tmp_path_factory, save):
    folder = tmp_path_factory.mktemp("report")
    images = ldnas_made.everything(("task3", "task6", "task7"), ("task3", "task6"), (0, 1), grade="subset")
    for exhibit in EXHIBITS.values():
        save(exhibit, exhibit.build(read_by(exhibit, scale, images), scale), folder, scale.label)
    shown.save(judged(scale), folder)
    return folder


@pytest.fixture(scope="session")
def page(scale, folder):
    built = report.build(scale, folder, RUNS, {"tnaml_table1": [*RUNS, "not/sealed/seed0"]})
    (folder / "index.html").write_text(built, encoding="utf-8")
    return (folder / "index.html").read_text(encoding="utf-8")
