"""The test bench, and flows as diagrams: what the bot would make of a text, and where its flows lead."""

from __future__ import annotations

from typing import Literal

from aiohttp import web
from pydantic import Field

from adapters.console.render import understanding
from adapters.console.route import Parameter, Route
from adapters.console.studio_views import ValidateBody
from adapters.console.teaching import FindingView, findings, tagged, told
from adapters.console.views import Body, ButtonView, UnderstandingView, View
from adapters.http import InvalidField, answer, read_json
from bot.bench import Tried, try_out
from bot.conversation import User
from bot.flow_graph import Graph, graph_of
from bot.messages import MAX_TEXT
from bot.pack_reader import LANGUAGE_CODE
from bot.revisions import etag
from bot.studio import Studio


class UnderstandBody(Body):
    """A text to try, as a customer would write it; `language` is one that they have chosen by hand."""

    text: str = Field(min_length=1, max_length=MAX_TEXT)
    language: str | None = Field(default=None, max_length=20)
    revision: int | None = Field(default=None, ge=1, le=2**31 - 1)


class SaidView(View):
    """What the bot would say, and why; `internal` is for agents' eyes only."""

    text: str
    why: str
    buttons: list[ButtonView]
    internal: bool


class TriedView(View):
    """What would happen to a text in a new conversation. Nothing of it is stored.

    `does` is the kind of the decision; `why` its reason in the policy's words. `sure` says whether the likeliest intent
    is above the threshold, `clarify` is the probability below which nothing is offered.
    """

    revision: int
    text: str
    understanding: UnderstandingView
    does: Literal["answers", "starts_flow", "clarifies", "rephrases", "hands_over", "sets_language", "nothing"]
    why: str
    says: list[SaidView]
    language: str
    handoff_reason: str | None
    flow: str | None
    action: str | None
    sure: bool
    answer_from: float | None
    max_error: float | None
    clarify_from: float


class NodeView(View):
    """A step of a flow; `text` is what the bot says there, with the labels of the buttons below it."""

    id: str
    kind: Literal["trigger", "slot", "confirm", "action", "outcome", "human"]
    label: str
    text: str | None
    buttons: list[str]


class EdgeView(View):
    """What leads from one step to another, and when."""

    source: str
    target: str
    label: str


class GraphView(View):
    """A flow as a graph."""

    flow: str
    title: str
    nodes: list[NodeView]
    edges: list[EdgeView]


class FlowsView(View):
    """All flows as graphs, and the file that says the same; `etag` is that of the file."""

    revision: int
    path: str
    text: str
    etag: str
    flows: list[GraphView]


class DraftFlowsBody(ValidateBody):
    """Files as they would be, and the language of the texts."""

    language: str | None = Field(default=None, max_length=20)


class DraftFlowsView(View):
    """What would be wrong with the pack; its flows as graphs if nothing would."""

    findings: list[FindingView]
    flows: list[GraphView] | None


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/api/v1/understand", "understand", "Try a text: what is understood, decided and said", "admin",
        takes=UnderstandBody, gives=TriedView,
    ),
    Route(
        "GET", "/api/v1/flows", "flows", "All flows as graphs, and as YAML", "admin", gives=FlowsView,
        query=(Parameter("language", does="That of the texts; the default one without"),),
    ),
    Route(
        "POST", "/api/v1/flows", "draft_flows", "Flows as graphs, and findings, of files that are not saved", "admin",
        takes=DraftFlowsBody, gives=DraftFlowsView,
    ),
)  # fmt: skip

FLOWS = "flows.yml"


class BenchRoutes:
    """The routes' handlers."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @told
    async def understand(self, request: web.Request, _: User) -> web.Response:
        """Try a text."""
        body = await read_json(request, UnderstandBody)
        _language(body.language)
        workspace = self._studio.workspace
        now = workspace.current
        if body.revision is not None:
            now = await workspace.snapshot(body.revision)
        tried = await try_out(
            now.pack, self._studio.understander, body.text, self._studio.clock.now(), language=body.language
        )
        return answer(_tried(tried, now.revision.number))

    async def draft_flows(self, request: web.Request, _: User) -> web.Response:
        """All flows as they would be."""
        body = await read_json(request, DraftFlowsBody)
        language = _language(body.language)
        pack, found = await self._studio.workspace.draft({one.path: one.text for one in body.files})
        graphs = None if pack is None else [_graph(graph_of(pack, flow, language)) for flow in pack.flows.values()]
        return answer(DraftFlowsView(findings=findings(found), flows=graphs))

    async def flows(self, request: web.Request, _: User) -> web.Response:
        """All flows."""
        language = _language(request.query.get("language"))
        now = self._studio.workspace.current
        text = now.texts.get(FLOWS, "")
        tag = etag(now.texts.get(FLOWS))
        graphs = [_graph(graph_of(now.pack, flow, language)) for flow in now.pack.flows.values()]
        view = FlowsView(revision=now.revision.number, path=FLOWS, text=text, etag=tag, flows=graphs)
        return tagged(view, tag)


def _language(code: str | None) -> str | None:
    if code is not None and not LANGUAGE_CODE.fullmatch(code):
        raise InvalidField("language", f"{code!r} is no language code such as de, pt or zh-Hans")
    return code


def _tried(tried: Tried, revision: int) -> TriedView:
    thresholds = tried.thresholds
    return TriedView(
        revision=revision,
        text=tried.understanding.text,
        understanding=understanding(tried.understanding),
        does=tried.does.value,
        why=tried.why,
        says=[
            SaidView(
                text=said.text,
                why=said.why,
                buttons=[ButtonView(label=button.label, value=button.value) for button in said.buttons],
                internal=said.internal,
            )
            for said in tried.says
        ],
        language=tried.language,
        handoff_reason=tried.handoff_reason,
        flow=tried.flow,
        action=tried.action,
        sure=tried.sure,
        answer_from=None if thresholds.max_error is not None else thresholds.answer,
        max_error=thresholds.max_error,
        clarify_from=thresholds.clarify,
    )


def _graph(graph: Graph) -> GraphView:
    return GraphView(
        flow=graph.flow,
        title=graph.title,
        nodes=[
            NodeView(id=n.id, kind=n.kind.value, label=n.label, text=n.text, buttons=list(n.buttons))
            for n in graph.nodes
        ],
        edges=[EdgeView(source=e.source, target=e.target, label=e.label) for e in graph.edges],
    )
