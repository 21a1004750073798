"""What the words of a language mean to the grammar: from `lexicon/<language>.yml`, and from the CLDR through Babel."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError

from nlu.entities.cldr import LEAST_LETTERS, words_of
from nlu.text import fold

FOLDER = Path(__file__).parent / "lexicon"
LETTERS_STAY = frozenset({"vi", "hi", "ar"})
"""Languages whose accents tell words apart; in the others `mañana` is also typed `manana`."""

_ABBREVIATED = frozenset("k m mm b bn t tn g mn mi bi mr p".split())
"""Multipliers that count only right after figures: 10k."""
_NUKTA = {code: unicodedata.normalize("NFD", chr(code)) for code in range(0x0958, 0x0960)}
"""Letters of Devanagari that are one or two code points; NFC always takes two, keyboards do not."""

Meanings = dict[str, Any]
"""Class of token → value."""


class _Letters(dict[int, str]):
    """One lower-case letter for each, so that offsets stay; without accents where `bare`."""

    def __init__(self, *, bare: bool) -> None:
        super().__init__({ord("İ"): "i", ord("ı"): "i" if bare else "ı", ord("’"): "'", ord("‘"): "'"})
        self.update({ord("أ"): "ا", ord("إ"): "ا", ord("آ"): "ا", ord("ى"): "ي", ord("ة"): "ه", ord("\u00a0"): " "})
        self.update({ord("‐"): "-", ord("‑"): "-", ord("٪"): "%", ord("％"): "%"})
        self._bare = bare

    def __missing__(self, code: int) -> str:
        char = chr(code)
        lower = char.lower()
        if len(lower) == 1:
            char = lower
        if self._bare and code > 0x7F:  # noqa: PLR2004 - beyond ASCII
            base = unicodedata.normalize("NFD", char)[0]
            char = base if base.isalpha() and base.isascii() else char
        self[code] = char
        return char


@cache
def _table(*, bare: bool) -> _Letters:
    return _Letters(bare=bare)


class Trie:
    """Words and phrases by their letters; the longest that begins at a place is found in one walk."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}

    def add(self, phrase: str, name: str, value: Any) -> None:
        """Add a class and its value to what a phrase means; the first value of a class stays."""
        node = self._root
        for char in phrase:
            following = node.get(char)
            if following is None:
                following = node[char] = {}
            node = following
        node.setdefault("", {}).setdefault(name, value)

    def ends(self, text: str, start: int) -> list[tuple[int, Meanings]]:
        """Where the phrases that begin at `start` end, with their meanings, the longest first."""
        node, found = self._root, []
        for i in range(start, len(text)):
            # Any white space is a space, and several are one.
            char = text[i]
            following = node.get(" " if char.isspace() else char)
            if following is None:
                if char.isspace() and i > start and text[i - 1].isspace():
                    continue
                break
            node = following
            if "" in node:
                found.append((i + 1, node[""]))
        found.reverse()
        return found


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language as the grammar needs it."""

    code: str
    words: Trie
    parts: Trie
    """What may stand inside of compounds: "drei", "und", "zwanzig"."""
    compounds: bool
    unspaced: bool
    prefixes: tuple[str, ...]
    suffixes: frozenset[str]
    decimal: str
    group: str
    month_first: bool
    section: tuple[int, ...]
    """Numbers that multiply what stands before them within a group of digits: 100; in Chinese 10, 100 and 1000."""
    units_first: bool
    additive: bool
    articles: bool
    """Whether the word for one, which is an article too, counts as a number by itself."""
    bare: bool
    articles_in: tuple[str, ...]
    """Which spans take an article in: THEIN those of weeks and the like, THEDATE those of dates."""

    def letters(self, text: str) -> str:
        """Lower case, and without accents if the language allows it; of the same length."""
        return text.translate(_table(bare=self.bare))


@cache
def lexicon_of(language: str) -> Lexicon:
    """The lexicon of a BCP 47 code; languages of which nothing is known have the words of the CLDR."""
    code = language.split("-", maxsplit=1)[0]
    own = _read(code)
    bare = code not in LETTERS_STAY
    settings: Mapping[str, Any] = own.get("settings", {})
    try:
        locale: Locale | None = Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = None
    words, parts = Trie(), Trie()
    table = _table(bare=bare)
    compounds = bool(settings.get("compounds", False))
    for phrase, name, value in _entries(own, _common(), locale):
        inside = phrase.startswith("+")
        bare_phrase = phrase.removeprefix("+")
        if name == "SCALE" and bare_phrase in _ABBREVIATED:
            name = "SCALEX"  # noqa: PLW2901
        for key in _spellings(bare_phrase, table):
            if key:
                if compounds and not _never_inside(name, key):
                    parts.add(key, name, value)
                if not inside:
                    words.add(key, name, value)
    symbols = locale.number_symbols.get("latn", {}) if locale is not None else {}
    return Lexicon(
        code=code,
        words=words,
        parts=parts,
        compounds=compounds,
        unspaced=settings.get("unspaced", False),
        prefixes=tuple(settings.get("prefixes", ())),
        suffixes=frozenset(str(s).translate(table) for s in settings.get("suffixes", ())),
        decimal=settings.get("decimal", symbols.get("decimal", ".")),
        group=settings.get("group", symbols.get("group", ",")),
        month_first=settings.get("month_first", language in {"en", "en-US"}),
        section=tuple(settings.get("section", (100,))),
        units_first=settings.get("units_first", False),
        additive=settings.get("additive", False),
        articles=settings.get("articles", True),
        bare=bare,
        articles_in=tuple(settings.get("articles_in", ())),
    )


def _never_inside(name: str, key: str) -> bool:
    """Codes and abbreviations, which no compound has: "marrone" is not mar, RON and e."""
    return name == "MONEY_MARK" or (name in {"MONTH", "WDAY"} and len(key) <= LEAST_LETTERS)


def _spellings(phrase: str, table: _Letters) -> set[str]:
    """A phrase with its letters composed or not, as the tokenizer will see it."""
    if phrase.isascii():
        return {phrase.translate(table)}
    forms = {unicodedata.normalize(form, fold(phrase)) for form in ("NFC", "NFD")}
    for code, pair in _NUKTA.items():
        forms |= {form.replace(pair, chr(code)) for form in forms if pair in form}
    return {form.translate(table) for form in forms}


@cache
def _common() -> dict[str, Any]:
    return _read("common")


def _read(name: str) -> dict[str, Any]:
    file = FOLDER / f"{name}.yml"
    if not file.is_file():
        return {}
    # libyaml's parser takes a tenth of the time; not every build of PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe one
    return data


def _entries(
    own: Mapping[str, Any], common: Mapping[str, Any], locale: Locale | None
) -> Iterator[tuple[str, str, Any]]:
    """Phrase, class and value, the language's own first, since the first value of a class stays."""
    for source in (own, common):
        for name, phrases in source.items():
            if name == "settings":
                continue
            pairs = phrases.items() if isinstance(phrases, dict) else [(True, phrases)]
            for value, listed in pairs:
                for phrase in str(listed).split(", ") if ", " in str(listed) else [str(listed)]:
                    if phrase:
                        yield phrase, name, value
    if locale is not None:
        yield from words_of(locale)
