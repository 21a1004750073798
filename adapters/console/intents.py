"""Intents under `/api/v1/intents`: what each means, its examples and replies by language, and examples too alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from aiohttp import web

from adapters.console.intent_views import (
    DuplicatesView,
    ExactView,
    ExamplesBody,
    ExamplesView,
    IntentSummary,
    IntentsView,
    IntentView,
    MeaningBody,
    NameBody,
    NearView,
    NewIntentBody,
    PlaceView,
    RepliesView,
    SaidBody,
    ShareView,
)
from adapters.console.route import Route
from adapters.console.teaching import author, if_match, tagged, told
from adapters.etags import tagged as unless_known
from adapters.http import answer, read_json
from bot import intent_edit, pack_edit
from bot.conversation import User
from bot.model_versions import Models
from bot.pack import UNANSWERED
from bot.pack_examples import Taught, comparable, examples_of
from bot.ports_studio import Evaluation, Near, Neighbours, Share, Trainer
from bot.revisions import Snapshot, etag
from bot.understanding import OUT_OF_SCOPE
from bot.workspace import Workspace

MOST_NEAR = 200

ROUTES: tuple[Route, ...] = (
    Route(
        "GET", "/api/v1/intents", "intents", "All intents, with counts and gaps", "admin", gives=IntentsView,
        tagged=True,
    ),
    Route(
        "POST", "/api/v1/intents", "add_intent", "Add an intent", "admin",
        takes=NewIntentBody, gives=IntentView, status=201,
    ),
    Route("GET", "/api/v1/intents/{name}", "intent", "Everything of an intent", "admin", gives=IntentView),
    Route(
        "PUT", "/api/v1/intents/{name}", "put_meaning", "Change what an intent means, and its buttons (If-Match)",
        "admin", takes=MeaningBody, gives=IntentView, matches=True,
    ),
    Route(
        "DELETE", "/api/v1/intents/{name}", "delete_intent", "Take an intent out (If-Match)", "admin", status=204,
        matches=True,
    ),
    Route(
        "POST", "/api/v1/intents/{name}/rename", "rename_intent", "Rename an intent wherever it stands", "admin",
        takes=NameBody, gives=IntentView,
    ),
    Route(
        "PUT", "/api/v1/intents/{name}/examples/{language}", "put_examples",
        "Change an intent's examples in a language (If-Match)", "admin", takes=ExamplesBody, gives=ExamplesView,
        matches=True,
    ),
    Route(
        "PUT", "/api/v1/intents/{name}/replies/{language}", "put_replies",
        "Change an intent's label and replies in a language (If-Match)", "admin", takes=SaidBody, gives=RepliesView,
        matches=True,
    ),
    Route(
        "GET", "/api/v1/intent-duplicates", "duplicates", "Examples that are the same or nearly", "admin",
        gives=DuplicatesView,
    ),
)  # fmt: skip


class IntentRoutes:
    """The routes' handlers."""

    def __init__(
        self,
        workspace: Workspace,
        models: Models | None = None,
        trainer: Trainer | None = None,
        neighbours: Neighbours | None = None,
    ) -> None:
        self._workspace = workspace
        self._models = models
        self._trainer = trainer
        self._neighbours = neighbours

    async def intents(self, request: web.Request, __: User) -> web.Response:
        """The list."""
        now = self._workspace.current
        version, left_out, evaluation = await self._measured()
        counts: dict[str, Counter[str]] = {}
        for example in _examples(now):
            counts.setdefault(example.intent, Counter())[example.language] += 1
        taught = sorted({language for counted in counts.values() for language in counted})
        view = IntentsView(
            revision=now.revision.number,
            default_language=now.pack.default_language,
            languages=sorted({*taught, *now.pack.languages}),
            model=version,
            left_out=left_out,
            items=[_summary(now, name, counts.get(name, Counter()), taught, evaluation) for name in now.pack.intents],
        )
        return unless_known(request, view)

    @told
    async def intent(self, request: web.Request, _: User) -> web.Response:
        """One intent."""
        return _answered(self._workspace.current, request.match_info["name"])

    @told
    async def add_intent(self, request: web.Request, _: User) -> web.Response:
        """A new intent."""
        body = await read_json(request, NewIntentBody)
        said = {code: (texts.label, texts.replies) for code, texts in body.replies.items()}
        done = await self._workspace.change(
            lambda now: intent_edit.add_intent(now, body.name, body.means, body.buttons, body.examples, said),
            author(request),
            f"adds the intent {body.name}",
        )
        return _answered(done, body.name, status=201)

    @told
    async def put_meaning(self, request: web.Request, _: User) -> web.Response:
        """What an intent means."""
        name, tag, body = request.match_info["name"], if_match(request), await read_json(request, MeaningBody)
        done = await self._workspace.change(
            lambda now: pack_edit.put_meaning(now, name, body.means, body.buttons, tag),
            author(request),
            f"changes what {name} means",
        )
        return _answered(done, name)

    @told
    async def delete_intent(self, request: web.Request, _: User) -> web.Response:
        """Take an intent out."""
        name, tag = request.match_info["name"], if_match(request)
        await self._workspace.change(
            lambda now: intent_edit.delete_intent(now, name, tag), author(request), f"deletes the intent {name}"
        )
        return web.Response(status=204)

    @told
    async def rename_intent(self, request: web.Request, _: User) -> web.Response:
        """Another name."""
        name, body = request.match_info["name"], await read_json(request, NameBody)
        done = await self._workspace.change(
            lambda now: intent_edit.rename_intent(now, name, body.name),
            author(request),
            f"renames {name} to {body.name}",
        )
        return _answered(done, body.name)

    @told
    async def put_examples(self, request: web.Request, _: User) -> web.Response:
        """Other examples."""
        name, language = request.match_info["name"], request.match_info["language"]
        tag, body = if_match(request), await read_json(request, ExamplesBody)
        done = await self._workspace.change(
            lambda now: pack_edit.put_examples(now, name, language, body.examples, tag),
            author(request),
            f"changes examples of {name} in {language}",
        )
        view = _taught(done, name, language)
        return tagged(view, view.etag)

    @told
    async def put_replies(self, request: web.Request, _: User) -> web.Response:
        """Other replies."""
        name, language = request.match_info["name"], request.match_info["language"]
        tag, body = if_match(request), await read_json(request, SaidBody)
        done = await self._workspace.change(
            lambda now: pack_edit.put_replies(now, name, language, body.label, body.replies, tag),
            author(request),
            f"changes replies of {name} in {language}",
        )
        view = _said(done, name, language)
        return tagged(view, view.etag)

    async def duplicates(self, _: web.Request, __: User) -> web.Response:
        """Examples too alike."""
        now = self._workspace.current
        examples = _examples(now)
        near: Sequence[Near] = ()
        problem = "this server has no encoder to compare examples with" if self._neighbours is None else None
        if self._neighbours is not None:
            try:
                near = await self._neighbours.near(examples, MOST_NEAR)
            except Exception as error:  # whatever it is, what is the same is told all the same
                problem = str(error) or type(error).__name__
        place = _placer(now)
        view = DuplicatesView(
            revision=now.revision.number,
            exact=[ExactView(places=[place(one) for one in same]) for same in _same(examples)],
            near=[NearView(one=place(n.one), other=place(n.other), similarity=round(n.similarity, 4)) for n in near],
            problem=problem,
        )
        return answer(view)

    async def _measured(self) -> tuple[str | None, float | None, Evaluation | None]:
        """The version that serves, its accuracy on examples left out, and what it made of the tests."""
        if self._models is None:
            return None, None, None
        line_up = await self._models.line_up()
        serving = next((version for version in line_up.versions if version.name == line_up.champion), None)
        if serving is None:
            return line_up.champion, None, None
        evaluation = None if self._trainer is None else await self._trainer.evaluation(serving.name)
        return serving.name, serving.left_out, evaluation


