import pytest

from tnas_bench.modules.tokens import tokenise

TEXT = "Don't  stop—¡NOW!\n(50% off\u3000$9, x_y)"


@pytest.mark.parametrize(
    ("punctuation", "tokens"),
    [
        ("keep", ["don't", "stop—¡now!", "(50%", "off", "$9,", "x_y)"]),
        ("delete", ["dont", "stopnow", "50", "off", "$9", "xy"]),
        ("space", ["don", "t", "stop", "now", "50", "off", "$9", "x", "y"]),
    ],
)
def test_punctuation_is_unicode_category_p_so_not_the_dollar_sign(punctuation, tokens):
    assert tokenise(TEXT, lowercase=True, punctuation=punctuation) == tokens


def test_case_is_kept_on_request():
    assert tokenise("Éa Éa", lowercase=False, punctuation="keep") == ["Éa", "Éa"]
    assert tokenise("Éa Éa", lowercase=True, punctuation="keep") == ["éa", "éa"]


@pytest.mark.parametrize(
    ("separator", "tokens"),
    [
        ("whitespace", ["a", "b", "c", "d"]),
        ("ascii", ["a", "b\u00a0c", "d"]),
        ("spaces", ["a", "b\u00a0c\td"]),
        ("space", ["", "a", "", "b\u00a0c\td", ""]),
    ],
)
def test_what_separates_tokens(separator, tokens):
    assert tokenise(" a  b\u00a0c\td ", lowercase=False, punctuation="keep", separator=separator) == tokens


def test_a_text_without_tokens_may_have_one_that_is_empty():
    for separator in ("whitespace", "ascii", "spaces", "space"):
        assert tokenise("?", False, "delete", separator, blank=True) == [""]
        assert tokenise("a?", False, "delete", separator, blank=True) == ["a"]
    assert tokenise("", False, "keep", "space") == [""]  # a single space would separate two of them


@pytest.mark.parametrize("text", ["", " \n\t", "?!."])
def test_text_without_tokens(text):
    assert tokenise(text, lowercase=True, punctuation="space") == []
