"""Tables 1 and 2 and the control of the reduced space against numbers worked out by hand."""

import pandas as pd
import pytest
from ldnas_made import CELL, distances, everything, network, run, scale, search

from tnas_bench.errors import UserError
from tnas_bench.exhibits import ldnas_control, ldnas_rows, ldnas_tables

SCALE = scale(("task3", "task7"))
TABLE1 = ldnas_tables.TABLE1


def trainings(variant, tests, batch=None, **facts):
    return [
        network("task3", seed, test, batch, variant, "final", 2_000_000, **facts) for seed, test in enumerate(tests)
    ]


@pytest.fixture
def results():
    """LD-NAS under both protocols, VGG-16, and what the reduction asked for."""
    parts = [network("task3", 0, 0.5, 0.75), network("task7", 0, 0.5)]
    parts += [search("fuse-closest-paper", "task3", seconds=8640.0, passes=1_000_000, gpu="A100")]
    parts += [search("fuse-closest-released", "task3", seconds=43200.0, gpu="A100")]
    parts += trainings("fuse-closest-paper", (0.80, 0.90)) + trainings("fuse-closest-released", (0.90, 0.94), 0.98)
    parts += [distances("task3", 0, {"task3": 0.0, "task7": 1.0}, seconds=30.0)]
    parts += [distances("task7", 0, {"task3": 0.0, "task7": 1.0}, seconds=7000.0)]
    parts += [run("base_search", "random_search", task, 0, [{"cell": CELL}], 50.0) for task in ("task3", "task7")]
    return pd.concat(parts, ignore_index=True)


def rows(results, title):
    table = next(table for name, table in TABLE1.tables(TABLE1.build(results, SCALE)).items() if title in name)
    return table.set_index(("Method", ""))


def test_a_row_of_protocol_paper_by_hand(results):
    """80 and 90%: 85 +- sqrt(50); a tenth of a day on a named GPU; beside the paper."""
    row = rows(results, "protocol paper").loc["LD-NAS"]
    assert row.iloc[:4].tolist() == ["85.00 ± 7.07", "99.67", "2.00", "2.28"]
    assert row.iloc[4:].tolist() == ["0.1 A100", "2", "8,640", "27", "our searches"]


def test_budgets_by_hand(results):
    """12,000 images trained on; 400 tested: sqrt(.85 * .15 / 400) = 1.785%, sqrt(.98 * .02 / 400) = 0.7%; two steps."""
    budgets = rows(results, "Budgets")
    found = ["12", "64", "1e-3", "0", "0.400", "1.79", "2,000", "0.500", "0.70", "1.00", "0.500"]
    assert budgets.loc["LD-NAS"].tolist() == found
    assert budgets.loc["VGG-16"].tolist() == ["12", "64", "1e-3", "0", "0.400", "2.50", "–", "–", "2.17", "–", "–"]
    assert set(budgets.loc["ENAS"]) == {"–"}


def test_thousands_are_as_long_as_they_need_to_be():
    assert [ldnas_rows.thousands(value) for value in (12_345.6, 9.87, 0.064, 0.0)] == ["12,346", "9.87", "0.064", "0"]


def test_protocol_released_measures_with_batch_statistics(results):
    released = rows(results, "protocol released")["Test accuracy (%)", "ours"]
    assert released[["VGG-16", "LD-NAS"]].tolist() == ["75.00", "98.00 ± 0.00"]
    assert rows(results, "protocol paper").loc["VGG-16", ("Test accuracy (%)", "ours")] == "50.00"


def test_what_the_released_protocol_bought_by_hand(results):
    """92 - 85 = 7 points, standard error sqrt(50 / 2 + 8 / 2) = 5.385; batch statistics then add 8 and 4 points."""
    bought = rows(results, "bought")
    assert bought.loc["LD-NAS"].tolist() == ["+7.00 ± 10.77", "+6.00 ± 4.00"]
    assert bought.loc["VGG-16"].tolist() == ["–", "+25.00"]


def test_what_was_not_run_is_a_dash(results):
    row = rows(results, "protocol paper").loc["ENAS"]
    assert row["Test accuracy (%)"].tolist() == ["–", "97.77"]
    assert row["Search (days)"].tolist() == ["–", "4"]


def test_every_search_has_a_cell_of_its_own_and_all_of_them_count(results):
    """Searches of a tenth and of three tenths of a day; the second found none of the first's operations."""
    other = ["dil_conv_3x3"] * 6
    more = search("fuse-closest-paper", "task3", seconds=3 * 8640.0, cell=other, seed=1, gpu="A100")
    both = pd.concat([results, more], ignore_index=True)
    cells = rows(both, "Found cells").loc["LD-NAS"]
    edges = cells[cells["Protocol", ""] == "paper"]["Edge"].to_numpy().tolist()
    assert edges == [[name.replace("_", " ") for name in names] for names in (CELL, other)]
    assert rows(both, "protocol paper").loc["LD-NAS", ("Search (days)", "ours, device")] == "0.2 A100"


