"""What a version of the model made of the pack's tests, message by message; and two versions side by side. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.ports_studio import Share


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a version made of one test.

    `expected` is the right intent and `intent` the one that the bot would act on, either of which may be out of scope;
    `confidence` is its probability, 0 to 1, and `risk` as in `RankedIntent`.
    """

    text: str
    language: str
    expected: str
    intent: str
    confidence: float
    risk: float | None = None

    @property
    def right(self) -> bool:
        """Whether it is what was expected."""
        return self.intent == self.expected

    @property
    def test(self) -> tuple[str, str, str]:
        """What makes a test the same one."""
        return self.language, self.text, self.expected


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a version made of the pack's tests as they were at a time."""

    at: datetime
    judgements: tuple[Judgement, ...]


class Change(StrEnum):
    """What became of a test from one version to the other."""

    FIXED = "fixed"
    BROKEN = "broken"
    STILL_WRONG = "still_wrong"
    """Wrong with both, each in another way."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What two versions made of the same test."""

    this: Judgement
    other: Judgement

    @property
    def change(self) -> Change | None:
        """What `this` changed; None where both say the same."""
        if self.this.intent == self.other.intent:
            return None
        if self.this.right:
            return Change.FIXED
        return Change.BROKEN if self.other.right else Change.STILL_WRONG


@dataclass(frozen=True, slots=True)
class Tests:
    """Tests that two versions told right, of `n`."""

    __test__ = False  # for pytest, which takes it for a test

    n: int
    this: int
    other: int


@dataclass(frozen=True, slots=True)
class Losses:
    """In what a version is worse than another on the same tests: in all, and where. Never empty in `intents`."""

    total: Tests
    intents: Mapping[str, Tests] = field(default_factory=dict)
    languages: Mapping[str, Tests] = field(default_factory=dict)

    def __str__(self) -> str:
        intents = ", ".join(f"{name} ({t.other} to {t.this} of {t.n})" for name, t in self.intents.items())
        return (
            f"it tells {self.total.this} of {self.total.n} tests right instead of {self.total.other}; worse: {intents}"
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure of two versions, their difference, and the middle 95 % of the differences over resampled tests."""

    this: float
    other: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions by a paired bootstrap over the same tests; `p_value` is McNemar's.

    `verdict` is `better` or `worse` if the whole interval of the accuracy lies on one side of zero, else `unclear`.
    """

    accuracy: Interval
    macro_f1: Interval
    p_value: float
    verdict: str
    by_language: Mapping[str, Interval] = field(default_factory=dict)


def paired(this: Measurement, other: Measurement) -> tuple[Pair, ...]:
    """The tests that both were measured on, in the order of `this`."""
    others = {judgement.test: judgement for judgement in other.judgements}
    return tuple(Pair(mine, others[mine.test]) for mine in this.judgements if mine.test in others)


def counted(pairs: Sequence[Pair], keys: Iterable[str]) -> dict[str, Tests]:
    """How many are right under each of their `keys`, which are in the order of the pairs."""
    n: Counter[str] = Counter()
    this: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for pair, key in zip(pairs, keys, strict=True):
        n[key] += 1
        this[key] += pair.this.right
        other[key] += pair.other.right
    return {key: Tests(n[key], this[key], other[key]) for key in sorted(n)}


def by_intent(pairs: Sequence[Pair]) -> dict[str, Tests]:
    """By the intent that was expected."""
    return counted(pairs, [pair.this.expected for pair in pairs])


def by_language(pairs: Sequence[Pair]) -> dict[str, Tests]:
    """By language."""
    return counted(pairs, [pair.this.language for pair in pairs])


def losses(pairs: Sequence[Pair]) -> Losses | None:
    """In what `this` is worse than the other on the same tests; None if it tells no fewer of them right."""
    total = Tests(len(pairs), sum(pair.this.right for pair in pairs), sum(pair.other.right for pair in pairs))
    if total.this >= total.other:
        return None
    return Losses(total, _worse(by_intent(pairs)), _worse(by_language(pairs)))


def share_of(measurement: Measurement) -> Share:
    """How many of its tests were told right."""
    return Share(len(measurement.judgements), sum(judgement.right for judgement in measurement.judgements))


def _worse(tests: Mapping[str, Tests]) -> dict[str, Tests]:
    return {key: one for key, one in tests.items() if one.this < one.other}
