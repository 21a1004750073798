"""Texts in Latin letters, from languages that have a script of their own, as their writers type them on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

import regex

from bot.yamlsource import parse_yaml
from nlu.training.arabizi import romanise_arabic
from nlu.training.romanise import (
    Spellings,
    Typed,
    devanagari,
    plain_urdu,
    romanise_chinese,
    romanise_hindi,
    romanise_urdu,
)

TYPED = Path(__file__).parent.parent / "data" / "latin_spellings.yml"

_CYRILLIC: Mapping[str, Sequence[str]] = {
    letter: spellings.split("/")
    for letter, spellings in zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњђћџѓќѕ",
        "a b v g d e zh/j z i y/i/j k l m n o p r s t u f h/kh/x ts/c ch/4 sh/w sch/sh/shch // y/i /' e yu/u "
        "ya/ja yo/e i yi/i ye/e g u/w j/y lj nj dj c/ch dz gj kj dz".split(" "),
        strict=True,
    )
}
_GREEK: Mapping[str, Sequence[str]] = {
    letter: spellings.split("/")
    for letter, spellings in zip(
        "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
        "a b/v g d e z h/i th/8 i k l m n ks/x o p r s s t u/y f/ph x/h/ch ps/y o/w a e h/i i o u/y o/w i u/y i "
        "u/y".split(),
        strict=True,
    )
}
_RUNS: Mapping[str, regex.Pattern[str]] = {
    script: regex.compile(rf"[\p{{{script}}}\p{{M}}]+(?:\s+[\p{{{script}}}\p{{M}}]+)*")
    for script in ("Devanagari", "Arabic", "Han", "Cyrillic", "Greek")
}


class Romaniser:
    """Makes Latin letters of a text; a `Noise`. Texts of other languages come back as they are."""

    def __init__(self, parallel: Mapping[str, Iterable[tuple[str, str]]] | None = None) -> None:
        """`parallel` has, for `hi` and `ur`, sentences with what says the same in English.

        From these is learnt which words are English ones, that keep their spelling.
        """
        english: dict[str, Spellings] = {}
        for code, pairs in (parallel or {}).items():
            plain = _plain_hindi if code == "hi" else plain_urdu
            english[code] = Spellings(
                ([(word, plain(word)) for word in text.split()], translation.lower().split())
                for text, translation in pairs
            )
        none = Spellings(())
        typed = read_typed()
        self._ways: Mapping[str, tuple[str, Callable[[str, Random], str]]] = {
            "hi": ("Devanagari", lambda text, r: romanise_hindi(text, typed["hi"], english.get("hi", none), r)),
            "ur": ("Arabic", lambda text, r: romanise_urdu(text, typed["ur"], none, english.get("ur", none), r)),
            "ar": ("Arabic", lambda text, r: romanise_arabic(text, typed["ar"], r)),
            "zh": ("Han", romanise_chinese),
            "el": ("Greek", lambda text, r: _by_table(text, _GREEK, r)),
            **dict.fromkeys(
                ("ru", "uk", "bg", "mk", "sr", "be"), ("Cyrillic", lambda text, r: _by_table(text, _CYRILLIC, r))
            ),
        }

    def __call__(self, text: str, language: str, random: Random) -> str:
        """The text in Latin letters."""
        way = self._ways.get(language.split("-", 1)[0])
        if way is None:
            return text
        script, romanise = way
        return _RUNS[script].sub(lambda found: romanise(found.group(), random), text)


def _plain_hindi(word: str) -> str:
    return devanagari(word, Random(0))  # noqa: S311 - its spellings are only compared


def _by_table(text: str, table: Mapping[str, Sequence[str]], random: Random) -> str:
    # A writer spells a letter in one way throughout.
    chosen: dict[str, str] = {}
    written = []
    for letter in text:
        low = letter.lower()
        if low not in chosen:
            chosen[low] = random.choice(table[low]) if low in table else low
        written.append(chosen[low].capitalize() if letter != low else chosen[low])
    return "".join(written)


def read_typed() -> dict[str, Typed]:
    """By language, how its frequent words are typed in Latin letters."""
    data = parse_yaml(TYPED).data
    return {code: {word: spellings.split() for word, spellings in words.items()} for code, words in data.items()}