def _examples(now: Snapshot) -> list[Taught]:
    return examples_of(now.files, now.pack.default_language)[0]


def _summary(
    now: Snapshot, name: str, counted: Mapping[str, int], taught: Sequence[str], evaluation: Evaluation | None
) -> IntentSummary:
    pack, flow = now.pack, now.pack.flow_for(name)
    share = None if evaluation is None else evaluation.by_intent.get(name)
    wants = _answered_by_reply(now, name)
    unsaid = []
    for language in pack.languages if name != OUT_OF_SCOPE else ():
        own = pack_edit.replies(now, name, language)
        if own["label"] is None or (wants and not own["replies"]):
            unsaid.append(language)
    return IntentSummary(
        name=name,
        means=pack.intents[name].means,
        examples=dict(sorted(counted.items())),
        total=sum(counted.values()),
        untaught=[language for language in taught if not counted.get(language)],
        unsaid=sorted(unsaid),
        accuracy=_share(share),
        answered_by=_answerer(now, name),
        flow=None if flow is None else flow.name,
        sensitive=name in pack.sensitive,
        needed=name in UNANSWERED,
    )


def _share(share: Share | None) -> ShareView | None:
    if share is None or share.accuracy is None:
        return None
    return ShareView(n=share.n, accuracy=share.accuracy)


