"""The page that a link from Slack leads to: whose account is whose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.clock import SystemClock
from bot.desk_links import new_code
from bot.desk_values import Account
from tests.browser.conftest import Visit
from tests.browser.desk import PASSWORD_FIELD, SignIn
from tests.browser.rig import PASSWORD, Site, unlabelled
from tests.browser.test_console_frame import PHONE, WIDE, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LANGUAGES = {
    "en-GB": ("Link", "Unlink", "linked a Slack account"),
    "de-DE": ("Verknüpfen", "Verknüpfung lösen", "hat ein Slack-Konto verknüpft"),
    "es-ES": ("Vincular", "Desvincular", "vinculó una cuenta de Slack"),
    "zh-CN": ("关联", "取消关联", "关联了 Slack 账号"),
    "ar": ("ربط", "إلغاء الربط", "ربط حساب Slack"),
}


async def told(server: Site, name: str = "Kim ✨", *, ago: timedelta = timedelta(0)) -> str:
    """The page's path that somebody in Slack was told."""
    async with server.running.core.store.unit() as unit:
        code = await new_code(unit, Account("slack", f"T1:U{name[:3]}", name), SystemClock().now() - ago)
    return f"link/slack?code={code}"


def button(page: Page, name: str) -> Any:
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_an_account_is_linked_and_unlinked_in_every_language(server: Site, sign_in: SignIn, locale: str) -> None:
    link, unlink, logged = LANGUAGES[locale]
    for scheme, screen in (("light", WIDE), ("dark", PHONE)):
        path = await told(server)
        page = await sign_in("admin", path, locale=locale, color_scheme=scheme, reduced_motion="reduce", **screen)
        await expect(page.get_by_role("heading", level=2)).to_contain_text("Kim ✨")
        assert await violations(page) == []
        await button(page, link).click()
        await expect(button(page, unlink)).to_be_visible()
        assert page.url.endswith("/console/link/slack")
        assert await violations(page) == []
        assert await unlabelled(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"]
        await button(page, unlink).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await violations(page) == []
        await page.get_by_role("dialog").get_by_role("button", name=unlink, exact=True).click()
        await expect(button(page, unlink)).to_have_count(0)
        assert await violations(page) == []
    await page.goto(f"{server.url}/console/audit")
    await expect(page.get_by_role("row").filter(has_text=logged).first).to_be_visible()


async def test_whoever_is_not_signed_in_signs_in_first_and_is_asked_then(server: Site, visit: Visit) -> None:
    await server.user("kim")
    page = await visit()
    await page.goto(f"{server.url}/console/{await told(server)}")
    await page.get_by_role("textbox", name="Name").fill("kim")
    await page.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Link the Slack account Kim ✨ to you?")).to_be_visible()
    await expect(page.get_by_text("goes to customers in the name of Kim.")).to_be_visible()
    # By keyboard alone.
    await button(page, "Link").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Kim ✨ is linked to you")).to_be_visible()
    await page.get_by_role("button", name="Kim").first.click()
    await page.get_by_role("menuitem", name="Slack account").click()
    await expect(page.get_by_role("heading", name="Kim ✨ is linked to you")).to_be_visible()


async def test_a_link_that_has_expired_says_how_to_get_another(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim", await told(server, ago=timedelta(minutes=16)))
    await expect(page.get_by_text("This link has been used already or has expired.")).to_be_visible()
    await expect(button(page, "Link")).to_have_count(0)
    await expect(page.get_by_text("No Slack account is linked to you")).to_be_visible()
    assert await violations(page) == []


async def test_another_account_takes_the_place_of_the_one_before(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim", await told(server))
    await button(page, "Link").click()
    await expect(page.get_by_role("heading", name="Kim ✨ is linked to you")).to_be_visible()
    await page.goto(f"{server.url}/console/{await told(server, 'Second')}")
    await expect(page.get_by_text("It takes the place of Kim ✨")).to_be_visible()
    await button(page, "Link").click()
    await expect(page.get_by_role("heading", name="Second is linked to you")).to_be_visible()


async def test_a_link_that_is_used_meanwhile_is_told_to_be_no_good(server: Site, sign_in: SignIn) -> None:
    path = await told(server)
    page = await sign_in("kim", path)
    await expect(button(page, "Link")).to_be_visible()
    other = await sign_in("lee", path)
    await button(other, "Link").click()
    await expect(other.get_by_role("heading", name="Kim ✨ is linked to you")).to_be_visible()
    await button(page, "Link").click()
    await expect(page.get_by_role("alert").filter(has_text="was used already or has expired")).to_be_visible()
