"""The journal: what is written can be trusted, what is damaged is found and named."""

import hashlib
import json

import pyarrow.parquet as pq
import pytest
from study_fakes import make_study, run_echo

from tnas_bench.errors import UserError
from tnas_bench.journal import chain, read_journal
from tnas_bench.journal.sealed import read_sealed

STUDY = make_study(trials=4, round_size=2)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    run_echo(folder, STUDY)
    return (folder / "journal.jsonl").read_bytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    return text


def test_form(content):
    header, *lines = content.decode().splitlines()
    assert header.startswith('{"name":"test/echo","tasks":["spam","news"],"seed":3,"round_size":2,"settings":{')
    assert [list(json.loads(line)) for line in lines] == [
        ["trial", "round", "task", "actions", "seed", "validation", "half", "test", "hash"]
    ] * 4
    assert [json.loads(line)["round"] for line in lines] == [0, 0, 1, 1]


def test_hashes_chain(content):
    previous = ""
    for line in content.decode().splitlines():
        body, _, tail = line.rpartition(',"hash":"')
        previous = hashlib.sha256(f"{previous}{body}}}\n".encode()).hexdigest()
        assert tail == f'{previous}"}}'


def test_reads_back(content, path):
    path.write_bytes(content)
    header, trials, last = read_journal(path)
    assert header == STUDY.header and content.endswith(b"\n" + last)
    assert [trial.validation for trial in trials] == [json.loads(line)["validation"] for line in content.split()[1:]]


@pytest.mark.parametrize("flip", [1, 128])
def test_every_changed_byte_is_found_and_named(content, path, flip):
    for position in range(len(content) - 1):
        changed = bytearray(content)
        changed[position] ^= flip
        path.write_bytes(changed)
        number = content[:position].count(b"\n") + 1
        with pytest.raises(UserError, match=rf"journal\.jsonl: line {number} is damaged"):
            read_journal(path)


def test_every_torn_tail_is_dropped_with_a_warning(content, path):
    ends = [i + 1 for i, byte in enumerate(content) if byte == ord("\n")]
    for length in range(ends[0] + 1, len(content)):
        path.write_bytes(content[:length])
        if length in ends:
            assert len(read_journal(path)[1]) == ends.index(length)
            continue
        whole = sum(end < length for end in ends)
        with pytest.warns(UserWarning, match=rf"journal\.jsonl: dropped line {whole + 1}"):
            assert len(read_journal(path)[1]) == whole - 1


@pytest.mark.parametrize("order", [[0, 2, 3, 4], [0, 1, 3, 2, 4], [0, 1, 1, 2, 3, 4], [1, 2, 3, 4]])
def test_missing_repeated_and_reordered_lines_are_found(content, path, order):
    lines = content.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[i] for i in order))
    first = next(i for i, line in enumerate(order) if i != line) + 1
    with pytest.raises(UserError, match=f"line {first} "):
        read_journal(path)


@pytest.mark.parametrize("text", ["[1]\n", "7\n", "\n", "{}\n", '{"hash":""}\n', '{"hash":NaN}\n', "\u00e9\n"])
def test_foreign_lines_are_refused(text, path):
    path.write_text(text)
    with pytest.raises(UserError, match="line 1 is damaged") as error:
        read_journal(path)
    one_line(error)


def test_an_empty_journal_is_refused_by_readers(path):
    path.touch()
    with pytest.raises(UserError, match="is empty"):
        read_journal(path)


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (make_study(4, 2, space="other"), 'settings.space = "abcd", now "other"'),
        (make_study(4, 2, seed=4), "seed = 3, now 4"),
        (make_study(4, 3), "round_size = 2, now 3"),
        (make_study(4, 2, tasks=("spam",)), 'tasks = ["spam", "news"], now ["spam"]'),
        (make_study(4, 2, controller={"rate": 0.1}), "settings.controller.rate = nothing, now 0.1"),
    ],
)
def test_a_journal_of_another_study_is_refused(content, path, other, difference):
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        run_echo(path.parent, other)
    assert one_line(error).startswith(f"{path}: written with {difference}; ")
    assert path.read_bytes() == content


def of_another_version(trial):
    """As a version would write it that knew no ``half``, and the hour of the day."""
    return {**{key: value for key, value in trial.items() if key != "half"}, "hour": 12}


def test_trials_of_another_version_are_refused(content, path):
    header, *trials = map(json.loads, content.splitlines())
    lines = [{key: value for key, value in line.items() if key != "hash"} for line in (header, *trials)]
    path.write_bytes(b"".join(chain.links(chain.START, [lines[0], *map(of_another_version, lines[1:])])))
    told = r"seed, validation, test, hour in place of .* seed, validation, half, test; run that version, or remove "
    for read in (read_journal, lambda path: run_echo(path.parent, STUDY)):
        with pytest.raises(
            UserError, match=rf"journal\.jsonl: written by another version, whose trials have .*{told}"
        ) as error:
            read(path)
        one_line(error)


def test_a_pending_group_and_a_seal_of_another_version_are_refused(tmp_path):
    run_echo(tmp_path, make_study(trials=2, round_size=2))
    journal = tmp_path / "journal.jsonl"
    first, *trials = journal.read_bytes().splitlines(keepends=True)
    later = [of_another_version({**json.loads(line), "trial": number}) for number, line in enumerate(trials, 2)]
    group = {"trials": [{key: value for key, value in trial.items() if key != "hash"} for trial in later]}
    pending = tmp_path / "pending" / "trial000002.json"
    pending.write_bytes(chain.link(first, {**group, "seconds": [1.0, 1.0]}))
    with pytest.raises(UserError, match=r"trial000002\.json: written by another version") as error:
        run_echo(tmp_path, STUDY)
    one_line(error)
    sealed = pq.read_table(tmp_path / "trials.parquet")
    other = sealed.rename_columns({"half": "third"}).replace_schema_metadata(sealed.schema.metadata)
    pq.write_table(other, tmp_path / "trials.parquet")
    card = json.loads((tmp_path / "runcard.json").read_bytes())
    card["trials_sha256"] = hashlib.sha256((tmp_path / "trials.parquet").read_bytes()).hexdigest()
    (tmp_path / "runcard.json").write_text(json.dumps(card))
    with pytest.raises(UserError, match=r"trials\.parquet: written by another version") as error:
        read_sealed(tmp_path)
    one_line(error)


def test_a_seal_with_its_header_in_arrows_schema_is_read(tmp_path):
    """As those were made that also kept statistics."""
    run_echo(tmp_path, make_study())
    path, (header, trials) = tmp_path / "trials.parquet", read_sealed(tmp_path)
    rows = pq.read_table(path).replace_schema_metadata({"header": json.dumps(header)})
    pq.write_table(rows, path)
    card = json.loads((tmp_path / "runcard.json").read_text())
    card["trials_sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "runcard.json").write_text(json.dumps(card, indent=2))
    assert b"ARROW:schema" in pq.read_metadata(path).metadata
    assert read_sealed(tmp_path) == (header, trials)
