"""Headless Chromium, a server for each test, and pages that fail their test when a script of theirs fails."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from adapters.console import auth
from adapters.console.page import STATIC as CONSOLE
from adapters.webchat.page import STATIC as CHAT
from bot.conversation import Role
from tests.browser.desk import SignIn
from tests.browser.rig import PASSWORD, Site, site
from tests.missing import missing

Visit = Callable[..., Awaitable[Page]]

expect.set_options(timeout=10_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium as the system has it; nothing is downloaded."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        missing("there is no chromium: `apt-get install chromium`, and these tests run")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture(scope="session")
def pages() -> None:
    """What a browser is given was built."""
    for built in (CHAT / "widget.js", CONSOLE / "index.html"):
        if not built.is_file():
            pytest.fail(f"{built} is not built; `make web` builds it")


@pytest_asyncio.fixture(loop_scope="session")
async def settings() -> dict[str, Any]:
    """Settings of the server beside those that it needs."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def server(
    tmp_path: Path, pages: None, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> AsyncIterator[Site]:
    """A server that lives in a task of its own, as it does in earnest."""
    # Passwords are hashed slowly on purpose; dozens of users of dozens of servers need not wait for that.
    monkeypatch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    started: asyncio.Future[Site] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def serve() -> None:
        async with site(tmp_path, **settings) as ready:
            started.set_result(ready)
            await over.wait()

    task = asyncio.create_task(serve())
    either: list[asyncio.Future[Any]] = [task, started]
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    yield started.result()
    over.set()
    await task


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Opens a page with cookies and storage of its own: a visitor."""
    contexts = []
    troubles: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            troubles.append(message.text)

    async def new_page(**options: Any) -> Page:
        context = await browser.new_context(**{"locale": "en-GB", **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        context.on("console", heard)
        return await context.new_page()

    yield new_page
    for context in contexts:
        await context.close()
    assert troubles == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(visit: Visit) -> Page:
    return await visit()


@pytest_asyncio.fixture(loop_scope="session")
async def sign_in(server: Site, visit: Visit) -> SignIn:
    """Opens the console in a browser of its own, with a user who is signed in there."""
    known = {"admin"}

    async def sign_in(name: str, path: str = "", role: Role = Role.AGENT, **options: Any) -> Page:
        if name not in known:
            await server.user(name, role)
            known.add(name)
        page = await visit(**options)
        answer = await page.context.request.post(
            f"{server.url}/api/v1/session",
            data={"name": name, "password": PASSWORD},
            headers={"X-Requested-With": "babeldesk"},
        )
        assert answer.ok
        async with page.expect_websocket():
            await page.goto(f"{server.url}/console/{path}")
        await expect(page.locator("#page")).to_be_visible()
        return page

    return sign_in
