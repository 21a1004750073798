"""Entities of MASSIVE (55 slots) told from annotated examples: the trained tagger beside a list of what was annotated.

    python -m benchmarks.nlu.slots DATA_FOLDER [--english N] [--each N] [--tests N]

Trained on up to 4,000 English sentences of the train split, then on 500 of each locale; tested on 300 sentences of
the dev split in each locale, the same ones. A slot is right if its kind and both offsets are (micro F1, %). The peer is
what the same annotations give without training: the list of the values seen, matched with case, width and slips of the
pen forgiven, the longest first. Both together: where they overlap, either the list wins or the tagger. What is served
is the tagger, with the list's values for what it finds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import regex

from bot.settings import read_settings
from bot.understanding import Entity
from nlu.encoder import Encoded, Encoder
from nlu.entities import EntityFinder, resolve_overlaps
from nlu.training.dataset import Example
from nlu.training.declarations import Declarations
from nlu.training.tagging import fit_tagger, taught_entities
from nlu.weights.store import locate

LOCALES = ("en-US", "de-DE", "es-ES", "zh-CN", "ja-JP", "ar-SA", "hi-IN", "tr-TR")
UNSPACED = ("zh-CN", "ja-JP")
ENGLISH = "en-US"
ENGLISH_TRAINING, TRAINING, TESTS = 4000, 500, 300
SYSTEMS = ("list", "tagger", "list, then tagger", "tagger, then list", "served")

Read = Callable[[Sequence[str]], Sequence[Encoded]]
Scores = dict[str, dict[str, float]]

_BESIDE = regex.compile(r" (?=\[)|(?<=\]) ")
_SLOT = regex.compile(r"\[([^\[\]:]+) : ([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Data:
    """Sentences by locale, in a drawn order; the tests are the same sentences in every locale."""

    train: Mapping[str, Sequence[Example]]
    tests: Mapping[str, Sequence[Example]]


def read(folder: Path, english: int, each: int, tests: int) -> Data:
    """Read what is needed of MASSIVE: so many sentences to train on, in English and in each locale, and to test on."""
    files = {locale: folder / "massive" / f"{locale}.jsonl.gz" for locale in LOCALES}
    rows = {locale: list(_rows(file)) for locale, file in files.items()}
    dev = [{n: example for n, split, example in found if split == "dev"} for found in rows.values()]
    common = sorted(set.intersection(*map(set, dev)), key=int)
    chosen = [common[i] for i in np.random.default_rng(1).permutation(len(common))[:tests]]
    train = {}
    for locale, found in rows.items():
        examples = [example for _, split, example in found if split == "train"]
        order = np.random.default_rng(2).permutation(len(examples))
        train[locale] = [examples[i] for i in order[: english if locale == ENGLISH else each]]
    return Data(train, {locale: [of[n] for n in chosen] for locale, of in zip(LOCALES, dev, strict=True)})


def _rows(file: Path) -> Iterator[tuple[str, str, Example]]:
    """Number, split and sentence of each row whose annotation agrees with its text."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line, content in enumerate(lines, 1):
            row = json.loads(content)
            text, entities = parse_annotated(row["annotated"], spaced=file.name[:5] not in UNSPACED)
            if text == row["text"]:
                yield (
                    row["id"],
                    row["split"],
                    Example(text, row["intent"], row.get("lang", file.name[:2]), file, line, entities),
                )


def parse_annotated(annotated: str, *, spaced: bool = True) -> tuple[str, tuple[Entity, ...]]:
    """The text of MASSIVE's `wake me at [time : nine]`, and its slots, `spaced` if the spaces beside them are text."""
    text, entities, done = "", [], 0
    if not spaced:
        annotated = _BESIDE.sub("", annotated)
    for slot in _SLOT.finditer(annotated):
        text += annotated[done : slot.start()]
        name, value = slot.group(1).strip(), slot.group(2)
        entities.append(Entity(name, len(text), len(text) + len(value), value))
        text += value
        done = slot.end()
    return text + annotated[done:], tuple(entities)


