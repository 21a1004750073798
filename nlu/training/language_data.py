"""Sentences of many languages for the chat-language model, and the forms in which customers would type them."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from random import Random
from typing import Any

import regex

from bot.errors import ConfigurationError
from bot.language_codes import SIMPLIFIED, TRADITIONAL, language_code
from bot.yamlsource import Finding
from nlu.language_models import chat_form, letters_of
from nlu.scripts import TOLD_BY_SCRIPT, candidates, scripts_of
from nlu.training.arabizi import romanise_arabic
from nlu.training.augmentation.romanised import read_typed
from nlu.training.romanise import (
    Spellings,
    devanagari,
    plain_urdu,
    romanise_chinese,
    romanise_hindi,
    romanise_urdu,
)

LEFT_OUT = frozenset("ang ia ie io la lfn nov orv".split())
"""Constructed and dead languages: among the living, they would only be mistaken for Italian and Spanish."""

ENOUGH = 150
"""Sentences below which a language is left to lid.176."""

LINES = 9_000
"""Training lines that a language gets from each collection at least, but for `MOST_FORMS`.

So small languages are learnt as well, and small collections: else what is common in one would speak for the languages
that only it has (Dutch "ik weet" for Low German, whose sentences are all of the collection that says so).
"""

MOST_FORMS = 8
"""Forms of one sentence at most."""

UNACCENTED = 0.25
"""Lines without accents."""

_ACCENT = regex.compile(r"(?<=\p{Latin}\p{Mn}*)\p{Mn}")
_PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
    | {"Ø": "O", "Æ": "Ae", "Œ": "Oe", "Đ": "D", "Ð": "D", "Þ": "Th", "Ł": "L"}
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, its language by our code, the collection it is from, and its number there if it is translated."""

    code: str
    text: str
    source: str
    key: str = ""


def half(text: str) -> int:
    """0 or 1, by a hash of the text: two halves of a collection that stay the same whatever is added to it."""
    return blake2b(text.encode(), digest_size=8).digest()[0] % 2


def held_out(sentence: Sentence) -> bool:
    """Whether a sentence is kept from a model that is to be measured: a domain as a whole, and half of another."""
    return sentence.source == "ms_chitchat" or (sentence.source == "tatoeba" and half(sentence.text) == 1)


def read_sentences(folder: Path) -> Iterator[Sentence]:
    """All sentences of `massive/` (its `train` split), `tatoeba_laser/` and `ms_chitchat/` below a folder.

    Raises:
        ConfigurationError: a file is missing or cannot be read; the message names file, line and reason.
    """
    for code, row in _rows(folder, "massive/*.jsonl.gz"):
        if row.get("split") == "train":
            yield Sentence(code, row["text"], "massive", str(row.get("id", "")))
    for _, row in _rows(folder, "tatoeba_laser/*.jsonl.gz"):
        code = language_code(str(row.get("lang"))) or ""
        yield Sentence(code, row["text"], "tatoeba")
        if half(row["text"]) == 0 and isinstance(row.get("en"), str):
            yield Sentence("en", row["en"], "tatoeba")
    for code, row in _rows(folder, "ms_chitchat/*.questions.jsonl.gz"):
        yield Sentence(code, row["text"], "ms_chitchat")


def _rows(folder: Path, pattern: str) -> Iterator[tuple[str, dict[str, Any]]]:
    files = sorted(folder.glob(pattern))
    if not files:
        raise ConfigurationError(f"{folder} has no {pattern}")
    for file in files:
        number = 0
        try:
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                for number, line in enumerate(lines, 1):
                    row = json.loads(line)
                    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                        raise ConfigurationError(str(Finding(file, number, "has no 'text'")))
                    yield language_code(file.name.split(".", 1)[0]) or "", row
        except (OSError, EOFError, ValueError) as error:
            raise ConfigurationError(str(Finding(file, number, f"cannot be read: {error}"))) from error


