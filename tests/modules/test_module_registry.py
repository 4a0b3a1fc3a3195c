import pytest

from tnas_bench.errors import UserError
from tnas_bench.modules import registry
from tnas_bench.modules.builders import BUILDERS

HUB = ("nnlm-en-dim50", "nnlm-en-dim128", "Wiki-words-250", "Wiki-words-500", "nnlm-es-dim50", "nnlm-es-dim128")
PAPER = {*HUB, "random-nnlm-en-dim50", "random-nnlm-en-dim128"}  # six English and two Spanish modules
OURS = {"glove-50d", "generated-dim16", *(f"ppmi-en-dim{size}" for size in (50, 128, 250))}
OURS |= {"ppmi-es-dim50", "ppmi-es-dim128", "use-multilingual"}
HEADER = "name\tbuilder\tpackage\tsha256\thandle\tdimension\tbuckets\tlanguage\tlowercase\tpunctuation"
HEADER += "\ttrained\tstand_in\tnote"
GOOD = "small\trandom\t\t\t\t4\t8\ten\tyes\tkeep\tno\tyes\ta note"


def test_the_papers_modules_and_ours():
    rows = registry.rows()
    assert set(rows) == PAPER | OURS | {f"{name}-with-normalization" for name in HUB}
    assert all(rows[name].stand_in for name in OURS) and not any(rows[name].stand_in for name in HUB)
    assert sum(rows[name].language == "es" for name in PAPER) == 2
    assert not any(row.trained for row in rows.values() if row.builder == "random")


def test_every_row_that_builds_has_what_its_builder_needs():
    for row in registry.rows().values():
        assert row.builder in BUILDERS
        assert row.builder in ("hub", "encoder") or (row.buckets and row.normalisation)
        assert row.builder != "hub" or row.handle == f"https://tfhub.dev/google/{row.name}/2"
        assert row.builder != "glove" or (row.package and len(row.sha256) == 64)
        assert row.builder != "encoder" or row.package.count("==") == 1


def test_unknown_module_names_the_known():
    with pytest.raises(UserError, match=r"unknown module 'glove-51d'.*glove-50d"):
        registry.row("glove-51d")


def test_a_row_is_typed(tmp_path):
    table = tmp_path / "modules.tsv"
    table.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    row = registry.rows(table)["small"]
    assert (row.dimension, row.buckets, row.lowercase, row.trained, row.package) == (4, 8, True, False, None)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (GOOD.replace("\t4\t", "\tfour\t"), "dimension"),
        (GOOD.replace("keep", "sometimes"), "punctuation"),
        (GOOD.replace("random", "word2vec"), "builder"),
        (GOOD.replace("\ta note", ""), "note"),
        (GOOD + "\tmore", "surplus"),
    ],
)
def test_a_malformed_row_is_named(tmp_path, line, column):
    table = tmp_path / "modules.tsv"
    table.write_text(f"{HEADER}\n{GOOD}\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError, match=rf"modules.tsv, line 3: {column}: "):
        registry.rows(table)
