"""Doubts and the verdicts on them, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.errors import Conflict
from bot.outcomes import Turn
from bot.review import BAD, RATED, RATED_OUTCOMES, TALK_ENDS, Doubt, Label, failed
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
        return [
            self._doubt(turn) if failed(turn.outcome, turn.reason) else replace(self._doubt(turn), why=RATED)
            for turn in wanted[:limit]
        ]

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
            doubtful = failed(turn.outcome, turn.reason) or self._rated(turn)
            if doubtful and turn.intent is not None and turn.message not in self._state.labels:
                yield turn

    def _rated(self, turn: Turn) -> bool:
        """Whether a bad rating is about this message to the bot."""
        if turn.outcome not in RATED_OUTCOMES or turn.in_flow:
            return False
        ratings = [r for r in self._state.ratings.values() if r.conversation == turn.conversation]
        asked = min((r.asked_at for r in ratings if r.asked_at >= turn.at), default=None)
        if not any(r.asked_at == asked and r.score is not None and r.score <= BAD for r in ratings):
            return False
        return not any(
            later.conversation == turn.conversation
            and later.seq > turn.seq
            and asked is not None
            and later.at <= asked
            and later.quiet is not None
            and later.quiet > TALK_ENDS.total_seconds()
            for later in self._state.turns.values()
        )

    def _doubt(self, turn: Turn) -> Doubt:
        (entry,) = [e for e in self._state.messages[turn.conversation] if e.seq == turn.seq]
        ranking = entry.understanding.ranking if entry.understanding else ()
        return Doubt(entry.id, entry.conversation, entry.at, turn.language, entry.text, turn.outcome, ranking)
