"""The console's inbox in a browser: views, filters and search, notes, and what helps to answer."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from bot.conversation import Role
from tests.browser.desk import SignIn, entry, lists, opened, press, reply_field, show, view, waiting
from tests.browser.rig import HTML, Site, is_html, last_of, open_chat, unlabelled

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}


def note_field(page: Page) -> Locator:
    return opened(page).get_by_label("For colleagues only")


def details(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


def search_field(page: Page) -> Locator:
    return lists(page).get_by_role("searchbox", name="Search conversations")


async def write_note(page: Page, text: str) -> None:
    await opened(page).get_by_text("Private note", exact=True).first.click()
    await note_field(page).press_sequentially(text)
    await note_field(page).press("Enter")


# --- the lists --------------------------------------------------------------------------------------------------------


async def test_a_conversation_goes_through_the_views_while_one_looks_on(server: Site, sign_in: SignIn) -> None:
    lee = await server.user("lee")
    page = await sign_in("kim")
    await server.hears("a person please", "ana")
    await expect(view(page, "Unassigned")).to_be_checked()
    await expect(page.get_by_role("radio", name="Unassigned 1", exact=True)).to_be_visible()
    ana = await server.conversation("ana")
    await server.running.core.desk.claim(ana.id, lee)
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    await server.running.core.desk.answer(ana.id, lee, "Hello, Ana.")
    await show(page, "Waiting for customer")
    await expect(waiting(page)).to_contain_text("Hello, Ana.")
    await show(page, "Closed")
    await expect(waiting(page)).to_have_count(0)
    await server.running.core.desk.close(ana.id, lee)
    await expect(waiting(page)).to_contain_text("Ana")
    await expect(page).to_have_url(re.compile(r"\?view=closed$"))


async def test_what_a_customer_says_is_unread_until_one_opens_it_in_any_of_one_s_browsers(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("hello", "ana")
    await server.hears("a person please", "ana")
    page, other = await sign_in("kim"), await sign_in("kim")
    lee = await sign_in("lee")
    for browser in (page, other, lee):
        await expect(waiting(browser)).to_contain_text("2 unread messages")
    await server.hears("are you there?", "ana")
    await expect(waiting(other)).to_contain_text("3 unread messages")
    await waiting(page).click()
    for browser in (page, other):
        await expect(waiting(browser).get_by_text("unread")).to_have_count(0)
    await expect(waiting(lee)).to_contain_text("3 unread messages")
    await page.reload()
    await expect(waiting(page)).to_contain_text("Ana")
    await expect(waiting(page).get_by_text("unread")).to_have_count(0)


async def test_filters_and_the_order_are_in_the_address(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana")
    await server.hears("hello", "ben")
    ana = await server.conversation("ana")
    await server.running.core.desk.tag(ana.id, add=["vip"])
    page = await sign_in("kim", "?view=all")
    await expect(waiting(page)).to_have_count(2)
    await expect(waiting(page).first).to_contain_text("Ben")
    await page.get_by_role("button", name="Filter and sort").click()
    form = page.get_by_role("dialog", name="Filter and sort")
    await form.get_by_text("Longest waiting").click()
    await form.get_by_label("Tag", exact=True).first.click()
    await page.get_by_role("option", name="vip").click()
    await expect(waiting(page)).to_have_count(1)
    await expect(page).to_have_url(re.compile(r"sort=waiting.*tag=vip|tag=vip.*sort=waiting"))
    await page.reload()
    await expect(waiting(page)).to_contain_text("vip")
    await expect(waiting(page)).to_have_count(1)
    await expect(page.get_by_role("radio", name="All 1", exact=True)).to_be_visible()
    # A tag that is put on in another browser brings a conversation into the list.
    ben = await server.conversation("ben")
    await server.running.core.desk.tag(ben.id, add=["vip"])
    await expect(waiting(page)).to_have_count(2)
    await expect(waiting(page).first).to_contain_text("Ana")
    await lists(page).get_by_role("button", name="Remove vip").click()
    await expect(page).to_have_url(re.compile(r"\?(view=all&sort=waiting|sort=waiting&view=all)$"))


async def test_a_search_marks_what_it_found_and_opens_the_conversation_there(server: Site, sign_in: SignIn) -> None:
    await server.hears("the parcel was blue 😀 and wet", "ana")
    for _ in range(30):
        await server.hears("hello", "ana")
    await server.hears("hello", "ben")
    page = await sign_in("kim")
    await page.keyboard.press("s")
    await search_field(page).press_sequentially("wet parcel")
    await expect(waiting(page)).to_have_count(1)
    await expect(lists(page).locator("mark")).to_have_text(["parcel", "wet"])
    await waiting(page).click()
    found = entry(page, "customer", "the parcel was blue")
    await expect(found).to_be_in_viewport()
    await expect(page).to_have_url(re.compile(r"/c/[^?]+\?.*q=wet"))
    await expect(page).to_have_url(re.compile(r"at=\d+"))
    await page.reload()
    await expect(found).to_be_in_viewport()
    await search_field(page).fill("nobodysaidthis")
    await expect(page.get_by_text("Nothing was found.")).to_be_visible()
    await search_field(page).fill("?!")
    await expect(page.get_by_text("Nothing was found.")).to_be_visible()
    await search_field(page).press("Escape")
    await expect(view(page, "Unassigned")).to_be_visible()
    assert await unlabelled(page) == []


# --- in the conversation ----------------------------------------------------------------------------------------------


async def test_a_note_calls_a_colleague_and_never_reaches_the_customer(
    server: Site, sign_in: SignIn, page: Page
) -> None:
    await open_chat(page, server.url)
    await page.get_by_role("button", name="Talk to a person").click()
    await server.user("lee")
    desk = await sign_in("kim")
    await waiting(desk).click()
    await press(desk, "Claim").click()
    await expect(reply_field(desk)).to_be_focused()
    await reply_field(desk).press("Escape")
    await desk.keyboard.press("n")
    await expect(note_field(desk)).to_be_focused()
    await desk.keyboard.type("Ask @le")
    await expect(desk.get_by_role("option", name="Lee")).to_be_visible()
    await desk.keyboard.press("Enter")
    await expect(note_field(desk)).to_have_value("Ask @lee ")
    await desk.keyboard.type(HTML)
    await desk.keyboard.press("Enter")
    note = desk.get_by_role("log").get_by_role("region", name="Private note")
    await expect(note).to_contain_text(f"Ask @lee {HTML}")
    await expect(note).to_contain_text("Kim")
    assert not await is_html(desk)
    # What was begun as a note is no answer, and what was begun as an answer no note.
    await note_field(desk).fill("half a note")
    await opened(desk).get_by_text("Answer", exact=True).click()
    await expect(reply_field(desk)).to_have_value("")
    await reply_field(desk).fill("An answer.")
    await reply_field(desk).press("Enter")
    await expect(last_of(page, "them")).to_have_text("An answer.")
    assert await page.get_by_text("Ask @lee").count() == 0
    await opened(desk).get_by_text("Private note", exact=True).last.click()
    await expect(note_field(desk)).to_have_value("half a note")
    async with server.running.core.store.unit(write=False) as unit:
        (mention,) = await unit.mentions.of((await unit.users.named("lee")).id, 10)  # type: ignore[union-attr]
    assert mention.by == "Kim"


async def test_a_canned_reply_is_found_by_slash_filled_in_and_edited_before_it_is_sent(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("a person please")
    page = await sign_in("kim")
    for shortcut, text in (("welcome", "Hello {customer_name}, this is {agent_name}."), ("bye", "Goodbye.")):
        made = await page.context.request.post(
            f"{server.url}/api/v1/canned",
            data={"shortcut": shortcut, "texts": {"en": text}},
            headers={"X-Requested-With": "babeldesk"},
        )
        assert made.ok, await made.text()
    await waiting(page).click()
    await press(page, "Claim").click()
    await expect(reply_field(page)).to_be_focused()
    await page.keyboard.press("/")
    await expect(page.get_by_role("option")).to_have_count(2)
    await expect(page.get_by_role("combobox", name="Search canned replies")).to_be_focused()
    assert await unlabelled(page) == []
    await page.keyboard.press("Escape")
    await expect(reply_field(page)).to_be_focused()
    await page.keyboard.press("/")
    await page.get_by_role("combobox", name="Search canned replies").press_sequentially("wel")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(reply_field(page)).to_have_value(re.compile("^Hello .*Kim"))
    await expect(reply_field(page)).to_be_focused()
    # In a text that was begun a slash is a slash.
    await page.keyboard.press("End")
    await page.keyboard.type(" and/or")
    await page.keyboard.press("Enter")
    await expect(entry(page, "agent", "Kim. and/or")).to_be_visible()


async def test_a_suggested_answer_is_taken_by_alt_and_a_digit(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("kim")
    await waiting(page).click()
    await press(page, "Claim").click()
    await server.hears("how long does it take?")
    offered = opened(page).get_by_role("region", name="Suggested answers")
    await expect(offered).to_contain_text("delivery_time 93%")
    await page.keyboard.press("Alt+1")
    await expect(reply_field(page)).to_have_value("It takes 3 days.")
    await expect(offered).to_have_count(0)
    await reply_field(page).press("Enter")
    await expect(entry(page, "agent", "It takes 3 days.")).to_be_visible()


async def test_who_may_only_read_reads_everything_and_changes_nothing(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("vera", role=Role.VIEWER, **WIDE)
    await waiting(page).click()
    await expect(entry(page, "customer", "a person please")).to_be_visible()
    await expect(details(page).get_by_text("Known as")).to_be_visible()
    await expect(press(page, "Claim")).to_have_count(0)
    await expect(opened(page).get_by_role("textbox")).to_have_count(0)
    await expect(details(page).get_by_role("textbox")).to_have_count(0)
    await expect(details(page).get_by_role("button", name="Add")).to_have_count(0)


# --- the panel --------------------------------------------------------------------------------------------------------


async def test_the_panel_has_tags_what_is_known_of_the_customer_and_the_transcript(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("a person please")
    page = await sign_in("kim", **WIDE)
    await waiting(page).click()
    panel = details(page)
    await panel.get_by_label("Tags", exact=True).first.fill("late")
    await page.keyboard.press("Enter")
    await expect(waiting(page)).to_contain_text("late")
    await panel.get_by_role("button", name="Add").click()
    await panel.get_by_label("What it is").fill("plan")
    await panel.get_by_label("Value").fill("gold")
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("button", name="plan gold")).to_be_visible()
    await panel.get_by_role("button", name="Add").click()
    await panel.get_by_label("What it is").fill("birthday")
    await panel.get_by_label("Kind").select_option("date")
    await panel.get_by_label("Value").fill("1990-05-17")
    await panel.get_by_role("button", name="Save").click()
    await expect(panel.get_by_role("button", name="birthday 17 May 1990")).to_be_visible()
    await panel.get_by_role("button", name="Remove plan").click()
    await expect(panel.get_by_role("button", name="plan gold")).to_have_count(0)
    await page.reload()
    await expect(panel.get_by_role("button", name="birthday 17 May 1990")).to_be_visible()
    await write_note(page, "Is this urgent?")
    await expect(page.get_by_role("log").get_by_text("Is this urgent?")).to_be_visible()
    assert "Is this urgent?" not in await transcript(page, "Text")
    assert "a person please" in await transcript(page, "Text")
    await panel.get_by_label("with private notes").check()
    told = json.loads(await transcript(page, "JSON"))
    assert "Is this urgent?" in [message["text"] for message in told["messages"]]
    assert await unlabelled(page) == []


async def transcript(page: Page, form: str) -> str:
    async with page.expect_download() as download:
        await details(page).get_by_role("link", name=form).click()
    file = await (await download.value).path()
    return await asyncio.to_thread(Path(file).read_text, encoding="utf-8")


async def test_a_rating_is_shown_when_there_is_one(server: Site, sign_in: SignIn) -> None:
    kim = await server.user("lee")
    await server.hears("a person please")
    conversation = await server.conversation("ana")
    desk = server.running.core.desk
    await desk.claim(conversation.id, kim)
    page = await sign_in("kim", f"c/{conversation.id}", **WIDE)
    await expect(details(page).get_by_text("Known as")).to_be_visible()
    await expect(details(page).get_by_text("Rating")).to_have_count(0)
    await desk.close(conversation.id, kim)
    await server.hears("4")
    await expect(details(page).get_by_text("4 of 5")).to_be_visible()
    await expect(details(page).get_by_text("Lee")).to_be_visible()
