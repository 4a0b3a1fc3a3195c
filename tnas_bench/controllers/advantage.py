"""Advantages: rewards of one task, normalised so that tasks of any difficulty teach one controller."""

import math
from dataclasses import dataclass


@dataclass
class Baseline:
    """Running mean b and variance sigma2 of the rewards of one task (Transfer Learning with Neural AutoML, section 3).

    With w = ``decay`` (alpha in the paper), trial by trial::

        b      <- (1 - w) b + w R
        sigma2 <- (1 - w) sigma2 + w (R - b)^2        (with the b just updated)
        A'     =  (R - b) / sigma

    The paper gives no initial values and does not say whether A' uses the averages before or after the trial's own
    update. We use those after it, and start from plain means: trial k weighs max(alpha, 1/k). A fixed initial variance
    would hold the advantages of the first few hundred trials far too small, and hurt the single-task controller alone.
    """

    decay: float
    deviation_floor: float
    trials: int = 0
    mean: float = 0.0
    variance: float = 0.0

    def advantage(self, reward: float) -> float:
        """Take the next reward into the averages and return its advantage; that of the first trial is 0."""
        self.trials += 1
        weight = max(self.decay, 1 / self.trials)
        self.mean += weight * (reward - self.mean)
        self.variance += weight * ((reward - self.mean) ** 2 - self.variance)
        return (reward - self.mean) / max(math.sqrt(self.variance), self.deviation_floor)
