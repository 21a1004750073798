"""What became of everything that customers said, in SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from bot.figures import quarter
from bot.outcomes import Outcome, Turn
from storage.database import Statements
from storage.tables import turns

_KEY = (turns.c.conversation_id == bindparam("conversation"), turns.c.seq == bindparam("number"))
_GET = select(turns).where(*_KEY)
_DROP = delete(turns).where(*_KEY)


class SqlTurns:
    """See `bot.outcomes.TurnLog`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def put(self, turn: Turn) -> None:
        """Store a turn, in the place of an older one."""
        row = _row(turn)
        if not await self._statements.insert_new(turns, row):
            await self._statements.change(_DROP, {"conversation": turn.conversation, "number": turn.seq})
            await self._statements.insert(turns, [row])

    async def get(self, conversation: str, seq: int) -> Turn | None:
        """The turn of an entry."""
        row = await self._statements.row(_GET, {"conversation": conversation, "number": seq})
        return None if row is None else _turn(row)


def _row(turn: Turn) -> dict[str, Any]:
    return {
        "conversation_id": turn.conversation,
        "seq": turn.seq,
        "message_id": turn.message,
        "channel": turn.channel,
        "at": turn.at,
        "quarter": quarter(turn.at),
        "language": turn.language,
        "outcome": turn.outcome.value,
        "intent": turn.intent,
        "confidence": turn.confidence,
        "reason": turn.reason,
        "in_flow": turn.in_flow,
        "negative": turn.negative,
        "quiet": turn.quiet,
    }


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        conversation=row.conversation_id,
        seq=row.seq,
        message=row.message_id,
        channel=row.channel,
        at=row.at,
        language=row.language,
        outcome=Outcome(row.outcome),
        intent=row.intent,
        confidence=row.confidence,
        reason=row.reason,
        in_flow=row.in_flow,
        negative=row.negative,
        quiet=row.quiet,
    )
