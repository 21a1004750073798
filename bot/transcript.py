"""A conversation as a text that people keep. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import Conversation, Customer
from bot.messages import Author, Message
from bot.pack import Pack


def render_transcript(
    pack: Pack, conversation: Conversation, customer: Customer | None, entries: Sequence[Message]
) -> str:
    """Who said what and when, by the clocks of the desk; buttons and files are named under their entry."""
    lines = [f"{pack.title} · {conversation.address.channel} · {conversation.id}", ""]
    for entry in entries:
        at = pack.local(entry.at).strftime("%Y-%m-%d %H:%M:%S %z")
        note = " (note)" if entry.internal else ""
        lines.append(f"[{at}] {_who(entry, pack, customer)}{note}:")
        lines += [f"    {line}" for line in entry.text.splitlines()]
        lines += [f"    [{button.label}]" for button in entry.buttons]
        lines += [f"    <{attachment.name}>" for attachment in entry.attachments]
    return "\n".join(lines) + "\n"


def _who(entry: Message, pack: Pack, customer: Customer | None) -> str:
    match entry.author:
        case Author.CUSTOMER:
            return entry.author_name or (customer and customer.name) or "Customer"
        case Author.AGENT:
            return entry.author_name or "Agent"
        case _:
            return pack.title
