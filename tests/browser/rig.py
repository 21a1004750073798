"""A whole server with a scripted model, for browsers to visit; and what tests ask of its pages."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Locator, Page, expect
from pydantic import SecretStr

from adapters.console import make_user
from bot.app import Running, running
from bot.clock import SystemClock
from bot.conversation import Conversation, Role, User
from bot.messages import Address, Message, Sender
from bot.model_versions import Models
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.ports import ConversationFilter, Understander
from bot.settings import Settings
from bot.understanding import Hints, Understanding
from tests.bot.rig import PACK
from tests.fakes import FakeModels, ScriptedUnderstander, inbound

PASSWORD = "correct horse battery"
HTML = '<b id="bold">bold</b><img src="x" onerror="window.hacked = 1"><script>window.hacked = 1</script>'
WAITING = "I am calling a colleague."


def always_open(folder: Path) -> Pack:
    """The tiny pack without working hours: as tests run at any hour, somebody is always there. It takes thanks, too."""
    copied = shutil.copytree(PACK.folder, folder / "always-open")
    file = copied / "pack.yml"
    file.write_text(file.read_text().partition("working_hours:")[0])
    file = copied / "intents.yml"
    file.write_text(f"{file.read_text()}  thanks: says thank you\n")
    for file in (copied / "replies").iterdir():
        text = f"\n{file.read_text()}".replace("\nlabels:\n", '\nlabels:\n  thanks: "Thanks"\n')
        file.write_text(text.replace("\nreplies:\n", '\nreplies:\n  thanks: ["You are welcome."]\n'))
    return read_pack(copied)


CONTROLS = {"button", "textbox", "searchbox", "combobox", "link", "checkbox", "radio", "menuitem", "tab", "switch"}


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait for what no page shows."""
    async with asyncio.timeout(5):
        while True:
            met = condition()
            if met if isinstance(met, bool) else await met:
                return
            await asyncio.sleep(0.005)


@dataclass
class HeldUnderstander(ScriptedUnderstander):
    """The scripted model, which thinks for as long as `free` is not set."""

    free: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.free.set()

    async def understand(self, text: str, hints: Hints) -> Understanding:
        await self.free.wait()
        return await super().understand(text, hints)


@dataclass
class Site:
    """A running server."""

    running: Running
    model: HeldUnderstander
    models: FakeModels

    @property
    def url(self) -> str:
        return self.running.url

    async def hears(
        self, text: str, customer: str = "ana", ago: timedelta | None = None, *, named: bool = True
    ) -> None:
        """A customer who has no browser open writes; `ago` is how long before now, if that matters."""
        event = inbound(text, conversation=customer, channel="webchat")
        event = event if named else replace(event, sender=Sender(customer))
        await self.running.core.intake.accept(
            event if ago is None else replace(event, at=datetime.now(UTC) - ago),
        )
        await self.settled()

    async def settled(self) -> None:
        """Until every event has had its turn."""
        core = self.running.core
        await until(lambda: not core.intake.waiting and not core.dispatcher.workers.busy)

    async def user(self, name: str, role: Role = Role.AGENT) -> User:
        store = self.running.core.store
        return await make_user(store, SystemClock(), name=name, display_name=name.title(), role=role, password=PASSWORD)

    async def conversation(self, customer: str | None = None) -> Conversation:
        """A customer's conversation; without a name the only one there is."""
        async with self.running.core.store.unit(write=False) as unit:
            if customer is not None:
                found = await unit.conversations.at(Address("webchat", customer))
                assert found is not None
                return found
            (found,) = await unit.conversations.list(ConversationFilter())
            return found

    async def history(self) -> Sequence[Message]:
        """What the customer of the only conversation there is can read."""
        conversation = await self.conversation()
        async with self.running.core.store.unit(write=False) as unit:
            return [m for m in await unit.messages.after(conversation.id, 0) if not m.internal]

    async def said(self, text: str) -> None:
        """Until something was said in the only conversation there is."""

        async def heard() -> bool:
            return text in [message.text for message in await self.history()]

        await until(heard)

    def cut_chats(self) -> None:
        """Cut the open sockets of the chats as a broken line does: without a farewell."""
        channel: Any = self.running.channels["webchat"]
        for sockets in list(channel._streams._sockets.values()):
            for open_one in sockets:
                open_one.socket._req.transport.abort()


@asynccontextmanager
async def site(folder: Path, **more: Any) -> AsyncIterator[Site]:
    """Start a server on a port of its own, over SQLite in `folder`; `more` are settings."""
    model, models = HeldUnderstander(version="v1"), FakeModels()

    @asynccontextmanager
    async def scripted(_: Settings, __: Pack) -> AsyncIterator[tuple[Understander, Models | None]]:
        yield model, models

    settings = Settings(data_dir=folder, port=0, admin_password=SecretStr(PASSWORD), drain_seconds=1, **more)
    async with running(settings, always_open(folder), scripted) as server:
        yield Site(server, model, models)


@asynccontextmanager
async def serving(html: str) -> AsyncIterator[str]:
    """A page of somebody else's site; its address, which is of another origin than the server's."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


# --- the chat ---------------------------------------------------------------------------------------------------------


async def open_chat(page: Page, url: str, query: str = "") -> None:
    """Open the chat's page and wait until it is connected and has said hello."""
    await page.goto(f"{url}/chat{query}")
    await online(page)
    await expect(page.locator("babeldesk-chat .row").first).to_be_visible()


async def online(page: Page) -> None:
    await expect(page.locator(".dot")).to_have_attribute("data-status", "online")


def field_of(page: Page) -> Locator:
    return page.locator("babeldesk-chat textarea")


async def write(page: Page, text: str) -> None:
    await field_of(page).fill(text)
    await field_of(page).press("Enter")


async def shown(page: Page) -> list[str]:
    """The texts of all messages, in their order."""
    return await page.locator(".message").all_inner_texts()


def last_of(page: Page, who: str) -> Locator:
    """The last message of `me`, `them` or `system`."""
    return page.locator(f".{who} .message").last


# --- any page ---------------------------------------------------------------------------------------------------------


async def accessibility(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything that a screen reader is told of."""
    session = await page.context.new_cdp_session(page)
    tree = await session.send("Accessibility.getFullAXTree")
    await session.detach()
    nodes = [node for node in tree["nodes"] if not node.get("ignored")]
    return [(node["role"]["value"], str(node.get("name", {}).get("value", "")).strip()) for node in nodes]


async def unlabelled(page: Page) -> list[str]:
    """The roles of controls that have no name."""
    return [role for role, name in await accessibility(page) if role in CONTROLS and not name]


async def is_html(page: Page) -> bool:
    """Whether something that was written has become a part of the page."""
    return bool(await page.evaluate("window.hacked === 1")) or await page.locator("#bold").count() > 0
