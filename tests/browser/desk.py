"""What tests ask of the console's inbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Download, Locator, Page

SignIn = Callable[..., Awaitable[Page]]

PASSWORD_FIELD = re.compile("^Password")


def lists(page: Page) -> Locator:
    return page.get_by_role("region", name="Conversations", exact=True)


def opened(page: Page) -> Locator:
    """The conversation that is open."""
    return page.get_by_role("region", name="Conversation", exact=True)


def waiting(page: Page) -> Locator:
    """The conversations in the list."""
    return lists(page).get_by_role("listitem").get_by_role("link")


def entry(page: Page, author: str, text: str) -> Locator:
    """What somebody said, in the history."""
    return page.get_by_role("log").locator(f"[data-author={author}]").filter(has_text=text)


def reply_field(page: Page) -> Locator:
    return opened(page).get_by_label("Write to the customer…")


def press(page: Page, name: str) -> Locator:
    return opened(page).get_by_role("button", name=name, exact=True)


async def show(page: Page, tab: str) -> None:
    """Choose one of the lists."""
    await page.get_by_role("radiogroup", name="Conversations").get_by_text(tab, exact=True).click()


async def downloaded(download: Download) -> str:
    """What is in a downloaded text file."""
    path = await download.path()
    return await asyncio.to_thread(path.read_text, "utf-8")
