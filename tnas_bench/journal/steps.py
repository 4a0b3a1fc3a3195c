"""Steps: a computation of numbered steps, journaled like a study, whose state is put away between any two of them.

The journal (``journal.jsonl``) holds a header and one record a step, chained by hashes and free of times; the seconds
of a step go to ``timings.jsonl``, the state to ``checkpoint.pt``. The journal is the truth: where the checkpoint is
older or lost, steps are computed again, and must give the records that are there.
"""

import hashlib
import io
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from tnas_bench.errors import UserError
from tnas_bench.journal import chain, check_header, complete_lines
from tnas_bench.journal.durable import append, on_disk, write_atomic
from tnas_bench.journal.lease import lease
from tnas_bench.journal.sealed import read_card
from tnas_bench.runcard import describe_run

FILE = "steps.parquet"
Observer = Callable[[list[dict]], None]  # is given the records that have just been made


class Work(Protocol):
    """What :func:`run` runs. A record depends on the header alone: never on the moment at which work was resumed."""

    @property
    def header(self) -> dict:
        """All that the records depend on besides code, as JSON values: name, seed, settings, hashes of inputs."""

    @property
    def steps(self) -> int:
        """The budget."""

    def step(self, number: int) -> dict:
        """Compute a step; its record, as JSON values without NaN. Steps come in order, from 0 or a restored state."""

    def state(self) -> dict:
        """What the next step needs, as torch.load(weights_only=True) reads it; empty: nothing but the number."""

    def restore(self, state: dict) -> None:
        """Take up the state that :meth:`state` gave."""
