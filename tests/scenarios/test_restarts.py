"""What is promised across a stop of the server: nothing is lost, and nothing is said twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from bot.app_studio import open_understander
from bot.pack import Pack
from tests.scenarios.rig import House, OpenHouse, OwnSettings, Platform, Shop, Slack, Stuck, Telegram, WebChat
from tests.scenarios.speech import SPEECH

pytestmark = pytest.mark.model

MakePlatform = Callable[[], AbstractAsyncContextManager[Platform]]

PLATFORMS: dict[str, MakePlatform] = {
    "web chat": WebChat,
    "telegram": Telegram,
    "slack by socket": lambda: Slack(socket_mode=True),
    "slack by http": lambda: Slack(socket_mode=False),
}
SPOKEN = {"web chat": "ja", "telegram": "ar", "slack by socket": "hi", "slack by http": "zh-Hans"}


@pytest.fixture(params=list(PLATFORMS))
def where(request: pytest.FixtureRequest) -> str:
    """A platform's name."""
    return str(request.param)


async def customer_lines(house: House) -> list[str]:
    """What customers have said in the only conversation, as an agent reads it."""
    kim = await house.agent("kim")
    (summary,) = await kim.conversations()
    messages = (await kim.opened(summary["conversation"]["id"]))["messages"]
    return [m["text"] for m in messages if m["author"] == "customer" and not m["internal"]]


async def test_an_event_that_the_platform_repeats_is_answered_once_also_after_a_restart(
    open_house: OpenHouse, where: str
) -> None:
    speech = SPEECH[SPOKEN[where]]
    async with open_house(PLATFORMS[where]()) as house:
        talk = await house.platform.talk("Ana", speech.locale)
        await house.platform.write_often(talk, speech.question)
        assert await talk.read() in house.script.replies(speech.code, speech.asks)
        await house.quiet()
        assert talk.unread == []

        await house.restart()
        await house.platform.come_back(talk)
        await house.platform.repeat(talk)
        assert await talk.say(speech.another) in house.script.replies(speech.code, speech.asks_also)
        await house.quiet()
        assert talk.unread == []
        assert await customer_lines(house) == [speech.question, speech.another]


async def test_a_message_that_was_taken_but_not_answered_is_answered_after_the_restart(
    open_house: OpenHouse, where: str
) -> None:
    speech = SPEECH[SPOKEN[where]]
    async with open_house(PLATFORMS[where]()) as house:
        talk = await house.platform.talk("Ana", speech.locale)
        await house.stop()
        stuck = Stuck()
        await house.start(stuck.open_with, drain_seconds=0.1)
        await talk.customer.write(speech.question)
        await talk.customer.write(speech.another)
        async with asyncio.timeout(10):
            await stuck.asked.wait()
            while house.server.core.intake.waiting < 2 or not house.platform.quiet():
                await asyncio.sleep(0.01)
        await house.stop()
        assert talk.unread == []

        await house.start()
        await house.platform.come_back(talk)
        assert await talk.read() in house.script.replies(speech.code, speech.asks)
        assert await talk.read() in house.script.replies(speech.code, speech.asks_also)
        await house.quiet()
        assert talk.unread == []
        assert await customer_lines(house) == [speech.question, speech.another]


async def test_a_flow_and_a_person_s_conversation_go_on_after_a_restart(open_house: OpenHouse, where: str) -> None:
    speech = SPEECH[SPOKEN[where]]
    code = speech.code
    async with open_house(PLATFORMS[where]()) as house:
        script = house.script
        talk = await house.platform.talk("Ana", speech.locale)
        kim = await house.agent("kim")
        ask = script.asks(code, "order_status", "order_number")
        assert await talk.say(speech.where) == ask
        await house.restart()
        await house.platform.come_back(talk)
        assert await talk.say(speech.human) == script.system(code, "handoff")
        await house.restart()
        await house.platform.come_back(talk)
        # Who was signed in still is.
        conversation = (await kim.awaited())["conversation"]["id"]
        await kim.claim(conversation)
        assert await talk.read() == script.system(code, "agent_joined", agent="Kim")
        await house.restart()
        await house.platform.come_back(talk)
        await talk.customer.write(speech.question)
        await kim.sees(conversation, speech.question)
        await kim.reply(conversation, "Still here.")
        assert await talk.read() == "Still here."
        await kim.give_back(conversation)
        texts = [await talk.read() for _ in range(3)]
        assert texts == [script.system(code, "agent_left", agent="Kim"), script.resumes(code, "order_status"), ask]
        found = {"order_number": "483920", "status": "packed", "expected": "2026-12-01"}
        assert await talk.say("483920") == script.outcome(code, "order_status", "found", **found)
        await house.quiet()
        assert talk.unread == []


