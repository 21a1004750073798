"""Revisions of packs: numbered, each number once, their texts kept once each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Conflict
from bot.ports import Store
from bot.revisions import SERVER, Author, Kind, Revision, digest
from storage.sql import open_store
from tests.storage.samples import NOON

KIM = Author("u-kim", "Kim")


def revision(number: int, files: dict[str, str], pack: str = "shop") -> tuple[Revision, dict[str, str]]:
    """A revision with these texts by path."""
    made = Revision(
        pack=pack,
        number=number,
        at=NOON,
        author=KIM if number > 1 else SERVER,
        message=f"change {number}",
        kind=Kind.EDIT if number > 1 else Kind.SEED,
        files={path: digest(text) for path, text in files.items()},
        parent=number - 1 or None,
    )
    return made, {digest(text): text for text in files.values()}


async def test_a_revision_comes_back_as_it_was_with_its_texts(store: Store) -> None:
    made, texts = revision(1, {"pack.yml": "name: shop\r\n", "nlu/zh-Hans.yml": "# 你好 \U0001f44b\n"})
    undo = replace(revision(2, {"pack.yml": "name: shop\n"})[0], kind=Kind.UNDO, undoes=1)
    async with store.unit() as unit:
        await unit.revisions.add(made, texts)
        await unit.revisions.add(undo, {digest("name: shop\n"): "name: shop\n"})
    async with store.unit(write=False) as unit:
        assert await unit.revisions.get("shop", 1) == made
        assert await unit.revisions.latest("shop") == undo
        assert await unit.revisions.texts(list(made.files.values())) == texts
        assert await unit.revisions.texts(["no such text"]) == {}
        assert await unit.revisions.texts([]) == {}


async def test_a_pack_without_revisions_has_none(store: Store) -> None:
    async with store.unit() as unit:
        await unit.revisions.add(*revision(1, {}, pack="other"))
    async with store.unit(write=False) as unit:
        assert await unit.revisions.latest("shop") is None
        assert await unit.revisions.latest_number("shop") == 0
        assert await unit.revisions.get("shop", 1) is None
        assert await unit.revisions.list("shop", None, 10) == []


async def test_a_number_is_given_once(store: Store) -> None:
    async with store.unit() as unit:
        await unit.revisions.add(*revision(1, {"a.yml": "one"}))
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.revisions.add(*revision(1, {"a.yml": "two"}))
    async with store.unit(write=False) as unit:
        assert await unit.revisions.texts([digest("one"), digest("two")]) == {digest("one"): "one"}


async def test_the_same_text_of_two_revisions_is_no_conflict(store: Store) -> None:
    async with store.unit() as unit:
        await unit.revisions.add(*revision(1, {"a.yml": "same", "b.yml": "one"}))
    async with store.unit() as unit:
        await unit.revisions.add(*revision(2, {"a.yml": "same", "b.yml": "two"}))
    async with store.unit(write=False) as unit:
        assert await unit.revisions.latest_number("shop") == 2


async def test_revisions_are_paged_latest_first(store: Store) -> None:
    async with store.unit() as unit:
        for number in range(1, 6):
            await unit.revisions.add(*revision(number, {"a.yml": str(number)}))
        await unit.revisions.add(*revision(9, {}, pack="other"))
    async with store.unit(write=False) as unit:
        first = await unit.revisions.list("shop", None, 2)
        second = await unit.revisions.list("shop", first[-1].number, 2)
    assert [found.number for found in first] == [5, 4]
    assert [found.number for found in second] == [3, 2]


async def test_revisions_are_still_there_after_a_restart(sql_url: str) -> None:
    made, texts = revision(1, {"a.yml": "one"})
    async with open_store(sql_url) as store, store.unit() as unit:
        await unit.revisions.add(made, texts)
    async with open_store(sql_url) as store, store.unit(write=False) as unit:
        assert await unit.revisions.latest("shop") == made
