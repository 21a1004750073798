"""What a customer sees of a message in the web chat, from the activity that it is read as. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.webchat.activities import render_message
from bot.messages import Outbound
from bot.preview import Bubble


def preview(outbound: Outbound) -> Sequence[Bubble]:
    """The message, and the buttons below it, which stand beside each other as they fit."""
    activity = render_message(outbound.message, outbound.address.conversation, "customer", lambda _: "")
    if not activity["text"].strip():
        return []
    actions = activity.get("suggestedActions", {"actions": []})["actions"]
    labels = tuple(action["title"] for action in actions)
    return [Bubble(activity["text"], (labels,) if labels else ())]
