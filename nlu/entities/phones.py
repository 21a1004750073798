"""Phone numbers as people write them; the number itself is read by `phonenumbers`, Google's libphonenumber."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import phonenumbers
import regex

from bot.understanding import Entity

_LEAST, _MOST = 7, 15
"""Digits of a phone number; ITU-T E.164 allows fifteen."""
_NUMBER = regex.compile(
    r"""(?<![a-z0-9_\#$€£¥&=%°/.,+\-]|\d:|[\d]\s|\p{Latin}|\p{Cyrillic}|\p{Arabic})
    (?P<number>
      (?:\(?(?P<plus>\+|00\s?)\d{1,4}\)?|\(\s?\d{1,5}\s?\)|\d{1,5})
      (?:\s?[\-.·/]?\s?\(\s?\d{1,5}\s?\)|[ \u00a0]?[\-./][ \u00a0]?\d{1,11}|[ \u00a0]\d{1,11}|\d)*
    )
    (?P<extension>\s?(?:x|ext\.?|extension|доб\.?|分机)\s?\d{2,6})?
    (?![a-z0-9_%°$€£]|[.,:]\d|-\d)""",
    regex.VERBOSE | regex.IGNORECASE,
)
_WORDS = re.compile(
    r"phone|\btel\b|mobile|\bcell|\bfax|whatsapp|\bcall|\bsms\b|\btele|telé|télé|\bhandy|móvil|celular|portable|"
    r"\bligue|llam|appel|\bruf|电话|電話|手机|手機|传真|傳真|携帯|전화|휴대폰|팩스|هاتف|جوال|موبايل|फोन|फ़ोन|मोबाइल|टेलीफ|"
    r"телефон|звон|моб|\bcep\b|ara[yr]|\bbel\b|\bbellen|điện thoại|di động|cellulare|chiama",
    re.IGNORECASE,
)
_OTHER_WORDS = re.compile(
    r"account|\bcard|order|invoice|conta\b|bancári|cart[aãó]|cuenta|tarjeta|pedido|compte|carte|commande|konto|bestell|"
    r"订单|訂單|账号|帳號|卡号|卡號|注文|口座|주문|계좌|заказ|счет|карт|"
    r"sipariş|hesap|rekening|đơn hàng|tài khoản|ordine",
    re.IGNORECASE,
)
_CONTEXT = 40
_SECONDS = 0.05
"""Processor time that a message may take."""
_DATE = re.compile(
    r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})|\d{4}[/.\-]\d{1,2}(?:[/.\-]\d{1,2})?|\d{1,3}(?:[.,]\d{3})+"
)


def find_phones(text: str, taken: Sequence[tuple[int, int]] = ()) -> Iterator[Entity]:
    """Phone numbers in a folded text, but for those within the spans `taken`; in E.164 where they name the country."""
    if sum(map(str.isdecimal, text)) < _LEAST:
        return
    for match in _matches(text):
        start, end = match.span()
        if any(one < end and start < other for one, other in taken):
            continue
        number = match["number"].rstrip(" \u00a0-./")
        if match["extension"] is None:
            end = start + len(number)
        if plausible(number, text[max(0, start - _CONTEXT) : start], international=match["plus"] is not None):
            yield Entity("phone", start, end, normalised(number, match["extension"]))


def _matches(text: str) -> Iterator[regex.Match[str]]:
    try:
        yield from _NUMBER.finditer(text, timeout=_SECONDS)
    except TimeoutError:
        return


def plausible(number: str, before: str, *, international: bool) -> bool:
    """Whether figures look like a phone number: by their shape, or by a word that announces one."""
    digits = sum(char.isdigit() for char in number)
    if not _LEAST <= digits <= _MOST or number.count("(") != number.count(")"):
        return False
    if _DATE.fullmatch(number) or len(re.findall(r"\d+", number)) > 7:  # noqa: PLR2004 - too many groups
        return False
    if international:
        return True
    groups = re.findall(r"\d+", number)
    if announced(before):
        return True
    if len(groups) == 1 and "(" not in number:
        return number.startswith("0") and 9 <= digits <= 11  # noqa: PLR2004
    return "(" in number or number.startswith("0") or [len(g) for g in groups] in ([3, 3, 4], [1, 3, 3, 4], [3, 4, 4])


def announced(before: str) -> bool:
    """Whether the last word that says what a number is says that it is a phone's."""
    phone = max((match.end() for match in _WORDS.finditer(before)), default=-1)
    return phone > max((match.end() for match in _OTHER_WORDS.finditer(before)), default=-1)


def normalised(number: str, extension: str | None) -> str:
    """E.164 where the country is known, else the digits; an extension after `;ext=`, as RFC 3966 has it."""
    digits = "".join(char for char in number if char.isdigit() or char == "+")
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    suffix = "" if extension is None else ";ext=" + "".join(char for char in extension if char.isdigit())
    if digits.startswith("+"):
        try:
            parsed = phonenumbers.parse(number if number.lstrip("(").startswith("+") else digits)
        except phonenumbers.NumberParseException:
            return digits + suffix
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) + suffix
    return digits + suffix
