"""`/api/v1/review`: what the bot was unsure of, or was said before a bad rating, and what people say it meant.

In groups; the verdicts are exported as training data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from adapters.console.queries import integer
from adapters.console.route import Parameter, Route, whole
from adapters.console.views import Body, Confident, View
from adapters.http import InvalidField, NotFound, answer, read_json
from bot.clock import new_id
from bot.conversation import User
from bot.labels import as_jsonl, as_rasa
from bot.pack import NAME
from bot.ports import Clock, Store
from bot.review import (
    Doubt,
    Label,
    Similar,
    Verdict,
    counted,
    likeliest,
    suggested_name,
    typical_words,
)
from bot.understanding import OUT_OF_SCOPE

MOST_READ = 2_000
"""The latest messages that are grouped at once; older ones come up when these are done."""
MOST_GROUPS = 100
MOST_SHOWN = 50
"""Messages of a group that are shown; a verdict on the group covers all that `ids` names."""


class DoubtView(View):
    """A customer's message and why it is here: `rephrased`, `clarified` or `handed_over`, or else `rated`.

    `rated`: the bot answered it, and the customer gave the conversation a score of 1 or 2 afterwards.
    """

    message: str
    conversation: str
    at: datetime
    language: str
    text: str
    why: Literal["rephrased", "clarified", "handed_over", "rated"]


class NewIntentView(View):
    """What a new intent of a group might be called (null if its words have no plain letters), by its typical words."""

    name: str | None
    words: list[str]
    example: str = Field(description="The text in the middle of the group.")


class GroupView(View):
    """Messages that mean about the same, the most typical first; `id` is that of the oldest of them."""

    id: str
    count: int
    languages: dict[str, int]
    ids: list[str]
    messages: list[DoubtView]
    likeliest: list[Confident]
    new_intent: NewIntentView


class ReviewView(View):
    """A page of groups, the largest first; `next` is the `offset` of the next page.

    `open` counts all messages that wait for a verdict, `grouped` the latest of them that were grouped.
    """

    groups: list[GroupView]
    intents: list[str] = Field(description="Those that a verdict may name: the pack's, and those of earlier verdicts.")
    total: int
    open: int
    grouped: int
    next: int | None


class LabelView(View):
    """A verdict; `act` names what was decided with it in one go."""

    act: str
    message: str
    text: str
    language: str
    verdict: Literal["intent", "out_of_scope", "dismissed"]
    intent: str | None
    user: str
    at: datetime


class LabelsView(View):
    """Verdicts, latest first."""

    items: list[LabelView]


class DecidedView(View):
    """What was decided in one go: `act` undoes it."""

    act: str
    count: int


class DecideBody(Body):
    """A verdict on some messages: an intent of the pack, a new one, out of scope, or nothing to learn from."""

    messages: list[Annotated[str, StringConstraints(max_length=200)]] = Field(min_length=1, max_length=MOST_READ)
    verdict: Literal["intent", "new_intent", "out_of_scope", "dismissed"]
    intent: str | None = Field(default=None, max_length=100)


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/review", "review", "Messages to look at again, in groups", "supervisor",
        gives=ReviewView, query=("language", "channel", whole("offset", 0, MOST_READ), whole("limit", 1, MOST_GROUPS)),
    ),
    Route(
        "GET", "/api/v1/review/labels", "labels", "Verdicts; with format=jsonl or format=rasa as training data",
        "supervisor", gives=LabelsView,
        query=(Parameter("format", {"enum": ["json", "jsonl", "rasa"]}), "language", whole("limit", 1, 5_000)),
        media=("application/jsonl", "application/yaml"),
    ),
    Route(
        "POST", "/api/v1/review/labels", "decide", "Say what messages meant", "supervisor",
        takes=DecideBody, gives=DecidedView, status=201,
    ),
    Route("DELETE", "/api/v1/review/labels/{id}", "undo_labels", "Take a verdict back", "supervisor", status=204),
)  # fmt: skip


class ReviewRoutes:
    """The routes' handlers. `similar` is None where no model can group; then every message is a group of its own."""

    def __init__(
        self, store: Store, clock: Clock, intents: Callable[[], Collection[str]], similar: Similar | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._intents = intents
        self._similar = similar

    async def review(self, request: web.Request, _: User) -> web.Response:
        """A page of groups."""
        query = request.query
        offset = integer(query, "offset", 0, 0, MOST_READ)
        limit = integer(query, "limit", 20, 1, MOST_GROUPS)
        async with self._store.unit(write=False) as unit:
            doubts = await unit.review.doubts(MOST_READ, query.get("language") or None, query.get("channel") or None)
            waiting = await unit.review.count()
            taken = {*self._intents()} | {label.intent for label in await unit.review.labels() if label.intent}
        groups = await self._grouped(doubts)
        words = counted(doubt.text for doubt in doubts)
        page = groups[offset : offset + limit]
        more = offset + limit
        return answer(
            ReviewView(
                groups=[render(group, words, len(doubts), taken) for group in page],
                intents=sorted(taken - {OUT_OF_SCOPE}),
                total=len(groups),
                open=waiting,
                grouped=len(doubts),
                next=more if more < len(groups) else None,
            )
        )

    async def labels(self, request: web.Request, _: User) -> web.Response:
        """Verdicts, for people or for training."""
        form, language = request.query.get("format", "json"), request.query.get("language") or None
        if form not in {"json", "jsonl", "rasa"}:
            raise InvalidField("format", f"{form!r} is none of json, jsonl, rasa")
        limit = integer(request.query, "limit", 500, 1, 5_000)
        async with self._store.unit(write=False) as unit:
            found = await unit.review.labels(limit if form == "json" and language is None else None)
        wanted = [label for label in found if language in {None, label.language}]
        if form == "json":
            return answer(LabelsView(items=[_label(label) for label in wanted[:limit]]))
        text = as_jsonl(wanted) if form == "jsonl" else as_rasa(wanted)
        # The trainer takes a file's name for its language, if it is one.
        named = language if language and language.replace("-", "").isalpha() and language.isascii() else "labels"
        name = f"{named}.{'jsonl' if form == 'jsonl' else 'yml'}"
        kind = "application/jsonl" if form == "jsonl" else "application/yaml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)

    async def decide(self, request: web.Request, user: User) -> web.Response:
        """Store a verdict on some messages, all or none."""
        body = await read_json(request, DecideBody)
        act, now = new_id(), self._clock.now()
        async with self._store.unit() as unit:
            earlier = {label.intent for label in await unit.review.labels() if label.intent}
            intent = self._checked(body, earlier)
            found = await unit.review.find(body.messages)
            known = {doubt.message for doubt in found}
            if unknown := [message for message in body.messages if message not in known]:
                raise NotFound(f"there is no customer's message {unknown[0]!r}")
            verdict = Verdict.INTENT if body.verdict in {"intent", "new_intent"} else Verdict(body.verdict)
            await unit.review.decide(
                [
                    Label(act, d.message, d.text, d.language, verdict, user.id, user.display_name, now, intent)
                    for d in found
                ]
            )
        return answer(DecidedView(act=act, count=len(found)), status=201)

    async def undo_labels(self, request: web.Request, _: User) -> web.Response:
        """Take a verdict back; the messages wait for another one."""
        act = request.match_info["id"]
        async with self._store.unit() as unit:
            if not await unit.review.undo(act):
                raise NotFound(f"nothing was decided under {act!r}")
        return web.Response(status=204)

    def _checked(self, body: DecideBody, earlier: Collection[str]) -> str | None:
        """The intent of a verdict, if it has one."""
        if body.verdict in {"out_of_scope", "dismissed"}:
            if body.intent is not None:
                raise InvalidField("intent", f"the verdict is {body.verdict}, which has none")
            return None
        if body.intent is None:
            raise InvalidField("intent", "is missing")
        if body.verdict == "intent":
            if body.intent not in {*self._intents(), *earlier} or body.intent == OUT_OF_SCOPE:
                raise InvalidField("intent", f"there is no intent {body.intent!r}")
            return body.intent
        if not NAME.fullmatch(body.intent):
            raise InvalidField("intent", f"{body.intent!r} is no name; use a-z, 0-9 and _, and begin with a letter")
        if body.intent in self._intents() or body.intent in earlier:
            raise InvalidField("intent", f"there is an intent {body.intent!r} already")
        return body.intent

    async def _grouped(self, doubts: Sequence[Doubt]) -> list[list[Doubt]]:
        if self._similar is None:
            return [[doubt] for doubt in doubts]
        rows = await self._similar.groups([d.text for d in doubts], [d.language for d in doubts])
        return [[doubts[row] for row in group] for group in rows]


def render(group: Sequence[Doubt], words: Counter[str], n: int, taken: Collection[str]) -> GroupView:
    """A group, the most typical of its messages first; `words` counts in how many of all `n` messages each stands."""
    typical = typical_words([doubt.text for doubt in group], words, n)
    oldest = min(group, key=lambda doubt: (doubt.at, doubt.message))
    return GroupView(
        id=oldest.message,
        count=len(group),
        languages=dict(Counter(doubt.language for doubt in group).most_common()),
        ids=[doubt.message for doubt in group],
        messages=[
            DoubtView(
                message=doubt.message,
                conversation=doubt.conversation,
                at=doubt.at,
                language=doubt.language,
                text=doubt.text,
                why=str(doubt.why),
            )
            for doubt in group[:MOST_SHOWN]
        ],
        likeliest=[Confident(name=one.name, confidence=one.confidence) for one in likeliest(group)],
        new_intent=NewIntentView(name=suggested_name(typical, taken), words=typical, example=group[0].text),
    )


def _label(label: Label) -> LabelView:
    return LabelView(
        act=label.act,
        message=label.message,
        text=label.text,
        language=label.language,
        verdict=label.verdict.value,
        intent=label.intent,
        user=label.user_name,
        at=label.at,
    )
