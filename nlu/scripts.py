"""What the script of a text says about its language, and which of the two Chinese scripts it is."""

from __future__ import annotations

from collections.abc import Mapping

import hanzidentifier
import regex

from bot.language_codes import SIMPLIFIED, TRADITIONAL

_ONE_LANGUAGE: Mapping[str, str] = {
    "Hangul": "ko",
    "Thai": "th",
    "Hebrew": "he",
    "Greek": "el",
    "Georgian": "ka",
    "Armenian": "hy",
    "Khmer": "km",
    "Lao": "lo",
    "Myanmar": "my",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Gujarati": "gu",
    "Gurmukhi": "pa",
    "Sinhala": "si",
    "Tibetan": "bo",
    "Ethiopic": "am",
}
"""Scripts that, of the languages told apart here, practically only one is written in."""

TOLD_BY_SCRIPT = frozenset({*_ONE_LANGUAGE.values(), "ja", SIMPLIFIED, TRADITIONAL})
"""Languages that need no model as long as they are written in their own script."""

_SEVERAL: Mapping[str, frozenset[str]] = {
    "Cyrillic": frozenset("ru uk be bg sr mk kk ky mn tg tt ba cv os ce kv av sah tyv uz ab".split()),
    "Arabic": frozenset("ar fa ur ps sd ug ku ckb az arz pnb".split()),
    "Devanagari": frozenset("hi mr ne sa mai bho gom new".split()),
    "Bengali": frozenset({"bn", "as", "bpy"}),
}

_SCRIPTS = (*_ONE_LANGUAGE, *_SEVERAL, "Han", "Hiragana", "Katakana", "Latin")
_PATTERNS = {script: regex.compile(rf"\p{{Script={script}}}") for script in _SCRIPTS}


def scripts_of(text: str) -> dict[str, int]:
    """Letters by script."""
    counts = {script: len(pattern.findall(text)) for script, pattern in _PATTERNS.items()}
    return {script: count for script, count in counts.items() if count}


def candidates(counts: Mapping[str, int]) -> frozenset[str] | None:
    """The languages that a text with these scripts can be in; None where the script does not tell (Latin).

    `zh` stands for both Chinese scripts. A Latin product name within another script changes nothing.
    """
    japanese = sum(counts.get(script, 0) for script in ("Hiragana", "Katakana", "Han"))
    if japanese > counts.get("Han", 0) and counts.get("Latin", 0) <= 4 * japanese:
        return frozenset({"ja"})
    others = {script: count for script, count in counts.items() if script != "Latin"}
    if not others:
        return None
    main = max(others, key=lambda script: others[script])
    # Two Thai letters in an English sentence do not make it Thai.
    if counts.get("Latin", 0) > 4 * others[main]:
        return None
    if main == "Han":
        return frozenset({"zh", "ja"})
    if main in _ONE_LANGUAGE:
        return frozenset({_ONE_LANGUAGE[main]})
    return _SEVERAL.get(main)


def chinese_script(text: str, otherwise: str = SIMPLIFIED) -> str:
    """`zh-Hans` or `zh-Hant` by the characters that only one of them has; `otherwise` for a text that is both."""
    found = hanzidentifier.identify(text)
    if found == hanzidentifier.SIMPLIFIED:
        return SIMPLIFIED
    if found == hanzidentifier.TRADITIONAL:
        return TRADITIONAL
    if found == hanzidentifier.MIXED:
        han = regex.findall(r"\p{Han}", text)
        simple = sum(hanzidentifier.identify(c) == hanzidentifier.SIMPLIFIED for c in han)
        traditional = sum(hanzidentifier.identify(c) == hanzidentifier.TRADITIONAL for c in han)
        return SIMPLIFIED if simple >= traditional else TRADITIONAL
    return otherwise
