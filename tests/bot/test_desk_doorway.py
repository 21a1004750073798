"""What agents do in threads is acted on once, whoever acts, and whatever breaks off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from bot.conversation import Owner
from bot.desk_doorway import MAX_TELLINGS, MAX_TRIES, DeskDoorway
from bot.desk_values import Account, DeskEvent, DeskLink, DeskReply, DeskThread, Press, Pushed, ReplyKind, Wrote
from bot.errors import ChannelUnavailable, DeliveryRefused
from bot.messages import Attachment, Author
from bot.ports_desk import DeskIntake
from tests.bot.rig import KIM, LEE, Bench, bench
from tests.fakes import MORNING, MemoryBlobs, inbound

CHANNEL, ROOT = "desk", "r1"
ACCOUNTS = {KIM.id: Account("slack", "T1:UKIM", "Kim"), LEE.id: Account("slack", "T1:ULEE", "Lee")}


@dataclass
class FakeVoice:
    """Somebody to be told things. `failures` are raised by the next tellings, one each."""

    channel: str = CHANNEL
    told: list[tuple[str, DeskReply]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    missing: list[Exception] = field(default_factory=list)

    def attach(self, intake: DeskIntake) -> None:
        """Nothing is handed in by itself."""

    async def tell(self, thread: str, account: Account, reply: DeskReply) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.told.append((account.id, reply))

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        await asyncio.sleep(0.01)
        if self.missing:
            raise self.missing.pop(0)
        yield b"content"


@dataclass
class Rig:
    """The core with a thread of Ana's, and doors as of so many processes."""

    bench: Bench
    voice: FakeVoice
    blobs: MemoryBlobs
    counter: int = 0

    def door(self) -> DeskDoorway:
        core = self.bench.core
        return DeskDoorway(
            store=core.store,
            desk=core.desk,
            voice=self.voice,
            blobs=self.blobs,
            clock=core.clock,
            link_url=lambda code: f"/link?{code}",
            max_upload=100,
        )

    def event(self, content: Wrote | Pushed, user: str = KIM.id, **fields: object) -> DeskEvent:
        self.counter += 1
        event = DeskEvent(f"e{self.counter}", CHANNEL, ROOT, ACCOUNTS[user], MORNING, content)
        return replace(event, **fields)  # type: ignore[arg-type]

    async def does(self, *events: DeskEvent) -> None:
        """Hand events in, and have them acted on as far as it goes."""
        door = self.door()
        for event in events:
            await door.accept([event])
        await self.serve(door)

    async def serve(self, door: DeskDoorway | None = None) -> None:
        try:
            await (door or self.door())._serve(ROOT)
        except Exception as error:
            assert isinstance(error, ChannelUnavailable), error  # noqa: PT017 - it may also not fail

    async def said(self) -> list[str]:
        history = await self.bench.history()
        return [m.text for m in history if m.author is Author.AGENT and not m.internal]


@asynccontextmanager
async def opened() -> AsyncIterator[Rig]:
    async with bench() as running:
        await running.hears(inbound("a person please"))
        await running.settled()
        conversation = await running.conversation()
        assert conversation.handoff is not None
        async with running.store.unit() as unit:
            for user in (KIM, LEE):
                await unit.users.add(user)
                await unit.desk_links.put(DeskLink(ACCOUNTS[user.id], user.id, MORNING))
            thread = DeskThread(conversation.handoff, conversation.id, CHANNEL, MORNING, 2, 2, root=ROOT)
            await unit.desk_threads.add(thread)
        yield Rig(running, FakeVoice(), MemoryBlobs())


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with opened() as rig:
        yield rig


async def test_what_two_processes_act_on_at_once_is_said_once(rig: Rig) -> None:
    first, second = rig.door(), rig.door()
    file = Attachment("a.pdf", "application/pdf", 3, source="s")
    for text in ("one", "two", "three"):
        # Both have begun, and wait for the file.
        await first.accept([rig.event(Wrote(text), attachments=(file,))])
        await asyncio.gather(rig.serve(first), rig.serve(second))
    assert await rig.said() == ["one", "two", "three"]
    assert rig.voice.told == []


async def test_of_slack_and_the_console_one_claims_and_the_other_is_refused(rig: Rig) -> None:
    conversation = (await rig.bench.conversation()).id
    _, claimed = await asyncio.gather(
        rig.does(rig.event(Wrote("from Slack"))),
        rig.bench.core.desk.claim(conversation, LEE),
        return_exceptions=True,
    )
    if isinstance(claimed, Exception):
        assert await rig.said() == ["from Slack"]
        assert (await rig.bench.conversation()).agent == KIM.id
    else:
        assert await rig.said() == []
        assert rig.voice.told == [(ACCOUNTS[KIM.id].id, DeskReply(ReplyKind.WITH_OTHER, "Lee"))]
    await rig.does(rig.event(Pushed(Press.CLAIM)), rig.event(Pushed(Press.CLAIM), LEE.id))
    assert len({account for account, reply in rig.voice.told if reply.kind is ReplyKind.WITH_OTHER}) == 1


