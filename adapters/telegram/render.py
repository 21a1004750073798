"""`Outbound` becomes calls of the Bot API. Pure."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from adapters.texts import split_text, utf16_length
from bot.messages import Button, Outbound

MAX_TEXT = 4096
"""UTF-16 code units of one message, after its markup is read (Bot API, sendMessage)."""

ROW = 30
"""Code points of labels that fit side by side on a phone."""

MOST_PER_ROW = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One `sendMessage`: its text in HTML, and the buttons below it."""

    html: str
    keyboard: InlineKeyboardMarkup | None = None


def render_parts(outbound: Outbound) -> list[Part]:
    """The messages that an outbound is sent as; buttons stand under the last.

    Every character of the text is shown as it is: HTML needs only three escapes, where MarkdownV2 needs eighteen.
    """
    message = outbound.message
    if not message.text.strip():
        return []
    texts = split_text(message.text, MAX_TEXT, utf16_length)
    keyboard = render_keyboard(message.buttons)
    last = len(texts) - 1
    return [Part(html.escape(text, quote=False), keyboard if i == last else None) for i, text in enumerate(texts)]


def render_keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Short labels side by side, long ones below each other."""
    if not buttons:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    width = 0
    for button in buttons:
        wide = len(button.label) + 2
        if not rows or width + wide > ROW or len(rows[-1]) == MOST_PER_ROW:
            rows.append([])
            width = 0
        rows[-1].append(InlineKeyboardButton(button.label, callback_data=button.value))
        width += wide
    return InlineKeyboardMarkup(rows)
