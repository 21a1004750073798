"""Dates, times, ranges of them, durations and recurrences of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from bot.understanding import Entity
from nlu.entities.clocks import clock_rules, duration_rules, part_rules
from nlu.entities.dates import date_rules, relative_rules, year_rules
from nlu.entities.grammar import Rule, Token, cascade
from nlu.entities.lexicon import Lexicon
from nlu.entities.moments import Now
from nlu.entities.periods import day_range_rules, period_rules
from nlu.entities.ranges import moment_rules, open_rules

TIMES = ("duration", "date", "time", "datetime", "date_range", "time_range", "datetime_range", "recurrence")
_KIND_OF = {
    "DUR": "duration", "DATE": "date", "TIME": "time", "DATETIME": "datetime", "PERIOD": "date_range",
    "DRANGE": "date_range", "TRANGE": "time_range", "DTRANGE": "datetime_range", "SET": "recurrence",
}  # fmt: skip
_TELLING = frozenset(
    """MONTH WDAY UNIT TUNIT SHIFT SHIFTPART NOW RELUNIT PARTDAY PARTPRE AMPM OCLOCK OCLOCKQ NOONW DATE TIME DATETIME
    HOLIDAY SETW SEASON YEAR MMARK DMARK YMARK ATHOUR DURWORD HALFTO HALFPLUS WDAYS SLASH QUARTERW PAST TOM""".split()
)
_WEEKS, _MOST_HOURS, _TWO = 53, 12, 2


def find_times(text: str, tokens: Sequence[Token], lexicon: Lexicon, reference: datetime | None) -> Iterator[Entity]:
    """Every date, time and the like in the tokens of a text, those within others too.

    With a reference, values are dates where that is possible.
    """
    if (
        not any(not _TELLING.isdisjoint(token.values) for token in tokens)
        and sum(t.has("WORDS") for t in tokens) < _TWO
    ):
        return
    left, made = cascade(_prepared(tokens, lexicon), time_rules(), text=text, month_first=lexicon.month_first)
    for token in (*left, *made):
        for name, kind in _KIND_OF.items():
            value = token.values.get(name)
            if value is not None:
                yield Entity(kind, token.start, token.end, value.text(reference))
        if token.has("NOW"):
            yield Entity("datetime", token.start, token.end, Now().text(reference))


@cache
def time_rules() -> tuple[Rule, ...]:
    """All rules for times, in the order in which they apply."""
    return (
        *year_rules(), *day_range_rules(), *date_rules(), *clock_rules(), *part_rules(), *duration_rules(),
        *relative_rules(), *period_rules(), *moment_rules(), *open_rules(),
    )  # fmt: skip


def _prepared(tokens: Sequence[Token], lexicon: Lexicon) -> list[Token]:
    """Classes that are a special case of another, so that rules can ask for them."""
    result = []
    for token in tokens:
        values = token.values
        unit = values.get("UNIT")
        extra = {}
        if unit in {"W", "M", "Q", "Y"}:
            extra[f"UNIT{unit}"] = True
        if unit in {"W", "M", "Y", "Q", "WE"}:
            extra["UNITTHIS"] = True
        if lexicon.code == "ar" and values.get("ORDDAY", _MOST_HOURS + 1) <= _MOST_HOURS:
            extra["ORDHOUR"] = values["ORDDAY"]
        if "THE" in values:
            extra.update(dict.fromkeys(lexicon.articles_in, True))
        if "INT" in values and 1 <= values["INT"] <= _WEEKS:
            extra["WEEKNO"] = values["INT"]
        result.append(replace(token, values={**values, **extra}) if extra else token)
    return result
