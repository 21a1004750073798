from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nlu.grouping import grouped
from nlu.similar import BATCH, SimilarTexts


def around(centre: int, count: int, seed: int, spread: float = 0.05) -> NDArray[np.float32]:
    """Vectors of length one near an axis."""
    rows = np.random.default_rng(seed).normal(0, spread, (count, 16))
    rows[:, centre] += 1
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_near_vectors_are_a_group_and_far_ones_are_not() -> None:
    vectors = np.concatenate([around(0, 5, 1), around(1, 8, 2), around(2, 1, 3)])
    groups = grouped(vectors)
    assert [sorted(group) for group in groups] == [list(range(5, 13)), list(range(5)), [13]]


def test_the_most_typical_comes_first() -> None:
    vectors = np.array([[1, 0.5], [1, 0], [1, -0.5], [1, 0.05]], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ((first, *_),) = grouped(vectors)
    assert first in {1, 3}


def test_a_chain_of_neighbours_is_not_one_group() -> None:
    angles = np.linspace(0, np.pi, 12)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    groups = grouped(vectors)
    assert len(groups) > 1
    assert all(vectors[a] @ vectors[b] > -0.2 for group in groups for a in group for b in group)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(0, 1000))
def test_every_row_is_in_one_group(count: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    groups = grouped(vectors)
    assert sorted(row for group in groups for row in group) == list(range(count))
    assert [len(group) for group in groups] == sorted(map(len, groups), reverse=True)


class Reader:
    """Reads texts by their first letter; keeps what it was asked."""

    def __init__(self) -> None:
        self.version = "v1"
        self.asked: list[list[str]] = []

    async def read(self, texts: Sequence[str], _: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        await asyncio.sleep(0)
        return np.eye(26, dtype=np.float32)[[ord(text[0]) - ord("a") for text in texts]]


async def test_texts_are_read_once_in_small_portions_until_another_model_serves() -> None:
    reader = Reader()
    similar = SimilarTexts(reader.read, lambda: reader.version)
    texts = [f"{'abc'[number % 3]}{number}" for number in range(BATCH + 5)]
    languages = ["en"] * len(texts)
    first = await similar.groups([*texts, texts[0]], [*languages, "en"])
    assert [len(asked) for asked in reader.asked] == [BATCH, 5]
    assert len(first) == 3
    await similar.groups([*texts, "a new one"], [*languages, "en"])
    assert reader.asked[2:] == [["a new one"]]
    reader.version = "v2"
    await similar.groups(texts[:2], languages[:2])
    assert reader.asked[3:] == [texts[:2]]


@pytest.mark.parametrize("count", [0, 1])
async def test_nothing_and_one_text_are_groups_too(count: int) -> None:
    similar = SimilarTexts(Reader().read, lambda: "v1")
    assert list(await similar.groups(["a"] * count, ["en"] * count)) == [[0]] * count
