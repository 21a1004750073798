"""Rasa's REST channel, as its clients speak it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.conversation import HandoffState, Role, User
from tests.adapters.webchat.rig import WebRig, web_rig
from tests.fakes import MORNING

KIM = User("u-kim", "kim", "Kim", Role.AGENT, "-", MORNING)


@pytest.fixture
async def rig() -> AsyncIterator[WebRig]:
    async with web_rig() as running:
        yield running


async def ask(rig: WebRig, message: str, sender: str = "ana", **options: Any) -> Any:
    url = f"{rig.url}/webhooks/rest/webhook"
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, json={"sender": sender, "message": message}, **options) as response,
    ):
        assert response.status == 200, await response.text()
        return await response.json()


async def test_a_message_is_answered_in_the_same_request(rig: WebRig) -> None:
    assert await ask(rig, "how long does it take?") == [{"recipient_id": "ana", "text": "It takes 3 days."}]


async def test_buttons_come_with_payloads_that_can_be_sent_back(rig: WebRig) -> None:
    (answer,) = await ask(rig, "my thing about the thing")
    button = answer["buttons"][0]
    assert button == {"title": "How long?", "payload": "/intent:delivery_time"}
    assert [a["text"] for a in await ask(rig, button["payload"])] == ["It takes 3 days."]


async def test_senders_are_kept_apart(rig: WebRig) -> None:
    await ask(rig, "a person please", sender="ana")
    assert [a["text"] for a in await ask(rig, "hello", sender="ben")] == ["Hello from Tiny!"]


async def test_what_an_agent_wrote_in_between_comes_with_the_next_request(rig: WebRig) -> None:
    await ask(rig, "a person please")
    async with rig.store.unit(write=False) as unit:
        (handoff,) = await unit.handoffs.list([HandoffState.WAITING])
    await rig.core.desk.claim(handoff.conversation, KIM)
    await rig.core.desk.answer(handoff.conversation, KIM, "Kim here.")
    assert [a["text"] for a in await ask(rig, "are you there?")] == ["Kim is here.", "Kim here."]
    assert await ask(rig, "hello?") == []


@pytest.mark.parametrize(
    ("body", "field"), [(b"{", None), (b'{"sender": "a"}', "message"), (b'{"message": 1}', "message")]
)
async def test_a_malformed_body_is_refused_and_the_field_named(rig: WebRig, body: bytes, field: str | None) -> None:
    async with aiohttp.ClientSession() as http, http.post(f"{rig.url}/webhooks/rest/webhook", data=body) as response:
        assert response.status == 400
        assert (await response.json())["error"].get("field") == field


async def test_with_a_token_only_its_bearer_is_answered() -> None:
    async with web_rig(rest_token="t0k") as rig:
        url = f"{rig.url}/webhooks/rest/webhook"
        async with aiohttp.ClientSession() as http, http.post(url, json={"message": "hello"}) as response:
            assert response.status == 401
        assert await ask(rig, "hello", headers={"Authorization": "Bearer t0k"})
