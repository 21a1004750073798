"""Amounts of money: a number and a currency, by symbol, code or name."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from nlu.entities.grammar import Built, Match, Rule

_WORDS_TOO = frozenset(
    {"TRY", "MAD", "COP", "PEN", "ALL", "TOP", "SEK", "RON", "BAM", "MOP", "LAK", "RUB", "EGP", "SAR"}
)
"""Codes that are words in some language; they count only in capitals."""


@cache
def money_rules() -> tuple[Rule, ...]:
    """Rules over tokens in which numbers are already composed."""
    return (
        Rule("n:NUM c:@MONEY_NAME (AND|COMMA)? s:NUM CENT", _amount),
        Rule("n:NUM c:@MONEY_MARK (AND|COMMA)? s:NUM CENT", _amount),
        Rule("n:NUM c:@MONEY_NAME s:NUM (?!MONEY_NAME|MONEY_MARK|HYPHEN)", _short_cents),
        Rule("n:NUM c:@MONEY_MARK k:SCALENUM", _amount),
        Rule("c:@MONEY_MARK MONEY_MARK n:NUM", _amount),
        Rule("c:@MONEY_MARK n:NUM", _glued),
        Rule("n:NUM c:@MONEY_MARK", _glued),
        Rule("(?<!NUM)c:@MONEY_MARK n:NUM MONEY_NAME?", _amount),
        Rule("n:NUM (HYPHEN|OF)? c:@MONEY_MARK MONEY_MARK?", _amount),
        Rule("n:NUM (HYPHEN|OF|A)? c:@MONEY_NAME", _amount),
        Rule("n:NUM HYPHEN? c:@CENT", _cents),
        Rule("c:@MONEY_NAME n:NUM", _amount),
    )


def _amount(match: Match) -> Built:
    amount: Decimal = match.value("n", "NUM")
    token = match.tokens.get("c")
    currency = match.any("c", "MONEY_MARK", "MONEY_NAME")
    if token is None:
        return None
    written = match.text[token.start : token.end]
    if currency in _WORDS_TOO and written.isalpha() and written.upper() == currency and not written.isupper():
        return None
    if match.value("s", "NUM") is not None:
        amount += match.value("s", "NUM") / 100
    if match.value("k", "SCALENUM") is not None:
        amount *= match.value("k", "SCALENUM")
    return {"MONEY": (amount, currency)}


def _glued(match: Match) -> Built:
    """A sign right beside the number, `10$ 20$`."""
    one, other = sorted((match.tokens["n"], match.tokens["c"]), key=lambda token: token.start)
    return _amount(match) if one.end == other.start else None


def _short_cents(match: Match) -> Built:
    cents = match.tokens["s"]
    written = match.text[cents.start : cents.end]
    return _amount(match) if len(written) == 2 and written.isdigit() else None  # noqa: PLR2004 - "15 dollars 50"


def _cents(match: Match) -> Built:
    currency = match.value("c", "CENT")
    return {"MONEY": (match.value("n", "NUM") / 100, "XXX" if currency is True else currency)}
