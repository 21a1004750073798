"""Arabic in Latin letters, as people type it: with digits for letters that Latin lacks, or without.

Arabic does not write short vowels. Frequent words are in a table, with the word of the spoken language where that is
another; the others get vowels in the places that their syllables need, most often an `a`. So single words come out
wrong, but the letters that follow one another, which is all that is learnt from them, are those of the real thing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from random import Random

import regex

_LETTERS: Mapping[str, tuple[str, str]] = {
    # With digits, and without.
    **{
        letter: (plain, plain)
        for letter, plain in zip("ابتدرزسفكلمنهىﻻ", "a b t d r z s f k l m n h a la".split(), strict=True)
    },
    "ث": ("th/s/t", "th/s"),
    "ج": ("j/g", "j/g"),
    "ح": ("7", "h"),
    "خ": ("kh/5/7'", "kh"),
    "ذ": ("z/th/d", "z/th/d"),
    "ش": ("sh/sh/ch", "sh/sh/ch"),
    "ص": ("s/s/9", "s"),
    "ض": ("d/d/9'", "d"),
    "ط": ("t/t/6", "t"),
    "ظ": ("z/th/6'", "z/th"),
    "ع": ("3", "a/e/'"),
    "غ": ("gh/gh/8", "gh"),
    "ق": ("2/q/k/g", "q/k/g"),
    "و": ("o/o/ou/u/oo", "o/o/ou/u/oo"),
    "ي": ("i/i/ee", "i/i/ee"),
    "ة": ("a/a/e/eh", "a/a/e/ah"),
    "أ": ("a/2a", "a"),
    "إ": ("e/i", "e/i"),
    "آ": ("a/aa/2a", "a/aa"),
    "ؤ": ("2/o2", "o"),
    "ئ": ("2/2e", "e/i"),
    "ء": ("2", ""),
    "ا": ("a/a/a/aa", "a/a/a/aa"),
    "پ": ("p", "p"),
    "ڤ": ("v", "v"),
    "گ": ("g", "g"),
}
_GLIDES: Mapping[str, str] = {"و": "w", "ي": "y"}
_LONG = frozenset("اويىةأإآؤئ")
_SHORT = "aaaaaeeeiio"
_ARTICLE = ("el ", "el ", "el", "al ", "al", "el-", "il ", "l")
_DIGITS = 0.6
"""Writers who use digits for letters."""


def romanise_arabic(text: str, spellings: Mapping[str, Sequence[str]], random: Random) -> str:
    """An Arabic sentence as its writer might type it in Latin letters; `spellings` has those of frequent words."""
    digits = random.random() < _DIGITS
    article = random.choice(_ARTICLE)
    words = []
    for word in text.split():
        known = spellings.get(word)
        if known:
            spelling = random.choice(known)
            words.append(spelling if digits else without_digits(spelling))
        else:
            words.append(_word(word, article, random, digits=digits))
    return " ".join(filter(None, words))


def without_digits(word: str) -> str:
    """The spelling of those who write no digits: `7abibi` → `habibi`, `3ala` → `ala`."""
    word = regex.sub("3a?", "a", word)
    return word.replace("7", "h").replace("2", "").replace("5", "kh").replace("aa", "a")


def _word(word: str, article: str, random: Random, *, digits: bool) -> str:
    word = "".join(letter for letter in unicodedata.normalize("NFC", word) if unicodedata.category(letter) != "Mn")
    if word.startswith("ال") and len(word) > 4:  # noqa: PLR2004 - an article and a root of three letters
        return article + _stem(word[2:], random, digits=digits)
    return _stem(word, random, digits=digits)


def _stem(word: str, random: Random, *, digits: bool) -> str:
    written: list[str] = []
    open_syllable = False  # whether the last letter was a vowel
    for place, letter in enumerate(word):
        after = word[place + 1 : place + 2]
        vowel = letter in _LONG and not (letter in _GLIDES and (place == 0 or after in _LONG))
        if not vowel and written and not open_syllable and (after or random.random() < 0.5):  # noqa: PLR2004
            written.append(random.choice(_SHORT))
            open_syllable = True
        if letter in _GLIDES and not vowel:
            written.append(_GLIDES[letter])
        else:
            pair = _LETTERS.get(letter, (letter, letter))
            written.append(random.choice(pair[0 if digits else 1].split("/")))
        # A consonant after a vowel may close the syllable; then the next one begins its own.
        open_syllable = vowel or (open_syllable and random.random() < 0.45)  # noqa: PLR2004
    return "".join(written)
