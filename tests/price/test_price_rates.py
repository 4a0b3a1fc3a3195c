"""Rates: recovered from planted costs, kept while they hold, and measured once for real."""

import json
from collections import Counter

import pytest

from tnas_bench.price import rates
from tnas_bench.price.networks import cells
from tnas_bench.price.rates import Measurement, measured
from tnas_bench.price.sizes import Size
from tnas_bench.price.texts import FEW, MORE, Timed, loading, of_children, proposals, shortened
from tnas_bench.spaces.tnaml import text_space


def timed(module, tuned, children, step, row, load):
    """A group whose every step of a child costs ``step``, ..., on 10 evaluated rows of 40."""
    few, more = children * FEW, children * MORE
    rest = children * 10 * row
    return Timed(
        module, tuned, children, (few, more), 40 * load + few * step + rest, few * step + rest, more * step + rest
    )


def test_planted_costs_are_found():
    rows = Size(30, 5, 5, 2, 80, None)
    groups = [timed("one", True, 1, 0.5, 0.25, 0.125), timed("two", False, 8, 2.0, 0.5, 0.25)]
    groups += [timed("two", True, 2, 0.5, 0.25, 9.0)]  # its module was loaded before
    assert of_children(groups, rows) | loading(groups, rows) == pytest.approx(
        {
            "fine-tuned step": 0.5,
            "fine-tuned row": 0.25,
            "frozen step": 2.0,
            "frozen row": 0.5,
            "loaded row": (0.125 + 0.25) / 2,
        }
    )


def test_shortened_children_keep_their_shares():
    steps = [child["training_steps"] for child in shortened([{"training_steps": n} for n in (100, 200, 600)], 30)]
    assert steps == [10, 20, 60]


def test_proposals_have_every_choice_about_as_often():
    space = text_space(["one", "two", "three"], [10, 20, 30])
    children = proposals(space)
    assert {(child["module"], child["fine_tune"]) for child in children[:6]} == {
        (module, tuned) for module in ("one", "two", "three") for tuned in (True, False)
    }
    for decision in space.decisions:
        counts = [sum(child[decision.name] == choice for child in children) for choice in decision.choices]
        assert max(counts) - min(counts) <= 1, decision.name


@pytest.fixture
def counted(tmp_path):
    """Asks for a rate by its inputs; how often it was measured, and the file."""
    calls = []

    def ask(inputs, again=False):
        measurement = Measurement("work", inputs, lambda: calls.append(inputs) or {"step": float(len(calls))})
        return measured([measurement], tmp_path / "price" / "rates.json", lambda done: None, again)["work"]["step"]

    return ask, calls, tmp_path / "price" / "rates.json"


def test_rates_are_kept_until_an_input_differs_or_they_are_wanted_anew(counted):
    ask, _, _ = counted
    assert [ask((1, "a")), ask([1, "a"])] == [1, 1]  # JSON knows no tuples
    assert ask([2, "a"]) == 2
    assert ask([2, "a"], again=True) == 3


def test_rates_of_another_machine_or_a_broken_file_are_measured_again(counted, monkeypatch):
    ask, calls, file = counted
    ask([])
    monkeypatch.setattr(rates.platform, "node", lambda: "elsewhere")
    assert ask([]) == 2
    assert json.loads(file.read_text())["machine"]["host"] == "elsewhere"
    file.write_text("{")
    assert ask([]) == 3 and len(calls) == 3


def test_cells_have_operations_by_their_weights():
    dealt = Counter(operation for cell in cells({"none": 1, "skip_connect": 3}) for operation in cell.operations)
    assert dealt == {"none": 12, "skip_connect": 36}  # of eight cells of six
