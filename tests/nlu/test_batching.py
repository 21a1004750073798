from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from bot.errors import BabeldeskError, InvalidInput, ModelError, Overloaded, Retryable, TimedOut
from nlu.batching import MicroBatcher


class Gated:
    """An encoder that starts a batch only when it is let, and remembers what it got and where."""

    def __init__(self, *, open_gate: bool = False) -> None:
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.gate = threading.Semaphore(1_000 if open_gate else 0)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        self.batches.append(list(texts))
        self.threads.add(threading.get_ident())
        assert self.gate.acquire(timeout=10)
        if "poison" in texts:
            raise ValueError("cannot digest it")
        if "refused" in texts:
            raise InvalidInput("not this one")
        return [[len(text), ord(text[0])] for text in texts]

    async def busy(self, batches: int = 1) -> None:
        """Wait until that many batches have arrived."""
        async with asyncio.timeout(5):
            while len(self.batches) < batches:
                await asyncio.sleep(0.001)


def expected(text: str) -> list[int]:
    return [len(text), ord(text[0])]


async def outcome(work: asyncio.Task[list[int]]) -> list[int] | type[BaseException]:
    try:
        return await work
    except BabeldeskError as error:
        return type(error)


async def test_what_waits_while_the_encoder_is_busy_goes_together() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder, max_batch=4) as batcher, asyncio.TaskGroup() as group:
        first = group.create_task(batcher.read("first"))
        await encoder.busy()
        later = [group.create_task(batcher.read(f"{letter} text")) for letter in "abcdef"]
        await asyncio.sleep(0)
        assert batcher.waiting == 6
        encoder.gate.release(3)

    assert encoder.batches == [["first"], ["a text", "b text", "c text", "d text"], ["e text", "f text"]]
    assert await first == expected("first")
    assert [await task for task in later] == [expected(f"{letter} text") for letter in "abcdef"]


async def test_a_single_text_does_not_wait_for_company() -> None:
    encoder = Gated(open_gate=True)
    async with MicroBatcher(encoder) as batcher:
        for text in ("one", "two", "three"):
            assert await batcher.read(text) == expected(text)

    assert encoder.batches == [["one"], ["two"], ["three"]]


async def test_the_encoder_works_in_one_thread_that_is_not_the_event_loops() -> None:
    encoder = Gated(open_gate=True)
    async with MicroBatcher(encoder, max_batch=2) as batcher:
        await asyncio.gather(*(batcher.read(f"text {index}") for index in range(20)))

    assert len(encoder.threads) == 1
    assert encoder.threads != {threading.get_ident()}


async def test_the_event_loop_runs_on_while_the_encoder_works() -> None:
    def slow(texts: Sequence[str]) -> list[list[int]]:
        time.sleep(0.2)
        return [[0, 0] for _ in texts]

    async with MicroBatcher(slow) as batcher:
        work = asyncio.create_task(batcher.read("text"))
        ticks = 0
        while not work.done():
            await asyncio.sleep(0.01)
            ticks += 1

    assert ticks >= 10


async def test_a_full_queue_refuses_at_once_and_takes_again_when_it_has_room() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder, max_queue=2, max_batch=1) as batcher:
        taken = [asyncio.create_task(batcher.read("at work"))]
        await encoder.busy()
        taken += [asyncio.create_task(batcher.read(text)) for text in ("waits", "waits too")]
        await asyncio.sleep(0)

        with pytest.raises(Overloaded, match="2 texts wait"):
            await batcher.read("too many")

        encoder.gate.release(4)
        await asyncio.gather(*taken)
        assert await batcher.read("again") == expected("again")
    assert ["too many"] not in encoder.batches


async def test_a_text_that_waits_too_long_is_dropped_from_the_queue() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder, timeout=0.05) as batcher:
        work = [asyncio.create_task(batcher.read("at work"))]
        await encoder.busy()
        work.append(asyncio.create_task(batcher.read("waits")))

        assert [await outcome(task) for task in work] == [TimedOut, TimedOut]
        assert batcher.waiting == 0
        encoder.gate.release(2)
        # The slow batch is through, and the encoder serves again.
        assert await batcher.read("next") == expected("next")

    assert encoder.batches == [["at work"], ["next"]]


