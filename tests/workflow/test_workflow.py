"""The workflow at its tiny scale: planned, run, run in another order, in which nothing may come out otherwise."""

import base64
import hashlib
import html
import json
import os
import random
import re
import shutil
import sys
import time

import pytest
from tiny_made import ROOT, call, left, run, snakemake

from tnas_bench.config import load_scale
from tnas_bench.exhibits import EXHIBITS

PLUGINS = ROOT / "tests" / "workflow" / "plugins"


def jobs(dry_run: str) -> dict[str, int]:
    """Jobs of a dry run, by rule."""
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", dry_run, re.MULTILINE)}


def plan(folder, *arguments):
    done = call(snakemake("-n", *arguments), folder)
    assert done.returncode == 0, done.stderr
    return jobs(done.stdout)


def test_paper_scale_plans_all_tasks_and_modules(tmp_path):
    planned = plan(tmp_path)
    assert (planned["task"], planned["module"], planned["image_module"]) == (8 + 13 + 8 + 1 + 1, 8, 5)
    transfer = 3 * 13 + 3 * 13 + 2 * 13 + 3 * 13 + 3 * 4  # methods, beyond the paper, ablation, again, algorithms
    learnt = 2 + 2 * 8  # all tasks at once, or one at a time
    assert planned["study"] == 5 * (learnt + transfer + (1 + 3) + (1 + 2 + 2)) + 3 * 8  # images, mnms, table
    assert planned["distances"] == 8 * 10 and planned["base_search"] == 8 * 3
    assert planned["search"] == 2 * (12 + 6) * 3
    assert planned["network"] == 8 * 10 + 2 * 2 * 3  # VGG-16 on every task; two others on the targets of the tables


def test_one_exhibit_plans_just_what_it_needs(tmp_path):
    planned = plan(tmp_path, "tnaml_table1", "--config", "scale=lab")
    assert planned["exhibit"] == 1 and "figure" not in planned and "report" not in planned
    assert (planned["module"], planned["module_of_tasks"]) == (3, 5)


