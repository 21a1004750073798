"""`/api/v1/figures`: what happened in a period, as JSON and as CSV, for any channel and language."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiohttp import web
from pydantic import Field

from adapters.console.queries import integer
from adapters.console.rated import (
    AgentRatingsView,
    CommentsView,
    RatingFiguresView,
    agent_views,
    comments_view,
    rating_rows,
    rating_view,
)
from adapters.console.route import Parameter, Route, whole
from adapters.console.views import View
from adapters.http import InvalidField, answer
from bot.conversation import User
from bot.figures import Figures, FiguresWanted, Spread
from bot.ports import Clock, Store

DAYS = 7
"""Of the period, if none is asked for."""
LONGEST = timedelta(days=3660)
MOST_INTENTS = 200
MOST_COMMENTS = 200
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class PeriodView(View):
    """What the figures are of: from `since` to before `until`; null means any channel or language."""

    since: datetime
    until: datetime
    zone: str = Field(description="The IANA time zone of dates, hours and weekdays.")
    silence: int = Field(description="Minutes of silence after which the next message begins a new session.")
    channel: str | None
    language: str | None


class ConversationsView(View):
    """Conversations and sessions. A session is what a customer does in one go, in one conversation."""

    new: int = Field(description="Conversations whose first entry falls into the period.")
    active: int = Field(description="Conversations in which the customer did anything in the period.")
    sessions: int = Field(
        description="Sessions begun in the period: a session begins with a customer's entry before which nobody had "
        "said anything in the conversation for longer than `silence`, and lasts to the next such entry. It has the "
        "language of its first entry. An agent's answer belongs to it however late it comes."
    )


class MessagesView(View):
    """Entries that the customer could see, by author; of a language: entries in that language."""

    customer: int
    bot: int
    agent: int
    system: int


class AbandonedView(View):
    """Sessions that the customer left in the middle."""

    clarification: int = Field(
        description="The last thing the customer said was not understood or answered with a question back."
    )
    question: int = Field(description="The customer left a question of a flow unanswered.")
    waiting: int = Field(description="A human had been called, and none wrote.")


class ContainmentView(View):
    """How sessions ended; the numbers add up to `conversations.sessions`, and there is no single rate.

    Each session counts once, under the first that is true of it: open, human, abandoned, nothing_asked, confirmed,
    doubtful, assumed. Opening the chat, choosing a language, files and scores are never the last thing that was said.
    Ratings change nothing here: they follow what an agent closed.
    """

    open: int = Field(description="The customer or an agent wrote within the last `silence`: it may go on.")
    human: int = Field(description="An agent wrote in it.")
    abandoned: AbandonedView
    nothing_asked: int = Field(
        description="Only the chat was opened, a language chosen, a file sent, or small talk answered."
    )
    confirmed: int = Field(
        description="The customer said that it helped: thanked (understood surely), after asking for something and "
        "after the last sign of trouble."
    )
    doubtful: int = Field(
        description="It ended with an answer of the bot, but after a sign of trouble: something not understood, a "
        "question back, a call for a human, or a negative message."
    )
    assumed: int = Field(description="It ended with an answer of the bot and silence, without any sign of trouble.")


class SpreadView(View):
    """Median and 90th percentile in seconds, interpolated, of `n` measured; null where there are none."""

    n: int
    median: float | None
    p90: float | None


class HandoffsView(View):
    """Requests for a human opened in the period, by reason, and how long people waited."""

    total: int
    by_reason: dict[str, int]
    first_response: SpreadView = Field(description="From the request to the first that an agent wrote before its end.")
    resolution: SpreadView = Field(description="From the request until an agent closed it or gave it back to the bot.")


class IntentFiguresView(View):
    """Messages in words to the bot with this as the likeliest intent; answers to a flow's question are no part.

    `out_of_scope` stands for what is none of the bot's business.
    """

    intent: str
    messages: int
    low_confidence: int = Field(description="The bot asked to say it in other words.")
    clarified: int = Field(description='The bot asked "did you mean".')
    handed_over: int = Field(description="A human was called at this message.")
    failed: int = Field(description="The sum of the three: the bot did not answer by itself.")


class LanguageFiguresView(View):
    """Customers' entries in a language, and the conversations with any."""

    language: str
    messages: int
    conversations: int


