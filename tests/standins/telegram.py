"""A strict stand-in for the Telegram Bot API, so that the real SDK runs over a real wire.

https://core.telegram.org/bots/api
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self

import aiohttp
from aiohttp import web

TOKEN = "123456:test-token-AAAA"
BOT = {"id": 123456, "is_bot": True, "first_name": "Babel", "username": "babel_test_bot"}
TAGS = {
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "blockquote",
    "tg-spoiler",
    "span",
}


class ApiError(Exception):
    """What the Bot API answers when it refuses."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        self.code, self.description, self.parameters = code, description, parameters


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in TAGS:
            raise ApiError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}" at byte offset 0')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: Unexpected end tag at byte offset 0")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_entityref(self, name: str) -> None:
        if name not in {"lt", "gt", "amp", "quot"}:
            raise ApiError(400, "Bad Request: can't parse entities: unsupported entity")
        self.text += html.unescape(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += html.unescape(f"&#{name};")


def shown(text: str, parse_mode: str | None) -> str:
    """What a person sees of a text with markup; refused as the API would."""
    if parse_mode == "HTML":
        if re.search(r"<(?![/a-zA-Z])", text):
            raise ApiError(400, "Bad Request: can't parse entities: Unsupported start tag at byte offset 0")
        parser = _Markup()
        parser.feed(text)
        parser.close()
        if parser.open:
            raise ApiError(400, "Bad Request: can't parse entities: Can't find end tag")
        text = parser.text
    elif parse_mode is not None:
        raise ApiError(400, "Bad Request: unsupported parse_mode")
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise ApiError(400, "Bad Request: message is too long")
    return text


@dataclass
class Chat:
    """A chat as one person sees it."""

    server: TelegramStandIn
    id: int
    kind: str
    user: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """What the bot said, as it is read."""
        return [m["shown"] for m in self.messages]

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
            if keyboard := message.get("reply_markup", {}).get("inline_keyboard"):
                return [button["text"] for row in keyboard for button in row]
        return []

    def message(self, **fields: Any) -> dict[str, Any]:
        chat: dict[str, Any] = {"id": self.id, "type": self.kind}
        chat |= {"first_name": self.user["first_name"]} if self.kind == "private" else {"title": "A group"}
        return {
            "message_id": self.server.next_id(),
            "from": self.user,
            "chat": chat,
            "date": int(time.time()),
            **fields,
        }

    async def write(self, text: str, *, times: int = 1, **fields: Any) -> dict[str, Any]:
        """A text, with the entities that Telegram's clients mark."""
        entities = [
            {"type": "bot_command", "offset": m.start(), "length": m.end() - m.start()}
            for m in re.finditer(r"(?<!\S)/\w+(@\w+)?", text)
        ]
        entities += [
            {"type": "mention", "offset": m.start(), "length": m.end() - m.start()}
            for m in re.finditer(r"(?<![\w/])@\w+", text)
        ]
        message = self.message(text=text, entities=entities, **fields)
        await self.server.deliver({"message": message}, times=times)
        return message

    async def edit(self, message: dict[str, Any], text: str) -> None:
        """Change an earlier message."""
        edited = {**message, "text": text, "edit_date": int(time.time())}
        await self.server.deliver({"edited_message": edited})

    async def send_file(self, name: str, content: bytes, *, caption: str | None = None) -> None:
        """A document."""
        file_id = self.server.add_file(content)
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "file_size": len(content)}
        document["mime_type"] = "application/pdf"
        extra = {"caption": caption} if caption else {}
        await self.server.deliver({"message": self.message(document=document, **extra)})

    async def press(self, label: str) -> None:
        """The latest button with this label."""
        for message in reversed(self.messages):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        query = {
                            "id": str(self.server.next_id()),
                            "from": self.user,
                            "chat_instance": "1",
                            "data": button["callback_data"],
                            "message": {k: v for k, v in message.items() if k != "shown"},
                        }
                        await self.server.deliver({"callback_query": query})
                        return
        raise AssertionError(f"there is no button {label!r}; there are {self.buttons()}")


