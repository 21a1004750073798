"""What a model makes of examples, laid out as columns for the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.understanding import OUT_OF_SCOPE, Entity, Understanding
from nlu.training.dataset import Example
from nlu.understander import Encodes, Interpreter, parse

Names = NDArray[np.str_]
Bools = NDArray[np.bool_]
Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Examples and, in the same order, what a model makes of them.

    `predicted` is the intent that the bot acts on and `confidence` (n,) its probability. `answers` is the intent that
    the bot would answer if it had to, and `sureness` (n,) its confidence, less one where the model refuses: so that
    whatever is refused comes after whatever is not. `risk` (n,) is that of `predicted`, as the model measured it; NaN
    where it did not.
    """

    examples: tuple[Example, ...]
    predicted: Names
    confidence: Figures
    answers: Names
    sureness: Figures
    entities: tuple[tuple[Entity, ...], ...]
    risk: Figures

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def gold(self) -> Names:
        """The right intents, (n,)."""
        return np.array([example.intent for example in self.examples], np.str_)

    @property
    def languages(self) -> Names:
        """The examples' languages, (n,)."""
        return np.array([example.language for example in self.examples], np.str_)

    @property
    def right(self) -> Bools:
        """Whether the prediction is right, (n,); that of out-of-scope counts too."""
        right: Bools = self.gold == self.predicted
        return right

    @property
    def refused(self) -> Bools:
        """Whether the model takes the message for out of scope, (n,)."""
        refused: Bools = self.predicted == OUT_OF_SCOPE
        return refused

    @property
    def outside(self) -> Bools:
        """Whether the message is out of scope, (n,)."""
        outside: Bools = self.gold == OUT_OF_SCOPE
        return outside

    @property
    def wrong_answers(self) -> Bools:
        """Whether the answer would be wrong, (n,); any answer to an out-of-scope message is."""
        wrong: Bools = self.answers != self.gold
        return wrong


def predict(interpreter: Interpreter, encoder: Encodes, examples: Sequence[Example]) -> Predictions:
    """Let a model understand some examples, all in one go."""
    results = parse(interpreter, encoder, [example.text for example in examples])
    answers = [_answer(result) for result in results]
    return Predictions(
        examples=tuple(examples),
        predicted=np.array([predicted_intent(result) for result in results], np.str_),
        confidence=np.array([result.intent.confidence if result.intent else 0.0 for result in results]),
        answers=np.array([name for name, _ in answers], np.str_),
        sureness=np.array([score for _, score in answers]),
        entities=tuple(result.entities for result in results),
        risk=np.array([_risk(result) for result in results]),
    )


def pooled(parts: Iterable[Predictions]) -> Predictions:
    """Some predictions as one."""
    parts = tuple(parts)
    return Predictions(
        examples=tuple(chain.from_iterable(part.examples for part in parts)),
        predicted=np.concatenate([part.predicted for part in parts]),
        confidence=np.concatenate([part.confidence for part in parts]),
        answers=np.concatenate([part.answers for part in parts]),
        sureness=np.concatenate([part.sureness for part in parts]),
        entities=tuple(chain.from_iterable(part.entities for part in parts)),
        risk=np.concatenate([part.risk for part in parts]),
    )


def predicted_intent(result: Understanding) -> str:
    """The intent that the bot acts on."""
    return result.ranking[0].name if result.ranking and result.in_scope else OUT_OF_SCOPE


def _risk(result: Understanding) -> float:
    best = result.intent
    return np.nan if best is None or best.risk is None else best.risk


def _answer(result: Understanding) -> tuple[str, float]:
    """The intent that the bot would answer if it had to, and how sure it is: what it refuses comes last."""
    best = next((ranked for ranked in result.ranking if ranked.name != OUT_OF_SCOPE), result.intent)
    if best is None:  # a blank message
        return OUT_OF_SCOPE, -1.0
    return best.name, best.confidence if result.in_scope else best.confidence - 1
