"""Doubts and the verdicts on them, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.errors import Conflict
from bot.outcomes import Turn
from bot.review import DOUBTFUL, DOUBTFUL_REASONS, Doubt, Label
from storage.codec import copy
from storage.memory.state import State


class MemoryReview:
    """See `bot.review.Review`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def doubts(self, limit: int, language: str | None = None, channel: str | None = None) -> Sequence[Doubt]:
        """Those without a verdict, latest first."""
        wanted = [t for t in self._open() if language in {None, t.language} and channel in {None, t.channel}]
        wanted.sort(key=lambda turn: turn.message)
        wanted.sort(key=lambda turn: turn.at, reverse=True)
        return [self._doubt(turn) for turn in wanted[:limit]]

    async def count(self) -> int:
        """How many are without a verdict."""
        return sum(1 for _ in self._open())

    async def find(self, messages: Sequence[str]) -> Sequence[Doubt]:
        """Customers' messages by id, in the order asked."""
        known = {turn.message: turn for turn in self._state.turns.values()}
        return [self._doubt(known[message]) for message in dict.fromkeys(messages) if message in known]

    async def decide(self, labels: Sequence[Label]) -> None:
        """Store verdicts."""
        for label in map(copy, labels):
            if label.message in self._state.labels:
                raise Conflict(f"message {label.message!r} has been reviewed in the meantime")
            self._state.labels[label.message] = label

    async def undo(self, act: str) -> int:
        """Take back what was decided in one go."""
        taken = [message for message, label in self._state.labels.items() if label.act == act]
        for message in taken:
            del self._state.labels[message]
        return len(taken)

    async def labels(self, limit: int | None = None) -> Sequence[Label]:
        """All verdicts, latest first."""
        found = sorted(self._state.labels.values(), key=lambda label: label.message)
        found.sort(key=lambda label: label.at, reverse=True)
        return found[:limit]

    def _open(self) -> Iterator[Turn]:
        for turn in self._state.turns.values():
            doubtful = turn.outcome in DOUBTFUL and (turn.reason is None or turn.reason in DOUBTFUL_REASONS)
            if doubtful and turn.intent is not None and turn.message not in self._state.labels:
                yield turn

    def _doubt(self, turn: Turn) -> Doubt:
        (entry,) = [e for e in self._state.messages[turn.conversation] if e.seq == turn.seq]
        ranking = entry.understanding.ranking if entry.understanding else ()
        return Doubt(entry.id, entry.conversation, entry.at, turn.language, entry.text, turn.outcome, ranking)
