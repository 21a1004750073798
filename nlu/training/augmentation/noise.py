"""What happens to a sentence on its way from a head into a chat: pure functions of (text, language, random).

None touches a word with a digit, an `@` or a `://`: numbers, addresses and links are what a message is about. A text
in which nothing can change comes back as it was.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from random import Random

import regex
from pypinyin import Style, lazy_pinyin

from bot.language_codes import TRADITIONAL
from nlu.training.augmentation.keyboards import Neighbours, neighbours
from nlu.training.language_data import without_accents

Noise = Callable[[str, str, Random], str]
"""The text as another customer would have typed it; texts, languages (our codes) and random numbers in."""

TYPO_SHARE = 0.2
"""Words with a slip, at least one a text; the share by which robustness is measured too."""

_WORD = regex.compile(r"\S+")
_KEEP = regex.compile(r"\d|@|://|www\.")
_WITHOUT_SPACES = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_LETTERS_A_WORD = 3
"""Letters that make a word, on average, in scripts that do not tell where one ends."""

_SHORTEST = 3
"""Letters of a word that still can be read with a slip in it."""

_CASED = regex.compile(r"\p{Lu}|\p{Ll}")
_PUNCTUATION = regex.compile(r"[\p{P}\p{S}--\p{Emoji}--[@#€$£¥₹%+]]+", regex.VERSION1)
_END = regex.compile(r"[.!?;。！？؟।…\s]*\Z")
_CLUSTER = regex.compile(r"\X")

_VOWEL_MARKS = regex.compile(r"[\u0591-\u05c7\u064b-\u0652\u0670\u0640]")
"""Hebrew points, Arabic vowel signs and the stretching line: correct, and hardly ever typed."""

_LOOSE: Mapping[str, str] = {
    **dict.fromkeys("أإآٱ", "ا"), "ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي",
    "ё": "е", "ґ": "г", "ँ": "ं", "ऑ": "ओ", "ॉ": "ो",
}  # fmt: skip
_NUKTA = "\u093c"
_GREEK_ACCENT = "\u0301"

_EMOJI = "🙂 😅 🙏 👍 😊 🤔 😕 😭 😡 📦 ❓ ‼️ 👀 🤷‍♀️ 💸 🛒".split()


def with_typos(text: str, language: str, random: Random, share: float = TYPO_SHARE) -> str:
    """A slip in a share of the words, of those that the script's keyboard or input method makes."""
    if _WITHOUT_SPACES.search(text):
        return _with_slips_in_letters(text, language, random, share)
    keys = neighbours(text, language)
    places = [found.span() for found in _WORD.finditer(text) if _may_slip(found.group())]
    for start, end in sorted(_drawn(places, share, random), reverse=True):
        text = text[:start] + _slip(text[start:end], keys, random) + text[end:]
    return text


def without_marks(text: str, language: str, random: Random) -> str:  # noqa: ARG001 - a `Noise`
    """Without accents, vowel signs, and the letters that people do not bother to tell apart."""
    text = _VOWEL_MARKS.sub("", without_accents(text)).translate(_loose())
    decomposed = unicodedata.normalize("NFD", text)
    if regex.search(r"\p{Greek}", text):
        decomposed = decomposed.replace(_GREEK_ACCENT, "")
    return unicodedata.normalize("NFC", decomposed.replace(_NUKTA, ""))


def in_other_case(text: str, language: str, random: Random) -> str:
    """All in small letters, or, from one customer in three, all in capitals."""
    if not _CASED.search(text):
        return text
    if random.random() < 1 / 3:
        return _each_word(text, lambda word: _upper(word, language))
    return _each_word(text, str.lower)


def without_punctuation(text: str, language: str, random: Random) -> str:  # noqa: ARG001 - a `Noise`
    """Without commas, stops and question marks, or, from one customer in four, with three of them at the end."""
    if random.random() < 1 / 4:
        return _END.sub(random.choice(["???", "!!!", "...", "?!"]), text, count=1)
    bare = _each_word(text, lambda word: _PUNCTUATION.sub(" " if "'" not in word else "", word))
    return " ".join(bare.split()) or text


def with_other_spaces(text: str, language: str, random: Random) -> str:  # noqa: ARG001 - a `Noise`
    """Two words joined or one split; in scripts without spaces one where none belongs."""
    gaps = [found.start() for found in regex.finditer(r"(?<=\p{L}) (?=\p{L})", text)]
    inside = [
        found.start() + 1
        for found in regex.finditer(r"(?<=\p{L})\p{L}(?=\p{L}{2})", text)
        if not _KEEP.search(_word_at(text, found.start()))
    ]
    if gaps and (not inside or random.random() < 1 / 2):
        gap = random.choice(gaps)
        return text[:gap] + text[gap + 1 :]
    if not inside:
        return text
    cut = random.choice(inside)
    return f"{text[:cut]} {text[cut:]}"


