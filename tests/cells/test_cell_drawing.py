"""Pictures of cells, measured with matplotlib's own renderer."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path

from tnas_bench.cells import EDGES, OPERATIONS, Cell
from tnas_bench.cells.drawing import RADIUS, draw_cell

CONNECTIONS = [name for name in OPERATIONS if name != "none"]


def drawn(cell, size=(2.2, 1.5)):
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 0.88))
    draw_cell(axes, cell, "LD-NAS, task 3")
    figure.draw_without_rendering()
    return axes


def boxes(axes):
    """The area of every label, node names included, in pixels."""
    return {text: text.get_window_extent() for text in axes.texts if text.get_text()}


def arrows(axes):
    """The path of every arrow: its curve, then its head, whose tip is the last point but one."""
    paths = [patch.get_path() for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    return [Path(path.vertices[:-1], path.codes[:-1]) for path in paths]  # what closes a path is no point of it


def nodes(axes):
    return [patch for patch in axes.patches if isinstance(patch, Circle)]


@pytest.mark.parametrize("name", CONNECTIONS)
def test_at_the_smallest_size_labels_overlap_neither_each_other_nor_nodes(name):
    axes = drawn(Cell((name,) * 6))
    labels = boxes(axes)
    for one, other in combinations(labels.values(), 2):
        assert not one.overlaps(other)
    for text, box in labels.items():
        for node in nodes(axes):
            assert text.get_text() in ("in", "1", "2", "out") or not box.overlaps(node.get_window_extent())


@pytest.mark.parametrize("name", CONNECTIONS)
def test_at_the_smallest_size_everything_lies_within_the_figure(name):
    axes = drawn(Cell((name,) * 6))
    whole = axes.figure.bbox
    for box in [*boxes(axes).values(), *(patch.get_window_extent() for patch in axes.patches)]:
        assert whole.x0 <= box.x0 and whole.y0 <= box.y0 and box.x1 <= whole.x1 and box.y1 <= whole.y1


def test_no_arrow_runs_through_a_label():
    axes = drawn(Cell(("sep_conv_5x5",) * 6))
    for arrow in arrows(axes):
        pixels = axes.transData.transform_path(arrow)
        for text, box in boxes(axes).items():
            assert not pixels.intersects_bbox(box, filled=False), text.get_text()


def touched(arrow):
    """The nodes whose rim an arrow meets, at either end or on its way; it never enters one."""
    gaps = [np.hypot(*(arrow.vertices - (node, 0)).T).min() - RADIUS for node in range(4)]
    assert min(gaps) > -0.02  # the thickness of a line
    return tuple(node for node, gap in enumerate(gaps) if gap < 0.06)


def test_every_connection_has_an_arrow_from_rim_to_rim():
    axes = drawn(Cell(("max_pool_3x3",) * 6))
    assert [touched(arrow) for arrow in arrows(axes)] == list(EDGES)
    for arrow, (start, end) in zip(arrows(axes), EDGES, strict=True):
        tail, *_, tip, _ = arrow.vertices[:, 0]
        assert abs(tail - start) < abs(tail - end) and abs(tip - end) < abs(tip - start)


def test_an_edge_without_connection_is_left_out():
    axes = drawn(Cell(("skip_connect", "none", "sep_conv_3x3", "none", "none", "conv_7x1_1x7")))
    assert [touched(arrow) for arrow in arrows(axes)] == [(0, 1), (1, 2), (2, 3)]
    labels = [text.get_text() for text in boxes(axes)]
    written = ["skip", "connect", "sep conv", "3 × 3", "conv 7×1", "1×7", "in", "1", "2", "out"]
    assert sorted(labels) == sorted(written)


def test_a_picture_has_four_nodes_and_its_title():
    axes = drawn(Cell(("none",) * 6))
    assert [node.center[0] for node in nodes(axes)] == [0, 1, 2, 3]
    assert not arrows(axes)
    assert axes.get_title(loc="left") == "LD-NAS, task 3"
