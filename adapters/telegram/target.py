"""How a Telegram chat, topic and group member become an address, and back. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import DeliveryRefused
from bot.messages import Address

CHANNEL = "telegram"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to write: a chat, a topic in it, and in groups the member whose conversation this is."""

    chat: int
    thread: int | None = None
    member: int | None = None

    def address(self) -> Address:
        """The conversation's address."""
        parts = [str(self.chat), str(self.thread or ""), str(self.member or "")]
        return Address(CHANNEL, "/".join(parts).rstrip("/"))

    @classmethod
    def parse(cls, address: Address) -> Target:
        """The target behind an address.

        Raises:
            DeliveryRefused: it is no address of Telegram's.
        """
        chat, thread, member = [*address.conversation.split("/"), "", ""][:3]
        try:
            return cls(int(chat), int(thread) if thread else None, int(member) if member else None)
        except ValueError:
            raise DeliveryRefused(f"{address.conversation!r} is no chat on Telegram: write its number") from None
