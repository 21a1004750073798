"""Which language a message is in: the opinion of two fastText models, weighed against what was known before it.

By Bayes' rule: the posterior of a language is proportional to its prior times the likelihood of the text. The prior
mixes what the conversation has spoken, the platform's locale and the languages that the bot can answer in. A text
speaks louder the more letters it has, so that "ok" or a number changes nothing and a sentence is followed at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.language_codes import SIMPLIFIED, TRADITIONAL, language_code
from bot.understanding import Hints, LanguageGuess
from nlu.language_models import CHAT_MODEL, LanguageModels, letters_of
from nlu.language_requests import LanguageRequests
from nlu.lexicon import OTHER, Lexicon
from nlu.scripts import candidates, chinese_script, scripts_of

ENOUGH_LETTERS = 8.0
"""Letters from which a text speaks with its full weight."""

DENSE = frozenset({"Han", "Hiragana", "Katakana", "Hangul", "Thai", "Khmer", "Lao", "Myanmar"})
DENSITY = 3.0
"""A character of these scripts says about as much as three Latin letters."""

FLOOR = 0.0005
"""The likelihood of languages that the models rule out: they are often too sure."""

UNKNOWN = 0.012
"""What they are unsure of may be names, mistakes or the cat on the keyboard, in the language of the conversation.

Its likelihood is this share of what they leave to be doubted.
"""

NAME = 0.75
"""What a message that looks like a name counts for: "Nike Air Max" is in the language of what is around it."""

PHRASE = 0.9
"""The likelihood of the language in whose training data the very message stands."""

UNSURE = 0.25
"""A best guess with a smaller probability is none: the conversation's language stays, or the platform's hint holds."""

# The prior's parts; what is left goes to all languages alike.
SPOKEN, ANSWERED = 0.55, 0.35
LOCALE_AT_FIRST, ANSWERED_AT_FIRST = 0.25, 0.60
DEFAULT = 0.002
"""What the pack's default language gets: enough to be it when a message says nothing, too little to colour one."""
LANGUAGES = 176


class LanguageIdentifier:
    """Identifies languages; thread-safe."""

    def __init__(
        self, model: Path, answered: Sequence[str], lexicon: Lexicon | None = None, *, chat: Path = CHAT_MODEL
    ) -> None:
        """Open lid.176 and the chat model; `answered` are the languages that the bot has replies for.

        `lexicon` has the words that the bot was taught.

        Raises:
            ModelError: a file is missing, damaged, or no fastText model.
        """
        self._models = LanguageModels(model, chat)
        self._answered = tuple(dict.fromkeys(_base(language_code(code) or code) for code in answered))
        self._requests = LanguageRequests(answered)
        self._lexicon = lexicon or Lexicon({})

    def identify(self, text: str, hints: Hints) -> LanguageGuess:
        """The likeliest language and its probability; a language pinned by hand is certain."""
        if hints.pinned is not None:
            return LanguageGuess(hints.pinned, 1.0)
        letters = letters_of(text)
        counts = scripts_of(letters)
        prior = self._prior(hints)
        possible = candidates(counts)
        phrase = self._lexicon.phrase(text)
        words = {} if phrase else self._lexicon.evidence(letters)
        weight = 1.0 if phrase else self._weight(counts)
        if not phrase and _is_name(letters):
            weight *= NAME
        if weight == 0:
            best = max(prior, key=lambda code: prior[code])
            return LanguageGuess(self._with_script(best, text, hints), 0.5)
        likelihood = {_base(phrase): PHRASE} if phrase else self._models.likelihood(letters, possible)
        pool = possible or {*likelihood, *prior}
        doubt = FLOOR + UNKNOWN * max(0.0, 1.0 - max(likelihood.values(), default=0.0))
        least = {_base(code): doubt for code in hints.spoken}
        scores = {
            code: math.log(prior.get(code, _rest(prior)))
            + weight * math.log(max(likelihood.get(code, 0.0), least.get(code, FLOOR)))
            + words.get(code, words.get(OTHER, 0.0))
            for code in pool
        }
        if possible == frozenset({"zh", "ja"}) and _base(_mostly(hints) or "") != "ja":
            # Without kana it is Chinese, unless the conversation has been Japanese.
            scores = {"zh": scores["zh"]}
        highest = max(scores.values())
        total = sum(math.exp(score - highest) for score in scores.values())
        best = max(sorted(scores), key=lambda code: scores[code])
        known = _base(_mostly(hints) or language_code(hints.locale or "") or hints.default)
        if 1 / total < UNSURE and known in scores:
            return LanguageGuess(self._with_script(known, text, hints), math.exp(scores[known] - highest) / total)
        return LanguageGuess(self._with_script(best, text, hints), 1 / total)

    def requested(self, text: str) -> str | None:
        """The language that a message asks for, if it does little else."""
        return self._requests.find(text, chinese_script(text) == TRADITIONAL)

    def code_of(self, text: str) -> str:
        """The language of a text of which nothing else is known."""
        return self.identify(text, Hints()).code

    def _prior(self, hints: Hints) -> dict[str, float]:
        prior: dict[str, float] = {}

        def add(code: str | None, share: float) -> None:
            known = language_code(code) if code else None
            if known is not None:
                prior[_base(known)] = prior.get(_base(known), 0.0) + share

        total = sum(hints.spoken.values())
        if total > 0:
            for code, spoken in hints.spoken.items():
                add(code, SPOKEN * spoken / total)
            add(hints.locale, 1 - SPOKEN - ANSWERED - 0.05)
            answered = ANSWERED
        else:
            add(hints.locale, LOCALE_AT_FIRST)
            add(hints.default, DEFAULT)
            answered = ANSWERED_AT_FIRST
        for code in self._answered:
            prior[code] = prior.get(code, 0.0) + answered / len(self._answered)
        return prior

    @staticmethod
    def _weight(counts: Mapping[str, int]) -> float:
        letters = sum(count * (DENSITY if script in DENSE else 1.0) for script, count in counts.items())
        return min(1.0, letters / ENOUGH_LETTERS)

    @staticmethod
    def _with_script(code: str, text: str, hints: Hints) -> str:
        if code != "zh":
            return code
        known = [c for c in (_mostly(hints), language_code(hints.locale or "")) if c in {SIMPLIFIED, TRADITIONAL}]
        return chinese_script(text, otherwise=str(known[0]) if known else SIMPLIFIED)


def _base(code: str) -> str:
    return "zh" if code.startswith("zh") else code


def _is_name(letters: str) -> bool:
    words = letters.split()
    return len(words) > 1 and not letters.isupper() and all(word[0].isupper() for word in words)


def _rest(prior: Mapping[str, float]) -> float:
    return max(1.0 - sum(prior.values()), 0.02) / LANGUAGES


def _mostly(hints: Hints) -> str | None:
    return max(hints.spoken, key=lambda code: hints.spoken[code]) if hints.spoken else None
