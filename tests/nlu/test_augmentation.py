from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.errors import ConfigurationError
from nlu.intents import LanguageMeans
from nlu.training.augmentation import noise
from nlu.training.augmentation.ablation import Ablation, Parts, Trial, table
from nlu.training.augmentation.augment import augmented, checked
from nlu.training.augmentation.keyboards import neighbours
from nlu.training.augmentation.noise import Noise
from nlu.training.augmentation.romanised import Romaniser
from nlu.training.augmentation.switching import Switcher, learn_dictionary
from nlu.training.augmentation.ways import LOCAL, NOISES, Way, copying
from nlu.training.dataset import Example
from tests.nlu.small_shop import Words

NO_MEANS = LanguageMeans((), np.zeros((0, Words.hidden), np.float32), np.zeros(Words.hidden, np.float32))

SENTENCES = {
    "en": "Where is my order, and when will it arrive?",
    "de": "Können Sie mir sagen, wann meine Größe wieder da ist?",
    "ru": "Где мой заказ? Ещё не пришёл",
    "ar": "أين طلبي؟ لم تصل الشحنة حتى الآن",
    "hi": "मेरा ऑर्डर कहाँ है और कब आएगा",
    "ko": "주문을 취소하고 싶어요",
    "ja": "注文をキャンセルしたいです",
    "zh-Hans": "我的包裹在哪里怎么还没到",
    "zh-Hant": "我的包裹在哪裡怎麼還沒到",
    "th": "พัสดุของฉันอยู่ที่ไหน",
    "he": "איפה ההזמנה שלי",
    "el": "Πού είναι η παραγγελία μου;",
    "tr": "Siparişim hâlâ gelmedi nerede",
    "fr": "Où est ma commande, s'il vous plaît ?",
    "ka": "სად არის ჩემი შეკვეთა",
}


def several(change: Noise, language: str, times: int = 20) -> set[str]:
    return {change(SENTENCES[language], language, Random(seed)) for seed in range(times)}


@pytest.mark.parametrize("language", SENTENCES)
def test_slips_happen_in_every_script_and_stay_in_it(language: str) -> None:
    text = SENTENCES[language]

    made = several(noise.with_typos, language)

    assert len(made - {text}) > 5
    letters = {unicodedata.name(c).split()[0] for c in text if c.isalpha()}
    for slip in made:
        assert {unicodedata.name(c).split()[0] for c in slip if c.isalpha()} <= letters
        assert abs(len(slip) - len(text)) <= 6


@pytest.mark.parametrize("language", ["en", "de", "fr", "ru"])
def test_a_fifth_of_the_words_have_a_slip(language: str) -> None:
    words = SENTENCES[language].split()
    text = " ".join(words * 10)

    slipped = noise.with_typos(text, language, Random(1)).split()

    changed = sum(one != other for one, other in zip(text.split(), slipped, strict=True))
    assert changed == pytest.approx(0.2 * sum(sum(map(str.isalpha, word)) >= 3 for word in words * 10), abs=1)


@given(seed=st.integers(0, 10_000), name=st.sampled_from(sorted(NOISES)))
def test_numbers_addresses_and_links_are_never_touched(seed: int, name: str) -> None:
    text = "order AB-4711 of ana.b@example.com, see https://shop.example/o?id=9 please, it was 1.299,00 euros"

    changed = NOISES[name](text, "en", Random(seed))

    for kept in ("AB-4711", "ana.b@example.com", "https://shop.example/o?id=9", "1.299,00"):
        assert kept in changed


@given(text=st.text(max_size=60), language=st.sampled_from([*SENTENCES, "xx"]), name=st.sampled_from(sorted(NOISES)))
def test_no_text_breaks_a_noise_and_the_same_numbers_give_the_same(text: str, language: str, name: str) -> None:
    once, again = (NOISES[name](text, language, Random(7)) for _ in range(2))

    assert once == again


