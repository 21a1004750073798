"""A domain pack, read and validated: intents, replies, flows and hours as frozen values.

`bot.pack_reader` makes it from files. Its texts are looked up here, by language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.understanding import OUT_OF_SCOPE, RankedIntent
from bot.yamlsource import Finding

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""What intents, slots and flows may be called."""

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")

SYSTEM_TEXTS: Mapping[str, frozenset[str]] = {
    "welcome": frozenset(),
    "rephrase": frozenset(),
    "clarify": frozenset(),
    "none_of_these": frozenset(),
    "talk_to_human": frozenset(),
    "handoff": frozenset(),
    "handoff_offline": frozenset({"when"}),
    "handoff_cancelled": frozenset(),
    "still_waiting": frozenset(),
    "queue_place": frozenset({"place"}),
    "agent_joined": frozenset({"agent"}),
    "agent_left": frozenset({"agent"}),
    "closed": frozenset(),
    "rate": frozenset(),
    "rate_comment": frozenset(),
    "rated": frozenset(),
    "language_set": frozenset({"language"}),
    "choose_language": frozenset(),
    "language_missing": frozenset({"language"}),
    "yes": frozenset(),
    "no": frozenset(),
    "flow_resumed": frozenset({"title"}),
    "flow_stopped": frozenset({"title"}),
    "flow_handoff": frozenset(),
    "file_received": frozenset(),
    "unsupported": frozenset(),
    "too_long": frozenset({"limit"}),
    "error": frozenset(),
}
"""Every system text, with the values that it may quote beside the pack's facts."""

UNANSWERED = frozenset({"affirm", "deny", "stop", "change_language", "talk_to_human", OUT_OF_SCOPE})
"""Intents that the policy itself knows what to do with; they need no reply."""


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into `{name}` placeholders, once: a value is never read as a template; an unknown name stays."""
    return PLACEHOLDER.sub(lambda m: values.get(m.group(1), m.group(0)), template)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When the bot answers, and from which probability on it asks "did you mean" (`clarify`).

    With `max_error` it answers whatever it is so sure of that, answering all such messages, at most this share of the
    answers is wrong. Without, or where a model tells no such risk, it answers from the probability `answer` on.
    """

    answer: float
    clarify: float
    max_error: float | None = None

    def sure(self, intent: RankedIntent) -> bool:
        """Whether an intent is sure enough to be acted on."""
        if self.max_error is not None and intent.risk is not None:
            return intent.risk <= self.max_error
        return intent.confidence >= self.answer


@dataclass(frozen=True, slots=True)
class SentimentRules:
    """When a customer's feelings count: chances from which a message is angry or urgent, 0 to 1.

    An upset customer (one angry message, or `negative_in_a_row` negative ones) gets a person at the first message
    that the bot is not sure of, or at the angry message itself if `handoff_on_anger` is set.
    """

    anger: float = 0.6
    urgency: float = 0.6
    negative_in_a_row: int = 2
    handoff_on_anger: bool = False


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When people are there: for each weekday, Monday being 0, the spans from opening to closing."""

    timezone: ZoneInfo
    days: Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True)
class Intent:
    """What an intent means, and the intents that are offered as buttons under its reply."""

    name: str
    means: str
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """What a flow asks for: an entity, one of several choices, or free text within a length in code points."""

    name: str
    entity: str | None = None
    choices: tuple[str, ...] = ()
    length: tuple[int, int] = (1, 500)


@dataclass(frozen=True, slots=True)
class Flow:
    """Slots to fill, whether to confirm, and the action; `outcomes` maps each to the slot it asks for again, if any."""

    name: str
    trigger: str
    slots: Mapping[str, Slot]
    action: str
    outcomes: Mapping[str, str | None]
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class SlotTexts:
    """What a flow says about one slot, in one language."""

    ask: str
    invalid: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowTexts:
    """What a flow says, in one language."""

    title: str
    slots: Mapping[str, SlotTexts]
    outcomes: Mapping[str, str]
    confirm: str | None = None


@dataclass(frozen=True, slots=True)
class Replies:
    """Everything the bot says in one language."""

    language: str
    labels: Mapping[str, str]
    replies: Mapping[str, tuple[str, ...]]
    system: Mapping[str, str]
    flows: Mapping[str, FlowTexts]


@dataclass(frozen=True, slots=True)
class Pack:
    """What a bot knows. Made by `bot.pack_reader.read_pack`."""

    name: str
    title: str
    folder: Path
    default_language: str
    facts: Mapping[str, str]
    thresholds: Thresholds
    sensitive: frozenset[str]
    intents: Mapping[str, Intent]
    flows: Mapping[str, Flow]
    replies: Mapping[str, Replies]
    entities: Mapping[str, Mapping[str, Any]]
    examples: tuple[Path, ...]
    """Rasa NLU files."""
    tests: tuple[Path, ...]
    """Evaluation files, never trained on."""
    working_hours: WorkingHours | None = None
    sentiment: SentimentRules = field(default_factory=SentimentRules)
    ask_rating: bool = True
    """Whether a customer is asked how it was when an agent closes the conversation."""
    gaps: tuple[Finding, ...] = ()
    """Texts that are missing in a language, where the default one stands in, and texts that nothing uses."""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the bot can answer in, the default one first."""
        others = sorted(code for code in self.replies if code != self.default_language)
        return (self.default_language, *others)

    @property
    def zone(self) -> tzinfo:
        """The time zone of the desk: that of its working hours, or UTC if it has none."""
        return UTC if self.working_hours is None else self.working_hours.timezone

    def local(self, at: datetime) -> datetime:
        """An aware moment by the clocks of the desk."""
        return at.astimezone(self.zone)

    def language_for(self, code: str) -> str | None:
        """The pack's language for a customer's: the same, its script's sibling, its base; None if there is none."""
        if code in self.replies:
            return code
        base = code.split("-", 1)[0]
        return next((c for c in (base, *self.languages) if c in self.replies and c.split("-", 1)[0] == base), None)

    def texts(self, code: str) -> Replies:
        """The texts for a customer's language, or the default language's."""
        return self.replies[self.language_for(code) or self.default_language]

    def flow_for(self, intent: str) -> Flow | None:
        """The flow that an intent starts."""
        return next((flow for flow in self.flows.values() if flow.trigger == intent), None)

    def system(self, code: str, key: str, **values: str) -> str:
        """A system text in a customer's language."""
        return fill(self.texts(code).system[key], {**self.facts, **values})
