"""Words that the CLDR has for a language: months, days of the week, units of time, currencies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from babel import Locale

UNITS = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D", "decade": "DEC", "century": "CEN"}
TIME_UNITS = {"hour": "H", "minute": "MI", "second": "S"}
LEAST_LETTERS = 3
"""Of an abbreviation that may stand for a month or a day by itself."""


def words_of(locale: Locale) -> Iterator[tuple[str, str, Any]]:
    """Phrase, class of token, value."""
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context].get(width, {}).items():
                yield from _name(name, "MONTH", number)
            for number, name in locale.days[context].get(width, {}).items():
                yield from _name(name, "WDAY", number + 1)
    for width in ("long", "short"):
        for unit, name in UNITS.items():
            yield from _unit(locale, unit, width, "UNIT", name)
        for unit, name in TIME_UNITS.items():
            yield from _unit(locale, unit, width, "TUNIT", name)
    for currency in COMMON_CURRENCIES:
        yield currency.lower(), "MONEY_MARK", currency
        name = locale.currencies.get(currency)
        if name:
            yield name, "MONEY_NAME", currency
        for form in locale._data["currency_names_plural"].get(currency, {}).values():  # noqa: SLF001 - no public way
            yield form, "MONEY_NAME", currency


def _name(name: str, kind: str, value: int) -> Iterator[tuple[str, str, Any]]:
    bare = name.strip(".")
    if bare.isdigit() or (bare and bare[0].isdigit()):
        return
    # One character of Chinese, Japanese or Korean (月, 수) is a word of its own too.
    if len(bare) > 1 and (len(bare) >= LEAST_LETTERS or not bare.isascii()):
        yield bare, kind, value
        yield bare + ".", kind, value


def _unit(locale: Locale, unit: str, width: str, kind: str, value: str) -> Iterator[tuple[str, str, Any]]:
    forms: dict[str, Any] = locale._data["unit_patterns"].get(f"duration-{unit}", {}).get(width, {})  # noqa: SLF001
    for pattern in forms.values():
        if isinstance(pattern, str) and "{0}" in pattern:
            word = pattern.replace("{0}", "").strip(" .\u00a0\u202f")
            if len(word) > 1 or not word.isascii():
                yield word, kind, value


COMMON_CURRENCIES = tuple(
    """USD EUR GBP JPY CNY KRW INR RUB TRY VND BRL MXN ARS CLP COP PEN CHF SEK NOK DKK ISK PLN CZK HUF RON BGN UAH
    CAD AUD NZD SGD HKD TWD THB IDR MYR PHP PKR BDT LKR NPR AED SAR QAR KWD BHD OMR JOD EGP MAD DZD TND IQD IRR ILS
    CRC BTC ZAR NGN KES GHS ETB KZT GEL AMD AZN UZS""".split()
)