async def test_what_is_in_no_thread_of_ours_is_not_stored(rig: Rig) -> None:
    door = rig.door()
    assert not await door.accept([rig.event(Wrote("lunch?"), thread="r2")])
    assert not await door.accept([rig.event(Wrote("lunch?"), channel="another")])
    async with rig.bench.store.unit(write=False) as unit:
        assert await unit.desk_events.waiting(CHANNEL, 10) == []


async def test_what_is_written_while_the_thread_is_being_noted_waits_for_that(rig: Rig) -> None:
    async with rig.bench.store.unit() as unit:
        (thread,) = await unit.desk_threads.open(CHANNEL)
        await unit.desk_threads.take(thread, "one", MORNING, MORNING)
        await unit.desk_threads.save(replace(thread, root=None), "one", MORNING)
    await rig.does(rig.event(Wrote("quick")))
    assert await rig.said() == []
    async with rig.bench.store.unit() as unit:
        await unit.desk_threads.save(thread, "one", MORNING)
    await rig.serve()
    assert await rig.said() == ["quick"]


async def test_what_always_fails_is_given_up_and_the_agent_is_told(rig: Rig) -> None:
    file = Attachment("a.pdf", "application/pdf", 3, source="s")
    rig.voice.missing = [ChannelUnavailable("Slack is down")] * MAX_TRIES
    await rig.does(rig.event(Wrote("see"), attachments=(file,)))
    for _ in range(MAX_TRIES - 1):
        assert rig.voice.told == []
        await rig.serve()
    assert [reply for _, reply in rig.voice.told] == [DeskReply(ReplyKind.FAILED, "Slack is down")]
    assert await rig.said() == []
    await rig.does(rig.event(Wrote("see"), attachments=(file,)))
    assert await rig.said() == ["see"]
    assert list(rig.blobs.files.values()) == [b"content"]


async def test_a_file_that_is_too_long_is_refused(rig: Rig) -> None:
    long = Attachment("a.pdf", "application/pdf", 3, source="s")
    door = rig.door()
    door._max_upload = 3
    await door.accept([rig.event(Wrote("see"), attachments=(long,))])
    await rig.serve(door)
    assert [reply.kind for _, reply in rig.voice.told] == [ReplyKind.REFUSED]
    assert await rig.said() == []


async def test_a_text_that_is_too_long_is_refused(rig: Rig) -> None:
    await rig.does(rig.event(Wrote("x" * 9000)))
    ((_, reply),) = rig.voice.told
    assert reply.kind is ReplyKind.REFUSED
    assert "9000 characters" in reply.detail


async def test_who_is_to_be_told_something_is_told_when_the_platform_is_there_again(rig: Rig) -> None:
    await rig.bench.core.desk.claim((await rig.bench.conversation()).id, LEE)
    rig.voice.failures = [ChannelUnavailable("down", retry_after=30)]
    await rig.does(rig.event(Wrote("may I?")))
    rig.bench.clock.advance(29)
    await rig.serve()
    assert rig.voice.told == []
    # Meanwhile what else is done in the thread is acted on.
    await rig.does(rig.event(Wrote("hello"), LEE.id))
    assert await rig.said() == ["hello"]
    rig.bench.clock.advance(1)
    await rig.serve()
    assert [reply.kind for _, reply in rig.voice.told] == [ReplyKind.WITH_OTHER]


@pytest.mark.parametrize(
    "failures", [[DeliveryRefused("gone")], [ChannelUnavailable("down")] * MAX_TELLINGS], ids=["refused", "down"]
)
async def test_who_cannot_be_told_is_given_up(rig: Rig, failures: list[Exception]) -> None:
    await rig.bench.core.desk.claim((await rig.bench.conversation()).id, LEE)
    rig.voice.failures = list(failures)
    await rig.does(rig.event(Wrote("may I?")))
    for _ in failures:
        rig.bench.clock.advance(700)
        await rig.serve()
    assert rig.voice.told == []
    async with rig.bench.store.unit(write=False) as unit:
        assert await unit.desk_events.waiting(CHANNEL, 10) == []


async def test_a_claim_is_not_made_of_what_has_just_been_given_back(rig: Rig) -> None:
    """The handoff is over between the look at it and the claim: nothing is taken from the bot."""
    conversation = (await rig.bench.conversation()).id
    door, desk = rig.door(), rig.bench.core.desk
    await desk.claim(conversation, LEE)
    looked = door._check_goes_on

    async def given_back_meanwhile(thread: DeskThread) -> None:
        await looked(thread)
        await desk.give_back(conversation, LEE)

    door._check_goes_on = given_back_meanwhile  # type: ignore[method-assign]
    await door.accept([rig.event(Wrote("hello"))])
    await rig.serve(door)
    assert [reply.kind for _, reply in rig.voice.told] == [ReplyKind.OVER]
    assert (await rig.bench.conversation()).owner is Owner.BOT
    assert await rig.said() == []