class LoadView(View):
    """Customers' entries by weekday, Monday first, and hour of the day, in the period's time zone."""

    by_hour: list[int]
    by_weekday: list[int]
    weekday_hours: list[list[int]] = Field(description="7 rows of 24.")


class FiguresView(View):
    """The figures of a period."""

    period: PeriodView
    conversations: ConversationsView
    messages: MessagesView
    containment: ContainmentView
    handoffs: HandoffsView
    top_intents: list[IntentFiguresView] = Field(description="Most messages first.")
    failing_intents: list[IntentFiguresView] = Field(description="Those with any failed, most failed first.")
    languages: list[LanguageFiguresView]
    ratings: RatingFiguresView
    ratings_by_agent: list[AgentRatingsView] = Field(description="Who was asked about most often first.")
    load: LoadView


QUERY = (
    Parameter("since", does="A day, or an ISO 8601 time; without a zone, it is in `zone`"),
    Parameter("until", does="The same; a day is in the period as a whole"),
    Parameter("zone", does="A time zone such as Europe/Berlin"),
    whole("silence", 1, 60 * 24 * 30, "Minutes after which what a customer writes begins a new session"),
    Parameter("channel"),
    Parameter("language"),
)

ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/figures", "figures", "The figures of a period", "viewer", gives=FiguresView, query=QUERY),
    Route(
        "GET", "/api/v1/figures/comments", "rating_comments", "What customers said in words about how it was", "viewer",
        gives=CommentsView, query=(*QUERY, whole("limit", 1, MOST_COMMENTS)),
    ),
    Route(
        "GET", "/api/v1/figures.csv", "figures_csv", "The same figures as CSV, a line each", "viewer",
        query=QUERY, media=("text/csv",),
    ),
)  # fmt: skip


