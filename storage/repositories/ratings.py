"""What customers say about how it was, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.ports_inbox import Rating
from storage.database import Statements
from storage.tables import ratings

_OF = (
    select(ratings)
    .where(ratings.c.conversation_id == bindparam("conversation"))
    .order_by(ratings.c.asked_at.desc(), ratings.c.id)
)
_ANSWER = update(ratings).where(ratings.c.id == bindparam("rating"))


class SqlRatings:
    """See `bot.ports_inbox.Ratings`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, rating: Rating) -> None:
        """Remember that a customer was asked."""
        row = {
            "id": rating.id,
            "conversation_id": rating.conversation,
            "agent": rating.agent,
            "agent_name": rating.agent_name,
            "asked_at": rating.asked_at,
            "score": rating.score,
            "comment": rating.comment,
            "answered_at": rating.answered_at,
        }
        await self._statements.insert(ratings, [row])

    async def answer(self, rating: str, score: int | None, comment: str | None, at: datetime) -> None:
        """Write down what they say."""
        said = {name: value for name, value in (("score", score), ("comment", comment)) if value is not None}
        await self._statements.change(_ANSWER, {"rating": rating, "answered_at": at, **said})

    async def of(self, conversation: str) -> Sequence[Rating]:
        """Those of a conversation, the latest first."""
        return [
            Rating(
                row.id,
                row.conversation_id,
                row.agent,
                row.agent_name,
                row.asked_at,
                row.score,
                row.comment,
                row.answered_at,
            )
            for row in await self._statements.rows(_OF, {"conversation": conversation})
        ]
