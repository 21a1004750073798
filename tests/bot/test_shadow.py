"""A challenger reads what the champion has read: the two are compared, and nothing it does is ever felt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from bot.comparison import Agreement, Disagreement, Tally
from bot.errors import ModelError, Overloaded, StorageUnavailable
from bot.model_versions import LineUp
from bot.ports import Lagged
from bot.shadow import Shadow
from bot.understanding import RankedIntent, Understanding
from tests.bot.rig import Bench, bench
from tests.fakes import FakeModels, inbound, understand

OLD, NEW = "v1", "v2"


@dataclass
class Ring:
    """A core whose model is the champion, and a challenger beside it."""

    core: Bench
    models: FakeModels
    shadow: Shadow

    async def hears(self, *texts: str) -> None:
        for text in texts:
            await self.core.hears(inbound(text))
        await self.core.settled()

    async def agreement(self, challenger: str = NEW) -> Agreement:
        async with self.core.store.unit(write=False) as unit:
            return await unit.comparisons.agreement(OLD, challenger)

    async def disagreements(self) -> list[Disagreement]:
        async with self.core.store.unit(write=False) as unit:
            return list(await unit.comparisons.disagreements(OLD, NEW, 100))

    async def compared(self, count: int) -> Agreement:
        """The agreement once so many messages have been compared."""
        async with asyncio.timeout(5):
            while (agreement := await self.agreement()).total.judged + agreement.failed < count:
                await asyncio.sleep(0.01)
        return agreement

    def counted(self, outcome: str) -> float:
        return self.core.core.metrics.registry.get_sample_value("babeldesk_shadow_total", {"outcome": outcome}) or 0


@asynccontextmanager
async def ring(
    opinion: Callable[[str], Awaitable[Understanding]] | None = None,
    *,
    challenger: str | None = NEW,
    patience: float = 5,
    capacity: int = 100,
    pause: float = 0.02,
) -> AsyncIterator[Ring]:
    async with bench() as core:
        core.model.version = OLD
        models = FakeModels(LineUp(champion=OLD, challenger=challenger), opinion)
        shadow = Shadow(
            store=core.store,
            live=core.core.live,
            models=models,
            clock=core.clock,
            metrics=core.core.metrics,
            pause=pause,
            patience=patience,
            capacity=capacity,
        )
        task = asyncio.create_task(shadow.run())
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the listener listens
        yield Ring(core, models, shadow)
        shadow.stop()
        async with asyncio.timeout(5):
            await task


def thinks(intent: str, confidence: float = 0.8, *, in_scope: bool = True) -> Callable[[str], Awaitable[Understanding]]:
    """A challenger that always thinks the same."""

    async def opinion(text: str) -> Understanding:
        ranking = (RankedIntent(intent, confidence),)
        return replace(understand(text), ranking=ranking, in_scope=in_scope)

    return opinion


async def test_versions_that_think_the_same_agree() -> None:
    async with ring() as it:
        await it.hears("hello", "wie lange dauert es?", "sing me a song")
        agreement = await it.compared(3)

        assert agreement.total == Tally(3, 3)
        assert agreement.by_language == {"en": Tally(2, 2), "de": Tally(1, 1)}
        assert (it.counted("agree"), it.counted("disagree"), it.shadow.dropped) == (3, 0, 0)
        # The challenger is told the language that the champion heard, and is not asked for another.
        assert [language.code for _, language in it.models.asked] == ["en", "de", "en"]


async def test_where_they_differ_is_kept_with_both_verdicts_and_the_text() -> None:
    async with ring(thinks("refund_status", 0.8)) as it:
        await it.hears("where is my money?", "where is my order?")
        agreement = await it.compared(2)
        (found,) = await it.disagreements()

        assert agreement.total == Tally(2, 1)
        assert found.text == "where is my order?"
        assert (found.comparison.champion.intent, found.comparison.champion.confidence) == ("order_status", 0.95)
        assert found.comparison.verdict is not None
        assert (found.comparison.verdict.intent, found.comparison.verdict.confidence) == ("refund_status", 0.8)
        (entry,) = [entry for entry in await it.core.history() if entry.text == found.text]
        assert (found.comparison.message, found.comparison.conversation) == (entry.id, entry.conversation)
        assert (it.counted("agree"), it.counted("disagree")) == (1, 1)


async def test_one_that_would_not_answer_disagrees_and_two_that_would_not_agree() -> None:
    async with ring(thinks("order_status", in_scope=False)) as it:
        await it.hears("where is my order?", "sing me a song")
        assert (await it.compared(2)).total == Tally(2, 1)


async def test_a_challenger_that_fails_changes_no_answer() -> None:
    async def breaks(text: str) -> Understanding:
        raise ModelError(f"a matrix of the wrong shape ({len(text)})")

    async with ring(breaks) as it:
        await it.hears("hello", "how long does it take?")
        said = it.core.memory.texts()
        agreement = await it.compared(2)
        failed = await it.disagreements()

    async with ring(challenger=None) as alone:
        await alone.hears("hello", "how long does it take?")
        assert alone.core.memory.texts() == said
    assert (agreement.total, agreement.failed) == (Tally(), 2)
    assert {one.comparison.error for one in failed} == {
        "ModelError: a matrix of the wrong shape (22)",
        "ModelError: a matrix of the wrong shape (5)",
    }
    assert it.counted("failed") == 2


async def test_a_challenger_that_hangs_changes_no_answer() -> None:
    async def hangs(_: str) -> Understanding:
        await asyncio.Event().wait()
        raise AssertionError

    async with ring(hangs, patience=0.2) as it:
        async with asyncio.timeout(0.2):  # long before it is given up
            await it.hears("hello")
            assert await it.core.memory.wait_for(1)
        await it.compared(1)
        (found,) = await it.disagreements()
        assert found.comparison.error == "no answer within 0.2 seconds"


async def test_what_a_busy_challenger_has_no_time_for_is_dropped_and_counted() -> None:
    async def busy(_: str) -> Understanding:
        raise Overloaded("64 messages wait already")

    async with ring(busy) as it:
        await it.hears("hello", "hello")
        async with asyncio.timeout(5):
            while it.shadow.dropped < 2:
                await asyncio.sleep(0.01)
        assert await it.agreement() == Agreement()
        assert it.counted("dropped") == 2


async def test_more_than_can_wait_is_dropped() -> None:
    started, free = asyncio.Event(), asyncio.Event()

    async def slow(text: str) -> Understanding:
        started.set()
        await free.wait()
        return understand(text)

    async with ring(slow, capacity=3, pause=0) as it:
        await it.hears("hello")
        await started.wait()
        await it.hears(*["hello"] * 8)
        assert it.shadow.dropped == 5
        free.set()
        assert (await it.compared(4)).total == Tally(4, 4)


async def test_a_listener_that_was_too_slow_counts_what_it_knows_to_be_lost() -> None:
    async with ring() as it:
        it.core.core.live.publish(Lagged())
        await asyncio.sleep(0.01)
        assert it.shadow.dropped == 1


async def test_without_a_challenger_nothing_is_compared() -> None:
    async with ring(challenger=None) as it:
        await it.hears("hello")
        await asyncio.sleep(0.05)
        assert it.models.asked == []

        it.models.line = LineUp(champion=OLD, challenger=NEW)
        await it.hears("hello")
        assert (await it.compared(1)).total == Tally(1, 1)


async def test_only_what_customers_write_is_compared() -> None:
    async with ring() as it:
        await it.hears("a person please", "   ")
        await it.compared(1)
        await asyncio.sleep(0.05)
        assert [text for text, _ in it.models.asked] == ["a person please"]


async def test_a_challenger_that_is_exchanged_in_the_middle_says_nothing() -> None:
    async def leaves(text: str) -> Understanding:
        it.models.line = LineUp(champion=OLD, challenger="v3")
        return understand(text)

    async with ring(leaves) as it:
        await it.hears("hello")
        await asyncio.sleep(0.1)
        assert await it.agreement() == Agreement() == await it.agreement("v3")


async def test_comparisons_that_cannot_be_stored_are_dropped_and_the_next_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with ring() as it:
        await it.hears("hello")
        await it.compared(1)

        class Full:
            def unit(self, *, write: bool = True) -> object:
                raise StorageUnavailable("the disk is full")

        monkeypatch.setattr(it.shadow, "_store", Full())
        await it.hears("hello")
        async with asyncio.timeout(5):
            while it.shadow.dropped < 1:
                await asyncio.sleep(0.01)
        monkeypatch.undo()
        await it.hears("hello")
        assert (await it.compared(2)).total == Tally(2, 2)


async def test_many_comparisons_are_written_together() -> None:
    written = []

    async with ring(pause=0.2) as it:
        unit = it.core.store.unit

        class Counting:
            def unit(self, *, write: bool = True) -> object:
                written.append(write)
                return unit(write=write)

        it.shadow._store = Counting()  # type: ignore[assignment]
        await it.hears(*["hello"] * 10)
        await it.compared(10)
    assert len(written) < 5
