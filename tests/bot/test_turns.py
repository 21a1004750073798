"""The way of a message through the running core: stored, taken in order, answered once, delivered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import HandoffState, Owner
from bot.errors import ChannelUnavailable, Conflict, DeliveryRefused, InvalidInput, Overloaded, TimedOut
from bot.messages import Attachment, Author, DeliveryState, Edited, Text
from bot.ports import Committed, Delivered, Typing
from bot.understanding import Sentiment
from storage.memory import MemoryStore
from tests.bot.rig import KIM, LEE, Bench, bench
from tests.fakes import MORNING, inbound


@pytest.fixture
async def core() -> AsyncIterator[Bench]:
    async with bench() as running:
        yield running


async def test_a_customer_is_answered_in_their_language(core: Bench) -> None:
    await core.hears(inbound("wie lange dauert es?"))
    assert await core.memory.wait_for(1) == ["Es dauert 3 Tage."]


async def test_the_history_keeps_what_was_understood_and_why_the_bot_answered(core: Bench) -> None:
    await core.hears(inbound("how long does it take?"))
    await core.settled()
    heard, said = await core.history()
    assert (heard.seq, heard.author, heard.text) == (1, Author.CUSTOMER, "how long does it take?")
    assert heard.understanding is not None
    assert heard.understanding.intent is not None
    assert heard.understanding.intent.name == "delivery_time"
    assert (said.seq, said.author, said.decision) == (2, Author.BOT, "delivery_time 0.93")
    assert said.delivery is not None
    assert said.delivery.state is DeliveryState.SENT


async def test_the_model_is_told_when_a_message_was_sent_by_the_clocks_of_the_desk(core: Bench) -> None:
    core.clock.advance(3600)  # it waited for an hour
    await core.hears(inbound("hello"))
    await core.settled()

    (hints,) = core.model.hints
    assert hints.at == MORNING
    assert hints.at is not None
    assert hints.at.isoformat() == "2026-11-23T11:00:00+01:00"


async def test_a_repeated_event_is_answered_once(core: Bench) -> None:
    event = inbound("hello")
    assert await core.hears(event) is True
    assert await core.hears(event) is False
    await core.settled()
    assert await core.hears(event) is False
    await core.settled()
    assert len(core.memory.sent) == 1


async def test_a_repeat_after_a_restart_is_still_a_repeat() -> None:
    store, event = MemoryStore(), inbound("hello")
    async with bench(store) as first:
        await first.hears(event)
        await first.settled()
    async with bench(store) as second:
        assert await second.hears(event) is False
        await second.settled()
        assert second.memory.sent == []


async def test_what_was_stored_before_a_crash_is_answered_after_it() -> None:
    store = MemoryStore()
    async with store.unit() as unit:
        await unit.inbox.add(inbound("hello"), inbound("x").at)
    async with bench(store) as restarted:
        assert await restarted.memory.wait_for(1) == ["Hello from Tiny!"]
        await restarted.settled()


async def test_messages_of_one_conversation_are_answered_in_order(core: Bench) -> None:
    core.model.delay = 0.005
    texts = ["hello", "how long does it take?", "where is my money?"] * 5
    for text in texts:
        await core.hears(inbound(text))
    await core.settled()
    heard = [m.text for m in await core.history() if m.author is Author.CUSTOMER]
    assert heard == texts
    assert [m.seq for m in await core.history()] == list(range(1, 31))
    assert list(core.memory.texts()) == ["Hello from Tiny!", "It takes 3 days.", "Your money is on its way."] * 5


async def test_conversations_are_served_side_by_side(core: Bench) -> None:
    core.model.delay = 0.2
    loop = asyncio.get_running_loop()
    started = loop.time()
    for i in range(20):
        await core.hears(inbound("hello", conversation=f"customer-{i}"))
    await core.memory.wait_for(20)
    assert loop.time() - started < 20 * 0.2 / 2


async def test_a_stalled_channel_does_not_hold_up_another(core: Bench) -> None:
    core.memory.stall = asyncio.Event()
    for i in range(40):
        await core.hears(inbound("hello", conversation=f"stalled-{i}"))
    await core.hears(inbound("hello", channel="other"))
    assert await core.other.wait_for(1) == ["Hello from Tiny!"]
    core.memory.stall.set()
    await core.settled()
    assert len(core.memory.sent) == 40


async def test_with_too_much_waiting_an_event_is_refused_and_not_stored(core: Bench) -> None:
    core.model.delay = 5
    for i in range(500):
        await core.hears(inbound("hello", conversation=f"c{i}"))
    event = inbound("hello", conversation="late")
    with pytest.raises(Overloaded) as caught:
        await core.hears(event)
    assert caught.value.retry_after is not None
    async with core.store.unit(write=False) as unit:
        assert await unit.inbox.head(event.address.key) is None


async def test_a_turn_that_fails_for_a_while_is_tried_again(core: Bench) -> None:
    core.model.error = TimedOut("busy")
    await core.hears(inbound("hello"))
    await asyncio.sleep(0.1)
    assert core.memory.sent == []
    core.model.error = None
    assert await core.memory.wait_for(1) == ["Hello from Tiny!"]


async def test_a_turn_that_cannot_succeed_is_told_shown_and_goes_to_a_human(core: Bench) -> None:
    core.model.error = RuntimeError("the model is broken")
    await core.hears(inbound("hello"))
    assert await core.memory.wait_for(2) == ["Something went wrong.", "I am calling a colleague."]
    core.model.error = None
    await core.settled()
    assert (await core.conversation()).owner is Owner.QUEUE
    async with core.store.unit(write=False) as unit:
        (failure,) = await unit.inbox.failures(10)
    assert "the model is broken" in failure.error
    assert [m.text for m in await core.history() if m.author is Author.CUSTOMER] == ["hello"]


async def test_a_delivery_that_fails_is_retried_and_later_messages_wait_their_turn(core: Bench) -> None:
    core.memory.failures = [ChannelUnavailable("429", retry_after=30)]
    await core.hears(inbound("hello"))
    await core.settled()
    await core.hears(inbound("how long does it take?"))
    await core.settled()
    assert core.memory.sent == []
    (_, said, *_) = await core.history()
    assert said.delivery is not None
    assert (said.delivery.state, said.delivery.attempts) == (DeliveryState.PENDING, 1)
    core.clock.advance(31)
    core.core.deliveries["memory"].wake((await core.conversation()).address)
    assert await core.memory.wait_for(2) == ["Hello from Tiny!", "It takes 3 days."]


async def test_a_refused_delivery_becomes_a_dead_letter_that_can_be_tried_again(core: Bench) -> None:
    core.memory.failures = [DeliveryRefused("blocked by the user")]
    await core.hears(inbound("hello"))
    await core.settled()
    async with core.store.unit(write=False) as unit:
        (dead,) = await unit.outbox.dead_letters()
    assert dead.error == "blocked by the user"
    await core.hears(inbound("how long does it take?"))
    assert await core.memory.wait_for(1) == ["It takes 3 days."]
    assert await core.core.retry_delivery(dead.outbound.message.id)
    assert await core.memory.wait_for(2) == ["It takes 3 days.", "Hello from Tiny!"]
    assert not await core.core.retry_delivery("no such message")


async def test_an_agent_takes_over_and_the_bot_falls_silent(core: Bench) -> None:
    await core.hears(inbound("a person please"))
    await core.settled()
    conversation = await core.conversation()
    await core.core.desk.claim(conversation.id, KIM)
    await core.hears(inbound("how long does it take?"))
    await core.settled()
    await core.core.desk.answer(conversation.id, KIM, "Three days, usually.")
    await core.settled()
    assert list(core.memory.texts()) == ["I am calling a colleague.", "Kim is here.", "Three days, usually."]
    await core.core.desk.give_back(conversation.id, KIM)
    await core.hears(inbound("how long does it take?"))
    await core.settled()
    assert core.memory.texts()[-1] == "It takes 3 days."


async def test_of_two_agents_who_claim_at_once_exactly_one_gets_it(core: Bench) -> None:
    await core.hears(inbound("a person please"))
    await core.settled()
    conversation = await core.conversation()
    desk = core.core.desk
    outcomes = await asyncio.gather(
        desk.claim(conversation.id, KIM), desk.claim(conversation.id, LEE), return_exceptions=True
    )
    assert sum(isinstance(o, Committed) for o in outcomes) == 1
    (refused,) = [o for o in outcomes if isinstance(o, Conflict)]
    assert "already with" in str(refused)
    async with core.store.unit(write=False) as unit:
        (handoff,) = await unit.handoffs.list([HandoffState.CLAIMED])
    assert handoff.conversation == conversation.id


async def test_an_agents_empty_or_endless_answer_is_refused(core: Bench) -> None:
    await core.hears(inbound("a person please"))
    await core.settled()
    conversation = await core.conversation()
    await core.core.desk.claim(conversation.id, KIM)
    with pytest.raises(InvalidInput, match="empty"):
        await core.core.desk.answer(conversation.id, KIM, " \u200b ")
    with pytest.raises(InvalidInput, match="limit"):
        await core.core.desk.answer(conversation.id, KIM, "x" * 9000)
    with pytest.raises(InvalidInput, match="no conversation"):
        await core.core.desk.claim("nope", KIM)


async def test_the_queue_shows_who_waits_with_the_last_message(core: Bench) -> None:
    await core.hears(inbound("a person please"))
    await core.settled()
    (waiting,) = await core.core.desk.queue()
    assert waiting.customer is not None
    assert waiting.customer.name == "Ana"
    assert waiting.handoff is not None
    assert waiting.handoff.reason == "requested"
    assert waiting.last is not None
    assert waiting.last.text == "I am calling a colleague."


async def test_what_cannot_wait_stands_first_in_the_queue(core: Bench) -> None:
    for name in ("ana", "ben", "cleo"):
        core.model.sentiment = Sentiment("neutral", 0.0, urgency=0.9 if name == "ben" else 0.1)
        await core.hears(inbound("a person please", conversation=name))
        await core.settled()
        core.clock.advance(60)

    queue = await core.core.desk.queue()

    assert [item.conversation.address.conversation for item in queue] == ["ben", "ana", "cleo"]
    assert [item.handoff.urgent for item in queue if item.handoff] == [True, False, False]


async def test_those_who_watch_see_messages_deliveries_and_typing(core: Bench) -> None:
    async with core.core.live.subscribe() as events:
        await core.hears(inbound("hello"))
        await core.core.intake.typing(inbound("x").address)
        await core.settled()
        seen = []
        async with asyncio.timeout(2):
            async for event in events:
                seen.append(event)
                if {type(e) for e in seen} == {Committed, Delivered, Typing}:
                    break
    committed = next(e for e in seen if isinstance(e, Committed))
    assert [m.text for m in committed.messages] == ["hello", "Hello from Tiny!"]


async def test_an_edit_of_the_latest_message_is_answered_anew_and_an_older_one_only_recorded(core: Bench) -> None:
    first, second = inbound("hello"), inbound("how long does it take?")
    await core.hears(first)
    await core.hears(second)
    await core.settled()
    edit = inbound("")
    await core.hears(replace(edit, content=Edited(str(second.reference), "where is my money?")))
    await core.settled()
    assert core.memory.texts()[-1] == "Your money is on its way."
    await core.hears(replace(inbound(""), content=Edited(str(first.reference), "hallo")))
    await core.settled()
    assert len(core.memory.sent) == 3
    customer = [m for m in await core.history() if m.author is Author.CUSTOMER]
    assert [m.text for m in customer] == ["hallo", "where is my money?"]
    assert all(m.edited_at is not None for m in customer)


async def test_files_are_kept_and_one_that_cannot_be_had_is_shown_with_the_reason(core: Bench) -> None:
    core.memory.files["f1"] = b"a photo"
    files = (Attachment("a.jpg", "image/jpeg", source="f1"), Attachment("b.jpg", "image/jpeg", source="gone"))
    core.memory.fetch = _fetch_or_refuse(core)  # type: ignore[method-assign]
    await core.hears(inbound("hello", attachments=files))
    await core.settled()
    heard = (await core.history())[0]
    assert heard.attachments[0].blob is not None
    assert heard.attachments[0].size == 7
    assert heard.attachments[1].blob is None
    assert heard.attachments[1].error == "the file is gone"
    assert list(core.memory.texts()) == ["Hello from Tiny!"]


def _fetch_or_refuse(core: Bench) -> Callable[[Attachment], AsyncIterator[bytes]]:
    async def fetch(attachment: Attachment) -> AsyncIterator[bytes]:
        if attachment.source not in core.memory.files:
            raise DeliveryRefused("the file is gone")
        yield core.memory.files[attachment.source]

    return fetch


@pytest.mark.parametrize(
    "text",
    ["", "\x00\x07", "\u200b\u200b", "\ud83d", "😀" * 5000, "a\x00b", "\u202eabc", "ก" * 3000, " " * 100],
)
async def test_strange_texts_are_answered_and_never_break_a_turn(core: Bench, text: str) -> None:
    await core.hears(inbound(text))
    await core.memory.wait_for(1)
    await core.settled()
    stored = (await core.history())[0].text
    assert "\x00" not in stored
    stored.encode()


async def test_a_text_over_the_limit_is_answered_with_the_limit_and_not_understood(core: Bench) -> None:
    await core.hears(inbound("x" * 8001))
    assert await core.memory.wait_for(1) == ["More than 8000 characters."]
    assert core.model.asked == []


async def test_an_action_is_carried_out_once_even_if_an_agent_gets_in_between(core: Bench) -> None:
    await core.hears(inbound("where is order 12345?"))
    await core.settled()
    assert [call.slots for call in core.actions.calls] == [{"order_number": "12345"}]
    assert list(core.memory.texts()) == ["Order 12345 is packed."]


customers = st.sampled_from(["ana", "ben", "cem"])
texts = st.sampled_from(["hello", "how long does it take?", "sing me a song", "where is order 12345?"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(customers, texts, st.integers(1, 3)), min_size=1, max_size=20))
async def test_every_message_has_its_turn_once_and_in_order(writes: list[tuple[str, str, int]]) -> None:
    async with bench() as core:
        for name, text, times in writes:
            event = inbound(text, conversation=name)
            assert [await core.hears(event) for _ in range(times)] == [True] + [False] * (times - 1)
        await core.settled()
        for name in {name for name, _, _ in writes}:
            history = await core.history(name)
            assert [m.text for m in history if m.author is Author.CUSTOMER] == [t for n, t, _ in writes if n == name]
            assert [m.seq for m in history] == list(range(1, len(history) + 1))
            sent = [m.id for m in history if m.author is not Author.CUSTOMER and not m.internal]
            assert [o.message.id for o in core.memory.sent if o.address.conversation == name] == sent
        assert isinstance(inbound("x").content, Text)
