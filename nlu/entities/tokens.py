"""Cuts a text into tokens that the grammar can read: figures, words of the lexicon, and the rest."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

from nlu.entities.figures import scan, vulgar
from nlu.entities.grammar import Token
from nlu.entities.lexicon import Lexicon, Meanings

_DIGITS = frozenset("0123456789")
_SHORTEST_PART = 3
"""Letters of a part of a compound, joining words aside."""
_INSIDE = frozenset({"CARD", "TENS", "SCALE", "AND", "ORDWORD", "ORDEND"})
_ENDINGS = frozenset({"DMARK", "TO"})
_WORD = regex.compile(r"[\p{L}\p{M}]+")


_WAW = "\u0648"
"""Arabic "and", written together with the next word."""


def is_unspaced(char: str) -> bool:
    """Whether it belongs to a script that puts no spaces between words, or none before endings (Hangul)."""
    return "\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af" or "\u0e00" <= char <= "\u0eff"


def _in_word(char: str) -> bool:
    return char.isalpha() or unicodedata.category(char) in {"Mn", "Mc"}


def is_boundary(text: str, i: int) -> bool:
    """Whether a word may begin or end before the character at `i`."""
    if i in {0, len(text)}:
        return True
    before, after = text[i - 1], text[i]
    if is_unspaced(before) or is_unspaced(after):
        return True
    return not (_in_word(before) and _in_word(after))


def tokenize(text: str, lexicon: Lexicon) -> list[Token]:
    """The tokens of a folded text, in order; what means nothing is a token without classes."""
    letters = lexicon.letters(text)
    tokens: list[Token] = []
    i = 0
    while i < len(letters):
        char = letters[i]
        if char.isspace():
            i += 1
            continue
        figure = scan(letters, i, lexicon) if char in _DIGITS or char in ".,+-" else vulgar(char, i)
        if figure is not None:
            tokens.append(figure)
            i = figure.end
            tail = _WORD.match(letters, i + 1) if lexicon.suffixes and letters[i : i + 1] == "'" else None
            if tail is not None and tail.group() in lexicon.suffixes and not _telling(letters, i, lexicon):
                i = tail.end()
            continue
        found = list(_words(letters, i, lexicon))
        if found:
            tokens += found
            i = found[-1].end if found[-1].values.get("_outer") is None else found[-1].values["_outer"]
            continue
        end = i + 1
        if not (is_unspaced(char) or not _in_word(char)):
            while end < len(letters) and not is_boundary(letters, end):
                end += 1
        tokens.append(Token(i, end))
        i = end
    return tokens


def _telling(letters: str, i: int, lexicon: Lexicon) -> bool:
    """Whether the ending of figures at `i` says what they are: 15'inde is a day, 4'üyle 22'si a range."""
    whole = next((meanings for end, meanings in lexicon.words.ends(letters, i) if is_boundary(letters, end)), {})
    return not _ENDINGS.isdisjoint(whole)


def _words(letters: str, i: int, lexicon: Lexicon) -> Iterator[Token]:
    """The token of the longest known phrase at `i`, or those of a compound; none if nothing is known."""
    whole = _known(letters, i, lexicon)
    if whole is not None:
        yield whole
        return
    if is_unspaced(letters[i]) or not _in_word(letters[i]):
        return
    for prefix in lexicon.prefixes:
        if letters.startswith(prefix, i) and len(prefix) > 1 and prefix[0] == _WAW:
            rest = _known(letters, i + len(prefix), lexicon, inside=True)
            if rest is not None:
                yield Token(i, i + 1, {"AND": True})
                yield rest
                return
        if letters.startswith(prefix, i):
            rest = _known(letters, i + len(prefix), lexicon, inside=True)
            if rest is not None:
                joining = next((m for end, m in lexicon.words.ends(letters, i) if end == i + len(prefix)), None)
                if joining is not None:
                    yield Token(i, i + len(prefix), joining)
                    yield rest
                else:
                    yield Token(i, rest.end, rest.values)
                return
    if lexicon.compounds:
        word = _WORD.match(letters, i)
        if word is not None:
            yield from _compound(letters, i, word.end(), lexicon, frozenset()) or ()


def _known(letters: str, i: int, lexicon: Lexicon, *, inside: bool = False) -> Token | None:
    if not inside and not is_boundary(letters, i):
        return None
    for end, meanings in lexicon.words.ends(letters, i):
        if is_boundary(letters, end):
            tail = _WORD.match(letters, end + 1) if lexicon.suffixes and letters[end : end + 1] == "'" else None
            if tail is not None and tail.group() in lexicon.suffixes:
                return Token(i, end, {**meanings, "_outer": tail.end()})
            return Token(i, end, {} if "IGNORE" in meanings else meanings)
        rest = _WORD.match(letters, end)
        if rest is not None and rest.group() in lexicon.suffixes:
            return Token(i, end, {**meanings, "_outer": rest.end()})
    return None


def _compound(letters: str, start: int, end: int, lexicon: Lexicon, dead: frozenset[int]) -> list[Token] | None:
    """A word cut into known parts without a rest; the longest parts first."""
    for stop, meanings in lexicon.parts.ends(letters, start):
        if stop > end or (stop - start < _SHORTEST_PART and not _is_inside(meanings)):
            continue
        if stop == end:
            return [Token(start, stop, meanings)]
        rest = _compound(letters, stop, end, lexicon, dead)
        if rest is not None:
            return [Token(start, stop, meanings), *rest]
    return None


def _is_inside(meanings: Meanings) -> bool:
    return not _INSIDE.isdisjoint(meanings)
