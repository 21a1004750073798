"""How a text of the bot looks on a channel, in a form that knows no platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.messages import Address, Author, Button, Message, Outbound
from bot.pack import PLACEHOLDER, Pack, fill

_MARKUP = re.compile(
    r"\*\S[^*]*\*|(?<!\w)_\S[^_]*_(?!\w)|`[^`]+`|\[[^\]]+\]\([^)]+\)|^#{1,6} |</?[a-z][^>]*>",
    re.MULTILINE | re.IGNORECASE,
)
"""What somebody may have meant for bold, a link, or the like: no channel is sent markup."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a channel is sent it: its text as it is shown, and rows of the labels of its buttons."""

    text: str
    rows: tuple[tuple[str, ...], ...] = ()


Render = Callable[[Outbound], Sequence[Bubble]]
"""A channel's own rendering, reduced to what is seen."""


class Notice(StrEnum):
    """What somebody who writes the text should know."""

    SPLIT = "split"
    """It is too long for one message."""
    LABEL_CUT = "label_cut"
    """The label of a button is too long and is cut."""
    MARKUP = "markup"
    """It looks formatted, but is shown as it is written."""
    PLACEHOLDER = "placeholder"
    """It has a placeholder that is filled in only in a conversation."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How it looks on a channel; a notice has what it is about, if it is about something in particular."""

    channel: str
    bubbles: tuple[Bubble, ...]
    notices: tuple[tuple[Notice, str], ...]


def previews(
    renders: Mapping[str, Render], pack: Pack, text: str, labels: Sequence[str], at: datetime
) -> list[Preview]:
    """How a text with buttons looks on each channel, with the pack's facts filled in."""
    filled = fill(text, pack.facts)
    buttons = tuple(Button(label, f"preview:{number}") for number, label in enumerate(labels))
    return [_preview(channel, render, filled, buttons, at) for channel, render in renders.items()]


def _preview(channel: str, render: Render, text: str, buttons: tuple[Button, ...], at: datetime) -> Preview:
    message = Message("preview", "preview", 1, Author.BOT, at, text, buttons=buttons)
    bubbles = tuple(render(Outbound(Address(channel, "preview"), message)))
    notices: list[tuple[Notice, str]] = []
    if len(bubbles) > 1:
        notices.append((Notice.SPLIT, str(len(bubbles))))
    shown = [label for bubble in bubbles for row in bubble.rows for label in row]
    notices += [
        (Notice.LABEL_CUT, button.label) for button, label in zip(buttons, shown, strict=False) if button.label != label
    ]
    if found := _MARKUP.search(text):
        notices.append((Notice.MARKUP, found.group().strip()))
    notices += [(Notice.PLACEHOLDER, name) for name in dict.fromkeys(PLACEHOLDER.findall(text))]
    return Preview(channel, bubbles, tuple(notices))
