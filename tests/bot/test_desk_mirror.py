"""Threads are told what happens, by comparing: once, in order, by one process at a time, whatever breaks off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from bot.desk_hand import HOLD
from bot.desk_mirror import LONGEST, PAGE, DeskMirror
from bot.desk_values import DeskCard, DeskThread, Shown
from bot.errors import ChannelUnavailable, DeliveryRefused
from bot.messages import Attachment, Author, Message
from bot.ports_desk import ThreadGone
from tests.bot.rig import KIM, Bench, bench
from tests.fakes import inbound

CHANNEL = "desk"


@dataclass
class FakeBoard:
    """A channel kept in memory. `failures` are raised by the next calls that post, one each, `lost` after the deed."""

    channel: str = CHANNEL
    roots: dict[str, DeskCard] = field(default_factory=dict)
    posts: list[tuple[str, str, str]] = field(default_factory=list)
    """Root, text and key."""
    keys: dict[str, str] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    lost: list[Exception] = field(default_factory=list)
    refuses: str | None = None
    delay: float = 0.0
    searched: int = 0

    def digest(self, card: DeskCard) -> str:
        return repr(card)

    def parts(self, shown: Shown) -> int:
        return 1 + len(shown.entry.attachments)

    async def find(self, root: str | None, key: str, since: datetime) -> str | None:
        self.searched += 1
        return self.keys.get(key)

    async def open(self, card: DeskCard, key: str) -> str:
        await self._called()
        root = f"r{len(self.keys)}"
        self.roots[root], self.keys[key] = card, root
        self._answer()
        return root

    async def update(self, root: str, card: DeskCard) -> None:
        await self._called()
        if root not in self.roots:
            raise ThreadGone("deleted")
        self.roots[root] = card

    async def post(self, root: str, shown: Shown, part: int, key: str) -> None:
        await self._called()
        entry = shown.entry
        if shown.refused is None and self.refuses is not None and self.refuses in entry.text:
            raise DeliveryRefused("no such words here")
        text = f"cannot be shown: {shown.refused}" if shown.refused is not None else entry.text
        text = f"edited: {text}" if shown.edited else text
        self.posts.append((root, text if part == 0 else entry.attachments[part - 1].name, key))
        self.keys[key] = f"p{len(self.keys)}"
        self._answer()

    async def _called(self) -> None:
        await asyncio.sleep(self.delay)
        if self.failures:
            raise self.failures.pop(0)

    def _answer(self) -> None:
        if self.lost:
            raise self.lost.pop(0)

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _ in self.posts]


@dataclass
class Rig:
    """The core, a board, and mirrors as of so many processes."""

    bench: Bench
    board: FakeBoard

    def mirror(self) -> DeskMirror:
        core = self.bench.core
        return DeskMirror(
            store=core.store, board=self.board, live=core.live, clock=core.clock, url_of=lambda c: f"/c/{c}"
        )

    async def says(self, text: str, **more: object) -> None:
        await self.bench.hears(inbound(text, **more))  # type: ignore[arg-type]
        await self.bench.settled()

    async def threads(self) -> list[DeskThread]:
        async with self.bench.store.unit(write=False) as unit:
            return list(await unit.desk_threads.open(CHANNEL))


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with bench() as running:
        async with running.store.unit() as unit:
            await unit.users.add(KIM)
        yield Rig(running, FakeBoard())


async def test_a_look_that_finds_nothing_new_posts_nothing(rig: Rig) -> None:
    mirror = rig.mirror()
    await mirror.step()
    assert rig.board.roots == {}
    await rig.says("hello")
    await rig.says("a person please")
    await mirror.step()
    (card,) = rig.board.roots.values()
    assert (card.customer, card.channel, card.reason, card.agent) == ("Ana", "memory", "requested", None)
    assert [entry.text for entry in card.recent if entry.author is Author.CUSTOMER] == ["hello", "a person please"]
    assert card.url == f"/c/{(await rig.bench.conversation()).id}"
    assert rig.board.posts == []
    await rig.mirror().step()
    await mirror.step()
    assert len(rig.board.roots) == 1
    assert rig.board.searched == 0


async def test_entries_come_in_order_and_the_state_after_them(rig: Rig) -> None:
    mirror = rig.mirror()
    await rig.says("a person please")
    await mirror.step()
    await rig.says("one")
    await rig.bench.core.desk.claim((await rig.bench.conversation()).id, KIM)
    await rig.says("two")
    await rig.mirror().step()
    assert [text for text in rig.board.texts if text in {"one", "two"}] == ["one", "two"]
    (card,) = rig.board.roots.values()
    assert (card.standing, card.agent) == ("taken", "Kim")
    await rig.bench.core.desk.close((await rig.bench.conversation()).id, KIM)
    await rig.mirror().step()
    assert await rig.threads() == []
    (card,) = rig.board.roots.values()
    assert (card.standing, card.presses) == ("closed", ())
    told = len(rig.board.posts)
    await rig.says("hello")
    await rig.mirror().step()
    assert len(rig.board.posts) == told


async def test_two_processes_do_not_both_post(rig: Rig) -> None:
    rig.board.delay = 0.01
    await rig.says("a person please")
    await asyncio.gather(*(rig.mirror().step() for _ in range(3)))
    for text in ("one", "two", "three"):
        await rig.says(text)
        await asyncio.gather(*(rig.mirror().step() for _ in range(3)))
    await rig.mirror().step()
    assert len(rig.board.roots) == 1
    assert [text for text in rig.board.texts if text in {"one", "two", "three"}] == ["one", "two", "three"]


async def test_a_thread_that_another_process_left_in_the_middle_is_gone_on_with_once_it_is_free(rig: Rig) -> None:
    await rig.says("a person please")
    await rig.mirror().step()
    await rig.says("one")
    rig.board.delay = 60
    cut_off = asyncio.create_task(rig.mirror().step())
    await asyncio.sleep(0.02)
    cut_off.cancel()
    await asyncio.gather(cut_off, return_exceptions=True)
    rig.board.delay = 0
    mirror = rig.mirror()
    assert await mirror.step() < LONGEST
    assert "one" not in rig.board.texts
    # It had been posted, and the process did not live to note it.
    (thread,) = await rig.threads()
    rig.board.keys[f"{thread.handoff}:{thread.posted + 1}:0"] = "p"
    await rig.says("two")
    rig.bench.clock.advance(HOLD.total_seconds())
    await mirror.step()
    assert [text for text in rig.board.texts if text in {"one", "two"}] == ["two"]


@pytest.mark.parametrize("where", ["the first message", "an entry"])
async def test_what_was_taken_without_an_answer_is_looked_for_and_not_posted_again(rig: Rig, where: str) -> None:
    mirror = rig.mirror()
    await rig.says("a person please")
    if where == "an entry":
        await rig.mirror().step()
        await rig.says("one")
    rig.board.lost = [ChannelUnavailable("no answer")]
    with pytest.raises(ChannelUnavailable):
        await mirror.step()
    (thread,) = await rig.threads()
    assert (thread.unsure, thread.problem) == (True, "no answer")
    rig.bench.clock.advance(400)
    await mirror.step()
    assert len(rig.board.roots) == 1
    assert rig.board.texts.count("one") == (1 if where == "an entry" else 0)
    assert rig.board.searched == 1
    (thread,) = await rig.threads()
    assert (thread.unsure, thread.problem, thread.failures, thread.due_at) == (False, None, 0, None)
    assert mirror.problem is None


async def test_a_platform_that_is_down_is_waited_for_as_long_as_it_asks(rig: Rig) -> None:
    mirror = rig.mirror()
    await rig.says("a person please")
    rig.board.failures = [ChannelUnavailable("too many", retry_after=700)]
    with pytest.raises(ChannelUnavailable):
        await mirror.step()
    rig.bench.clock.advance(699)
    await mirror.step()
    assert rig.board.roots == {}
    rig.bench.clock.advance(1)
    await mirror.step()
    assert len(rig.board.roots) == 1


async def test_an_entry_that_is_refused_is_told_of_and_holds_up_nothing(rig: Rig) -> None:
    await rig.says("a person please")
    await rig.mirror().step()
    rig.board.refuses = "forbidden"
    mirror = rig.mirror()
    file = Attachment("bill.pdf", "application/pdf", 3, blob="b")
    await rig.says("a forbidden word")
    await rig.says("and more", attachments=(file,))
    await mirror.step()
    said = [text for text in rig.board.texts if "colleague" not in text]
    assert said == ["cannot be shown: no such words here", "and more", "bill.pdf"]
    assert mirror.problem is None


async def test_a_thread_that_always_fails_is_shown_and_holds_up_no_other(rig: Rig) -> None:
    mirror = rig.mirror()
    await rig.says("a person please")
    await rig.says("a person please", conversation="bob")
    rig.board.failures = [RuntimeError("a bug")]
    await mirror.step()
    assert len(rig.board.roots) == 1
    assert mirror.problem == "a bug"
    rig.bench.clock.advance(400)
    await mirror.step()
    assert len(rig.board.roots) == 2
    assert mirror.problem is None


async def test_a_deleted_thread_is_opened_anew_only_while_the_handoff_goes_on(rig: Rig) -> None:
    mirror = rig.mirror()
    await rig.says("a person please")
    await mirror.step()
    conversation = (await rig.bench.conversation()).id
    rig.board.roots.clear()
    await rig.bench.core.desk.claim(conversation, KIM)
    await rig.mirror().step()
    await rig.mirror().step()
    (card,) = rig.board.roots.values()
    assert card.agent == "Kim"
    rig.board.roots.clear()
    await rig.bench.core.desk.give_back(conversation, KIM)
    await rig.mirror().step()
    await rig.mirror().step()
    assert rig.board.roots == {}
    assert await rig.threads() == []


async def test_a_thread_that_was_long_away_is_told_more_than_a_page(rig: Rig) -> None:
    await rig.says("a person please")
    await rig.mirror().step()
    conversation = await rig.bench.conversation()
    count = PAGE + 50
    async with rig.bench.store.unit() as unit:
        await unit.messages.append(
            [
                Message(
                    f"m{n}", conversation.id, conversation.seq + n, Author.CUSTOMER, conversation.updated_at, f"{n}"
                )
                for n in range(1, count + 1)
            ]
        )
        await unit.conversations.save(
            replace(conversation, seq=conversation.seq + count, version=conversation.version + 1)
        )
    await rig.mirror().step()
    assert rig.board.texts == [f"{n}" for n in range(1, count + 1)]


async def test_the_task_is_woken_by_what_happens_and_ends_when_it_is_told_to(rig: Rig) -> None:
    mirror = rig.mirror()
    running = asyncio.create_task(mirror.run())
    await asyncio.sleep(0.01)
    await rig.says("a person please")
    async with asyncio.timeout(5):
        while not rig.board.roots:
            await asyncio.sleep(0.005)
    await rig.says("hello?")
    async with asyncio.timeout(5):
        while "hello?" not in rig.board.texts:
            await asyncio.sleep(0.005)
    mirror.stop()
    async with asyncio.timeout(5):
        await running
