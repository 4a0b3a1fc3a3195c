"""Each loader reads a small file of its publisher's format, written by hand."""

import gzip
import io
import tarfile
import zipfile

import msgpack
import pandas as pd
import pytest

from tnas_bench.errors import UserError
from tnas_bench.tasks.loaders import LOADERS, brown, cine, class_folders, class_lines, labelled_lines, table


@pytest.fixture
def files(tmp_path):
    def write(**contents):
        paths = {name.replace("__", "."): tmp_path / name.replace("__", ".") for name in contents}
        for path, content in zip(paths.values(), contents.values(), strict=True):
            path.write_bytes(content)
        return paths

    return write


def archive(kind, members):
    buffer = io.BytesIO()
    if kind is zipfile:
        with zipfile.ZipFile(buffer, "w") as file:
            for name, content in members.items():
                file.writestr(name, content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:xz") as file:
            for name, content in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                file.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def rows(frame, *columns):
    return list(frame[list(columns or ("text", "label"))].itertuples(index=False, name=None))


CROWD = '_unit_id,mood,mood:confidence,text\n1,good,1,"one, ""two"""\n2,bad,0.5,"two\nlines"\n3,,,caf\xe9\n'


def test_table_of_crowdflower(files):
    frame = table(files(crowd__csv=CROWD.encode("latin-1")), "text", "mood", encoding="latin-1")
    assert rows(frame) == [('one, "two"', "good"), ("two\nlines", "bad"), ("caf\xe9", "")]


def test_table_reads_what_pandas_reads(files):
    paths = files(crowd__csv=CROWD.encode())
    theirs = pd.read_csv(paths["crowd.csv"], dtype=str, keep_default_na=False)
    assert rows(table(paths, "text", "mood")) == rows(theirs, "text", "mood")


def test_table_in_a_zip_and_in_a_gzip(files):
    expected = table(files(crowd__csv=CROWD.encode()), "text", "mood")
    zipped = archive(zipfile, {"inside/crowd.csv": CROWD.encode()})
    assert table(files(crowd__zip=zipped), "text", "mood", member="inside/crowd.csv").equals(expected)
    assert table(files(crowd__csv__gz=gzip.compress(CROWD.encode())), "text", "mood").equals(expected)


def test_table_with_tabs_and_quotes_that_mean_nothing(files):
    paths = files(news__tsv=b'TITLE\tCATEGORY\n"Unclosed\tb\nPlain\te\n')
    assert rows(table(paths, "TITLE", "CATEGORY", separator="\t", quoted=False)) == [('"Unclosed', "b"), ("Plain", "e")]


def test_table_keeps_the_rows_that_are_asked_for(files):
    paths = files(two__csv=b"text,label,source\na,0,imdb\nb,1,other\nc,1,imdb\n")
    assert rows(table(paths, "text", "label", where={"source": "imdb"})) == [("a", "0"), ("c", "1")]


def test_lines_with_a_label_first(files):
    paths = files(sms=b"ham\tHi\tthere\nspam\tWIN \xc2\xa3100\n")
    assert rows(labelled_lines(paths, separator="\t")) == [("Hi\tthere", "ham"), ("WIN £100", "spam")]


def test_lines_with_published_splits(files):
    paths = files(trees__train=b"1 good film .\n0 bad\n", trees__test=b"1 fine\n")
    frame = labelled_lines(paths, separator=" ", splits={"trees.train": "train", "trees.test": "test"})
    assert rows(frame, "text", "label", "split") == [
        ("good film .", "1", "train"),
        ("bad", "0", "train"),
        ("fine", "1", "test"),
    ]


def test_one_file_a_class_keeps_blank_lines_and_breaks_at_line_feeds_only(files):
    paths = files(rev__neg=b"bad\n\nworse \x85 still\n", rev__pos=b"good\r\n")
    assert rows(class_lines(paths, encoding="latin-1")) == [
        ("bad", "rev.neg"),
        ("", "rev.neg"),
        ("worse \x85 still", "rev.neg"),
        ("good", "rev.pos"),
    ]


IMDB = {
    "aclImdb/README": b"read me",
    "aclImdb/test/pos/0_10.txt": b"great",
    "aclImdb/train/neg/0_2.txt": "d\xe9j\xe0 vu".encode(),
    "aclImdb/train/unsup/0_0.txt": b"no label",
    "elsewhere/aclImdb/train/neg/0_2.txt": b"not ours",
}


@pytest.mark.parametrize(("suffix", "kind"), [("tar__xz", tarfile), ("zip", zipfile), ("whl", zipfile)])
def test_one_file_an_example(files, tmp_path, suffix, kind):
    paths = files(**{f"imdb__{suffix}": archive(kind, IMDB)})
    frame = class_folders(paths, r"aclImdb/(?P<split>train|test)/(?P<label>pos|neg)/.+\.txt")
    assert rows(frame, "text", "label", "split") == [("great", "pos", "test"), ("d\xe9j\xe0 vu", "neg", "train")]
    assert [path.name for path in tmp_path.iterdir()] == list(paths)  # nothing was extracted


def test_brown_keeps_the_tags(files):
    members = {"brown/README": b"corpus", "brown/ca01": b"\n\tThe/at Jury/nn\n", "brown/cats.txt": b"ca01 news\n\n"}
    assert rows(brown(files(brown__zip=archive(zipfile, members)))) == [("\n\tThe/at Jury/nn\n", "news")]


def test_cine_reads_what_is_not_well_formed(files):
    review = '<review author="A" rank="4" maxRank="5"><summary>x & y</summary>\n<body>Pel\xedcula &amp; m\xe1s\n</body>'
    paths = files(cine__tar__xz=archive(tarfile, {"c/README.md": b"", "c/1.xml": review.encode("latin-1")}))
    assert rows(cine(paths)) == [("Pel\xedcula & m\xe1s\n", "4")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text,label\na,b\nc\n", "line 3 is malformed (1 cells where the header has 2)"),
        (b'text,label\n"two\nlines",b\nc,d,e\n', "line 4 is malformed (3 cells where the header has 2)"),
        (b'text,label\na,b\n"never closed,b\nc,d\n', "line 3 is malformed (unexpected end of data)"),
        (b'text,label\n"closed" early,b\n', "line 2 is malformed"),
        (b"text,label\na,b\ncaf\xe9,d\n", "line 3 is not utf-8-sig text"),
        (b"text,mood\na,b\n", "has no column 'label'; take one of text, mood"),
        (b"text,text\na,b\n", "has the column 'text' twice"),
        (b"", "is empty"),
    ],
)
def test_a_bad_table_is_named_by_its_line(files, content, message):
    with pytest.raises(UserError) as error:
        table(files(bad__csv=content), "text", "label")
    assert message in str(error.value)
    assert str(error.value).startswith("bad.csv: ") and "\n" not in str(error.value)


