"""The whole server as `bot.app.running` composes it, with everything around it that outlives a restart.

The platforms are the strict stand-ins on the wire, the owner's system is a small web server, agents come by the
console's API, and the model is the real one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import aiohttp
from aiohttp import web
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.app import OpenModel, Running, running
from bot.model_versions import Models
from bot.pack import Pack
from bot.ports import Understander
from bot.settings import Settings
from bot.understanding import Hints, Understanding
from nlu.batching import MicroBatcher
from nlu.serving import Opened
from nlu.understander import ModelUnderstander
from tests.console.rig import PASSWORD, Browser
from tests.scenarios.speech import Script
from tests.standins.directline import DirectLineCustomer
from tests.standins.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Room, SlackStandIn
from tests.standins.telegram import TOKEN, Chat, TelegramStandIn

DEADLINE = 15.0
"""Seconds after which something that was to happen has not."""


class OwnSettings(Settings):
    """Settings that come from nowhere but the test."""

    model_config = SettingsConfigDict(toml_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


async def eventually(
    check: Callable[[], Awaitable[Any] | Any], what: Callable[[], str] | str, seconds: float = DEADLINE
) -> Any:
    """The first truthy value of `check`, asked again and again until the deadline."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                value = check()
                if isinstance(value, Awaitable):
                    value = await value
                if value:
                    return value
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited for {what if isinstance(what, str) else what()}") from None


# --- the model --------------------------------------------------------------------------------------------------------


def already(opened: Opened) -> OpenModel:
    """Opens nothing anew: the encoder and the model of the whole session, behind the server's own micro-batcher."""

    @asynccontextmanager
    async def open_with(settings: Settings, _: Pack) -> AsyncIterator[tuple[Understander, Models | None]]:
        async with MicroBatcher(opened.encoder.read, timeout=settings.understand_timeout) as batcher:
            yield ModelUnderstander(opened.interpreter, batcher), None

    return open_with


class Stuck:
    """A model that never comes to an end: a server with it can only be stopped in the middle of a turn."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def understand(self, text: str, hints: Hints) -> Understanding:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    @asynccontextmanager
    async def open_with(self, settings: Settings, pack: Pack) -> AsyncIterator[tuple[Understander, Models | None]]:
        yield self, None


# --- the owner's system -----------------------------------------------------------------------------------------------


@dataclass
class Shop:
    """The owner's system: knows the orders it is given, and may be held up."""

    orders: dict[str, str] = field(default_factory=lambda: {"483920": "packed"})
    calls: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def __aenter__(self) -> Self:
        self.open.set()
        app = web.Application()
        app.router.add_post("/actions", self._act)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/actions"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _act(self, request: web.Request) -> web.Response:
        call = await request.json()
        self.calls.append(call)
        self.keys.append(request.headers["Idempotency-Key"])
        await self.open.wait()
        number = call["slots"]["order_number"]
        if call["action"] != "order_status" or number not in self.orders:
            return web.json_response({"outcome": "not_found"})
        values = {"status": self.orders[number], "expected": "2026-12-01"}
        return web.json_response({"outcome": "found", "values": values})


# --- customers --------------------------------------------------------------------------------------------------------


class Customer(Protocol):
    """A customer, as every stand-in plays one."""

    @property
    def texts(self) -> list[str]: ...
    def buttons(self) -> list[str]: ...
    async def wait_for_texts(self, count: int, seconds: float = DEADLINE) -> list[str]: ...
    async def write(self, text: str) -> object: ...
    async def press(self, label: str) -> None: ...


