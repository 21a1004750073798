"""Foldings that keep every offset: one code point in, one code point out."""

from __future__ import annotations

import unicodedata
from functools import cache

from bot.pack_examples import comparable

__all__ = ("comparable", "fold", "unshouted")

_FULL_WIDTH = range(0xFF01, 0xFF5F)
"""Full-width forms of `!` to `~`; each is its ASCII character plus `_FULL_WIDTH_SHIFT`."""
_FULL_WIDTH_SHIFT = 0xFEE0
_IDEOGRAPHIC_SPACE = 0x3000
_PLANES = 0x20000
"""The end of the two planes that have digits; looking through all of Unicode takes a tenth of a second."""


@cache
def _folding() -> dict[int, str]:
    table = {code: chr(code - _FULL_WIDTH_SHIFT) for code in _FULL_WIDTH}
    table[_IDEOGRAPHIC_SPACE] = " "
    for code in range(0x80, _PLANES):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = str(digit)
    return table


def fold(text: str) -> str:
    """Text with full-width characters and the decimal digits of every script as ASCII, of the same length.

    So a pattern written for `12345` also finds `１２３４５`, `١٢٣٤٥` and `१२३४५`, at the right offsets.
    """
    return text if text.isascii() else text.translate(_folding())


def unshouted(text: str) -> str:
    """Text that is mostly in capitals in small letters, of the same length; any other as it is.

    Encoders have read little that is shouted, and take its words apart into letters.
    """
    if text.islower() or not (capitals := sum(map(str.isupper, text))):
        return text
    if 2 * capitals <= capitals + sum(map(str.islower, text)):
        return text
    # Only a dotted capital I has two code points in small letters, an i and its dot.
    return "".join([c.lower()[0] for c in text])
