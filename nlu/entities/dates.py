"""Rules for calendar days: what was written in figures is found already, the rest is here."""

from __future__ import annotations

from functools import cache
from typing import Any

from nlu.entities.feasts import Feast
from nlu.entities.grammar import Built, Match, Rule
from nlu.entities.moments import Day, Offset

_SEP = "(COMMA|OF|DOT|DASH|HYPHEN|SLASH|THE)*"
_DAY = "(d:DAY|d:ORDDAY)"


@cache
def year_rules() -> tuple[Rule, ...]:
    """Years in words: nineteen seventy-eight."""
    return (
        Rule("n:NUM m:@ORDMARK", _ordinal),
        Rule("@ORDPRE n:NUM", _ordinal),
        Rule("a:WORDS b:WORDS", _year_in_words),
        Rule("@APOSTROPHE y:YY", lambda m: {"YEAR": m.value("y", "YY")}),
        Rule(
            "y:@YEAR YMARK | (@YEARWORD|@UNITY) (OF|THE)? y:YEAR | y:YY YMARK (?=n:MON MMARK)",
            lambda m: {"YEAR": m.any("y", "YEAR", "YY"), "YEARFULL": True},
        ),
    )


@cache
def date_rules() -> tuple[Rule, ...]:
    """Tokens of class DATE (a `Day`) with a month."""
    wday = "THEDATE?((r:NEXT|r:THIS|r:LAST)? w:WDAY (COMMA|THE|OF|DOT|ON)*)?"
    return (
        Rule(f"{wday} y:YEAR {_SEP} m:@MONTH {_SEP} {_DAY} DMARK?", _date),
        Rule(f"{wday} y:YEAR {_SEP} {_DAY} {_SEP} m:@MONTH", _date),
        Rule(f"{wday} {_DAY} DMARK? {_SEP} m:@MONTH {_SEP} y:YEAR YMARK?", _date),
        Rule(
            f"{wday} {_DAY} DMARK? {_SEP} m:@MONTH (COMMA|DASH|SLASH|HYPHEN|APOSTROPHE) y:YY "
            f"(?!TIME|OCLOCK|AMPM|UNIT|TUNIT)",
            _date,
        ),
        Rule(f"{wday} m:@MONTH {_SEP} {_DAY} {_SEP} y:YEAR", _date),
        Rule(f"{wday} m:@MONTH {_SEP} y:YEAR {_SEP} {_DAY} (?!OCLOCK|AMPM|UNIT|TUNIT|TO)", _date),
        Rule(f"{wday} {_DAY} DMARK? {_SEP} m:@MONTH", _date),
        Rule(f"{wday} m:@MONTH (OF|THE|DOT|DASH|HYPHEN|SLASH|COMMA)* {_DAY} DMARK? (?!OCLOCK|AMPM|UNIT|TUNIT)", _date),
        Rule(
            f"(y:YEAR (COMMA|OF)?)? n:MON @MMARK (OF|COMMA)? {_DAY} "
            f"(DMARK|(?!OCLOCK|UNIT|TUNIT|TENS)) ((COMMA|OF)? w:WDAY)?",
            _date,
        ),
        Rule(f"(r:RELUNIT) (OF)? n:MON @MMARK {_DAY} DMARK? w:WDAY?", _date),
        Rule(f"{wday} d:DAY @SLASH n:DAY (?!SLASH|NUM)", _slashed),
        Rule(
            "w:@WDAY (COMMA|THE)* d:DAY (DASH|HYPHEN) n:MON (?!(IN|INTHE|OF|THE)*(AMPM|PARTDAY|OCLOCK)|UNIT|TUNIT)",
            _slashed,
        ),
        Rule("(?<=@ON)(x:DM|d:DAY (HYPHEN|DASH) n:DAY) (?!AMPM|OCLOCK|UNIT|TUNIT|PERCENTMARK)", _slashed),
        Rule("w:@WDAY (COMMA|THE)* x:DM", _slashed),
        Rule("x:@DM w:WDAY", _slashed),
        Rule("w:@WDAY (COMMA|THE|ON|OF)* x:DATE", _weekday_date),
        Rule("x:@DATE (COMMA|OF|THE)* w:WDAY", _weekday_date),
        Rule("n:MON @MMARK", lambda m: {"MONTH": m.value("n", "MON"), "MMONTH": True}),
    )


