"""Calibration for real, as small as it goes: it measures each unit that a bill names, and no other would be missed."""

import pytest

from tnas_bench.config import load_scale
from tnas_bench.device import use_one_thread
from tnas_bench.price import forecast, networks
from tnas_bench.price.calibration import Calibration

MEASURED = [
    "controllers/optuna_tpe",
    "images/random-efficientnet-lite0-side64",
    "networks/vgg16",
    "distances",
    "cells",
    "found cells",
    "darts_first",
]


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """Jobs of the scale smoke, whose networks are small, and what is to be measured for them."""
    use_one_thread()
    jobs = forecast.jobs(load_scale("smoke"))
    measurements = Calibration(load_scale("smoke"), tmp_path_factory.mktemp("scratch")).measurements(jobs)
    return jobs, {each.of: each for each in measurements}


@pytest.mark.parametrize("of", MEASURED)
def test_each_unit_of_a_bill_is_measured(smoke, of, monkeypatch):
    for name, small in {"PASS": 2, "CELLS": 2, "TEST_BATCH": 10}.items():
        monkeypatch.setattr(networks, name, small)
    jobs, measurements = smoke
    rates = measurements[of].measure()
    named = {unit for job in jobs for kind, unit in job.units if kind == of}
    assert named and named <= rates.keys()
    assert all(took >= 0 for took in rates.values()) and any(took > 0 for took in rates.values())


def test_every_kind_of_work_can_be_measured(smoke):
    kinds = {of.partition("/")[0] for of in smoke[1]}
    assert kinds == {of.partition("/")[0] for of in MEASURED} | {"process", "texts", "grid", "darts_second"}
