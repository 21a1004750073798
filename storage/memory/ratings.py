"""What customers say about how it was, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.ports_inbox import Rating
from storage.codec import clean, copy
from storage.memory.state import State


class MemoryRatings:
    """Ratings. See `bot.ports_inbox.Ratings`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, rating: Rating) -> None:
        """Remember that a customer was asked."""
        self._state.ratings[rating.id] = copy(rating)

    async def answer(self, rating: str, score: int | None, comment: str | None, at: datetime) -> None:
        """Write down what they say."""
        if (stored := self._state.ratings.get(rating)) is None:
            return
        self._state.ratings[rating] = replace(
            stored,
            score=stored.score if score is None else score,
            comment=stored.comment if comment is None else clean(comment),
            answered_at=at,
        )

    async def of(self, conversation: str) -> Sequence[Rating]:
        """Those of a conversation, the latest first."""
        found = sorted(
            (rating for rating in self._state.ratings.values() if rating.conversation == conversation),
            key=lambda rating: rating.id,
        )
        return sorted(found, key=lambda rating: rating.asked_at, reverse=True)
