"""The public specs of recognisers of numbers, money, phones, addresses and times, in 15 languages.

    python -m benchmarks.nlu.recognizers FILE [--errors MODEL LANGUAGE]

FILE is JSON Lines (gzip or not) of rows with `kind`, `lang`, `model`, `input`, `results` and `context`. A row passes
"span" when exactly the expected pieces of text are found, white space and punctuation at their edges aside, and "value"
when their values are the expected ones too. Relative ordinals ("the last one") are no kind of ours; their rows are left
out. So are modes of the suite that contradict the others, and rows that expect words which are not in their text.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nlu.entities import EntityFinder

LANGUAGES = {
    "English": "en", "EnglishOthers": "en-GB", "Chinese": "zh-Hans", "Spanish": "es", "SpanishMexican": "es-MX",
    "German": "de", "French": "fr", "Portuguese": "pt", "Italian": "it", "Japanese": "ja", "Korean": "ko",
    "Arabic": "ar", "Hindi": "hi", "Turkish": "tr", "Dutch": "nl", "Swedish": "sv", "Bulgarian": "bg",
}  # fmt: skip
ALL_TIMES = ("date", "time", "datetime", "date_range", "time_range", "datetime_range", "duration", "recurrence")
MODELS: Mapping[str, tuple[str, ...]] = {
    "NumberModel": ("number",),
    "OrdinalModel": ("ordinal",),
    "PercentModel": ("percentage",),
    "CurrencyModel": ("money",),
    "PhoneNumberModel": ("phone",),
    "EmailModel": ("email",),
    "URLModel": ("url",),
    "IpAddressModel": ("ip_address",),
    "DateExtractor": ("date",),
    "DateParser": ("date",),
    "HolidayExtractor": ("date",),
    "HolidayParser": ("date",),
    "TimeExtractor": ("time",),
    "TimeParser": ("time",),
    "DateTimeExtractor": ("datetime",),
    "DateTimeParser": ("datetime",),
    "DatePeriodExtractor": ("date_range",),
    "DatePeriodParser": ("date_range",),
    "TimePeriodExtractor": ("time_range",),
    "TimePeriodParser": ("time_range",),
    "DateTimePeriodExtractor": ("datetime_range",),
    "DateTimePeriodParser": ("datetime_range",),
    "DurationExtractor": ("duration",),
    "DurationParser": ("duration",),
    "SetExtractor": ("recurrence",),
    "SetParser": ("recurrence",),
    "MergedExtractor": ALL_TIMES,
    "MergedParser": ALL_TIMES,
    "DateTimeModel": ALL_TIMES,
}
EDGES = " \t\n.,;:!?\"'，。、」」)(»«"


def rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            relative = any("relative" in str(r.get("TypeName")) for r in row["results"] or ())
            if row["model"] not in MODELS or row["lang"] not in LANGUAGES or relative:
                continue
            if all(edge(str(result.get("Text"))) in edge(row["input"]) for result in row["results"] or ()):
                yield row


def expected(row: Mapping[str, Any]) -> list[tuple[str, set[str]]]:
    """Piece of text, and the values that it may have."""
    return [(str(r.get("Text", "")), set(values_of(r))) for r in row["results"] or ()]


def values_of(result: Mapping[str, Any]) -> Iterator[str]:
    held = result.get("Value") or result.get("Resolution") or {}
    if not isinstance(held, dict):
        return
    if "isoCurrency" in held:
        yield f"{number(held['value'])} {held['isoCurrency']}"
    elif "unit" in held or "value" in held:
        yield number(held["value"])
    for one in (v for v in held.get("values", ()) if isinstance(v, dict)):
        yield from (str(one[k]) for k in ("timex", "value") if one.get(k))
        if "start" in one or "end" in one:
            yield f"{one.get('start', '..')}/{one.get('end', '..')}"
    if "Timex" in held:
        yield held["Timex"]
    for side in ("FutureResolution", "PastResolution"):
        resolution = held.get(side) or {}
        if any(k.startswith(("start", "end")) for k in resolution):
            start = next((v for k, v in resolution.items() if k.startswith("start")), "..")
            yield f"{start}/{next((v for k, v in resolution.items() if k.startswith('end')), '..')}"
        yield from (str(v) for v in resolution.values())


def number(value: object) -> str:
    return str(value).replace(",", ".")


def comparable(value: str) -> str:
    """Values in one spelling: times without a bare zero of minutes, intervals without a duration."""
    value = value.replace(" ", "T").strip("()")
    value = re.sub(r"^(\d\d:\d\d)", r"T\1", value)
    value = re.sub(r"(?<=T\d\d)(:00)?(:00)?(?![:\d])", "", re.sub(r":00(?![:\d])", "", re.sub(r":00:00", "", value)))
    parts = value.split(",")
    if len(parts) == 3:
        value = f"{parts[0]}/{parts[1]}"
    return value.removeprefix("R/")


def same_value(ours: str, wanted: set[str]) -> bool:
    if not wanted:
        return True
    mine = {
        comparable(ours),
        comparable(ours).lower(),
        comparable(ours.split(" ", maxsplit=1)[0]),
        comparable(ours.rstrip("%")),
    }
    digits = "".join(c for c in ours if c.isdigit())
    for one in wanted:
        # A phone number's value is given as it is written; ours is E.164, without a trunk prefix.
        written = "".join(c for c in one.replace("(0)", "") if c.isdigit()).lstrip("0")
        if len(written) > 6 and written.lstrip("0") == digits.lstrip("0"):
            return True
        if comparable(one) in mine or comparable(one.rstrip("%")) in mine:
            return True
        asked = figure(one)
        if any(abs(m - asked) <= 1e-9 * max(1.0, abs(m)) for m in map(figure, mine)):
            return True
    return False


def figure(value: str) -> float:
    """A number, or what is close to none."""
    try:
        return float(value.rstrip("%"))
    except ValueError:
        return math.nan


def judge(row: Mapping[str, Any], finder: EntityFinder) -> tuple[bool, bool, list[tuple[str, str]]]:
    text = row["input"]
    said = (row.get("context") or {}).get("ReferenceDateTime")
    reference = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", said)).replace(tzinfo=None) if said else None
    language = LANGUAGES[row["lang"]]
    found = [(text[e.start : e.end], e.value) for e in finder.find(text, language, reference)]
    plain = [e.value for e in finder.find(text, language)] if reference else [v for _, v in found]
    wanted = expected(row)
    span = [edge(piece) for piece, _ in found] == [edge(piece) for piece, _ in wanted]
    value = span and all(
        same_value(mine, values) or same_value(other, values)
        for (_, mine), other, (_, values) in zip(found, plain, wanted, strict=False)
    )
    return span, value, found


def edge(piece: str) -> str:
    from nlu.text import fold

    return " ".join(fold(piece).casefold().strip(EDGES).split())


def main(arguments: list[str]) -> None:
    file = Path(arguments[0])
    errors = arguments[2:5] if arguments[1:2] == ["--errors"] else None
    finders = {types: EntityFinder({}, kinds=types) for types in set(MODELS.values())}
    table: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    took = 0.0
    for row in rows(file):
        if errors and not (row["model"] in errors[0].split(",") and row["lang"] == errors[1]):
            continue
        began = time.process_time()
        span, value, found = judge(row, finders[MODELS[row["model"]]])
        took += time.process_time() - began
        table[row["model"], row["lang"]].append((span, value))
        if (errors and not span) or (errors and errors[2:] and not value):
            print("SPAN " if not span else "value", row["input"], "=>", found, "WANTED", expected(row))
    report(table)
    rows_read = max(1, sum(map(len, table.values())))
    print(f"\n{took / rows_read * 1000:.2f} ms of processor time a row, with the loading of lexicons")


def report(table: Mapping[tuple[str, str], list[tuple[bool, bool]]]) -> None:
    languages = [language for language in LANGUAGES if any(lang == language for _, lang in table)]
    print("| model | all | " + " | ".join(LANGUAGES[language] for language in languages) + " |")
    print("| --- " * (len(languages) + 2) + "|")
    for model in MODELS:
        every = [result for (name, _), results in table.items() if name == model for result in results]
        if every:
            cells = [cell(table.get((model, language), [])) for language in languages]
            print(f"| {model} ({len(every)}) | {cell(every)} | " + " | ".join(cells) + " |")


def cell(results: list[tuple[bool, bool]]) -> str:
    if not results:
        return ""
    span, value = (sum(r[i] for r in results) / len(results) for i in (0, 1))
    return f"{span:.2f} / {value:.2f}"


if __name__ == "__main__":
    main(sys.argv[1:])
