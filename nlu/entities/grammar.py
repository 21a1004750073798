"""Rules over classes of tokens: a finite-state cascade in which each rule puts one token for the ones that it matched.

A rule is written as `d:DAY OF? m:MONTH (COMMA? y:YEAR)?`: upper-case names are classes of tokens, lower-case ones
before a colon name what was matched, and the rest is the syntax of regular expressions. A token may belong to several
classes ("second" is an ordinal and a unit), so a text becomes a string in which each token is a line with one
character for each of its classes; a rule becomes a regular expression over that string. It is the way of S. Abney,
"Partial parsing via finite-state cascades" (1996): linear, and independent of the language, which only says what its
words mean.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

_FIRST_CODE = 0x4E00
"""Classes are written as characters that mean nothing to a regular expression."""
_MARK = "\n"
"""Begins a token. What a dot does not match, so that rules are short and quick to compile."""
UNKNOWN = "UNKNOWN"
"""In a rule, a token of no class."""


class _Codes(dict[str, str]):
    """Class of tokens → its character. Rules are compiled in several threads, and two classes must never share one."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def __missing__(self, name: str) -> str:
        with self._lock:
            return self.setdefault(name, chr(_FIRST_CODE + len(self)))


_CODES = _Codes()


def code_of(name: str) -> str:
    """The character that stands for a class of tokens."""
    return _CODES[name]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, `end` exclusive, and what it may mean: a value for each of its classes."""

    start: int
    end: int
    values: Mapping[str, Any] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether it may be of a class."""
        return name in self.values


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule matched: the tokens by name, and the order of the day and the month in this language."""

    tokens: Mapping[str, Token]
    month_first: bool
    text: str

    def __contains__(self, name: str) -> bool:
        return name in self.tokens

    def value(self, name: str, kind: str) -> Any:
        """The value that a named token has as one of a class; None if the name matched nothing."""
        token = self.tokens.get(name)
        return None if token is None else token.values.get(kind)

    def any(self, name: str, *kinds: str) -> Any:
        """The value of the first of these classes that a named token has."""
        token = self.tokens.get(name)
        return None if token is None else next((token.values[kind] for kind in kinds if kind in token.values), None)


Built = Mapping[str, Any] | None
"""The classes of the new token with their values, or None where the words do not mean this after all."""

_SECONDS = 0.05
"""Processor time that one rule may take on one message; it takes microseconds."""
_CLASS = re.compile(r"(?:([a-z]\w*):)?(@?)([A-Z][A-Z0-9_]*)")


class Rule:
    """One rule: `pattern` as above, and what to make of a match.

    One of the classes marked with `@` must occur; that saves time, since a text without any is not searched.
    """

    def __init__(self, pattern: str, build: Callable[[Match], Built]) -> None:
        self.source = pattern
        self.build = build
        self.needs = frozenset(code_of(name) for _, marked, name in _CLASS.findall(pattern) if marked)
        self._compiled: regex.Pattern[str] | None = None

    def compiled(self) -> regex.Pattern[str]:
        """The regular expression; made when first asked for, since most texts need few rules."""
        if self._compiled is None:
            compact = re.sub(r"\((?!\?)", "(?:", self.source)
            self._compiled = regex.compile(_CLASS.sub(_class, compact).replace(" ", ""), regex.MULTILINE)
        return self._compiled

    def _matches(self, codes: str) -> Iterator[regex.Match[str]]:
        try:
            yield from self.compiled().finditer(codes, timeout=_SECONDS)
        except TimeoutError:
            # No rule needs this; it is the lock behind the door. What was found before stands.
            return

    def apply(self, tokens: list[Token], codes: str, *, month_first: bool, text: str) -> list[Token] | None:
        """The tokens with each match replaced by one, or None if nothing matched; `codes` is what `encode` gave."""
        result: list[Token] = []
        done = 0
        for match in self._matches(codes):
            first, last = codes.count(_MARK, 0, match.start()), codes.count(_MARK, 0, match.end())
            if last <= first or first < done:
                continue
            named = {
                name: tokens[codes.count(_MARK, 0, match.start(name))]
                for name, found in match.groupdict().items()
                if found is not None
            }
            built = self.build(Match(named, month_first, text))
            if built is None:
                continue
            result += tokens[done:first]
            result.append(Token(tokens[first].start, tokens[last - 1].end, built))
            done = last
        if not done:
            return None
        return result + tokens[done:]


def _class(match: re.Match[str]) -> str:
    name, _, kind = match.groups()
    body = f"{_MARK}$" if kind == UNKNOWN else f"{_MARK}.*{code_of(kind)}.*$"
    return f"(?P<{name}>{body})" if name else f"(?:{body})"


def encode(tokens: Sequence[Token]) -> str:
    """The tokens as the string that rules search."""
    return "".join([_MARK + "".join([_CODES[name] for name in token.values]) for token in tokens])


def cascade(
    tokens: Sequence[Token], rules: Sequence[Rule], *, text: str, month_first: bool = False
) -> tuple[list[Token], list[Token]]:
    """Apply rules one after the other; the tokens that are left, and every token that was made on the way."""
    now, made = list(tokens), []
    codes = encode(now)
    present = frozenset(codes)
    for rule in rules:
        if rule.needs and rule.needs.isdisjoint(present):
            continue
        after = rule.apply(now, codes, month_first=month_first, text=text)
        if after is not None:
            known = {id(token) for token in now}
            made += [token for token in after if id(token) not in known]
            now, codes = after, encode(after)
            present = frozenset(codes)
    return now, made
