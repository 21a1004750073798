"""An admin teaches a running server over its API, and its customers are understood without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.app import Running, running
from bot.app_studio import current_pack
from bot.messages import Address
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.settings import Settings
from nlu.serving import model_store
from nlu.training.run import train_pack
from tests.fakes import inbound
from tests.nlu import pretrained
from tests.nlu import small_shop as shop
from tests.nlu.test_trainer import data_dir, models_folder

__all__ = ["data_dir", "models_folder"]

PASSWORD = "correct horse battery"

OPENING = {
    "name": "opening_hours",
    "means": "asks when the shop is open",
    "examples": {
        "en": [
            "when do you open",
            "what are your opening hours",
            "are you open on Sunday",
            "until when is the shop open today",
            "what time do you close",
            "opening times please",
        ]
    },
    "replies": {"en": {"label": "When are you open?", "replies": ["From nine to five."]}},
}


@dataclass
class School:
    """A server and an admin at it."""

    server: Running
    http: aiohttp.ClientSession

    async def call(self, method: str, path: str, body: Any = None, tag: str = "*") -> Any:
        headers = {"If-Match": tag} if method in {"PUT", "DELETE"} else {}
        async with self.http.request(method, f"/api/v1{path}", json=body, headers=headers) as response:
            told = await response.json()
            assert response.ok, told
            return told

    async def trained(self, runs: int = 1) -> dict[str, Any]:
        async with asyncio.timeout(100):
            while True:
                told = (await self.call("GET", "/training"))["runs"]
                if len(told) >= runs and told[0]["ended_at"] is not None:
                    return dict(told[0])
                await asyncio.sleep(0.05)

    async def hears(self, text: str, number: int) -> tuple[str | None, list[str]]:
        """What a customer's message is taken for, and what the bot has said in all."""
        await self.server.core.intake.accept(inbound(text, channel="webchat", event=f"e-{number}"))
        async with asyncio.timeout(20):
            while self.server.core.intake.waiting:
                await asyncio.sleep(0.01)
        async with self.server.core.store.unit(write=False) as unit:
            talk = await unit.conversations.at(Address("webchat", "ana"))
            assert talk is not None
            history = await unit.messages.after(talk.id, 0)
        (*_, heard) = [entry.understanding for entry in history if entry.understanding is not None]
        return heard.intent and heard.intent.name, [entry.text for entry in history if entry.author == "bot"]


def settings_for(folder: Path, source: str) -> Settings:
    password = SecretStr(PASSWORD)
    return Settings(
        data_dir=folder, port=0, encoder_source=source, encoder_threads=1, drain_seconds=1, admin_password=password
    )


@asynccontextmanager
async def school(settings: Settings, pack: Pack) -> AsyncIterator[School]:
    async with running(settings, pack) as server:
        headers = {"X-Requested-With": "babeldesk", "Origin": server.url}
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(server.url, headers=headers, cookie_jar=jar) as http:
            it = School(server, http)
            await it.call("POST", "/session", {"name": "admin", "password": PASSWORD})
            yield it


async def test_what_is_taught_is_said_at_once_and_understood_when_it_is_trained(data_dir: Path, tmp_path: Path) -> None:
    pack = read_pack(shop.write_pack(tmp_path / "pack"))
    settings = settings_for(data_dir, "tiny")
    await asyncio.to_thread(train_pack, settings, pack)
    before = model_store(data_dir, pack.name).promoted()

    async with school(settings, pack) as it:
        await it.hears("when do you open", 1)
        await it.call("POST", "/intents", OPENING)
        run = await it.trained()
        taken_for, said = await it.hears("what are your opening hours", 2)
        duplicates = await it.call("GET", "/intent-duplicates")
        status = await (await it.http.get("/readyz")).json()

        assert (run["state"], run["reason"], run["revision"]) == ("served", None, 2)
        assert taken_for == "opening_hours"
        assert said[-1] == "From nine to five."
        assert duplicates["problem"] is None
        assert status["components"]["model"] == "ok"

        await it.call("POST", "/intents/opening_hours/rename", {"name": "business_hours"})
        await it.trained(2)
        taken_for, _ = await it.hears("what are your opening hours", 3)
        assert taken_for == "business_hours"

    assert model_store(data_dir, pack.name).promoted()[1:] != before
    again = await current_pack(settings, pack)
    assert "business_hours" in again.intents
    async with school(settings, pack) as it:
        taken_for, _ = await it.hears("what are your opening hours", 4)
        assert taken_for == "business_hours"


@pytest.mark.model
async def test_what_is_taught_in_english_is_understood_in_german(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(pretrained.pretrained().encoder.parent)
    pack = read_pack(shop.write_pack(tmp_path / "pack"))
    settings = settings_for(tmp_path / "data", "multilingual-e5-small")
    await asyncio.to_thread(train_pack, settings, pack)

    async with school(settings, pack) as it:
        await it.call("POST", "/intents", OPENING)
        run = await it.trained()
        tried = await it.call("POST", "/understand", {"text": "um wie viel Uhr habt ihr am Sonntag geöffnet?"})

    assert run["state"] == "served"
    assert tried["understanding"]["language"]["code"] == "de"
    assert tried["understanding"]["ranking"][0]["name"] == "opening_hours"
