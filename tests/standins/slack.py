"""A strict stand-in for Slack: Web API, signed events with retries, and Socket Mode, over a real wire.

https://docs.slack.dev/reference/methods, https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import html
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from tests.standins.slack_desk import Agents, DeskMethods, SlackError, check_metadata

BOT_TOKEN = "xoxb-test-bot"
APP_TOKEN = "xapp-test-app"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T0001"
BOT_USER = "U0BOT"
BOT_ID = "B0001"


def check_blocks(blocks: list[dict[str, Any]]) -> None:
    """Refuse what Slack refuses."""
    if len(blocks) > 50:
        raise SlackError("invalid_blocks")
    for block in blocks:
        kind = block["type"]
        if kind == "section":
            if not 1 <= len(block["text"]["text"]) <= 3000:
                raise SlackError("invalid_blocks")
        elif kind == "rich_text":
            for section in block["elements"]:
                if section["type"] != "rich_text_section" or not section["elements"]:
                    raise SlackError("invalid_blocks")
                for element in section["elements"]:
                    if element["type"] not in {"text", "link"} or not element["text"]:
                        raise SlackError("invalid_blocks")
        elif kind == "actions":
            elements = block["elements"]
            if not 1 <= len(elements) <= 25 or len({e["action_id"] for e in elements}) != len(elements):
                raise SlackError("invalid_blocks")
            for element in elements:
                label = element["text"]
                if label["type"] != "plain_text" or not 1 <= len(label["text"]) <= 75 or len(element["value"]) > 2000:
                    raise SlackError("invalid_blocks")
        elif kind == "context":
            if not 1 <= len(block["elements"]) <= 10:
                raise SlackError("invalid_blocks")
        else:
            raise SlackError("invalid_blocks")


def shown(message: dict[str, Any]) -> str:
    """What a person reads of a message, by its blocks; names in a context block are not part of it."""
    sections = []
    for block in message.get("blocks") or []:
        if block["type"] == "rich_text":
            sections.append("".join(e["text"] for s in block["elements"] for e in s["elements"]))
        elif block["type"] == "section":
            sections.append(html.unescape(block["text"]["text"]))
    return " ".join(sections) if sections else html.unescape(message.get("text", ""))


@dataclass
class Room:
    """A direct message, or a channel seen by one person."""

    server: SlackStandIn
    id: str
    kind: str
    user: str
    thread: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What the bot said, as it is read."""
        return [shown(m) for m in self.messages]

    def take(self, message: dict[str, Any]) -> None:
        """A message of the bot's."""
        self.messages.append(message)

    async def wait_for_texts(self, count: int, seconds: float = 15) -> list[str]:
        """The texts, once there are so many."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.messages) < count:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"waited for {count} texts, there are {self.texts}") from None
        return self.texts

    def buttons(self) -> list[str]:
        """The labels under the latest message that has some."""
        for message in reversed(self.messages):
            labels = [
                e["text"]["text"] for b in message.get("blocks") or [] if b["type"] == "actions" for e in b["elements"]
            ]
            if labels:
                return labels
        return []

    def event(self, text: str, **fields: Any) -> dict[str, Any]:
        event = {
            "type": "message",
            "channel": self.id,
            "channel_type": self.kind,
            "user": self.user,
            "text": html.escape(text, quote=False) if not text.startswith("<@") else text,
            "ts": self.server.stamp(),
            "team": TEAM,
            **fields,
        }
        return event | ({"thread_ts": self.thread} if self.thread else {})

    async def write(self, text: str, *, times: int = 1, **fields: Any) -> dict[str, Any]:
        """A message; a mention is delivered as `message` and as `app_mention`, as Slack does."""
        event = self.event(text, **fields)
        await self.server.deliver(event, times=times)
        if self.kind != "im" and f"<@{BOT_USER}>" in event["text"]:
            await self.server.deliver({**event, "type": "app_mention"})
        return event

    async def edit(self, event: dict[str, Any], text: str) -> None:
        """Change an earlier message."""
        stamp = self.server.stamp()
        changed = {**event, "text": text, "edited": {"user": self.user, "ts": stamp}}
        await self.server.deliver(
            {
                "type": "message",
                "subtype": "message_changed",
                "channel": self.id,
                "channel_type": self.kind,
                "ts": stamp,
                "message": changed,
                "previous_message": event,
            }
        )

    async def send_file(self, name: str, content: bytes, text: str = "") -> None:
        """A file."""
        file = self.server.add_file(name, content)
        await self.server.deliver(self.event(text, subtype="file_share", files=[file]))

    async def press(self, label: str) -> None:
        """The latest button with this label."""
        for message in reversed(self.messages):
            for block in message.get("blocks") or []:
                for element in block.get("elements", []) if block["type"] == "actions" else []:
                    if element["text"]["text"] == label:
                        await self.server.interact(self, message, element)
                        return
        raise AssertionError(f"there is no button {label!r}; there are {self.buttons()}")


class SlackStandIn(DeskMethods):
    """Slack, its rooms, and the ways in which it can misbehave."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.events_url: str | None = None
        self.throttled: list[float] = []
        self.losing = 0
        self.refusing: str | None = None
        self.failing: list[int] = []
        self.statuses: list[int] = []
        self.agents: dict[str, Agents] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self._unacknowledged: dict[str, asyncio.Event] = {}
        self._files: dict[str, bytes] = {}
        self._counter = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._order = asyncio.Lock()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/files/{name}", self._download)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_get("/socket", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._host = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.url = f"http://{self._host}/api/"
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in self.sockets:
            await socket.close()
        await self._http.close()
        await self._runner.cleanup()

    def dm(self, *, user: str = "U0ANA", name: str = "Ana", locale: str = "es-ES") -> Room:
        """A person's direct messages with the bot."""
        self.users[user] = {"id": user, "name": name.lower(), "locale": locale, "profile": {"display_name": name}}
        return self.rooms.setdefault(f"D{user}", Room(self, f"D{user}", "im", user))

    def channel(self, *, user: str = "U0ANA", name: str = "Ana", thread: str | None = None) -> Room:
        """A channel, or a thread in it, as one person writes there."""
        self.users[user] = {"id": user, "name": name.lower(), "locale": "en-US", "profile": {"display_name": name}}
        key = f"C0SHOP:{thread or ''}"
        return self.rooms.setdefault(key, Room(self, "C0SHOP", "channel", user, thread))

    def stamp(self) -> str:
        return f"{int(time.time())}.{next(self._counter):06d}"

    def add_file(self, name: str, content: bytes) -> dict[str, Any]:
        key = f"F{next(self._counter)}"
        self._files[key] = content
        url = f"http://{self._host}/files/{key}"
        return {
            "id": key,
            "name": name,
            "title": name,
            "mimetype": "application/pdf",
            "size": len(content),
            "url_private": url,
            "url_private_download": url,
        }

    # --- to the bot -----------------------------------------------------------------------------------------------

    async def deliver(self, event: dict[str, Any], *, times: int = 1) -> None:
        """Hand an event over, again and again until it is acknowledged."""
        body = {
            "token": "legacy",
            "team_id": TEAM,
            "api_app_id": "A0001",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{next(self._counter)}",
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }
        for number in range(times):
            self._start(self._hand_over("events_api", body, number))

    def desk(self, channel: str = "C0DESK") -> Agents:
        """A channel in which agents work."""
        return self.agents.setdefault(channel, Agents(self, channel))

    async def interact(
        self, room: Room | Agents, message: dict[str, Any], element: dict[str, Any], user: str | None = None
    ) -> None:
        """A press of a button."""
        user = user or room.user
        container = {"type": "message", "message_ts": message["ts"], "channel_id": room.id}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        body = {
            "type": "block_actions",
            "team": {"id": TEAM, "domain": "shop"},
            "user": {"id": user, "name": self.users[user]["name"], "team_id": TEAM},
            "api_app_id": "A0001",
            "trigger_id": f"1.{next(self._counter)}",
            "container": container,
            "channel": {"id": room.id, "name": "directmessage"},
            "message": message,
            "actions": [{**element, "block_id": "b", "action_ts": self.stamp()}],
        }
        self._start(self._hand_over("interactive", body, 0))

    async def command(self, room: Room | Agents, command: str, text: str) -> None:
        """A slash command."""
        body = {
            "command": command,
            "text": text,
            "team_id": TEAM,
            "channel_id": room.id,
            "user_id": room.user,
            "user_name": self.users[room.user]["name"],
            "trigger_id": f"2.{next(self._counter)}",
            "response_url": "https://hooks.slack.test/x",
        }
        self._start(self._hand_over("slash_commands", body, 0))

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, kind: str, body: dict[str, Any], number: int) -> None:
        async with self._order:
            for attempt in itertools.count(number):
                taken = await (self._by_http if self.events_url else self._by_socket)(kind, body, attempt)
                if taken:
                    return
                await asyncio.sleep(0.05)

    async def _by_http(self, kind: str, body: dict[str, Any], attempt: int) -> bool:
        if kind == "events_api":
            raw, content_type = json.dumps(body).encode(), "application/json"
        elif kind == "interactive":
            raw, content_type = urlencode({"payload": json.dumps(body)}).encode(), "application/x-www-form-urlencoded"
        else:
            raw, content_type = urlencode(body).encode(), "application/x-www-form-urlencoded"
        headers = {"Content-Type": content_type, **sign(raw)}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_error"}
        try:
            async with asyncio.timeout(3), self._http.post(str(self.events_url), data=raw, headers=headers) as response:
                self.statuses.append(response.status)
                return response.status == 200
        except (TimeoutError, aiohttp.ClientError):
            return False

    async def _by_socket(self, kind: str, body: dict[str, Any], attempt: int) -> bool:
        if not self.sockets:
            return False
        envelope = f"env-{next(self._counter)}"
        acknowledged = self._unacknowledged[envelope] = asyncio.Event()
        message = {
            "type": kind,
            "envelope_id": envelope,
            "payload": body,
            "accepts_response_payload": kind != "events_api",
            "retry_attempt": attempt,
            "retry_reason": "timeout" if attempt else "",
        }
        await self.sockets[-1].send_str(json.dumps(message))
        try:
            async with asyncio.timeout(0.5):
                await acknowledged.wait()
        except TimeoutError:
            return False
        return True

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(
            json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0001"}})
        )
        self.sockets.append(socket)
        try:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    answer = json.loads(message.data)
                    if (waiting := self._unacknowledged.pop(answer.get("envelope_id", ""), None)) is not None:
                        waiting.set()
        finally:
            self.sockets.remove(socket)
        return socket

    # --- Web API --------------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        parameters = await _parameters(request)
        self.calls.append((method, parameters))
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if token != wanted:
            return web.json_response({"ok": False, "error": "invalid_auth"})
        handler = getattr(self, "_do_" + method.replace(".", "_"), None)
        if handler is None:
            return web.json_response({"ok": False, "error": "unknown_method"})
        if method.startswith("chat."):
            if self.failing:
                return web.Response(status=self.failing.pop(0), text="upstream error")
            if self.throttled:
                seconds = self.throttled.pop(0)
                headers = {"Retry-After": f"{seconds:.0f}"}
                return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
            if self.refusing:
                return web.json_response({"ok": False, "error": self.refusing})
        try:
            answer = {"ok": True, **await handler(parameters)}
            if method == "chat.postMessage" and self.losing:
                # It is done, and nobody is told.
                self.losing -= 1
                return web.Response(status=502, text="bad gateway")
            return web.json_response(answer)
        except SlackError as error:
            return web.json_response({"ok": False, "error": str(error)})

    async def _do_auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID, "team": "Shop", "user": "babel"}

    async def _do_apps_connections_open(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"url": f"ws://{self._host}/socket?ticket=1"}

    async def _do_users_info(self, parameters: dict[str, Any]) -> dict[str, Any]:
        user = self.users.get(parameters["user"])
        if user is None:
            raise SlackError("user_not_found")
        return {"user": user}

    async def _do_chat_postMessage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the API's name
        thread = parameters.get("thread_ts")
        key = parameters["channel"]
        room = self.agents.get(key) or self.rooms.get(key) or self.rooms.get(f"{key}:{thread or ''}")
        if room is None:
            raise SlackError("channel_not_found")
        text, blocks = parameters.get("text", ""), parameters.get("blocks") or []
        if not text and not blocks:
            raise SlackError("no_text")
        if len(text) > 40_000:
            raise SlackError("msg_too_long")
        if any(mark in text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "") for mark in "<>&"):
            raise AssertionError("the plain text is not escaped")
        check_blocks(blocks)
        message = {"type": "message", "ts": self.stamp(), "text": text, "blocks": blocks, "bot_id": BOT_ID}
        if thread:
            message["thread_ts"] = thread
        if metadata := parameters.get("metadata"):
            message["metadata"] = check_metadata(metadata)
        room.take(message)
        # Slack sends the bot its own messages too.
        await self.deliver({**message, "channel": room.id, "channel_type": room.kind, "user": BOT_USER})
        return {"channel": room.id, "ts": message["ts"], "message": message}

    async def _do_files_info(self, parameters: dict[str, Any]) -> dict[str, Any]:
        key = parameters["file"]
        if key not in self._files:
            raise SlackError("file_not_found")
        return {"file": {"id": key, "url_private_download": f"http://{self._host}/files/{key}"}}

    async def _do_files_getUploadURLExternal(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        key = f"F{next(self._counter)}"
        return {"upload_url": f"http://{self._host}/upload/{key}", "file_id": key}

    async def _do_files_completeUploadExternal(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        files = parameters["files"]
        files = json.loads(files) if isinstance(files, str) else files
        place = parameters["channel_id"]
        room = self.agents.get(place) or self.rooms.get(place)
        thread = {"thread_ts": parameters["thread_ts"]} if parameters.get("thread_ts") else {}
        for file in files:
            if room is not None:
                text = f"[file of {len(self._files[file['id']])} bytes]"
                room.take({"type": "message", "ts": self.stamp(), "text": text, "bot_id": BOT_ID, **thread})
        return {"files": files}

    async def _download(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            raise web.HTTPFound("https://slack.test/signin")
        return web.Response(body=self._files[request.match_info["name"]])

    async def _upload(self, request: web.Request) -> web.Response:
        self._files[request.match_info["id"]] = await request.read()
        return web.Response(text="OK")


def sign(body: bytes, *, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers with which Slack signs a request."""
    stamp = str(int(at if at is not None else time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


async def _parameters(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        given: dict[str, Any] = await request.json()
        return given
    form = {**request.query, **{k: str(v) for k, v in (await request.post()).items()}}
    return {k: json.loads(v) if k in {"blocks", "files", "metadata"} else v for k, v in form.items()}
