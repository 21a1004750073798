"""Admins choose when the bot answers by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.console.rig import Browser, ConsoleRig, console_rig

PATH = "/api/v1/pack/thresholds"


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def put(browser: Browser, body: dict[str, Any], tag: str = "*") -> tuple[int, Any]:
    return await browser.call("PUT", PATH, body, headers={"If-Match": tag if tag == "*" else f'"{tag}"'})


async def test_thresholds_are_changed_in_their_file_and_count_at_once(rig: ConsoleRig, root: Browser) -> None:
    before = await root.get(PATH)
    text = (await root.get("/api/v1/pack/file?path=pack.yml"))["text"]

    status, after = await put(root, {"answer": 0.75, "clarify": before["clarify"]}, before["etag"])

    assert (status, after["answer"], after["max_error"], after["revision"]) == (200, 0.75, None, 2)
    assert rig.models.packs[-1].thresholds.answer == 0.75
    now = (await root.get("/api/v1/pack/file?path=pack.yml"))["text"]
    assert [line for line in now.splitlines() if line not in text.splitlines()] == [
        "thresholds: {answer: 0.75, clarify: 0.3}"
    ]
    (entry,) = (await root.get("/api/v1/audit"))["items"]
    assert (entry["action"], entry["after"]["message"]) == (
        "pack.edit",
        "changes the thresholds: answers from 75% on",
    )


async def test_a_share_of_wrong_answers_takes_the_place_of_a_probability_and_back(
    rig: ConsoleRig, root: Browser
) -> None:
    _, by_error = await put(root, {"max_error": 0.05, "clarify": 0.3})
    assert (by_error["answer"], by_error["max_error"]) == (None, 0.05)
    assert rig.models.packs[-1].thresholds.max_error == 0.05

    _, back = await put(root, {"answer": 0.6, "clarify": 0.3})
    assert (back["answer"], back["max_error"]) == (0.6, None)
    assert rig.models.packs[-1].thresholds.max_error is None


async def test_whoever_saw_other_thresholds_is_told_both(root: Browser) -> None:
    seen = await root.get(PATH)
    await put(root, {"answer": 0.7, "clarify": 0.3}, seen["etag"])

    status, told = await put(root, {"answer": 0.8, "clarify": 0.3}, seen["etag"])

    assert (status, told["current"]["answer"], told["yours"]["answer"]) == (412, 0.7, 0.8)
    assert (await root.call("PUT", PATH, {"answer": 0.8, "clarify": 0.3}))[0] == 428


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"clarify": 0.3}, 400),
        ({"answer": 0.6, "max_error": 0.1, "clarify": 0.3}, 400),
        ({"answer": 1.2, "clarify": 0.3}, 400),
        ({"max_error": 0, "clarify": 0.3}, 400),
        ({"answer": 0.6}, 400),
        ({"answer": 0.2, "clarify": 0.3}, 422),
    ],
)
async def test_thresholds_that_make_no_sense_change_nothing(root: Browser, body: dict[str, Any], status: int) -> None:
    before = await root.get(PATH)

    assert (await put(root, body))[0] == status

    assert await root.get(PATH) == before
