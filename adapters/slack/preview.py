"""What a customer sees of a message on Slack, from the blocks that it is sent with. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.slack.render import render_posts
from bot.messages import Outbound
from bot.preview import Bubble


def preview(outbound: Outbound) -> Sequence[Bubble]:
    """The messages, and their buttons, which Slack puts beside each other as they fit."""
    return [
        Bubble("\n".join(filter(None, map(_text, post.blocks))), tuple(filter(None, map(_labels, post.blocks))))
        for post in render_posts(outbound)
    ]


def _text(block: dict[str, Any]) -> str:
    if block["type"] != "rich_text":
        return ""
    return "".join(part["text"] for section in block["elements"] for part in section["elements"])


def _labels(block: dict[str, Any]) -> tuple[str, ...]:
    return tuple(button["text"]["text"] for button in block["elements"]) if block["type"] == "actions" else ()
