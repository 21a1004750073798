"""Language codes as Babeldesk writes them: BCP 47, two letters where they exist, `zh-Hans` and `zh-Hant`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale
from babel.core import get_global, parse_locale

SIMPLIFIED, TRADITIONAL = "zh-Hans", "zh-Hant"

_TRADITIONAL_TERRITORIES = frozenset({"TW", "HK", "MO"})

_NONE = frozenset({"und", "mul", "mis", "zxx"})
"""Codes for an unknown language, several, an uncoded one, and none."""

_SAME: Mapping[str, str] = {
    # What CLDR calls an alias, or what older standards called it.
    "no": "nb",
    "fil": "tl",
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jw": "jv",
    "mo": "ro",
    # Varieties whose writers read, and mostly type, the standard language.
    "arz": "ar",
    "arq": "ar",
    "azb": "az",
    "als": "de",
    "gsw": "de",
    "swg": "de",
    "bar": "de",
    "pfl": "de",
    # Chinese languages; their script is told apart by `nlu.scripts`.
    "cmn": "zh",
    "wuu": "zh",
    "yue": "zh",
}


@cache
def language_code(tag: str) -> str | None:
    """Our code for a BCP 47 tag, a POSIX locale or a label of the fastText model; None if it names no language.

    Plain Chinese is simplified, as CLDR has it: `zh` → `zh-Hans`, `zh_TW` → `zh-Hant`, `pt-BR` → `pt`, `no` → `nb`.
    """
    try:
        parsed = parse_locale(tag.split(".", maxsplit=1)[0].strip().replace("_", "-"), sep="-")
    except ValueError:
        return None
    language, territory, script = parsed[:3]
    if language not in _SAME:  # `als` is Albanian to CLDR, and Alemannic to fastText
        language = str(get_global("language_aliases").get(language, language)).split("_")[0]
    language = _SAME.get(language, language)
    if language == "zh":
        traditional = script == "Hant" if script else territory in _TRADITIONAL_TERRITORIES
        return TRADITIONAL if traditional else SIMPLIFIED
    return language if language in _known() else None


@cache
def _known() -> frozenset[str]:
    return frozenset(name for name in map(str, Locale("en").languages) if 2 <= len(name) <= 3) - _NONE  # noqa: PLR2004