@cache
def relative_rules() -> tuple[Rule, ...]:
    """Days told from today, from the week, or from another day; holidays."""
    week = "u:UNIT"
    month = "(x:RELUNIT|(r:NEXT|r:THIS|r:LAST) u:UNIT|u:UNIT (r:NEXT|r:THIS|r:LAST))"
    return (
        Rule("s:@SHIFT", lambda m: {"DATE": Day(shift=int(m.value("s", "SHIFT"))), "RELDATE": True}),
        Rule("(o:ORD|r:LAST) w:@WDAY (OF|IN|THE|COMMA)+ m:MONTH (OF|COMMA)? y:YEAR?", _nth),
        Rule("m:MONTH OF? (o:ORD|r:LAST) w:@WDAY", _nth),
        Rule(f"THEDATE? (o:ORD|l:LAST) w:@WDAY (OF|IN|THE|COMMA)+ {month}", _nth_of),
        Rule(f"{month} (OF|IN|THE|COMMA)* (o:ORD|l:LAST) w:@WDAY", _nth_of),
        Rule(f"w:@WDAY (COMMA|OF|ON|THE)* (r:NEXT|r:THIS|r:LAST) {week}", _week),
        Rule(f"w:@WDAY (COMMA|OF|ON|THE)* {week} (r:NEXT|r:THIS|r:LAST)", _week),
        Rule(f"THEIN? (r:NEXT|r:THIS|r:LAST) {week} (COMMA|OF|ON|THE)* w:@WDAY", _week),
        Rule(f"{week} (r:NEXT|r:THIS|r:LAST) (COMMA|OF|ON|THE)* w:@WDAY", _week),
        Rule("x:@RELUNIT (COMMA|OF|ON|THE)* (w:WDAY|w:WDAYNUM) | w:WDAY (COMMA|OF|THE)* x:@RELUNIT", _week),
        Rule("THEDATE? (r:NEXT|r:THIS|r:LAST)+ w:@WDAY (?!UNIT)", _week),
        Rule("THEDATE? w:@WDAY (OF|THE)* (r:NEXT|r:THIS|r:LAST) (?!UNIT|TUNIT|NUM)", _week),
        Rule("(r:NEXTD|r:LASTD) w:@WDAYNUM", _week),
        Rule("w:@WDAY (THE|OF|COMMA)* d:ORDDAY", _weekday_day),
        Rule("w:@WDAY THE d:DAY (?!OCLOCK|AMPM|TIME|UNIT|TUNIT)", _weekday_day),
        Rule(
            "w:@WDAY d:DAY (?=(x:UNKNOWN)?) (?!OCLOCK|OCLOCKQ|AMPM|TIME|UNIT|TUNIT|MONTH|MMARK|NUM|LIT|PERCENTMARK"
            "|MONEY_NAME|MONEY_MARK|SLASH|TAIL|UNTILP|PARTDAY|ORDMARK|APOSTROPHE"
            "|(TO|UNTIL|DASH|HYPHEN|AND)+ (THE|UNTIL)* (DAY|WDAY|DATE|HOUR))",
            _weekday_number,
        ),
        Rule("d:DAY DMARK (OF|COMMA|THE)* w:@WDAY", _weekday_day),
        Rule("THE d:@ORDDAY (OF|COMMA)* w:WDAY", _weekday_day),
        Rule(
            "d:DAY (DMARK|OF|THE)+ (r:NEXT|r:THIS|r:LAST) u:@UNIT | x:@RELUNIT (OF|THE)* d:DAY "
            "DMARK | (r:NEXT|r:THIS|r:LAST) u:@UNIT OF? d:DAY DMARK",
            _day_of,
        ),
        Rule(
            "THE? d:@ORDDAY (OF|THE)+ (r:NEXT|r:THIS|r:LAST) u:UNIT | THE? d:@ORDDAY OF (THE)? "
            "u:UNIT (r:NEXT|r:THIS|r:LAST)",
            _day_of,
        ),
        # "On the 5th", but not "the second one": a word of which nothing is known must not follow.
        Rule(
            "(?<=ON|UNTIL|FROM|BEFORE|AFTER|SINCE|TO|FOR|AT)@THE d:ORDDAY (?!UNIT|TUNIT|WDAY|MONTH|NUM|ORD|OF|UNKNOWN)",
            _alone,
        ),
        Rule("(?<!NUM)d:DAY @DMARK (?!UNIT|TUNIT)", lambda m: {"DATE": Day(day=m.value("d", "DAY"))}),
        Rule(
            "(r:NEXT|r:THIS|r:LAST) h:@HOLIDAY | h:@HOLIDAY (OF|COMMA|THE)* "
            "((r:NEXT|r:THIS|r:LAST) UNIT | UNIT (r:NEXT|r:THIS|r:LAST) | x:RELUNIT | y:YEAR)",
            _holiday,
        ),
        Rule("(y:YEAR|x:RELUNIT|(r:NEXT|r:THIS|r:LAST) UNIT) (OF|COMMA)* h:@HOLIDAY", _holiday),
        Rule("h:@HOLIDAY", _holiday),
        Rule(
            "(?<!NEXT|LAST|THIS|EVERY)w:@WDAY (?!UNIT)",
            _weekday,
        ),
        Rule("x:@DDUR (AND|COMMA)? AGO | AGOPRE x:@DDUR AGO?", _ago),
        Rule("x:@TDUR AGO | AGOPRE x:@TDUR AGO?", _ago_time),
        Rule(
            "x:@DDUR (AFTER|FROM|SINCE|AFTERMID) (THE)? b:DATE | b:DATE "
            "(FROMP|AFTERP|OF|SINCEP|COMMA)* x:@DDUR (LATER|AFTERP)",
            _after,
        ),
        Rule("x:@DDUR (BEFORE|BEFOREMID) (THE)? b:DATE | b:DATE (OF|FROMP)? x:@DDUR (AGO|BEFOREP)", _before_day),
        Rule("w:WD x:@DDUR LATER", _later),
        Rule("x:@DDUR LATER | @LATERPRE x:DDUR", _later),
        Rule("x:@TDUR LATER | @LATERPRE x:TDUR", _later_time),
        Rule("@INP x:DDUR (?!AGO|LATER)", _later),
        Rule("@INP x:TDUR (?!AGO|LATER)", _later_time),
        Rule("a:DATE COMMA? b:@RELDATE | a:@RELDATE COMMA b:DATE", _both),
    )


