"""The files of a pack's revisions on disk, a folder for each content."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from bot.errors import InvalidInput, StorageUnavailable

KEPT = 30
"""Folders of a pack that are kept: more revisions than are made while a training reads one. They can be made again."""


class DiskPackFolders:
    """See `bot.ports_studio.PackFolders`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, pack: str, digest: str, texts: Mapping[str, str]) -> Path:
        """A folder with these texts."""
        target = self._folder / pack / digest[:32]
        if not target.is_dir():
            work = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
            try:
                work.mkdir(parents=True)
                for name, text in texts.items():
                    _write(work, name, text)
                work.rename(target)
            except InvalidInput:
                shutil.rmtree(work, ignore_errors=True)
                raise
            except OSError as error:
                shutil.rmtree(work, ignore_errors=True)
                if not target.is_dir():  # another process was not quicker
                    raise StorageUnavailable(f"{target} cannot be written: {error.strerror}") from error
        target.touch()
        self._forget(target)
        return target

    def _forget(self, used: Path) -> None:
        folders = [path for path in used.parent.iterdir() if path.is_dir() and not path.name.startswith(".")]
        for old in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, name: str, text: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise InvalidInput(f"{name!r} leads out of the pack")
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8"))
