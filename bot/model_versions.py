"""The versions of the pack's model, as the console shows them, and the port through which they are changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.pack import Pack
from bot.pack_examples import Taught
from bot.understanding import LanguageGuess, Understanding


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What had a version trained: the `console` or a `command`, who if that is known, and from which revision."""

    how: str
    who: str | None = None
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version. `languages` counts its examples; `problem` says why it can't be used, and then little else is known.

    `kind` is `frozen` (only the classifier was trained) or `deep` (the encoder too); `left_out` is the accuracy on
    examples that were left out, 0 to 1, and `calibration_error` how far its confidence is off there. `data` is the
    hash of the examples, `seed` and `code` (the version of Babeldesk) what else it was made from.
    """

    name: str
    created_at: datetime | None = None
    kind: str | None = None
    languages: Mapping[str, int] = field(default_factory=dict)
    intents: int = 0
    left_out: float | None = None
    parent: str | None = None
    problem: str | None = None
    data: str | None = None
    seed: int | None = None
    code: str | None = None
    calibration_error: float | None = None
    made_by: MadeBy | None = None

    @property
    def examples(self) -> int:
        """How many examples it was trained on."""
        return sum(self.languages.values())


@dataclass(frozen=True, slots=True)
class LineUp:
    """All versions, the latest first; which one answers, which one runs in shadow, and which one a rollback restores.

    `added` is how many examples the champion has learned since it was trained, until the next training takes them in.
    The problems are those of the champion (another version serves than the one that was promoted) and of the
    challenger (it could not be opened).
    """

    versions: tuple[ModelVersion, ...] = ()
    champion: str | None = None
    challenger: str | None = None
    previous: str | None = None
    problem: str | None = None
    challenger_problem: str | None = None
    added: int = 0


class Models(Protocol):
    """The versions of the model behind the `Understander`. A change takes effect at once, between two messages."""

    @property
    def problem(self) -> str | None:
        """What is not as it should be with the model that answers."""
        ...

    @property
    def challenger_problem(self) -> str | None:
        """What is not as it should be with the challenger."""
        ...

    async def line_up(self) -> LineUp:
        """All versions and their parts."""
        ...

    async def promote(self, version: str) -> None:
        """Let a version answer.

        Raises:
            InvalidInput: there is no such version.
            ModelError: it cannot serve the pack; the one before goes on.
        """
        ...

    async def rollback(self) -> None:
        """Let the version answer that did before.

        Raises:
            ModelError: there is none, or it cannot serve the pack; the present one goes on.
        """
        ...

    async def challenge(self, version: str | None) -> None:
        """Let a version run in shadow, or none.

        Raises:
            InvalidInput: there is no such version.
            ModelError: it cannot serve the pack, or it is the champion.
        """
        ...

    async def use(self, pack: Pack) -> None:
        """Serve another state of the pack: its languages and entities count from the next message on.

        Raises:
            ConfigurationError: an entity is declared wrongly; the state before goes on.
        """
        ...

    async def learn(self, taught: Sequence[Taught]) -> None:
        """Answer with what was taught since the training, from the next message on; `taught` are all examples."""
        ...

    @property
    def challenger(self) -> str | None:
        """The version that runs in shadow."""
        ...

    async def judge(self, text: str, language: LanguageGuess) -> Understanding:
        """What the challenger makes of a message that the champion has read already.

        Raises:
            Overloaded: it has no time for this one.
            Exception: it failed; whatever that was must not go further than the one who asks.
        """
        ...

    async def watch(self) -> None:
        """Follow what other processes change, until cancelled."""
        ...
