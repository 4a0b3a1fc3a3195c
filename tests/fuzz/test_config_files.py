"""No configuration but a sound one is taken: every other is refused in one line that names a key."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from mutations import mutated

from tnas_bench import plan, plan_ldnas
from tnas_bench.checks import checked_scale
from tnas_bench.checks_plan import check_plan
from tnas_bench.config import CONFIG, Scale, first_mistake, read_yaml
from tnas_bench.config.catalogue import Experiments
from tnas_bench.errors import UserError
from tnas_bench.run import planned

SCALES = [read_yaml(CONFIG / f"{name}.yaml") for name in ("tiny", "smoke")]
EXPERIMENTS = read_yaml(CONFIG / "experiments.yaml")
ODDITIES = [
    *(b"\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"? [a]\n: b\n", b"1: 2\n", b"~: 1\n", b"<<: {seeds: 2}\n"),
    *(b"!!python/object/apply:os.system ['false']\n", b"!!binary aGk=\n", b"--- \n", b"&a [*a]", b"*nowhere", b"#"),
    *(
        b"2001-01-01",
        b"0o17",
        b"017",
        b"1:30",
        b"yes",
        b"1e-4",
        b"0x10",
        b".nan",
        b"-.inf",
        b"{",
        b"|\n",
        b"'",
        b"9" * 5000,
    ),
    *("x: \u202e\n".encode(), b"9" * 5000, b"[" * 2000, b"{a: " * 2000),
]
MOST_TOLD = 3000  # characters


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("scales") / "mine.yaml"


def is_told(error):
    """One line that says where, what, and what to do."""
    told = str(error)
    assert told.isprintable() and ":" in told and len(told) < MOST_TOLD, told
    return told


def try_scale(file):
    """The scale, all of whose plan can be made; or None, if it is refused in one line."""
    try:
        scale = checked_scale(str(file))
    except UserError as error:
        is_told(error)
        return None
    for study in plan.all_studies(scale):
        job = planned(study)
        assert study.trials >= 1 and study.round_size >= 1 and study.tasks
        assert plan.study_modules(study) and job.scale is scale
    for run in plan_ldnas.all_runs(scale):
        plan_ldnas.inputs(run)
    return scale


@given(st.sampled_from(SCALES).flatmap(mutated))
def test_a_mutated_scale_is_refused_in_one_line_or_all_of_it_is_planned(file, content):
    file.write_text(yaml.dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    try_scale(file)


@given(st.data())
def test_a_damaged_file_of_a_scale_is_refused_in_one_line_or_read(file, data):
    text = (CONFIG / f"{data.draw(st.sampled_from(['tiny', 'smoke']))}.yaml").read_bytes()
    start, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 40))
    new = data.draw(st.sampled_from(ODDITIES) | st.binary(max_size=12))
    file.write_bytes(text[:start] + new + text[start + length :])
    try_scale(file)


@given(mutated(EXPERIMENTS))
def test_mutated_experiments_are_refused_in_one_line_or_all_of_them_are_planned(content):
    from pydantic import ValidationError

    try:
        found = Experiments.model_validate(content)
        check_plan(found)
    except UserError as error:
        is_told(error)
        return
    except ValidationError as error:
        is_told(f"experiments.yaml: {first_mistake(error, Experiments)}")
        return
    with pytest.MonkeyPatch.context() as patch:
        for room in (plan, plan_ldnas):
            patch.setattr(room, "experiments", lambda: found)
        tiny = checked_tiny()
        for study in plan.all_studies(tiny):
            assert study.trials and isinstance(planned(study).name, str)
        plan_ldnas.all_runs(tiny)


def checked_tiny():
    return Scale.model_validate({"name": "mine", **SCALES[0], "exhibits": None})
