"""Crate: what the specification of RO-Crate 1.1 says that a crate must be, read back by the library and by hand."""

import json
import zipfile
from pathlib import Path

import pytest
import rocrate
from rocrate.rocrate import ROCrate
from sealed_made import flip, made

from tnas_bench.config import load_scale
from tnas_bench.crate import export
from tnas_bench.errors import UserError
from tnas_bench.hashes import file_sha256

SCALE = load_scale("tiny")
TEACHER, TAUGHT = "tnaml/pretraining/tnaml/multitask/seed0", "tnaml/transfer/tnaml/sms_spam/seed0"
SPAM = {"title": "SMS Spam", "licence": "CC BY 4.0", "publisher": "UCI", "sha256": {"train": "1" * 64}}
INPUTS = {"tasks": {"sms_spam": SPAM}, "modules": {"glove": {"note": "PDDL", "sha256": {"matrix": "2" * 64}}}}
CONTEXT = json.loads((Path(rocrate.__file__).parent / "data/ro-crate.jsonld").read_text(encoding="utf-8"))["@context"]


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Two studies, of which one taught the other, with what lies beside them; and a table."""
    monkeypatch.chdir(tmp_path)
    for path in (TEACHER, TAUGHT):
        made(Path("results/tiny") / path, [0.5, 0.6], inputs=INPUTS)
    Path("results/tiny", TAUGHT, "journal.jsonl").write_text("not packed")
    Path("reports/tiny/tables").mkdir(parents=True)
    Path("reports/tiny/tables/tnaml_table1.csv").write_text("a,b\n1,2\n")
    return Path("results/tiny")


@pytest.fixture
def graph(results):
    """The entities of a crate, by their identifiers."""
    assert export(SCALE, Path("crate")) == 2
    content = json.loads(Path("crate/ro-crate-metadata.json").read_text(encoding="utf-8"))
    assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
    entities = {entity["@id"]: entity for entity in content["@graph"]}
    assert len(entities) == len(content["@graph"])  # no two entities of one identifier
    return entities


def parts(graph, entity):
    """All data entities below one."""
    listed = entity.get("hasPart", [])
    for part in listed if isinstance(listed, list) else [listed]:
        yield part["@id"]
        yield from parts(graph, graph[part["@id"]])


def test_the_descriptor_and_the_root_are_as_they_must_be(graph):
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert descriptor["@type"] == "CreativeWork" and descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert root["@type"] == "Dataset" and root["name"] and root["description"]
    assert root["datePublished"] == json.loads(Path("results/tiny", TAUGHT, "runcard.json").read_text())["sealed"][:10]
    assert graph[root["license"]["@id"]]["name"] == "MIT License"


def test_every_data_entity_is_there_and_below_the_root(graph):
    data = {key for key, entity in graph.items() if entity["@type"] in ("File", "Dataset")} - {"./"}
    assert data == set(parts(graph, graph["./"]))
    for key in data:
        path = Path("crate", key)
        assert path.is_dir() if graph[key]["@type"] == "Dataset" else path.is_file()
        if path.is_file():
            assert graph[key]["identifier"] == f"sha256:{file_sha256(path)}"
            assert graph[key]["contentSize"] == str(path.stat().st_size) and graph[key]["encodingFormat"]
    files = {str(file.relative_to("crate")) for file in Path("crate").rglob("*") if file.is_file()}
    assert files == {key for key in data if graph[key]["@type"] == "File"} | {"ro-crate-metadata.json"}


def test_every_term_is_in_the_context_and_every_reference_leads_to_an_entity(graph):
    for entity in graph.values():
        assert entity["@type"] in CONTEXT
        assert all(key in CONTEXT for key in entity if not key.startswith("@")), entity
        for value in entity.values():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict) and not each["@id"].startswith("https://w3id.org/ro/crate"):
                    assert each["@id"] in graph


def test_sealed_results_are_packed_and_nothing_that_is_not_sealed(graph):
    for path in (TEACHER, TAUGHT):
        for name in ("trials.parquet", "runcard.json"):
            assert Path("crate/results/tiny", path, name).read_bytes() == Path("results/tiny", path, name).read_bytes()
    assert Path("crate/reports/tiny/tables/tnaml_table1.csv").exists() and Path("crate/LICENSE").exists()
    assert not list(Path("crate").rglob("journal.jsonl"))


def test_data_sets_and_modules_are_named_with_their_licences(graph):
    run = graph[f"results/tiny/{TAUGHT}/"]
    used = [each["@id"] for each in run["isBasedOn"]]
    assert used == ["#tasks-sms_spam", "#modules-glove", f"results/tiny/{TEACHER}/"]
    assert graph["#tasks-sms_spam"]["@type"] == "CreativeWork"  # not packed, so no data entity
    assert graph[graph["#tasks-sms_spam"]["license"]["@id"]]["name"] == "CC BY 4.0"
    assert "publisher's" in graph[graph["#modules-glove"]["license"]["@id"]]["name"]
    assert {each["@id"] for each in graph["./"]["mentions"]} == {"#tasks-sms_spam", "#modules-glove"}


def test_the_library_reads_it_back(graph):
    crate = ROCrate("crate")
    assert crate.name == "Results of tnas_bench at scale tiny" and crate.version == "1.1"
    assert len(crate.data_entities) == sum(entity["@type"] in ("File", "Dataset") for entity in graph.values()) - 1


def test_an_archive_has_the_same_files_and_the_same_bytes_each_time(graph, monkeypatch):
    for name in ("one.zip", "two.zip"):
        export(SCALE, Path(name))
        monkeypatch.setattr("time.time", lambda: 2e9)
    assert Path("one.zip").read_bytes() == Path("two.zip").read_bytes()
    with zipfile.ZipFile("one.zip") as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
        assert names == {str(file.relative_to("crate")) for file in Path("crate").rglob("*") if file.is_file()}


def test_mistakes_are_one_line_and_leave_nothing(results):
    with pytest.raises(UserError, match="results/smoke: nothing is sealed there"):
        export(load_scale("smoke"), Path("crate"))
    with pytest.raises(UserError, match="results: is there already"):
        export(SCALE, Path("results"))
    flip(results / TAUGHT / "trials.parquet")
    with pytest.raises(UserError, match="is not the one of runcard"):
        export(SCALE, Path("crate"))
    assert not Path("crate").exists()
