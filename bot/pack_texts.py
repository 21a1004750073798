"""Reads what a pack says in one language, and checks that nothing is missing or misquoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.pack import PLACEHOLDER, SYSTEM_TEXTS, UNANSWERED, Flow, FlowTexts, Intent, Replies, SlotTexts
from bot.understanding import OUT_OF_SCOPE
from bot.yamlsource import Finding, Source
from bot.yamlsource import Path as YamlPath

MAX_LABEL = 40
"""Code points of a button's label: what the platforms show without cutting."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_min_length=1)


class _SlotEntry(_Strict):
    ask: str
    invalid: str
    choices: dict[str, str] = {}


class _FlowEntry(_Strict):
    title: str
    slots: dict[str, _SlotEntry]
    outcomes: dict[str, str]
    confirm: str | None = None


class _RepliesFile(_Strict):
    labels: dict[str, str]
    replies: dict[str, list[str] | str]
    system: dict[str, str]
    flows: dict[str, _FlowEntry] = {}


@dataclass(slots=True)
class Told:
    """What is wrong with a pack, and what is only not there yet: texts that the default language has to stand in for.

    Unless it `tolerates` gaps, they count as findings.
    """

    tolerates: bool = False
    findings: list[Finding] = field(default_factory=list)
    gaps: list[Finding] = field(default_factory=list)

    def gap(self, finding: Finding, *, may_be: bool = True) -> None:
        """Tell of something that is missing, or of no use, where it `may_be`."""
        (self.gaps if self.tolerates and may_be else self.findings).append(finding)


def read_texts(
    source: Source,
    intents: Mapping[str, Intent],
    flows: Mapping[str, Flow],
    facts: Mapping[str, str],
    default_language: str,
    told: Told,
) -> Replies | None:
    """The texts of one language, or None with what is wrong added to `told`."""
    language = PurePath(source.file).stem
    try:
        entry = _RepliesFile.model_validate({} if source.data is None else source.data)
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            told.findings.append(source.finding(problem["loc"], f"{where}: {problem['msg']}"))
        return None
    replies = {name: (text,) if isinstance(text, str) else tuple(text) for name, text in entry.replies.items()}
    before = len(told.findings)
    for finding, missing in _unlike(source, entry, intents, flows):
        told.gap(finding, may_be=not missing or language != default_language)
    told.findings += _empty(source, entry)
    told.findings += _labels(source, entry)
    if len(told.findings) == before:
        told.findings += _misquoted(source, entry, flows, set(facts))
    return Replies(
        language=language,
        labels=entry.labels,
        replies=replies,
        system=entry.system,
        flows={
            name: FlowTexts(
                title=flow.title,
                slots={slot: SlotTexts(t.ask, t.invalid, t.choices) for slot, t in flow.slots.items()},
                outcomes=flow.outcomes,
                confirm=flow.confirm,
            )
            for name, flow in entry.flows.items()
        },
    )


def completed(texts: Replies, default: Replies) -> Replies:
    """The texts of a language with the default language's in place of those that are missing."""
    flows = {
        name: _completed_flow(texts.flows[name], flow) if name in texts.flows else flow
        for name, flow in default.flows.items()
    }
    return Replies(
        language=texts.language,
        labels={**default.labels, **texts.labels},
        replies={**default.replies, **texts.replies},
        system={**default.system, **texts.system},
        flows=flows,
    )


def _completed_flow(texts: FlowTexts, default: FlowTexts) -> FlowTexts:
    slots = {
        name: SlotTexts(own.ask, own.invalid, {**slot.choices, **own.choices})
        if (own := texts.slots.get(name)) is not None
        else slot
        for name, slot in default.slots.items()
    }
    confirm = default.confirm if texts.confirm is None else texts.confirm
    return FlowTexts(texts.title, slots, {**default.outcomes, **texts.outcomes}, confirm)


