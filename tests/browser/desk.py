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


def view(page: Page, name: str) -> Locator:
    """One of the inbox's views, whatever number of conversations it has."""
    views = page.get_by_role("radiogroup", name="Conversations")
    return views.get_by_role("radio", name=re.compile(rf"^{name}( [\d,]+)?$"))


async def show(page: Page, name: str) -> None:
    """Choose one of the views."""
    await view(page, name).check()


async def downloaded(download: Download) -> str:
    """What is in a downloaded text file."""
    path = await download.path()
    return await asyncio.to_thread(path.read_text, "utf-8")
