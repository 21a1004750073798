"""What an intent is used for, and what the review has found for it to learn: verdicts that become examples."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from adapters.console.route import Route
from adapters.console.teaching import author, told
from adapters.console.views import Body, View
from adapters.http import answer, read_json
from bot.conversation import User
from bot.intent_uses import add_examples, not_taught, uses
from bot.pack_examples import examples_of
from bot.ports import Store
from bot.revisions import Snapshot
from bot.workspace import Workspace


class UsesView(View):
    """All that speaks of an intent: `offered_by` intents that have it as a button, `tests` rows of the pack's tests.

    `skills` of agents name it, and are not in the pack: they stay as they are when it is renamed or taken out.
    """

    examples: dict[str, int]
    replies: list[str]
    offered_by: list[str]
    flow: str | None
    sensitive: bool
    tests: int
    skills: list[str]
    verdicts: int


class MoreBody(Body):
    """Examples to add to those that there are, by language."""

    examples: dict[str, list[str]] = Field(min_length=1, max_length=100)


class MoreView(View):
    """How many examples were new; the others were there already."""

    intent: str
    revision: int
    added: int


class ToLearnView(View):
    """A message, what it was said to mean, and the decision that it was part of; `text` is on one line."""

    message: str
    act: str
    language: str
    text: str


class LessonView(View):
    """Verdicts for an intent that are no examples of it yet; `known` says whether the pack has the intent."""

    intent: str
    known: bool
    verdicts: list[ToLearnView]


class LessonsView(View):
    """Verdicts of the review that nothing was learned from yet, by intent, those with the most first."""

    items: list[LessonView]


ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/intents/{name}/uses", "uses", "What speaks of an intent", "admin", gives=UsesView,
    ),
    Route(
        "POST", "/api/v1/intents/{name}/examples", "add_examples", "Add examples to an intent", "admin",
        takes=MoreBody, gives=MoreView,
    ),
    Route(
        "GET", "/api/v1/lessons", "lessons", "Verdicts of the review that are no examples yet", "admin",
        gives=LessonsView,
    ),
)  # fmt: skip


class LessonRoutes:
    """The routes' handlers."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self._workspace = workspace
        self._store = store

    @told
    async def uses(self, request: web.Request, _: User) -> web.Response:
        """What speaks of an intent."""
        name = request.match_info["name"]
        found = uses(self._workspace.current, name)
        async with self._store.unit(write=False) as unit:
            skills = [skill.name for skill in await unit.skills.list() if name in skill.intents]
            verdicts = sum(1 for label in await unit.review.labels() if label.intent == name)
        return answer(
            UsesView(
                examples=dict(found.examples),
                replies=list(found.replies),
                offered_by=list(found.offered_by),
                flow=found.flow,
                sensitive=found.sensitive,
                tests=found.tests,
                skills=skills,
                verdicts=verdicts,
            )
        )

    @told
    async def add_examples(self, request: web.Request, _: User) -> web.Response:
        """Add examples."""
        name, body = request.match_info["name"], await read_json(request, MoreBody)
        before = _count(self._workspace.current, name)
        done = await self._workspace.change(
            lambda now: add_examples(now, name, body.examples), author(request), f"adds examples to {name}"
        )
        added = max(0, _count(done, name) - before)
        return answer(MoreView(intent=name, revision=done.revision.number, added=added))

    async def lessons(self, _: web.Request, __: User) -> web.Response:
        """Verdicts to learn from."""
        now = self._workspace.current
        async with self._store.unit(write=False) as unit:
            labels = await unit.review.labels()
        by_intent: dict[str, list[ToLearnView]] = {}
        for intent, label, text in not_taught(now, labels):
            view = ToLearnView(message=label.message, act=label.act, language=label.language, text=text)
            by_intent.setdefault(intent, []).append(view)
        items = [
            LessonView(intent=intent, known=intent in now.pack.intents, verdicts=verdicts)
            for intent, verdicts in sorted(by_intent.items(), key=lambda item: (-len(item[1]), item[0]))
        ]
        return answer(LessonsView(items=items))


def _count(now: Snapshot, intent: str) -> int:
    found, _ = examples_of(now.files, now.pack.default_language)
    return sum(1 for example in found if example.intent == intent)
