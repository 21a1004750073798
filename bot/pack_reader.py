"""Reads a domain pack from its folder and says, with file and line, everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot import pack_texts
from bot.errors import PackError
from bot.pack import NAME, Flow, Intent, Pack, Replies, SentimentRules, Slot, Thresholds, WorkingHours
from bot.pack_files import KINDS, FolderFiles, PackFiles
from bot.pack_texts import Told
from bot.understanding import OUT_OF_SCOPE
from bot.yamlsource import Finding, Source, UnreadableYaml, read_text

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _text(value: object) -> object:
    """Figures may be written without quotes: `return_days: 30`."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Fact = Annotated[str, BeforeValidator(_text)]


DEFAULT_ANSWER = 0.6


class _Thresholds(_Strict):
    answer: float | None = Field(default=None, ge=0, le=1)
    max_error: float | None = Field(default=None, gt=0, lt=1)
    clarify: float = Field(default=0.3, ge=0, le=1)


class _Sentiment(_Strict):
    anger: float = Field(default=SentimentRules().anger, gt=0, le=1)
    urgency: float = Field(default=SentimentRules().urgency, gt=0, le=1)
    negative_in_a_row: int = Field(default=SentimentRules().negative_in_a_row, ge=1)
    handoff_on_anger: bool = False


class _Hours(_Strict):
    timezone: str
    days: dict[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], list[str]]


class _PackFile(_Strict):
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    title: str
    version: Fact = "1"
    default_language: str = "en"
    facts: dict[str, Fact] = {}
    thresholds: _Thresholds = _Thresholds()
    sentiment: _Sentiment = _Sentiment()
    sensitive: list[str] = []
    working_hours: _Hours | None = None
    ask_rating: bool = True


class _IntentEntry(_Strict):
    means: str
    buttons: list[str] = []


class _IntentsFile(_Strict):
    intents: dict[str, str | _IntentEntry] = Field(min_length=1)


class _Length(_Strict):
    min: int = Field(default=1, ge=1)
    max: int = Field(default=500, ge=1, le=4000)


class _SlotEntry(_Strict):
    entity: str | None = None
    choice: list[str] | None = None
    text: _Length | None = None


class _OutcomeEntry(_Strict):
    ask: str | None = None


class _FlowEntry(_Strict):
    trigger: str
    slots: dict[str, _SlotEntry] = Field(min_length=1)
    confirm: bool = False
    action: str
    outcomes: dict[str, _OutcomeEntry] = Field(min_length=1)


class _FlowsFile(_Strict):
    flows: dict[str, _FlowEntry] = {}


class _EntityEntry(_Strict):
    pattern: str | None = None
    ignore_case: bool = False
    normalise: Literal["upper", "lower", "digits"] | None = None
    type: str | None = None
    fuzzy: bool | None = None
    # `list` would hide the builtin from the annotations of this class.
    entries: dict[str, list[str]] | None = Field(default=None, alias="list")


class _EntitiesFile(_Strict):
    entities: dict[str, _EntityEntry] = {}


M = TypeVar("M", bound=BaseModel)


def _validated(model: type[M], source: Source | None, findings: list[Finding]) -> M | None:
    """The file's data as a model, or None with what is wrong added to `findings`; None if it could not be read."""
    if source is None:
        return None
    try:
        return model.model_validate({} if source.data is None else source.data)
    except ValidationError as error:
        for problem in error.errors():
            path = [part for part in problem["loc"] if not (isinstance(part, str) and part.startswith("_"))]
            where = ".".join(str(part) for part in path)
            findings.append(source.finding(path, f"{where}: {problem['msg']}" if where else problem["msg"]))
        return None


def read_pack(folder: Path, *, complete: bool = True) -> Pack:
    """Read and validate a pack in a folder.

    Unless it must be `complete`, texts may be missing in other languages than the default one, which then stands in
    for them, and texts that nothing uses may be left over; `Pack.gaps` names both.

    Raises:
        PackError: its message lists every finding, a line each: file, line, reason.
    """
    if not folder.is_dir():
        raise PackError(f"{folder}: there is no such pack folder")
    pack, findings = examine_pack(FolderFiles(folder), complete=complete)
    if findings or pack is None:
        raise PackError("\n".join(str(finding) for finding in findings) or f"{folder}: is no pack")
    return pack


def examine_pack(files: PackFiles, *, complete: bool = True) -> tuple[Pack | None, list[Finding]]:
    """A pack, if its files make one, and everything that is wrong with it. See `read_pack`."""
    told = Told(tolerates=not complete)
    return _read(files, told), told.findings


