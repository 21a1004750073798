from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.errors import InvalidInput, StorageUnavailable
from storage.blobs import CHUNK, FileBlobs

MEBIBYTE = 1024 * 1024


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "files"


@pytest.fixture
def blobs(folder: Path) -> FileBlobs:
    return FileBlobs(folder)


@pytest.fixture
def secrets(folder: Path) -> None:
    """What lies beside the folder and is nobody's business."""
    folder.mkdir(parents=True)
    (folder.parent / "secret").write_text("secret")
    (folder.parent.parent / "secret").write_text("secret")


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def read(blobs: FileBlobs, key: str) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key)])


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


@contextmanager
def files_no_longer_than(size: int) -> Iterator[None]:
    """Within it, the system refuses to write files any longer, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    "parts",
    [(), (b"",), (b"hello, ", b"", b"world"), (b"\0\xff" * CHUNK, b"end")],
    ids=["no chunk", "an empty chunk", "small chunks", "longer than what is read at once"],
)
async def test_a_file_comes_back_byte_for_byte_with_its_size(blobs: FileBlobs, parts: tuple[bytes, ...]) -> None:
    whole = b"".join(parts)
    key, size = await blobs.put("bill.pdf", chunks(*parts), limit=len(whole))
    assert size == len(whole)
    assert await read(blobs, key) == whole


async def test_the_same_file_twice_is_two_files(blobs: FileBlobs) -> None:
    first, _ = await blobs.put("bill.pdf", chunks(b"1"), limit=10)
    second, _ = await blobs.put("bill.pdf", chunks(b"2"), limit=10)
    assert first != second
    assert (await read(blobs, first), await read(blobs, second)) == (b"1", b"2")


async def test_files_are_there_after_the_folder_is_opened_again(blobs: FileBlobs, folder: Path) -> None:
    key, _ = await blobs.put("bill.pdf", chunks(b"paid"), limit=10)
    assert await read(FileBlobs(folder), key) == b"paid"


async def test_of_a_file_that_is_too_long_nothing_is_kept(blobs: FileBlobs, folder: Path) -> None:
    with pytest.raises(InvalidInput, match=r"'film\.mp4' is longer than 10 bytes"):
        await blobs.put("film.mp4", chunks(b"12345", b"67890", b"!"), limit=10)
    assert files(folder) == []


async def test_no_more_of_a_file_is_taken_than_shows_that_it_is_too_long(blobs: FileBlobs) -> None:
    taken = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            taken.append(1)
            yield b"12345"

    with pytest.raises(InvalidInput):
        await blobs.put("film.mp4", endless(), limit=10)
    assert len(taken) == 3


@pytest.mark.parametrize("written", [1, 2 * CHUNK], ids=["while it is in the buffer", "while it is being written"])
async def test_of_a_file_whose_sender_breaks_off_nothing_is_kept(blobs: FileBlobs, folder: Path, written: int) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * written
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        await blobs.put("bill.pdf", broken(), limit=MEBIBYTE)
    assert files(folder) == []


async def test_of_a_file_whose_storing_is_cancelled_nothing_is_kept(blobs: FileBlobs, folder: Path) -> None:
    begun = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 2 * CHUNK
        begun.set()
        await asyncio.sleep(3600)

    task = asyncio.create_task(blobs.put("bill.pdf", slow(), limit=MEBIBYTE))
    await begun.wait()
    assert len(files(folder)) == 1, "it is on its way"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(folder) == []


@pytest.mark.parametrize("size", [4 * MEBIBYTE, MEBIBYTE + 1], ids=["on the way", "with the last bytes"])
async def test_a_disk_that_takes_no_more_is_told_and_keeps_nothing(blobs: FileBlobs, folder: Path, size: int) -> None:
    whole = b"x" * size
    with files_no_longer_than(MEBIBYTE), pytest.raises(StorageUnavailable, match="files"):
        await blobs.put("film.mp4", chunks(*(whole[at : at + 1000] for at in range(0, size, 1000))), limit=size)
    assert files(folder) == []
    key, _ = await blobs.put("film.mp4", chunks(whole), limit=size)
    assert await read(blobs, key) == whole, "and works again when there is room"


async def test_a_disk_that_does_not_even_delete_any_more_is_told_like_any_other(
    blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StorageUnavailable, match="Read-only file system"):
        await blobs.put("bill.pdf", chunks(b"paid"), limit=10)


async def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("not a folder")
    blobs = FileBlobs(tmp_path / "files")
    with pytest.raises(StorageUnavailable, match="files"):
        await blobs.put("bill.pdf", chunks(b"paid"), limit=10)
    with pytest.raises(StorageUnavailable, match="files"):
        await read(blobs, "0" * 32)


async def test_an_unknown_key_is_refused(blobs: FileBlobs) -> None:
    with pytest.raises(InvalidInput, match="no stored file"):
        await read(blobs, "0123456789abcdef" * 2)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../../secret",
        "../secret" + "0" * 23,
        "/etc/hostname",
        "ab/cd/" + "0" * 26,
        "..%2f..%2fsecret",
        "0" * 31,
        "0" * 33,
        "0" * 32 + "\n",
        "0" * 31 + "\0",
        "A" * 32,
        "٠" * 32,
    ],
)
async def test_what_is_no_key_reaches_no_file(blobs: FileBlobs, secrets: None, key: str) -> None:
    with pytest.raises(InvalidInput, match="no key"):
        await read(blobs, key)


@pytest.mark.parametrize("name", ["../../escaped", "/tmp/escaped", "a/b", "..", "", "x\0y", "é" * 300])
async def test_the_name_of_a_file_becomes_no_part_of_a_path(
    blobs: FileBlobs, folder: Path, tmp_path: Path, name: str
) -> None:
    key, _ = await blobs.put(name, chunks(b"mine"), limit=10)
    assert await read(blobs, key) == b"mine"
    assert files(tmp_path) == [folder / key[:2] / key[2:4] / key]


async def test_files_are_for_nobody_else_on_the_machine(blobs: FileBlobs, folder: Path) -> None:
    await blobs.put("bill.pdf", chunks(b"paid"), limit=10)
    [file] = files(folder)
    assert file.stat().st_mode & 0o077 == 0
    assert file.parent.stat().st_mode & 0o077 == 0
