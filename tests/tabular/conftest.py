import pytest
from tabular_made import grid_studies

from tnas_bench.tabular.gather import gather


@pytest.fixture(scope="session")
def studies(tmp_path_factory):
    """Sealed grid studies of two tasks and two seeds."""
    return grid_studies(tmp_path_factory.mktemp("studies"))


@pytest.fixture(scope="session")
def table(studies):
    return gather(studies, "made up")