def _read(files: PackFiles, told: Told) -> Pack | None:
    findings = told.findings
    read = {
        name: _source(files, f"{name}.yml", findings, required=name in {"pack", "intents"})
        for name in ("pack", "intents", "flows", "entities")
    }
    head = _validated(_PackFile, read["pack"], findings)
    listed = _validated(_IntentsFile, read["intents"], findings)
    flow_file = _validated(_FlowsFile, read["flows"], findings)
    entity_file = _validated(_EntitiesFile, read["entities"], findings)
    if head is None or listed is None or flow_file is None or entity_file is None:
        return None
    sources = {name: source for name, source in read.items() if source is not None}
    intents = {
        name: Intent(name, entry) if isinstance(entry, str) else Intent(name, entry.means, tuple(entry.buttons))
        for name, entry in listed.intents.items()
    }
    flows = {name: _flow(name, entry) for name, entry in flow_file.flows.items()}
    findings += _cross_checks(sources, head, intents, flows, entity_file)
    hours = _hours(sources["pack"], head.working_hours, findings)
    replies = _replies(files, head, intents, flows, told)
    if head.default_language not in replies and not findings:
        reason = f"default_language {head.default_language!r} has no replies/{head.default_language}.yml"
        findings.append(sources["pack"].finding(["default_language"], reason))
    return Pack(
        name=head.name,
        title=head.title,
        folder=files.root,
        default_language=head.default_language,
        facts=head.facts,
        thresholds=Thresholds(_answer(head.thresholds), head.thresholds.clarify, head.thresholds.max_error),
        sensitive=frozenset(head.sensitive),
        intents=intents,
        flows=flows,
        replies=replies,
        entities={k: v.model_dump(exclude_none=True, by_alias=True) for k, v in entity_file.entities.items()},
        examples=tuple(files.root / name for name in files.within("nlu", ".yml")),
        tests=tuple(files.root / name for name in files.within("tests", ".jsonl")),
        working_hours=hours,
        sentiment=SentimentRules(**head.sentiment.model_dump()),
        ask_rating=head.ask_rating,
        gaps=tuple(told.gaps),
    )


def _replies(
    files: PackFiles, head: _PackFile, intents: Mapping[str, Intent], flows: Mapping[str, Flow], told: Told
) -> dict[str, Replies]:
    replies: dict[str, Replies] = {}
    for name in files.within("replies", ".yml"):
        source = _source(files, name, told.findings, required=True)
        if source is None:
            continue
        texts = pack_texts.read_texts(source, intents, flows, head.facts, head.default_language, told)
        language = source.file.stem
        if not LANGUAGE_CODE.fullmatch(language):
            reason = f"{language!r} is no language code such as de, pt or zh-Hans"
            told.findings.append(Finding(source.file, 0, reason))
        elif texts is not None:
            replies[language] = texts
    default = replies.get(head.default_language)
    if default is None:
        return replies
    return {code: pack_texts.completed(texts, default) for code, texts in replies.items()}


def _answer(thresholds: _Thresholds) -> float:
    return DEFAULT_ANSWER if thresholds.answer is None else thresholds.answer


def _source(files: PackFiles, name: str, findings: list[Finding], *, required: bool) -> Source | None:
    if not required and not files.has(name):
        return Source(files.root / name, {})
    try:
        return files.parse(name)
    except UnreadableYaml as error:
        findings.append(error.finding)
        return None


def _flow(name: str, entry: _FlowEntry) -> Flow:
    slots = {}
    for slot, wanted in entry.slots.items():
        length = (wanted.text.min, wanted.text.max) if wanted.text else (1, 500)
        slots[slot] = Slot(slot, wanted.entity, tuple(wanted.choice or ()), length)
    outcomes = {outcome: after.ask for outcome, after in entry.outcomes.items()}
    return Flow(name, entry.trigger, slots, entry.action, outcomes, entry.confirm)


