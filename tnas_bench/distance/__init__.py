"""Distance: how far a base task is from a target task, from the Fisher information of a network of each.

Both Fishers are measured on the target's data. The log-determinant distance of LD-NAS (equations 2 and 3), the form of
the authors' code, and the Frechet distance of the authors' later work on the same Fishers. All are asymmetric or not as
their formulas are, at least 0, and 0 for a task to itself.
"""

from typing import NamedTuple

from tnas_bench.config import FisherSettings


class Variant(NamedTuple):
    """One of the rows of :func:`.forms.distances`."""

    form: str  # "log_det" | "log_det_sizes" | "released" | "frechet"
    normalised: bool
    heads: str
    sigma2: float


RELEASED = Variant("released", normalised=True, heads="zero_padded", sigma2=1e-10)  # as the authors' code has it


def own(protocol: str, settings: FisherSettings) -> Variant:
    """The distance that a protocol goes by: ``paper`` is equation 3 with what the paper leaves open as settings."""
    if protocol == "released":
        return RELEASED
    return Variant("log_det", settings.normalised, settings.heads, settings.sigma2)
