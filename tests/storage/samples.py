"""Values that the tests store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from bot.conversation import Conversation, FlowState, Handoff, Role, User
from bot.messages import (
    Address,
    Attachment,
    Author,
    Button,
    Inbound,
    Message,
    Outbound,
    Sender,
    Text,
)
from bot.ports import Store
from bot.understanding import Entity, LanguageGuess, RankedIntent, Sentiment, Understanding

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HERE = Address("telegram", "42")
THERE = Address("telegram", "43")
ZOE = Sender("7", "Zoë", "de-AT")

UNDERSTOOD = Understanding(
    "wo ist mein Paket?",
    LanguageGuess("de", 0.97),
    (RankedIntent("track_order", 0.91), RankedIntent("cancel_order", 0.0625)),
    (Entity("item", 12, 17, "Paket"),),
    sentiment=Sentiment("negative", -0.25, 0.125, 0.5),
)

_numbers = count(1)


def later(seconds: float = 1.0) -> datetime:
    """A time after noon."""
    return NOON + timedelta(seconds=seconds)


def inbound(event: str = "e1", address: Address = HERE, text: str = "hello") -> Inbound:
    """Something that a customer wrote."""
    files = (Attachment("bill.pdf", "application/pdf", 1234, source="file-1"),)
    return Inbound(event, address, ZOE, NOON, Text(text), files, reference="m-1")


def message(conversation: str, seq: int, text: str = "hi", author: Author = Author.BOT, **fields: object) -> Message:
    """An entry of a history."""
    values: dict[str, object] = {
        "language": "de",
        "buttons": (Button("Ja", "yes"),),
        "understanding": UNDERSTOOD,
        "decision": "answered",
        **fields,
    }
    return Message(f"m{next(_numbers)}", conversation, seq, author, NOON, text, **values)  # type: ignore[arg-type]


def outbound(address: Address = HERE, text: str = "hi") -> Outbound:
    """A message on its way, not in any history."""
    return Outbound(address, message("c-elsewhere", 1, text), reply_to="m-1")


async def stored_conversation(store: Store, address: Address = HERE, **fields: object) -> Conversation:
    """A conversation that is in the store."""
    async with store.unit() as unit:
        customer = await unit.customers.resolve(address.channel, Sender(f"of {address.conversation}"), NOON)
        values: dict[str, object] = {
            "spoken": {"de": 2.0, "en": 0.5},
            "flows": (FlowState("return_item", {"order": "A-1"}, "reason", 1),),
            "clarifying": ("track_order", "cancel_order"),
            **fields,
        }
        conversation = Conversation(
            f"c{next(_numbers)}",
            address,
            customer.id,
            NOON,
            values.pop("updated_at", NOON),  # type: ignore[arg-type]
            **values,  # type: ignore[arg-type]
        )
        await unit.conversations.add(conversation)
    return conversation


async def stored_handoff(store: Store, conversation: Conversation, opened_at: datetime = NOON) -> Handoff:
    """A request for a human that is in the store."""
    handoff = Handoff(
        f"h{next(_numbers)}",
        conversation.id,
        "asked",
        opened_at,
        language="de",
        intent="talk_to_human",
        slots={"order": "A-1"},
    )
    async with store.unit() as unit:
        await unit.handoffs.add(handoff)
    return handoff


def user(name: str = "Ada", role: Role = Role.AGENT) -> User:
    """Someone who works at the desk."""
    return User(f"u{next(_numbers)}", name, f"{name} L.", role, "$argon2id$…", NOON)
