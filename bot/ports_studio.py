"""What teaching the bot needs from the outside, as small Protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.model_versions import MadeBy
from bot.pack_examples import Taught
from bot.revisions import Revision


class Revisions(Protocol):
    """The revisions of packs; the texts are kept once each, by their digests."""

    async def add(self, revision: Revision, texts: Mapping[str, str]) -> None:
        """Store a revision and those of its texts (by digest) that may be new.

        Raises:
            Conflict: there is a revision of this number already.
        """
        ...

    async def latest(self, pack: str) -> Revision | None:
        """The revision with the highest number: the current one."""
        ...

    async def latest_number(self, pack: str) -> int:
        """Its number alone, 0 if there is none."""
        ...

    async def get(self, pack: str, number: int) -> Revision | None:
        """By number."""
        ...

    async def list(self, pack: str, before: int | None, limit: int) -> Sequence[Revision]:
        """Latest first; `before` pages by number."""
        ...

    async def texts(self, digests: Sequence[str]) -> Mapping[str, str]:
        """The texts with these digests."""
        ...


class PackFolders(Protocol):
    """Folders that hold the files of a revision, for those who read files: training, and the model that serves."""

    def keep(self, pack: str, digest: str, texts: Mapping[str, str]) -> Path:
        """A folder with these texts; made if it is not there. Blocks.

        Raises:
            StorageUnavailable: it cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Near:
    """Two examples of different intents that mean nearly the same; `similarity` is a cosine, centred by language."""

    one: Taught
    other: Taught
    similarity: float


class Neighbours(Protocol):
    """Finds examples that the model can hardly tell apart."""

    async def near(self, examples: Sequence[Taught], limit: int) -> Sequence[Near]:
        """The nearest pairs across intents, nearest first. It may take seconds the first time.

        Raises:
            ModelError: there is no encoder.
        """
        ...


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some messages were told right."""

    n: int
    right: int

    @property
    def accuracy(self) -> float | None:
        """0 to 1; None of no messages."""
        return self.right / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a version made of the pack's tests, which it was not trained on."""

    total: Share
    by_intent: Mapping[str, Share] = field(default_factory=dict)
    by_language: Mapping[str, Share] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training made: a version, not serving yet, and how it does beside the one that serves.

    `worse` says in a sentence why it should not serve; None if it may. `seconds` is how long each part took.
    """

    version: str
    worse: str | None = None
    evaluation: Evaluation | None = None
    before: Evaluation | None = None
    left_out: float | None = None
    examples: int = 0
    passed_over: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""


class Trainer(Protocol):
    """Trains the classifier in a process of its own."""

    async def train(self, folder: Path, progress: Progress, by: MadeBy | None = None) -> Trained:
        """Train on the pack in a folder and measure the result; it does not serve yet. Cancelling it stops the process.

        `by` is who had it trained, for the record.

        Raises:
            PackError: the examples are wrong; the message lists every finding.
            ModelError: it failed; the message says why.
        """
        ...

    async def evaluation(self, version: str) -> Evaluation | None:
        """What a version made of the tests when it was trained, if it was measured then."""
        ...
