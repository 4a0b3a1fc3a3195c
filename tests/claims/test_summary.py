"""The table of README: as the sealed results that are committed make it, and of each exhibit what says most."""

import shutil
import subprocess

from pandas import DataFrame, read_csv
from typer.testing import CliRunner

from tnas_bench.claims import claims, summary
from tnas_bench.cli import app
from tnas_bench.config import ROOT
from tnas_bench.exhibits import EXHIBITS

NOTHING = {"test": "", "unit": "seeds", "units": 0, "estimate": float("nan"), "p": float("nan")}
FACT = {"verdict": "reproduced", "test": "TOST", "units": 3, "estimate": 11.174, "p": 0.0, "against": 1.0}
SEEDS = {"verdict": "reproduced", "test": "t-test", "units": 3, "estimate": -0.5, "p": 0.001, "against": 0.999}
TASKS = {
    "verdict": "reproduced",
    "test": "exact binomial",
    "unit": "tasks",
    "units": 13,
    "estimate": 11 / 13,
    "p": 0.02,
}
REVERSED = {"verdict": "not reproduced", "test": "t-test", "units": 3, "estimate": 2.0, "p": 0.9996, "against": 0.0004}
SIZE = {"verdict": "direction only", "test": "bootstrap", "units": 3, "estimate": 1.76, "p": 0.9, "against": 0.1}


def committed(folder):
    """What is sealed at scale lab in this checkout, without what was computed here since."""
    listed = subprocess.run(["git", "ls-files", "-z", "results/lab"], cwd=ROOT, capture_output=True, text=True)
    found = [ROOT / name for name in listed.stdout.split("\0") if name]
    for file in found or [*ROOT.glob("results/lab/**/*.parquet"), *ROOT.glob("results/lab/**/runcard.json")]:
        if file.exists():
            copy = folder / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(file)


def test_the_table_of_readme_is_not_older_than_the_results(tmp_path, monkeypatch):
    committed(tmp_path)
    shutil.copy(ROOT / "README.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["claims", "--scale", "lab", "--into", "README.md"])
    assert done.exit_code == 0, done.exception
    mend = "run: tnas-bench claims --scale lab --into README.md"
    assert (tmp_path / "README.md").read_text("utf-8") == (ROOT / "README.md").read_text("utf-8"), mend
    told, made = (read_csv(folder / "reports/lab/claims.csv")[["id", "verdict"]] for folder in (ROOT, tmp_path))
    assert told.equals(made), f"reports/lab/claims.csv is older than the results; {mend}"


def test_headlines_are_claims_as_they_were_judged():
    judged = [
        vars(claim) | NOTHING | {"reason": "", "low": 0.0, "high": 1.0, "verdict": "not run"} for claim in claims()
    ]
    (wins,) = [row for row in judged if row["id"] == "tnaml-table1-wins"]
    wins |= TASKS | {"low": 0.5, "high": 0.95}
    (faster,) = [row for row in judged if row["id"] == "ldnas-table1-faster-than-enas"]
    faster |= {"estimate": 0.001, "low": 0.0005, "high": 0.0015}  # days
    told = list(summary.headlines(DataFrame([{"runs": ""} | row for row in judged])))
    assert len(told) == len(summary.HEADLINES)
    expected = ("tnaml", wins["statement"], "10/13", "11/13", "50% to 95%", "share of tasks", "reproduced")
    assert [row for row in told if row[1] == wins["statement"]] == [expected]
    (seconds,) = [row[3:6] for row in told if row[1] == faster["statement"]]
    assert seconds == ("86.4", "43.2 to 130", "seconds of a device")


def rows(**found):
    """The rows of a ledger by exhibit; ``found``: of one claim of each kind of T-NAML's Table 1, what is judged."""
    judged, of_table = [], dict(found)
    for claim in claims():
        facts = of_table.pop(claim.kind, {}) if claim.exhibit == "tnaml_table1" else {}
        verdict = claim.kind if claim.kind == "no published value" else "not run"
        judged.append(vars(claim) | NOTHING | {"verdict": verdict, "against": float("nan")} | facts)
    assert not of_table
    return {row[2].split()[1]: row for row in summary.rows(DataFrame(judged), "mine.yaml")}


def strongest(**found):
    return rows(**found)["tnaml_table1"][-1]


def test_each_exhibit_has_a_row_with_its_command():
    found = rows()
    assert list(found) == list(EXHIBITS)
    command = "`snakemake ldnas_table2 --cores 2 --config scale=mine.yaml`"
    assert found["ldnas_table2"] == ("ldnas", "Table 2", command, "34 not run", "")
    assert found["table_searches"][3:] == ("no published value", "")


def test_verdicts_are_counted_the_best_first():
    found = rows(value=FACT, order=REVERSED, ratio=SIZE, trend=SEEDS)["tnaml_table1"]
    assert found[3] == "2 reproduced, 1 direction only, 1 not reproduced, 95 not run"


def test_what_says_most_is_of_tasks_then_an_order_and_then_a_value():
    assert strongest(value=FACT).endswith("trials: reproduced (ours: 11.2, TOST over 3 seeds, p < 0.0001)")
    assert strongest(value=FACT, trend=SEEDS).endswith("reproduced (difference: −0.5, t-test over 3 seeds, p = 0.001)")
    told = strongest(value=FACT, trend=SEEDS, count=TASKS)
    assert told.endswith("reproduced (11 of 13, exact binomial over 13 tasks, p = 0.02)")
    order = SEEDS | {"test": "Wilcoxon", "unit": "tasks", "units": 13, "p": 0.03}
    assert strongest(count=TASKS, order=order).endswith("(difference: −0.5, Wilcoxon over 13 tasks, p = 0.03)")


def test_a_reverse_that_is_surer_says_more_and_a_direction_less():
    told = strongest(trend=SEEDS, order=REVERSED, ratio=SIZE)
    assert told.endswith("not reproduced (difference: 2, t-test over 3 seeds, p = 0.0004)")
    assert strongest(value=FACT | {"test": "exact", "unit": "setups"}).endswith("reproduced (ours: 11.2)")
    assert strongest(ratio=SIZE).endswith("direction only (ratio: 1.76, bootstrap over 3 seeds)")
