"""What speaks of an intent: what goes along when it is renamed, and what is lost when it is taken out. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.labels import as_example, trainable
from bot.pack_edit import Changed, clean_examples, examples, files_in, meaning, put_examples, replies
from bot.pack_examples import comparable, examples_of
from bot.pack_reader import LANGUAGE_CODE
from bot.rasa import annotated
from bot.review import Label
from bot.revisions import Snapshot
from bot.understanding import OUT_OF_SCOPE


@dataclass(frozen=True, slots=True)
class Uses:
    """Where an intent stands in the pack: examples by language, languages with replies, and all that names it.

    `offered_by` are the intents under whose reply it is a button.
    """

    examples: Mapping[str, int]
    replies: tuple[str, ...]
    offered_by: tuple[str, ...]
    flow: str | None
    sensitive: bool
    tests: int


def uses(now: Snapshot, intent: str) -> Uses:
    """What speaks of an intent.

    Raises:
        NoSuchThing: there is no such intent.
    """
    meaning(now, intent)
    pack = now.pack
    flow = pack.flow_for(intent)
    taught = Counter(
        example.language for example in examples_of(now.files, pack.default_language)[0] if example.intent == intent
    )
    said = [language for language in pack.languages if any(replies(now, intent, language).values())]
    return Uses(
        examples=dict(sorted(taught.items())),
        replies=tuple(sorted(said)),
        offered_by=tuple(name for name, other in pack.intents.items() if intent in other.buttons),
        flow=None if flow is None else flow.name,
        sensitive=intent in pack.sensitive,
        tests=sum(1 for name in _tested(now) if name == intent),
    )


def add_examples(now: Snapshot, intent: str, more: Mapping[str, Sequence[str]]) -> Changed:
    """Add examples by language to those that there are; what says the same to a reader is passed over.

    Raises:
        NoSuchThing: there is no such intent.
        InvalidInput: an example is empty or malformed, or a language no code.
    """
    meaning(now, intent)
    changed: dict[str, str | None] = {}
    for language, lines in more.items():
        present = examples(now, intent, language)
        known = {comparable(annotated(line)[0]) for line in present}
        new = []
        for line in clean_examples(lines):
            key = comparable(annotated(line)[0])
            if key not in known:
                known.add(key)
                new.append(line)
        if new:
            texts = {path: text for path, text in {**now.texts, **changed}.items() if text is not None}
            so_far = Snapshot(now.revision, texts, now.pack)
            changed |= put_examples(so_far, intent, language, [*present, *new], None)
    return changed


def not_taught(now: Snapshot, labels: Sequence[Label]) -> list[tuple[str, Label, str]]:
    """Verdicts that are no examples yet: the intent, the verdict, and its text on one line."""
    taught = {
        (example.intent, example.language, comparable(example.text))
        for example in examples_of(now.files, now.pack.default_language)[0]
    }
    found = []
    for label in trainable(labels):
        intent, text = label.intent or OUT_OF_SCOPE, as_example(label.text)
        if intent == OUT_OF_SCOPE and intent not in now.pack.intents:
            continue  # this pack teaches none of it
        if text and LANGUAGE_CODE.fullmatch(label.language) is not None:
            plain = annotated(text)[0]
            if (intent, label.language, comparable(plain)) not in taught:
                found.append((intent, label, text))
    return found


def _tested(now: Snapshot) -> Iterator[str | None]:
    for name in files_in(now, "tests/", ".jsonl"):
        for row in now.texts[name].split("\n"):
            try:
                data = json.loads(row)
            except ValueError:
                continue
            if isinstance(data, dict):
                yield data.get("intent")
