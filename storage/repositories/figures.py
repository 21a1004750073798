"""The figures of a period, in SQL: the same statements in SQLite and in PostgreSQL.

What depends on the time zone (hours of the day) is grouped here by quarters of an hour and put into hours afterwards;
percentiles are taken over a bounded list, for SQLite has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, distinct, func, or_, select

from bot.figures import (
    MOST_WAITS,
    Containment,
    Figures,
    FiguresWanted,
    IntentFigures,
    LanguageFigures,
    RatingComment,
    Spread,
    by_agent,
    ratings,
    waits,
    week,
)
from bot.messages import Author
from bot.outcomes import SMALL_TALK, THANKS, TO_BOT, TROUBLE, Outcome
from storage.codec import moment
from storage.database import Statements
from storage.tables import conversations, handoffs, is_, messages, turns
from storage.tables import ratings as rated

NEVER = 2**31 - 1
"""A number that no entry of a conversation reaches."""

_TO_BOT = tuple(outcome.value for outcome in TO_BOT)


class SqlFigures:
    """See `bot.figures.FiguresReader`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def read(self, wanted: FiguresWanted) -> Figures:
        """The figures of a period."""
        within = _within(wanted)
        counts = await self._statements.rows(
            select(
                func.coalesce(func.sum(case((turns.c.seq == 1, 1), else_=0)), 0).label("new"),
                func.count(distinct(turns.c.conversation_id)).label("active"),
            ).where(*within)
        )
        languages = await self._statements.rows(
            select(
                turns.c.language,
                func.count().label("n"),
                func.count(distinct(turns.c.conversation_id)).label("conversations"),
            )
            .where(*within)
            .group_by(turns.c.language)
        )
        load = await self._statements.rows(
            select(turns.c.quarter, func.count().label("n")).where(*within).group_by(turns.c.quarter)
        )
        ends = await self._statements.rows(_ends(wanted))
        containment = Containment(**{row.end: row.n for row in ends})
        first_response, resolution = await self._waits(wanted)
        rating = await self._ratings(wanted)
        return Figures(
            new=counts[0].new,
            active=counts[0].active,
            sessions=sum(row.n for row in ends),
            messages=await self._messages(wanted),
            containment=containment,
            handoffs=await self._handoffs(wanted),
            first_response=first_response,
            resolution=resolution,
            intents=await self._intents(within),
            languages=tuple(
                LanguageFigures(row.language, row.n, row.conversations)
                for row in sorted(languages, key=lambda row: (-row.n, row.language))
            ),
            ratings=ratings(_summed(rating)),
            agents=by_agent(rating),
            load=week({row.quarter: row.n for row in load}, wanted.zone),
        )

    async def _messages(self, wanted: FiguresWanted) -> dict[str, int]:
        query = (
            select(messages.c.author, func.count().label("n"))
            .where(messages.c.at >= wanted.since, messages.c.at < wanted.until, messages.c.internal.is_(False))
            .group_by(messages.c.author)
        )
        if wanted.channel is not None:
            query = query.join(conversations, conversations.c.id == messages.c.conversation_id).where(
                conversations.c.channel == wanted.channel
            )
        if wanted.language is not None:
            query = query.where(messages.c.details["language"].as_string() == wanted.language)
        found = {row.author: row.n for row in await self._statements.rows(query)}
        return {author.value: found.get(author.value, 0) for author in Author}

    async def _handoffs(self, wanted: FiguresWanted) -> dict[str, int]:
        reason = handoffs.c.details["reason"].as_string().label("reason")
        query = _opened(select(reason, func.count().label("n")), wanted).group_by(reason)
        rows = await self._statements.rows(query)
        return {row.reason: row.n for row in sorted(rows, key=lambda row: (-row.n, row.reason))}

    async def _waits(self, wanted: FiguresWanted) -> tuple[Spread, Spread]:
        written = (
            select(func.min(messages.c.at))
            .where(
                is_(messages.c.author, "agent"),
                messages.c.conversation_id == handoffs.c.conversation_id,
                messages.c.at >= handoffs.c.opened_at,
            )
            .scalar_subquery()
        )
        details = handoffs.c.details
        columns = (
            handoffs.c.opened_at,
            written.label("written"),
            details["done_at"].as_string().label("done"),
            details["outcome"].as_string().label("outcome"),
        )
        query = _opened(select(*columns), wanted).order_by(handoffs.c.opened_at.desc()).limit(MOST_WAITS)
        rows = await self._statements.rows(query)
        return waits([(row.opened_at, row.written, moment(row.done), row.outcome) for row in rows])

    async def comments(self, wanted: FiguresWanted, limit: int) -> Sequence[RatingComment]:
        """What customers said in words about how it was."""
        query = _asked(select(rated), wanted).where(rated.c.comment.is_not(None), rated.c.comment != "")
        query = query.order_by(rated.c.asked_at.desc(), rated.c.id).limit(limit)
        return [
            RatingComment(row.conversation_id, row.agent, row.agent_name, row.score, row.comment, row.asked_at)
            for row in await self._statements.rows(query)
        ]

    async def _ratings(self, wanted: FiguresWanted) -> Sequence[tuple[str, str, int | None, int]]:
        """Agent, name, score and how many."""
        columns = (rated.c.agent, rated.c.agent_name, rated.c.score)
        query = _asked(select(*columns, func.count().label("n")), wanted).group_by(*columns)
        return [(row.agent, row.agent_name, row.score, row.n) for row in await self._statements.rows(query)]

    async def _intents(self, within: tuple[ColumnElement[bool], ...]) -> tuple[IntentFigures, ...]:
        query = (
            select(
                turns.c.intent,
                func.count().label("n"),
                _times(Outcome.REPHRASED).label("low"),
                _times(Outcome.CLARIFIED).label("clarified"),
                _times(Outcome.HANDED_OVER).label("handed_over"),
            )
            .where(*within, turns.c.intent.is_not(None), turns.c.in_flow.is_(False), turns.c.outcome.in_(_TO_BOT))
            .group_by(turns.c.intent)
        )
        rows = await self._statements.rows(query)
        found = [IntentFigures(row.intent, row.n, row.low, row.clarified, row.handed_over) for row in rows]
        return tuple(sorted(found, key=lambda one: (-one.messages, one.intent)))


