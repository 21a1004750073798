"""The figures of a period: what was said, how it ended, how long people waited. Values, and what each of them means.

A *session* is what a customer does in one go: it begins with a turn before which nobody had said anything in that
conversation for longer than `FiguresWanted.silence`, and lasts to the next such turn. It belongs to the period in which
it begins, and has the language of its first turn. An agent's answer belongs to it however late it comes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

BEST = 5
"""The best score of a rating; the worst is 1."""

QUARTER = 900
"""Seconds; every time zone of today is off UTC by a multiple of it."""

MOST_WAITS = 100_000
"""Handoffs of a period that percentiles are taken over; of more, the latest."""


@dataclass(frozen=True, slots=True)
class FiguresWanted:
    """Which period, from `since` to before `until` (aware), seen from `now`; None means any channel or language.

    `silence` separates sessions. `zone` is the owner's, for hours of the day and days of the week.
    """

    since: datetime
    until: datetime
    now: datetime
    zone: tzinfo
    silence: timedelta = timedelta(hours=1)
    channel: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Containment:
    """How sessions ended. Each session counts once, in the first of these that is true of it.

    `open`: something was said by the customer or an agent within the last `silence`, so it may go on.
    `human`: an agent wrote in it.
    `abandoned_clarification`: its last turn was not understood or asked back, and the customer left.
    `abandoned_question`: the customer left a flow's question unanswered.
    `abandoned_waiting`: a human had been called, and none wrote.
    `nothing_asked`: all that came was opening the chat, choosing the language, files, or small talk that was answered.
    `confirmed`: the customer said that it helped: thanked, understood surely, after asking and after the last sign of
    trouble.
    `doubtful`: it ended with an answer of the bot, but with a sign of trouble: a turn that was not understood, asked
    back or handed over, or a negative message.
    `assumed`: it ended with an answer of the bot, without any sign of trouble, and the customer was silent since.

    Turns that asked for nothing (the chat opened, a language chosen, a file, a score) are no session's last turn.
    Ratings change nothing here: customers are asked for them when an agent closes, and they say how that agent was.
    Only if sessions without a human are asked about too can a good one confirm that the bot helped.
    """

    open: int = 0
    human: int = 0
    abandoned_clarification: int = 0
    abandoned_question: int = 0
    abandoned_waiting: int = 0
    nothing_asked: int = 0
    confirmed: int = 0
    doubtful: int = 0
    assumed: int = 0


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 90th percentile in seconds, interpolated, of `n` values; None where there are none."""

    n: int = 0
    median: float | None = None
    p90: float | None = None


@dataclass(frozen=True, slots=True)
class RatingFigures:
    """How it was, as customers said after an agent closed: of `asked`, how many gave each score, 1 first.

    Each time that a customer is asked counts once, with the last score they gave to it; it belongs to the period in
    which they were asked, however late they answer, and has the language of what they had last said by then.
    """

    asked: int = 0
    scores: tuple[int, ...] = (0,) * BEST

    @property
    def answered(self) -> int:
        """How many gave a score."""
        return sum(self.scores)

    @property
    def mean(self) -> float | None:
        """The mean score, 1 to 5, to the thousandth; None where there is none."""
        total = sum(score * count for score, count in enumerate(self.scores, 1))
        return round(total / self.answered, 3) if self.answered else None


@dataclass(frozen=True, slots=True)
class AgentRatings:
    """How it was with an agent (a user's id, and the name that customers saw), in the same way."""

    agent: str
    name: str
    ratings: RatingFigures


@dataclass(frozen=True, slots=True)
class RatingComment:
    """What a customer said in words about how it was with an agent, in an answer to a question of the period."""

    conversation: str
    agent: str
    agent_name: str
    score: int | None
    comment: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class IntentFigures:
    """Messages in words to the bot, with this as their likeliest intent; answers to a flow's question are no part.

    `low_confidence` are those that it asked to rephrase, `clarified` those it answered with "did you mean",
    `handed_over` those at which a human was called. Of `out_of_scope`, all were none of the bot's business.
    """

    intent: str
    messages: int
    low_confidence: int
    clarified: int
    handed_over: int

    @property
    def failed(self) -> int:
        """Messages that the bot did not answer by itself."""
        return self.low_confidence + self.clarified + self.handed_over


