"""The chat-language model: what it is trained on, and that a training gives the same file again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
import regex

from bot.errors import ConfigurationError
from nlu.language_models import CHAT_MODEL, Card, chat_form, letters_of, without_tones
from nlu.training import language_data
from nlu.training.arabizi import romanise_arabic, without_digits
from nlu.training.language import train_chat_model
from nlu.training.language_data import (
    Sentence,
    fragment,
    half,
    held_out,
    read_sentences,
    training_lines,
    without_accents,
)
from nlu.training.romanise import Spellings, devanagari, romanise_chinese, romanise_hindi, romanise_urdu, skeleton

NOTHING_LEARNT = Spellings([])


T = TypeVar("T")


class First(Random):
    """Takes the first of all choices."""

    def choice(self, seq: Sequence[T]) -> T:
        return seq[0]


@pytest.mark.parametrize(
    ("word", "typed"),
    [("मेरा", "mera"), ("करना", "karna"), ("नमस्ते", "namaste"), ("कमरा", "kamra"), ("घर", "ghar"), ("ज़रूर", "zarur")],
)
def test_hindi_words_lose_the_vowels_that_nobody_speaks(word: str, typed: str) -> None:
    assert devanagari(word, First()) == typed


def test_frequent_hindi_words_have_the_spellings_that_people_type() -> None:
    assert romanise_hindi("घर कहाँ है", {"कहाँ": ["kahan"], "है": ["hai"]}, NOTHING_LEARNT, First()) == "ghar kahan hai"


def test_english_words_within_another_language_keep_their_english_spelling() -> None:
    learnt = Spellings([([("अलार्म", "alarm"), ("लगाओ", "lagao")], ["set", "alarms", "alarm"])] * 2)

    assert romanise_hindi("अलार्म लगाओ", {}, learnt, First()) == "alarm lagao"


def test_a_chance_likeness_in_one_translation_of_many_is_no_spelling() -> None:
    seen = [([("बताओ", "bataao")], ["battery"]), *[([("बताओ", "bataao")], ["tell", "me"])] * 9]

    assert Spellings(seen, matching=2).get("बताओ") is None


def test_spellings_compare_by_their_consonants() -> None:
    assert skeleton("elaarm") == skeleton("alarm")
    assert skeleton("eleksaa") == skeleton("Alexa")
    assert skeleton("vaatsep") != skeleton("facebook")


def test_urdu_takes_the_vowels_that_it_does_not_write_from_hindi() -> None:
    hindi = Spellings([([("کتاب", "ktab")], ["kitaab"])] * 2, matching=2)

    assert romanise_urdu("میری کتاب", {"میری": ["meri"]}, hindi, NOTHING_LEARNT, First()) == "meri kitaab"


def test_chinese_becomes_pinyin_in_words_or_syllables() -> None:
    written = {romanise_chinese("我的包裹在哪里", Random(seed)) for seed in range(300)}

    assert {"wo de baoguo zai nali", "wo de bao guo zai na li"} <= written


def test_arabic_is_typed_with_digits_or_without() -> None:
    written = [romanise_arabic("أين حبيبي", {"أين": ["wein"]}, Random(seed)) for seed in range(60)]

    assert all(regex.fullmatch(r"wein [a-z7']+", each) for each in written)
    assert {"7" in each for each in written} == {True, False}
    assert without_digits("7abibi 3ala") == "habibi ala"


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("3ayez arga3 floosi", "3ayez arga3 floosi"),
        ("wein talabi 4711?", "wein talabi"),
        ("order A-1029384, size 42 or S24", "order size or"),
        ("mail ana@example.com #sale @bob", "mail"),
        ("2024-11-05 10:30", ""),
        ("12 mal x99", "mal"),
        ("my PlayStation or eBay McDonald", "my or"),
    ],
)
def test_a_digit_within_a_word_is_a_letter_and_a_number_is_none(text: str, letters: str) -> None:
    assert letters_of(text) == letters


def test_pinyin_is_read_as_it_is_typed_and_other_accents_stay() -> None:
    assert without_tones("nǐ hǎo, wǒ de dìngdān ne") == "ni hao, wo de dingdan ne"
    assert without_tones("kde je můj balíček, prosím vás, čekám déle") == "kde je můj balíček, prosím vás, čekám déle"


def test_texts_are_read_in_one_form_however_they_are_typed() -> None:
    assert chat_form("Ｈello  DON’T") == "hello don't"
    assert without_accents("où żółty straße ñandú đông") == "ou zolty strasse nandu dong"
    assert without_accents("मेरा каждый") == "मेरा каждый"


def test_a_fragment_is_one_to_five_whole_words() -> None:
    text = "where is the parcel that I have ordered from you"
    found = {fragment(text, Random(seed)) for seed in range(200)}

    assert {len(each.split()) for each in found} == {1, 2, 3, 4, 5}
    assert all(f" {each} " in f" {text} " for each in found)


def test_what_is_measured_is_kept_from_the_training_and_halves_stay_what_they_are() -> None:
    texts = [f"sentence {number}" for number in range(200)]
    held = [held_out(Sentence("en", text, "tatoeba")) for text in texts]

    assert 70 < sum(held) < 130
    assert held == [half(text) == 1 for text in texts]
    assert held_out(Sentence("en", "hello", "ms_chitchat"))
    assert not any(held_out(Sentence("en", text, "massive")) for text in texts)


def write(folder: Path, name: str, rows: list[object]) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(folder / name, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    write(folder, "massive/de-DE.jsonl.gz", [{"id": "1", "split": "train", "text": "Wo ist es?"}])
    write(folder, "massive/nb-NO.jsonl.gz", [{"id": "1", "split": "dev", "text": "Hvor er det?"}])
    write(folder, "tatoeba_laser/half.jsonl.gz", [{"lang": "tgl", "text": "Nasaan ito?"}])
    write(folder, "ms_chitchat/zh.questions.jsonl.gz", [{"text": "你好"}])
    return folder


def test_sentences_are_read_with_our_codes_and_without_the_development_split(data: Path) -> None:
    assert [(s.code, s.text, s.source) for s in read_sentences(data)] == [
        ("de", "Wo ist es?", "massive"),
        ("tl", "Nasaan ito?", "tatoeba"),
        ("zh-Hans", "你好", "ms_chitchat"),
    ]


@pytest.mark.parametrize("row", [["no object"], {"txt": "?"}, {"text": 3}])
def test_a_wrong_row_is_named_with_file_and_line(data: Path, row: object) -> None:
    write(data, "massive/de-DE.jsonl.gz", [{"split": "train", "text": "gut"}, row])

    with pytest.raises(ConfigurationError, match=r"de-DE\.jsonl\.gz:2: has no 'text'"):
        list(read_sentences(data))


def test_a_cut_file_and_a_missing_folder_are_named(data: Path, tmp_path: Path) -> None:
    file = data / "massive" / "de-DE.jsonl.gz"
    file.write_bytes(file.read_bytes()[:-9])

    with pytest.raises(ConfigurationError, match=r"de-DE\.jsonl\.gz.*cannot be read"):
        list(read_sentences(data))
    with pytest.raises(ConfigurationError, match=r"has no massive"):
        list(read_sentences(tmp_path / "nowhere"))


def made_up() -> list[Sentence]:
    words = {"de": "der die das und nicht ist wir", "tr": "bir ve için değil çok şu evet"}
    random = Random(1)
    return [
        Sentence(code, " ".join(random.choices(known.split(), k=4)) + f" {number}", "massive")
        for code, known in words.items()
        for number in range(200)
    ]


def test_languages_that_the_script_tells_and_rare_ones_need_no_lines() -> None:
    others = [Sentence("th", f"สวัสดี {n}", "massive") for n in range(200)] + [Sentence("oc", "adiu", "tatoeba")]

    assert set(training_lines([*made_up(), *others], seed=0)) == {"de", "tr"}


def test_a_small_collection_has_a_voice_beside_a_large_one() -> None:
    few = [Sentence("de", f"ich weiß alles {letter}", "tatoeba") for letter in "abcdefghij"]
    many = [Sentence("de", f"spiele lied {number}", "massive") for number in range(9000)]
    lines = training_lines([*many, *few], seed=0)["de"]

    assert sum(line.startswith("spiele") for line in lines) > 9000
    assert sum("wei" in line and "alles" in line for line in lines) > 2 * len(few)


def test_the_same_data_and_seed_give_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_data, "LINES", 400)
    small = {"dim": 4, "minn": 1, "maxn": 3, "minCount": 1, "bucket": 2000, "epoch": 2, "loss": "softmax"}
    first = train_chat_model(made_up(), tmp_path / "a.ftz", settings=small)
    again = train_chat_model(made_up(), tmp_path / "b.ftz", settings=small)
    other = train_chat_model(made_up(), tmp_path / "c.ftz", settings=small, seed=1)

    assert first == again
    assert (tmp_path / "a.ftz").read_bytes() == (tmp_path / "b.ftz").read_bytes()
    assert other.sha256 != first.sha256


def test_the_model_that_is_shipped_is_the_one_on_its_card() -> None:
    card = Card.model_validate_json(CHAT_MODEL.with_suffix(".json").read_bytes())

    assert CHAT_MODEL.stat().st_size < 4_000_000
    assert {"hi-Latn", "ur-Latn", "ar-Latn", "zh-Latn"} <= set(card.lines)