def _within(wanted: FiguresWanted) -> tuple[ColumnElement[bool], ...]:
    conditions: list[ColumnElement[bool]] = [turns.c.at >= wanted.since, turns.c.at < wanted.until]
    if wanted.channel is not None:
        conditions.append(turns.c.channel == wanted.channel)
    if wanted.language is not None:
        conditions.append(turns.c.language == wanted.language)
    return tuple(conditions)


def _opened(query: Select[Any], wanted: FiguresWanted) -> Select[Any]:
    query = query.where(handoffs.c.opened_at >= wanted.since, handoffs.c.opened_at < wanted.until)
    if wanted.channel is not None:
        query = query.join(conversations, conversations.c.id == handoffs.c.conversation_id).where(
            conversations.c.channel == wanted.channel
        )
    if wanted.language is not None:
        query = query.where(handoffs.c.details["language"].as_string() == wanted.language)
    return query


def _summed(counts: Sequence[tuple[str, str, int | None, int]]) -> dict[int | None, int]:
    sums: dict[int | None, int] = {}
    for _, _, score, count in counts:
        sums[score] = sums.get(score, 0) + count
    return sums


def _asked(query: Select[Any], wanted: FiguresWanted) -> Select[Any]:
    query = query.where(rated.c.asked_at >= wanted.since, rated.c.asked_at < wanted.until)
    if wanted.channel is not None:
        query = query.join(conversations, conversations.c.id == rated.c.conversation_id).where(
            conversations.c.channel == wanted.channel
        )
    if wanted.language is not None:
        said = (
            select(turns.c.language)
            .where(turns.c.conversation_id == rated.c.conversation_id, turns.c.at <= rated.c.asked_at)
            .order_by(turns.c.seq.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(said == wanted.language)
    return query


def _times(outcome: Outcome) -> ColumnElement[int]:
    return func.sum(case((turns.c.outcome == outcome.value, 1), else_=0))


# --- sessions ---------------------------------------------------------------------------------------------------------


def _ends(wanted: FiguresWanted) -> Select[Any]:
    """How many sessions ended in each of the ways of `Containment`."""
    session = _sessions(wanted)
    cutoff = wanted.now - wanted.silence

    def last(*seqs: ColumnElement[Any]) -> ColumnElement[bool]:
        return or_(*(seq == session.c.last for seq in seqs))

    trouble = func.coalesce(session.c.trouble, 0)
    end = case(
        (or_(session.c.heard_at > cutoff, session.c.written_at > cutoff), "open"),
        (session.c.written_at.is_not(None), "human"),
        (last(session.c.unsure), "abandoned_clarification"),
        (last(session.c.asked), "abandoned_question"),
        (last(session.c.waiting), "abandoned_waiting"),
        (session.c.wish.is_(None), "nothing_asked"),
        (and_(session.c.thanked > trouble, session.c.thanked > session.c.wish), "confirmed"),
        (session.c.trouble.is_not(None), "doubtful"),
        else_="assumed",
    ).label("end")
    return select(end, func.count().label("n")).group_by(end)


def _sessions(wanted: FiguresWanted) -> Subquery:
    """The sessions begun in the period: numbers of their last turns of each kind, and the latest times."""
    later, first = turns.alias("later"), turns.alias("first")
    silence = wanted.silence.total_seconds()
    # Ordered and limited, for then it stops at the first; a minimum would read the rest of a long conversation.
    end = (
        select(later.c.seq)
        .where(later.c.conversation_id == first.c.conversation_id, later.c.seq > first.c.seq, later.c.quiet > silence)
        .order_by(later.c.seq)
        .limit(1)
        .scalar_subquery()
    )
    begun = select(first.c.conversation_id, first.c.seq, func.coalesce(end, NEVER).label("end")).where(
        first.c.at >= wanted.since, first.c.at < wanted.until, or_(first.c.quiet.is_(None), first.c.quiet > silence)
    )
    if wanted.channel is not None:
        begun = begun.where(first.c.channel == wanted.channel)
    if wanted.language is not None:
        begun = begun.where(first.c.language == wanted.language)
    # PostgreSQL would put it into the query around it, and look for each session's end once for every turn.
    session = begun.cte("begun").prefix_with("MATERIALIZED", dialect="postgresql")
    written_at = (
        select(func.max(messages.c.at))
        .where(
            is_(messages.c.author, "agent"),
            messages.c.conversation_id == session.c.conversation_id,
            messages.c.seq > session.c.seq,
            messages.c.seq < session.c.end,
        )
        .scalar_subquery()
    )
    small_talk = and_(turns.c.intent.in_(SMALL_TALK), turns.c.outcome == Outcome.ANSWERED.value)
    said = turns.c.outcome != Outcome.OTHER.value
    thanks = and_(turns.c.intent == THANKS, turns.c.outcome == Outcome.ANSWERED.value)
    trouble = or_(turns.c.outcome.in_([o.value for o in TROUBLE]), turns.c.negative.is_(True))

    def number(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return case((condition, turns.c.seq))

    def of(*outcomes: Outcome) -> ColumnElement[bool]:
        return turns.c.outcome.in_([outcome.value for outcome in outcomes])

    return (
        select(
            func.max(turns.c.at).label("heard_at"),
            written_at.label("written_at"),
            func.max(number(said)).label("last"),
            func.max(number(of(Outcome.CLARIFIED, Outcome.REPHRASED))).label("unsure"),
            func.max(number(of(Outcome.ASKED))).label("asked"),
            func.max(number(of(Outcome.HANDED_OVER, Outcome.WAITING, Outcome.WITH_AGENT))).label("waiting"),
            func.min(number(and_(said, or_(turns.c.intent.is_(None), ~small_talk)))).label("wish"),
            func.max(number(thanks)).label("thanked"),
            func.max(number(trouble)).label("trouble"),
        )
        .select_from(
            session.join(
                turns,
                and_(
                    turns.c.conversation_id == session.c.conversation_id,
                    turns.c.seq >= session.c.seq,
                    turns.c.seq < session.c.end,
                ),
            )
        )
        .group_by(session.c.conversation_id, session.c.seq, session.c.end)
        .subquery("sessions")
    )
