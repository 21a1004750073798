"""Rules for weeks, months, years, ranges of days and of hours, moments and recurrences."""

from __future__ import annotations

from functools import cache
from typing import Any

from nlu.entities.dates import rel_unit, shift_of
from nlu.entities.grammar import Built, Match, Rule
from nlu.entities.moments import Clock, Day, Interval, Moment, Offset, Part, Period, Recurrence

_REL = "(r:NEXT|r:THIS|r:LAST)"
_SEP = "(COMMA|OF|DOT|THE|HYPHEN|DASH|SLASH)*"
_DAY = "(d:DAY|d:ORDDAY)"
_DAY2 = "(e:DAY|e:ORDDAY)"
_FROM = "(FROM|BETWEEN|SINCE|THE)*"
_TO = "(DASH|HYPHEN|TO|UNTIL|FROMP)+ (THE|UNTIL|TO|FROM)*"
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
            f"{_DAY2} DMARK {_TAIL} | {between} (DMARK|OF|IN|THE)* x:@RELUNIT",
            _days_of,
        ),
    )


@cache
def period_rules() -> tuple[Rule, ...]:
    """Tokens of class PERIOD (a `Period`) and DRANGE (an `Interval` of days)."""
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
            f"{_REL} (n:NUM|k:FEW)? u:@TUNIT | n:NUM {_REL} u:@TUNIT | {_REL} x:@TDUR | x:@TDUR "
            f"{_REL} | u:@TUNIT {_REL}",
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
        Rule("THE? (o:ORD|l:LAST) u:@UNITW", _nth_unit),
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


@cache
def moment_rules() -> tuple[Rule, ...]:
    """Tokens of class DATETIME, TRANGE, DRANGE and DTRANGE."""
    date, time = "(a:DATE|a:PERIOD|a:DATETIME|a:NOW)", "(b:DATE|b:PERIOD|b:DATETIME|b:NOW)"
    glue = "(COMMA|AT|ATHOUR|ON|THE|OF|HYPHEN|INTHE|AND)*"
    hour = "(?!UNIT|TUNIT|MONTH|PERCENTMARK|SLASH|NUM|YEAR|MMARK|DMARK)"
    return (
        Rule(
            "BETWEEN THE? (s:TIME|h:HOUR) (AND|TO) THE? t:@TIME TAIL* | BETWEEN THE? s:@TIME "
            "(AND|TO) THE? h:HOUR TAIL* | (s:TIME|h:HOUR) AND t:@TIME TAIL+",
            _hours,
        ),
        Rule(f"{_FROM} (s:TIME|h:HOUR) {_TO} t:@TIME {_TAIL} | {_FROM} s:@TIME {_TO} h:HOUR {hour} {_TAIL}", _hours),
        Rule(f"p:@PARTDAY (OF|AT|THE)* {_FROM} h:HOUR {_TO} i:HOUR {hour} {_TAIL}", _hours),
        Rule("p:@PARTDAY? (s:TIME|h:HOUR) (AND|TO)? (t:TIME|i:HOUR) (TAIL|UNTILP)+", _hours),
        Rule(f"(?<=(DATE) (COMMA|THE)*)(FROM|BETWEEN)? h:HOUR (HYPHEN|DASH|TO|AND) i:HOUR {hour} {_TAIL}", _hours),
        Rule(f"(FROM|BETWEEN) h:HOUR (HYPHEN|DASH|TO|AND) i:HOUR {hour} {glue} (?=DATE|PARTDAY)", _hours),
        Rule("t:@TRANGE (IN|INTHE|OF|THE|COMMA)* p:PARTDAY | p:@PARTDAY (OF|COMMA|THE)* t:TRANGE", _hours_part),
        Rule("APPROX t:@TIME", lambda m: {"TIME": m.value("t", "TIME")}),
        Rule("e:EDGE? (INTHE|THE|OF)* q:@PARTDAY EDGEP?", _part),
        Rule(f"d:@DATE {glue} t:TIME", _moment),
        Rule(f"d:@DATE (COMMA|THE|OF)* (AT|ATHOUR) (h:HOUR|k:HM) {hour}", _moment),
        Rule(f"t:@TIME {glue} d:DATE", _moment),
        Rule(
            f"(?<=ON|THE|FOR)n:DAY (AT|ATHOUR|COMMA)+ t:@TIME | t:@TIME (ON|OF|THE)+ "
            f"(n:DAY|n:ORDDAY) {hour} (?!OF|;(;|$)) | THE n:ORDDAY {glue} t:@TIME",
            _day_moment,
        ),
        Rule("s:@SHIFTPART (COMMA|OF|THE)* (AT|ATHOUR)* t:TIME | t:@TIME (COMMA|OF|THE|ON)* s:SHIFTPART", _moment_part),
        Rule(f"s:@SHIFTPART (AT|ATHOUR)+ h:HOUR {hour}", _moment_part),
        Rule("@NOW", lambda _: None),
        Rule(f"d:@DATE {glue} p:TRANGE | p:@TRANGE {glue} d:DATE", _moments),
        Rule(f"s:@SHIFTPART {glue} p:TRANGE | p:@TRANGE {glue} s:SHIFTPART | s:@SHIFTPART", _moments),
        Rule(
            f"{_FROM} a:@DATETIME {_TO} (b:DATETIME|t:TIME) {_TAIL} | {_FROM} t:@TIME {_TO} "
            f"b:DATETIME {_TAIL} | {_FROM} h:HOUR {_TO} b:@DATETIME {_TAIL} | FROM? a:@DATETIME "
            f"{_TO} h:HOUR {hour} {_TAIL}",
            _between_moments,
        ),
        Rule(
            f"(FROM|SINCE|THE)* (a:DATE|a:PERIOD|a:NOW) (DASH|HYPHEN|TO|UNTIL|FROMP|TOPRE)+ "
            f"(THE|UNTIL|TO)* (b:@DATE|b:@PERIOD|b:@NOW) {_TAIL}",
            _between,
        ),
        Rule(
            f"(BETWEEN|FROM) THE? {date} (AND|TO|COMMA)+ THE? {time} {_TAIL} | {date} "
            f"(AND|TO|WITH)? {time} (TAIL|UNTILP)+",
            _between,
        ),
        Rule(
            f"(FROM|SINCE)? {_DAY} (DASH|HYPHEN|TO|UNTIL|FROMP)+ b:@MDATE {_TAIL} | BETWEEN THE? "
            f"{_DAY} (AND|TO) b:@MDATE",
            _from_day,
        ),
        Rule(f"(FROM|BETWEEN)? a:@MDATE (DASH|HYPHEN|TO|UNTIL|FROMP|AND)+ THE? e:ORDDAY {_TAIL}", _to_day),
        Rule("x:@DUR (STARTING|SINCE|FROM|AFTER) (ON|THE)* b:DATE", _starting),
    )


