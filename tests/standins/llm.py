"""A stand-in for an OpenAI-compatible server that answers what it is told to, faults included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY, MODEL = "sk-test", "parrot-1"

Answer = str | list[str] | web.Response | None
"""The content of the model's message, or the lines in it, or another response altogether."""


@dataclass
class LlmStandIn:
    """`answer` makes each answer of the data in the prompt; `bodies` are the requests that came in."""

    answer: Callable[[dict[str, Any]], Answer]
    delay: float = 0.0
    finish: str = "stop"
    bodies: list[dict[str, Any]] = field(default_factory=list)
    busiest: int = 0
    _at_work: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        self._server = TestServer(app)
        await self._server.start_server()
        self.url = str(self._server.make_url("/v1"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The data of every request."""
        return [data_of(body) for body in self.bodies]

    async def _complete(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"error": {"message": "Incorrect API key"}}, status=401)
        body = await request.json()
        if body["model"] != MODEL:
            return web.json_response({"error": {"message": "no such model"}}, status=404)
        if body["response_format"] != {"type": "json_object"} or "JSON" not in body["messages"][0]["content"]:
            return web.json_response({"error": {"message": "JSON must be asked for"}}, status=400)
        self.bodies.append(body)
        self._at_work += 1
        self.busiest = max(self.busiest, self._at_work)
        try:
            await asyncio.sleep(self.delay)
        finally:
            self._at_work -= 1
        answer = self.answer(data_of(body))
        if isinstance(answer, web.Response):
            return answer
        content = json.dumps({"texts": answer}) if isinstance(answer, list) else answer
        return web.json_response(
            {
                "id": "c-1",
                "object": "chat.completion",
                "created": 1,
                "model": MODEL,
                "choices": [
                    {"index": 0, "finish_reason": self.finish, "message": {"role": "assistant", "content": content}}
                ],
            }
        )


def data_of(body: dict[str, Any]) -> dict[str, Any]:
    """What stands between the marks in the prompt."""
    content = body["messages"][1]["content"]
    assert content.startswith("<data>\n")
    assert content.endswith("\n</data>")
    assert content.count("<") == content.count(">") == 2
    data: dict[str, Any] = json.loads(content.removeprefix("<data>\n").removesuffix("\n</data>"))
    return data


def busy(status: int = 429) -> web.Response:
    """The server asks for patience, of ten milliseconds."""
    return web.json_response({"error": {"message": "slow down"}}, status=status, headers={"retry-after-ms": "10"})
