"""What an import would change, and everything that is wrong with it; nothing is stored here. Pure."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from bot.errors import InvalidInput, PackError
from bot.pack_edit import NoSuchThing, examples, put_examples
from bot.pack_examples import comparable, examples_of, language_of
from bot.pack_files import KINDS, TextFiles
from bot.rasa import Section, annotated, rasa_file
from bot.revisions import Snapshot
from bot.understanding import OUT_OF_SCOPE
from bot.workspace import MAX_FILE, MAX_FILES
from bot.yamledit import scalar
from bot.yamlsource import Finding, parse_yaml

MOST_BYTES = 60_000_000
"""Of a whole archive when it is unpacked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The files that an import would change, what is wrong with it, and what was passed over."""

    files: Mapping[str, str | None] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class FileDifference:
    """How many lines of a file come and go."""

    path: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Differences:
    """What a plan changes: files, intents that come and go, and examples by intent and language."""

    files: tuple[FileDifference, ...] = ()
    intents_added: tuple[str, ...] = ()
    intents_removed: tuple[str, ...] = ()
    examples: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


def plan_pack(now: Snapshot, archive: bytes) -> Plan:
    """A whole pack from a zip: what is not in it goes."""
    texts, findings, notes = unpacked(archive)
    if "pack.yml" not in texts:
        findings.append(Finding(Path("pack.yml"), 0, "there is no such file in the archive"))
    changed: dict[str, str | None] = {path: text for path, text in texts.items() if now.texts.get(path) != text}
    changed |= {path: None for path in now.texts if path not in texts}
    return Plan(changed, tuple(findings), tuple(notes))


def plan_rasa(now: Snapshot, name: str, text: str, language: str | None = None) -> Plan:
    """Rasa's training data: examples that are not there yet are added to intents that the pack has."""
    language = language or language_of(Path(name), now.pack.default_language)
    try:
        content = rasa_file(parse_yaml(Path(name), text))
    except PackError as error:
        finding = getattr(error, "finding", Finding(Path(name), 0, str(error)))
        return Plan(findings=(finding,))
    findings, notes = list(content.errors), list(content.notes)
    changed: dict[str, str | None] = {}
    for section in content.sections:
        if section.kind != "intent":
            reason = f"{section.kind} {section.name!r} is not imported; entities are declared in entities.yml"
            notes.append(Finding(Path(name), section.line, reason))
            continue
        texts = {path: kept for path, kept in {**now.texts, **changed}.items() if kept is not None}
        so_far = Snapshot(now.revision, texts, now.pack)
        try:
            changed |= _with_section(so_far, section, language)
        except NoSuchThing as error:
            findings.append(Finding(Path(name), section.line, str(error)))
        except InvalidInput as error:
            findings.append(Finding(Path(name), section.line, f"{section.name}: {error}"))
    changed = {path: kept for path, kept in changed.items() if now.texts.get(path) != kept}
    return Plan(changed, tuple(findings), tuple(notes))


def differences(now: Snapshot, files: Mapping[str, str | None]) -> Differences:
    """What changed files change."""
    after = {path: text for path, text in {**now.texts, **files}.items() if text is not None}
    before_intents, after_intents = _intents(now.texts), _intents(after)
    before, later = _counted(now, now.texts), _counted(now, after)
    moved = {
        key: (sum((later[key] - before[key]).values()), sum((before[key] - later[key]).values()))
        for key in sorted({*before, *later})
        if later.get(key) != before.get(key)
    }
    return Differences(
        files=tuple(
            _lines(path, now.texts.get(path, ""), text or "")
            for path, text in sorted(files.items())
            if now.texts.get(path) != text
        ),
        intents_added=tuple(name for name in after_intents if name not in before_intents),
        intents_removed=tuple(name for name in before_intents if name not in after_intents),
        examples=moved,
    )