class Talk:
    """A conversation from the customer's side: what is written, and what is read of the answers, in order."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self._read = 0

    async def read(self) -> str:
        """The next text that the customer gets."""
        self._read += 1
        return (await self.customer.wait_for_texts(self._read))[self._read - 1]

    async def say(self, text: str) -> str:
        """Write, and read what comes."""
        await self.customer.write(text)
        return await self.read()

    async def press(self, label: str) -> str:
        """Press a button, and read what comes."""
        await self.customer.press(label)
        return await self.read()

    @property
    def unread(self) -> list[str]:
        """What came beyond what was read."""
        return self.customer.texts[self._read :]


class Platform(Protocol):
    """A channel's platform and its customers."""

    def settings(self) -> dict[str, Any]:
        """What a server needs to be told of it."""
        ...

    async def attach(self, url: str) -> None:
        """A server runs at this address."""
        ...

    async def talk(self, name: str, locale: str) -> Talk:
        """A new customer, who has read what there is to read before the first word."""
        ...

    def quiet(self) -> bool:
        """Whether everything was handed over."""
        ...

    async def command(self, talk: Talk, name: str, argument: str = "") -> None:
        """The customer gives a command as the platform has it."""
        ...

    async def write_often(self, talk: Talk, text: str) -> None:
        """The customer writes once and the platform brings it several times."""
        ...

    async def repeat(self, talk: Talk) -> None:
        """The platform brings the same event once more."""
        ...

    async def send_file(self, talk: Talk, name: str, content: bytes, text: str) -> None:
        """The customer sends a picture, with a text if there is one."""
        ...

    def files(self, talk: Talk) -> list[int]:
        """The sizes of the files that the customer got, where it is known; 0 where not."""
        ...

    async def come_back(self, talk: Talk) -> None:
        """The customer's client finds the server again after a restart."""
        ...


class WebChat:
    """Direct Line over WebSocket."""

    def __init__(self) -> None:
        self._url = ""
        self._stack = AsyncExitStack()
        self._again: tuple[str, str] = ("", "")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def settings(self) -> dict[str, Any]:
        return {}

    async def attach(self, url: str) -> None:
        self._url = url

    async def talk(self, name: str, locale: str) -> Talk:
        customer = DirectLineCustomer(self._url, locale=locale, name=name)
        talk = Talk(await self._stack.enter_async_context(customer))
        await talk.read()  # the welcome
        return talk

    def quiet(self) -> bool:
        return True

    async def command(self, talk: Talk, name: str, argument: str = "") -> None:
        await talk.customer.write(f"/{name} {argument}".rstrip())

    async def write_often(self, talk: Talk, text: str) -> None:
        self._again = text, f"again-{text}"
        for _ in range(3):
            await self.repeat(talk)

    async def repeat(self, talk: Talk) -> None:
        assert isinstance(talk.customer, DirectLineCustomer)
        text, client_id = self._again
        await talk.customer.write(text, client_id=client_id)

    async def send_file(self, talk: Talk, name: str, content: bytes, text: str) -> None:
        customer = talk.customer
        assert isinstance(customer, DirectLineCustomer)
        form = aiohttp.FormData()
        activity = json.dumps({"type": "message", "text": text, "locale": customer.locale})
        form.add_field("activity", activity, content_type="application/vnd.microsoft.activity")
        form.add_field("file", content, filename=name, content_type="image/jpeg")
        status, answer = await customer.raw("POST", f"conversations/{customer.conversation}/upload", data=form)
        assert status == 200, answer

    def files(self, talk: Talk) -> list[int]:
        assert isinstance(talk.customer, DirectLineCustomer)
        got = [a for a in talk.customer.activities if a["from"]["role"] == "bot"]
        return [0 for activity in got for _ in activity.get("attachments", [])]

    async def come_back(self, talk: Talk) -> None:
        assert isinstance(talk.customer, DirectLineCustomer)
        await talk.customer.cut()
        await talk.customer.resume()


class Telegram:
    """Telegram by long polling."""

    def __init__(self) -> None:
        self.server = TelegramStandIn()
        self._ids = iter(range(100, 10**6))

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.server.__aexit__(*error)

    def settings(self) -> dict[str, Any]:
        return {"telegram_bot_token": TOKEN, "telegram_api_base_url": self.server.url}

    async def attach(self, url: str) -> None:
        """It is the server that comes."""

    async def talk(self, name: str, locale: str) -> Talk:
        language = locale.partition("-")[0]
        return Talk(self.server.chat(user_name=name, user_id=next(self._ids), language_code=language))

    def quiet(self) -> bool:
        return not self.server.unconfirmed

    async def command(self, talk: Talk, name: str, argument: str = "") -> None:
        await talk.customer.write(f"/{name} {argument}".rstrip())

    async def write_often(self, talk: Talk, text: str) -> None:
        assert isinstance(talk.customer, Chat)
        await talk.customer.write(text, times=3)

    async def repeat(self, talk: Talk) -> None:
        await self.server.again()

    async def send_file(self, talk: Talk, name: str, content: bytes, text: str) -> None:
        chat = talk.customer
        assert isinstance(chat, Chat)
        file_id = self.server.add_file(content)
        sizes = [
            {"file_id": "thumbnail", "file_unique_id": "t", "width": 90, "height": 90, "file_size": 1},
            {"file_id": file_id, "file_unique_id": "f", "width": 1280, "height": 960, "file_size": len(content)},
        ]
        caption = {"caption": text} if text else {}
        await self.server.deliver({"message": chat.message(photo=sizes, **caption)})

    def files(self, talk: Talk) -> list[int]:
        return [int(text.split()[2]) for text in talk.customer.texts if text.startswith(("[photo of", "[file of"))]

    async def come_back(self, talk: Talk) -> None:
        """Telegram has kept everything."""


