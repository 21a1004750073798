"""Words on conversations, and notes that call users, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.ports_inbox import Mention
from storage.codec import clean
from storage.memory.state import State


class MemoryTags:
    """Words on conversations. See `bot.ports_inbox.Tags`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def change(self, conversation: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Put words on a conversation and take others off."""
        before = set(self._state.tags.get(conversation, ()))
        self._state.tags[conversation] = tuple(sorted((before - set(map(clean, remove))) | set(map(clean, add))))

    async def of(self, conversations: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The words on each conversation."""
        return {c: self._state.tags[c] for c in conversations if self._state.tags.get(c)}

    async def known(self, limit: int = 200) -> Sequence[tuple[str, int]]:
        """All words that are in use, the commonest first."""
        counted = Counter(tag for tags in self._state.tags.values() for tag in tags)
        return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


class MemoryMentions:
    """Notes that call users. See `bot.ports_inbox.Mentions`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, mentions: Sequence[Mention]) -> None:
        """Store new ones."""
        for mention in mentions:
            self._state.mentions[mention.user, mention.conversation, mention.seq] = replace(
                mention, by=clean(mention.by)
            )

    async def of(self, user: str, limit: int = 50) -> Sequence[Mention]:
        """Those of a user, unseen ones first, the latest first."""
        own = [mention for mention in self._state.mentions.values() if mention.user == user]
        own.sort(key=lambda mention: (mention.conversation, -mention.seq))
        own.sort(key=lambda mention: mention.at, reverse=True)
        return sorted(own, key=lambda mention: mention.seen)[:limit]

    async def unseen(self, user: str) -> int:
        """How many a user has not seen."""
        return sum(not mention.seen for mention in self._state.mentions.values() if mention.user == user)

    async def seen(self, user: str, conversation: str | None = None) -> None:
        """The user has seen those in a conversation, or all."""
        for key, mention in list(self._state.mentions.items()):
            if mention.user == user and conversation in {None, mention.conversation}:
                self._state.mentions[key] = replace(mention, seen=True)
