"""Texts that an agent may insert: canned replies, and what the bot would have said. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.conversation import Conversation, Customer, Handoff
from bot.messages import Author, Message
from bot.pack import PLACEHOLDER, UNANSWERED, Pack, fill
from bot.ports_inbox import CannedReply
from bot.understanding import OUT_OF_SCOPE

SUGGESTIONS = 3

UNLIKELY = 0.01
"""Below this probability an answer helps nobody."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready to be edited; `missing` are variables of which no value is known, left as they are."""

    text: str
    language: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the bot would answer to an intent, and how likely the customer meant it."""

    intent: str
    confidence: float
    text: str
    language: str


def known_values(
    pack: Pack, conversation: Conversation, customer: Customer | None, handoff: Handoff | None, agent: str
) -> Mapping[str, str]:
    """What variables may stand for: the pack's facts, the slots that were filled, and the names of both sides."""
    values = dict(pack.facts)
    values |= handoff.slots if handoff is not None else {}
    for flow in conversation.flows:
        values |= flow.slots
    values["agent_name"] = agent
    if customer is not None and customer.name:
        values["customer_name"] = customer.name
    return values


def variables(pack: Pack) -> list[str]:
    """What a canned reply may name: both sides' names, the pack's facts, and what its flows ask for."""
    slots = sorted({slot for flow in pack.flows.values() for slot in flow.slots})
    return list(dict.fromkeys(["customer_name", "agent_name", *pack.facts, *slots]))


def render_canned(reply: CannedReply, pack: Pack, conversation: Conversation, values: Mapping[str, str]) -> Rendered:
    """A canned reply in the conversation's language, or the nearest that it has a text in."""
    language = _nearest(reply.texts, conversation.language, pack.default_language)
    text = fill(reply.texts[language], values)
    asked = PLACEHOLDER.findall(reply.texts[language])
    return Rendered(text, language, tuple(dict.fromkeys(name for name in asked if name not in values)))


def _nearest(texts: Mapping[str, str], wanted: str, default: str) -> str:
    """The language itself, one of the same base, the default, or the first there is."""
    for code in (wanted, default):
        if code in texts:
            return code
        base = code.split("-", 1)[0]
        if (sibling := next((c for c in sorted(texts) if c.split("-", 1)[0] == base), None)) is not None:
            return sibling
    return min(texts)


def suggestions(
    pack: Pack, conversation: Conversation, history: Sequence[Message], values: Mapping[str, str]
) -> list[Suggestion]:
    """The likeliest answers to the customer's last message that was read, best first; none with a value made up."""
    heard = [m.understanding for m in history if m.author is Author.CUSTOMER and m.understanding is not None]
    if not heard:
        return []
    replies = pack.texts(conversation.language)
    found: list[Suggestion] = []
    for ranked in heard[-1].ranking:
        if ranked.confidence < UNLIKELY or len(found) == SUGGESTIONS:
            break
        if ranked.name == OUT_OF_SCOPE or ranked.name in UNANSWERED:
            continue
        # Of several texts for one intent, the first that can be filled in.
        full = (t for t in replies.replies.get(ranked.name, ()) if set(PLACEHOLDER.findall(t)) <= values.keys())
        if (template := next(full, None)) is not None:
            found.append(Suggestion(ranked.name, ranked.confidence, fill(template, values), replies.language))
    return found
