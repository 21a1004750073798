"""Sentences with their English translation: MASSIVE's locales and Tatoeba's, as they lie in a data folder.

`massive/LOCALE.jsonl.gz` has rows with `id`, `split`, `scenario`, `intent` and `text`, the same `id` being the same
sentence in every locale. `tatoeba_laser/*.jsonl.gz` has rows with `lang` (ISO 639-3), `text` and its English `en`.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from bot.errors import ConfigurationError
from bot.language_codes import language_code
from nlu.training.augmentation import noise
from nlu.training.augmentation.noise import Noise
from nlu.training.augmentation.romanised import Romaniser

ENGLISH = "en-US"


_NOISES: Sequence[tuple[Noise, int]] = (
    (noise.with_typos, 6),
    (noise.without_marks, 2),
    (noise.with_other_spaces, 1),
    (noise.with_emoji, 1),
    (noise.in_other_case, 1),
    (noise.without_punctuation, 1),
)
"""What happens to sentences, and how often it does against the others."""

_ROMANISED = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and its English original, which may be the same."""

    text: str
    language: str
    english: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Locales and scenarios of MASSIVE that take no part, so that the rest can be measured on them."""

    locales: frozenset[str] = frozenset()
    scenarios: frozenset[str] = frozenset()

    @property
    def languages(self) -> frozenset[str]:
        """Their languages, whatever the script; they take no part in any source."""
        return frozenset(_base(locale) for locale in self.locales)


def read_massive(folder: Path, split: str, locales: Collection[str] = ()) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Rows of a split (`train`, `dev`) by locale and id; of all locales, or of those asked for.

    Raises:
        ConfigurationError: the folder has no such files.
    """
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    for file in sorted((folder / "massive").glob("*.jsonl.gz")):
        locale = file.name.removesuffix(".jsonl.gz")
        if not locales or locale in locales:
            rows[locale] = {row["id"]: row for row in read_rows(file) if row["split"] == split}
    if ENGLISH not in rows:
        raise ConfigurationError(f"{folder / 'massive'} has no {ENGLISH}.jsonl.gz")
    return rows


def massive_pairs(folder: Path, each: int, withheld: Withheld, seed: int) -> Iterator[Pair]:
    """Every English sentence of MASSIVE train, with itself and in `each` of the other locales, drawn anew for each."""
    rows = read_massive(folder, "train")
    english = rows.pop(ENGLISH)
    locales = sorted(set(rows) - withheld.locales)
    random = np.random.default_rng(seed)
    for number in sorted(english, key=int):
        original = english[number]
        if original["scenario"] in withheld.scenarios:
            continue
        yield Pair(original["text"], "en", original["text"])
        for locale in random.permutation(len(locales))[:each]:
            row = rows[locales[locale]].get(number)
            if row is not None:
                yield Pair(row["text"], language_code(locales[locale]) or locales[locale], original["text"])


def tatoeba_pairs(folder: Path, each: int, withheld: Withheld, seed: int) -> Iterator[Pair]:
    """At most `each` sentences of every language of Tatoeba, and a third of their English originals with themselves."""
    rows = [row for file in sorted((folder / "tatoeba_laser").glob("*.jsonl.gz")) for row in read_rows(file)]
    taken: Counter[str] = Counter()
    originals: set[str] = set()
    for index in np.random.default_rng(seed).permutation(len(rows)):
        row = rows[index]
        language = language_code(row["lang"]) or row["lang"]
        if taken[row["lang"]] < each and _base(language) not in withheld.languages:
            taken[row["lang"]] += 1
            originals.add(row["en"])
            yield Pair(row["text"], language, row["en"])
    for english in sorted(originals)[::3]:
        yield Pair(english, "en", english)


def noised_pairs(pairs: Sequence[Pair], copies: float, seed: int) -> Iterator[Pair]:
    """More pairs, with the same originals: sentences as people mistype them, and romanised.

    A share `copies` of the sentences is mistyped, of the English ones all: they are the fewest. Of those in languages
    that are also typed in Latin letters, half are.
    """
    random = Random(seed)  # noqa: S311 - no secret
    english = {code: [(p.text, p.english) for p in pairs if p.language == code] for code in ("hi", "ur")}
    romanise = Romaniser(english)
    for pair in pairs:
        if pair.text == pair.english or random.random() < copies:
            (change,) = random.choices(*zip(*_NOISES, strict=True))
            yield replace(pair, text=change(pair.text, pair.language, random))
        if random.random() < _ROMANISED and (latin := romanise(pair.text, pair.language, random)) != pair.text:
            yield replace(pair, text=latin)


def read_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of a gzipped JSON Lines file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def draw_withheld(locales: Sequence[str], scenarios: Sequence[str], *, seed: int = 7) -> Withheld:
    """Eight locales but English and six scenarios, drawn at random."""
    random = np.random.default_rng(seed)
    others = sorted(set(locales) - {ENGLISH})
    return Withheld(
        frozenset(random.choice(others, 8, replace=False).tolist()),
        frozenset(random.choice(sorted(scenarios), 6, replace=False).tolist()),
    )


def _base(code: str) -> str:
    return (language_code(code) or code).split("-")[0]
