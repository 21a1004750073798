"""What the encoder read is given again: the same as if it were read anew, at once, and to nobody else's encoder."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ModelError
from nlu.batching import MicroBatcher
from nlu.encoder import Encoded, Encoder
from nlu.encoder_cache import EncoderCache, Outcome
from nlu.weights import convert
from nlu.weights.progress import silent
from nlu.weights.sources import folder as folder_source
from tests.nlu import tiny_encoders as tiny
from tests.nlu.test_encoder import ODD_TEXTS, make

ENOUGH = 10_000_000

Kept = tuple[EncoderCache, list[Outcome], list[str]]


@pytest.fixture(scope="module", params=["sentencepiece", "wordpiece"])
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    if request.param == "sentencepiece":
        return Encoder.open(make(folder))
    tiny.write_checkpoint(folder, "bert")
    convert.convert(folder_source("somebody/tiny", folder), folder.with_name("converted"), "q8", silent)
    return Encoder.open(folder.with_name("converted"))


class Direct:
    """Asks the encoder without a queue, and remembers what for."""

    def __init__(self, encoder: Encoder) -> None:
        self.asked: list[str] = []
        self._encoder = encoder

    async def read(self, text: str) -> Encoded:
        self.asked.append(text)
        return self._encoder.read([text])[0]


TWINS = ["  where is my order", "where is  my order\n", "ｗｈｅｒｅ is my order", "Where is my order"]


def kept(encoder: Encoder, max_bytes: int = ENOUGH) -> Kept:
    """A cache before an encoder, how it found each text, and what it asked for."""
    outcomes: list[Outcome] = []
    behind = Direct(encoder)
    return EncoderCache(encoder, behind, max_bytes=max_bytes, count=outcomes.append), outcomes, behind.asked


def assert_same(found: Encoded, expected: Encoded) -> None:
    np.testing.assert_allclose(found.embedding, expected.embedding, atol=2e-6)
    np.testing.assert_allclose(found.tokens, expected.tokens, atol=2e-5)
    assert found.tokens.shape == expected.tokens.shape
    assert found.spans == expected.spans


async def test_a_text_is_read_once(encoder: Encoder) -> None:
    cache, outcomes, asked = kept(encoder)

    for _ in range(3):
        assert_same(await cache.read("where is my order"), encoder.read(["where is my order"])[0])

    assert outcomes == ["miss", "exact", "exact"]
    assert asked == ["where is my order"]


async def test_a_text_with_the_same_tokens_is_not_read_again_and_its_spans_are_its_own(encoder: Encoder) -> None:
    (known,) = encoder.tokenise(["where is my order"])
    twins = [text for text in TWINS if encoder.tokenise([text])[0].ids == known.ids]
    assert len(twins) >= 3  # which ones is the tokenizer's to say

    for twin in twins:
        cache, outcomes, asked = kept(encoder)
        await cache.read("where is my order")
        found = await cache.read(twin)
        again = await cache.read(twin)

        assert outcomes == ["miss", "normalised", "exact"]
        assert asked == ["where is my order"]
        assert_same(found, encoder.read([twin])[0])
        assert_same(again, found)
        start, end = found.spans[-1]
        assert twin[start:end] == "order"


async def test_what_differs_in_one_letter_is_read_for_itself(encoder: Encoder) -> None:
    cache, outcomes, _ = kept(encoder)

    for text in ("my order", "my order?", "my orde", "my ordex"):
        assert_same(await cache.read(text), encoder.read([text])[0])

    assert outcomes == ["miss"] * 4


PIECES = st.sampled_from(
    [
        *["where", "is", "my", "order", " ", "  ", "\t", "\n", "\u3000", "\u00a0", "ｍｙ", "ﬁ", "é", "e\u0301", "日本"],
        *["заказ", "\u200b", "\ufeff", "\ud83d", "\ufffd", "①", "?", "👍", "Ｗ", "W", "\x00"],
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(st.characters(exclude_categories=()), max_size=12))


@pytest.mark.parametrize("max_bytes", [ENOUGH, 4_000], ids=["all fits", "little fits"])
@given(st.lists(TEXTS, max_size=6), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_read_before_a_text_is_the_same_as_without_a_cache(
    encoder: Encoder, max_bytes: int, texts: list[str], data: st.DataObject
) -> None:
    asked = data.draw(st.lists(st.sampled_from(texts), max_size=12)) if texts else []
    cache, _, _ = kept(encoder, max_bytes)

    async def run() -> None:
        for text in [*texts, *asked]:
            assert_same(await cache.read(text), encoder.read([text])[0])
            assert cache.size <= max_bytes

    asyncio.run(run())


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: ascii(text[:12]))
async def test_odd_texts_are_kept_like_others(encoder: Encoder, text: str) -> None:
    cache, outcomes, _ = kept(encoder)

    for _ in range(2):
        assert_same(await cache.read(text), encoder.read([text])[0])

    assert outcomes == ["miss", "exact"]


async def test_what_was_asked_for_longest_ago_goes_first(encoder: Encoder) -> None:
    cache, outcomes, _ = kept(encoder)
    await cache.read("hi")
    cache, outcomes, _ = kept(encoder, 3 * cache.size + 100)

    for text in ("hi", "yo", "ok", "hi", "no", "hi", "yo"):
        await cache.read(text)

    assert outcomes == ["miss", "miss", "miss", "exact", "miss", "exact", "miss"]


async def test_a_text_that_is_larger_than_the_cache_leaves_the_others_in_it(encoder: Encoder) -> None:
    cache, outcomes, _ = kept(encoder)
    await cache.read("hi")
    cache, outcomes, _ = kept(encoder, cache.size + 1_000)

    for text in ("hi", "my order " * 100, "hi"):
        await cache.read(text)

    assert outcomes == ["miss", "miss", "exact"]


async def test_nothing_in_memory_has_the_text(encoder: Encoder) -> None:
    cache, _, asked = kept(encoder)
    secret = f"my IBAN is DE{89}"

    await cache.read(secret)
    asked.clear()

    held = [held for entry in cache._entries.items() for held in (entry, *gc.get_referents(*entry))]
    assert not [thing for thing in held if isinstance(thing, str)]
    assert not any(secret.encode() in thing for thing in held if isinstance(thing, bytes))
    other, _, _ = kept(encoder)
    await other.read(secret)
    assert cache._entries.keys().isdisjoint(other._entries.keys())  # no key can be found by guessing


async def test_what_is_kept_cannot_be_changed_by_who_gets_it(encoder: Encoder) -> None:
    cache, _, _ = kept(encoder)
    found = await cache.read("my order")

    with pytest.raises(ValueError, match="read-only"):
        found.embedding[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        found.tokens *= 2


async def test_a_kept_text_keeps_nothing_of_the_batch_that_it_was_read_in(encoder: Encoder) -> None:
    async with MicroBatcher(encoder.read) as batcher:
        cache = EncoderCache(encoder, batcher, max_bytes=ENOUGH)
        found = await asyncio.gather(*map(cache.read, ("hi", "my order", "where is my order")))

    assert all(reading.embedding.base is None and reading.tokens.base is None for reading in found)


async def test_a_failure_is_not_kept(encoder: Encoder) -> None:
    fails = True

    def read(texts: Sequence[str]) -> list[Encoded]:
        if fails:
            raise RuntimeError("out of memory")
        return encoder.read(texts)

    async with MicroBatcher(read) as batcher:
        cache = EncoderCache(encoder, batcher, max_bytes=ENOUGH)
        with pytest.raises(ModelError, match="out of memory"):
            await cache.read("hi")
        assert (len(cache), cache.size) == (0, 0)
        fails = False
        assert_same(await cache.read("hi"), encoder.read(["hi"])[0])


async def test_a_known_text_does_not_wait_behind_others(encoder: Encoder) -> None:
    gate, batches = threading.Event(), list[list[str]]()

    def read(texts: Sequence[str]) -> list[Encoded]:
        batches.append(list(texts))
        if "hi" not in texts:
            assert gate.wait(10)
        return encoder.read(texts)

    async with MicroBatcher(read, max_batch=1) as batcher:
        cache = EncoderCache(encoder, batcher, max_bytes=ENOUGH)
        await cache.read("hi")
        waiting = [asyncio.create_task(cache.read(text)) for text in ("one", "two", "three")]
        while len(batches) < 2:
            await asyncio.sleep(0.001)

        async with asyncio.timeout(1):
            assert_same(await cache.read("hi"), encoder.read(["hi"])[0])
            assert_same(await cache.read("hi  "), encoder.read(["hi  "])[0])

        assert not any(task.done() for task in waiting)
        gate.set()
        await asyncio.gather(*waiting)
    assert batches == [["hi"], ["one"], ["two"], ["three"]]


async def test_many_callers_with_few_texts_at_once_each_get_their_own(encoder: Encoder) -> None:
    texts = ["hi", "hi ", "my order", "where is my order", "refund"]
    read: list[str] = []

    def counted(batch: Sequence[str]) -> list[Encoded]:
        read.extend(batch)
        return encoder.read(batch)

    async with MicroBatcher(counted, max_batch=2) as batcher:
        cache = EncoderCache(encoder, batcher, max_bytes=ENOUGH)
        asked = [texts[number * 7 % 5] for number in range(200)]
        found = await asyncio.gather(*map(cache.read, asked))

    for text, reading in zip(asked, found, strict=True):
        assert_same(reading, encoder.read([text])[0])
    assert sorted(read) == sorted(texts)
    assert len(cache) == 9  # five spellings of four readings


async def test_its_size_is_about_what_it_takes(encoder: Encoder) -> None:
    cache, _, asked = kept(encoder)
    texts = [f"where is my order {number}" for number in range(300)]
    await cache.read("warm up")
    before = cache.size
    tracemalloc.start()
    try:
        for text in texts:
            await cache.read(text)
            asked.clear()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 0.7 < (cache.size - before) / taken < 1.5
