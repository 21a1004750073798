"""The built-in kinds of entities, and how each is found."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal

from bot.understanding import Entity
from nlu.entities.codes import CODES, find_codes
from nlu.entities.figures import classes_of
from nlu.entities.grammar import Token, cascade
from nlu.entities.lexicon import Lexicon, lexicon_of
from nlu.entities.moments import plain
from nlu.entities.money import money_rules
from nlu.entities.number_rules import number_rules
from nlu.entities.numbers import compose
from nlu.entities.phones import find_phones
from nlu.entities.times import TIMES, find_times, time_rules
from nlu.entities.tokens import tokenize

_NUMBERS = ("number", "ordinal", "percentage", "money")

_DIGITS = re.compile(r"\d+")

KINDS: tuple[str, ...] = (*CODES, "phone", *_NUMBERS, *TIMES)
"""Names of the built-in kinds; of equally long entities the kind that stands first here wins."""


def find_kinds(text: str, language: str, wanted: Collection[str], reference: datetime | None) -> list[Entity]:
    """Every entity of the wanted kinds in a folded text, overlapping ones too, in the order of `KINDS`."""
    codes = list(find_codes(text))
    # Figures within an address or a code are none of their own.
    taken = [(entity.start, entity.end) for entity in codes if entity.entity in {"email", "url"}]
    found = [entity for entity in codes if entity.entity in wanted]
    if "phone" in wanted:
        found += find_phones(text, taken)
    grammatical = not _NUMBERS_AND_TIMES.isdisjoint(wanted)
    if grammatical:
        lexicon = lexicon_of(language)
        tokens = compose([t for t in tokenize(text, lexicon) if not _within(t, taken)], text, lexicon)
        if not set(_NUMBERS).isdisjoint(wanted):
            found += [entity for entity in _numbers(text, tokens, lexicon) if entity.entity in wanted]
        if not set(TIMES).isdisjoint(wanted):
            found += [entity for entity in find_times(text, tokens, lexicon, reference) if entity.entity in wanted]
    rank = {kind: i for i, kind in enumerate(KINDS)}
    found.sort(key=lambda entity: rank[entity.entity])
    return found


_NUMBERS_AND_TIMES = frozenset((*_NUMBERS, *TIMES))


def prepare(language: str) -> None:
    """Compile the lexicon of a language, and the rules of all: some 20 ms for the one, 150 ms for the others, once."""
    lexicon_of(language)
    for rule in (*number_rules(), *money_rules(), *time_rules()):
        rule.compiled()


def _within(token: Token, taken: list[tuple[int, int]]) -> bool:
    return any(start < token.end and token.start < end for start, end in taken)


def _numbers(text: str, tokens: list[Token], lexicon: Lexicon) -> Iterator[Entity]:
    parts = [part for token in tokens for part in _parts(text, token)]
    left, made = cascade(parts, number_rules(), text=text)
    shares = [token for token in made if token.has("PERCENT")]
    within = [part for part in parts if any(share.start <= part.start and part.end <= share.end for share in shares)]
    for token in (*left, *made, *within):
        if token.has("A") and not lexicon.articles:
            continue
        number = token.values.get("NUM")
        if number is None:
            number = token.values.get("POWER")
        if number is not None and (token.has("WORDS") or not _glued(text, token)):
            yield Entity("number", token.start, token.end, plain(number))
        if "ORD" in token.values:
            yield Entity("ordinal", token.start, token.end, str(token.values["ORD"]))
        if "PERCENT" in token.values:
            yield Entity("percentage", token.start, token.end, f"{plain(token.values['PERCENT'])}%")
    _, made = cascade(left, money_rules(), text=text)
    for token in made:
        if "MONEY" in token.values:
            amount, currency = token.values["MONEY"]
            yield Entity("money", token.start, token.end, f"{_cents(amount)} {currency}")


def _parts(text: str, token: Token) -> Iterator[Token]:
    """A date in figures as the numbers that it is written with; any other token as it is."""
    if not token.has("DATE") or token.has("NUM"):
        yield token
        return
    for found in _DIGITS.finditer(text, token.start, token.end):
        yield Token(found.start(), found.end(), classes_of(Decimal(found[0]), found[0]))


def _cents(amount: Decimal) -> str:
    return plain(amount) if amount == int(amount) else f"{amount:.2f}" if amount == round(amount, 2) else plain(amount)


_LATIN_ENDS = "\u0590"
"""Letters before it (Latin, Greek, Cyrillic) belong to the figures that they touch."""


def _glued(text: str, token: Token) -> bool:
    """Whether a number is part of a code or of a measure such as `180ml`."""
    before = text[token.start - 1] if token.start else " "
    after = text[token.end] if token.end < len(text) else " "
    return any(char.isalpha() and char < _LATIN_ENDS for char in (before, after))
