import inspect
import re

import pytest

from tnas_bench.errors import UserError
from tnas_bench.tasks import registry
from tnas_bench.tasks.loaders import LOADERS

PRETRAINING = "airline complaints economic_news news_aggregator political_message primary_emotion sst us_economy"
TRANSFER = (
    "newsgroups20 brown_corpus sms_spam corp_messaging disasters emotion global_warming prog_opinion "
    "customer_reviews mpqa_opinion sentiment_cine sentiment_imdb subj_movie"
)
ROWS = registry.task_rows()
SOURCES = [source for task in {row.dataset: row for row in ROWS}.values() for source in registry.sources(task)]


def test_the_tasks_of_the_paper_in_its_order():
    assert [row.name for row in ROWS if row.role == "pretraining"] == PRETRAINING.split()
    assert [row.name for row in ROWS if row.role == "transfer"] == TRANSFER.split()
    assert [row.name for row in ROWS if row.role == "ldnas"] == [f"task{number}" for number in range(8)]
    assert [row.name for row in ROWS if row.role == "mnms"] == ["spanish_tokens"]
    assert [row.name for row in ROWS if row.role == "images"] == ["flowers"]
    assert len(ROWS) == 31
    assert {row.split for row in ROWS} == {"random", "predefined", "predefined-train-test"}


def test_texts_have_a_language_and_images_have_none():
    others = {"sentiment_cine": "es", "spanish_tokens": "several"}
    expected = {row.name: others.get(row.name, "en" if row.kind == "text" else "") for row in ROWS}
    assert {row.name: row.language for row in ROWS} == expected


def test_published_numbers_are_read():
    assert registry.task_row("airline").published == registry.Published(14640, 3, 104.0, "verified")
    assert registry.task_row("subj_movie").published == registry.Published(10000, 2, None, "memory")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: f"{source.dataset}-{source.form}")
def test_a_source_names_pinned_files_and_a_loader_that_takes_its_options(source):
    inspect.signature(LOADERS[source.loader]).bind({}, **source.options)
    pinned = [bool(re.fullmatch("[0-9a-f]{64}", file.sha256)) for file in source.files]
    assert all(pinned) if source.grade != "unchecked" else not any(pinned)
    assert bool(source.package) == (source.form in {"package", "tfds"})
    assert source.form in {"tfds", "generated"} or source.files
    assert source.grade in {"exact", "repacked"} or source.note


def test_every_task_has_its_publishers_file_first_and_can_be_generated():
    for row in ROWS:
        forms = [source.form for source in registry.sources(row)]
        assert forms[0] == ("package" if row.role == "mnms" else "files") and forms[-1] == "generated"


def test_an_unknown_task_is_told_the_nearest_name_first():
    with pytest.raises(UserError, match="unknown task 'airlines': take one of airline, ") as error:
        registry.task_row("airlines")
    assert all(row.name in str(error.value) for row in ROWS)


def test_a_citation_says_what_is_unknown_and_what_is_only_remembered():
    facts = {"title": "Weather", "venue": "Almanac", "sure": "verified"}
    assert str(registry.Citation("Sun and Rain", "1998", **facts)) == "Sun and Rain (1998). Weather. Almanac."
    facts |= {"title": "unknown", "sure": "memory"}
    unsure = "Sun and Rain (year unknown). title unknown. Almanac. (from memory)"
    assert str(registry.Citation("Sun and Rain", "unknown", **facts)) == unsure


def test_a_task_without_a_citation_and_one_with_an_empty_cell_are_told(weather_task):
    table = weather_task.folder / "citations.tsv"
    whole = table.read_text()
    table.write_text(whole.replace("1998", ""))
    with pytest.raises(UserError, match=r"citations\.tsv: row of weather: year is empty; 'unknown' stands for"):
        registry.task_rows()
    table.write_text(whole.replace("weather\t", "waves\t"))
    with pytest.raises(UserError, match=r"tasks\.tsv: row of weather: 'weather' has no row in citations\.tsv"):
        registry.task_rows()
