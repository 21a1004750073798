"""Remembers which parts of a message a platform has taken, so that a retry sends only the rest."""

from __future__ import annotations

from collections import OrderedDict

CAPACITY = 1_000


class SentParts:
    """Parts sent by message id. Bounded, in memory: after a restart a half-sent message is sent again whole."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._sent: OrderedDict[str, int] = OrderedDict()

    def count(self, message: str) -> int:
        """Parts of this message that have been sent."""
        return self._sent.get(message, 0)

    def one_more(self, message: str) -> None:
        """Another part has been sent."""
        self._sent[message] = self.count(message) + 1
        self._sent.move_to_end(message)
        if len(self._sent) > self._capacity:
            self._sent.popitem(last=False)

    def done(self, message: str) -> None:
        """All parts have been sent."""
        self._sent.pop(message, None)