@cache
def open_rules() -> tuple[Rule, ...]:
    """Before, after, since, until; and recurrences."""
    days, hours, moments = "(a:DATE|a:PERIOD|a:DRANGE)", "a:TIME", "(a:DATETIME|a:DTRANGE)"
    rules = []
    for what, made in ((days, "DRANGE"), (hours, "TRANGE"), (moments, "DTRANGE")):
        rules += [
            Rule(
                f"(ANY)? (b:@BEFORE|b:@UNTIL) (THE|APPROX)* {what} (?!TO|DASH) | {what} (b:@BEFOREP|b:@UNTILP)",
                _open(made, before=True),
            ),
            Rule(
                f"(ANY)? (b:@AFTER|b:@SINCE) (THE|ON|APPROX)* {what} (?!TO|DASH) "
                f"(AFTERP|TAILAFTER)? | {what} (b:@AFTERP|b:@SINCEP)",
                _open(made, before=False),
            ),
        ]
    each = "(x:DUR|u:UNIT|u:TUNIT|w:WD|m:MONTH|q:TRANGE|d:DATE|p:PERIOD|s:SEASON)"
    set_ = (
        Rule("s:@SETW", lambda m: {"SET": Recurrence(_Raw(str(m.value("s", "SETW"))))}),
        Rule(f"e:@EVERY (THE|OTHER|OF)* {each} | {each} @EVERYP", _every),
        Rule("(ON|THE)? w:@WDAYS", lambda m: {"SET": Recurrence(Day(weekday=m.value("w", "WDAYS")))}),
        Rule(
            "x:@SET (COMMA|AT|ATHOUR|ON|THE|OF|INTHE|FROM)* (t:TIME|t:TRANGE|t:SHIFTPART|t:DATE) "
            "| t:TIME (COMMA|ON|OF|THE)* x:@SET | t:TRANGE (COMMA|ON|OF)* x:@SET",
            _set_at,
        ),
        Rule("x:@SET (AT|ATHOUR) h:HOUR (?!UNIT|TUNIT)", _set_at),
    )
    late = Rule("d:@DATE (COMMA|ON)? p:TRANGE | s:@SHIFTPART COMMA? p:TRANGE", _moments)
    return (*set_, *rules, late)


class _Raw:
    """A value that the lexicon has written out."""

    def __init__(self, value: str) -> None:
        self._value = value

    def text(self, reference: Any = None) -> str:  # noqa: ARG002 - as all values
        return self._value


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
    return {"DRANGE": Interval(Day(day=first), Day(day=last))}


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
    now = Day(shift=0)
    return Interval(now, Offset(duration, 1)) if sign > 0 else Interval(Offset(duration, -1), now)


def _counted_time(match: Match) -> Built:
    return {"DTRANGE": _span(match.value("x", "DUR"), shift_of(match) or 1) if "x" in match else _Raw("PT")}


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
    return {"PERIOD": _Raw(f"{year or 'XXXX'}-{match.value('s', 'SEASON')}")}


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


# --- hours and moments -----------------------------------------------------------------------------------------------


