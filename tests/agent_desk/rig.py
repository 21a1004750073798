"""A whole server with a scripted model whose agents also work in a channel of Slack's stand-in."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import Running, running
from bot.clock import SystemClock
from bot.conversation import Conversation, Role, User
from bot.desk_links import code_hash
from bot.desk_values import Account, DeskLink
from bot.messages import Address, Message
from bot.model_versions import Models
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.ports import Understander
from bot.settings import Settings
from tests.bot.rig import PACK
from tests.console.rig import Browser, hashed
from tests.fakes import ScriptedUnderstander, inbound
from tests.scenarios.rig import OwnSettings, eventually
from tests.standins.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, TEAM, Room, SlackStandIn
from tests.standins.slack_desk import Agents

PUBLIC = "http://desk.example"
CHANNEL = "C0DESK"
KIM, LEE = "UKIM", "ULEE"
"""Two colleagues in Slack."""

_CODE = re.compile(r"/console/link/slack\?code=([\w-]+)")


@dataclass
class DeskRig:
    """The server, Slack, and everybody who is there."""

    slack: SlackStandIn
    settings: Settings
    pack: Pack
    agents: Agents
    socket_mode: bool
    users: dict[str, User] = field(default_factory=dict)
    sessions: list[aiohttp.ClientSession] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    server: Running = field(init=False)

    # --- the server ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start it, over what an earlier run has left."""
        ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
        self._stop.clear()

        @asynccontextmanager
        async def scripted(_: Settings, __: Pack) -> AsyncIterator[tuple[Understander, Models | None]]:
            yield ScriptedUnderstander(), None

        async def serve() -> None:
            try:
                async with running(self.settings, self.pack, scripted) as server:
                    ready.set_result(server)
                    await self._stop.wait()
            except BaseException as error:
                if not ready.done():
                    ready.set_exception(error)
                    return
                raise

        self._task = asyncio.create_task(serve())
        self.server = await ready
        port = int(self.server.url.rpartition(":")[2])
        self.settings = self.settings.model_copy(update={"port": port})
        if not self.socket_mode:
            self.slack.events_url = f"{self.server.url}/webhooks/slack/events"
        await eventually(lambda: self.server.channels["slack"].problem is None, "Slack to be reached")

    async def stop(self) -> None:
        """Stop it as SIGTERM does."""
        if self._task is not None:
            self._stop.set()
            task, self._task = self._task, None
            await task

    @property
    def core(self) -> Any:
        return self.server.core

    async def problem(self) -> str | None:
        """What the console's page of problems shows of the desk."""
        async with aiohttp.ClientSession() as http, http.get(f"{self.server.url}/readyz") as answer:
            found: str = (await answer.json())["components"]["slack desk"]
        return None if found == "ok" else found

    # --- people -------------------------------------------------------------------------------------------------------

    async def user(self, name: str, role: Role = Role.AGENT, *, slack: str | None = None) -> User:
        """Somebody who works here; with `slack`, their account there is linked."""
        user = User(f"u-{name}", name, name.title(), role, hashed(), SystemClock().now())
        async with self.core.store.unit() as unit:
            await unit.users.add(user)
            if slack is not None:
                account = Account("slack", f"{TEAM}:{slack}", name.title())
                await unit.desk_links.put(DeskLink(account, user.id, SystemClock().now()))
        self.users[name] = user
        return user

    async def browser(self, name: str) -> Browser:
        """Their browser, signed in."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.sessions.append(session)
        browser = Browser(session, self.server.url)
        status, answer = await browser.sign_in(name)
        assert status == 200, answer
        return browser

    async def hears(self, text: str, customer: str = "ana", **more: Any) -> None:
        """A customer writes on the web chat."""
        await self.core.intake.accept(inbound(text, conversation=customer, channel="webchat", **more))
        await self.settled()

    async def settled(self) -> None:
        core = self.core
        await eventually(lambda: not core.intake.waiting and not core.dispatcher.workers.busy, "every turn")

    async def conversation(self, customer: str = "ana") -> Conversation:
        async with self.core.store.unit(write=False) as unit:
            found = await unit.conversations.at(Address("webchat", customer))
        assert found is not None
        return found

    async def history(self, customer: str = "ana") -> Sequence[Message]:
        conversation = await self.conversation(customer)
        async with self.core.store.unit(write=False) as unit:
            entries: Sequence[Message] = await unit.messages.after(conversation.id, 0)
        return entries

    async def said(self, customer: str = "ana", *, by: str = "agent") -> list[str]:
        """What agents have said to a customer."""
        return [m.text for m in await self.history(customer) if m.author == by and not m.internal]

    # --- Slack --------------------------------------------------------------------------------------------------------

    async def waiting(self, customer: str = "ana") -> str:
        """A customer calls for a person; the root of the thread that this opens."""
        before = len(self.agents.roots)
        await self.hears("a person please", customer)
        await eventually(lambda: len(self.agents.roots) > before, "a thread")
        return str(self.agents.roots[-1]["ts"])

    async def sees(self, root: str, text: str) -> str:
        """Until a message of a thread has this in it."""
        found = await eventually(
            lambda: [said for said in self.agents.thread(root) if text in said],
            lambda: f"{text!r} in {self.agents.thread(root)}",
        )
        return str(found[0])

    async def shows(self, root: str, text: str) -> str:
        """Until a thread's first message has this in it."""
        from tests.standins.slack_desk import words

        def shown() -> str:
            return next(words(message) for message in self.agents.roots if message["ts"] == root)

        await eventually(lambda: text in shown(), lambda: f"{text!r} in {shown()!r}")
        return shown()

    async def whispered(self, user: str, text: str, count: int = 1) -> str:
        """Until somebody alone was told this, for the n-th time."""
        found = await eventually(
            lambda: [t for t in self.agents.told(user) if text in t][count - 1 :],
            lambda: f"{text!r} told to {user}: {self.agents.told(user)}",
        )
        return str(found[0])

    async def quiet(self) -> None:
        """Until all that was done in Slack has been taken and acted on, and threads have been told."""
        core = self.core
        await eventually(lambda: not self.slack._tasks, "Slack to hand everything over")
        await self.settled()
        await eventually(lambda: core.doorway.workers.busy == 0, "the door")
        await self.told()

    async def told(self) -> None:
        """Until no thread is behind."""

        async def level() -> bool:
            async with self.core.store.unit(write=False) as unit:
                for thread in await unit.desk_threads.open(CHANNEL):
                    conversation = await unit.conversations.get(thread.conversation)
                    handoff = await unit.handoffs.get(thread.handoff)
                    assert conversation is not None
                    assert handoff is not None
                    if thread.posted < conversation.seq or thread.digest is None or handoff.done_at is not None:
                        return False
            return not self.core.mirror._wakeups.is_set()

        await eventually(level, "the threads to be told everything")

    async def code(self, user: str, count: int = 1) -> str:
        """The code that somebody in Slack was told."""
        text = await self.whispered(user, "/console/link/slack?code=", count)
        match = _CODE.search(text)
        assert match is not None
        return match.group(1)

    async def stored_code(self, code: str) -> bool:
        async with self.core.store.unit(write=False) as unit:
            return await unit.desk_links.code(code_hash(code), SystemClock().now()) is not None

    def customer(self) -> Room:
        """A customer in Slack itself, by direct message."""
        return self.slack.dm(locale="en-US")