class Slack:
    """Slack by Socket Mode, or by signed events over HTTP."""

    def __init__(self, *, socket_mode: bool) -> None:
        self.server = SlackStandIn()
        self._socket_mode = socket_mode
        self._ids = iter(range(1, 10**6))
        self._last: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.server.__aexit__(*error)

    def settings(self) -> dict[str, Any]:
        way = {"slack_app_token": APP_TOKEN} if self._socket_mode else {"slack_signing_secret": SIGNING_SECRET}
        return {"slack_bot_token": BOT_TOKEN, "slack_api_base_url": self.server.url, **way}

    async def attach(self, url: str) -> None:
        if not self._socket_mode:
            self.server.events_url = f"{url}/webhooks/slack/events"

    async def talk(self, name: str, locale: str) -> Talk:
        return Talk(self.server.dm(user=f"U0{name.upper()}{next(self._ids)}", name=name, locale=locale))

    def quiet(self) -> bool:
        return not self.server._tasks

    async def command(self, talk: Talk, name: str, argument: str = "") -> None:
        assert isinstance(talk.customer, Room)
        await self.server.command(talk.customer, f"/{name}", argument)

    async def write_often(self, talk: Talk, text: str) -> None:
        assert isinstance(talk.customer, Room)
        self._last = await talk.customer.write(text, times=3)

    async def repeat(self, talk: Talk) -> None:
        await self.server.deliver(self._last)

    async def send_file(self, talk: Talk, name: str, content: bytes, text: str) -> None:
        assert isinstance(talk.customer, Room)
        await talk.customer.send_file(name, content, text)

    def files(self, talk: Talk) -> list[int]:
        return [int(text.split()[2]) for text in talk.customer.texts if text.startswith("[file of")]

    async def come_back(self, talk: Talk) -> None:
        """Slack brings again what nobody took."""


# --- agents -----------------------------------------------------------------------------------------------------------