@pytest.mark.parametrize(
    ("language", "text", "plain"),
    [
        ("de", "Größe für Übergrößen", "Grosse fur Ubergrossen"),
        ("vi", "Đơn hàng của tôi ở đâu", "Don hang cua toi o dau"),
        ("ar", "أين طلبيّ، الشحنةُ على", "اين طلبي، الشحنه علي"),
        ("ru", "Ещё не пришёл", "Еще не пришел"),
        ("el", "Πού είναι η παραγγελία", "Που ειναι η παραγγελια"),
        ("hi", "कहाँ ज़रूरी", "कहां जरूरी"),
        ("en", "where is my order", "where is my order"),
    ],
)
def test_marks_that_people_do_not_type_are_lost(language: str, text: str, plain: str) -> None:
    assert noise.without_marks(text, language, Random(0)) == plain


def test_case_is_lost_or_everything_is_shouted() -> None:
    assert several(noise.in_other_case, "de") == {
        SENTENCES["de"].lower(),
        "KÖNNEN SIE MIR SAGEN, WANN MEINE GRÖßE WIEDER DA IST?",
    }
    assert "SİPARİŞİM HÂLÂ GELMEDİ NEREDE" in several(noise.in_other_case, "tr")
    assert "ΠΟΥ ΕΙΝΑΙ Η ΠΑΡΑΓΓΕΛΙΑ ΜΟΥ;" in several(noise.in_other_case, "el")
    assert several(noise.in_other_case, "ja") == {SENTENCES["ja"]}


def test_punctuation_is_lost_or_too_much() -> None:
    made = several(noise.without_punctuation, "en")

    assert "Where is my order and when will it arrive" in made
    assert "Where is my order, and when will it arrive???" in made
    assert noise.without_punctuation("?", "en", Random(0)) != ""


def test_words_are_joined_or_split() -> None:
    made = several(noise.with_other_spaces, "en")

    assert {len(text.split()) for text in made} == {8, 10}
    assert {text.replace(" ", "") for text in made} == {SENTENCES["en"].replace(" ", "")}


def test_an_emoji_leaves_the_sentence_whole() -> None:
    for text in several(noise.with_emoji, "ar"):
        assert SENTENCES["ar"] in text
        assert regex.search(r"\p{Emoji}", text)


def test_chinese_slips_are_characters_that_sound_the_same() -> None:
    slips = {
        (one, other)
        for seed in range(60)
        for text in [noise.with_typos("我的包裹在哪里", "zh-Hans", Random(seed))]
        if len(text) == 7
        for one, other in zip("我的包裹在哪里", text, strict=True)
        if one != other
    }

    assert ("在", "再") in {(one, other) for one, other in slips} | {
        ("在", other) for _, other in slips if other in "再载"
    }
    assert all(one != other for one, other in slips)


def test_neighbours_are_those_of_the_languages_own_keyboard() -> None:
    assert "y" in neighbours("zeit", "de")["x"]
    assert "y" not in neighbours("time", "en")["x"]
    assert "z" in neighbours("le", "fr")["a"]
    # Who types Hindi in Latin letters has a Latin keyboard.
    assert "w" in neighbours("mera order", "hi")["e"]
    assert neighbours("სად", "ka") == {}


@pytest.mark.parametrize("language", ["hi", "ar", "ru", "el", "zh-Hans", "uk", "sr", "mk", "be"])
def test_other_scripts_are_written_in_latin_letters(language: str) -> None:
    others = {
        "uk": "Де моє замовлення",
        "sr": "Где је љубазни њен ћуп",
        "mk": "Ѓорѓи, ќе дојде ѕвезда",
        "be": "Дзе мой ўчорашні заказ",
    }
    text = SENTENCES.get(language) or others[language]

    latin = Romaniser()(text, language, Random(1))

    assert not regex.search(r"(?=\P{Latin})\p{L}", latin)
    assert len(latin.split()) >= 3


def test_english_words_keep_their_spelling_when_hindi_is_romanised() -> None:
    parallel = {"hi": [("मेरा ऑर्डर कहाँ है", "where is my order"), ("ऑर्डर रद्द करो", "cancel the order")]}

    assert "order" in Romaniser(parallel)("मेरा ऑर्डर", "hi", Random(1)).split()
    assert Romaniser()("where is it", "en", Random(1)) == "where is it"


