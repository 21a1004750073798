"""How a text of the bot looks on each channel, under `/api/v1/preview`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from adapters.console.route import Route
from adapters.console.views import Body, View
from adapters.http import answer, read_json
from bot.conversation import User
from bot.messages import MAX_TEXT
from bot.pack import Pack
from bot.ports import Clock
from bot.preview import Preview, Render, previews

MOST_BUTTONS = 100
LONGEST_LABEL = 500


class PreviewBody(Body):
    """A text with placeholders as the pack has it, and the labels of the buttons below it."""

    text: str = Field(max_length=MAX_TEXT)
    buttons: list[Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL)]] = Field(
        default=[], max_length=MOST_BUTTONS
    )


class BubbleView(View):
    """One message as it is shown, and rows of the labels of its buttons."""

    text: str
    rows: list[list[str]]


class NoticeView(View):
    """What somebody who writes the text should know; `about` is the label, the markup, the placeholder or the count."""

    kind: Literal["split", "label_cut", "markup", "placeholder"]
    about: str


class ChannelPreview(View):
    """How it looks on a channel."""

    channel: str
    bubbles: list[BubbleView]
    notices: list[NoticeView]


class PreviewsView(View):
    """How it looks on each channel, from the very rendering that sends."""

    channels: list[ChannelPreview]


ROUTES: tuple[Route, ...] = (
    Route(
        "POST", "/api/v1/preview", "preview", "How a text with buttons looks on each channel", "admin",
        takes=PreviewBody, gives=PreviewsView,
    ),
)  # fmt: skip


class PreviewRoutes:
    """The routes' handlers."""

    def __init__(self, renders: Mapping[str, Render], pack: Callable[[], Pack], clock: Clock) -> None:
        self._renders = renders
        self._pack = pack
        self._clock = clock

    async def preview(self, request: web.Request, _: User) -> web.Response:
        """All channels."""
        body = await read_json(request, PreviewBody)
        found = previews(self._renders, self._pack(), body.text, body.buttons, self._clock.now())
        return answer(PreviewsView(channels=[_view(one) for one in found]))


def _view(one: Preview) -> ChannelPreview:
    return ChannelPreview(
        channel=one.channel,
        bubbles=[BubbleView(text=bubble.text, rows=[list(row) for row in bubble.rows]) for bubble in one.bubbles],
        notices=[NoticeView(kind=kind.value, about=about) for kind, about in one.notices],
    )
