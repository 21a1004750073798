"""The versions of one pack's model, side by side below a folder; `current.json` says which serves.

Several processes may change it at once: each change reads and replaces `current.json` under a lock, and the file is
replaced as a whole. Readers need no lock.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog

from bot.errors import ModelError
from nlu.artifacts import METADATA, Metadata, Model, read_metadata

log = structlog.get_logger(__name__)

CURRENT = "current.json"

KEPT = 5
"""Promoted versions that are kept, the serving one included."""


@dataclass(frozen=True, slots=True)
class Current:
    """`current.json`: versions that serve or served, the latest first, and the one that runs beside in shadow.

    `chosen_for` is the fingerprint of the pack's examples at the moment when somebody chose the serving version by
    hand: as long as they stay so, it is not for the training to make another one serve. None if it was not by hand.
    """

    promoted: tuple[str, ...] = ()
    challenger: str | None = None
    chosen_for: str | None = None


class ModelStore:
    """The versions in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # --- what there is --------------------------------------------------------------------------------------------

    def current(self) -> Current:
        """Which version serves, which did before, and which challenges; nothing if that cannot be read."""
        try:
            content = json.loads((self.folder / CURRENT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Current()
        if isinstance(content, list):  # as it was before there were challengers
            content = {"promoted": content}
        if not isinstance(content, dict):
            return Current()
        promoted = content.get("promoted")
        names = promoted if isinstance(promoted, list) else []
        return Current(
            tuple(name for name in names if isinstance(name, str)),
            _text(content.get("challenger")),
            _text(content.get("chosen_for")),
        )

    def promoted(self) -> tuple[str, ...]:
        """Versions that serve or served, the latest first."""
        return self.current().promoted

    def versions(self) -> dict[str, Metadata | ModelError]:
        """All versions by name, the latest first, or what is wrong with their description."""
        try:
            folders = [path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        except OSError:
            folders = []
        found: dict[str, Metadata | ModelError] = {}
        for folder in sorted(folders, key=lambda path: path.name, reverse=True):
            try:
                found[folder.name] = read_metadata(folder)
            except ModelError as error:
                if (folder / METADATA).exists():
                    found[folder.name] = error
        return found

    def named(self, name: str) -> str:
        """The version that a name, or the beginning of only one name, stands for.

        Raises:
            ModelError: none or several.
        """
        names = list(self.versions())
        fitting = [name] if name in names else [other for other in names if name and other.startswith(name)]
        if len(fitting) != 1:
            what = f"versions {', '.join(fitting)} all begin with" if fitting else "no version is called"
            raise ModelError(f"{what} {name!r} in {self.folder}")
        return fitting[0]

    # --- changes --------------------------------------------------------------------------------------------------

    def add(self, model: Model, *, encoder: Path | None = None) -> str:
        """Store a version beside the others, with the encoder that it brings; it does not serve yet. Its name."""
        made = model.metadata.created_at.strftime("%Y%m%dT%H%M%S")
        name = f"{made}-{model.metadata.data_fingerprint[:8]}-{secrets.token_hex(2)}"
        model.save(self.folder / name, encoder=encoder)
        return name

    def promote(self, name: str, *, chosen_for: str | None = None) -> None:
        """Let a version serve from now on, and forget the oldest beyond `KEPT`.

        A challenger that is promoted challenges no more. See `Current` for `chosen_for`.

        Raises:
            ModelError: there is no such version.
        """

        def change(current: Current) -> Current:
            read_metadata(self.folder / name)
            order = (name, *(version for version in current.promoted if version != name))
            challenger = None if current.challenger == name else current.challenger
            return Current(order[:KEPT], challenger, chosen_for)

        self._change(change)

    def rollback(self, *, chosen_for: str | None = None) -> str:
        """Let the version serve that did before the present one, which is kept but is in line no more. Its name.

        Raises:
            ModelError: there is none.
        """

        def change(current: Current) -> Current:
            if len(current.promoted) < 2:  # noqa: PLR2004 - the present one, and one before it
                raise ModelError(f"no version served before the present one in {self.folder}")
            order = current.promoted[1:]
            return Current(order, None if current.challenger == order[0] else current.challenger, chosen_for)

        return self._change(change).promoted[0]

    def challenge(self, name: str | None) -> None:
        """Let a version run in shadow beside the serving one, or none.

        Raises:
            ModelError: there is no such version, or it serves.
        """

        def change(current: Current) -> Current:
            if name is not None:
                read_metadata(self.folder / name)
                if current.promoted[:1] == (name,):
                    raise ModelError(f"{name} serves already: it cannot challenge itself")
            return replace(current, challenger=name)

        self._change(change)

    def remove(self, name: str, *, force: bool = False) -> None:
        """Delete a version for good. What serves or challenges never goes; what a rollback leads to, only by `force`.

        Raises:
            ModelError: it has to stay, there is no such version, or it cannot be deleted.
        """

        def change(current: Current) -> Current:
            serving, *before = current.promoted or ("",)
            if name == serving:
                raise ModelError(f"{name} serves; promote another version before it is removed")
            if name == current.challenger:
                raise ModelError(f"{name} runs in shadow; end the challenge before it is removed")
            if before[:1] == [name] and not force:
                raise ModelError(
                    f"{name} served before the present one, and a rollback leads to it (--force removes it)"
                )
            if name not in self.versions():
                raise ModelError(f"{self.folder / name} holds no model")
            return replace(current, promoted=tuple(version for version in current.promoted if version != name))

        self._change(change, removed=name)

    def _change(self, change: Callable[[Current], Current], *, removed: str | None = None) -> Current:
        with self._alone():
            before = self.current()
            after = change(before)
            work = self.folder / f".{CURRENT}.{secrets.token_hex(4)}"
            try:
                work.write_text(_rendered(after), encoding="utf-8")
                work.replace(self.folder / CURRENT)
            except OSError as error:
                work.unlink(missing_ok=True)
                raise ModelError(f"{self.folder / CURRENT} cannot be written: {error.strerror}") from error
            # What falls off the end of the line goes. A version that was taken out of it is somebody's decision.
            for version in before.promoted[KEPT - 1 :]:
                if version not in {*after.promoted, after.challenger}:
                    shutil.rmtree(self.folder / version, ignore_errors=True)
            if removed is not None:
                self._delete(removed)
        return after

    def _delete(self, name: str) -> None:
        # At once out of sight: nobody opens a version of which half is gone.
        work = self.folder / f".{name}.{secrets.token_hex(4)}"
        try:
            if (self.folder / name).exists():
                (self.folder / name).rename(work)
                shutil.rmtree(work)
        except OSError as error:
            raise ModelError(f"{self.folder / name} cannot be removed: {error.strerror}") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock, which the system releases even if we are killed."""
        try:
            lock = (self.folder / ".lock").open("w")
        except OSError as error:
            raise ModelError(f"{self.folder} cannot be written: {error.strerror}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # --- opening --------------------------------------------------------------------------------------------------

    def version(self, name: str, *, encoder_fingerprint: str | None) -> Model:
        """Open one version. See `Model.open`.

        Raises:
            ModelError: it cannot be used.
        """
        return replace(Model.open(self.folder / name, encoder_fingerprint=encoder_fingerprint), version=name)

    def open(self, *, encoder_fingerprint: str | None) -> tuple[Model, str | None]:
        """The serving model, or the last one before it that can be used and what is wrong with those after.

        Raises:
            ModelError: none can be used; the message says why of each.
        """
        problems: list[str] = []
        for name in self.promoted():
            try:
                model = self.version(name, encoder_fingerprint=encoder_fingerprint)
            except ModelError as error:
                log.warning("model refused", version=name, error=str(error))
                problems.append(str(error))
                continue
            return model, "; ".join(problems) or None
        raise ModelError("; ".join(problems) or f"no model has been trained yet in {self.folder}")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rendered(current: Current) -> str:
    content = {"promoted": current.promoted, "challenger": current.challenger, "chosen_for": current.chosen_for}
    return json.dumps(content, indent=2) + "\n"