def _hours(match: Match) -> Built:
    start = match.value("s", "TIME") or _bare(match, "h")
    end = match.value("t", "TIME") or _bare(match, "i") or _bare(match, "h")
    part = match.value("p", "PARTDAY")
    if part:
        start, end = start.in_half(part), end.in_half(part)
    elif "s" not in match and "t" in match and end.hour > 12 and start.hour + 12 <= end.hour:  # noqa: PLR2004 - "5 to 6 pm"
        start = start.in_half("PM")
    return {"TRANGE": Interval(start, end), "HOURS": True}


def _bare(match: Match, name: str) -> Any:
    hour = match.value(name, "HOUR")
    return None if hour is None else Clock(hour, 0)


def _hours_part(match: Match) -> Built:
    hours, part = match.value("t", "TRANGE"), match.value("p", "PARTDAY")
    if not isinstance(hours, Interval) or not isinstance(hours.start, Clock) or not isinstance(hours.end, Clock):
        return {"TRANGE": hours}
    return {"TRANGE": Interval(hours.start.in_half(part), hours.end.in_half(part)), "HOURS": True}


def _part(match: Match) -> Built:
    return {"TRANGE": Part(match.value("q", "PARTDAY")), "PARTDAY": match.value("q", "PARTDAY")}


def _moment(match: Match) -> Built:
    clock = match.value("t", "TIME") or match.value("k", "HM") or _bare(match, "h")
    return {"DATETIME": Moment(match.value("d", "DATE"), clock)}


def _day_moment(match: Match) -> Built:
    return {"DATETIME": Moment(Day(day=match.any("n", "DAY", "ORDDAY")), match.value("t", "TIME"))}


def _moment_part(match: Match) -> Built:
    shift, part = str(match.value("s", "SHIFTPART")).split()
    clock = match.value("t", "TIME") or _bare(match, "h")
    return {"DATETIME": Moment(Day(shift=int(shift)), clock.in_half(part))}


def _moments(match: Match) -> Built:
    part = match.value("p", "TRANGE")
    if "s" in match:
        shift, name = str(match.value("s", "SHIFTPART")).split()
        day: Any = Day(shift=int(shift))
        part = part or Part(name)
    else:
        day = match.value("d", "DATE")
    if isinstance(part, Interval):
        ends = [Moment(day, end) if isinstance(end, Clock | Part) else None for end in (part.start, part.end)]
        return {"DTRANGE": Interval(*ends)}
    return {"DTRANGE": Moment(day, part)} if isinstance(part, Part) else None


def _between_moments(match: Match) -> Built:
    start = match.value("a", "DATETIME") or match.value("t", "TIME") or _bare(match, "h")
    end = match.value("b", "DATETIME") or (match.value("t", "TIME") if "a" in match else None) or _bare(match, "h")
    if isinstance(start, Moment) and isinstance(end, Clock):
        end = Moment(start.day, end)
    if isinstance(end, Moment) and isinstance(start, Clock):
        start = Moment(end.day, start)
    return {"DTRANGE": Interval(start, end)}


def _between(match: Match) -> Built:
    kinds = ("DATE", "PERIOD", "DATETIME", "NOW")
    ends = [match.any(name, *kinds) for name in ("a", "b")]
    ends = [Day(shift=0) if end is True else end for end in ends]
    kind = "DTRANGE" if any(match.value(name, "DATETIME") for name in ("a", "b")) else "DRANGE"
    return {kind: Interval(*ends)}


def _from_day(match: Match) -> Built:
    end = match.value("b", "DATE")
    day = match.any("d", "DAY", "ORDDAY")
    if not isinstance(end, Day):
        return None
    return {"DRANGE": Interval(Day(end.year, end.month, day), end)}


def _to_day(match: Match) -> Built:
    start = match.value("a", "DATE")
    if not isinstance(start, Day):
        return None
    return {"DRANGE": Interval(start, Day(start.year, start.month, match.value("e", "ORDDAY")))}


def _starting(match: Match) -> Built:
    base = match.value("b", "DATE")
    base = base if isinstance(base, Day) else None
    return {"DRANGE": Interval(base, Offset(match.value("x", "DUR"), 1, base))}


def _open(made: str, *, before: bool) -> Any:
    def build(match: Match) -> Built:
        value = match.any("a", "DATE", "PERIOD", "DRANGE", "TIME", "DATETIME", "DTRANGE")
        return {made: Interval(None, value) if before else Interval(value, None)}

    return build


def _every(match: Match) -> Built:
    if "x" in match:
        return {"SET": Recurrence(match.value("x", "DUR"))}
    unit = match.any("u", "UNIT", "TUNIT")
    if unit is not None:
        return {"SET": Recurrence(_Raw(f"PT1{unit[0]}" if match.value("u", "TUNIT") else f"P1{unit}"))}
    if "q" in match:
        return {"SET": Recurrence(match.value("q", "TRANGE"))}
    return {
        "SET": Recurrence(match.any("w", "DATE") or match.any("d", "DATE") or match.any("p", "PERIOD") or _Raw("XXXX"))
    }


def _set_at(match: Match) -> Built:
    every: Recurrence = match.value("x", "SET")
    clock = match.any("t", "TIME") or _bare(match, "h")
    return {"SET": Recurrence(_Raw(every.every.text(None) + clock.text())) if clock else every}
