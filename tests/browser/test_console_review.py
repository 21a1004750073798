"""The page of what the bot was unsure of, with a server to which texts with the same last word are alike."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot import app
from bot.conversation import Role
from tests.browser.desk import SignIn, downloaded
from tests.browser.rig import Site, unlabelled, until
from tests.fakes import AlikeByWord

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AGO = timedelta(hours=2)
UNSURE = ("sing me a song", "blue bicycle", "red bicycle", "green bicycle", "my thing about the thing")


@pytest.fixture(autouse=True)
def _alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scripted model has no embeddings."""
    monkeypatch.setattr(app, "similar_to", lambda _: AlikeByWord())


@pytest_asyncio.fixture(loop_scope="session")
async def doubts(server: Site) -> Site:
    for number, text in enumerate(UNSURE):
        await server.hears(text, f"c{number}", AGO)
    return server


def cards(page: Page) -> Locator:
    return page.get_by_role("list", name="Groups").locator("> li")


def card(page: Page, text: str) -> Locator:
    return cards(page).filter(has_text=text)


async def verdicts(page: Page) -> dict[str, Any]:
    """What was decided, by text."""
    answer = await page.context.request.get(f"{page.url.split('/console')[0]}/api/v1/review/labels")
    return {one["text"]: one["intent"] or one["verdict"] for one in (await answer.json())["items"]}


async def test_groups_show_what_the_bot_thought_and_one_key_decides_and_undoes(doubts: Site, sign_in: SignIn) -> None:
    page = await sign_in("sue", role=Role.SUPERVISOR)
    await page.get_by_role("link", name="Review").click()
    await expect(page.get_by_text("5 messages wait for a verdict")).to_be_visible()
    await expect(cards(page)).to_have_count(3)
    bicycles = cards(page).first
    for text in ("3 messages", "English 3", "not understood 3", "blue bicycle", "New intent: bicycle?"):
        await expect(bicycles).to_contain_text(text)
    await expect(bicycles.get_by_role("button", name="refund_status 30%")).to_be_visible()
    assert await unlabelled(page) == []

    await page.keyboard.press("j")
    await expect(bicycles).to_be_focused()
    await page.keyboard.press("j")
    await expect(cards(page).nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("2")
    await expect(cards(page)).to_have_count(2)
    await expect(page.get_by_text("3 messages: delivery_time. Press u to undo.")).to_be_visible()
    await expect(cards(page).first).to_be_focused()
    assert Counter((await verdicts(page)).values()) == {"delivery_time": 3}

    await page.keyboard.press("u")
    await expect(cards(page)).to_have_count(3)
    assert await verdicts(page) == {}
    await page.keyboard.press("u")
    await expect(page.get_by_text("You have decided nothing here yet.")).to_be_visible()


async def test_one_message_of_a_group_is_decided_and_the_others_stay(doubts: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "review")
    await expect(cards(page)).to_have_count(3)
    await page.keyboard.press("e")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    second = cards(page).first.get_by_role("button", pressed=True)
    await expect(second).to_be_focused()
    chosen = await second.inner_text()
    await expect(page.get_by_text("For the selected message only")).to_be_visible()
    await page.keyboard.press("o")
    await expect(page.get_by_text("4 messages wait for a verdict")).to_be_visible()
    await expect(cards(page)).to_have_count(3)
    assert await verdicts(page) == {chosen: "out_of_scope"}
    # The message after it is next.
    await expect(cards(page).first.get_by_role("button", pressed=True)).to_be_focused()
    await page.keyboard.press("x")
    await expect(page.get_by_text("3 messages wait for a verdict")).to_be_visible()

    # What was decided is gone from the page before the server has stored it.
    async def stored() -> bool:
        return Counter((await verdicts(page)).values()) == {"out_of_scope": 1, "dismissed": 1}

    await until(stored)


async def test_a_new_intent_is_named_and_then_chosen_for_others(doubts: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "review")
    await expect(cards(page)).to_have_count(3)
    await page.keyboard.press("n")
    name = page.get_by_role("dialog").get_by_role("textbox", name="Name of the intent")
    await expect(name).to_have_value("bicycle")
    for wrong, why in (
        ("Fahr rad", "Use a-z, 0-9 and _"),
        ("order_status", "There is an intent order_status already."),
    ):
        await name.fill(wrong)
        await name.press("Enter")
        await expect(page.get_by_role("dialog")).to_contain_text(why)
    await name.fill("bicycles")
    await name.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(cards(page)).to_have_count(2)
    await expect(page.get_by_text("2 messages wait for a verdict")).to_be_visible()

    await expect(page.get_by_role("row").filter(has_text="bicycles")).to_contain_text("and 2 others")
    await card(page, "sing me a song").get_by_role("button", name="Another intent…").click()
    await page.get_by_role("dialog").get_by_role("combobox").fill("bicyc")
    await page.keyboard.press("Enter")
    await expect(cards(page)).to_have_count(1)
    assert Counter((await verdicts(page)).values()) == {"bicycles": 4}

    # A verdict of any time is taken back in the list.
    await page.get_by_role("button", name="Undo the verdict on “sing me a song”").click()
    await expect(card(page, "sing me a song")).to_be_visible()


async def test_the_last_group_leaves_an_empty_page_and_its_verdicts_are_exported(doubts: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "review")
    for left in (2, 1, 0):
        await expect(cards(page)).to_have_count(left + 1)
        await page.keyboard.press("1")
        await expect(cards(page)).to_have_count(left)
    await expect(page.get_by_text("Nothing is left to review.")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="sing me a song")).to_be_visible()
    for form, has in (("JSON Lines", '"text": "sing me a song"'), ("Rasa YAML", "- sing me a song")):
        await page.get_by_role("button", name="Export").click()
        async with page.expect_download() as begun:
            await page.get_by_role("menuitem", name=form).click()
        assert has in await downloaded(await begun.value)


