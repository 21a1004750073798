"""What the text of a message says about its language: two fastText models, each where it knows more.

lid.176 knows 176 languages from encyclopaedias and sentences; the chat model, trained by `nlu.training.language`, knows
those that customers write most, and how they write: a few words, without capitals, accents and punctuation, some of
them in Latin letters that are not their own.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import fasttext
import regex
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ModelError
from bot.language_codes import language_code
from nlu.scripts import TOLD_BY_SCRIPT
from nlu.weights.manifest import sha256

CHAT_MODEL = Path(__file__).parent / "data" / "chat_languages.ftz"
"""The chat model that Babeldesk comes with."""

_ARABIZI = r"(?:[A-Za-z'’]*[2356789][A-Za-z'’]+)+[2356789]?|[A-Za-z'’]{2,}[2356789]"
_NOISE = regex.compile(
    r"(?<=\()ツ(?=\))|ಠ\S{0,3}ಠ|https?://\S+|\S+@\S+\.\S+|[@#]\w+"
    rf"|(?<![\w-])(?!(?:{_ARABIZI})(?![\w-]))[A-Za-z_-]*\d[A-Za-z0-9_-]*"
    r"|(?<![\p{L}'’])(?:\p{Lu}\p{Ll}+\p{Lu}\p{L}*|[ei]\p{Lu}\p{Ll}+)(?![\p{L}'’])"
    r"|[^\p{L}\p{M}0-9'’\s-]+|(?<![A-Za-z'’0-9])[0-9]+(?![A-Za-z'’0-9])"
)
"""What has no language: faces, addresses, mentions, numbers, codes with digits, brands like `eBay`, emoji, punctuation.

A single digit within a word is a letter to those who type Arabic in Latin letters: `3ayez`, `7abibi`, `ma3`.
"""

_THIRD_TONE = regex.compile("[ǎǐǒǔǚ]")
_TONE = regex.compile(r"[\u0300\u0301\u0304\u030c]")

CHAT_TRUST, GENERAL_TRUST = 1.0, 0.3
"""Exponents of the two models' likelihoods: what each adds to the other.

Chosen, like the three below, on sentences of MASSIVE and tatoeba kept from a training for it (decision 4).
"""

SHARE_TRUST = 0.25
"""Exponent of a label's share of the training lines, by which its probability is divided.

At 1, languages with few lines would be as likely as English before a word is read, and take its short messages; at 0,
theirs would go to the large ones.
"""

RARE = 0.25
"""What a language that only lid.176 knows is multiplied by: customers write in one of the others most often."""

ROMANISED = "-Latn"
"""How the chat model's labels end for languages in Latin letters that are not their own."""

UNSEEN = 1e-3
"""The probability given to a language that a model rules out: it is often too sure."""


class Card(BaseModel):
    """`chat_languages.json`, beside the chat model: what it was made with, and the checksum of the file."""

    model_config = ConfigDict(frozen=True)

    format: int = 1
    sha256: str
    seed: int
    settings: Mapping[str, int | float | str]
    data_sha256: str
    lines: Mapping[str, int]


def letters_of(text: str) -> str:
    """The words of a message, without what has no language."""
    return " ".join(_NOISE.sub(" ", text).split())


