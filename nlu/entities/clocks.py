"""Rules for times of day and durations."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from nlu.entities.grammar import Built, Match, Rule
from nlu.entities.moments import Clock, Duration

_DAY, _HOUR = 24, 60


@cache
def clock_rules() -> tuple[Rule, ...]:
    """Tokens of class TIME (a `Clock`) from hours, minutes and the words around them."""
    to = "(TO|UNTIL|AND|DASH|HYPHEN)+"
    return (
        Rule("f:@PART (PAST|AND) h:HOUR OCLOCK?", _past),
        Rule("m:MINUTE TUNIT? @PAST h:HOUR OCLOCK?", _past),
        Rule("f:@PART @TOM h:HOUR OCLOCK?", _to),
        Rule("m:MINUTE u:TUNIT? @TOM h:HOUR (OCLOCK|(?=AMPM|IN|PARTDAY))", _to_spoken),
        Rule("(m:MINUTE TUNIT|f:PART) @TOM h:HOUR", _to),
        Rule("@HALFTO h:HOUR OCLOCK?", _half_to),
        Rule("@THREETO h:HOUR OCLOCK?", _three_to),
        Rule("@HALFPLUS h:HOUR OCLOCK?", _half_after),
        Rule("@QTRPLUS h:HOUR OCLOCK?", _quarter_after),
        Rule("@QTRLESS h:HOUR OCLOCK?", _three_to),
        Rule("h:HOUR (OCLOCK|OCLOCKQ) LESS THE? (f:@PART|m:MINUTE)", _less),
        Rule("(?<=ATHOUR)h:HOUR LESS THE? (f:@PART|m:MINUTE)", _less),
        Rule("h:HOUR (OCLOCK|OCLOCKQ) AND? (A|THE)? f:@PART", _hour),
        Rule("(?<=ATHOUR)h:HOUR AND (A|THE)? f:@PART", _hour),
        Rule("h:HOUR @HALFAFTER OCLOCK?", _half_after),
        Rule("h:HOUR (OCLOCK|OCLOCKQ) AND? m:MINUTE MINMARK? AND? s:MINUTE SECMARK", _hour),
        Rule("h:HOUR (OCLOCK|OCLOCKQ) AND? s:MINUTE @SECMARK", _hour),
        Rule("h:HOUR (OCLOCK|OCLOCKQ) AND? m:MINUTE MINMARK @BEFORECLOCK", _before),
        Rule("h:HOUR (OCLOCK|OCLOCKQ) AND? m:MINUTE (MINMARK|(?!UNIT|TUNIT|NUM|OCLOCK|MONTH|MMARK))", _hour),
        Rule("h:HOUR @OCLOCK", _hour),
        Rule("(?<=ATHOUR)h:HOUR (@OCLOCKQ AND?)? m:MINUTE (?!UNIT|TUNIT|MONTH|OCLOCK|MMARK|YEAR)", _hour),
        # "De 16 heures à 17 heures", "entre 10h et 11h30": between two of them, hours are no duration.
        Rule(f"(?<=FROM|BETWEEN)h:HOUR @OCLOCKQ (?={to}(TIME|HOUR (OCLOCK|OCLOCKQ)))", _hour),
        Rule(f"(?<=(FROM|BETWEEN) TIME {to})h:HOUR @OCLOCKQ", _hour),
        Rule("(?<=ATHOUR|PARTDAY|SHIFTPART|BEFORE)h:HOUR @OCLOCKQ", _hour),
        Rule("h:HOUR OCLOCKQ (?=(IN|OF|THE)*(PARTDAY|AMPM))", _hour),
        Rule("t:TIME @OCLOCK", _same),
        Rule("t:HM @OCLOCK", _same),
        Rule("h:HOUR m:MINUTE @AMPM", _spoken),
        Rule("(t:TIME|t:HM|t:HHMM|h:HOUR) OCLOCK? p:@AMPM OCLOCK?", _hour),
        Rule("p:@AMPM (COMMA|OF)? (t:TIME|h:HOUR (OCLOCK|(?!UNIT|TUNIT|MMARK|DMARK)))", _hour),
        Rule("(?<=ATHOUR)(t:HM|h:HOUR) (?!UNIT|TUNIT|MONTH|PERCENTMARK|MMARK|DMARK|SLASH|TO|DASH)", _hour),
        Rule("(?<=ATHOUR)h:@ORDHOUR (AND f:PART)? | h:@ORDHOUR (AND f:PART)? (?=AMPM|PARTDAY)", _hour),
        Rule("t:TIME p:@AMPM", _hour),
        Rule("HOUR n:@NOONW", lambda m: {"TIME": Clock(m.value("n", "NOONW"), 0)}),
        Rule("h:@NOONW", lambda m: {"TIME": Clock(m.value("h", "NOONW"), 0)}),
    )


@cache
def part_rules() -> tuple[Rule, ...]:
    """Times with the part of the day that they lie in: seven in the morning."""
    return (
        Rule("t:TIME (COMMA|IN|INTHE|THE|OF|ON|AT)* p:@PARTDAY", _hour),
        Rule("h:HOUR (IN|INTHE|OF|THE)+ p:@PARTDAY", _hour),
        Rule("p:@PARTDAY (AT|ATHOUR|COMMA|OF|THE)* t:TIME", _hour),
        Rule("p:@PARTDAY (AT|ATHOUR|OF|THE)+ h:HOUR (?!UNIT|TUNIT|MONTH|MMARK|DMARK|SLASH|TO|DASH)", _hour),
        Rule("p:@PARTPRE h:HOUR m:MINUTE? (?!UNIT|TUNIT|MONTH|MMARK|DMARK|SLASH)", _hour),
        Rule("@HOURIN t:TIME | p:@PARTDAY HOURIN t:TIME", _hour),
    )


@cache
def duration_rules() -> tuple[Rule, ...]:
    """Tokens of class DUR (a `Duration`)."""
    unit = "(u:@UNIT|u:@TUNIT)"
    return (
        Rule("whole:NUM @POINT a:NUM (?=UNIT|TUNIT)", _decimal),
        Rule("w:NUM (AND|WITH) (A|n:ONE)? f:@PART (?=OF? (UNIT|TUNIT))", _plus_part),
        Rule("w:NUM f:@PARTALONE (?=UNIT|TUNIT)", _plus_part),
        Rule(f"n:NUM HYPHEN? {unit} (AND|WITH)? A? f:@PART (?!UNIT|TUNIT|PAST|OF)", _and_part),
        Rule(f"A {unit} (AND|WITH) A? f:@PART (?!UNIT|TUNIT|PAST)", _and_part),
        Rule(f"@HALFA {unit}", _half),
        Rule(f"(A|n:NUM)? f:@PART (OF|A|HYPHEN)* {unit}", _part_unit),
        Rule(f"(n:NUM|k:FEW) HYPHEN? (MOREOF|OF)? {unit}", _duration),
        Rule("u:@DURWORD", _word),
        Rule("n:NUM @DMARK (?=AGO|LATER|WITHINP|EVERYP|DURPOST|NUM TUNIT|BEFOREP)", _days),
        Rule("(?<=(NEXT|LAST|FEW|DUR|WITHIN) AND*)n:NUM @DMARK", _days),
        Rule(f"@A MOREOF? {unit}", _duration),
        Rule("@WHOLE (THE|HYPHEN)? (u:UNIT|u:TUNIT)", _duration),
        Rule("one:@DUR (COMMA|AND|HYPHEN)* other:DUR", _sum),
        Rule("one:@DUR (COMMA|AND|HYPHEN)* other:DUR", _sum),
        Rule("one:@DUR (AND|WITH) A? f:PART", _dur_part),
    )


def _minutes(match: Match) -> int:
    part = match.value("f", "PART")
    return int(Decimal(str(part)) * _HOUR) if part is not None else int(match.value("m", "MINUTE") or 0)


def _clock(hour: int, minute: int = 0, second: int | None = None) -> Built:
    minutes = hour * _HOUR + minute
    hour, minute = divmod(minutes % (_DAY * _HOUR), _HOUR)
    return {"TIME": Clock(hour, minute, second)}


def _same(match: Match) -> Built:
    return {"TIME": match.any("t", "TIME", "HM")}


def _hour(match: Match) -> Built:
    clock = match.any("t", "TIME", "HM", "HHMM")
    if clock is None:
        minutes = _minutes(match)
        clock = Clock(match.any("h", "HOUR", "ORDHOUR"), minutes, match.value("s", "MINUTE"))
    half = match.any("p", "AMPM", "PARTDAY", "PARTPRE")
    return {"TIME": clock.in_half(half) if half else clock}


def _spoken(match: Match) -> Built:
    """Eight forty p.m.: minutes are never said in one digit."""
    return _hour(match) if match.value("m", "MINUTE") > 9 else None  # noqa: PLR2004


def _past(match: Match) -> Built:
    return _clock(match.value("h", "HOUR"), _minutes(match))


def _to(match: Match) -> Built:
    return _clock(match.value("h", "HOUR") or _DAY, -_minutes(match))


_less = _before = _to


def _to_spoken(match: Match) -> Built:
    """Twenty to five p.m.; but "two to five p.m." are hours."""
    return _to(match) if "u" in match or match.value("m", "MINUTE") % 5 == 0 else None


def _half_to(match: Match) -> Built:
    return _clock(match.value("h", "HOUR") or _DAY, -30)


def _three_to(match: Match) -> Built:
    return _clock(match.value("h", "HOUR") or _DAY, -15)


def _half_after(match: Match) -> Built:
    return _clock(match.value("h", "HOUR"), 30)


def _quarter_after(match: Match) -> Built:
    return _clock(match.value("h", "HOUR"), 15)


# --- durations --------------------------------------------------------------------------------------------------------


def _decimal(match: Match) -> Built:
    return {"NUM": Decimal(f"{match.value('whole', 'NUM')}.{match.value('a', 'NUM')}")}


def _plus_part(match: Match) -> Built:
    part = match.any("f", "PART", "PARTALONE")
    return {"NUM": match.value("w", "NUM") + Decimal(str(part))}


def _of_unit(match: Match, amount: Decimal) -> Built:
    unit = match.any("u", "TUNIT", "UNIT")
    if amount < 0 or unit == "WE":
        return None
    return {"DUR": Duration({unit: amount}), ("TDUR" if match.value("u", "TUNIT") else "DDUR"): True}


def _duration(match: Match) -> Built:
    amount = match.value("n", "NUM")
    if amount is None:
        amount = Decimal(match.value("k", "FEW") or 1)
    return _of_unit(match, amount)


def _days(match: Match) -> Built:
    return {"DUR": Duration({"D": match.value("n", "NUM")}), "DDUR": True}


def _half(match: Match) -> Built:
    return _of_unit(match, Decimal("0.5"))


def _part_unit(match: Match) -> Built:
    whole = match.value("n", "NUM")
    return _of_unit(match, (1 if whole is None else whole) * Decimal(str(match.value("f", "PART"))))


def _and_part(match: Match) -> Built:
    whole = match.value("n", "NUM")
    return _of_unit(match, (1 if whole is None else whole) + Decimal(str(match.value("f", "PART"))))


def _word(match: Match) -> Built:
    unit, amount = str(match.value("u", "DURWORD")).split()
    timed = "TDUR" if unit in {"H", "MI", "S"} else "DDUR"
    return {"DUR": Duration({unit: Decimal(amount)}), timed: True}


def _sum(match: Match) -> Built:
    one: Duration = match.value("one", "DUR")
    other: Duration = match.value("other", "DUR")
    order = ("CEN", "DEC", "Y", "HY", "Q", "M", "F", "W", "BD", "D", "H", "MI", "S")
    if not one.amounts.keys().isdisjoint(other.amounts):
        return None
    # Mostly from large to small, but "1 month 2 years" is said too.
    amounts = dict(sorted({**one.amounts, **other.amounts}.items(), key=lambda pair: order.index(pair[0])))
    return {"DUR": Duration(amounts), ("TDUR" if Duration(amounts).timed else "DDUR"): True}


def _dur_part(match: Match) -> Built:
    one: Duration = match.value("one", "DUR")
    unit = list(one.amounts)[-1]
    amounts = {**one.amounts, unit: one.amounts[unit] + Decimal(str(match.value("f", "PART")))}
    return {"DUR": Duration(amounts), ("TDUR" if one.timed else "DDUR"): True}
