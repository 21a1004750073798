"""Rules for what is made of numbers: decimals, fractions, signs, dozens, percentages, ordinals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from nlu.entities.grammar import Built, Match, Rule

_TEN, _HUNDRED = 10, 100


@cache
def number_rules() -> tuple[Rule, ...]:
    """Decimals, fractions, signs, dozens and percentages, in the order in which they apply."""
    return tuple(_number_rules())


def _decimal(match: Match) -> Built:
    whole = match.any("whole", "NUM", "LIT")
    digits = "".join(_spoken_digits(match, name) for name in ("a", "b", "c", "d", "e", "f") if name in match)
    if whole is None or whole != int(whole):
        return None
    return {"NUM": Decimal(f"{whole}.{digits}"), "WORDS": True}


def _spoken_digits(match: Match, name: str) -> str:
    return str(int(match.value(name, "NUM")))


def _fraction(match: Match) -> Built:
    """Two fifths: `d` is a word for a denominator, an ordinal or a number."""
    top = match.value("n", "NUM")
    bottom = match.any("d", "FRACN", "ORD", "NUM")
    if not bottom:
        return None
    return {"NUM": Decimal(1 if top is None else top) / Decimal(bottom), "WORDS": True, "FRACTION": True}


def _part(match: Match) -> Built:
    """Half, quarter: alone, of a million, or after a number and a joining word."""
    part = Decimal(str(match.any("f", "PART", "PARTALONE", "PARTW")))
    top, whole, scale = match.value("n", "NUM"), match.value("w", "NUM"), match.any("s", "SCALENUM", "NUM")
    value = (whole or 0) + (1 if top is None else top) * part * (1 if scale is None else scale)
    return {"NUM": value, "WORDS": True, "FRACTION": True}


def _scaled(match: Match) -> Built:
    """Two thirds of a million."""
    return {"NUM": match.value("f", "NUM") * match.value("s", "SCALENUM"), "WORDS": True}


def _power(match: Match) -> Built:
    exponent = match.value("e", "NUM")
    if abs(exponent) > _HUNDRED:
        return None
    try:
        return {"NUM": match.value("b", "NUM") ** exponent, "WORDS": True}
    except ArithmeticError:
        return None


def _plus(match: Match) -> Built:
    return {"NUM": match.value("w", "NUM") + match.value("f", "NUM"), "WORDS": True, "FRACTION": True}


def _slashed(match: Match) -> Built:
    top, bottom = match.tokens["n"], match.tokens["d"]
    glued = match.text[top.end : bottom.start]
    if len(glued) > 1 or not bottom.values["NUM"]:
        return None
    value = top.values["NUM"] / bottom.values["NUM"]
    if "w" in match:
        value = match.value("w", "NUM") + value
    return {"NUM": value, "FRACTION": True}


def _negative(match: Match) -> Built:
    return {"NUM": -match.value("n", "NUM"), "WORDS": True}


def _dozen(match: Match) -> Built:
    factor = match.value("n", "NUM") or Decimal(str(match.value("f", "PART") or 1))
    return {"NUM": factor * match.value("d", "DOZEN"), "WORDS": True}


def _percent(match: Match) -> Built:
    return {"PERCENT": match.value("n", "NUM")}


def _of_hundred(match: Match) -> Built:
    """百分之五, 千分之二."""
    return {"PERCENT": match.value("n", "NUM") * Decimal(str(match.value("p", "PERCENTOF")))}


def _of_hundreds(match: Match) -> Built:
    """一百分之五: what reads as "percent" is a part of the denominator."""
    bottom = match.value("a", "NUM") * _HUNDRED / Decimal(str(match.value("p", "PERCENTOF")))
    return {"NUM": match.value("n", "NUM") / bottom, "WORDS": True, "FRACTION": True} if bottom else None


def _tenths(match: Match) -> Built:
    """七成六, 八折, 三割: tenths; two digits before 折 are hundredths."""
    number = match.value("n", "NUM") if "n" in match else Decimal(str(match.value("f", "PART")))
    digit = match.value("d", "INT") or 0
    return {"PERCENT": number * _TEN + digit if number <= _TEN else number}


def _ordinal_mark(match: Match) -> Built:
    number = match.value("n", "NUM")
    if number is None or number != int(number):
        return None
    values: dict[str, Any] = {"ORD": int(number)}
    if 1 <= number <= 31:  # noqa: PLR2004 - the days of a month
        values["ORDDAY"] = int(number)
    return values


def _ordinal_glued(match: Match) -> Built:
    number, mark = match.tokens["n"], match.tokens["m"]
    near = number.end == mark.start or (mark.start - number.end == 1 and match.text[mark.start] >= "\u3040")
    return _ordinal_mark(match) if near else None


def _number_rules() -> Iterator[Rule]:
    yield Rule("whole:NUM @POINT a:NUM b:NUM? c:NUM? d:NUM? e:NUM? f:NUM?", _decimal)
    yield Rule("b:NUM OF? e:NUM @POW", _power)
    yield Rule("w:NUM n:NUM @SLASH d:NUM | n:NUM @SLASH d:NUM", _slashed)
    yield Rule("d:NUM @OVERPRE n:NUM", _fraction)
    yield Rule("n:NUM @OVER d:NUM", lambda m: _fraction(m) if m.value("n", "NUM") == 1 else None)
    yield Rule("n:WORDS @OVER d:NUM | n:NUM @OVER d:WORDS | n:NUM @OVERONLY d:NUM", _fraction)
    yield Rule("@ONEOF d:NUM", _fraction)
    yield Rule("n:NUM HYPHEN? d:@FRACN", _fraction)
    yield Rule("n:WORDS (HYPHEN|FRACOF)? d:@ORD", _fraction)
    yield Rule("A d:@ORD", lambda m: _fraction(m) if m.value("d", "ORD") > 2 else None)  # noqa: PLR2004 - "a second"
    yield Rule("(n:NUM|A)? f:@PART (A|OF|HYPHEN)* s:SCALENUM", _part)
    yield Rule("f:@FRACTION (A|OF|HYPHEN)* s:SCALENUM", _scaled)
    yield Rule("w:NUM (AND|WITH) (A|n:CARDONE)? f:@PART | n:NUM f:@PART | w:NUM WITH? f:@PARTALONE", _part)
    yield Rule("f:@PARTALONE s:NUM", _part)
    yield Rule("@HALFPLUS n:NUM", lambda m: {"NUM": m.value("n", "NUM") + Decimal("0.5"), "WORDS": True})
    yield Rule("A f:@PARTW | f:@PARTW", _part)
    yield Rule("w:NUM (AND|WITH) f:@FRACTION", _plus)
    yield Rule("f:@PARTALONE", _part)
    yield Rule("@MINUS n:NUM", _negative)
    yield Rule("n:NUM d:@DOZEN | A? f:PART (A|HYPHEN)? d:@DOZEN | A d:@DOZEN | d:@DOZEN", _dozen)
    yield Rule("a:NUM p:@PERCENTOF n:NUM", _of_hundreds)
    yield Rule("p:@PERCENTOF n:NUM", _of_hundred)
    yield Rule("n:NUM @PERCENTTEN d:INT? | f:PART @PERCENTTEN", _tenths)
    yield Rule("@PERCENTPRE n:NUM", _percent)
    yield Rule("n:NUM @PERCENTMARK", _percent)
    yield Rule("@PERCENTMARK OF n:NUM", _percent)
    yield Rule("@ORDPRE n:NUM", _ordinal_mark)
    yield Rule("n:NUM m:@ORDMARK", _ordinal_glued)
