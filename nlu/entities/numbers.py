"""Numbers in words and figures: composed of what the words of a language count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nlu.entities.figures import classes_of
from nlu.entities.grammar import Token
from nlu.entities.lexicon import Lexicon

_TEN, _HUNDRED, _THOUSAND = 10, 100, 1000
_FAR = 3
"""Spaces that part two numbers."""
_LARGEST = Decimal(10) ** 30
_COUNTED = ("CARD", "TENS", "SCALE", "ORDWORD", "ORDEND")


@dataclass(slots=True)
class _Sum:
    """A number on its way: groups that are done, the hundreds of this one, and what is below them."""

    total: Decimal = Decimal(0)
    section: Decimal = Decimal(0)
    unit: Decimal | None = None
    last: Decimal = _LARGEST
    """The scale of the last group that is done."""
    step: Decimal = Decimal(1)
    """What the last word multiplied by; a digit right after it counts tenths of that in Chinese."""
    zero: bool = False

    @property
    def value(self) -> Decimal:
        return self.total + self.section + (self.unit or 0)


def compose(tokens: Sequence[Token], text: str, lexicon: Lexicon) -> list[Token]:
    """The tokens with those that make up a number, or an ordinal, joined."""
    result: list[Token] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        article = token.has("A") and i + 1 < len(tokens) and _is_ordinal(tokens[i + 1])
        if article:
            result.append(Token(token.start, token.end, {"A": True}))
            i += 1
            continue
        if any(name in token.values for name in ("CARD", "TENS", "SCALE", "ORDWORD")) or (
            "LIT" in token.values and _multiplied(tokens, i)
        ):
            joined = _longest(tokens, i, text, lexicon)
            if joined is not None:
                token, i = joined
                result.append(token)
                continue
        result.append(token)
        i += 1
    return result


def _multiplied(tokens: Sequence[Token], i: int) -> bool:
    """Whether a word such as "hundred" or "million" follows."""
    return i + 1 < len(tokens) and (any(tokens[i + 1].has(name) for name in ("SCALE", "SCALEX", "TENS")))


def _longest(  # noqa: C901, PLR0912, PLR0915 - one automaton, clearest in one place
    tokens: Sequence[Token], start: int, text: str, lexicon: Lexicon
) -> tuple[Token, int] | None:
    """The longest number that begins at a token, and where it ends."""
    sum_, i, best = _Sum(), start, start
    ordinal = False
    digits = _digit_run(tokens, start, lexicon)
    if digits is not None:
        return digits
    while i < len(tokens):
        token = tokens[i]
        if i > start and _far(text, tokens[i - 1], token):
            break
        if token.has("AND") and i > start and not token.has("CARD") and not lexicon.unspaced:
            i += 1
            if i + 1 < len(tokens) and tokens[i].has("HYPHEN") and tokens[i - 2].has("HYPHEN"):
                i += 1
            if i < len(tokens) and not any(tokens[i].has(name) for name in _COUNTED):
                break
            if i >= len(tokens) or not _and_fits(sum_, tokens[i], lexicon):
                break
            continue
        if token.has("HYPHEN") and i > start and i + 1 < len(tokens):
            if tokens[i - 1].end != token.start or token.end != tokens[i + 1].start:
                break
            if not any(tokens[i + 1].has(name) for name in (*_COUNTED, "AND")):
                break
            i += 1
            continue
        if token.has("FILL") and i > start and i + 1 < len(tokens) and tokens[i + 1].has("SCALE"):
            i += 1
            continue
        joined = i > start and tokens[i - 1].has("AND")
        if token.has("ORDEND") and i > start and tokens[i - 1].end == token.start:
            ordinal, i = True, i + 1
            best = i
            break
        if token.has("LIT") and i > start and not (joined or lexicon.unspaced or _multiplied(tokens, i)):
            break
        if token.has("SCALEX") and not token.has("SCALE") and not _abbreviates(tokens, i, start, text):
            break
        if not _take(sum_, token, lexicon, joined=joined):
            break
        i += 1
        best = i
        if _is_ordinal(token):
            ordinal = True
            # Cuadragésimo séptimo: each word is an ordinal.
            while i < len(tokens) and _is_ordinal(tokens[i]) and not _far(text, tokens[i - 1], tokens[i]):
                if not _add(
                    sum_, Decimal(tokens[i].values["ORDWORD"]), lexicon, joined=False, figure=False, teens=True
                ):
                    break
                i += 1
                best = i
            break
    if best == start:
        return None
    covered = tokens[start:best]
    if len(covered) == 1 and _is_no_number(tokens, start, text, lexicon):
        return None
    value = sum_.value
    if sum_.unit is not None and not ordinal and lexicon.section[-1] > _HUNDRED and not sum_.zero:
        value += _tail(sum_, covered, lexicon)
    return _made(covered, value, ordinal=ordinal), best


_PARTICLES = frozenset("은는가을를의과와도로에 ")


def _is_no_number(tokens: Sequence[Token], i: int, text: str, lexicon: Lexicon) -> bool:
    """Single words that are rather something else: a bare 万, a Korean syllable within a word."""
    token = tokens[i]
    if lexicon.unspaced and token.has("SCALE"):
        return True
    if lexicon.code != "ko" or token.end - token.start > 1 or text[token.start].isdigit():
        return False
    if i and (tokens[i - 1].has("OVERPRE") or tokens[i - 1].has("MINUS")):
        return False
    if i + 1 < len(tokens) and any(tokens[i + 1].has(name) for name in _COUNTABLE):
        return False
    before = text[token.start - 1 : token.start]
    after = text[token.end : token.end + 1]
    inside = "\uac00" <= before <= "\ud7af" or ("\uac00" <= after <= "\ud7af" and after not in _PARTICLES)
    return inside or text[token.start] in "이한두세네"


_COUNTABLE = ("UNIT", "TUNIT", "OCLOCK", "OVERPRE", "MONEY_NAME", "DOZEN", "MMARK", "PERCENTMARK")


def _made(covered: Sequence[Token], value: Decimal, *, ordinal: bool) -> Token:
    # A single word may mean other things too ("second", "quarter"); they stay.
    other = {k: v for k, v in covered[0].values.items() if k not in _COUNTED} if len(covered) == 1 else {}
    last = covered[-1].values
    if "_outer" in last:
        other["_outer"] = last["_outer"]
    if ordinal:
        whole = int(value)
        values: dict[str, Any] = {"ORD": whole, **other}
        if 1 <= whole <= 31:  # noqa: PLR2004 - the days of a month
            values["ORDDAY"] = whole
        if "FRAC" in covered[0].values and len(covered) == 1:
            values["FRAC"] = covered[0].values["FRAC"]
    else:
        raw = str(int(value)) if value == int(value) else str(value)
        values = {**classes_of(value, raw), **other, "WORDS": True}
        if len(covered) == 1 and covered[0].has("LIT"):
            values.pop("WORDS")
        if len(covered) == 1 and covered[0].has("SCALE"):
            values["SCALENUM"] = value
        if len(covered) == 1 and covered[0].has("ORDWORD"):
            values["ORD"] = int(value)
    return Token(covered[0].start, covered[-1].end, values)


def _far(text: str, one: Token, other: Token) -> bool:
    """Whether too much stands between two words of a number."""
    between = text[one.end : other.start]
    return bool(between.strip()) or len(between) > _FAR


def _is_ordinal(token: Token) -> bool:
    return token.has("ORDWORD") and not (token.has("CARD") or token.has("TENS") or token.has("SCALE"))


def _abbreviates(tokens: Sequence[Token], i: int, start: int, text: str) -> bool:
    """10k, 10 M: `m` and other small letters are rather metres."""
    written = text[tokens[i].start : tokens[i].end]
    return i > start and tokens[i - 1].has("LIT") and (written in "kK" or len(written) > 1 or written.isupper())


def _digit_run(tokens: Sequence[Token], start: int, lexicon: Lexicon) -> tuple[Token, int] | None:
    """Digits named one by one, 二〇一六: in Chinese and Japanese that is how years are said."""
    if not lexicon.unspaced:
        return None
    digits = ""
    i = start
    while i < len(tokens) and tokens[i].has("CARD") and tokens[i].values["CARD"] < _TEN:
        if i > start and tokens[i - 1].end != tokens[i].start:
            break
        digits += str(tokens[i].values["CARD"])
        i += 1
    if len(digits) < 2 or (i < len(tokens) and (tokens[i].has("TENS") or tokens[i].has("SCALE")) and len(digits) < 3):  # noqa: PLR2004
        return None
    if i < len(tokens) and (tokens[i].has("TENS") or tokens[i].has("SCALE")) and tokens[i - 1].end == tokens[i].start:
        return None
    values = {**classes_of(Decimal(digits), digits), "WORDS": True}
    return Token(tokens[start].start, tokens[i - 1].end, values), i


def _and_fits(sum_: _Sum, token: Token, lexicon: Lexicon) -> bool:
    if lexicon.units_first and sum_.unit is not None and 0 < sum_.unit < _TEN and token.has("CARD"):
        return int(token.values["CARD"]) % _TEN == 0 and int(token.values["CARD"]) >= 2 * _TEN
    return True


def _take(sum_: _Sum, token: Token, lexicon: Lexicon, *, joined: bool) -> bool:
    """Add a word to the number; False if it cannot be part of it."""
    if token.has("SCALE") or token.has("SCALEX"):
        return _scale(sum_, Decimal(token.values.get("SCALE") or token.values["SCALEX"]))
    if token.has("TENS"):
        return _tens(sum_, Decimal(token.values["TENS"]))
    if token.has("ORDWORD") and not token.has("CARD") and int(token.values["ORDWORD"]) >= _HUNDRED:
        value = Decimal(token.values["ORDWORD"])
        # "Two hundredth", "three millionth" multiply; a word for the 300th adds.
        if value == _HUNDRED:
            return _tens(sum_, value)
        if value >= _THOUSAND:
            return _scale(sum_, value)
    for name in ("CARD", "LIT", "ORDWORD"):
        if token.has(name):
            return _add(sum_, Decimal(token.values[name]), lexicon, joined=joined, figure=name == "LIT")
    return False


def _scale(sum_: _Sum, scale: Decimal) -> bool:
    block = sum_.section + (sum_.unit or 0)
    if scale < sum_.last:
        sum_.total += (block or 1) * scale
    elif block == 0 and sum_.total:
        sum_.total *= scale
    elif sum_.total and block:
        sum_.total = (sum_.total + block) * scale
    else:
        return False
    sum_.section, sum_.unit, sum_.last, sum_.step = Decimal(0), None, scale, scale
    return True


def _tens(sum_: _Sum, multiplier: Decimal) -> bool:
    if sum_.section and sum_.section % (multiplier * _TEN) and sum_.section < multiplier * _TEN:
        return False
    if sum_.unit is not None and sum_.unit >= _THOUSAND:
        return False
    sum_.section += (sum_.unit or 1) * multiplier
    sum_.unit, sum_.step, sum_.zero = None, multiplier, False
    return True


def _add(  # noqa: C901, PLR0911 - the rules of adding, one after the other
    sum_: _Sum, value: Decimal, lexicon: Lexicon, *, joined: bool, figure: bool, teens: bool = False
) -> bool:
    if value == 0 and not figure:
        if sum_.value == 0 and sum_.unit is None and sum_.step == 1:
            sum_.unit = Decimal(0)
        elif not lexicon.unspaced:
            return False
        sum_.zero = True
        return True
    width = _TEN ** len(str(int(value)))
    if figure and sum_.unit is not None:
        return False
    if sum_.step != 1 and figure and value >= sum_.step:
        return False
    if sum_.unit is None or (sum_.unit == 0 and lexicon.unspaced and sum_.zero):
        if sum_.section % width and value != 0:
            return False
        if sum_.last <= value:
            return False
        sum_.unit = value
        return True
    if sum_.unit == 0:
        return False
    if (
        lexicon.units_first
        and joined
        and 0 < sum_.unit % _HUNDRED < _TEN
        and value % _TEN == 0
        and 2 * _TEN <= value < _HUNDRED
    ):
        sum_.unit += value
        return True
    tail = sum_.unit % width
    if teens and tail == _TEN and value < _TEN:
        tail = Decimal(0)
    french = lexicon.code == "fr" and _TEN <= value < 2 * _TEN and sum_.unit % _HUNDRED in {60, 80}
    if (tail and not french) or (sum_.unit % _HUNDRED == _TEN and not (lexicon.additive or teens)):
        return False
    sum_.unit += value
    return True


def _tail(sum_: _Sum, covered: Sequence[Token], lexicon: Lexicon) -> Decimal:
    """三百五 is 350, 一万五 15,000: a last digit right after a multiplier counts its tenths, in Chinese."""
    last = covered[-1]
    if lexicon.code != "zh" or not last.has("CARD") or sum_.step <= _TEN or not sum_.unit or sum_.unit >= _TEN:
        return Decimal(0)
    return sum_.unit * sum_.step / _TEN - sum_.unit