@asynccontextmanager
async def desk_rig(folder: Path, *, socket_mode: bool = True, **more: Any) -> AsyncIterator[DeskRig]:
    """Start it all."""
    async with SlackStandIn() as slack:
        agents = slack.desk(CHANNEL)
        agents.colleague(KIM, "Kim")
        agents.colleague(LEE, "Lee")
        way = {"slack_app_token": APP_TOKEN} if socket_mode else {"slack_signing_secret": SIGNING_SECRET}
        values = {
            "port": 0,
            "data_dir": folder / "data",
            "drain_seconds": 5,
            "public_url": PUBLIC,
            "slack_bot_token": BOT_TOKEN,
            "slack_api_base_url": slack.url,
            "slack_desk_channel": CHANNEL,
            "admin_password": "correct horse battery",
            **way,
            **more,
        }
        rig = DeskRig(slack, OwnSettings(**values), always_open(folder), agents, socket_mode)
        try:
            await rig.start()
            yield rig
        finally:
            await rig.stop()
            for session in rig.sessions:
                await session.close()


def always_open(folder: Path) -> Pack:
    """The tiny pack without working hours: as tests run at any hour, somebody is always there."""
    copied = shutil.copytree(PACK.folder, folder / "always-open")
    file = copied / "pack.yml"
    file.write_text(file.read_text().partition("working_hours:")[0])
    return read_pack(copied)


OpenDesk = Callable[..., Any]
