"""Words of the training data tell a language where fastText has not learnt chat."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding import Hints
from nlu.language import LanguageIdentifier
from nlu.lexicon import OTHER, Lexicon, count_words, words_of

TEXTS = [
    ("hi", "mera order kahan hai"),
    ("hi", "kitne din me aayega"),
    ("it", "dove è il mio ordine"),
    ("id", "berapa lama pengiriman"),
    ("id", "berapa ongkos kirim ke rumah"),
    ("en", "where is my order"),
    ("en", "how many days does delivery take"),
]
LANGUAGES = ["en", "hi", "it", "id"]


def test_a_word_speaks_for_the_languages_that_have_it() -> None:
    evidence = Lexicon(count_words(TEXTS)).evidence("kahan")

    assert max(evidence, key=lambda code: evidence[code]) == "hi"
    assert evidence["it"] == evidence["en"] == evidence["id"] < evidence[OTHER] < evidence["hi"]


def test_a_word_that_languages_share_speaks_for_none_of_them_above_the_other() -> None:
    counts = count_words([("en", "order"), ("hi", "order"), ("it", "ordine")])

    evidence = Lexicon(counts).evidence("order")

    assert evidence["en"] == evidence["hi"] > evidence["it"]


@pytest.mark.parametrize("text", ["", "12345", "👍", "unheard of"])
def test_without_known_words_there_is_no_evidence(text: str) -> None:
    assert Lexicon(count_words(TEXTS)).evidence(text) == {}


def test_placeholders_of_replies_are_no_words() -> None:
    assert words_of("Standard delivery costs {delivery_fee}.") == ["standard", "delivery", "costs"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "language"),
    [("berapa ongkos kirim", "id"), ("order kahan hai mera", "hi"), ("dove è il mio ordine", "it")],
)
def test_a_first_message_in_taught_words_is_recognised(text: str, language: str, language_model: Path) -> None:
    identifier = LanguageIdentifier(language_model, LANGUAGES, Lexicon(count_words(TEXTS)))

    assert identifier.identify(text, Hints()).code == language


@pytest.mark.model
def test_gibberish_does_not_switch_a_conversation(language_model: Path) -> None:
    answered = "en zh-Hans es de fr pt ar hi ja ru tr it ko vi id".split()
    identifier = LanguageIdentifier(language_model, answered)

    assert identifier.identify("asdf qwer zxcv", Hints(spoken={"de": 3})).code == "de"
