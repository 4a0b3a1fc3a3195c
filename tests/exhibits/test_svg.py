"""Pictures as SVG: every named curve tells its values, in its order; numbers are short, and nothing is drawn for it."""

import re

from matplotlib import rc_context
from matplotlib.figure import Figure

from tnas_bench.exhibits import svg


def drawn(path):
    with rc_context(svg.TEXT):
        figure = Figure()
        below, above = figure.subplots(2, 1)
        below.plot([1, 2, 4], [0.51239, float("nan"), 0.75], label="ours <b>")
        below.plot([1, 2], [0, 0])  # without a name
        below.axhline(0.5, label="level")
        above.plot(range(100), range(100), label="many")
        above.plot([0, 10, 500, 20], [0, 10, 1, 20], label="in sight")
        above.set(xlabel="Trials", xlim=(0, 100))
        figure.draw_without_rendering()
        limits = below.get_xlim()
        told = svg.add_dots(figure)
        assert below.get_xlim() == limits
        figure.savefig(path)
        svg.finish(path, told)
    return path.read_text(encoding="utf-8")


def test_every_curve_with_a_name_tells_its_values(tmp_path):
    titles = re.findall(r"<use [^>]*><title>(.*?)</title></use>", drawn(tmp_path / "picture.svg"))
    assert titles[:2] == ["ours &lt;b&gt;: 0.5124 (Trials: 1)", "ours &lt;b&gt;: 0.75 (Trials: 4)"]
    many = [title for title in titles if title.startswith("many")]
    assert [title for title in titles if title.startswith("in sight")] == [
        f"in sight: {number} (Trials: {number})" for number in (0, 10, 20)
    ]
    assert len(many) + 5 == len(titles)
    assert len(many) == svg.POINTS and (many[0], many[-1]) == ("many: 0 (Trials: 0)", "many: 99 (Trials: 99)")


def test_text_is_text_and_numbers_are_short(tmp_path):
    text = drawn(tmp_path / "picture.svg")
    assert ">Trials</text>" in text and not re.search(r' d="[^"]*\d\.\d\d', text)
    shown = re.sub(r"<defs>.*?</defs>", "", text, flags=re.DOTALL)
    assert text.count('fill-opacity="0"') == 3 and "fill-opacity: 0" not in shown
