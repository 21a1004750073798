"""Files that customers and agents sent, in a folder beside the database."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from bot.errors import InvalidInput, StorageUnavailable

CHUNK = 256 * 1024
"""Bytes that are read at once."""

_KEY = re.compile("[0-9a-f]{32}")


class FileBlobs:
    """Keeps each file as `ab/cd/<key>`, where the random key begins with `abcd`.

    Nothing that a stranger sent becomes part of a path: the file's own name is kept only in its `Attachment`. A file
    is there whole or not at all, and survives a power cut once `put` has returned. Several processes may share the
    folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, name: str, chunks: AsyncIterator[bytes], limit: int) -> tuple[str, int]:
        """Store a file of at most `limit` bytes; its key and size in bytes. See `bot.ports.Blobs.put`."""
        key = secrets.token_hex(16)
        target = self._path(key)
        part = target.with_suffix(".part")
        with self._storing():
            file = await asyncio.to_thread(_create, part)
        try:
            size = await self._fill(file, name, chunks, limit)
            with self._storing():
                await asyncio.to_thread(_finish, file, part, target, self._folder)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(_discard, file, part, target))
            raise
        return key, size

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of a stored file. See `bot.ports.Blobs.read`."""
        if not _KEY.fullmatch(key):
            raise InvalidInput(f"{key!r} is no key of a stored file")
        with self._storing():
            try:
                file = await asyncio.to_thread(self._path(key).open, "rb")
            except FileNotFoundError:
                raise InvalidInput(f"there is no stored file {key!r}") from None
        with file:
            while True:
                with self._storing():
                    chunk = await asyncio.to_thread(file.read, CHUNK)
                if not chunk:
                    return
                yield chunk

    async def _fill(self, file: BinaryIO, name: str, chunks: AsyncIterator[bytes], limit: int) -> int:
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise InvalidInput(f"the file {name!r} is longer than {limit} bytes")
            with self._storing():
                await asyncio.to_thread(file.write, chunk)
        return size

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:4] / key

    @contextmanager
    def _storing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageUnavailable(f"the files in {self._folder}: {error.strerror or error}") from error


def _create(part: Path) -> BinaryIO:
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb", buffering=CHUNK)


def _finish(file: BinaryIO, part: Path, target: Path, root: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    part.rename(target)
    # A name is as lasting as the folder it stands in, and a new folder as its own.
    for folder in (target.parent, target.parent.parent, root):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _discard(file: BinaryIO, part: Path, target: Path) -> None:
    # A disk that has just refused to write may refuse this too; what went wrong first is what the caller hears of.
    for path in (part, target):
        with suppress(OSError):
            path.unlink(missing_ok=True)
    # Closing writes what is still in the buffer; for a file that is thrown away it does not matter whether it can.
    with suppress(OSError):
        file.close()
