import pytest

from tnas_bench import tasks
from tnas_bench.errors import UserError
from tnas_bench.tasks.prepare import prepare_csv


@pytest.fixture
def run(tmp_path):
    def prepare_text(content, text="tweet", label="mood", **options):
        file = tmp_path / "own.csv"
        file.write_text(content, encoding="utf-8")
        return prepare_csv(file, text, label, tmp_path / "mine", **options)

    return prepare_text


def test_a_table_of_ones_own(run, tmp_path, weather_csv):
    card = run(weather_csv(60))
    assert (card["task"], card["grade"], card["via"], card["differences"]) == ("mine", "own", "file", [])
    assert card["rows"] == {"train": 48, "validation": 6, "test": 6, "total": 60, "dropped": 0}
    assert tasks.load(tmp_path / "mine").classes == ("rainy", "sunny")


def test_a_byte_order_mark_is_no_part_of_the_first_column(run, weather_csv):
    content = "\ufefftweet,mood\n" + "a text,good\nanother,bad\n" * 20
    assert run(content)["rows"]["total"] == 40


def test_a_text_may_be_a_book(run, tmp_path):
    book = "word " * 100_000
    run("tweet,mood\n" + f'"{book}",long\nword,short\n' * 20)
    assert book in tasks.load(tmp_path / "mine").train.inputs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: content + "60,sunny\n", "line 62 is malformed (2 cells where the header has 3)"),
        (lambda content: content.replace("tweet", "text", 1), "has no column 'tweet'; take one of id, mood, text"),
        (lambda content: content.replace("rainy", "sunny"), "the only class is 'sunny'"),
        (
            lambda content: content.replace("tweet", "x").replace("mood", "tweet").replace("x", "mood", 1),
            "different values",
        ),
        (lambda content: content.replace("rainy", "").replace("sunny", ""), "0 rows with a text and a label"),
        (lambda content: "".join(content.splitlines(True)[:30]), "29 rows with a text and a label; give at least 30"),
        (lambda content: "".join(content.splitlines(True)[:1]), "0 rows with a text and a label"),
        (lambda content: content.replace('"day 7,', "day 7,"), "line 9 is malformed (4 cells where the header has 3)"),
        (lambda content: "", "is empty"),
    ],
)
def test_mistakes_are_one_line(run, tmp_path, weather_csv, change, message):
    with pytest.raises(UserError) as error:
        run(change(weather_csv(60)))
    assert message in str(error.value) and str(tmp_path / "own.csv") in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "mine").exists()


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"none\.csv: no such file"):
        prepare_csv(tmp_path / "none.csv", "text", "label", tmp_path / "mine")
