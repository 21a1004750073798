"""What the routes of `adapters.console.intents` take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adapters.console.views import Body, View


class ShareView(View):
    """Messages of the pack's tests, and the share of them that the serving version told right, 0 to 1."""

    n: int
    accuracy: float


class IntentSummary(View):
    """An intent in the list: examples by language, and the languages that lack examples or replies.

    `accuracy` is measured on the pack's tests, and null where there are none; `needed` says that the bot itself
    cannot do without it. It is answered by a reply, a flow, a human, or the bot by itself (it changes the language).
    """

    name: str
    means: str
    examples: dict[str, int]
    total: int
    untaught: list[str]
    unsaid: list[str]
    accuracy: ShareView | None
    answered_by: Literal["reply", "flow", "human", "bot"]
    flow: str | None
    sensitive: bool
    needed: bool


class IntentsView(View):
    """All intents in the order of intents.yml. `languages` are those with examples or replies."""

    revision: int
    default_language: str
    languages: list[str]
    model: str | None
    left_out: float | None
    items: list[IntentSummary]


class ExamplesView(View):
    """An intent's examples in a language as they are written, entities as `[text](entity)`, and their tag."""

    language: str
    examples: list[str]
    etag: str


class RepliesView(View):
    """An intent's own label and replies in a language, and their tag."""

    language: str
    label: str | None
    replies: list[str]
    etag: str


class IntentView(View):
    """Everything of an intent; `etag` is that of its meaning and buttons, `answered` whether it wants a reply.

    All languages that the pack is taught or answers in are listed; `no_examples` and `no_replies` are the tags of what
    any other has.
    """

    revision: int
    name: str
    means: str
    buttons: list[str]
    etag: str
    flow: str | None
    sensitive: bool
    needed: bool
    answered: bool
    entities: list[str]
    examples: list[ExamplesView]
    replies: list[RepliesView]
    no_examples: str
    no_replies: str


class SaidBody(Body):
    """A label and replies in a language."""

    label: str | None = Field(default=None, max_length=200)
    replies: list[str] = Field(default=[], max_length=50)


class NewIntentBody(Body):
    """A new intent, with examples and replies by language."""

    name: str = Field(min_length=1, max_length=100)
    means: str = Field(min_length=1, max_length=1000)
    buttons: list[str] = Field(default=[], max_length=20)
    examples: dict[str, list[str]] = Field(default={})
    replies: dict[str, SaidBody] = Field(default={})


class MeaningBody(Body):
    """What an intent means, and the intents that are offered under its reply."""

    means: str = Field(min_length=1, max_length=1000)
    buttons: list[str] = Field(default=[], max_length=20)


class NameBody(Body):
    """An intent's new name."""

    name: str = Field(min_length=1, max_length=100)


class ExamplesBody(Body):
    """An intent's examples in a language, all of them."""

    examples: list[str] = Field(max_length=20_000)


class PlaceView(View):
    """Where an example stands."""

    text: str
    intent: str
    language: str
    file: str
    line: int


class ExactView(View):
    """Examples that say the same to a reader."""

    places: list[PlaceView]


class NearView(View):
    """Two examples of different intents that mean nearly the same; `similarity` from -1 to 1."""

    one: PlaceView
    other: PlaceView
    similarity: float


class DuplicatesView(View):
    """Examples that are the same, and those across intents that are nearly; `problem` says why these are not known."""

    revision: int
    exact: list[ExactView]
    near: list[NearView]
    problem: str | None
