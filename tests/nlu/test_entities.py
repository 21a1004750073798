from __future__ import annotations

import time
import unicodedata
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.errors import ConfigurationError
from bot.understanding import Entity
from nlu.entities import EntityFinder
from nlu.entities.grammar import code_of
from nlu.text import comparable, fold

ORDER = {"order": {"pattern": r"(?<!\d)\d{5,8}(?!\d)"}}
SIZES = {"size": {"list": {"L": ["large", "groß", "大"], "S": ["small"], "t-shirt": ["T-Shirts", "tee shirt"]}}}
HARD = {"a": {"pattern": r"(?:a|aa)+$"}, "number": {"pattern": r"\d+"}}


def found(declared: Mapping[str, Mapping[str, Any]], text: str) -> list[tuple[str, str]]:
    """What stands in the text, and its value."""
    return [(text[entity.start : entity.end], entity.value) for entity in EntityFinder(declared).find(text)]


def listed(*values: str) -> dict[str, dict[str, Any]]:
    return {"thing": {"list": {value: [] for value in values}}}


def test_a_pattern_is_found_with_its_offsets() -> None:
    assert EntityFinder(ORDER).find("order 12345, please") == (Entity("order", 6, 11, "12345"),)


@pytest.mark.parametrize("text", ["", " ", "1234", "123456789", "no number"])
def test_what_a_pattern_does_not_match_is_no_entity(text: str) -> None:
    assert EntityFinder(ORDER).find(text) == ()


@pytest.mark.parametrize("digits", ["12345", "１２３４５", "١٢٣٤٥", "۱۲۳۴۵", "१२३४५", "๑๒๓๔๕", "𝟏𝟐𝟑𝟒𝟓"])
def test_the_digits_of_every_script_are_digits(digits: str) -> None:
    assert EntityFinder(ORDER).find(f"№ {digits}!") == (Entity("order", 2, 7, "12345"),)


def test_offsets_count_code_points() -> None:
    text = "😀👩‍👩‍👧 Grüße 12345"

    (entity,) = EntityFinder(ORDER).find(text)

    assert text[entity.start : entity.end] == "12345"


def test_full_width_letters_match_a_pattern() -> None:
    declared = {"code": {"pattern": r"[a-z]-\d+", "ignore_case": True, "normalise": "upper"}}

    assert found(declared, "a-12 und ｂ－３４") == [("a-12", "A-12"), ("ｂ－３４", "B-34")]


def test_case_counts_unless_it_is_ignored() -> None:
    assert found({"code": {"pattern": "AB"}}, "ab AB") == [("AB", "AB")]
    assert found({"code": {"pattern": "AB", "ignore_case": True}}, "ab AB") == [("ab", "ab"), ("AB", "AB")]


@pytest.mark.parametrize(("how", "value"), [("upper", "AB-12 34"), ("lower", "ab-12 34"), ("digits", "1234")])
def test_a_value_is_normalised(how: str, value: str) -> None:
    assert found({"code": {"pattern": r"Ab-\d+ \d+", "normalise": how}}, "Ab-12 34") == [("Ab-12 34", value)]


def test_an_empty_match_is_no_entity() -> None:
    assert found({"number": {"pattern": r"\d*"}}, "ab12") == [("12", "12")]


def test_the_longest_of_overlapping_entities_wins() -> None:
    declared = {"short": {"pattern": "x+"}, "long": {"pattern": "x+y"}}

    assert [(e.entity, e.value) for e in EntityFinder(declared).find("xxy xx")] == [("long", "xxy"), ("short", "xx")]


def test_of_equally_long_entities_the_one_declared_first_wins() -> None:
    assert [e.entity for e in EntityFinder({"b": {"pattern": "xx"}, "a": {"pattern": "xx"}}).find("xx")] == ["b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("size L", ["L"]),
        ("(L)", ["L"]),
        ("'L'", ["L"]),
        ("L, S", ["L", "S"]),
        ("L/S", ["L", "S"]),
        ("LARGE", ["LARGE"]),
        ("ｌａｒｇｅ", ["ｌａｒｇｅ"]),
        ("GROSS", ["GROSS"]),
        ("GROẞ", ["GROẞ"]),
        ("two t-shirts!", ["t-shirts"]),
        ("tee\u3000shirt", ["tee\u3000shirt"]),
    ],
)
def test_a_listed_word_is_found_whatever_its_case_and_width(text: str, words: list[str]) -> None:
    assert [word for word, _ in found(SIZES, text)] == words


@pytest.mark.parametrize("text", ["l'article", "l’article", "L-shaped", "XL", "5L", "_L_", "smaller", "small's"])
def test_a_listed_word_within_another_is_no_entity(text: str) -> None:
    assert found(SIZES, text) == []


@pytest.mark.parametrize("text", ["太大了", "大きい", "请给我大的"])
def test_a_listed_word_stands_right_beside_others_where_there_are_no_spaces(text: str) -> None:
    assert found(SIZES, text) == [("大", "L")]
    assert found(listed("หนังสือ"), "ซื้อหนังสือแล้ว") == [("หนังสือ", "หนังสือ")]


