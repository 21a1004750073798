"""How the channels and the settings are told, and what becomes of test messages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.errors import DeliveryRefused
from tests.console.rig import Browser, ConsoleRig, console_rig


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def channel(browser: Browser, name: str = "memory") -> dict[str, Any]:
    (found,) = [one for one in (await browser.get("/api/v1/channels"))["items"] if one["name"] == name]
    return dict(found)


async def outcome(rig: ConsoleRig, browser: Browser, message: str) -> dict[str, Any]:
    await rig.core.settled()
    return dict((await browser.get(f"/api/v1/channels/tests/{message}"))["delivery"])


async def test_a_channel_tells_its_settings_without_secrets_and_what_came_and_went(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    before = await channel(root)
    assert (before["configured"], before["last_in"], before["last_out"]) == (True, None, None)
    (secret,) = before["settings"]
    assert (secret["variable"], secret["value"], secret["given"], secret["source"]) == (
        "BABELDESK_REST_TOKEN", None, True, "environment",
    )  # fmt: skip
    await rig.waiting()
    after = await channel(root)
    assert after["last_in"] == after["last_out"] == "2026-11-23T10:00:00Z"
    other = await channel(root, "telegram")
    assert (other["configured"], other["problem"]) == (False, "has not reached Telegram yet")
    assert other["since"] is not None


async def test_a_test_message_goes_out_to_an_address_and_its_delivery_is_told(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    sent = await root.post("/api/v1/channels/memory/test", {"text": " Is anybody there? ", "address": "nobody yet"})
    assert (sent["address"], sent["conversation"]) == ("nobody yet", None)
    assert (await outcome(rig, root, sent["message"]))["state"] == "sent"
    assert list(rig.core.memory.texts()) == ["Is anybody there?"]
    (entry,) = (await root.get("/api/v1/audit?action=channel"))["items"]
    assert (entry["action"], entry["target"], entry["after"]) == ("channel.test", "memory", {"address": "nobody yet"})


async def test_a_test_message_that_is_refused_is_a_dead_letter_with_its_error(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    rig.core.memory.failures.append(DeliveryRefused("there is no such chat"))
    sent = await root.post("/api/v1/channels/memory/test", {"text": "hello", "address": "lost"})
    assert await outcome(rig, root, sent["message"]) == {
        "state": "dead", "attempts": 1, "error": "there is no such chat",
    }  # fmt: skip
    assert (await channel(root))["dead"] == 1
    assert len((await root.get("/api/v1/dead-letters"))["items"]) == 1


async def test_a_test_message_into_ones_own_conversation_is_in_its_history_and_changes_nothing_else(
    rig: ConsoleRig,
) -> None:
    root = await rig.agent("root")
    path = "/api/v1/channels/memory/test"
    status, body = await root.call("POST", path, {"text": "hello"})
    assert (status, body["detail"]) == (
        400,
        "address: you have no conversation on memory; claim one, or name an address",
    )
    identity = await rig.waiting("ana")
    await root.post(f"/api/v1/conversations/{identity}/claim")
    before = (await root.get(f"/api/v1/conversations/{identity}"))["conversation"]
    sent = await root.post(path, {"text": "a test"})
    assert (sent["conversation"], sent["address"]) == (identity, "ana")
    assert (await outcome(rig, root, sent["message"]))["state"] == "sent"
    opened = await root.get(f"/api/v1/conversations/{identity}")
    last = opened["messages"][-1]
    assert (last["text"], last["author"], last["internal"]) == ("a test", "system", False)
    for name in ("owner", "agent", "waiting_since", "handoff"):
        assert opened["conversation"][name] == before[name]
    (entry,) = (await root.get("/api/v1/audit?action=channel"))["items"]
    assert entry["after"] == {"address": "ana", "conversation": identity}


async def test_what_cannot_be_tried_says_why(rig: ConsoleRig) -> None:
    root, sue = await rig.agent("root"), await rig.agent("sue")
    assert (await root.call("POST", "/api/v1/channels/pigeon/test", {"text": "x", "address": "y"}))[0] == 404
    status, body = await root.call("POST", "/api/v1/channels/telegram/test", {"text": "x", "address": "1"})
    assert status == 409
    assert "TELEGRAM_BOT_TOKEN" in body["detail"]
    assert (await root.call("POST", "/api/v1/channels/memory/test", {"text": "  ", "address": "1"}))[0] == 400
    assert (await root.call("POST", "/api/v1/channels/memory/test", {"text": "x", "address": "  "}))[0] == 400
    assert (await root.call("GET", "/api/v1/channels/tests/none"))[0] == 404
    assert (await sue.call("POST", "/api/v1/channels/memory/test", {"text": "x", "address": "1"}))[0] == 403


async def test_settings_tell_where_they_come_from_and_never_a_secret(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    settings = {one["name"]: one for one in (await root.get("/api/v1/settings"))["items"]}
    token = settings["rest_token"]
    assert (token["secret"], token["given"], token["value"], token["source"]) == (True, True, None, "environment")
    assert (settings["nats_url"]["value"], settings["nats_url"]["source"]) == ("nats://…@broker:4222", "code")
    assert (settings["allowed_origins"]["value"], settings["port"]["value"]) == ('["a", "b"]', "8080")
    assert (settings["port"]["source"], settings["port"]["variable"]) == ("default", "BABELDESK_PORT")
    assert (settings["slack_bot_token"]["secret"], settings["slack_bot_token"]["given"]) == (True, False)