def measure(train: Sequence[Example], tests: Mapping[str, Sequence[Example]], encode: Read) -> Scores:
    """Slot F1 by system and locale, in percent."""
    declared, _ = Declarations().build(train)
    listed = EntityFinder(declared)
    encoded = encode([example.text for example in train])
    began = time.perf_counter()
    tagger = fit_tagger(train, encoded, taught_entities(train, declared))
    serving = EntityFinder(declared, taught=tagger.entities)
    print(f"fitted on {len(train)} sentences in {time.perf_counter() - began:.0f} s", flush=True)
    scores: Scores = {name: {} for name in SYSTEMS}
    for locale, examples in tests.items():
        reading = encode([example.text for example in examples])
        by_list: list[Sequence[Entity]] = [listed.find(example.text, example.language) for example in examples]
        by_tagger: list[Sequence[Entity]] = [
            tagger.find(example.text, own) for example, own in zip(examples, reading, strict=True)
        ]
        pairs = list(zip(by_list, by_tagger, strict=True))
        found: dict[str, list[Sequence[Entity]]] = {
            "list": by_list,
            "tagger": by_tagger,
            "list, then tagger": [resolve_overlaps(first, second) for first, second in pairs],
            "tagger, then list": [resolve_overlaps(second, first) for first, second in pairs],
            "served": [
                serving.find(example.text, example.language, also=tagged)
                for example, tagged in zip(examples, by_tagger, strict=True)
            ],
        }
        for name, entities in found.items():
            scores[name][locale] = f1([example.entities for example in examples], entities)
    return scores


def f1(gold: Sequence[Sequence[Entity]], found: Sequence[Sequence[Entity]]) -> float:
    """Micro F1 of all slots, in percent; kinds that no test annotates count as wrong."""
    hits = asked = said = 0
    for one, other in zip(gold, found, strict=True):
        wanted, got = ({(e.entity, e.start, e.end) for e in entities} for entities in (one, other))
        hits, asked, said = hits + len(wanted & got), asked + len(wanted), said + len(got)
    return 200 * hits / (asked + said) if asked + said else 0.0


def print_scores(title: str, scores: Scores) -> None:
    print(f"\n{title}")
    print(f"{'':20}" + "".join(f"{locale:>8}" for locale in LOCALES) + f"{'mean':>8}")
    for name, row in scores.items():
        values = [row[locale] for locale in LOCALES]
        print(f"{name:20}" + "".join(f"{value:8.1f}" for value in (*values, float(np.mean(values)))), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that holds massive/")
    parser.add_argument("--english", type=int, default=ENGLISH_TRAINING, help="English sentences to train on")
    parser.add_argument("--each", type=int, default=TRAINING, help="sentences of each locale to train on")
    parser.add_argument("--tests", type=int, default=TESTS, help="sentences of each locale to test on")
    arguments = parser.parse_args()
    settings = read_settings()
    encoder = Encoder.open(locate(settings.data_dir, source=settings.encoder).encoder, threads=settings.threads)
    run(read(arguments.data, arguments.english, arguments.each, arguments.tests), encoder.read, arguments.each)


def run(data: Data, encode: Read, each: int = TRAINING) -> None:
    """Train, test and print."""
    known: dict[str, Encoded] = {}

    def remembering(texts: Sequence[str]) -> list[Encoded]:
        missing = sorted({text for text in texts if text not in known}, key=len)
        known.update(zip(missing, encode(missing), strict=True))
        return [known[text] for text in texts]

    print_scores("trained on English", measure(data.train[ENGLISH], data.tests, remembering))
    everything = [example for locale in LOCALES for example in data.train[locale][:each]]
    print_scores("trained on all of these", measure(everything, data.tests, remembering))


if __name__ == "__main__":
    main()
