"""Words of any script as a search sees them: folded, cut into terms, asked for, and shown where they were found. Pure.

Both databases get terms that are already cut, so that they find the same. Scripts without spaces (Chinese, Japanese,
Thai and the like) and Korean, whose particles stick to words, become overlapping pairs of characters; all others,
words. Upper and lower case, accents, vowel points, wide forms and variants of Arabic letters are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

LONGEST_TERM = 64
"""Code points; what is longer is cut, in texts and in questions alike."""

MOST_PHRASES = 16
"""Parts of one question."""

_RUNS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U0001b000-\U0001b16f"
    "\U00020000-\U0003ffff]"
)
"""Letters whose words cannot be told by spaces alone."""

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff]"
)
"""Marks that people leave out, joiners, and the stroke that only lengthens Arabic words."""

_ALIKE = str.maketrans({
    "đ": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ħ": "h",
    "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ٱ": "ا", "ہ": "ه", "ە": "ه",
})  # fmt: skip

_ARTICLES = ("وال", "بال", "فال", "كال", "ال", "لل")
"""Arabic's article with what sticks to its front; a word is found with and without."""

_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a pair of characters; `start` and `end` are its code points in the text, `end` exclusive."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand one after another; with `prefix`, the last one may go on."""

    terms: tuple[str, ...]
    prefix: bool


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text, and what was found in it: pairs of code points, end exclusive."""

    text: str
    marks: tuple[tuple[int, int], ...]


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", character).casefold()))
    # Some numbers in circles and brackets bring their punctuation along.
    return "".join(c for c in unicodedata.normalize("NFC", plain).translate(_ALIKE) if c.isalnum() or not c.isascii())


@lru_cache(maxsize=20_000)
def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character in "\u200c\u200d"


def terms(text: str) -> list[Term]:
    """The terms of a text, in order, by the offsets of the text as `unicodedata.normalize("NFC", …)` gives it."""
    return list(_terms(unicodedata.normalize("NFC", text), whole=True))


def _terms(text: str, *, whole: bool) -> Iterator[Term]:
    """With `whole`, a run ends in its last character alone, so that single characters are found too."""
    position, length = 0, len(text)
    while position < length:
        if not _is_word(text[position]):
            position += 1
            continue
        start = position
        runs = _RUNS.match(text[position]) is not None
        while position < length and _is_word(text[position]) and (_RUNS.match(text[position]) is not None) == runs:
            position += 1
        yield from _run(text, start, position, whole=whole) if runs else _word(text, start, position)


def _word(text: str, start: int, end: int) -> Iterator[Term]:
    word = _stem("".join(map(_folded, text[start:end])), _SHORTEST_STEM)[:LONGEST_TERM]
    if word:
        yield Term(word, start, end)


def _stem(word: str, shortest: int) -> str:
    if word[:1] not in "وبفكال":
        return word
    article = next((a for a in _ARTICLES if word.startswith(a) and len(word) - len(a) >= shortest), "")
    return word[len(article) :]


def _run(text: str, start: int, end: int, *, whole: bool) -> Iterator[Term]:
    characters = [(folded, i) for i in range(start, end) if (folded := _folded(text[i]))]
    for (one, first), (other, second) in pairwise(characters):
        yield Term(one + other, first, second + 1)
    if characters and (whole or len(characters) == 1):
        last, index = characters[-1]
        yield Term(last, index, index + 1)


_PART = re.compile(r'"([^"]*)"?|(\S+)')


def parse_question(question: str) -> tuple[Phrase, ...]:
    """What a question asks for, all of it in one text: its words as beginnings of words, `"quoted"` ones as they are.

    What is written without a space (an address, a number with dashes) must stand together.
    """
    phrases: list[Phrase] = []
    for match in _PART.finditer(unicodedata.normalize("NFC", question)):
        quoted, plain = match.group(1), match.group(2)
        part = plain if plain is not None else quoted
        found = list(_terms(part, whole=False))
        if not found:
            continue
        texts = [term.text for term in found]
        last = found[-1]
        runs = _RUNS.match(part[last.start]) is not None
        if plain is not None and not runs:
            # Its beginning may be all that is typed yet, so less must be left of it.
            texts[-1] = _stem("".join(map(_folded, part[last.start : last.end])), 1)[:LONGEST_TERM]
        # A single character of a run is found as the beginning of a pair, also when it is quoted.
        single = runs and len(texts[-1]) == len(_folded(part[last.start])) and last.end - last.start == 1
        phrases.append(Phrase(tuple(texts), (plain is not None and not runs) or single))
    return tuple(dict.fromkeys(phrases))[:MOST_PHRASES]


_ID = re.compile("[0-9a-f]{4,32}")


def parse_id(question: str) -> str | None:
    """The beginning of an id of ours (hexadecimal, small letters, four or more), if a question is one."""
    wanted = question.strip().casefold()
    return wanted if _ID.fullmatch(wanted) else None


def found_in(phrases: Sequence[Phrase], texts: Sequence[str]) -> bool:
    """Whether all phrases stand in a text, given by its terms."""
    return all(next(_places(phrase, texts), None) is not None for phrase in phrases)


def _places(phrase: Phrase, texts: Sequence[str]) -> Iterator[int]:
    size = len(phrase.terms)
    *before, last = phrase.terms
    for start in range(len(texts) - size + 1):
        end = texts[start + size - 1]
        if (end.startswith(last) if phrase.prefix else end == last) and list(texts[start : start + size - 1]) == before:
            yield start


def snippet(text: str, phrases: Sequence[Phrase], length: int = 160) -> Snippet:
    """The piece of a text around the first thing that was found, at most about `length` code points long."""
    text = unicodedata.normalize("NFC", text)
    found = terms(text)
    texts = [term.text for term in found]
    spans: list[tuple[int, int]] = []
    for phrase in phrases:
        for place in _places(phrase, texts):
            spans.append((found[place].start, found[place + len(phrase.terms) - 1].end))
            if len(spans) > length:
                break
    start, end = _window(text, min(spans, default=(0, 0))[0], length)
    head, tail = "…" if start else "", "…" if end < len(text) else ""
    shift = len(head) - start
    marks = [(a + shift, b + shift) for a, b in _joined(spans) if a >= start and b <= end]
    piece = "".join(" " if c in "\r\n\t" else c for c in text[start:end])
    return Snippet(f"{head}{piece}{tail}", tuple(marks))


def _window(text: str, focus: int, length: int) -> tuple[int, int]:
    start = max(0, min(focus - length // 3, len(text) - length))
    end = min(len(text), start + length)
    # Not in the middle of a word, where there are spaces nearby.
    if start and (space := text.find(" ", start, focus)) != -1:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(focus + 1, end - 20), end)) != -1:
        end = space
    return start, end


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