def packed(texts: Mapping[str, str], name: str) -> bytes:
    """A pack's files as a zip, in a folder of its name; the same files make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(texts.items()):
            entry = zipfile.ZipInfo(f"{name}/{path}", (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode("utf-8"))
    return out.getvalue()


def unpacked(archive: bytes) -> tuple[dict[str, str], list[Finding], list[Finding]]:
    """Texts by path, what is wrong with the archive, and what in it was passed over.

    Raises:
        InvalidInput: it is no zip, or too large.
    """
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    notes: list[Finding] = []
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
            entries = [entry for entry in zipped.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES:
                raise InvalidInput(f"the archive has {len(entries)} files; the limit is {MAX_FILES}")
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise InvalidInput(f"the archive is over {MOST_BYTES} bytes when unpacked")
            top = _common_folder([entry.filename for entry in entries])
            for entry in entries:
                path = entry.filename.removeprefix(top)
                if Path(path).suffix not in KINDS or path.startswith("__MACOSX"):
                    notes.append(Finding(Path(path), 0, "is no file of a pack; passed over"))
                    continue
                content = _read(zipped, entry)
                try:
                    texts[path] = content.decode("utf-8")
                except UnicodeDecodeError as error:
                    findings.append(Finding(Path(path), 0, f"is not UTF-8 (byte {error.start})"))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidInput(f"the archive cannot be read: {error}") from None
    return texts, findings, notes


def _read(zipped: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """At most what the archive says of itself: an entry may be longer than its directory tells."""
    with zipped.open(entry) as file:
        content = file.read(4 * MAX_FILE + 1)
    if len(content) > 4 * MAX_FILE:
        raise InvalidInput(f"{entry.filename} is over the limit of {MAX_FILE} characters")
    return content


def _common_folder(names: list[str]) -> str:
    """The folder that all of the pack lies in, if it does."""
    marks = [name for name in names if name.rpartition("/")[2] == "pack.yml"]
    top = min(marks, key=lambda name: name.count("/"), default="")
    return top.removesuffix("pack.yml")


def _with_section(now: Snapshot, section: Section, language: str) -> Mapping[str, str | None]:
    intent = OUT_OF_SCOPE if section.name is None else section.name.strip()
    present = examples(now, intent, language)
    known = {comparable(annotated(line)[0]) for line in present}
    new: dict[str, str] = {}
    for line in section.lines:
        key = comparable(line.text)
        if key not in known:
            new.setdefault(key, line.written)
    if not new and intent in now.pack.intents:
        return {}
    return put_examples(now, intent, language, [*present, *new.values()], None)


def _intents(texts: Mapping[str, str]) -> list[str]:
    try:
        data = TextFiles(texts).parse("intents.yml").data
    except PackError:
        return []
    intents = data.get("intents") if isinstance(data, dict) else None
    return list(intents) if isinstance(intents, dict) else []


def _counted(now: Snapshot, texts: Mapping[str, str]) -> dict[tuple[str, str], Counter[str]]:
    found, _ = examples_of(TextFiles(texts), now.pack.default_language)
    counted: dict[tuple[str, str], Counter[str]] = {}
    for example in found:
        counted.setdefault((example.intent, example.language), Counter())[example.written] += 1
    return _Missing(counted)


class _Missing(dict[tuple[str, str], "Counter[str]"]):
    def __missing__(self, key: tuple[str, str]) -> Counter[str]:
        return Counter()


def _lines(path: str, before: str, after: str) -> FileDifference:
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    changes = [(j - i, n - k) for tag, i, j, k, n in matcher.get_opcodes() if tag != "equal"]
    return FileDifference(path, sum(new for _, new in changes), sum(old for old, _ in changes))


def exported(texts: Iterable[tuple[str, str]]) -> str:
    """Examples as one file of Rasa's training data: intent and example as it is written, in order."""
    by_intent: dict[str, list[str]] = {}
    for intent, written in texts:
        by_intent.setdefault(intent, []).append(written)
    lines = ['version: "3.1"', "nlu:"]
    for intent, written_ones in by_intent.items():
        lines += [f"  - intent: {scalar(intent)}", "    examples: |", *(f"      - {line}" for line in written_ones)]
    return "\n".join(lines) + "\n" if by_intent else 'version: "3.1"\nnlu: []\n'