def _answerer(now: Snapshot, name: str) -> Literal["reply", "flow", "human", "bot"]:
    if name in now.pack.sensitive or name == "talk_to_human":
        return "human"
    if now.pack.flow_for(name) is not None:
        return "flow"
    return "bot" if name in UNANSWERED else "reply"


def _answered_by_reply(now: Snapshot, name: str) -> bool:
    return name not in UNANSWERED and now.pack.flow_for(name) is None


def _answered(now: Snapshot, name: str, status: int = 200) -> web.Response:
    meaning = pack_edit.meaning(now, name)
    pack, flow = now.pack, now.pack.flow_for(name)
    taught = {example.language for example in _examples(now)}
    tag = etag(meaning)
    view = IntentView(
        revision=now.revision.number,
        name=name,
        means=meaning["means"],
        buttons=meaning["buttons"],
        etag=tag,
        flow=None if flow is None else flow.name,
        sensitive=name in pack.sensitive,
        needed=name in UNANSWERED,
        answered=_answered_by_reply(now, name),
        entities=sorted(pack.entities),
        examples=[_taught(now, name, language) for language in sorted({*taught, *pack.languages})],
        replies=[_said(now, name, language) for language in pack.languages],
        no_examples=etag([]),
        no_replies=etag(pack_edit.NOT_SAID),
    )
    return tagged(view, tag, status)


def _taught(now: Snapshot, name: str, language: str) -> ExamplesView:
    examples = pack_edit.examples(now, name, language)
    return ExamplesView(language=language, examples=examples, etag=etag(examples))


def _said(now: Snapshot, name: str, language: str) -> RepliesView:
    said = pack_edit.replies(now, name, language)
    return RepliesView(language=language, label=said["label"], replies=said["replies"], etag=etag(said))


def _same(examples: Sequence[Taught]) -> list[list[Taught]]:
    """Examples with the same words, in the same language or in two intents."""
    by_key: dict[str, list[Taught]] = {}
    for example in examples:
        by_key.setdefault(comparable(example.text), []).append(example)
    return [same for same in by_key.values() if len(same) > 1 and _matters(same)]


def _matters(same: Sequence[Taught]) -> bool:
    """The same word may well be said in two languages, but not for two intents, nor twice in one language."""
    languages = [example.language for example in same]
    return len({example.intent for example in same}) > 1 or len(set(languages)) < len(languages)


def _placer(now: Snapshot) -> Callable[[Taught], PlaceView]:
    root = f"{now.pack.folder.as_posix()}/"

    def place(example: Taught) -> PlaceView:
        return PlaceView(
            text=example.text,
            intent=example.intent,
            language=example.language,
            file=example.file.as_posix().removeprefix(root),
            line=example.line,
        )

    return place