class FiguresRoutes:
    """The routes' handlers. `zone` is the owner's time zone, for requests that name none."""

    def __init__(self, store: Store, clock: Clock, zone: Callable[[], tzinfo] = lambda: UTC) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone

    async def figures(self, request: web.Request, _: User) -> web.Response:
        """The figures of the period that the query names."""
        return answer(await self._read(request))

    async def rating_comments(self, request: web.Request, _: User) -> web.Response:
        """What customers said in words."""
        limit = integer(request.query, "limit", 50, 1, MOST_COMMENTS)
        async with self._store.unit(write=False) as unit:
            found = await unit.figures.comments(self._wanted(request), limit)
        return answer(comments_view(found))

    async def figures_csv(self, request: web.Request, _: User) -> web.Response:
        """The same, a line each: section, name, figure, value."""
        view = await self._read(request)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("section", "name", "figure", "value"))
        writer.writerows(rows(view))
        since, until = view.period.since, view.period.until - timedelta(microseconds=1)
        name = f"figures-{since.date()}-{until.date()}.csv"
        return web.Response(
            text=text.getvalue(),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def _read(self, request: web.Request) -> FiguresView:
        wanted = self._wanted(request)
        async with self._store.unit(write=False) as unit:
            found = await unit.figures.read(wanted)
        return render(wanted, found)

    def _wanted(self, request: web.Request) -> FiguresWanted:
        query = request.query
        zone = self._named(query.get("zone"))
        now = self._clock.now()
        until = _moment(query.get("until"), "until", zone, end=True) or now
        since = _moment(query.get("since"), "since", zone) or _midnight(until.astimezone(zone).date(), zone, -DAYS)
        if since >= until:
            raise InvalidField("since", f"{since.isoformat()} is not before until, {until.isoformat()}")
        if until - since > LONGEST:
            raise InvalidField("since", f"the period is longer than {LONGEST.days} days")
        minutes = integer(query, "silence", 60, 1, 60 * 24 * 30)
        return FiguresWanted(
            since=since,
            until=until,
            now=now,
            zone=zone,
            silence=timedelta(minutes=minutes),
            channel=query.get("channel") or None,
            language=query.get("language") or None,
        )

    def _named(self, name: str | None) -> tzinfo:
        if not name:
            return self._zone()
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, or no name at all
            raise InvalidField("zone", f"{name!r} is no time zone; write one like Europe/Berlin") from None


def render(wanted: FiguresWanted, found: Figures) -> FiguresView:
    """The figures as the API gives them."""
    ends = found.containment
    intents = [
        IntentFiguresView(
            intent=one.intent,
            messages=one.messages,
            low_confidence=one.low_confidence,
            clarified=one.clarified,
            handed_over=one.handed_over,
            failed=one.failed,
        )
        for one in found.intents
    ]
    failing = sorted((one for one in intents if one.failed), key=lambda one: -one.failed)
    return FiguresView(
        period=PeriodView(
            since=wanted.since.astimezone(wanted.zone),
            until=wanted.until.astimezone(wanted.zone),
            zone=str(wanted.zone),
            silence=int(wanted.silence.total_seconds() // 60),
            channel=wanted.channel,
            language=wanted.language,
        ),
        conversations=ConversationsView(new=found.new, active=found.active, sessions=found.sessions),
        messages=MessagesView(**found.messages),
        containment=ContainmentView(
            open=ends.open,
            human=ends.human,
            abandoned=AbandonedView(
                clarification=ends.abandoned_clarification,
                question=ends.abandoned_question,
                waiting=ends.abandoned_waiting,
            ),
            nothing_asked=ends.nothing_asked,
            confirmed=ends.confirmed,
            doubtful=ends.doubtful,
            assumed=ends.assumed,
        ),
        handoffs=HandoffsView(
            total=sum(found.handoffs.values()),
            by_reason=dict(found.handoffs),
            first_response=_spread(found.first_response),
            resolution=_spread(found.resolution),
        ),
        top_intents=intents[:MOST_INTENTS],
        failing_intents=failing[:MOST_INTENTS],
        languages=[
            LanguageFiguresView(language=one.language, messages=one.messages, conversations=one.conversations)
            for one in found.languages
        ],
        ratings=rating_view(found.ratings),
        ratings_by_agent=agent_views(found.agents),
        load=LoadView(
            by_hour=[sum(hours) for hours in zip(*found.load, strict=True)],
            by_weekday=[sum(day) for day in found.load],
            weekday_hours=[list(day) for day in found.load],
        ),
    )


def rows(view: FiguresView) -> Iterator[tuple[str, str, str, object]]:
    """Section, name, figure and value of every figure."""
    for name, value in view.period:
        yield "period", "", name, value.isoformat() if isinstance(value, datetime) else ("" if value is None else value)
    for section in ("conversations", "messages"):
        for name, value in getattr(view, section):
            yield section, "", name, value
    for name, value in view.containment:
        if isinstance(value, AbandonedView):
            yield from (("containment", "abandoned", where, count) for where, count in value)
        else:
            yield "containment", "", name, value
    yield "handoffs", "", "total", view.handoffs.total
    yield from (("handoffs", reason, "total", count) for reason, count in view.handoffs.by_reason.items())
    for name in ("first_response", "resolution"):
        for figure, value in getattr(view.handoffs, name):
            yield name, "", figure, "" if value is None else value
    yield from rating_rows(view.ratings, view.ratings_by_agent)
    for one in view.top_intents:
        yield from (("intents", one.intent, figure, value) for figure, value in one if figure != "intent")
    for language in view.languages:
        yield from (("languages", language.language, figure, v) for figure, v in language if figure != "language")
    for day, hours in zip(WEEKDAYS, view.load.weekday_hours, strict=True):
        yield from (("load", day, f"{hour:02}", count) for hour, count in enumerate(hours))


def _spread(value: Spread) -> SpreadView:
    return SpreadView(n=value.n, median=value.median, p90=value.p90)


def _moment(text: str | None, field: str, zone: tzinfo, *, end: bool = False) -> datetime | None:
    """A moment, or a day in the zone: its beginning, or its `end`."""
    if not text:
        return None
    try:
        if len(text) == len("2026-11-26"):
            return _midnight(date.fromisoformat(text), zone, int(end))
        # A plus sign that was not encoded arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidField(field, f"{text!r} is no day or time; write 2026-11-26 or 2026-11-26T08:30:00Z") from None


def _midnight(day: date, zone: tzinfo, days: int = 0) -> datetime:
    return datetime.combine(day + timedelta(days=days), time.min, zone).astimezone(UTC)
