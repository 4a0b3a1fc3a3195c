"""Results are read from where studies lie, and a mistake is named in one line."""

import pandas as pd
import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits.results import load


def seal(folder, place, **columns):
    path = folder / place / "trials.parquet"
    path.parent.mkdir(parents=True)
    trials = {"trial": [0, 1], "round": [0, 0], "task": ["emotion"] * 2, "actions": [[0], [1]], "seed": [11, 12]}
    pd.DataFrame(trials | {"validation": [0.1, 0.2], "test": [0.3, 0.4]} | columns).to_parquet(path)
    return path


def test_study_is_known_by_its_path(tmp_path):
    path = seal(tmp_path, "tnaml/transfer/naml/emotion/seed3")
    results = load(tmp_path, [path], [{"task": "emotion", "grade": "variant"}], [{"name": "m", "stand_in": True}])
    assert results.loc[1].to_dict() == {
        "trial": 1,
        "task": "emotion",
        "validation": 0.2,
        "test": 0.4,
        "paper": "tnaml",
        "experiment": "transfer",
        "variant": "naml",
        "seed": 3,  # of the study; the file's own column holds the children's
        "grade": "variant",
        "stand_ins": "m",
    }


def test_a_task_without_card_is_not_taken_for_exact(tmp_path):
    results = load(tmp_path, [seal(tmp_path, "tnaml/transfer/naml/emotion/seed0")])
    assert set(results["grade"]) == {"unknown"}


@pytest.mark.parametrize("place", ["tnaml/transfer/naml/emotion/3", "naml/emotion/seed3", "a/b/c/d/e/seed3"])
def test_another_layout(tmp_path, place):
    with pytest.raises(UserError, match="not laid out as"):
        load(tmp_path, [seal(tmp_path, place)])


def test_not_a_sealed_study(tmp_path):
    path = seal(tmp_path, "tnaml/transfer/naml/emotion/seed0")
    path.write_bytes(b"PAR1 but not really")
    with pytest.raises(UserError, match=r"trials\.parquet: not the sealed trials of a study") as error:
        load(tmp_path, [path])
    assert "\n" not in str(error.value)


def test_a_missing_column_and_a_missing_file(tmp_path):
    path = tmp_path / "tnaml/transfer/naml/emotion/seed0/trials.parquet"
    with pytest.raises(UserError, match="run that study again"):
        load(tmp_path, [path])
    path.parent.mkdir(parents=True)
    pd.DataFrame({"trial": [0]}).to_parquet(path)
    with pytest.raises(UserError, match="run that study again"):
        load(tmp_path, [path])


def test_no_studies(tmp_path):
    with pytest.raises(UserError, match="run the studies"):
        load(tmp_path, [])
