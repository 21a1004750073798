"""What champions and challengers made of the same messages, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from bot.comparison import Agreement, Comparison, Disagreement, Tally
from storage.codec import copy
from storage.memory.state import State


class MemoryComparisons:
    """Comparisons of versions. See `bot.ports.Comparisons`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, comparisons: Sequence[Comparison]) -> None:
        """Store new ones."""
        for comparison in map(copy, comparisons):
            key = (comparison.message, comparison.champion.version, comparison.challenger)
            self._state.comparisons.setdefault(key, comparison)

    async def agreement(self, champion: str, challenger: str) -> Agreement:
        """How two versions stand beside each other."""
        found = self._of(champion, challenger)
        judged = [comparison for comparison in found if comparison.error is None]
        languages = sorted({comparison.language for comparison in judged})
        return Agreement(
            _tally(judged),
            len(found) - len(judged),
            {code: _tally([c for c in judged if c.language == code]) for code in languages},
        )

    async def disagreements(self, champion: str, challenger: str, limit: int) -> Sequence[Disagreement]:
        """Where two versions do not agree, latest first."""
        texts = {entry.id: entry.text for history in self._state.messages.values() for entry in history}
        found = [
            Disagreement(comparison, texts[comparison.message])
            for comparison in sorted(self._of(champion, challenger), key=lambda comparison: comparison.message)
            if not comparison.agrees and comparison.message in texts
        ]
        return sorted(found, key=lambda one: one.comparison.at, reverse=True)[:limit]

    def _of(self, champion: str, challenger: str) -> list[Comparison]:
        pair = (champion, challenger)
        return [one for one in self._state.comparisons.values() if (one.champion.version, one.challenger) == pair]


def _tally(comparisons: Sequence[Comparison]) -> Tally:
    return Tally(len(comparisons), sum(comparison.agrees for comparison in comparisons))
