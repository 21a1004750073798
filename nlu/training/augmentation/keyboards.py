"""Which keys lie beside each other, by language: the layouts that people type on.

Layouts are those of the national standards, as desktop systems ship them, by rows from the top; a row is shifted by
half a key to the one above it. Hangul is typed letter by letter, so its keys are the letters of a syllable; kana by
flicking, so that a slip stays in the letter's own row of the syllabary.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from nlu.scripts import scripts_of

Neighbours = Mapping[str, Sequence[str]]
"""The keys around each."""

_LAYOUTS: Mapping[str, str] = {
    "Latin": "qwertyuiop asdfghjkl zxcvbnm",
    "Cyrillic": "йцукенгшщзхъ фывапролджэ ячсмитьбю",
    "Greek": "ςερτυθιοπ ασδφγηξκλ ζχψωβνμ",
    "Hebrew": "קראטוןםפ שדגכעיחלךף זסבהנמצתץ",
    "Arabic": "ضصثقفغعهخحجد شسيبلاتنمكط ئءؤرىةوزظ",
    "Devanagari": "ौैाीूबहगदजड ोे्िुपरकतचट ॆंमनवलसय",
    "Thai": "ๆไำพะัีรนยบล ฟหกดเ้่าสวง ผปแอิืทมใฝ",
    "Hangul": "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ ㅁㄴㅇㄹㅎㅗㅓㅏㅣ ㅋㅌㅊㅍㅠㅜㅡ",
    "Hiragana": "",
}
_OF_LANGUAGES: Mapping[str, str] = {
    **dict.fromkeys(("de", "hu", "cs", "sk", "sl", "hr"), "qwertzuiopü asdfghjklöä yxcvbnm"),
    "fr": "azertyuiop qsdfghjklm wxcvbn",
    "es": "qwertyuiop asdfghjklñ zxcvbnm",
    "pt": "qwertyuiop asdfghjklç zxcvbnm",
    "tr": "qwertyuıopğü asdfghjklşi zxcvbnmöç",
    **dict.fromkeys(("sv", "fi"), "qwertyuiopå asdfghjklöä zxcvbnm"),
    "da": "qwertyuiopå asdfghjklæø zxcvbnm",
    "nb": "qwertyuiopå asdfghjkløæ zxcvbnm",
    "uk": "йцукенгшщзхї фівапролджє ячсмитьбю",
    "fa": "ضصثقفغعهخحجچ شسیبلاتنمکگ ظطزرذدپو",
    "ur": "طصھدٹپتبجح مورنلہاکی قفےسشغع",
}

_KANA_ROWS = (
    "あいうえお かきくけこ さしすせそ たちつてと なにぬねの はひふへほ まみむめも らりるれろ "
    "がぎぐげご ざじずぜぞ だぢづでど ばびぶべぼ ぱぴぷぺぽ やゆよ わを"
).split()
_TO_KATAKANA = ord("ア") - ord("あ")


def neighbours(text: str, language: str) -> Neighbours:
    """The neighbours of the keys that a text of a language is typed with; empty for scripts without a layout here."""
    scripts = scripts_of(text)
    own = _OF_LANGUAGES.get(language.split("-", 1)[0])
    for script in _LAYOUTS:
        if script in scripts or (script == "Hiragana" and "Katakana" in scripts):
            # Who writes a language in Latin letters has that keyboard, whatever the language's own is.
            return _around(own) if own and script in scripts_of(own) else _of_script(script)
    return {}


@cache
def _of_script(script: str) -> Neighbours:
    if script == "Hiragana":
        return _kana()
    return _hangul() if script == "Hangul" else _around(_LAYOUTS[script])


@cache
def _around(layout: str) -> Neighbours:
    places = {
        key: (column + row / 2, row) for row, keys in enumerate(layout.split()) for column, key in enumerate(keys)
    }
    return {
        key: tuple(
            other for other, (u, v) in places.items() if other != key and abs(x - u) <= 1 and abs(y - v) <= 1
        )
        for key, (x, y) in places.items()
    }  # fmt: skip


def _kana() -> Neighbours:
    found: dict[str, Sequence[str]] = {}
    for row in (*_KANA_ROWS, *("".join(chr(ord(kana) + _TO_KATAKANA) for kana in row) for row in _KANA_ROWS)):
        found |= {kana: tuple(other for other in row if other != kana) for kana in row}
    return found


def _hangul() -> Neighbours:
    """By the conjoining letters of a decomposed syllable: a slip of a final consonant gives a final consonant."""
    found: dict[str, Sequence[str]] = {}
    around = _around(_LAYOUTS["Hangul"])
    for place in ("CHOSEONG", "JUNGSEONG", "JONGSEONG"):
        own = {key: letter for key in around if (letter := _conjoining(key, place))}
        for key, letter in own.items():
            found[letter] = tuple(own[other] for other in around[key] if other in own)
    return found


def _conjoining(letter: str, place: str) -> str:
    name = unicodedata.name(letter).removeprefix("HANGUL LETTER ")
    try:
        return unicodedata.lookup(f"HANGUL {place} {name}")
    except KeyError:
        return ""
