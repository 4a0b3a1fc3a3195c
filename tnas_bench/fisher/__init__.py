"""Fisher: how much each weight of a network matters to the likelihood of a task's labels (LD-NAS, section 2).

The diagonal of the empirical Fisher information, as the paper defines it (:mod:`tnas_bench.fisher.paper`) and as the
authors' code computes it (:mod:`tnas_bench.fisher.released`). Networks are in eval mode; labels are the true ones.
"""

from torch import Tensor
from torch.nn import functional

Fisher = dict[str, Tensor]  # by parameter name, in the network's order and of the parameters' shapes


def log_loss(logits: Tensor, labels: Tensor, classes: int, reduction: str) -> Tensor:
    """Cross-entropy on a task of so many classes; logits that a network lacks are zeros (the authors' code).

    ``logits``: shape (n, outputs); ``labels``: shape (n,), below ``classes``; ``reduction``: "sum" or "mean". Outputs
    beyond the classes stay: no label names them.
    """
    missing = max(classes - logits.shape[1], 0)
    return functional.cross_entropy(functional.pad(logits, (0, missing)), labels, reduction=reduction)
