"""A customer on the web chat, by way of Direct Line as any client speaks it."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any, Self

import aiohttp


class DirectLineCustomer:
    """Opens a conversation, keeps its socket open, and comes back by watermark after a cut."""

    def __init__(self, url: str, *, locale: str = "en", name: str | None = "Ana", socket: bool = True) -> None:
        self.url = url
        self.locale = locale
        self.name = name
        self.conversation = ""
        self.token = ""
        self.watermark: str | None = None
        self.activities: list[dict[str, Any]] = []
        self.typing: list[dict[str, Any]] = []
        self._wants_socket = socket
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession(headers={"Accept-Language": self.locale})
        granted = await self.call("POST", "tokens/generate", {"user": {"name": self.name}, "locale": self.locale})
        self.token, self.resume_token = granted["token"], granted["resume"]
        opened = await self.call("POST", "conversations")
        self.conversation, self.token = opened["conversationId"], opened["token"]
        if self._wants_socket:
            await self.connect(opened["streamUrl"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut()
        await self.session.close()

    async def call(self, method: str, path: str, body: Any = None, *, expect: int | None = None) -> Any:
        status, answer = await self.raw(method, path, json_body=body)
        assert status == expect if expect is not None else status < 300, (status, answer)
        return answer

    async def raw(
        self, method: str, path: str, *, json_body: Any = None, data: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        bearer = self.token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        url = f"{self.url}/v3/directline/{path}"
        async with self.session.request(method, url, json=json_body, data=data, headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text else None

    async def connect(self, stream_url: str) -> None:
        """Open the socket."""
        socket = await self.session.ws_connect(stream_url)
        self._task = asyncio.create_task(self._listen(socket))

    async def cut(self) -> None:
        """Lose the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def resume(self) -> None:
        """Come back after a cut."""
        query = f"?watermark={self.watermark}" if self.watermark else ""
        again = await self.call("GET", f"conversations/{self.conversation}{query}")
        await self.connect(again["streamUrl"])

    async def write(self, text: str, *, client_id: str | None = None, **fields: Any) -> str:
        """Send a message; the id that it was given."""
        activity = {
            "type": "message",
            "text": text,
            "locale": self.locale,
            "channelData": {"clientActivityID": client_id or uuid.uuid4().hex},
            **fields,
        }
        answer = await self.call("POST", f"conversations/{self.conversation}/activities", activity)
        return str(answer["id"])

    async def press(self, label: str) -> None:
        """Press the latest button with this label."""
        for activity in reversed(self.activities):
            for action in activity.get("suggestedActions", {}).get("actions", []):
                if action["title"] == label:
                    await self.write(label, value=action["value"])
                    return
        raise AssertionError(f"there is no button {label!r}; there are {self.buttons()}")

    async def get(self, watermark: str | None = None) -> dict[str, Any]:
        """Read the activities by polling."""
        query = f"?watermark={watermark}" if watermark else ""
        answer = await self.call("GET", f"conversations/{self.conversation}/activities{query}")
        assert isinstance(answer, dict)
        return answer

    @property
    def texts(self) -> list[str]:
        """What was said to the customer."""
        return [a["text"] for a in self.activities if a["from"]["role"] == "bot"]

    def buttons(self) -> list[str]:
        """The labels under the latest message that has some."""
        for activity in reversed(self.activities):
            if actions := activity.get("suggestedActions", {}).get("actions"):
                return [action["title"] for action in actions]
        return []

    async def wait_for_texts(self, count: int, seconds: float = 15) -> list[str]:
        """The texts, once there are so many."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.texts) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"waited for {count} texts, there are {self.texts}") from None
        return self.texts

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        try:
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT or not message.data:
                    continue
                told = json.loads(message.data)
                self.typing += [a for a in told["activities"] if a["type"] == "typing"]
                self.activities += [a for a in told["activities"] if a["type"] == "message"]
                self.watermark = told.get("watermark", self.watermark)
                self._news.set()
        finally:
            await socket.close()