async def test_the_owner_s_system_is_asked_again_with_the_same_key_when_the_server_stopped_meanwhile(
    open_house: OpenHouse,
) -> None:
    speech = SPEECH["de"]
    async with open_house(Telegram()) as house:
        script, shop = house.script, house.shop
        talk = await house.platform.talk("Ana", speech.locale)
        assert await talk.say(speech.where) == script.asks("de", "order_status", "order_number")
        await house.stop()
        await house.start(drain_seconds=0.1)
        shop.open.clear()
        await talk.customer.write("483920")
        async with asyncio.timeout(10):
            while not shop.calls:
                await asyncio.sleep(0.01)
        await house.stop()
        shop.open.set()
        await house.start()
        found = {"order_number": "483920", "status": "packed", "expected": "2026-12-01"}
        assert await talk.read() == script.outcome("de", "order_status", "found", **found)
        assert len(shop.keys) == 2
        assert len(set(shop.keys)) == 1


@pytest.mark.parametrize("make", [Telegram, lambda: Slack(socket_mode=True)], ids=["telegram", "slack"])
async def test_an_answer_that_the_platform_would_not_take_is_delivered_after_the_restart(
    open_house: OpenHouse, make: Callable[[], Any]
) -> None:
    speech = SPEECH["es"]
    platform = make()
    async with open_house(platform) as house:
        talk = await house.platform.talk("Ana", speech.locale)
        platform.server.failing = [503] * 100
        await talk.customer.write(speech.question)
        async with asyncio.timeout(10):
            while len(platform.server.failing) == 100:
                await asyncio.sleep(0.01)
        await house.stop()
        assert talk.unread == []
        platform.server.failing.clear()
        await house.start()
        assert await talk.read() in house.script.replies("es", speech.asks)
        await house.quiet()
        assert talk.unread == []


async def test_a_new_shop_starts_from_its_folder_alone_and_its_admin_lets_the_first_agent_in(
    tmp_path: Path, trained: Path, pack: Pack, opened: Any
) -> None:
    """Nothing is shared here: the server opens the model itself, and makes its own SQLite database."""
    speech = SPEECH["en"]
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("models", "intents"):
        (folder / name).symlink_to(trained / name)
    settings = OwnSettings(port=0, data_dir=folder, encoder_threads=2)
    async with WebChat() as platform, Shop() as shop:
        house = House(settings=settings, pack=pack, opened=opened, platform=platform, shop=shop)
        try:
            await house.start(open_understander)
            password = house.server.admin_password
            assert password is not None
            admin = await house.agent("admin", password)
            kim = {"name": "kim", "display_name": "Kim", "role": "agent", "password": "a good password"}
            status, answer = await admin.browser.call("POST", "/api/v1/users", kim)
            assert status == 201, answer
            components = (await admin.browser.get("/api/v1/status"))["components"]
            assert {name: problem for name, problem in components.items() if problem} == {}

            talk = await platform.talk("Ana", speech.locale)
            assert await talk.say(speech.question) in house.script.replies("en", speech.asks)
            # With no system of the owner's, what was collected goes to a person.
            assert await talk.say(speech.where) == house.script.asks("en", "order_status", "order_number")
            assert await talk.say("It is 483920") == house.script.system("en", "flow_handoff")
            assert await talk.read() == house.script.system("en", "handoff")
            agent = await house.agent("kim", "a good password")
            waiting = await agent.awaited()
            assert waiting["handoff"]["slots"] == {"order_number": "483920"}
            await agent.claim(waiting["conversation"]["id"])
            assert await talk.read() == house.script.system("en", "agent_joined", agent="Kim")
            await agent.reply(waiting["conversation"]["id"], "It leaves today.")
            assert await talk.read() == "It leaves today."

            await house.stop()
            await house.start(open_understander)
            assert house.server.admin_password is None
            await platform.come_back(talk)
            await agent.close(waiting["conversation"]["id"])
            assert await talk.read() == house.script.system("en", "closed")
            assert await talk.read() == house.script.system("en", "rate")
            await house.quiet()
            await house.nothing_failed()
        finally:
            await house.aclose()