def _ordinal(match: Match) -> Built:
    number, tokens = match.value("n", "NUM"), match.tokens
    if number != int(number) or ("m" in match and tokens["n"].end != tokens["m"].start):
        return None
    values: dict[str, Any] = {"ORD": int(number)}
    if 1 <= number <= 31:  # noqa: PLR2004 - the days of a month
        values["ORDDAY"] = int(number)
    return values


def _year_in_words(match: Match) -> Built:
    century, rest = match.value("a", "INT"), match.value("b", "INT")
    if century not in {18, 19, 20} or rest is None or rest < 10:  # noqa: PLR2004 - "twenty five" is a number
        return None
    return {"YEAR": century * 100 + rest}


def _weekday(match: Match) -> Built:
    if match.value("w", "WDAYS") is not None:
        return None
    return {"DATE": Day(weekday=match.value("w", "WDAY")), "WD": match.value("w", "WDAY")}


def _day_number(match: Match) -> int | None:
    found: int | None = match.any("d", "DAY", "ORDDAY")
    return found


def _year(match: Match) -> int | None:
    found: int | None = match.any("y", "YEAR", "YY")
    return found


def _date(match: Match) -> Built:
    month = match.value("m", "MONTH") or match.value("n", "MON")
    year = _year(match)
    day = Day(year, month, _day_number(match))
    return {"DATE": day, "MDATE": True}


def _slashed(match: Match) -> Built:
    if "x" in match:
        one, other = match.value("x", "DM")
        if "." in match.text[match.tokens["x"].start : match.tokens["x"].end] and match.month_first and one <= 12:  # noqa: PLR2004
            one, other = other, one
    else:
        tokens = match.tokens
        if tokens["n"].start - tokens["d"].end > 1:
            return None
        one, other = match.value("d", "DAY"), match.value("n", "INT")
        if other is None:
            return None
        if match.month_first:
            one, other = other, one
    if other > 12:  # noqa: PLR2004 - months
        one, other = other, one
    if other > 12 or one > 31 or not one or not other:  # noqa: PLR2004
        return None
    return {"DATE": Day(_year(match), other, one), "MDATE": True}


