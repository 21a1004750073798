"""Addresses and codes that are the same in every language, with their check digits."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex

from bot.understanding import Entity
from nlu.entities.checks import iban, isbn, luhn, s10, ups

CODES = ("email", "url", "tracking_number", "iban", "isbn", "card_number", "ip_address")

_SECONDS = 0.05
"""Processor time that a pattern may take; they are linear, so this is a second lock."""

_TLD = (
    "com org net edu gov mil int info biz app dev io co me tv shop store online site tech blog cloud ai eu "
    "us uk de fr es pt it nl be at ch se no dk fi is ie pl cz sk hu ro bg gr tr ru ua by kz ge am az il ae sa eg ma "
    "za ng ke in pk bd lk np cn hk tw jp kr vn th my sg id ph au nz ca mx br ar cl pe ve uy ec bo py cr do lt lv ee "
    "hr si rs ba mk al lu li mt cy asia mobi name pro travel museum xyz top club link live news wiki"
).split()


@dataclass(frozen=True, slots=True)
class _Code:
    kind: str
    pattern: regex.Pattern[str]
    value: Callable[[str], str | None]
    """The normalised code, or None where its check digit is wrong."""
    marks: tuple[str, ...] = ()
    """Pieces of text without any of which there is none."""
    digits: int = 0
    """The least number of digits that one has."""


def _compact(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _checked(valid: Callable[[str], bool]) -> Callable[[str], str | None]:
    def value(text: str) -> str | None:
        code = _compact(text)
        return code if valid(code) else None

    return value


def _ip(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(re.sub(r"\b0+(?=\d)", "", text) if "." in text else text))
    except ValueError:
        return None


_ASCII_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,62})"
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}"
# A label is of ASCII, or begins with another letter; so a sentence may go on right after it in Chinese.
_LABEL = rf"(?:{_ASCII_LABEL}|(?![a-z0-9])\p{{L}}[\p{{L}}\p{{N}}\-]{{0,62}})"
_TAIL = rf"(?:[/?#][^\s<>\"“”«»，。！？、；：（）{_UNSPACED}]*)?"

_CODES = (
    _Code(
        "email",
        regex.compile(
            r"(?<![a-z0-9.!#$%&'*+/=?^_`{|}~\-])[a-z0-9_](?:[a-z0-9.!#$%&'*+/=?^_`{|}~\-]{0,63})"
            r"@(?:[a-z0-9](?:[a-z0-9\-]{0,62})\.)+[a-z]{2,24}(?![a-z0-9])"
            r"|(?<![\w.+\-])[\w][\w.+\-]{0,63}@(?:[\p{L}\p{N}][\p{L}\p{N}\-]{0,62}\.)+\p{L}{2,24}(?![\p{L}\p{N}])",
            regex.IGNORECASE,
        ),
        lambda text: text.lower(),
        marks=("@",),
    ),
    _Code(
        "url",
        regex.compile(
            rf"(?<![a-z0-9@])(?:https?|ftp)://(?:[^\s/@]+@)?(?:{_LABEL}(?:\.{_LABEL})+|localhost|\d+(?:\.\d+){{3}})"
            rf"(?::\d{{1,5}})?{_TAIL}"
            rf"|(?<![a-z0-9@.\-/_])(?:{_ASCII_LABEL}\.)+(?:{'|'.join(_TLD)})(?![a-z0-9@]|[.\-][a-z0-9])"
            rf"(?::\d{{1,5}})?{_TAIL}"
            rf"|(?<![a-z0-9@.\-/_])www\.(?:{_ASCII_LABEL}\.)+[a-z]{{2,24}}(?![a-z0-9@])(?::\d{{1,5}})?{_TAIL}",
            regex.IGNORECASE,
        ),
        lambda text: text,
        marks=(".", "://"),
    ),
    _Code(
        "tracking_number",
        regex.compile(r"(?<![\w-])1Z(?: ?[0-9A-Z]){16}(?![\w])", regex.IGNORECASE),
        _checked(ups),
        digits=1,
        marks=("1",),
    ),
    _Code(
        "tracking_number",
        regex.compile(r"(?<![\w-])[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?![\w])", regex.IGNORECASE),
        _checked(s10),
        digits=9,
    ),
    _Code(
        "iban",
        regex.compile(
            r"(?<![\w-])[A-Z]{2}\d{2}(?:[ -]?[0-9A-Z]{4}){2,7}(?:[ -]?[0-9A-Z]{1,3})?(?![\w])", regex.IGNORECASE
        ),
        _checked(iban),
        digits=8,
    ),
    _Code(
        "isbn",
        regex.compile(
            r"(?<![\w-])(?:97[89][ -]?)?\d{1,5}[ -]?\d{1,7}[ -]?\d{1,7}[ -]?[\dX](?![\w-])", regex.IGNORECASE
        ),
        _checked(isbn),
        digits=9,
    ),
    _Code("card_number", regex.compile(r"(?<![\w.,-])\d(?:[ -]?\d){12,18}(?![\w-]|[.,]\d)"), _checked(luhn), digits=13),
    _Code(
        "ip_address",
        regex.compile(
            r"(?<![a-z0-9_.:])(?:\d{1,3}\.){3}\d{1,3}(?![a-z0-9_:]|\.\d)"
            r"|(?<![a-z0-9_.:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![a-z0-9_:])",
            regex.IGNORECASE,
        ),
        _ip,
        digits=1,
    ),
)
_DOTS, _COLONS = 3, 2
"""Separators of the two kinds of IP addresses, at least."""
_ENDS = ".,;:!?'\")]}>*"


def find_codes(text: str) -> Iterator[Entity]:
    """Every e-mail address, URL and code of a text."""
    digits = sum(map(str.isdecimal, text))
    for code in _CODES:
        if (code.marks and not any(mark in text for mark in code.marks)) or digits < code.digits:
            continue
        if code.kind == "ip_address" and text.count(".") < _DOTS and text.count(":") < _COLONS:
            continue
        try:
            for match in code.pattern.finditer(text, timeout=_SECONDS):
                found = match.group()
                if code.kind == "url":
                    found = found.rstrip(_ENDS) if found.count("(") == 0 else found.rstrip(_ENDS.replace(")", ""))
                value = code.value(found)
                if value is not None:
                    yield Entity(code.kind, match.start(), match.start() + len(found), value)
        except TimeoutError:
            continue