def test_a_module_of_tasks_is_made_of_the_training_texts_of_its_scale(tmp_path):
    text = (ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8")
    mine = text.replace("[generated-dim16]", "[ppmi-en-dim50]").replace("max_rows: 200", "max_rows: 600")
    (tmp_path / "mine.yaml").write_text(mine, encoding="utf-8")
    card = "data/modules/mine/ppmi-en-dim50/card.json"
    done = call(snakemake(card, "--cores", "1", "--config", "scale=mine.yaml"), tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    trained = json.loads((tmp_path / card).read_text(encoding="utf-8"))["tasks"]
    assert list(trained) == ["airline", "sst", "sms_spam", "customer_reviews"]
    train = tmp_path / "data/tasks/mine/sst/train.parquet"
    assert trained["sst"] == hashlib.sha256(train.read_bytes()).hexdigest()
    assert plan(tmp_path, card, "--config", "scale=mine.yaml") == {}
    train.with_name("test.parquet").write_bytes(b"other texts")
    assert plan(tmp_path, card, "--config", "scale=mine.yaml") == {}
    train.write_bytes(b"other texts")
    assert plan(tmp_path, card, "--config", "scale=mine.yaml") == {"module_of_tasks": 1, "total": 1}


def test_of_a_frozen_encoder_a_card_is_prepared(tmp_path):
    text = (ROOT / "workflow/config/tiny.yaml").read_text(encoding="utf-8")
    mine = text.replace("[generated-dim16]", "[generated-dim16, use-multilingual]")
    (tmp_path / "mine.yaml").write_text(mine, encoding="utf-8")
    planned = plan(tmp_path, "tnaml_table1", "--config", "scale=mine.yaml")
    assert (planned["module"], planned["encoder"]) == (1, 1)
    card = tmp_path / "data/modules/use-multilingual/card.json"
    card.parent.mkdir(parents=True)
    card.write_text("{}", encoding="utf-8")
    assert "encoder" not in plan(tmp_path, "tnaml_table1", "--config", "scale=mine.yaml")


def test_the_default_profile_is_found_beside_the_snakefile(tmp_path):
    done = call(["snakemake", "-n", "--config", "scale=tiny"], ROOT)
    assert done.returncode == 0 and "profiles/default" in done.stderr


def test_it_ends_with_every_exhibit_and_a_page_that_says_what_it_is(undisturbed):
    reports = undisturbed / "reports/tiny"
    for name in ("tnaml_table1", "tnaml_fig2"):
        for form in ("csv", "md", "tex"):
            assert "tiny: generated texts" in (reports / f"tables/{name}.{form}").read_text(encoding="utf-8")
    assert (reports / "figures/tnaml_fig2.png").read_bytes().startswith(b"\x89PNG")
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert "tiny: generated texts" in page and "SMS Spam" in page and "generated" in page
    assert len(list(undisturbed.rglob("results/tiny/**/trials.parquet"))) == 7
    for name in ("ldnas_fig1", "ldnas_sigma"):
        assert (reports / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "Task 7 †" in (reports / f"tables/{name}.md").read_text(encoding="utf-8")


def test_every_exhibit_is_there_in_every_form(undisturbed):
    exhibits = load_scale("tiny").exhibits
    expected = {f"tables/{name}.{form}" for name in exhibits for form in ("csv", "md", "tex")}
    expected |= {f"figures/{name}.{form}" for name in exhibits for form in ("svg", "png") if EXHIBITS[name].draw}
    reports = undisturbed / "reports/tiny"
    found = {path.relative_to(reports).as_posix(): path.stat().st_size for path in reports.glob("[tf]*/*")}
    assert found.keys() == expected and all(found.values())


def test_the_report_of_snakemake_has_captions_and_pictures(undisturbed, tmp_path):
    done = call(snakemake("--report", tmp_path / "report.html", "--config", "scale=tiny"), undisturbed)
    assert done.returncode == 0, done.stderr[-3000:]
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    results, papers = (
        json.loads(re.search(rf"{name}\">\s*var {name} = (.*);", text)[1]) for name in ("results", "categories")
    )
    exhibits = load_scale("tiny").exhibits
    figures = {f"reports/tiny/figures/{name}.svg": name for name in exhibits if EXHIBITS[name].draw}
    tables = {f"reports/tiny/tables/{name}.csv": name for name in exhibits}
    assert results.keys() == figures.keys() | tables.keys() | {"reports/tiny/index.html"}
    for path, result in results.items():
        assert "no number here says anything about the paper" in html.unescape(result["caption"])
        assert base64.b64decode(result["data_uri"].partition("base64,")[2]) == (undisturbed / path).read_bytes()
        assert "system-message" not in result["caption"]  # what docutils says of markup that it cannot read
    for path, name in (figures | tables).items():
        place, _, paper = EXHIBITS[name].title.partition(". ")
        assert path in str(papers[paper]) and results[path]["labels"]["exhibit"] == place
        assert " ".join(EXHIBITS[name].caption.split()) in " ".join(html.unescape(results[path]["caption"]).split())


def test_a_second_call_has_nothing_to_do(undisturbed):
    assert plan(undisturbed, "--config", "scale=tiny") == {}


def test_what_came_sealed_with_a_checkout_is_not_computed_again(undisturbed, tmp_path):
    """A checkout holds no journals and no weights, and dates its files in any order."""
    check_out(undisturbed, tmp_path)
    wanted = plan(tmp_path, "tnaml_table1", "ldnas_fig1", "--config", "scale=tiny")
    assert wanted == {"tnaml_table1": 1, "ldnas_fig1": 1, "exhibit": 1, "figure": 1, "total": 4}


def test_what_came_sealed_goes_by_the_hashes_of_its_data(undisturbed, tmp_path):
    """Another scale has prepared, later, a module that is the same, and then one that is not."""
    check_out(undisturbed, tmp_path)
    shutil.copytree(undisturbed / "data/modules", tmp_path / "data/modules", copy_function=shutil.copyfile)
    wanted = plan(tmp_path, "tnaml_table1", "--config", "scale=tiny")
    assert wanted == {"tnaml_table1": 1, "exhibit": 1, "total": 2}
    card = next((tmp_path / "data/modules").rglob("card.json"))
    told = json.loads(card.read_text())
    card.write_text(json.dumps({**told, "sha256": {**told["sha256"], "matrix": "0" * 64}}))
    assert plan(tmp_path, "tnaml_table1", "--config", "scale=tiny")["study"] > 0


def check_out(folder, into):
    """Its sealed results alone, dated in any order."""
    files = [*folder.rglob("results/**/*.parquet"), *folder.rglob("results/**/runcard.json")]
    for file in sorted(files, key=lambda file: hashlib.sha256(bytes(file)).digest()):
        copy = into / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def alone(folder):
    """What puts a command into a network of its own, without any interface but a loopback that is down."""
    for command in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if call([*command, "true"], folder).returncode == 0:
            return command
    pytest.skip("a network namespace needs root, or user namespaces")


@pytest.mark.faults
def test_jobs_in_another_order_without_a_network_end_the_same(undisturbed, tmp_path):
    """One job at a time in an order that is drawn, where nothing can be reached; the data were prepared before."""
    seed = str(random.randrange(1000))
    print(f"SHUFFLE_SEED={seed}")  # shown where the test fails, to repeat it
    shutil.copytree(undisturbed / "data", tmp_path / "data")
    interfaces = call([*alone(tmp_path), sys.executable, "-c", "import socket; print(socket.if_nameindex())"], tmp_path)
    assert interfaces.stdout == "[(1, 'lo')]\n"
    environment = {"PYTHONPATH": f"{PLUGINS}:{os.environ.get('PYTHONPATH', '')}", "SHUFFLE_SEED": seed}
    run(tmp_path, "--cores", "1", "--scheduler", "shuffle", before=alone(tmp_path), **environment)
    assert left(tmp_path) == left(undisturbed)


def test_a_seal_of_tomorrow_is_trained_no_more_than_any(undisturbed, tmp_path):
    """What a clock that was ahead has dated looks newer than all that rests on it, until the clock catches up."""
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    teacher = tmp_path / "results/tiny/tnaml/pretraining/tnaml/multitask/seed0"
    tomorrow = time.time() + 86400
    for file in teacher.iterdir():
        os.utime(file, (tomorrow, tomorrow))
    study = "results/tiny/tnaml/transfer/tnaml/sms_spam/seed0"
    before = (tmp_path / study / "timings.jsonl").read_bytes()
    assert "study" not in plan(tmp_path, f"{study}/trials.parquet", "--config", "scale=tiny")  # it goes by hashes, too
    shutil.rmtree(tmp_path / ".snakemake")  # and by times alone where it has none
    run(tmp_path, f"{study}/trials.parquet", "--cores", "1")
    assert (tmp_path / study / "timings.jsonl").read_bytes() == before
    assert left(tmp_path) == left(undisturbed)