class TelegramStandIn:
    """The API, its chats, and the ways in which it can misbehave."""

    def __init__(self) -> None:
        self.chats: dict[int, Chat] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answered: list[str] = []
        self.webhook: dict[str, Any] | None = None
        self.throttled: list[float] = []
        self.refusing: str | None = None
        self.failing: list[int] = []
        self.pollers = 0
        self._updates: list[dict[str, Any]] = []
        self._latest: dict[str, Any] | None = None
        self._files: dict[str, bytes] = {}
        self._ids = iter(range(1000, 10**9))
        self._update_ids = iter(range(5000, 10**9))
        self._news = asyncio.Condition()
        self._hooks: set[asyncio.Task[None]] = set()
        self._hooked = asyncio.Lock()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        # A poll ends with its connection, so that the next process can poll.
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._hooks:
            task.cancel()
        await asyncio.gather(*self._hooks, return_exceptions=True)
        await self._http.close()
        await self._runner.cleanup()

    def chat(
        self, *, user_name: str = "Ana", user_id: int = 42, language_code: str = "en", kind: str = "private"
    ) -> Chat:
        """A person's chat with the bot, or a group seen by one member."""
        chat_id = user_id if kind == "private" else -1000
        user = {"id": user_id, "is_bot": False, "first_name": user_name, "language_code": language_code}
        chat = Chat(self, chat_id, kind, user)
        self.chats[chat_id] = chat
        return chat

    def next_id(self) -> int:
        return next(self._ids)

    def add_file(self, content: bytes) -> str:
        file_id = f"file{self.next_id()}"
        self._files[file_id] = content
        return file_id

    async def deliver(self, update: dict[str, Any], *, times: int = 1) -> None:
        """Hand an update to whoever listens; by webhook it is repeated until it is acknowledged."""
        update = self._latest = {"update_id": next(self._update_ids), **update}
        if self.webhook is not None:
            for _ in range(times):
                task = asyncio.create_task(self._hook(update))
                self._hooks.add(task)
                task.add_done_callback(self._hooks.discard)
            return
        async with self._news:
            self._updates += [update] * times
            self._news.notify_all()

    async def again(self) -> None:
        """Forget that the latest update was confirmed: the next process that polls gets it once more."""
        assert self._latest is not None
        async with self._news:
            self._updates.insert(0, self._latest)
            self._news.notify_all()

    @property
    def unconfirmed(self) -> int:
        """Updates that nobody has confirmed by asking for later ones."""
        return len(self._updates)

    async def _hook(self, update: dict[str, Any]) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}  # type: ignore[index]
        async with self._hooked:
            while True:
                async with self._http.post(self.webhook["url"], json=update, headers=headers) as response:  # type: ignore[index]
                    if response.status == 200:
                        return
                await asyncio.sleep(0.05)

    # --- the wire -----------------------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _refused(ApiError(401, "Unauthorized"))
        parameters = await _parameters(request)
        self.calls.append((method, parameters))
        handler = getattr(self, f"_do_{method}", None)
        if handler is None:
            return _refused(ApiError(404, "Not Found: method not found"))
        try:
            return web.json_response({"ok": True, "result": await handler(parameters)})
        except ApiError as error:
            return _refused(error)

    async def _file(self, request: web.Request) -> web.Response:
        content = self._files.get(request.match_info["path"].removeprefix("documents/"))
        if request.match_info["token"] != TOKEN or content is None:
            raise web.HTTPNotFound
        return web.Response(body=content)

    async def _do_getMe(self, _: dict[str, Any]) -> Any:  # noqa: N802 - the API's name
        return BOT

    async def _do_setMyCommands(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        for command in parameters["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        return True

    async def _do_deleteWebhook(self, _: dict[str, Any]) -> Any:  # noqa: N802
        self.webhook = None
        return True

    async def _do_setWebhook(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        if not re.fullmatch(r"[\w-]{1,256}", parameters.get("secret_token", "x")):
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = parameters
        return True

    async def _do_getWebhookInfo(self, _: dict[str, Any]) -> Any:  # noqa: N802
        return {"url": (self.webhook or {}).get("url", ""), "has_custom_certificate": False, "pending_update_count": 0}

    async def _do_getUpdates(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        if self.webhook is not None:
            raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
        if self.pollers:
            raise ApiError(409, "Conflict: terminated by other getUpdates request; make sure that only one bot runs")
        offset = int(parameters.get("offset") or 0)
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        self.pollers += 1
        try:
            async with self._news, asyncio.timeout(float(parameters.get("timeout") or 0)):
                await self._news.wait_for(lambda: bool(self._updates))
        except TimeoutError:
            pass
        finally:
            self.pollers -= 1
        return self._updates[:100]

    def _check(self, parameters: dict[str, Any]) -> Chat:
        if self.failing:
            raise ApiError(self.failing.pop(0), "Internal Server Error")
        if self.throttled:
            seconds = self.throttled.pop(0)
            raise ApiError(429, f"Too Many Requests: retry after {seconds:.0f}", retry_after=int(seconds))
        if self.refusing is not None:
            raise ApiError(403, self.refusing)
        chat = self.chats.get(int(parameters.get("chat_id", 0)))
        if chat is None:
            raise ApiError(400, "Bad Request: chat not found")
        return chat

    async def _do_sendMessage(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        chat = self._check(parameters)
        text = shown(str(parameters.get("text", "")), parameters.get("parse_mode"))
        markup = parameters.get("reply_markup") or {}
        for row in markup.get("inline_keyboard", []):
            for button in row:
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
                if not button["text"].strip():
                    raise ApiError(400, "Bad Request: inline keyboard button text is empty")
        return self._posted(chat, text, parameters, {"text": text})

    async def _do_sendPhoto(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        chat = self._check(parameters)
        return self._posted(chat, f"[photo of {parameters['photo']} bytes]", parameters, {})

    async def _do_sendDocument(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        chat = self._check(parameters)
        return self._posted(chat, f"[file of {parameters['document']} bytes]", parameters, {})

    def _posted(self, chat: Chat, text: str, parameters: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {
            "message_id": self.next_id(),
            "from": BOT,
            "chat": {"id": chat.id, "type": chat.kind},
            "date": int(time.time()),
            **fields,
        }
        if parameters.get("reply_markup"):
            message["reply_markup"] = parameters["reply_markup"]
        chat.messages.append({**message, "shown": text, "sent": parameters})
        return message

    async def _do_sendChatAction(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        chat = self.chats.get(int(parameters["chat_id"]))
        if chat is not None:
            chat.actions.append(parameters["action"])
        return True

    async def _do_answerCallbackQuery(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        self.answered.append(parameters["callback_query_id"])
        return True

    async def _do_getFile(self, parameters: dict[str, Any]) -> Any:  # noqa: N802
        file_id = parameters["file_id"]
        if file_id not in self._files:
            raise ApiError(400, "Bad Request: invalid file_id")
        return {"file_id": file_id, "file_unique_id": file_id, "file_path": f"documents/{file_id}"}


def _refused(error: ApiError) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


async def _parameters(request: web.Request) -> dict[str, Any]:
    """The parameters of a call; files by their size in bytes, structures as JSON."""
    if request.content_type == "application/json":
        given: dict[str, Any] = await request.json()
        return given
    parameters: dict[str, Any] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            parameters[name] = len(value.file.read())
            continue
        text = str(value)
        if name in {"text", "caption"}:
            parameters[name] = text
            continue
        try:
            parameters[name] = json.loads(text)
        except ValueError:
            parameters[name] = text
    return parameters
