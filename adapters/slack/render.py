"""`Outbound` becomes `chat.postMessage` calls. Pure.

Text goes into rich-text blocks: they show every character as it is. In mrkdwn only `& < >` can be escaped, so a
customer's `*` or `_` would turn into formatting.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.texts import split_text
from bot.messages import Author, Button, Outbound

MAX_SECTION = 3_000
"""Characters of one block's text."""

MAX_BLOCKS = 50
MAX_TEXT = 40_000
"""Characters of a message's plain text."""

SECTIONS = 12
"""Text blocks of one message: 12 × 3,000 escaped characters stay below `MAX_TEXT` for all but strange texts."""

BUTTONS = 25
"""Buttons of one block."""

MAX_LABEL = 75

_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'»”]")


@dataclass(frozen=True, slots=True)
class Post:
    """One `chat.postMessage`: what notifications show, and the blocks."""

    text: str
    blocks: list[dict[str, Any]]


def render_posts(outbound: Outbound) -> list[Post]:
    """The messages that an outbound is sent as; buttons stand under the last."""
    message = outbound.message
    if not message.text.strip():
        return []
    sections = split_text(message.text, MAX_SECTION)
    groups = [sections[i : i + SECTIONS] for i in range(0, len(sections), SECTIONS)]
    posts = []
    for index, group in enumerate(groups):
        blocks = [rich_text(section) for section in group]
        if index == 0 and message.author is Author.AGENT and message.author_name:
            blocks.insert(0, caption(message.author_name[:MAX_LABEL]))
        if index == len(groups) - 1:
            blocks += _actions(message.buttons)
        posts.append(Post(fallback("\n".join(group)), blocks))
    return posts


def caption(text: str) -> dict[str, Any]:
    """A block in small letters."""
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def fallback(text: str) -> str:
    """The plain text, escaped; escaping may lengthen it, so it is cut at the limit: the blocks are what is read."""
    escaped = html.escape(text, quote=False)
    if len(escaped) <= MAX_TEXT:
        return escaped
    return re.sub(r"&[a-z]*$", "", escaped[: MAX_TEXT - 1]) + "…"


def rich_text(text: str) -> dict[str, Any]:
    """A block that shows a text as it is, with its addresses as links."""
    elements: list[dict[str, Any]] = []
    position = 0
    for match in _URL.finditer(text):
        if match.start() > position:
            elements.append({"type": "text", "text": text[position : match.start()]})
        elements.append({"type": "link", "url": match.group(), "text": match.group()})
        position = match.end()
    if position < len(text):
        elements.append({"type": "text", "text": text[position:]})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _actions(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    rendered = [
        {
            "type": "button",
            "action_id": f"choice-{index}",
            "text": {"type": "plain_text", "text": button.label[:MAX_LABEL], "emoji": True},
            "value": button.value,
        }
        for index, button in enumerate(buttons)
    ]
    return [{"type": "actions", "elements": rendered[i : i + BUTTONS]} for i in range(0, len(rendered), BUTTONS)]