@dataclass(frozen=True, slots=True)
class LanguageFigures:
    """Customers' messages in a language, and the conversations with any."""

    language: str
    messages: int
    conversations: int


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a period.

    `new`: conversations whose first entry falls into it; `active`: those in which the customer did anything in it;
    `sessions`: those begun in it. `messages`: entries by author (commands and notes are no part). `handoffs`: requests
    for a human opened in it, by reason. `first_response`: from such a request to the first that an agent writes before
    it is done. `resolution`: from such a request until an agent closed it or gave it back. `load`: customers' turns, by
    weekday (Monday first) and hour of the day in the owner's time zone.
    """

    new: int
    active: int
    sessions: int
    messages: Mapping[str, int]
    containment: Containment
    handoffs: Mapping[str, int]
    first_response: Spread
    resolution: Spread
    intents: tuple[IntentFigures, ...]
    """Most frequent first."""
    languages: tuple[LanguageFigures, ...]
    """Most frequent first."""
    ratings: RatingFigures = RatingFigures()
    agents: tuple[AgentRatings, ...] = ()
    """Who was asked about most often first."""
    load: tuple[tuple[int, ...], ...] = field(default_factory=lambda: week({}, None))


class FiguresReader(Protocol):
    """Counts what is stored."""

    async def read(self, wanted: FiguresWanted) -> Figures:
        """The figures of a period."""
        ...

    async def comments(self, wanted: FiguresWanted, limit: int) -> Sequence[RatingComment]:
        """What customers said in words to the questions how it was, counted in `Figures.ratings`; the latest first."""
        ...


def quarter(at: datetime) -> int:
    """The number of a moment's quarter of an hour since 1970, UTC."""
    return math.floor(at.timestamp() / QUARTER)


def week(counts: Mapping[int, int], zone: tzinfo | None) -> tuple[tuple[int, ...], ...]:
    """Counts by `quarter`, added up by weekday and hour of the day in a time zone: 7 by 24."""
    hours = [[0] * 24 for _ in range(7)]
    for number, count in counts.items():
        local = datetime.fromtimestamp(number * QUARTER, zone)
        hours[local.weekday()][local.hour] += count
    return tuple(map(tuple, hours))


def spread(values: Sequence[float]) -> Spread:
    """Median and 90th percentile, interpolated between the two nearest, to the millisecond."""
    if not values:
        return Spread()
    ordered = sorted(values)

    def at(share: float) -> float:
        place = share * (len(ordered) - 1)
        low = math.floor(place)
        high = min(low + 1, len(ordered) - 1)
        return round(ordered[low] + (ordered[high] - ordered[low]) * (place - low), 3)

    return Spread(len(ordered), at(0.5), at(0.9))


def ratings(counts: Mapping[int | None, int]) -> RatingFigures:
    """Ratings by their score; None is the score of those who gave none."""
    return RatingFigures(sum(counts.values()), tuple(counts.get(score, 0) for score in range(1, BEST + 1)))


def waits(handoffs: Sequence[tuple[datetime, datetime | None, datetime | None, str | None]]) -> tuple[Spread, Spread]:
    """First response and resolution of handoffs: each opened at, first written to after that at, done at, outcome."""
    answered = [
        (written - opened).total_seconds()
        for opened, written, done, _ in handoffs
        if written is not None and (done is None or written <= done)
    ]
    resolved = [
        (done - opened).total_seconds()
        for opened, _, done, outcome in handoffs
        if done is not None and outcome in {"closed", "given_back"}
    ]
    return spread(answered), spread(resolved)


def by_agent(counts: Sequence[tuple[str, str, int | None, int]]) -> tuple[AgentRatings, ...]:
    """Ratings of each agent, from agent, name, score and how many; of several names the last in order counts."""
    scores: dict[str, dict[int | None, int]] = {}
    names: dict[str, str] = {}
    for agent, name, score, count in counts:
        own = scores.setdefault(agent, {})
        own[score] = own.get(score, 0) + count
        names[agent] = max(name, names.get(agent, ""))
    found = [AgentRatings(agent, names[agent], ratings(own)) for agent, own in scores.items()]
    return tuple(sorted(found, key=lambda one: (-one.ratings.asked, one.name, one.agent)))
