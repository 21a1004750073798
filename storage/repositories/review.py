"""Doubts and the verdicts on them, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, exists, func, literal_column, or_, select

from bot.errors import Conflict
from bot.messages import Author
from bot.outcomes import Outcome
from bot.review import (
    DOUBTFUL,
    DOUBTFUL_REASONS,
    RATED,
    RATED_OUTCOMES,
    TALK_ENDS,
    Doubt,
    Label,
    Verdict,
    failed,
)
from bot.understanding import Understanding
from storage.codec import from_document
from storage.database import Statements
from storage.tables import doubtful, labels, messages, rated_badly, ratings, turns

_MESSAGES = select(messages, turns.c.outcome, turns.c.reason, turns.c.language).join(
    turns, (turns.c.conversation_id == messages.c.conversation_id) & (turns.c.seq == messages.c.seq)
)
_FIND = _MESSAGES.where(
    messages.c.id.in_(bindparam("wanted", expanding=True)), messages.c.author == Author.CUSTOMER.value
)
_UNDO = delete(labels).where(labels.c.act == bindparam("which"))
_LABELS = select(labels).order_by(labels.c.at.desc(), labels.c.message_id)

AT_ONCE = 500
"""Ids that are asked for in one statement; SQLite takes no more than some thousand values."""


class SqlReview:
    """See `bot.review.Review`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def doubts(self, limit: int, language: str | None = None, channel: str | None = None) -> Sequence[Doubt]:
        """Those without a verdict, latest first."""
        latest: list[Row[Any]] = []
        # Each kind by itself: together, no index would do for either.
        for kind in (_IS_DOUBTFUL, _IS_RATED):
            query = _open(select(turns.c.message_id, turns.c.at), kind)
            if language is not None:
                query = query.where(turns.c.language == language)
            if channel is not None:
                query = query.where(turns.c.channel == channel)
            query = query.order_by(turns.c.at.desc(), turns.c.message_id).limit(limit)
            latest += await self._statements.rows(query)
        latest.sort(key=lambda row: row.message_id)
        latest.sort(key=lambda row: row.at, reverse=True)
        rows = await self._rows([row.message_id for row in latest[:limit]])
        return [
            replace(doubt, why=doubt.why if failed(Outcome(row.outcome), row.reason) else RATED)
            for row in rows
            for doubt in (_doubt(row),)
        ]

    async def count(self) -> int:
        """How many are without a verdict."""
        counted = [
            await self._statements.row(_open(select(func.count().label("n")).select_from(turns), kind))
            for kind in (_IS_DOUBTFUL, _IS_RATED)
        ]
        return sum(int(row.n) for row in counted if row is not None)

    async def find(self, messages: Sequence[str]) -> Sequence[Doubt]:
        """Customers' messages by id, in the order asked."""
        return [_doubt(row) for row in await self._rows(messages)]

    async def _rows(self, messages: Sequence[str]) -> list[Row[Any]]:
        """Of those messages that there are, each once, in the order asked."""
        found: dict[str, Row[Any]] = {}
        for start in range(0, len(messages), AT_ONCE):
            rows = await self._statements.rows(_FIND, {"wanted": list(messages[start : start + AT_ONCE])})
            found.update((row.id, row) for row in rows)
        return [found[message] for message in dict.fromkeys(messages) if message in found]

    async def decide(self, labels_: Sequence[Label]) -> None:
        """Store verdicts."""
        for label in labels_:
            row = {
                "message_id": label.message,
                "act": label.act,
                "text": label.text,
                "language": label.language,
                "verdict": label.verdict.value,
                "intent": label.intent,
                "user_id": label.user,
                "user_name": label.user_name,
                "at": label.at,
            }
            if not await self._statements.insert_new(labels, row):
                raise Conflict(f"message {label.message!r} has been reviewed in the meantime")

    async def undo(self, act: str) -> int:
        """Take back what was decided in one go."""
        return await self._statements.change(_UNDO, {"which": act})

    async def labels(self, limit: int | None = None) -> Sequence[Label]:
        """All verdicts, latest first."""
        return [_label(row) for row in await self._statements.rows(_LABELS.limit(limit))]


def _open(query: Select[Any], kind: ColumnElement[bool]) -> Select[Any]:
    """Those of the query's turns that are of a kind and have no verdict."""
    return query.outerjoin(labels, labels.c.message_id == turns.c.message_id).where(labels.c.message_id.is_(None), kind)


def _rated() -> Select[Any]:
    """The ids of messages to the bot that a bad rating is about; it names no outer row, so it is read once."""
    said, later, between = turns.alias("said"), turns.alias("later"), ratings.alias("between")
    # Of an expression there is no index: so SQLite, which does not know how few bad ratings there are, begins with them
    # and not with all that was ever said.
    conversation = ratings.c.conversation_id.op("||", return_type=ratings.c.conversation_id.type)(literal_column("''"))
    return (
        select(said.c.message_id)
        .select_from(ratings)
        .join(said, and_(said.c.conversation_id == conversation, said.c.at <= ratings.c.asked_at))
        .where(
            rated_badly(ratings.c.score),
            said.c.outcome.in_([outcome.value for outcome in RATED_OUTCOMES]),
            said.c.in_flow.is_(False),
            ~exists().where(
                between.c.conversation_id == ratings.c.conversation_id,
                between.c.asked_at >= said.c.at,
                between.c.asked_at < ratings.c.asked_at,
            ),
            ~exists().where(
                later.c.conversation_id == ratings.c.conversation_id,
                later.c.seq > said.c.seq,
                later.c.at <= ratings.c.asked_at,
                later.c.quiet > TALK_ENDS.total_seconds(),
            ),
        )
    )


_REASONED = or_(turns.c.reason.is_(None), turns.c.reason.in_([reason.value for reason in DOUBTFUL_REASONS]))
_IS_DOUBTFUL = and_(doubtful(turns.c), _REASONED)
_IS_RATED = and_(
    turns.c.message_id.in_(_rated()),
    turns.c.intent.is_not(None),
    or_(turns.c.outcome.not_in([outcome.value for outcome in DOUBTFUL]), ~_REASONED),
)
"""What the bot was sure of; with a null reason, both of the last are false."""


def _doubt(row: Row[Any]) -> Doubt:
    understanding = row.details.get("understanding")
    ranking = from_document(Understanding, understanding).ranking if understanding else ()
    return Doubt(row.id, row.conversation_id, row.at, row.language, row.text, Outcome(row.outcome), ranking)


def _label(row: Row[Any]) -> Label:
    return Label(
        act=row.act,
        message=row.message_id,
        text=row.text,
        language=row.language,
        verdict=Verdict(row.verdict),
        user=row.user_id,
        user_name=row.user_name,
        at=row.at,
        intent=row.intent,
    )
