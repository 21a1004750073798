"""What web clients read: a conversation's entries, straight from the database."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Address, Message
from bot.ports import Store


class History:
    """Entries of one channel's conversations by the channel's own id."""

    def __init__(self, store: Store, channel: str) -> None:
        self._store = store
        self._channel = channel

    async def after(self, conversation: str, seq: int) -> Sequence[Message]:
        """Entries with a larger `seq`, in order, internal ones too; none for a conversation that has not begun."""
        async with self._store.unit(write=False) as unit:
            found = await unit.conversations.at(Address(self._channel, conversation))
            if found is None or found.seq <= seq:
                return ()
            return await unit.messages.after(found.id, seq)
