from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.console.rig import Browser, ConsoleRig, console_rig

PATH = "/api/v1/hours"


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def tag(browser: Browser) -> str:
    headers = {"X-Requested-With": "babeldesk"}
    async with browser.session.get(browser.url + PATH, headers=headers) as response:
        return response.headers["ETag"]


async def put(browser: Browser, body: Any, seen: str | None = "*") -> tuple[int, Any]:
    headers = {} if seen is None else {"If-Match": seen}
    return await browser.call("PUT", PATH, body, headers=headers)


async def test_hours_are_changed_take_effect_at_once_and_are_in_the_log_with_before_and_after(rig: ConsoleRig) -> None:
    root, kim = await rig.agent("root"), await rig.agent("kim")
    before = await kim.get(PATH)
    seen = await tag(root)
    body = {"timezone": "Europe/Berlin", "days": {"monday": ["10:00-12:00", "13:00-24:00"]}}
    status, after = await put(root, body, seen)
    assert status == 200, after
    # It is Monday, ten o'clock in the morning, UTC.
    assert (after["open"], after["closes_at"], after["opens_at"]) == (True, "2026-11-23T12:00:00+01:00", None)
    assert (await kim.get(PATH))["days"] == {
        **{key: [] for key in ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")},
        "monday": ["10:00-12:00", "13:00-24:00"],
    }
    (entry,) = (await root.get("/api/v1/audit?action=pack"))["items"]
    assert (entry["action"], entry["target"]) == ("pack.hours", "tiny")
    assert entry["after"]["monday"] == ["10:00-12:00", "13:00-24:00"]
    assert entry["before"]["monday"] == before["days"]["monday"]
    assert entry["after"]["revision"] == entry["before"]["revision"] + 1
    status, told = await put(root, {**body, "timezone": "UTC"}, seen)
    assert (status, told["current"]["timezone"]) == (412, "Europe/Berlin")


async def test_a_closed_desk_says_when_it_opens_and_one_without_hours_is_always_open(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    _, closed = await put(root, {"timezone": "UTC", "days": {"wednesday": ["08:30-09:00"]}})
    assert (closed["open"], closed["closes_at"], closed["opens_at"]) == (False, None, "2026-11-25T08:30:00Z")
    _, never = await put(root, {"timezone": "UTC", "days": {}})
    assert (never["open"], never["opens_at"]) == (False, None)
    _, always = await put(root, {"timezone": None})
    assert (always["open"], always["timezone"], always["days"], always["closes_at"]) == (True, None, None, None)


async def test_hours_that_make_no_sense_change_nothing_and_only_admins_change_any(rig: ConsoleRig) -> None:
    root, sue = await rig.agent("root"), await rig.agent("sue")
    before = await root.get(PATH)
    assert (await put(root, {"timezone": "UTC", "days": {"monday": ["12:00-09:00"]}}))[0] == 400
    assert (await put(root, {"timezone": "UTC", "days": {"noday": []}}))[0] == 400
    assert (await put(root, {"timezone": "UTC"}, None))[0] == 428
    assert (await put(sue, {"timezone": "UTC"}))[0] == 403
    assert await root.get(PATH) == before
