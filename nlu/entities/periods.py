"""Rules for weeks, months, quarters, years, and ranges of days within them."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from nlu.entities.dates import rel_unit, shift_of
from nlu.entities.grammar import Built, Match, Rule
from nlu.entities.moments import Day, Duration, Now, Offset
from nlu.entities.spans import Interval, Period, Spelled

_REL = "(r:NEXT|r:THIS|r:LAST)"
_SEP = "(COMMA|OF|DOT|THE|HYPHEN|DASH|SLASH)*"
_DAY = "(d:DAY|d:ORDDAY)"
_DAY2 = "(e:DAY|e:ORDDAY)"
_TAIL = "(UNTILP|TAIL)*"
_EARLIEST, _LATEST = 1500, 2100
"""Years that a bare number of four digits may be."""


@cache
def day_range_rules() -> tuple[Rule, ...]:
    """Ranges that share a month, before either day is read by itself: from 2 to 7 May."""
    to = "(DASH|HYPHEN|TO|UNTIL|FROMP)+ (THE|UNTIL)*"
    between = f"((FROM|SINCE|THE)* {_DAY} DMARK? {to} {_DAY2}|BETWEEN THE? {_DAY} DMARK? (AND|TO) THE? {_DAY2})"
    return (
        Rule(f"{between} DMARK? {_SEP} m:@MONTH ({_SEP} y:YEAR)? {_TAIL}", _days),
        Rule(
            f"(FROM|SINCE|BETWEEN)? m:@MONTH (OF|THE)* {_DAY} (DASH|HYPHEN|TO|UNTIL|FROMP|AND) "
            f"THE? {_DAY2} (?!MONTH|OF MONTH|OCLOCK|AMPM|MMARK) ({_SEP} y:YEAR)? {_TAIL}",
            _days,
        ),
        Rule(
            f"BETWEEN? FROM? (y:YEAR)? n:MON @MMARK {_DAY} DMARK? "
            f"(DASH|HYPHEN|TO|UNTIL|FROMP|AND)+ {_DAY2} DMARK {_TAIL}",
            _days,
        ),
        Rule(f"{between} (DMARK|OF|IN|THE)* {_REL} u:@UNIT | {between} (DMARK|OF|IN|THE)* u:@UNIT {_REL}", _days_of),
        Rule(
            f"(x:@RELUNIT|{_REL} u:@UNIT) OF? FROM? {_DAY} DMARK? (DASH|HYPHEN|TO|UNTIL|FROMP)+ "
            f"{_DAY2} (DMARK|(?=TAIL|UNTILP)) {_TAIL} | {between} (DMARK|OF|IN|THE)* x:@RELUNIT",
            _days_of,
        ),
    )


@cache
def period_rules() -> tuple[Rule, ...]:
    """Tokens of class PERIOD (a `Period`) and DRANGE (an `Interval` of days)."""
    # "This hour" is rather the time of day.
    near = "(r:NEXT|r:LAST)"
    return (
        Rule(
            f"THE? (q:QUARTERW|o:ORD UNITQ) (COMMA|OF|THE|DASH|HYPHEN)* (y:YEAR|x:RELUNIT|{_REL} "
            f"UNIT|UNIT {_REL}) | (y:YEAR|x:RELUNIT|{_REL} UNIT|UNIT {_REL}) "
            f"(COMMA|OF|THE|DASH|HYPHEN)* (q:@QUARTERW|o:ORD UNITQ)",
            _quarter,
        ),
        Rule(
            f"(UNITM (OF|THE)*)? m:@MONTH (COMMA|OF|DOT|HYPHEN|DASH|SLASH|THE|YEARWORD)* "
            f"(y:YEAR|{_REL} UNIT|UNIT {_REL}|x:RELUNIT) YMARK?",
            _month,
        ),
        Rule(
            f"(y:YEAR|x:RELUNIT|{_REL} UNIT|UNIT {_REL}) (COMMA|OF|HYPHEN|DASH|SLASH|THE)* m:@MONTH (OF|THE)* UNITM?",
            _month,
        ),
        Rule("(y:YEAR|x:RELUNIT) (OF|COMMA)? n:MON @MMARK (OF? UNITM)?", _month),
        Rule("n:MON @MMARK (OF? y:YEAR)? (?!DAY)", _month),
        Rule(
            "n:MON (SLASH|HYPHEN|DASH) y:@YEAR | y:@YEAR (SLASH|HYPHEN|DASH) n:MON (?!NUM|SLASH|HYPHEN|DASH)",
            _numeric_month,
        ),
        Rule(
            f"{_REL} m:@MONTH ((OF|THE)* UNITM)? | THE? UNITM (OF|THE)* m:@MONTH | m:@MONTH "
            f"{_REL} | m:@MONTH (OF|THE)* UNITM",
            _month,
        ),
        Rule("m:@MONTH (?!NUM)", _month),
        Rule(f"THEIN? {_REL} (n:NUM|k:FEW) (OF|MOREOF)? u:@UNIT", _counted),
        Rule(
            f"(n:NUM|k:FEW) {_REL} u:@UNIT | (n:NUM|k:FEW) u:@UNIT {_REL} | {_REL} x:@DDUR | x:@DDUR {_REL}", _counted
        ),
        Rule(
            f"{near} (n:NUM|k:FEW)? u:@TUNIT | n:NUM {near} u:@TUNIT | {near} x:@TDUR | x:@TDUR {near} "
            f"| u:@TUNIT {near}",
            _counted_time,
        ),
        Rule(
            f"THE? (o:ORD|l:LAST) u:@UNIT (OF|IN|THE|COMMA)+ (p:PERIOD|y:YEAR|x:RELUNIT|{_REL} "
            f"v:UNIT|v:UNIT {_REL}|THE v:UNIT)",
            _nth_unit,
        ),
        Rule(
            f"u:@UNIT (o:ORD|l:LAST) (OF|IN|THE|COMMA)+ (p:PERIOD|y:YEAR|x:RELUNIT|{_REL} v:UNIT|v:UNIT {_REL})",
            _nth_unit,
        ),
        Rule(f"(p:PERIOD|y:YEAR|x:RELUNIT|{_REL} v:UNIT) (OF|COMMA|THE)* (o:ORD|l:LAST) u:@UNIT", _nth_unit),
        Rule("THE? o:ORD u:@UNITW", _nth_unit),
        Rule(f"THEIN? {_REL}+ u:@UNIT (?!NUM) | THEIN? u:@UNIT (OF|THE)? {_REL}", _relative),
        Rule(
            f"@REST (OF|THE)* ({_REL} u:UNIT|u:UNIT {_REL}|u:UNIT|x:RELUNIT) | ({_REL} "
            f"u:UNIT|u:UNIT|x:RELUNIT) (OF|THE)* @RESTP",
            _relative,
        ),
        Rule("x:@RELUNIT", _relative),
        Rule("u:@UNITW (OF|THE|COMMA)+ b:DATE | b:@DATE OF u:UNITW", _week_of),
        Rule("u:@UNITW n:WEEKNO (OF? y:YEAR)? | n:WEEKNO u:@WMARK", _week_number),
        Rule("q:@QUARTERW | o:ORD @UNITQ", _quarter),
        Rule(
            f"({_REL}|y:YEAR|x:PERIOD) OF? s:@SEASON | THE? s:@SEASON (OF|COMMA|THE)* "
            f"({_REL}|y:YEAR|x:PERIOD) | THE? s:@SEASON",
            _season,
        ),
        Rule("(APOSTROPHE)? (n:YEAR|n:NUM) @DECADEMARK | @DECADEPRE n:NUM | d:@DECADEW", _decade),
        Rule("THE u:@UNITTHIS (?!NUM|OF)", _relative),
        Rule("y:@YEAR", _bare_year),
        Rule(
            "(EDGE|EDGEP)? e:@EDGE (OF|THE)* (p:PERIOD|d:DATE|p:DRANGE) | (p:PERIOD|d:DATE) (OF|THE)* e:@EDGEP", _edge
        ),
        Rule("e:@EDGE (OF|THE)* u:UNIT | u:UNIT (OF|THE)* e:@EDGEP", _edge),
        Rule("@WITHIN THE? x:DDUR | x:@DDUR WITHINP | (r:NEXT) x:@DDUR", _within),
        Rule("@WITHIN THE? x:TDUR | x:@TDUR WITHINP", _within_time),
    )


def _edges(match: Match) -> tuple[int | None, int | None]:
    return match.any("d", "DAY", "ORDDAY"), match.any("e", "DAY", "ORDDAY")


def _days(match: Match) -> Built:
    first, last = _edges(match)
    month = match.value("m", "MONTH") or match.value("n", "MON")
    year = match.value("y", "YEAR")
    return {"DRANGE": Interval(Day(year, month, first), Day(year, month, last))}


def _days_of(match: Match) -> Built:
    unit = match.value("u", "UNIT") if "u" in match else rel_unit(match.value("x", "RELUNIT"))[0]
    if unit != "M":
        return None
    first, last = _edges(match)
    months = shift_of(match) if "u" in match else rel_unit(match.value("x", "RELUNIT"))[1]
    return {"DRANGE": Interval(Day(day=first, months=months), Day(day=last, months=months))}


def _month(match: Match) -> Built:
    number = match.value("m", "MONTH") or match.value("n", "MON")
    return {"PERIOD": Period("M", match.value("y", "YEAR"), number)}


def _numeric_month(match: Match) -> Built:
    one, other = sorted((match.tokens["n"], match.tokens["y"]), key=lambda token: token.start)
    return _month(match) if other.start - one.end <= 3 else None  # noqa: PLR2004 - "05-  2016"


def _relative(match: Match) -> Built:
    if "x" in match:
        unit, shift = rel_unit(match.value("x", "RELUNIT"))
    else:
        unit, shift = match.any("u", "UNIT"), shift_of(match)
    if unit == "D":
        return {"DATE": Day(shift=shift)}
    return {"PERIOD": Period(unit, shift=shift)}


def _counted(match: Match) -> Built:
    shift = shift_of(match) or 1
    if "x" in match:
        amounts = match.value("x", "DUR").amounts
        return {"DRANGE": _span(match.value("x", "DUR"), shift)} if len(amounts) else None
    count = int(match.value("n", "NUM") or match.value("k", "FEW") or 1)
    return {"PERIOD": Period(match.value("u", "UNIT"), shift=shift, count=max(1, count))}


def _span(duration: Any, sign: int) -> Interval:
    now = Now() if duration.timed else Day(shift=0)
    return Interval(now, Offset(duration, 1)) if sign > 0 else Interval(Offset(duration, -1), now)


def _counted_time(match: Match) -> Built:
    if not {"n", "k", "x"} & match.tokens.keys() and match.tokens["u"].end - match.tokens["u"].start == 1:
        return None  # "jennifer's last"
    amount = match.value("n", "NUM") or Decimal(match.value("k", "FEW") or 1)
    duration = match.value("x", "DUR") or Duration({match.value("u", "TUNIT"): amount})
    return {"DTRANGE": _span(duration, shift_of(match) or 1)}


def _nth_unit(match: Match) -> Built:
    return {"PERIOD": _Nested(match)}


class _Nested:
    """A part of a period that only a calendar could place."""

    def __init__(self, match: Match) -> None:
        unit = match.any("u", "UNIT") or "W"
        order = match.value("o", "ORD")
        year = match.value("y", "YEAR")
        self._value = f"{year or 'XXXX'}-{unit}{'' if order is None else f'{order:02d}'}"

    def text(self, reference: Any = None) -> str:  # noqa: ARG002 - as all values
        return self._value


def _week_of(match: Match) -> Built:
    base = match.value("b", "DATE")
    return {"PERIOD": base} if match.any("u", "UNITW") else None


def _week_number(match: Match) -> Built:
    return {"PERIOD": Period("W", match.value("y", "YEAR"), match.value("n", "WEEKNO"))}


def _quarter(match: Match) -> Built:
    number = match.value("q", "QUARTERW") or match.value("o", "ORD")
    return {"PERIOD": Period("Q", match.value("y", "YEAR"), int(number))} if 1 <= int(number) <= 4 else None  # noqa: PLR2004


def _decade(match: Match) -> Built:
    number = match.any("n", "YEAR", "NUM") if "n" in match else match.value("d", "DECADEW")
    start = int(number)
    if start % 10 or not (start < 100 or _EARLIEST <= start <= _LATEST):  # noqa: PLR2004 - the 90s
        return None
    return {"PERIOD": Period("DEC", start + 1900 if start < 100 else start)}  # noqa: PLR2004


def _season(match: Match) -> Built:
    year = match.value("y", "YEAR")
    return {"PERIOD": Spelled(f"{year or 'XXXX'}-{match.value('s', 'SEASON')}")}


def _bare_year(match: Match) -> Built:
    year = match.value("y", "YEAR")
    return {"PERIOD": Period("Y", year)} if _EARLIEST <= year <= _LATEST else None


def _edge(match: Match) -> Built:
    return {
        "DRANGE": match.any("p", "PERIOD", "DRANGE")
        or match.value("d", "DATE")
        or Period(match.value("u", "UNIT"), shift=0)
    }


def _within(match: Match) -> Built:
    return {"DRANGE": _span(match.value("x", "DUR"), 1)}


def _within_time(match: Match) -> Built:
    return {"DTRANGE": _span(match.value("x", "DUR"), 1)}
