"""Figure 3: curves and preferred choices by hand, the axes as matplotlib drew them."""

import numpy as np
import pandas as pd
import pytest

from tnas_bench.errors import UserError
from tnas_bench.exhibits.tnaml_fig3 import EXHIBIT, build, draw


def study(accuracy, activations=("relu",), variant="tnaml", seed=0, task="task7"):
    """Trials of these activations, repeated, all with one accuracy but for the first, which has none."""
    accuracies = np.append(0.0, np.full(9, accuracy))
    facts = {"paper": "tnaml", "experiment": "image_transfer", "variant": variant, "task": task, "seed": seed}
    marks = {"title": "Kinds", "grade": "exact", "stand_ins": "", "pretrained_on": "MNIST"}
    frame = pd.DataFrame({"trial": range(10), "validation": accuracies, "test": accuracies})
    chosen = {"activation": [activations[trial % len(activations)] for trial in range(10)]}
    return frame.assign(**facts, **marks, **chosen, module="small", fine_tune=False, dropout=0.3)


@pytest.fixture
def frame(scale):
    studies = [study(0.9, ["relu", "swish"]), study(0.7, seed=1), study(0.8, variant="naml")]
    return build(pd.concat(studies), scale)


def test_curves_and_ends_by_hand(frame):
    curve = frame[(frame["part"] == "curve") & (frame["variant"] == "tnaml")]
    np.testing.assert_allclose(curve["mean"], [0] + [0.8] * 9)
    np.testing.assert_allclose(curve["high"] - curve["low"], [0] + [0.2] * 9)
    (end,) = frame[(frame["part"] == "accuracy") & (frame["variant"] == "tnaml")].to_dict("records")
    assert (end["mean"], end["low"], end["high"]) == (pytest.approx(0.8), 0, 1)  # 0.8 +- 12.7 * 0.1, cut
    assert end["published"] == 96.5 and end["trial"] == 10


def test_preferred_choices_by_hand(frame):
    """Relu has half of one seed's trials and all of the other's."""
    _, chosen = EXHIBIT.tables(frame).values()
    rows = chosen.set_index(("Decision", ""))["T-NAML"]
    assert rows.loc["activation"].tolist() == ["relu (75)", "relu, preferred over swish"]
    assert rows.loc["fine-tune the module"].tolist() == ["no (100)", "yes"]
    assert rows.loc["dropout rate"].tolist() == ["0.3 (100)", "0.3"]
    assert set(chosen["RS", "ours"]) == {"–"}


def test_what_no_method_varies_is_no_preference(frame, scale):
    """One module, one dropout rate, nothing fine-tuned; activations differ, and so do modules once another is met."""
    (alike,) = [note for note in EXHIBIT.notes(frame) if "alike" in note]
    assert alike.endswith(": dropout rate, fine-tune the module, embedding module.")
    other = pd.concat([study(0.9), study(0.9, variant="random_search").assign(module="large")])
    (alike,) = [note for note in EXHIBIT.notes(build(other, scale)) if "alike" in note]
    assert "embedding module" not in alike


def test_choices_that_tie_are_all_named(scale):
    _, chosen = EXHIBIT.tables(build(study(0.9, ["tanh", "relu"]), scale)).values()
    assert chosen["T-NAML", "ours"].iloc[2] == "relu, tanh (50)"


def test_only_the_last_trials_count(scale):
    long = pd.concat([study(0.9), *(study(0.9, ["swish"]) for _ in range(3))], ignore_index=True)
    images = scale.images.model_copy(update={"trials": scale.images.trials.model_copy(update={"transfer": 40})})
    frame = build(long.assign(trial=range(40)), scale.model_copy(update={"images": images}))
    assert frame[frame["decision"] == "activation"]["choice"].tolist() == ["swish"]


@pytest.mark.parametrize(
    "lowest, highest, bottom, top", [(0.7, 0.95, 0.6, 1), (0.7, 0.88, 0.6, 0.9), (0.42, 0.48, 0.4, 0.5), (0, 0, 0, 0.1)]
)
def test_the_axis_begins_where_the_paper_s_does_or_lower(scale, lowest, highest, bottom, top):
    results = study(highest)
    results["test"] = results["test"].clip(lower=lowest)
    (axes,) = draw(build(results, scale)).axes
    assert axes.get_xlim() == (0, 10) and axes.get_ylim() == pytest.approx((bottom, top))


def test_an_image_task_that_is_not_the_paper_s(scale):
    frame = build(study(0.9, task="flowers"), scale)
    assert frame["published"].isna().all() and "Kinds stands in its place" in " ".join(EXHIBIT.notes(frame))
    accuracies, chosen = EXHIBIT.tables(frame).values()
    assert accuracies["T-NAML"].iloc[0].tolist() == ["90.0", "–"] and set(chosen["T-NAML", "paper"]) == {"–"}


def test_no_image_studies(two_seeds, scale):
    with pytest.raises(UserError, match="no study of tnaml/image_transfer"):
        build(two_seeds, scale)
