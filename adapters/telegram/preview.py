"""What a customer sees of a message on Telegram, from the calls that it is sent with. Pure."""

from __future__ import annotations

import html
from collections.abc import Sequence

from adapters.telegram.render import render_parts
from bot.messages import Outbound
from bot.preview import Bubble


def preview(outbound: Outbound) -> Sequence[Bubble]:
    """The messages, and their keyboards."""
    return [
        Bubble(
            html.unescape(part.html),
            ()
            if part.keyboard is None
            else tuple(tuple(button.text for button in row) for row in part.keyboard.inline_keyboard),
        )
        for part in render_parts(outbound)
    ]
