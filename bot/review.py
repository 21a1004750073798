"""What the bot was unsure of, for people to say what was meant: values, ports, what can be said of a group. Pure."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, Protocol

from bot.decision import Reason
from bot.outcomes import FAILED, TO_BOT, Outcome
from bot.understanding import OUT_OF_SCOPE, RankedIntent

DOUBTFUL = FAILED
"""The outcomes that are looked at again."""

DOUBTFUL_REASONS = (Reason.LOW_CONFIDENCE, Reason.FLOW_STUCK, Reason.UPSET, Reason.ERROR)
"""Of what was handed over, what the bot should have answered. Who asks for a person, or has a sensitive matter, was
understood."""

RATED: Final = "rated"
"""Why a message is looked at again that the bot took for understood, in a talk that the customer rated badly."""

BAD = 2
"""The best score of those that are bad, of 5."""

RATED_OUTCOMES = TO_BOT
"""Of what was said before a bad rating, the outcomes that are looked at again; answers to a flow's question are not."""

TALK_ENDS: Final = timedelta(days=1)
"""A rating is about what was said since the rating before it, and since the last silence as long as this."""

_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A customer's message to look at again, why, and the model's ranking at that time.

    `why` is the outcome if the bot did not answer by itself, and `rated` if it did, before a bad rating.
    """

    message: str
    conversation: str
    at: datetime
    language: str
    text: str
    why: Outcome | Literal["rated"]
    ranking: tuple[RankedIntent, ...] = ()


class Verdict(StrEnum):
    """What a person made of a message."""

    INTENT = "intent"
    OUT_OF_SCOPE = "out_of_scope"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Label:
    """A person's verdict on a message; `act` is the same for all that were decided, and can be undone, in one go."""

    act: str
    message: str
    text: str
    language: str
    verdict: Verdict
    user: str
    user_name: str
    at: datetime
    intent: str | None = None


def failed(outcome: Outcome, reason: str | None) -> bool:
    """Whether a turn is looked at again for its outcome, and the reason of its handoff if there was one."""
    return outcome in DOUBTFUL and (reason is None or reason in DOUBTFUL_REASONS)


class Review(Protocol):
    """Doubts and the verdicts on them."""

    async def doubts(self, limit: int, language: str | None = None, channel: str | None = None) -> Sequence[Doubt]:
        """Those without a verdict, latest first."""
        ...

    async def count(self) -> int:
        """How many are without a verdict."""
        ...

    async def find(self, messages: Sequence[str]) -> Sequence[Doubt]:
        """Customers' messages by id, doubtful or not, in the order asked; unknown ones are left out.

        `why` is the outcome of each.
        """
        ...

    async def decide(self, labels: Sequence[Label]) -> None:
        """Store verdicts.

        Raises:
            Conflict: one of the messages has a verdict already; nothing may be stored then.
        """
        ...

    async def undo(self, act: str) -> int:
        """Take back what was decided in one go; how many verdicts that were."""
        ...

    async def labels(self, limit: int | None = None) -> Sequence[Label]:
        """All verdicts, latest first."""
        ...


class Similar(Protocol):
    """Tells which messages mean about the same."""

    async def groups(self, texts: Sequence[str], languages: Sequence[str]) -> Sequence[Sequence[int]]:
        """Every position once, in groups; the first of each is the most typical, its medoid."""
        ...


def likeliest(doubts: Sequence[Doubt], most: int = 3) -> list[RankedIntent]:
    """The intents that the model thought of most for some messages, with the mean of their probabilities."""
    sums: Counter[str] = Counter()
    for doubt in doubts:
        for ranked in doubt.ranking:
            if ranked.name != OUT_OF_SCOPE:
                sums[ranked.name] += ranked.confidence  # type: ignore[assignment]  # a Counter adds floats as well
    return [RankedIntent(name, total / len(doubts)) for name, total in sums.most_common(most)]


def typical_words(group: Sequence[str], everything: Mapping[str, int], n: int, most: int = 3) -> list[str]:
    """The words that tell a group of texts from all `n`; `everything` counts the texts that each word stands in."""
    own = counted(group)
    # Words of a single message of several are its writer's, not the group's.
    least = 2 if len(group) > 1 else 1
    scores = {word: count * math.log((1 + n) / everything[word]) for word, count in own.items() if count >= least}
    ranked = sorted(scores, key=lambda word: (-scores[word], word))
    return [word for word in ranked if scores[word] > 0][:most]


def counted(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each word stands."""
    return Counter(word for text in texts for word in set(_WORD.findall(text.casefold())))


def suggested_name(words: Sequence[str], taken: Collection[str]) -> str | None:
    """A name for a new intent of typical words; None where none of them can be written in a name's letters."""
    parts = []
    for word in words:
        plain = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
        # A word that lost letters on the way is no word any more.
        if len(plain) == len(word) and re.fullmatch(r"[a-z0-9]+", plain):
            parts.append(plain)
    name = "_".join(parts[:2])
    if not name or not name[0].isalpha():
        return None
    return next(
        candidate
        for candidate in (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
        if candidate not in taken
    )