async def test_a_caller_who_gives_up_is_dropped_from_the_queue() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder) as batcher:
        first = asyncio.create_task(batcher.read("first"))
        await encoder.busy()
        gone, stays = (asyncio.create_task(batcher.read(text)) for text in ("gone", "stays"))
        await asyncio.sleep(0)

        gone.cancel()
        await asyncio.wait([gone])
        encoder.gate.release(2)

        assert gone.cancelled()
        assert [await outcome(first), await outcome(stays)] == [expected("first"), expected("stays")]
    assert encoder.batches == [["first"], ["stays"]]


async def test_one_bad_text_does_not_fail_its_neighbours() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder) as batcher:
        texts = ["first", "good", "poison", "better", "refused"]
        work = [asyncio.create_task(batcher.read(texts[0]))]
        await encoder.busy()
        work += [asyncio.create_task(batcher.read(text)) for text in texts[1:]]
        await asyncio.sleep(0)
        encoder.gate.release(6)

        outcomes = [await outcome(task) for task in work]

        assert outcomes == [expected("first"), expected("good"), ModelError, expected("better"), InvalidInput]
        assert encoder.batches == [["first"], texts[1:], ["good"], ["poison"], ["better"], ["refused"]]


async def test_the_error_says_what_the_encoder_said() -> None:
    async with MicroBatcher(Gated(open_gate=True)) as batcher:
        with pytest.raises(ModelError, match="a text of 6 characters: cannot digest it") as caught:
            await batcher.read("poison")

    assert isinstance(caught.value.__cause__, ValueError)


async def test_leaving_finishes_the_batch_at_work_and_refuses_the_rest() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder, max_batch=1) as batcher:
        at_work = asyncio.create_task(batcher.read("at work"))
        await encoder.busy()
        waits = asyncio.create_task(batcher.read("waits"))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, encoder.gate.release)

    assert await outcome(at_work) == expected("at work")
    with pytest.raises(Retryable, match="shutting down"):
        await waits
    with pytest.raises(Retryable, match="shutting down"):
        await batcher.read("late")
    assert encoder.batches == [["at work"]]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("encoder")]


async def test_an_error_inside_the_context_passes_through() -> None:
    async def fail() -> None:
        async with MicroBatcher(Gated(open_gate=True)) as batcher:
            await batcher.read("text")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()


async def test_nothing_is_taken_before_the_context_is_entered() -> None:
    with pytest.raises(Retryable):
        await MicroBatcher(Gated()).read("early")


async def test_callers_with_the_same_text_share_a_run() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder, max_batch=2) as batcher:
        tasks = [asyncio.create_task(batcher.read("first"))]
        await encoder.busy()
        texts = ["hi", "yo", "hi", "ok", "hi"]
        tasks += [asyncio.create_task(batcher.read(text)) for text in texts]
        await asyncio.sleep(0)
        assert batcher.waiting == 5
        encoder.gate.release(3)

        assert [await task for task in tasks] == [expected(text) for text in ["first", *texts]]

    assert encoder.batches == [["first"], ["hi", "yo"], ["ok"]]


async def test_a_caller_who_comes_while_the_same_text_is_at_work_gets_its_result() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder) as batcher:
        first = asyncio.create_task(batcher.read("hi"))
        await encoder.busy()
        late = asyncio.create_task(batcher.read("hi"))
        await asyncio.sleep(0)
        encoder.gate.release()

        assert [await first, await late] == [expected("hi")] * 2
        assert batcher.waiting == 0
    assert encoder.batches == [["hi"]]


async def test_of_callers_with_the_same_text_one_who_gives_up_leaves_the_others_theirs() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder) as batcher:
        gone, stays = (asyncio.create_task(batcher.read("hi")) for _ in range(2))
        await encoder.busy()
        gone.cancel()
        await asyncio.wait([gone])
        encoder.gate.release()

        assert gone.cancelled()
        assert await stays == expected("hi")
    assert encoder.batches == [["hi"]]


async def test_a_text_that_fails_fails_for_all_who_sent_it_and_for_nobody_else() -> None:
    encoder = Gated()
    async with MicroBatcher(encoder) as batcher:
        tasks = [asyncio.create_task(batcher.read(text)) for text in ("poison", "good", "poison")]
        await encoder.busy()
        encoder.gate.release(3)

        assert [await outcome(task) for task in tasks] == [ModelError, expected("good"), ModelError]
    assert encoder.batches == [["poison", "good"], ["poison"], ["good"]]