def training_lines(sentences: Iterable[Sentence], seed: int) -> dict[str, list[str]]:
    """Lines by label, in the chat model's form; the same sentences and seed give the same lines.

    Left out is what the script alone tells. Labels are our codes, with `-Latn` for what is romanised.
    """
    random = Random(seed)  # noqa: S311 - no secret
    by_label: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    kept = [s for s in dict.fromkeys(sentences) if s.code and s.code not in LEFT_OUT]
    for sentence in kept:
        if sentence.code in TOLD_BY_SCRIPT:
            continue
        possible = candidates(scripts_of(sentence.text))
        if possible is None or sentence.code in possible:
            by_label[sentence.code][sentence.source].append(sentence.text)
    for label, text in _romanised(kept, random):
        by_label[label]["romanised"].append(text)
    return {
        label: [line for texts in collections.values() for line in _forms(texts, random)]
        for label, collections in sorted(by_label.items())
        if sum(map(len, collections.values())) >= ENOUGH
    }


def _forms(texts: Iterable[str], random: Random) -> Iterator[str]:
    forms = [chat_form(letters_of(text)) for text in texts]
    copies = min(MOST_FORMS, max(2, round(LINES / len(forms))))
    for form in forms:
        for copy in range(copies):
            # The first as it is, the others as whole words from its beginning, or from anywhere.
            line = form if copy == 0 else fragment(form, random)
            line = without_accents(line) if random.random() < UNACCENTED else line
            if line:
                yield line


def fragment(text: str, random: Random) -> str:
    """One to five words of a text, from its beginning as often as not."""
    words = text.split()
    length = random.randint(1, 5)
    begin = 0 if random.random() < 0.5 else random.randint(0, max(0, len(words) - length))  # noqa: PLR2004
    return " ".join(words[begin : begin + length])


def without_accents(text: str) -> str:
    """Latin letters as typed on a keyboard without accents: `où` → `ou`, `żółty` → `zolty`, `straße` → `strasse`."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFD", text.translate(_PLAIN)))
    return unicodedata.normalize("NFC", plain)


def _romanised(sentences: Iterable[Sentence], random: Random) -> Iterator[tuple[str, str]]:
    typed = read_typed()
    by_code: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in sentences:
        by_code[sentence.code].append(Sentence(sentence.code, letters_of(sentence.text), sentence.source, sentence.key))
    plain = Random(0)  # noqa: S311 - its spellings are only compared
    translated = {code: {s.key: s.text.split() for s in by_code[code] if s.key} for code in ("en", "hi", "ur")}
    hindi = {key: [(word, devanagari(word, plain)) for word in words] for key, words in translated["hi"].items()}
    urdu = {key: [(word, plain_urdu(word)) for word in words] for key, words in translated["ur"].items()}
    english_in_hindi = Spellings((words, translated["en"].get(key, ())) for key, words in hindi.items())
    english_in_urdu = Spellings((words, translated["en"].get(key, ())) for key, words in urdu.items())
    hindi_in_urdu = Spellings(
        ((words, [spelt for _, spelt in hindi.get(key, ())]) for key, words in urdu.items()), matching=2
    )
    for sentence in by_code["hi"]:
        yield "hi-Latn", romanise_hindi(sentence.text, typed["hi"], english_in_hindi, random)
    # Much of what is typed in either is the same; where nothing else tells, there are more who type Hindi.
    for sentence in by_code["ur"][::2]:
        yield "ur-Latn", romanise_urdu(sentence.text, typed["ur"], hindi_in_urdu, english_in_urdu, random)
    for sentence in by_code["ar"]:
        yield "ar-Latn", romanise_arabic(sentence.text, typed["ar"], random)
    for code in (SIMPLIFIED, TRADITIONAL):
        for sentence in by_code[code][:: 1 if code == SIMPLIFIED else 4]:
            yield "zh-Latn", romanise_chinese(sentence.text, random)
