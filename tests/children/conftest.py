"""Fixtures of the children's tests."""

import pytest
import torch
from children_made import Made


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def made():
    return Made()