def _compare(
    source: Source, at: YamlPath, what: str, have: AbstractSet[str], want: AbstractSet[str]
) -> Iterator[tuple[Finding, bool]]:
    for name in sorted(want - have):
        yield source.finding(at, f"{what} {name!r} is missing"), True
    for name in sorted(have - want):
        yield source.finding((*at, name), f"{what} {name!r} is not known to the pack"), False


def _unlike(
    source: Source, entry: _RepliesFile, intents: Mapping[str, Intent], flows: Mapping[str, Flow]
) -> Iterator[tuple[Finding, bool]]:
    """What the pack wants and the texts lack, and what they have that it does not know; with True for the former."""
    triggers = {flow.trigger for flow in flows.values()}
    answered = set(intents) - triggers - UNANSWERED
    yield from _compare(source, ("labels",), "label", set(entry.labels), set(intents) - {OUT_OF_SCOPE})
    # A pack may give a reply to an intent that needs none.
    given = set(entry.replies) - (set(intents) & (UNANSWERED | triggers))
    yield from _compare(source, ("replies",), "reply", given, answered)
    yield from _compare(source, ("system",), "system text", set(entry.system), set(SYSTEM_TEXTS))
    yield from _compare(source, ("flows",), "flow", set(entry.flows), set(flows))
    for name, texts_of in entry.flows.items():
        if (flow := flows.get(name)) is None:
            continue
        at = ("flows", name)
        yield from _compare(source, (*at, "slots"), f"{name}: slot", set(texts_of.slots), set(flow.slots))
        yield from _compare(source, (*at, "outcomes"), f"{name}: outcome", set(texts_of.outcomes), set(flow.outcomes))
        if flow.confirm and texts_of.confirm is None:
            yield source.finding(at, f"{name}: confirm is missing"), True
        for slot, slot_texts in texts_of.slots.items():
            if slot in flow.slots:
                what, choices = f"{name}.{slot}: choice", set(flow.slots[slot].choices)
                yield from _compare(source, (*at, "slots", slot), what, set(slot_texts.choices), choices)


def _empty(source: Source, entry: _RepliesFile) -> Iterator[Finding]:
    for name, texts in entry.replies.items():
        if not texts:
            yield source.finding(("replies", name), f"reply {name!r} is empty")


def _labels(source: Source, entry: _RepliesFile) -> Iterator[Finding]:
    for name, label in entry.labels.items():
        if len(label) > MAX_LABEL:
            yield source.finding(("labels", name), f"label {name!r} is over {MAX_LABEL} characters")


def _misquoted(source: Source, entry: _RepliesFile, flows: Mapping[str, Flow], facts: set[str]) -> Iterator[Finding]:
    """Placeholders that nothing will ever fill."""

    def unknown(at: YamlPath, text: str, known: AbstractSet[str]) -> Iterator[Finding]:
        for name in PLACEHOLDER.findall(text):
            if name not in known:
                yield source.finding(at, f"{{{name}}} is no fact of pack.yml and no value that is known here")

    for name, texts in entry.replies.items():
        for i, text in enumerate([texts] if isinstance(texts, str) else texts):
            yield from unknown(("replies", name, i), text, facts)
    for key, text in entry.system.items():
        yield from unknown(("system", key), text, facts | SYSTEM_TEXTS.get(key, frozenset()))
    for name, flow in entry.flows.items():
        slots = set(flows[name].slots) if name in flows else set(flow.slots)
        at = ("flows", name)
        for slot, slot_texts in flow.slots.items():
            yield from unknown((*at, "slots", slot, "ask"), slot_texts.ask, facts | slots)
            yield from unknown((*at, "slots", slot, "invalid"), slot_texts.invalid, facts | slots)
        if flow.confirm is not None:
            yield from unknown((*at, "confirm"), flow.confirm, facts | slots)
        # What an action gives back is the owner's affair: any value may be quoted in an outcome.
