"""Checks a pack's examples and tests against what the pack declares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.errors import ConfigurationError, PackError
from bot.pack import Pack
from bot.pack_files import FolderFiles
from bot.understanding import OUT_OF_SCOPE
from bot.yamlsource import Finding
from nlu.pack_checks import wrong_entities
from nlu.text import comparable
from nlu.training.dataset import Example, read_dataset, read_examples


def check_examples(pack: Pack, *, complete: bool = True) -> int:
    """Check everything that training would trip over; the number of examples.

    Unless the pack must be `complete`, an intent may have too few examples, and the tests are not looked at.

    Raises:
        PackError: its message lists every finding, a line each: file, line, reason.
    """
    if not pack.examples:
        raise PackError(f"{pack.folder / 'nlu'}: there are no examples; add a file for a language, such as nlu/en.yml")
    try:
        examples = read_dataset(pack.examples, lambda _: pack.default_language).examples
        tests = read_examples(pack.tests, lambda _: pack.default_language) if pack.tests and complete else ()
    except PackError:
        raise
    except ConfigurationError as error:
        raise PackError(str(error)) from None
    findings = [
        *wrong_entities(pack, FolderFiles(pack.folder)),
        *_unknown(pack, (*examples, *tests)),
        *(_untaught(pack, examples) if complete else ()),
        *_leaked(examples, tests),
    ]
    if findings:
        raise PackError("\n".join(map(str, findings)))
    return len(examples)


def _unknown(pack: Pack, examples: Iterable[Example]) -> Iterator[Finding]:
    for example in examples:
        if example.intent not in pack.intents and example.intent != OUT_OF_SCOPE:
            yield Finding(example.file, example.line, f"intents.yml has no intent {example.intent!r}")
        for entity in example.entities:
            if entity.entity not in pack.entities:
                yield Finding(example.file, example.line, f"entities.yml has no entity {entity.entity!r}")


def _untaught(pack: Pack, examples: Iterable[Example]) -> Iterator[Finding]:
    counts = Counter(example.intent for example in examples)
    for intent in pack.intents:
        if counts[intent] < 2:  # noqa: PLR2004 - one to learn from, one to test with
            count = counts[intent] or "no"
            yield Finding(pack.folder / "nlu", 0, f"intent {intent!r} has {count} examples; it needs two")


def _leaked(examples: Iterable[Example], tests: Iterable[Example]) -> Iterator[Finding]:
    """A test that was trained on measures nothing."""
    trained = {(example.language, comparable(example.text)): example for example in examples}
    for test in tests:
        twin = trained.get((test.language, comparable(test.text)))
        if twin is not None:
            yield Finding(test.file, test.line, f"{test.text!r} is a training example too ({twin})")