def test_operations_of_one_protocol_stand_in_its_table_alone(results):
    paper, released = (set(rows(results, f"protocol {name}").index) for name in ("paper", "released"))
    assert paper - released == {"LD-NAS, printed operations"}
    assert released - paper == {"LD-NAS, the code's operations"}


def test_the_reduction_is_counted(results):
    """The base task's search alone, the distances to this target alone, both networks; the device is named."""
    notes = " ".join(TABLE1.notes(TABLE1.build(results, SCALE)))
    assert "(50 device-seconds), the distances (30) and the networks that they are measured with (200)" in notes
    assert "measured on: A100, CPU" in notes


def test_networks_that_are_not_all_given_are_not_summed(results):
    partly = results[(results["experiment"] != "networks") | (results["task"] != "task7")]
    assert "measured with (–)" in " ".join(TABLE1.notes(TABLE1.build(partly, SCALE)))


def test_found_cells_are_listed_edge_by_edge(results):
    cells = rows(results, "Found cells")
    assert cells["Edge"].iloc[0].tolist() == [name.replace("_", " ") for name in CELL]
    assert cells["Base task", ""].unique().tolist() == ["Task 7"]


def test_a_target_that_was_not_run(results):
    with pytest.raises(UserError, match="no run of ldnas/search/<method>/task6"):
        ldnas_tables.TABLE2.build(results, SCALE)


def test_order_of_rows_does_not_matter():
    results = everything(("task3", "task7"), ("task3",))
    shuffled = results.sample(frac=1, random_state=4)
    for exhibit in (TABLE1, ldnas_control.EXHIBIT):
        pd.testing.assert_frame_equal(exhibit.build(shuffled, SCALE), exhibit.build(results, SCALE))


@pytest.fixture
def control(results):
    parts = [results, search("fuse-full-paper", "task3", seconds=100.0), *trainings("fuse-full-paper", (0.80, 0.84))]
    return ldnas_control.build(pd.concat(parts, ignore_index=True), SCALE)


def test_control_by_hand(control):
    """Closest 85, full 82: 3 points, two standard errors 2 * sqrt(50 / 2 + 8 / 2)."""
    table = ldnas_control.tables(control)["Task 3: test accuracy (%) of what was found in each space"]
    assert table["Space", ""].tolist() == ["closest", "farthest", "random", "full"]
    assert table["FUSE", "accuracy"].tolist() == ["85.00 ± 7.07", "–", "–", "82.00 ± 2.83"]
    assert table["FUSE", "closest − this"].tolist() == ["", "–", "–", "+3.00 ± 10.77"]
    assert table["Random search", "accuracy"].tolist() == ["–"] * 4


def test_what_the_reduction_saves_by_hand(control):
    """1,000,000 cells to 27; in seconds 8,640 of the search + 50 + 30 + 200."""
    saved = list(ldnas_control.tables(control).values())[-1].iloc[0]
    assert saved["Cells"].tolist() == ["1,000,000", "27", "37,037"]
    assert saved["Search"].tolist() == ["A100", "100", "8,640"]
    assert saved["What it asks for"].tolist() == ["50", "30", "200"]
    assert saved["All told", "closest"] == "8,920"


def test_each_target_of_the_control_has_its_own_error(control):
    """Of 400 images: sqrt(83.5 * 16.5 / 400), and with means of 98.0 for another target sqrt(98 * 2 / 400)."""
    control.loc[control["measure"] == "test_images", "mean"] = 400
    other = control.assign(task="task6", mean=control["mean"].mask(control["measure"] == "test", 98.0))
    (told,) = [note for note in ldnas_control.notes(pd.concat([control, other])) if "standard error is" in note]
    assert told.endswith("about 1.9 (Task 3) and 0.7 (Task 6) points.")


def test_control_draws_means_and_deviations():
    frame = ldnas_control.build(everything(("task3", "task7"), ("task3",)), SCALE)
    (axes,) = ldnas_control.draw(frame).axes
    fuse = axes.containers[0]
    accuracy = frame[(frame["method"] == "fuse") & (frame["measure"] == "test")].set_index("space")
    assert fuse.lines[0].get_ydata().tolist() == accuracy["mean"].tolist()
    low, high = fuse.lines[1][0].get_ydata(), fuse.lines[1][1].get_ydata()
    assert (high - low) / 2 == pytest.approx(accuracy["deviation"].tolist())
    assert [label.get_text() for label in axes.get_xticklabels()][::3] == ["closest\nTask 7", "full\n"]
