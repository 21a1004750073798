"""Versions of a pack's model, chosen by hand: each is opened before it may serve or challenge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.errors import InvalidInput, ModelError
from bot.model_versions import LineUp, ModelVersion
from bot.pack import Pack
from nlu.artifacts import Metadata
from nlu.serving import examples_fingerprint, model_store, version_of


@dataclass(frozen=True, slots=True)
class Choice:
    """The versions of one pack; `source` names the installed encoder. Everything here blocks."""

    data_dir: Path
    pack: Pack
    source: str

    def line_up(self) -> LineUp:
        """All versions, the latest first; the champion is the one that was promoted last."""
        store = model_store(self.data_dir, self.pack.name)
        current = store.current()
        return LineUp(
            versions=tuple(_described(name, found) for name, found in store.versions().items()),
            champion=next(iter(current.promoted), None),
            challenger=current.challenger,
            previous=next(iter(current.promoted[1:]), None),
        )

    def named(self, version: str) -> str:
        """The version that a name, or the beginning of only one name, stands for.

        Raises:
            InvalidInput: none or several.
        """
        try:
            return model_store(self.data_dir, self.pack.name).named(version)
        except ModelError as error:
            raise InvalidInput(str(error)) from None

    def promote(self, version: str) -> str:
        """Let a version serve from now on. Its whole name.

        Raises:
            InvalidInput: there is no such version.
            ModelError: it cannot serve the pack; nothing was changed.
        """
        name = self.named(version)
        self._check(name)
        model_store(self.data_dir, self.pack.name).promote(name, chosen_for=self._examples())
        return name

    def rollback(self) -> str:
        """Let the version serve that did before. Its name.

        Raises:
            ModelError: there is none, or it cannot serve the pack; nothing was changed.
        """
        store = model_store(self.data_dir, self.pack.name)
        previous = store.promoted()[1:2]
        for name in previous:
            self._check(name)
        return store.rollback(chosen_for=self._examples())

    def challenge(self, version: str | None) -> str | None:
        """Let a version run in shadow beside the serving one, or none. Its whole name.

        Raises:
            InvalidInput: there is no such version.
            ModelError: it cannot serve the pack, or serves already; nothing was changed.
        """
        name = None if version is None else self.named(version)
        if name is not None:
            self._check(name)
        model_store(self.data_dir, self.pack.name).challenge(name)
        return name

    def remove(self, version: str, *, force: bool = False) -> str:
        """Delete a version for good. Its whole name.

        Raises:
            InvalidInput: there is no such version.
            ModelError: it serves, challenges, or (but for `force`) is what a rollback leads to; nothing was changed.
        """
        name = self.named(version)
        model_store(self.data_dir, self.pack.name).remove(name, force=force)
        return name

    def _check(self, name: str) -> None:
        version_of(self.data_dir, self.pack, name, source=self.source)

    def _examples(self) -> str:
        return examples_fingerprint(self.pack.examples)


def _described(name: str, found: Metadata | ModelError) -> ModelVersion:
    if isinstance(found, ModelError):
        return ModelVersion(name, problem=str(found))
    return ModelVersion(
        name,
        created_at=found.created_at,
        kind=found.kind,
        languages=dict(found.languages),
        intents=len(found.labels),
        left_out=found.quality.get("left_out_accuracy"),
        parent=found.parent,
        data=found.data_fingerprint,
        seed=found.seed,
        code=None if found.code is None else found.code.version,
        calibration_error=found.quality.get("left_out_calibration_error"),
        made_by=found.made_by,
    )
