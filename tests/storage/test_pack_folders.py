"""The files of a pack's revisions on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import InvalidInput, StorageUnavailable
from storage.pack_folders import KEPT, DiskPackFolders

TEXTS = {"pack.yml": "name: shop\r\n", "nlu/zh-Hans.yml": "# 你好\n"}


def test_texts_are_written_as_they_are_once(tmp_path: Path) -> None:
    folders = DiskPackFolders(tmp_path)

    folder = folders.keep("shop", "a" * 64, TEXTS)
    (folder / "pack.yml").write_text("touched")

    assert (folder / "nlu" / "zh-Hans.yml").read_bytes() == "# 你好\n".encode()
    assert folders.keep("shop", "a" * 64, TEXTS) == folder
    assert (folder / "pack.yml").read_text() == "touched"
    assert folders.keep("other", "a" * 64, TEXTS) != folder


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    for name in ("../x.yml", "/x.yml", "a/../../x.yml"):
        with pytest.raises(InvalidInput):
            DiskPackFolders(tmp_path / "packs").keep("shop", "b" * 64, {name: "x"})
    assert list(tmp_path.rglob("x.yml")) == []


def test_old_folders_go_and_the_latest_stay(tmp_path: Path) -> None:
    folders = DiskPackFolders(tmp_path)
    made = [folders.keep("shop", f"{number:064}"[::-1], TEXTS) for number in range(1, KEPT + 4)]

    left = [folder for folder in made if folder.exists()]

    assert len(left) == KEPT
    assert made[-1] in left


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "packs").write_text("a file")

    with pytest.raises(StorageUnavailable, match="cannot be written"):
        DiskPackFolders(tmp_path / "packs").keep("shop", "c" * 64, TEXTS)