@dataclass
class Agent:
    """Somebody at the console."""

    browser: Browser
    name: str

    async def queue(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.browser.get("/api/v1/queue"))["items"]
        return items

    async def awaited(self) -> dict[str, Any]:
        """The one customer who waits for somebody, once there is one."""

        async def waiting() -> list[dict[str, Any]]:
            return [item for item in await self.queue() if item["handoff"]["state"] == "waiting"]

        (item,) = await eventually(waiting, "a customer in the queue")
        return dict(item)

    async def conversations(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.browser.get("/api/v1/conversations"))["items"]
        return items

    async def opened(self, conversation: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.browser.get(f"/api/v1/conversations/{conversation}")
        return found

    async def sees(self, conversation: str, text: str) -> dict[str, Any]:
        """The customer's entry with this text, once it is there."""

        async def entry() -> dict[str, Any] | None:
            messages = (await self.opened(conversation))["messages"]
            return next((m for m in messages if m["author"] == "customer" and m["text"] == text), None)

        found: dict[str, Any] = await eventually(entry, f"{text!r} in the history")
        return found

    async def does(self, what: str, conversation: str, body: Any = None) -> tuple[int, Any]:
        """Claim, reply, return or close; the status and what was answered."""
        return await self.browser.call("POST", f"/api/v1/conversations/{conversation}/{what}", body)

    async def claim(self, conversation: str) -> dict[str, Any]:
        return await self._done("claim", conversation)

    async def reply(self, conversation: str, text: str, *files: dict[str, Any]) -> dict[str, Any]:
        return await self._done("reply", conversation, {"text": text, "attachments": list(files)})

    async def give_back(self, conversation: str) -> dict[str, Any]:
        return await self._done("return", conversation)

    async def close(self, conversation: str) -> dict[str, Any]:
        return await self._done("close", conversation)

    async def _done(self, what: str, conversation: str, body: Any = None) -> dict[str, Any]:
        status, answer = await self.does(what, conversation, body)
        assert status == 200, answer
        changed: dict[str, Any] = answer["conversation"]
        return changed

    async def download(self, attachment: dict[str, Any]) -> bytes:
        """A file, as the console's page asks for it."""
        path = f"{self.browser.url}/api/v1/files/{attachment['blob']}"
        query = {"name": attachment["name"], "type": attachment["content_type"]}
        async with self.browser.session.get(path, params=query) as response:
            assert response.status == 200, await response.text()
            return await response.read()

    async def upload(self, name: str, content: bytes, kind: str) -> dict[str, Any]:
        """Store a file, to be attached to a reply."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type=kind)
        headers = {"X-Requested-With": "babeldesk", "Origin": self.browser.url}
        async with self.browser.session.post(
            f"{self.browser.url}/api/v1/files", data=form, headers=headers
        ) as response:
            assert response.status == 200, await response.text()
            stored = await response.json()
        return {"blob": stored["blob"], "name": name, "content_type": kind, "size": stored["size"]}


# --- the server -------------------------------------------------------------------------------------------------------


class House:
    """A server that can be stopped and started again, at the same address, over the same database and files."""

    def __init__(self, *, settings: Settings, pack: Pack, opened: Opened, platform: Platform, shop: Shop) -> None:
        self._settings = settings
        self._pack = pack
        self._opened = opened
        self.platform = platform
        self.shop = shop
        self.script = Script(pack)
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._sessions: list[aiohttp.ClientSession] = []

    @property
    def understander(self) -> Opened:
        """The model that the server answers with."""
        return self._opened

    async def start(self, open_with: OpenModel | None = None, *, drain_seconds: float = 5) -> None:
        """Start the server, and wait until it takes messages."""
        settings = self._settings.model_copy(update={"drain_seconds": drain_seconds})
        ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
        self._stop.clear()

        async def serve() -> None:
            # In a task of its own: a task group must be left by the task that entered it.
            try:
                async with running(settings, self._pack, open_with or already(self._opened)) as server:
                    ready.set_result(server)
                    await self._stop.wait()
            except BaseException as error:
                if not ready.done():
                    ready.set_exception(error)
                    return
                raise

        self._task = asyncio.create_task(serve())
        self.server = await ready
        self.url = self.server.url
        port = int(self.url.rpartition(":")[2])
        self._settings = self._settings.model_copy(update={"port": port})
        await self.platform.attach(self.url)

    async def stop(self) -> None:
        """Stop the server as SIGTERM does."""
        if self._task is not None:
            self._stop.set()
            task, self._task = self._task, None
            await task

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()

    async def aclose(self) -> None:
        """Everybody leaves."""
        try:
            await self.stop()
        finally:
            for session in self._sessions:
                await session.close()

    async def agent(self, name: str, password: str = PASSWORD) -> Agent:
        """An agent who has signed in."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self._sessions.append(session)
        browser = Browser(session, self.url)
        status, answer = await browser.sign_in(name, password)
        assert status == 200, answer
        return Agent(browser, answer["user"]["display_name"])

    async def quiet(self) -> None:
        """Until everything that was written has been taken, answered and delivered: what has not come, will not."""
        core = self.server.core

        def done() -> bool:
            return (
                self.platform.quiet()
                and core.intake.waiting == 0
                and core.dispatcher.workers.busy == 0
                and all(deliveries.workers.busy == 0 for deliveries in core.deliveries.values())
            )

        await eventually(done, "the server to come to rest")

    async def nothing_failed(self) -> None:
        """No turn and no delivery was given up."""
        async with self.server.core.store.unit(write=False) as unit:
            assert await unit.inbox.failures(10) == []
            assert await unit.outbox.dead_letters() == []

    def vague(self, candidates: Iterable[str]) -> str:
        """The first of these that the model is unsure of, so that training anew does not take the test away."""
        low, high = self._pack.thresholds.clarify, self._pack.thresholds.answer
        seen = {}
        for text in candidates:
            language = self._opened.interpreter.language(text, Hints())
            encoded = self._opened.encoder.read([text])
            (understood,) = self._opened.interpreter.interpret([text], [language], encoded)
            assert understood.intent is not None
            seen[text] = understood.intent
            if understood.in_scope and low <= understood.intent.confidence < high:
                return text
        raise AssertionError(f"the model is sure, or lost, about all of these: {seen}")


OpenHouse = Callable[..., AbstractAsyncContextManager[House]]
"""Opens a house with a platform: `open_house(Telegram(), closed=False)`."""
