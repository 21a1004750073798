"""Handoffs' threads on another platform, what agents did in them, and whose accounts are whose, in every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.conversation import Conversation, Handoff, HandoffState
from bot.desk_values import (
    Account,
    DeskEvent,
    DeskLink,
    DeskReply,
    DeskThread,
    LinkCode,
    OwedReply,
    Press,
    Pushed,
    ReplyKind,
    Rewrote,
    StoredEvent,
    Wrote,
)
from bot.errors import Conflict, InvalidInput
from bot.messages import Address, Attachment
from bot.ports import Store
from tests.storage.samples import NOON, later, stored_conversation, stored_handoff, user

DESK, OTHER = "C0DESK", "C0OLD"
KIM = Account("slack", "T1:UKIM", "Kim ✨")
FILE = Attachment("bill.pdf", "application/pdf", 12, source="https://files.example/1")


async def asked(store: Store, number: int = 1) -> tuple[Conversation, Handoff]:
    """A conversation whose customer has called for a person."""
    conversation = await stored_conversation(store, Address("telegram", f"of {number}"))
    return conversation, await stored_handoff(store, conversation, later(number))


def thread(handoff: Handoff, channel: str = DESK, **fields: object) -> DeskThread:
    values: dict[str, object] = {"opened_at": handoff.opened_at, "since": 3, "posted": 3, **fields}
    return DeskThread(handoff.id, handoff.conversation, channel, **values)  # type: ignore[arg-type]


async def add(store: Store, *threads: DeskThread) -> None:
    async with store.unit() as unit:
        for one in threads:
            assert await unit.desk_threads.add(one)


async def take(store: Store, one: DeskThread, holder: str, at: datetime, until: datetime) -> DeskThread | None:
    async with store.unit() as unit:
        return await unit.desk_threads.take(one, holder, at, until)


async def open_in(store: Store, channel: str = DESK) -> list[DeskThread]:
    async with store.unit(write=False) as unit:
        return list(await unit.desk_threads.open(channel))


# --- threads ----------------------------------------------------------------------------------------------------------


async def test_open_handoffs_without_a_thread_in_a_channel_are_found_oldest_first(store: Store) -> None:
    handoffs = [(await asked(store, number))[1] for number in (3, 1, 2)]
    async with store.unit() as unit:
        await unit.handoffs.save(replace(handoffs[2], state=HandoffState.CLAIMED), expected=HandoffState.WAITING)
        assert await unit.desk_threads.add(thread(handoffs[0], OTHER))
        found = await unit.desk_threads.missing(DESK)
        assert [one.id for one in found] == [handoffs[1].id, handoffs[2].id, handoffs[0].id]
        assert found[1].state is HandoffState.CLAIMED
        assert len(await unit.desk_threads.missing(DESK, limit=2)) == 2
        await unit.handoffs.save(replace(handoffs[1], state=HandoffState.DONE), expected=HandoffState.WAITING)
        assert await unit.desk_threads.add(thread(handoffs[2]))
        assert [one.id for one in await unit.desk_threads.missing(DESK)] == [handoffs[0].id]


async def test_a_handoff_has_one_thread_in_a_channel(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff), thread(handoff, OTHER))
    async with store.unit() as unit:
        assert not await unit.desk_threads.add(thread(handoff, posted=9))
    assert await open_in(store) == [thread(handoff)]
    assert await open_in(store, OTHER) == [thread(handoff, OTHER)]


async def test_a_thread_is_of_a_handoff_that_there_is(store: Store) -> None:
    _, handoff = await asked(store)
    with pytest.raises(InvalidInput):
        await add(store, replace(thread(handoff), handoff="nothing"))


async def test_what_was_told_is_stored_by_whoever_holds_the_thread(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff))
    taken = await take(store, thread(handoff), "one", later(0), later(60))
    assert taken == thread(handoff)
    told = replace(
        taken,
        root="171.001",
        digest="d1",
        posted=7,
        parts=2,
        edits_at=later(5),
        unsure=True,
        failures=3,
        problem="Slack is down",
        due_at=later(9),
    )
    async with store.unit() as unit:
        await unit.desk_threads.save(told, "one", later(60))
    assert await open_in(store) == [told]
    async with store.unit(write=False) as unit:
        assert await unit.desk_threads.at(DESK, "171.001") == told
        assert await unit.desk_threads.at(OTHER, "171.001") is None
        assert await unit.desk_threads.at(DESK, "171.002") is None
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.desk_threads.save(replace(told, posted=8), "two", later(60))
    assert await open_in(store) == [told]


async def test_nobody_else_takes_a_thread_that_is_held(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff))
    assert await take(store, thread(handoff), "one", later(0), later(60)) is not None
    assert await take(store, thread(handoff), "two", later(59), later(99)) is None
    async with store.unit() as unit:
        await unit.desk_threads.release(thread(handoff), "two")
    assert await take(store, thread(handoff), "two", later(59), later(99)) is None
    async with store.unit() as unit:
        await unit.desk_threads.release(thread(handoff), "one")
    assert await take(store, thread(handoff), "two", later(59), later(99)) == thread(handoff)


async def test_a_thread_that_was_never_let_go_is_taken_in_doubt_when_its_time_is_over(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff))
    assert await take(store, thread(handoff), "one", later(0), later(60)) is not None
    taken = await take(store, thread(handoff), "two", later(60), later(120))
    assert taken == replace(thread(handoff), unsure=True)
    with pytest.raises(Conflict):
        async with store.unit() as unit:
            await unit.desk_threads.save(thread(handoff), "one", later(200))


async def test_saving_holds_a_thread_for_longer(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff))
    assert await take(store, thread(handoff), "one", later(0), later(60)) is not None
    async with store.unit() as unit:
        await unit.desk_threads.save(thread(handoff, posted=4), "one", later(90))
    assert await take(store, thread(handoff), "two", later(80), later(200)) is None


async def test_a_thread_that_is_done_is_neither_open_nor_taken_and_still_known(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff))
    await take(store, thread(handoff), "one", later(0), later(60))
    done = thread(handoff, root="171.1", done=True)
    async with store.unit() as unit:
        await unit.desk_threads.save(done, "one", later(60))
        await unit.desk_threads.release(done, "one")
    assert await open_in(store) == []
    assert await take(store, done, "two", later(99), later(200)) is None
    async with store.unit(write=False) as unit:
        assert await unit.desk_threads.at(DESK, "171.1") == done


async def test_of_two_who_take_a_thread_at_once_one_gets_it(store: Store) -> None:
    _, handoff = await asked(store)
    await add(store, thread(handoff))
    taken = [await take(store, thread(handoff), holder, later(0), later(60)) for holder in ("one", "two", "three")]
    assert [one is not None for one in taken] == [True, False, False]


# --- what agents did --------------------------------------------------------------------------------------------------


def event(identity: str, root: str = "171.1", channel: str = DESK, **fields: object) -> DeskEvent:
    values: dict[str, object] = {"content": Wrote("Hello 👋"), "attachments": (FILE,), **fields}
    return DeskEvent(identity, channel, root, KIM, NOON, **values)  # type: ignore[arg-type]


async def put(store: Store, *events: DeskEvent) -> list[bool]:
    async with store.unit() as unit:
        return [await unit.desk_events.add(one, later(1)) for one in events]


async def head(store: Store, root: str = "171.1") -> StoredEvent:
    async with store.unit(write=False) as unit:
        found = await unit.desk_events.head(DESK, root)
    assert found is not None
    return found


async def test_an_event_is_stored_once_in_its_channel(store: Store) -> None:
    assert await put(store, event("e1"), event("e1", content=Rewrote()), event("e1", channel=OTHER)) == [
        True,
        False,
        True,
    ]
    assert (await head(store)).event == event("e1")


async def test_events_of_a_thread_are_acted_on_in_order_and_a_repeat_changes_nothing_afterwards(store: Store) -> None:
    contents = [Wrote("for Lee", private=True), Pushed(Press.CLAIM), Rewrote()]
    await put(store, *(event(f"e{n}", content=content) for n, content in enumerate(contents)), event("f", "171.2"))
    async with store.unit() as unit:
        assert await unit.desk_events.waiting(DESK, 10) == ["171.1", "171.2"]
        assert await unit.desk_events.waiting(DESK, 1) == ["171.1"]
        assert await unit.desk_events.waiting(OTHER, 10) == []
    for content in contents:
        stored = await head(store)
        assert stored.event.content == content
        async with store.unit() as unit:
            assert await unit.desk_events.done(stored.seq, later(2))
            assert not await unit.desk_events.done(stored.seq, later(3))
    assert await put(store, event("e0")) == [False]
    async with store.unit() as unit:
        assert await unit.desk_events.head(DESK, "171.1") is None
        assert await unit.desk_events.waiting(DESK, 10) == ["171.2"]


async def test_an_event_that_failed_waits_and_its_tries_are_counted(store: Store) -> None:
    await put(store, event("e1"))
    for tries in (0, 1, 2):
        stored = await head(store)
        assert stored.attempts == tries
        async with store.unit() as unit:
            await unit.desk_events.failed(stored.seq, "the database is away")


async def test_a_reply_is_owed_until_it_is_told_and_a_put_off_one_lets_others_go_first(store: Store) -> None:
    await put(store, event("e1"), event("e2"))
    for number, reply in enumerate((DeskReply(ReplyKind.WITH_OTHER, "Lee"), DeskReply(ReplyKind.OVER))):
        stored = await head(store)
        async with store.unit() as unit:
            await unit.desk_events.failed(stored.seq, "once")
            assert await unit.desk_events.done(stored.seq, later(number), reply)
    async with store.unit() as unit:
        first = await unit.desk_events.owed(DESK, "171.1")
        assert first == OwedReply(1, event("e1"), DeskReply(ReplyKind.WITH_OTHER, "Lee"), 0, later(0))
        await unit.desk_events.put_off(first.seq, later(30), "Slack is down")
        second = await unit.desk_events.owed(DESK, "171.1")
        assert second is not None
        assert second.event.id == "e2"
        await unit.desk_events.told(second.seq, later(5))
        again = await unit.desk_events.owed(DESK, "171.1")
        assert again == replace(first, attempts=1, due_at=later(30))
        assert await unit.desk_events.waiting(DESK, 10) == ["171.1"]
        await unit.desk_events.told(first.seq, later(6), "user_not_in_channel")
        assert await unit.desk_events.owed(DESK, "171.1") is None
        assert await unit.desk_events.waiting(DESK, 10) == []
        assert not await unit.desk_events.done(first.seq, later(7))


async def test_entries_that_were_written_in_threads_are_known(store: Store) -> None:
    conversation, _ = await asked(store)
    await put(store, event("e1"), event("e2", "171.2"), event("e3"))
    async with store.unit() as unit:
        for seq, entry in ((1, 4), (2, 9), (3, None)):
            wrote = None if entry is None else (conversation.id, entry)
            assert await unit.desk_events.done(seq, later(2), wrote=wrote)
        assert list(await unit.desk_events.written(DESK, conversation.id, 0)) == [4, 9]
        assert list(await unit.desk_events.written(DESK, conversation.id, 4)) == [9]
        assert list(await unit.desk_events.written(OTHER, conversation.id, 0)) == []
        assert list(await unit.desk_events.written(DESK, "another", 0)) == []


async def test_an_entry_is_of_a_conversation_that_there_is(store: Store) -> None:
    await put(store, event("e1"))
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.desk_events.done(1, later(2), wrote=("nothing", 1))
    assert (await head(store)).event == event("e1")


# --- who is who -------------------------------------------------------------------------------------------------------


async def test_an_account_and_a_user_are_linked_to_one_another_and_to_nobody_else(store: Store) -> None:
    ada, bob = user("Ada"), user("Bob")
    second = Account("slack", "T1:UTWO")
    async with store.unit() as unit:
        await unit.users.add(ada)
        await unit.users.add(bob)
        await unit.desk_links.put(DeskLink(KIM, ada.id, NOON))
        await unit.desk_links.put(DeskLink(second, bob.id, later(1)))
    async with store.unit(write=False) as unit:
        assert await unit.desk_links.of(replace(KIM, name="another")) == DeskLink(KIM, ada.id, NOON)
        assert await unit.desk_links.of_user("slack", bob.id) == DeskLink(second, bob.id, later(1))
        assert await unit.desk_links.of_user("teams", bob.id) is None
    async with store.unit() as unit:
        await unit.desk_links.put(DeskLink(KIM, bob.id, later(2)))
        assert await unit.desk_links.of(KIM) == DeskLink(KIM, bob.id, later(2))
        assert await unit.desk_links.of(second) is None
        assert await unit.desk_links.of_user("slack", ada.id) is None
        assert await unit.desk_links.remove("slack", bob.id)
        assert not await unit.desk_links.remove("slack", bob.id)
        assert await unit.desk_links.of(KIM) is None


async def test_nobody_unknown_is_linked(store: Store) -> None:
    with pytest.raises(InvalidInput):
        async with store.unit() as unit:
            await unit.desk_links.put(DeskLink(KIM, "nobody", NOON))


async def test_a_code_is_good_once_and_not_for_long(store: Store) -> None:
    code = LinkCode("hash-1", KIM, later(900))
    async with store.unit() as unit:
        await unit.desk_links.add_code(code, NOON)
        assert await unit.desk_links.code("hash-1", later(899)) == code
        assert await unit.desk_links.code("hash-1", later(900)) is None
        assert await unit.desk_links.code("hash-2", NOON) is None
        assert await unit.desk_links.spend("hash-1")
        assert not await unit.desk_links.spend("hash-1")
        assert await unit.desk_links.code("hash-1", NOON) is None


async def test_an_accounts_new_code_makes_its_earlier_ones_void_and_expired_ones_go(store: Store) -> None:
    second = Account("slack", "T1:UTWO")
    async with store.unit() as unit:
        await unit.desk_links.add_code(LinkCode("old", second, later(10)), NOON)
        await unit.desk_links.add_code(LinkCode("k1", KIM, later(900)), NOON)
        await unit.desk_links.add_code(LinkCode("k2", KIM, later(905)), later(5))
        assert await unit.desk_links.code("k1", later(5)) is None
        assert await unit.desk_links.code("old", later(5)) is not None
        await unit.desk_links.add_code(LinkCode("k3", KIM, later(911)), later(11))
        assert not await unit.desk_links.spend("old")
        assert await unit.desk_links.code("k3", later(11)) is not None