def test_the_longest_listed_word_wins() -> None:
    assert found(listed("東京", "東京都"), "東京都に") == [("東京都", "東京都")]
    assert found(listed("new", "new york"), "new york") == [("new york", "new york")]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_accents_may_be_composed_or_not(form: str, typed: str) -> None:
    text = unicodedata.normalize(typed, "un Café noir")

    assert found(listed(unicodedata.normalize(form, "café")), text) == [
        (unicodedata.normalize(typed, "Café"), unicodedata.normalize(form, "café"))
    ]


@pytest.mark.parametrize("word", ["ﾄﾖﾀ", "½", "m²", "№ 5", "①", "ﬁne", "Straße", "İstanbul", "ΐ"])
def test_a_listed_word_is_found_as_it_is_listed(word: str) -> None:
    assert found(listed(word), f"- {word} -") == [(word, word)]


@pytest.mark.parametrize(
    ("word", "text"),
    [("istanbul", "İSTANBUL"), ("İstanbul", "istanbul"), ("iade", "İADE"), ("ırmak", "IRMAK"), ("k", "\u212a")],
)
def test_turkish_capitals_are_found(word: str, text: str) -> None:
    assert found(listed(word), text) == [(text, word)]


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ({}, "give either a pattern, a list or a type"),
        ({"pattern": "a", "list": {"a": []}}, "give either a pattern, a list or a type"),
        ({"pattern": "("}, r"the pattern '\(' is wrong: missing \)"),
        ({"pattern": "a", "normalise": "title"}, "'title' is none of upper, lower, digits"),
        ({"list": {}}, "the list is empty"),
        ({"list": {"a": [" "]}}, "'a' has an empty synonym"),
        ({"list": {"a": ["x"], "b": ["Ｘ"]}}, "'Ｘ' stands for both 'a' and 'b'"),
        ({"list": {"a": ["b"], "b": []}}, "'b' stands for both 'a' and 'b'"),
    ],
)
def test_a_wrong_declaration_is_named(declaration: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=f"entity 'colour': .*{reason}"):
        EntityFinder({"fine": {"pattern": "x"}, "colour": declaration})


def test_a_pattern_that_takes_too_long_costs_only_its_own_entity() -> None:
    finder = EntityFinder(HARD, seconds=0.02)
    text = "a" * 60 + "b 12"

    with capture_logs() as logs:
        started = time.process_time()
        entities = finder.find(text)
        seconds = time.process_time() - started

    assert entities == (Entity("number", 62, 64, "12"),)
    assert seconds < 1
    assert [(log["event"], log["entity"], log["length"]) for log in logs] == [
        ("entity.pattern_timed_out", "a", len(text))
    ]


def test_the_log_of_a_slow_pattern_holds_nothing_of_the_text() -> None:
    with capture_logs() as logs:
        EntityFinder(HARD, seconds=0.01).find("secret " + "a" * 60 + "b")

    assert logs
    assert "secret" not in str(logs)


TRICKY = st.text("iIİıſsSßẞKkKåÅÅﬁfiµμςσΣ'’-_ 1１١大のไ\u0307\u0301é", min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(words=st.lists(TRICKY.filter(comparable), min_size=1, max_size=4), text=TRICKY | st.text(max_size=40))
def test_entities_lie_within_the_text_in_order_without_overlap(words: list[str], text: str) -> None:
    values = list({comparable(word): word for word in words}.values())

    entities = EntityFinder({**listed(*values), **ORDER}).find(text)

    assert all(0 <= entity.start < entity.end <= len(text) for entity in entities)
    assert all(one.end <= other.start for one, other in pairwise(entities))
    assert all(entity.value in values for entity in entities if entity.entity == "thing")


@given(st.text())
def test_folding_keeps_the_length_and_folds_only_once(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


def test_folding_changes_only_full_width_characters_and_digits() -> None:
    assert fold("Ａｂ！～\u3000５٣५") == "Ab!~ 535"
    assert fold("Ünïcödé ½ ² ① 大") == "Ünïcödé ½ ² ① 大"


def test_every_decimal_digit_folds_to_ascii() -> None:
    digits = "".join(chr(code) for code in range(0x11_0000) if unicodedata.category(chr(code)) == "Nd")

    assert set(fold(digits)) == set("0123456789")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("ＡＢＣ", "abc"), (" a \n b ", "a b"), ("é", "e\u0301"), ("ﾄﾖﾀ", "トヨタ"), ("ﬁ", "FI")],
)
def test_texts_that_are_the_same_to_a_reader_are_comparable(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


def test_different_texts_are_not_comparable() -> None:
    assert comparable("resume") != comparable("résumé")
    assert comparable("a b") != comparable("ab")


# --- compiling --------------------------------------------------------------------------------------------------------


def test_a_language_is_prepared_once_and_for_good() -> None:
    finder = EntityFinder({}, kinds=("date",))
    assert not finder.prepared("sv")

    finder.prepare("sv")
    finder.prepare("sv")

    assert finder.prepared("sv")
    assert not finder.prepared("nl")


def test_nothing_is_to_prepare_where_no_kind_is_wanted() -> None:
    assert EntityFinder(ORDER).prepared("en")


def test_threads_that_meet_new_classes_of_tokens_at_once_agree_on_them() -> None:
    names = [f"CLASS{number}" for number in range(2000)]
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda _: [code_of(name) for name in names], range(8)))

    assert all(codes == seen[0] for codes in seen)
    assert len(set(seen[0])) == len(names)
