"""The forms of the distance, reckoned from two Fishers."""

import math
from collections.abc import Iterator, Sequence
from itertools import product

import torch
from torch import Tensor

from tnas_bench.distance import Variant
from tnas_bench.errors import UserError
from tnas_bench.fisher import Fisher

HEADS = ("zero_padded", "backbone")
HEAD = "1."  # a network is Sequential(backbone, head)


def log_det(base: Tensor, target: Tensor, size: int) -> float:
    """Equation 3: (1/n) |sum over i of log((F_b[i] + sigma^2) / (F_t[i] + sigma^2))|.

    ``base``, ``target``: for each parameter tensor, the sum of log(F + sigma^2); ``size``: n.
    """
    return float((base.sum() - target.sum()).abs() / size)


def log_det_sizes(base: Tensor, base_size: int, target: Tensor, target_size: int) -> float:
    """Equation 2: |log det(F_b + sigma^2 I) / n - log det(F_t + sigma^2 I) / m|, for networks of n and m weights."""
    return float((base.sum() / base_size - target.sum() / target_size).abs())


def released(base: Tensor, target: Tensor, size: int) -> float:
    """The authors' code: as equation 3, but with the absolute value of each parameter tensor. At least as large."""
    return float((base - target).abs().sum() / size)


def frechet(base: Fisher, target: Fisher) -> float:
    """1/2 sum over i of (sqrt F_b[i] - sqrt F_t[i])^2, where an entry that a Fisher lacks is 0."""
    return sum(_frechet(base[name], target[name]) for name in target)


def _frechet(base: Tensor, target: Tensor) -> float:
    common = min(len(base), len(target))
    (base_once, repeats), (target_once, others) = _once(base[:common]), _once(target[:common])
    squares = (base_once.sqrt() - target_once.sqrt()).square()
    return float(min(repeats, others) * _sum(squares) + _total(base[common:]) + _total(target[common:])) / 2


def _once(part: Tensor) -> tuple[Tensor, int]:
    """The rows that a tensor stores, and how often: those of a released Fisher are views of one."""
    return (part, 1) if len(part) == 0 or part.stride(0) else (part[:1], len(part))


def _sum(part: Tensor) -> Tensor:
    return part.sum(dtype=torch.float64)


def _total(part: Tensor) -> Tensor:
    once, repeats = _once(part)
    return repeats * _sum(once)


class Measured:
    """A Fisher, and the sums of its logarithms, each computed once."""

    def __init__(self, fisher: Fisher):
        self.fisher = fisher
        self._totals = {name: float(_total(part)) for name, part in fisher.items()}
        self._log_sums: dict[tuple[float, float], dict[str, Tensor]] = {}

    def names(self, heads: str) -> list[str]:
        """The parameter tensors that a rule for heads keeps."""
        return [name for name in self.fisher if heads != "backbone" or not name.startswith(HEAD)]

    def divisor(self, heads: str, normalised: bool) -> float:
        """What entries are divided by: 1, or the sum of all kept; UserError if that is no number above 0."""
        if not normalised:
            return 1.0
        total = sum(self._totals[name] for name in self.names(heads))
        if not 0 < total < math.inf:
            raise UserError(f"a Fisher information sums to {total}: its network's training failed; train it anew")
        return total

    def entries(self, heads: str, normalised: bool) -> Fisher:
        """The Fisher under one rule for heads, normalised or not."""
        divisor = self.divisor(heads, normalised)
        parts = {name: self.fisher[name] for name in self.names(heads)}
        return {name: (_once(part)[0] / divisor).expand_as(part) for name, part in parts.items()}

    def log_sums(self, heads: str, normalised: bool, sigma2: float) -> Tensor:
        """For each parameter tensor the sum of log(F + sigma^2), float64, on the CPU."""
        divisor = self.divisor(heads, normalised)
        key = divisor, sigma2
        if key not in self._log_sums:  # log(F/d + sigma^2) = log(F + d sigma^2) - log(d)
            self._log_sums[key] = {
                name: _log_sum(part, divisor * sigma2) - part.numel() * math.log(divisor)
                for name, part in self.fisher.items()
            }
        return torch.stack([self._log_sums[key][name] for name in self.names(heads)]).cpu()

    def sizes(self, heads: str) -> Tensor:
        """The number of entries of each parameter tensor, int64, on the CPU."""
        return torch.tensor([self.fisher[name].numel() for name in self.names(heads)])


def _log_sum(part: Tensor, added: float) -> Tensor:
    """The sum of log(part + added), float64."""
    once, repeats = _once(part)
    return repeats * once.to(torch.float64, copy=True).add_(added).log_().sum()


def distances(base: Measured, target: Measured, usual: Variant, sigma2_shown: Sequence[float] = ()) -> list[dict]:
    """All forms of the distance under both rules for heads, normalised or not.

    Rows of ``form``, ``normalised``, ``heads``, ``sigma2`` and ``value``. Where normalisation and heads are the usual
    ones there is a row for each sigma^2 shown, else for the usual one only; the Frechet distance has none: 0.
    """
    rows = []
    for heads, normalised in product(HEADS, (True, False)):
        variant = {"heads": heads, "normalised": normalised}
        shown = sigma2_shown if (heads, normalised) == (usual.heads, usual.normalised) else ()
        for sigma2 in sorted({usual.sigma2, *shown}):
            forms = _log_dets(base, target, heads, normalised, sigma2)
            rows += [{"form": form, **variant, "sigma2": sigma2, "value": value} for form, value in forms]
        if normalised:
            value = frechet(base.entries(heads, True), target.entries(heads, True))
            rows.append({"form": "frechet", **variant, "sigma2": 0.0, "value": value})
    return rows


def _log_dets(
    base: Measured, target: Measured, heads: str, normalised: bool, sigma2: float
) -> Iterator[tuple[str, float]]:
    """Equation 3 and the released form want tensors of equal size: each entry added to the smaller is log(sigma^2)."""
    base_logs, target_logs = (each.log_sums(heads, normalised, sigma2) for each in (base, target))
    base_sizes, target_sizes = base.sizes(heads), target.sizes(heads)
    sizes = torch.maximum(base_sizes, target_sizes)
    padded = (
        base_logs + (sizes - base_sizes) * math.log(sigma2),
        target_logs + (sizes - target_sizes) * math.log(sigma2),
    )
    yield "log_det", log_det(*padded, int(sizes.sum()))
    yield "log_det_sizes", log_det_sizes(base_logs, int(base_sizes.sum()), target_logs, int(target_sizes.sum()))
    yield "released", released(*padded, int(sizes.sum()))