class LanguageModels:
    """Both models, open; thread-safe."""

    def __init__(self, general: Path, chat: Path = CHAT_MODEL) -> None:
        """Open lid.176, or a model with labels like its, and the chat model with its card.

        Raises:
            ModelError: a file is missing, damaged, or no fastText model.
        """
        _check(chat)
        self._general: Any = _open(general)
        self._chat: Any = _open(chat)
        labels, lines = self._chat.get_labels(include_freq=True)
        self._codes = {label: _code(label) or "" for label in labels}
        # Relative to equal shares, so that a probability stays about what it was.
        mean = int(sum(lines)) / len(labels)
        self._weights = {label: (mean / int(count)) ** SHARE_TRUST for label, count in zip(labels, lines, strict=True)}
        self.chat_languages = tuple(sorted(set(self._codes.values())))

    def likelihood(self, letters: str, possible: AbstractSet[str] | None = None) -> dict[str, float]:
        """How likely each language makes the text, relative to the others; both Chinese scripts are `zh`.

        Of the languages that the chat model does not know, lid.176 speaks alone, and it alone says how likely the text
        is in one of them, less what `RARE` takes. Among the others, both speak, each with its trust as an exponent (a
        product of experts). `possible` are the languages that its script leaves, if it tells; where they need no model
        but Chinese and Japanese each other's, the chat model, which never read their scripts, is not asked.
        """
        general = self._general_probabilities(letters)
        if possible is not None and not possible.isdisjoint(TOLD_BY_SCRIPT):
            return general
        chat, romanised = self._chat_probabilities(letters)
        known = max(sum(general.get(code, 0.0) for code in self.chat_languages), UNSEEN)
        mixed = {
            code: (chat[code] + UNSEEN) ** CHAT_TRUST * (general.get(code, 0.0) + UNSEEN) ** GENERAL_TRUST
            for code in self.chat_languages
        }
        scale = known / sum(mixed.values())
        # What is romanised, lid.176 has never read, and takes for anything.
        rare = RARE * (1 - romanised)
        found = {code: rare * each for code, each in general.items()}
        found.update((code, each * scale) for code, each in mixed.items())
        total = sum(found.values())
        return {code: each / total for code, each in found.items()}

    def _general_probabilities(self, letters: str) -> dict[str, float]:
        found: dict[str, float] = {}
        # Capitals mislead a model that was trained on ordinary sentences.
        for label, probability in _predict(self._general, letters.lower() if letters.isupper() else letters, 20):
            code = _code(label)
            if code is not None:
                found[code] = found.get(code, 0.0) + probability
        return found

    def _chat_probabilities(self, letters: str) -> tuple[dict[str, float], float]:
        """Those of the languages, and that of the text being romanised."""
        found = dict.fromkeys(self.chat_languages, 0.0)
        romanised = 0.0
        for label, probability in _predict(self._chat, without_tones(chat_form(letters)), 20):
            # By Bayes' rule: what was often in the training data is not that much likelier with customers.
            weighted = probability * self._weights[label]
            found[self._codes[label]] += weighted
            romanised += weighted * label.endswith(ROMANISED)
        total = sum(found.values()) or 1.0
        return {code: each / total for code, each in found.items()}, romanised / total


def chat_form(letters: str) -> str:
    """The words of a message as the chat model reads them."""
    return " ".join(unicodedata.normalize("NFKC", letters).lower().replace("’", "'").split())


def without_tones(text: str) -> str:
    """Pinyin as it is typed, `nǐ hǎo` → `ni hao`; nothing else has a caron on its vowels, but for Czech `ě`."""
    if _THIRD_TONE.search(text) is None:
        return text
    return unicodedata.normalize("NFC", _TONE.sub("", unicodedata.normalize("NFD", text)))


def _check(chat: Path) -> None:
    card = chat.with_suffix(".json")
    try:
        expected = Card.model_validate_json(card.read_bytes()).sha256
        found = sha256(chat)
    except OSError as error:
        raise ModelError(f"{chat} cannot be opened: {error}") from error
    except ValidationError as error:
        raise ModelError(f"{card} is no description of a language model: {error}") from error
    if found != expected:
        # fastText itself reads on past the end of a file that was cut.
        raise ModelError(f"{chat} cannot be opened: it is damaged, its sha256 is not the one in {card.name}")


def _open(model: Path) -> Any:
    try:
        return fasttext.load_model(str(model))
    except (ValueError, RuntimeError, OSError) as error:
        raise ModelError(f"{model} cannot be opened: {error}") from error


def _predict(model: Any, text: str, count: int) -> list[tuple[str, float]]:
    labels, probabilities = model.predict(text, k=count)
    return [(label, min(float(each), 1.0)) for label, each in zip(labels, probabilities, strict=True)]


def _code(label: str) -> str | None:
    code = language_code(label.removeprefix("__label__"))
    return "zh" if code is not None and code.startswith("zh") else code