def _weekday_date(match: Match) -> Built:
    return {"DATE": match.value("x", "DATE"), "MDATE": True}


def _nth(match: Match) -> Built:
    order = -1 if "r" in match else match.value("o", "ORD")
    if not 1 <= abs(order) <= 5:  # noqa: PLR2004 - weeks that a month touches
        return None
    return {
        "DATE": Day(match.value("y", "YEAR"), match.value("m", "MONTH"), weekday=match.value("w", "WDAY"), nth=order)
    }


def shift_of(match: Match) -> int:
    """-1, 0 or 1 for last, this, next."""
    if match.any("r", "NEXT", "NEXTD") is not None:
        return 1
    return -1 if match.any("r", "LAST", "LASTD") is not None else 0


def rel_unit(value: Any) -> tuple[str, int]:
    """`W+1` → ("W", 1)."""
    unit, sign, amount = str(value).partition("+") if "+" in str(value) else str(value).partition("-")
    return unit, int(sign + amount)


def _week(match: Match) -> Built:
    weekday = match.any("w", "WDAY", "WDAYNUM")
    if "x" in match:
        unit, weeks = rel_unit(match.value("x", "RELUNIT"))
        if unit != "W":
            return None
    else:
        if "u" in match and match.value("u", "UNIT") != "W":
            return None
        weeks = shift_of(match)
    return {"DATE": Day(weekday=weekday, weeks=weeks)}


def _weekday_day(match: Match) -> Built:
    return {"DATE": Day(day=_day_number(match), weekday=match.value("w", "WDAY"))}


def _weekday_number(match: Match) -> Built:
    """Friday 22; but "on Friday 2 parcels" counts parcels."""
    after = match.tokens.get("x")
    if after is not None and match.text[after.start : after.end].isalnum():
        return None
    if match.tokens["d"].has("WORDS") and match.value("d", "DAY") == 1:
        return None  # a word for one is an article too
    return _weekday_day(match)


def _nth_of(match: Match) -> Built:
    """The first Friday of next month."""
    unit, months = (
        rel_unit(match.value("x", "RELUNIT")) if "x" in match else (match.value("u", "UNIT"), shift_of(match))
    )
    order = -1 if "l" in match else match.value("o", "ORD")
    if unit != "M" or not 1 <= abs(order) <= 5:  # noqa: PLR2004 - weeks that a month touches
        return None
    return {"DATE": Day(weekday=match.value("w", "WDAY"), nth=order, months=months), "MDATE": True}


def _day_of(match: Match) -> Built:
    unit, shift = rel_unit(match.value("x", "RELUNIT")) if "x" in match else (match.value("u", "UNIT"), shift_of(match))
    if unit != "M":
        return None
    return {"DATE": Day(day=_day_number(match), months=shift)}


def _alone(match: Match) -> Built:
    return {"DATE": Day(day=match.value("d", "ORDDAY"))}


def _holiday(match: Match) -> Built:
    code = str(match.value("h", "HOLIDAY"))
    year = match.value("y", "YEAR")
    if len(code) == 5 and code[2] == "-":  # noqa: PLR2004 - MM-DD
        return {"DATE": Day(year, int(code[:2]), int(code[3:])), "MDATE": True}
    return {"DATE": Feast(code, year), "MDATE": True}


def _ago(match: Match) -> Built:
    return {"DATE": Offset(match.value("x", "DUR"), -1), "RELDATE": True}


def _ago_time(match: Match) -> Built:
    return {"DATETIME": Offset(match.value("x", "DUR"), -1)}


def _later(match: Match) -> Built:
    return {"DATE": Offset(match.value("x", "DUR"), 1), "RELDATE": True}


def _later_time(match: Match) -> Built:
    return {"DATETIME": Offset(match.value("x", "DUR"), 1)}


def _based(match: Match, sign: int) -> Built:
    base = match.value("b", "DATE")
    return {"DATE": Offset(match.value("x", "DUR"), sign, base if isinstance(base, Day) else None)}


def _after(match: Match) -> Built:
    return _based(match, 1)


def _before_day(match: Match) -> Built:
    return _based(match, -1)


def _both(match: Match) -> Built:
    """Tomorrow, 5 May: the fuller one counts."""
    one = match.value("a", "DATE")
    return {"DATE": one if match.tokens["a"].has("MDATE") else match.value("b", "DATE")} if one else None
