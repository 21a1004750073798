"""Check digits of codes; each takes a code without separators, in capitals."""

from __future__ import annotations

import re

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 24, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
}  # fmt: skip
"""Country → length, from the IBAN registry (ISO 13616)."""
_ISBN_13 = 13


def luhn(code: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1); the first digit names an issuer, 3 to 6."""
    if not code.isdecimal() or code[0] not in "23456":
        return False
    doubled = [int(digit) * (2 if i % 2 else 1) for i, digit in enumerate(reversed(code))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0  # noqa: PLR2004 - the digits of n


def ups(code: str) -> bool:
    """UPS tracking number, 1Z and 16 more: letters count as (code − 63) mod 10, every second one twice, mod 10."""
    if not re.fullmatch(r"1Z[0-9A-Z]{15}\d", code):
        return False
    values = [int(char) if char.isdecimal() else (ord(char) - 63) % 10 for char in code[2:-1]]
    return (-sum(value * (2 if i % 2 else 1) for i, value in enumerate(values))) % 10 == int(code[-1])


def s10(code: str) -> bool:
    """Postal item (UPU S10): two letters, eight digits, a check digit by weights mod 11, a country."""
    if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", code):
        return False
    rest = 11 - sum(int(d) * w for d, w in zip(code[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest) == int(code[10])


def iban(code: str) -> bool:
    """Bank account (ISO 13616): the length of its country, and mod 97 by ISO 7064."""
    if _IBAN_LENGTHS.get(code[:2]) != len(code) or not code.isascii() or not code.isalnum():
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def isbn(code: str) -> bool:
    """Book (ISO 2108), of 10 characters mod 11 or of 13 digits mod 10; ten bare digits are rather something else."""
    if len(code) == _ISBN_13 and code.isdecimal():
        return sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(code)) % 10 == 0
    if re.fullmatch(r"\d{9}[\dX]", code):
        return sum((10 if c == "X" else int(c)) * (10 - i) for i, c in enumerate(code)) % 11 == 0
    return False