async def test_groups_come_in_pages(server: Site, sign_in: SignIn) -> None:
    for number in range(22):
        await server.hears(f"something about w{number}", f"c{number}", AGO)
    page = await sign_in("admin", "review")
    await expect(cards(page)).to_have_count(20)
    await page.get_by_role("button", name="Page 2").click()
    await expect(cards(page)).to_have_count(2)
    await expect(page).to_have_url(f"{server.url}/console/review?page=2")
    await page.reload()
    await expect(cards(page)).to_have_count(2)
    for left in (1, 20):
        await page.keyboard.press("x")
        await expect(cards(page)).to_have_count(left)
    # All of the last page was decided, so the one before it is shown.
    await expect(page).to_have_url(f"{server.url}/console/review")


async def test_what_somebody_else_has_decided_meanwhile_is_told(doubts: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "review")
    await expect(cards(page)).to_have_count(3)
    other = await sign_in("sue", "review", Role.SUPERVISOR)
    await expect(cards(other)).to_have_count(3)
    await other.keyboard.press("x")
    await expect(cards(other)).to_have_count(2)
    await page.keyboard.press("o")
    await expect(page.get_by_role("alert")).to_contain_text("has been reviewed in the meantime")
    await expect(cards(page)).to_have_count(2)


async def test_the_keys_are_listed_for_those_who_have_the_page(doubts: Site, sign_in: SignIn) -> None:
    page = await sign_in("sue", "review", Role.SUPERVISOR)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog").get_by_role("row", name="Take the latest verdict back")).to_contain_text(
        "u"
    )
    agent = await sign_in("kim", "review")
    await expect(agent.get_by_role("link", name="Inbox")).to_be_visible()
    await expect(agent.get_by_role("link", name="Review")).to_have_count(0)
    await agent.keyboard.press("?")
    await expect(agent.get_by_role("dialog")).to_contain_text("Claim the conversation")
    await expect(agent.get_by_role("dialog")).not_to_contain_text("Take the latest verdict back")
