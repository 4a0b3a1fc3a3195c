"""The search spaces of Transfer Learning with Neural AutoML: of texts, a wide and a deep tower; of images, one tower.

Of the text space (section 4.1) the paper names the twelve decisions, some of their values and the size (1.1 billion),
not the whole table. The lists below keep every value that it names and follow Houlsby et al. (2019, arXiv 1902.00751,
table 5) elsewhere. Of the image space it names module, fine-tuning, activation and dropout, and their best values.
"""

from collections.abc import Mapping, Sequence

from tnas_bench.errors import UserError
from tnas_bench.spaces import Decision, Space

LEARNING_RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)

# The top value lets the controller switch a tower off. A step of Proximal Adagrad divides a weight of the deep tower by
# 1 + learning rate / sqrt(accumulator) * L2, and moves one of the wide tower towards 0 by the same product with L1. At
# learning rate 1e-4 a top value of 0.1 would leave the tower on, while 1e4 removes it at every learning rate.
REGULARISATIONS = (0.0, 1e-4, 1e-3, 1e-2, 1e4)

DEEP = {
    "fine_tune": (True, False),
    "hidden_layers": (0, 1, 2, 3, 5),
    "hidden_size": (8, 16, 32, 64, 128, 256),
    "activation": ("relu", "relu6", "leaky_relu", "swish", "sigmoid", "tanh"),
    "normalisation": ("none", "batch", "layer"),
    "dropout": (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5),
    "deep_learning_rate": LEARNING_RATES,
    "deep_regularisation": REGULARISATIONS,
}


def text_space(modules: Sequence[str], training_steps: Sequence[int]) -> Space:
    """The twelve decisions in the paper's order, over the given modules and numbers of training steps.

    With eight modules and nine numbers of steps it has 1,102,248,000 configurations.
    """
    wide = {"wide_learning_rate": LEARNING_RATES, "wide_regularisation": REGULARISATIONS}
    return _space(DEEP | wide, modules, training_steps)


def image_space(modules: Sequence[str], fine_tune: Sequence[bool], training_steps: Sequence[int]) -> Space:
    """Ten decisions: those of texts without the wide tower's [choice]."""
    return _space(DEEP | {"fine_tune": fine_tune}, modules, training_steps)


def _space(decisions: Mapping[str, Sequence], modules: Sequence[str], training_steps: Sequence[int]) -> Space:
    choices = {"module": modules, **decisions, "training_steps": training_steps}
    return Space(tuple(_decision(name, values) for name, values in choices.items()))


def _decision(name: str, values: Sequence) -> Decision:
    if not values or len(set(values)) < len(values):
        raise UserError(f"choices of {name} are empty or repeat: {list(values)}; give each once in the scale file")
    return Decision(name, tuple(values))