def _cross_checks(
    sources: Mapping[str, Source],
    head: _PackFile,
    intents: Mapping[str, Intent],
    flows: Mapping[str, Flow],
    entity_file: _EntitiesFile,
) -> Iterator[Finding]:
    """What no single file can tell: names that must exist elsewhere."""
    if head.thresholds.answer is not None and head.thresholds.max_error is not None:
        reason = "thresholds: give either answer (a probability) or max_error (a share of wrong answers), not both"
        yield sources["pack"].finding(["thresholds", "max_error"], reason)
    elif head.thresholds.max_error is None and head.thresholds.clarify > _answer(head.thresholds):
        yield sources["pack"].finding(["thresholds", "clarify"], "thresholds.clarify is above thresholds.answer")
    for i, name in enumerate(head.sensitive):
        if name not in intents:
            yield sources["pack"].finding(["sensitive", i], f"sensitive: there is no intent {name!r}")
    for name, entity in entity_file.entities.items():
        if sum(given is not None for given in (entity.pattern, entity.entries, entity.type)) != 1:
            yield sources["entities"].finding(["entities", name], f"{name}: give either a pattern, a list or a type")
    yield from _intent_checks(sources["intents"], intents)
    yield from _flow_checks(sources["flows"], flows, intents, entity_file.entities)


def _intent_checks(source: Source, intents: Mapping[str, Intent]) -> Iterator[Finding]:
    for name, intent in intents.items():
        if not NAME.fullmatch(name):
            yield source.finding(["intents", name], f"{name!r} is no intent name (lower case, digits, _)")
        for button in intent.buttons:
            if button not in intents or button == OUT_OF_SCOPE:
                yield source.finding(["intents", name, "buttons"], f"{name}: buttons: there is no intent {button!r}")


def _flow_checks(
    source: Source, flows: Mapping[str, Flow], intents: Mapping[str, Intent], entities: Mapping[str, _EntityEntry]
) -> Iterator[Finding]:
    triggers: dict[str, str] = {}
    for name, flow in flows.items():
        at = ["flows", name]
        if flow.trigger not in intents:
            yield source.finding([*at, "trigger"], f"{name}: there is no intent {flow.trigger!r}")
        if flow.trigger in triggers:
            other = triggers[flow.trigger]
            yield source.finding([*at, "trigger"], f"{name}: {flow.trigger!r} already starts {other!r}")
        triggers[flow.trigger] = name
        for slot in flow.slots.values():
            raw = source.data["flows"][name]["slots"][slot.name] or {}
            if len(raw) != 1:
                yield source.finding([*at, "slots", slot.name], f"{name}.{slot.name}: give entity, choice or text")
            if slot.entity is not None and slot.entity not in entities:
                reason = f"{name}.{slot.name}: there is no entity {slot.entity!r} in entities.yml"
                yield source.finding([*at, "slots", slot.name], reason)
        for outcome, ask in flow.outcomes.items():
            if ask is not None and ask not in flow.slots:
                yield source.finding([*at, "outcomes", outcome], f"{name}.{outcome}: there is no slot {ask!r}")


def _hours(source: Source, hours: _Hours | None, findings: list[Finding]) -> WorkingHours | None:
    if hours is None:
        return None
    try:
        zone = ZoneInfo(hours.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        reason = f"working_hours.timezone: there is no time zone {hours.timezone!r}"
        findings.append(source.finding(["working_hours", "timezone"], reason))
        return None
    days: dict[int, tuple[tuple[time, time], ...]] = {}
    for day, spans in hours.days.items():
        parsed = []
        for i, span in enumerate(spans):
            hours_of_day = _span(span)
            if hours_of_day is None:
                reason = f"working_hours.{day}: {span!r} is no span such as 09:00-17:30"
                findings.append(source.finding(["working_hours", "days", day, i], reason))
            else:
                parsed.append(hours_of_day)
        days[WEEKDAYS.index(day)] = tuple(sorted(parsed))
    return WorkingHours(zone, days)


def _span(text: str) -> tuple[time, time] | None:
    try:
        opening, closing = (_clock(part) for part in text.split("-"))
    except ValueError:
        return None
    return (opening, closing) if opening < closing else None


def _clock(text: str) -> time:
    """`24:00` is the end of the day, which `time` cannot say; its last microsecond stands for it."""
    text = text.strip()
    return time.max if text == "24:00" else time.fromisoformat(text)


def find_pack(name: str, folders: list[Path]) -> Path:
    """The folder of a pack, by path or by its name in one of `folders`.

    Raises:
        PackError: there is none.
    """
    for candidate in (Path(name), *(folder / name for folder in folders)):
        if (candidate / "pack.yml").is_file():
            return candidate
    places = ", ".join(str(folder) for folder in folders)
    raise PackError(f"there is no pack {name!r}: neither a folder with a pack.yml nor a name in {places}")


def raw_files(folder: Path) -> dict[str, str]:
    """Path (relative to the pack, with `/`) and text of every file that a pack in a folder is made of.

    Raises:
        PackError: a file cannot be read, or is not UTF-8.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in KINDS)
    return {path.relative_to(folder).as_posix(): read_text(path) for path in files}
