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


@pytest.mark.parametrize("text", ["", " \n\t", "?!."])
def test_text_without_tokens(text):
    assert tokenise(text, lowercase=True, punctuation="space") == []
