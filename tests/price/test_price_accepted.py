"""A scale that must be accepted starts only then, and not when it has grown."""

from collections import defaultdict

import pytest

from tnas_bench.config import load_scale
from tnas_bench.errors import UserError
from tnas_bench.price import accepted, forecast


@pytest.fixture
def scale(tmp_path, monkeypatch):
    """The tiny scale, of which a price must be accepted."""
    monkeypatch.chdir(tmp_path)
    return changed(load_scale("tiny"), price={"accept": True})


def changed(scale, **blocks):
    """The scale with other keys in some of its blocks."""
    updates = {name: getattr(scale, name).model_copy(update=block) for name, block in blocks.items()}
    return scale.model_copy(update=updates)


def rates(scale):
    """One second for each unit of all bills."""
    made = defaultdict(dict)
    for job in forecast.jobs(scale):
        for of, unit in job.units:
            made[of][unit] = 1.0
    return made


def test_a_scale_without_the_key_starts_freely(scale):
    accepted.check(load_scale("tiny"), "tiny")


def test_only_what_was_accepted_starts(scale):
    with pytest.raises(UserError, match=r"not accepted yet: run `tnas-bench price --scale mine\.yaml`") as error:
        accepted.check(scale, "mine.yaml")
    assert "\n" not in str(error.value)
    accepted.accept(scale, rates(scale), {"host": "here"})
    accepted.check(scale, "mine.yaml")


def test_a_grown_plan_must_be_accepted_again_but_not_a_smaller_one(scale):
    accepted.accept(scale, rates(scale), {})
    with pytest.raises(UserError, match="and has grown to"):
        accepted.check(changed(scale, trials={"transfer": 40}), "tiny")
    accepted.check(changed(scale, trials={"transfer": 5, "fixed": 5}), "tiny")


def test_new_kinds_of_work_must_be_accepted(scale):
    known = rates(scale)
    accepted.accept(scale, known, {})
    with pytest.raises(UserError, match="work that was not in what was accepted"):
        accepted.check(scale.model_copy(update={"transfer_tasks": ("sms_spam", "subj_movie")}), "tiny")


def test_a_damaged_note_is_told(scale):
    accepted.accept(scale, rates(scale), {}).write_text("{")
    with pytest.raises(UserError, match="damaged"):
        accepted.check(scale, "tiny")