class Dictionary(Words):
    """An encoder to which a word and its translation are the same."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        translations = {"bestellung": "order", "paket": "parcel"}
        return super().encode([translations.get(text.casefold(), text) for text in texts])


def rows(language: str, *texts: str, intent: str = "status") -> list[Example]:
    return [Example(text, intent, language, Path("f"), n) for n, text in enumerate(texts)]


def test_words_are_swapped_for_the_nearest_of_another_language() -> None:
    german = rows("de", *(f"{start} Bestellung Paket" for start in ("wo", "meine", "welches")))
    english = rows("en", *(f"{start} order parcel" for start in ("the", "my", "which")))
    switch = Switcher(learn_dictionary([*german, *english], Dictionary(), NO_MEANS))

    assert {switch("Wo ist meine Bestellung?", "de", Random(n)) for n in range(5)} == {"Wo ist meine order?"}
    assert switch("my order AB-order", "en", Random(1)) == "my bestellung AB-order"
    assert switch("где заказ", "ru", Random(1)) == "где заказ"


def learned() -> list[Example]:
    things = ["shoes", "shirt", "lamp", "table", "chair", "book", "phone", "cable", "bag", "coat", "hat", "belt"]
    places = [f"{when} {place}" for when in ("today", "soon", "now") for place in ("home", "work", "shop", "school")]
    return [
        *rows("en", *(f"deliver {thing} {place}" for thing in things for place in places), intent="delivery"),
        *rows("en", *(f"return {thing} {place}" for thing in things for place in places), intent="return"),
    ]


def abbreviated(text: str, language: str, random: Random) -> str:
    return text.replace("deliver", "dlvr").replace("return", "rtn")


def silenced(text: str, language: str, random: Random) -> str:
    return " ".join(text.split()[1:])


def trials(*ways: Way) -> list[Trial]:
    examples = learned()
    held = np.arange(len(examples)) % 3 == 0
    return Ablation(Parts.of(examples, held, 0), Words(), NO_MEANS, 0).run(ways)


def test_a_way_is_kept_if_it_tells_more_of_what_is_changed() -> None:
    (trial,) = trials(Way("abbreviations", copying(abbreviated)))

    assert trial.kept
    assert trial.before < 0.9
    assert trial.after == 1.0
    assert (trial.plain_before, trial.plain_after) == (1.0, 1.0)


def test_a_way_is_not_kept_that_changes_nothing_or_tells_nothing() -> None:
    same, hopeless = trials(
        Way("none", copying(lambda text, language, random: text)), Way("silence", copying(silenced))
    )

    assert not same.kept
    assert same.changed == same.copies == 0
    assert not hopeless.kept
    assert hopeless.after < 0.8


def test_a_way_is_not_kept_that_costs_messages_as_they_are() -> None:
    def poisoned(examples: list[Example], seed: int) -> list[Example]:
        others = {"delivery": "return", "return": "delivery"}
        return [Example(e.text, others[e.intent], e.language, e.file, e.line) for e in examples for _ in range(2)]

    (trial,) = trials(Way("poison", poisoned, is_noise=False))  # type: ignore[arg-type]

    assert trial.plain_after < trial.plain_before
    assert not trial.kept


def test_only_what_helps_is_made_and_a_third_of_the_examples_stays_without() -> None:
    examples = learned()
    ways = [Way("abbreviations", copying(abbreviated)), Way("silence", copying(silenced))]

    found = augmented(examples, Words(), NO_MEANS, (), others=ways, seed=3)

    assert [trial.way for trial in found.trials if trial.kept] == ["abbreviations"]
    assert all("dlvr" in copy.text or "rtn" in copy.text for copy in found.copies)
    assert len(found.copies) == pytest.approx(2 / 3 * len(examples), abs=25)
    assert found == augmented(examples, Words(), NO_MEANS, (), others=ways, seed=3)


def test_names_of_ways_are_checked() -> None:
    assert checked(["all"]) == LOCAL
    assert checked(["typos", "paraphrase"], ["paraphrase"]) == ("typos", "paraphrase")
    with pytest.raises(ConfigurationError, match=r"no augmentation 'typo'; there are: all, typos, marks"):
        checked(["typo"])


def test_trials_are_a_table() -> None:
    (trial,) = trials(Way("abbreviations", copying(abbreviated)))

    lines = table([trial.to_json()])

    assert lines[-1].startswith("| abbreviations | 96 | 0.")
    assert lines[-1].endswith("| 1.000 | 1.000 | 1.000 | yes |")