def test_word_lists_of_wordfreq_by_hand(tmp_path):
    """Most frequent first: so many words of each list, labelled by the language in the file's name."""
    lists = {"es": [["de"], [], ["la", "que"]], "ja": [[], ["の", "に"]]}
    wheel = tmp_path / "wordfreq.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for language, by_frequency in lists.items():
            packed = msgpack.packb([{"format": "cB", "version": 1}, *by_frequency])
            archive.writestr(f"wordfreq/data/large_{language}.msgpack.gz", gzip.compress(packed))
        archive.writestr("wordfreq/data/small_es.msgpack.gz", b"other")
    pattern = r"wordfreq/data/large_(?P<label>es|ja)\.msgpack\.gz"
    rows = LOADERS["word_lists"]({wheel.name: wheel}, pattern=pattern, words=2)
    assert rows.to_numpy().tolist() == [["de", "es"], ["la", "es"], ["の", "ja"], ["に", "ja"]]


def test_a_table_without_header(tmp_path):
    path = tmp_path / "news.csv"
    path.write_text("1\tRates rise\tb\n2\tA film\te\n")
    options = {"text": "TITLE", "label": "CATEGORY", "separator": "\t", "columns": ["ID", "TITLE", "CATEGORY"]}
    rows = LOADERS["table"]({path.name: path}, **options)
    assert rows.to_numpy().tolist() == [["Rates rise", "b"], ["A film", "e"]]
    with pytest.raises(UserError, match=r"news\.csv: line 1 is malformed \(3 cells where the header has 2\)"):
        LOADERS["table"]({path.name: path}, **options | {"columns": ["TITLE", "CATEGORY"]})
