"""Rules for moments, ranges of hours, days and moments, and recurrences."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from nlu.entities.grammar import Built, Match, Rule
from nlu.entities.moments import Clock, Day, Moment, Offset, Part
from nlu.entities.spans import Interval, Period, Recurrence, Spelled

_REL = "(r:NEXT|r:THIS|r:LAST)"
_DAY = "(d:DAY|d:ORDDAY)"
_DAY2 = "(e:DAY|e:ORDDAY)"
_FROM = "(FROM|BETWEEN|SINCE|THE)*"
_TO = "(DASH|HYPHEN|TO|UNTIL|FROMP)+ (THE|UNTIL|TO|FROM)*"
_TAIL = "(UNTILP|TAIL)*"


@cache
def moment_rules() -> tuple[Rule, ...]:
    """Tokens of class DATETIME, TRANGE, DRANGE and DTRANGE."""
    date, time = "(a:DATE|a:PERIOD|a:DATETIME|a:NOW)", "(b:DATE|b:PERIOD|b:DATETIME|b:NOW)"
    glue = "(COMMA|AT|ATHOUR|ON|THE|OF|HYPHEN|INTHE|AND)*"
    hour = "(?!UNIT|TUNIT|MONTH|PERCENTMARK|SLASH|NUM|YEAR|MMARK|DMARK)"
    return (
        # Where one word is "at" and "to" ("le 15 à 8:00", "el 15 a las 8:00"), an article tells a day from an hour.
        Rule("(?<=ON|THE)(?<!(FROM|BETWEEN|SINCE) THE)n:DAY (AT|ATHOUR) t:@TIME", _day_moment),
        Rule(
            "BETWEEN THE? (s:TIME|h:HOUR) (AND|TO) THE? t:@TIME TAIL* | BETWEEN THE? s:@TIME "
            "(AND|TO) THE? h:HOUR TAIL* | (s:TIME|h:HOUR) AND t:@TIME TAIL+",
            _hours,
        ),
        Rule(f"{_FROM} (s:TIME|h:HOUR) {_TO} t:@TIME {_TAIL} | {_FROM} s:@TIME {_TO} h:HOUR {hour} {_TAIL}", _hours),
        Rule(f"p:@PARTDAY (OF|AT|THE)* {_FROM} h:HOUR {_TO} i:HOUR {hour} {_TAIL}", _hours),
        Rule("p:PARTDAY? (s:TIME|h:HOUR) (AND|TO)? (t:TIME|i:HOUR) (@TAIL|@UNTILP)+", _hours),
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
            f"(n:DAY|n:ORDDAY) {hour} (?!OF|UNKNOWN) | THE n:ORDDAY {glue} t:@TIME",
            _day_moment,
        ),
        Rule("s:@SHIFTPART (COMMA|OF|THE)* (AT|ATHOUR)* t:TIME | t:@TIME (COMMA|OF|THE|ON)* s:SHIFTPART", _moment_part),
        Rule(f"s:@SHIFTPART (AT|ATHOUR)+ h:HOUR {hour}", _moment_part),
        Rule(f"s:@SHIFTPRE h:HOUR {hour}", _moment_part),
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
        Rule("p:@PERIOD COMMA? r:@DRANGE | r:@DRANGE (COMMA|OF|IN|THE)* p:PERIOD", _within_week),
        Rule("x:@DUR (STARTING|SINCE|FROM|AFTER) (ON|THE)* b:DATE", _starting),
    )


@cache
def open_rules() -> tuple[Rule, ...]:
    """Before, after, since, until; and recurrences."""
    days, hours, moments = "(a:DATE|a:PERIOD|a:DRANGE)", "a:TIME", "(a:DATETIME|a:DTRANGE)"
    rules = []
    # "2016 or before", but not "after 2018 or before 2010".
    alone = "(?!(THE|OF)* (DATE|PERIOD|TIME|DATETIME|HOUR))"
    for what, made in ((days, "DRANGE"), (hours, "TRANGE"), (moments, "DTRANGE")):
        rules += [
            Rule(
                f"(ANY)? (b:@BEFORE|b:@UNTIL) (THE|APPROX)* {what} (?!TO|DASH) | {what} "
                f"(b:@BEFOREP|b:@UNTILP|b:@ORBEFORE {alone})",
                _open(made, before=True),
            ),
            Rule(
                f"(ANY)? (b:@AFTER|b:@SINCE) (THE|ON|APPROX)* {what} (?!TO|DASH) "
                f"(AFTERP|TAILAFTER)? | {what} "
                f"(b:@AFTERP|b:@SINCEP|b:@ORAFTER {alone})",
                _open(made, before=False),
            ),
        ]
    each = "(x:DUR|u:UNIT|u:TUNIT|w:WDAY|m:MONTH|t:TIME|q:TRANGE|d:DATE|p:PERIOD|s:SEASON)"
    set_ = (
        Rule("s:@SETW", lambda m: {"SET": Recurrence(Spelled(str(m.value("s", "SETW"))))}),
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
    shift, part = str(match.any("s", "SHIFTPART", "SHIFTPRE")).split()
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


def _within_week(match: Match) -> Built:
    """Next week from Wednesday to Friday."""
    week, days = match.value("p", "PERIOD"), match.value("r", "DRANGE")
    if not isinstance(week, Period) or week.unit != "W" or week.shift is None or not isinstance(days, Interval):
        return None
    ends = [
        replace(end, weeks=week.shift) if isinstance(end, Day) and _bare_weekday(end) else None
        for end in (days.start, days.end)
    ]
    return {"DRANGE": Interval(*ends)} if None not in ends else None


def _bare_weekday(day: Day) -> bool:
    return day == Day(weekday=day.weekday) and day.weekday is not None


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
        return {"SET": Recurrence(Spelled(f"PT1{unit[0]}" if match.value("u", "TUNIT") else f"P1{unit}"))}
    if "q" in match:
        return {"SET": Recurrence(match.value("q", "TRANGE"))}
    return {
        "SET": Recurrence(
            _weekday(match)
            or match.value("t", "TIME")
            or match.any("d", "DATE")
            or match.any("p", "PERIOD")
            or Spelled("XXXX")
        )
    }


def _weekday(match: Match) -> Any:
    weekday = match.value("w", "WDAY")
    return None if weekday is None else Day(weekday=weekday)


def _set_at(match: Match) -> Built:
    every: Recurrence = match.value("x", "SET")
    clock = match.any("t", "TIME") or _bare(match, "h")
    return {"SET": Recurrence(Spelled(every.every.text(None) + clock.text())) if clock else every}