def with_emoji(text: str, language: str, random: Random) -> str:  # noqa: ARG001 - a `Noise`
    """One emoji at the end, seldom at the beginning, now and then repeated; what it shows is left to chance."""
    emoji = random.choice(_EMOJI) * random.choice([1, 1, 1, 2, 3])
    return f"{emoji} {text}" if random.random() < 1 / 5 else f"{text} {emoji}"


def _may_slip(word: str) -> bool:
    return not _KEEP.search(word) and sum(map(str.isalpha, word)) >= _SHORTEST


def _drawn(places: list[tuple[int, int]], share: float, random: Random) -> list[tuple[int, int]]:
    """The share of the places as exactly as whole numbers allow, and at least one if there are any."""
    exact = len(places) * share
    count = math.floor(exact) + (random.random() < exact % 1)
    return random.sample(places, min(len(places), max(count, 1)))


def _slip(word: str, keys: Neighbours, random: Random) -> str:
    """One letter left out, doubled, swapped with the next, or its neighbour on the keyboard instead of it or beside it.

    The first letter stays: people see it. Syllables of Hangul are typed letter by letter.
    """
    letters = list(unicodedata.normalize("NFD", word)) if regex.search(r"\p{Hangul}", word) else list(word)
    places = [at for at, letter in enumerate(letters) if at > 0 and (letter.isalpha() or letter.lower() in keys)]
    if not places:
        return word
    at = random.choice(places)
    letter = letters[at]
    near = keys.get(letter.lower(), ())
    kind = random.choice(["leave", "double", "swap", "near", "near", "beside"] if near else ["leave", "double", "swap"])
    if kind == "leave":
        letters[at] = ""
    elif kind == "double":
        letters[at] = letter * 2
    elif kind == "swap":
        other = at - 1 if at - 1 > 0 else min(at + 1, len(letters) - 1)
        letters[at], letters[other] = letters[other], letters[at]
    else:
        other_key = random.choice(near)
        other_key = other_key.upper() if letter.isupper() else other_key
        letters[at] = other_key if kind == "near" else letter + other_key
    return _single_letters(unicodedata.normalize("NFC", "".join(letters)))


def _single_letters(word: str) -> str:
    """Letters of Hangul that make no syllable, as a keyboard writes them: `ㅅ`, not its conjoining form."""
    return regex.sub(r"[\u1100-\u11ff]", lambda found: _alone(found.group()), word)


def _alone(letter: str) -> str:
    name = "HANGUL LETTER " + unicodedata.name(letter).split(" ", 2)[2]
    try:
        return unicodedata.lookup(name)
    except KeyError:  # a cluster of old Korean
        return letter


def _with_slips_in_letters(text: str, language: str, random: Random, share: float) -> str:
    keep = [found.span() for found in _WORD.finditer(text) if _KEEP.search(found.group()) and found.group().isascii()]
    places = [
        found.span()
        for found in _CLUSTER.finditer(text)
        if found.group()[0].isalpha() and not any(start <= found.start() < end for start, end in keep)
    ]
    keys = neighbours(text, language)
    for start, end in sorted(_drawn(places, share / _LETTERS_A_WORD, random), reverse=True):
        letter = text[start:end]
        same = _homophones(language).get(letter, ()) if language.startswith("zh") else ()
        near = keys.get(letter[0], ())
        if same:
            # Who types by sound picks the wrong one of the characters that are offered.
            text = text[:start] + random.choice(same) + text[end:]
        elif near and random.random() < 2 / 3:
            text = text[:start] + random.choice(near) + letter[1:] + text[end:]
        else:
            text = text[:start] + random.choice(["", letter * 2]) + text[end:]
    return text


@cache
def _homophones(language: str) -> Mapping[str, str]:
    """The frequent characters that are read the same, those of the first level of GB 2312 or of Big5, by character."""
    if language == TRADITIONAL:
        encoding, rows, cells = "big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    else:
        encoding, rows, cells = "gb2312", range(0xB0, 0xD8), tuple(range(0xA1, 0xFF))
    codes = ((row, cell) for row in rows for cell in cells)
    characters = [bytes(code).decode(encoding, "ignore") for code in codes]
    by_sound: dict[str, str] = {}
    for character in filter(None, characters):
        (sound,) = lazy_pinyin(character, style=Style.NORMAL)
        by_sound[sound] = by_sound.get(sound, "") + character
    return {
        character: others for same in by_sound.values() for character in same if (others := same.replace(character, ""))
    }


def _each_word(text: str, change: Callable[[str], str]) -> str:
    return _WORD.sub(lambda found: found.group() if _KEEP.search(found.group()) else change(found.group()), text)


def _upper(word: str, language: str) -> str:
    """In capitals; those of which the capital is another number of letters (`ß`) stay."""
    if language in {"tr", "az"}:
        word = word.replace("i", "İ")
    elif language == "el":
        word = without_marks(word, language, Random(0))  # noqa: S311 - nothing is drawn; capitals have no accents
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in word)


def _word_at(text: str, place: int) -> str:
    return next((found.group() for found in _WORD.finditer(text) if found.start() <= place < found.end()), "")


@cache
def _loose() -> Mapping[int, str]:
    return str.maketrans(dict(_LOOSE))
