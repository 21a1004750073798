"""Reads what a pack says in one language, and checks that nothing is missing or misquoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.pack import PLACEHOLDER, SYSTEM_TEXTS, UNANSWERED, Flow, FlowTexts, Intent, Replies, SlotTexts
from bot.understanding import OUT_OF_SCOPE
from bot.yamlsource import Finding, Source, UnreadableYaml, parse_yaml
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


def read_texts(
    file: Path,
    intents: Mapping[str, Intent],
    flows: Mapping[str, Flow],
    facts: Mapping[str, str],
    findings: list[Finding],
) -> Replies | None:
    """The texts of one language, or None with what is wrong added to `findings`."""
    try:
        source = parse_yaml(file)
        entry = _RepliesFile.model_validate({} if source.data is None else source.data)
    except UnreadableYaml as error:
        findings.append(error.finding)
        return None
    except ValidationError as error:
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"])
            findings.append(source.finding(problem["loc"], f"{where}: {problem['msg']}"))
        return None
    replies = {name: (text,) if isinstance(text, str) else tuple(text) for name, text in entry.replies.items()}
    before = len(findings)
    findings += _missing(source, entry, intents, flows)
    findings += _labels(source, entry)
    if len(findings) == before:
        findings += _misquoted(source, entry, flows, set(facts))
    return Replies(
        language=file.stem,
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


def _compare(
    source: Source, at: YamlPath, what: str, have: AbstractSet[str], want: AbstractSet[str]
) -> Iterator[Finding]:
    for name in sorted(want - have):
        yield source.finding(at, f"{what} {name!r} is missing")
    for name in sorted(have - want):
        yield source.finding((*at, name), f"{what} {name!r} is not known to the pack")


def _missing(
    source: Source, entry: _RepliesFile, intents: Mapping[str, Intent], flows: Mapping[str, Flow]
) -> Iterator[Finding]:
    triggers = {flow.trigger for flow in flows.values()}
    answered = set(intents) - triggers - UNANSWERED
    yield from _compare(source, ("labels",), "label", set(entry.labels), set(intents) - {OUT_OF_SCOPE})
    # A pack may give a reply to an intent that needs none.
    given = set(entry.replies) - (set(intents) & (UNANSWERED | triggers))
    yield from _compare(source, ("replies",), "reply", given, answered)
    for name, texts in entry.replies.items():
        if not texts:
            yield source.finding(("replies", name), f"reply {name!r} is empty")
    yield from _compare(source, ("system",), "system text", set(entry.system), set(SYSTEM_TEXTS))
    yield from _compare(source, ("flows",), "flow", set(entry.flows), set(flows))
    for name, texts_of in entry.flows.items():
        if (flow := flows.get(name)) is None:
            continue
        at = ("flows", name)
        yield from _compare(source, (*at, "slots"), f"{name}: slot", set(texts_of.slots), set(flow.slots))
        yield from _compare(source, (*at, "outcomes"), f"{name}: outcome", set(texts_of.outcomes), set(flow.outcomes))
        if flow.confirm and texts_of.confirm is None:
            yield source.finding(at, f"{name}: confirm is missing")
        for slot, slot_texts in texts_of.slots.items():
            if slot in flow.slots:
                what, choices = f"{name}.{slot}: choice", set(flow.slots[slot].choices)
                yield from _compare(source, (*at, "slots", slot), what, set(slot_texts.choices), choices)


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
        yield from unknown(("system", key), text, facts | SYSTEM_TEXTS[key])
    for name, flow in entry.flows.items():
        slots = set(flows[name].slots)
        at = ("flows", name)
        for slot, slot_texts in flow.slots.items():
            yield from unknown((*at, "slots", slot, "ask"), slot_texts.ask, facts | slots)
            yield from unknown((*at, "slots", slot, "invalid"), slot_texts.invalid, facts | slots)
        if flow.confirm is not None:
            yield from unknown((*at, "confirm"), flow.confirm, facts | slots)
        # What an action gives back is the owner's affair: any value may be quoted in an outcome.
