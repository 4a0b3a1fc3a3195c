"""What tests of cells share."""

import pytest
import torch

from tnas_bench.device import generator


@pytest.fixture
def inputs():
    """Three images of noise, in double precision: shape (3, 3, 32, 32)."""
    return torch.randn((3, 3, 32, 32), generator=generator("test", "cells"), dtype=torch.float64)
