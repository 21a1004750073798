"""Customers as people, notes that call one, and what is unread, in the console."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from bot.conversation import Role
from tests.browser.desk import SignIn, lists, opened, press, waiting
from tests.browser.rig import Site, unlabelled
from tests.browser.test_console_frame import violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OURS = {"X-Requested-With": "babeldesk"}


def customer(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


async def id_of(server: Site, name: str) -> str:
    return (await server.conversation(name)).customer


async def note(server: Site, page: Page, name: str, text: str) -> None:
    """Leave a note in a customer's conversation."""
    conversation = (await server.conversation(name)).id
    made = await page.context.request.post(
        f"{server.url}/api/v1/conversations/{conversation}/notes", data={"text": text}, headers=OURS
    )
    assert made.ok, await made.text()


async def test_customers_without_a_name_are_told_apart(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana", named=False)
    await server.hears("a person please", "bob", named=False)
    page = await sign_in("kim", viewport={"width": 1400, "height": 900})
    await expect(waiting(page)).to_have_count(2)
    short = (await id_of(server, "ana"))[:6]
    await waiting(page).filter(has_text=f"Web chat · {short}").click()
    await expect(opened(page).get_by_role("heading", name=f"Web chat · {short}")).to_be_visible()
    await expect(customer(page).get_by_text(f"Web chat · {short}")).to_be_visible()


async def test_two_customers_become_one_and_two_again_from_where_it_is_told(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana")
    await server.hears("a person please", "bob")
    page = await sign_in("kim", viewport={"width": 1400, "height": 900})
    ana, bob = await id_of(server, "ana"), await id_of(server, "bob")
    for identity, tier in ((ana, "gold"), (bob, "tin")):
        known = {"know": {"tier": {"kind": "string", "value": tier}}}
        path = f"{server.url}/api/v1/customers/{identity}/attributes"
        assert (await page.context.request.patch(path, data=known, headers=OURS)).ok
    await waiting(page).filter(has_text="Ana").click()
    await customer(page).get_by_role("button", name="Merge with another…").click()
    dialog = page.get_by_role("dialog", name="Merge two customers")
    await dialog.get_by_role("searchbox", name="Who is the same person?").fill("nobody at all")
    await expect(dialog.get_by_text("No other customer was found.")).to_be_visible()
    await dialog.get_by_role("searchbox").fill(bob[:6])
    await dialog.get_by_role("button", name="Bob").click()
    together = dialog.get_by_role("group", name="Together")
    await expect(together).to_contain_text("tier gold tin")
    await expect(together.locator("del")).to_have_text("tin")
    assert await violations(page) == []
    assert await unlabelled(page) == []
    await dialog.get_by_role("button", name="Keep the other one instead").click()
    await expect(together.locator("del")).to_have_text("gold")
    await dialog.get_by_role("button", name="Keep the other one instead").click()
    await dialog.get_by_role("button", name="Merge", exact=True).click()
    await expect(dialog).to_be_hidden()
    await expect(customer(page)).to_contain_text("bob")
    await expect(waiting(page).filter(has_text="Ana")).to_have_count(2)
    await page.get_by_role("alert").get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("They are two customers again.")).to_be_visible()
    await expect(customer(page).get_by_text("bob")).to_have_count(0)
    await expect(waiting(page).filter(has_text="Ana")).to_have_count(1)


async def test_a_merge_is_undone_from_the_panel_however_long_ago_it_was(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana")
    await server.hears("a person please", "bob")
    page = await sign_in("kim", viewport={"width": 1400, "height": 900})
    ana, bob = await id_of(server, "ana"), await id_of(server, "bob")
    path = f"{server.url}/api/v1/customers/{ana}/merge"
    assert (await page.context.request.post(path, data={"customer": bob}, headers=OURS)).ok
    await waiting(page).first.click()
    await expect(customer(page).get_by_text(bob[:6])).to_be_visible()
    vic = await sign_in("vic", role=Role.VIEWER, viewport={"width": 1400, "height": 900})
    await waiting(vic).first.click()
    await expect(customer(vic).get_by_text(bob[:6])).to_be_visible()
    await expect(customer(vic).get_by_role("button", name="Undo")).to_have_count(0)
    await customer(page).get_by_role("button", name=re.compile("^Undo the merge by Kim")).click()
    await expect(customer(page).get_by_text(bob[:6])).to_have_count(0)
    await expect(customer(page).get_by_role("button", name="Merge with another…")).to_be_visible()


async def test_a_note_that_calls_one_is_told_listed_and_opened_at_its_place(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana")
    await server.hears("a person please", "bob")
    kim, lee = await sign_in("kim"), await sign_in("lee")
    await note(server, kim, "ana", "@lee could you look at this?")
    told = lee.get_by_role("alert").filter(has_text="Kim mentioned you")
    await expect(told).to_contain_text("could you look at this?")
    bell = lee.get_by_role("button", name=re.compile("^Mentions"))
    await expect(bell).to_have_accessible_name("Mentions: 1 unread")
    await note(server, kim, "bob", "@lee and at this one")
    await expect(bell).to_have_accessible_name("Mentions: 2 unread")
    await told.first.get_by_role("button", name="Open the note").click()
    await expect(lee).to_have_url(re.compile(r"/c/\w+\?at=\d+$"))
    await expect(lee.get_by_role("region", name="Private note")).to_contain_text("@lee")
    await expect(bell).to_have_accessible_name("Mentions: 1 unread")
    await lee.keyboard.press("m")
    panel = lee.get_by_role("dialog", name="Mentions")
    links = panel.get_by_role("link")
    await expect(links).to_have_count(2)
    await expect(links.first).to_contain_text("unread")
    await expect(links.last).not_to_contain_text("unread")
    assert await violations(lee) == []
    await links.first.click()
    await expect(panel).to_be_hidden()
    await expect(bell).to_have_accessible_name("Mentions")
    await expect(kim.get_by_role("button", name=re.compile("^Mentions"))).to_have_accessible_name("Mentions")


async def test_all_notes_that_call_one_are_marked_as_read_in_every_browser_of_theirs(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("a person please", "ana")
    kim, lee, other = await sign_in("kim"), await sign_in("lee"), await sign_in("lee")
    await note(server, kim, "ana", "@lee look")
    await expect(other.get_by_role("button", name="Mentions: 1 unread")).to_be_visible()
    await lee.get_by_role("button", name="Mentions: 1 unread").click()
    await lee.get_by_role("button", name="Mark all as read").click()
    for page in (lee, other):
        await expect(page.get_by_role("button", name="Mentions", exact=True)).to_be_visible()


async def test_a_conversation_is_marked_as_unread_by_key_and_by_menu(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana")
    page = await sign_in("kim")
    unread = lists(page).get_by_text("1 unread message")
    await waiting(page).click()
    await expect(opened(page).get_by_role("log")).to_be_visible()
    await expect(unread).to_have_count(0)
    await page.keyboard.press("u")
    await expect(unread).to_have_count(1)
    await expect(page.get_by_text("No conversation is open")).to_be_visible()
    await page.reload()
    await expect(unread).to_have_count(1)
    await waiting(page).click()
    await expect(opened(page).get_by_role("log")).to_be_visible()
    await expect(unread).to_have_count(0)
    await press(page, "Assign, transfer or snooze").click()
    await opened(page).get_by_role("menuitem", name="Mark as unread").click()
    await expect(unread).to_have_count(1)


async def test_who_may_only_read_marks_as_unread_too(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please", "ana")
    page = await sign_in("vic", role=Role.VIEWER)
    await waiting(page).click()
    await press(page, "More").click()
    await opened(page).get_by_role("menuitem", name="Mark as unread").click()
    await expect(lists(page).get_by_text("1 unread message")).to_have_count(1)
