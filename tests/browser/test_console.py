"""The agents' console in a browser, against a whole server; customers write in the chat's page."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import FilePayload, Page, WebSocketRoute, expect

from bot.conversation import Owner, Role
from tests.browser.conftest import Visit
from tests.browser.desk import (
    PASSWORD_FIELD,
    SignIn,
    entry,
    lists,
    opened,
    press,
    reply_field,
    show,
    waiting,
)
from tests.browser.rig import HTML, PASSWORD, WAITING, Site, is_html, last_of, open_chat, unlabelled, write

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# --- signing in -------------------------------------------------------------------------------------------------------


async def test_signing_in_needs_the_right_password_and_lasts_over_a_reload(server: Site, page: Page) -> None:
    await page.goto(f"{server.url}/console")
    assert await unlabelled(page) == []
    await expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    await page.keyboard.type("admin")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong horse battery")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
    await page.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()


async def test_signing_out_ends_every_tab(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim")
    other = await page.context.new_page()
    async with other.expect_websocket():
        await other.goto(f"{server.url}/console/")
    await page.get_by_role("button", name="Kim").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    for tab in (page, other):
        await expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    await page.goto(f"{server.url}/console/users")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_an_admin_adds_an_agent_who_signs_in_and_cannot_add_others(
    server: Site, sign_in: SignIn, visit: Visit
) -> None:
    page = await sign_in("admin")
    await page.get_by_role("link", name="Users").click()
    await page.get_by_role("button", name="Add a user").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Name", exact=True).fill("mira")
    await dialog.get_by_label("Name that customers see").fill("<b>Mira</b>")
    await dialog.get_by_label(PASSWORD_FIELD).fill("short")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    assert await unlabelled(page) == []
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    await expect(page.get_by_role("row").filter(has_text="mira")).to_contain_text("<b>Mira</b>")
    page = await visit()
    await page.goto(f"{server.url}/console/")
    await page.get_by_role("textbox", name="Name").fill("mira")
    await page.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="<b>Mira</b>")).to_be_visible()
    await expect(page.get_by_role("link", name="Inbox")).to_be_visible()
    await expect(page.get_by_role("link", name="Users")).to_have_count(0)


# --- conversations ----------------------------------------------------------------------------------------------------


async def test_a_customer_who_waits_appears_by_itself_and_opens_with_everything_the_bot_understood(
    server: Site, sign_in: SignIn
) -> None:
    page = await sign_in("kim")
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    await server.hears("how long does it take?")
    await server.hears("where is order 12345?")
    await expect(waiting(page)).to_have_count(1)
    await expect(waiting(page)).to_contain_text("Ana")
    await expect(waiting(page)).to_contain_text("form to finish")
    await expect(page).to_have_title("(1) Babeldesk")
    await waiting(page).click()
    await expect(entry(page, "bot", "It takes 3 days.")).to_be_visible()
    await expect(entry(page, "system", "A colleague finishes this.")).to_be_visible()
    understood = entry(page, "customer", "where is order 12345?").get_by_role("button")
    await expect(understood).to_have_text("Understood as order_status 95% · English")
    await understood.click()
    await expect(page.get_by_text("Entities: order_number = 12345")).to_be_visible()
    await expect(page.get_by_role("complementary").get_by_role("row", name="order_number")).to_contain_text("12345")
    await expect(reply_field(page)).to_be_disabled()
    assert await unlabelled(page) == []


async def test_an_agent_and_a_customer_talk_and_the_bot_takes_over_again(
    server: Site, sign_in: SignIn, page: Page
) -> None:
    await open_chat(page, server.url)
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.get_by_text(WAITING)).to_be_visible()
    desk = await sign_in("kim")
    await waiting(desk).click()
    await press(desk, "Claim").click()
    await expect(page.get_by_text("Kim is here.")).to_be_visible()
    await expect(reply_field(desk)).to_be_focused()
    await desk.keyboard.type("One")
    await desk.keyboard.press("Shift+Enter")
    await desk.keyboard.type(HTML)
    await expect(page.locator(".typing")).to_be_visible()
    await desk.keyboard.press("Enter")
    await expect(last_of(page, "them")).to_have_text(f"One\n{HTML}")
    await expect(page.locator(".them .name").last).to_have_text("Kim")
    assert not await is_html(page)
    await expect(reply_field(desk)).to_have_value("")
    # The customer is seen to type and is heard; the bot, which would know the answer, is silent.
    await page.locator("textarea").press_sequentially("how long does it")
    await expect(desk.get_by_text("The customer is typing…")).to_be_visible()
    await write(page, "how long does it take?")
    await expect(entry(desk, "customer", "how long does it take?")).to_be_visible()
    await expect(desk.get_by_text("The customer is typing…")).to_have_count(0)
    await desk.locator("input[type=file]").set_input_files(
        FilePayload(name="label.txt", mimeType="text/plain", buffer=b"a label")
    )
    await expect(press(desk, "Remove label.txt")).to_be_visible()
    await press(desk, "Send").click()
    await expect(page.get_by_role("link", name="label.txt")).to_be_visible()
    await press(desk, "Return to bot").click()
    await expect(page.get_by_text("Kim has left.")).to_be_visible()
    await expect(press(desk, "Claim")).to_be_visible()
    await expect(reply_field(desk)).to_be_disabled()
    await write(page, "how long does it take?")
    await expect(last_of(page, "them")).to_have_text("It takes 3 days.")
    await expect(entry(desk, "bot", "It takes 3 days.")).to_be_visible()


async def test_an_agent_closes_a_conversation_after_being_asked_and_the_customer_can_open_it_again(
    server: Site, sign_in: SignIn, page: Page
) -> None:
    await open_chat(page, server.url)
    await write(page, "a person please")
    desk = await sign_in("kim")
    await waiting(desk).click()
    await press(desk, "Claim").click()
    await press(desk, "Close").click()
    dialog = desk.get_by_role("dialog", name="Close this conversation?")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()
    await press(desk, "Close").click()
    await dialog.get_by_role("button", name="Close", exact=True).click()
    await expect(page.get_by_text("Closed.", exact=True)).to_be_visible()
    await expect(opened(desk).get_by_text("Closed", exact=True)).to_be_visible()
    await expect(press(desk, "Claim")).to_have_count(0)
    await write(page, "hello")
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    await expect(opened(desk).get_by_text("With the bot")).to_be_visible()


async def test_a_second_agent_sees_who_has_a_conversation_and_cannot_take_it(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    kim, lee = await sign_in("kim"), await sign_in("lee")
    for page in (kim, lee):
        await waiting(page).click()
        await expect(press(page, "Claim")).to_be_visible()
    # Lee's page does not hear of it in time, and so lets her try.
    tried = asyncio.Event()

    async def late(route: Any) -> None:
        try:
            await press(kim, "Claim").click()
            await expect(press(kim, "Return to bot")).to_be_visible()
            await route.continue_()
        finally:
            tried.set()

    await lee.route("**/claim", late)
    await press(lee, "Claim").click()
    await tried.wait()
    await expect(lee.get_by_role("alert")).to_contain_text("the conversation is already with Kim")
    await expect(press(lee, "Claim")).to_have_count(0)
    await expect(opened(lee).get_by_text("Kim", exact=True)).to_be_visible()
    await expect(reply_field(lee)).to_be_disabled()
    await expect(reply_field(lee)).to_have_attribute("placeholder", "Kim has this conversation.")
    await expect(waiting(lee)).to_have_count(0)
    await expect(kim.get_by_role("radio", name="Mine 1", exact=True)).to_be_visible()
    await show(kim, "Mine")
    await expect(waiting(kim)).to_have_count(1)


async def test_what_a_customer_writes_is_text_in_the_list_and_in_the_history(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim")
    await server.hears("a person please", HTML)
    await server.hears(HTML, HTML)
    await expect(waiting(page)).to_contain_text(HTML.title())
    await show(page, "All")
    await waiting(page).click()
    await expect(entry(page, "customer", HTML).get_by_text(HTML, exact=True)).to_be_visible()
    assert not await is_html(page)


async def test_a_turn_that_failed_is_shown_among_the_problems_and_its_customer_waits(
    server: Site, sign_in: SignIn
) -> None:
    server.model.error = RuntimeError("the model is broken")
    await server.hears("hello")
    page = await sign_in("kim")
    await expect(waiting(page)).to_contain_text("something failed")
    await page.get_by_role("link", name="Problems").click()
    await expect(page.get_by_role("row").filter(has_text="the model is broken")).to_be_visible()
    await expect(page.get_by_text("database: fine")).to_be_visible()


# --- at hand ----------------------------------------------------------------------------------------------------------


async def test_an_agent_works_by_keyboard(server: Site, sign_in: SignIn) -> None:
    for customer in ("ana", "ben", "cem"):
        await server.hears("a person please", customer)
    page = await sign_in("kim")
    await expect(waiting(page)).to_have_count(3)
    keyboard, main = page.keyboard, opened(page)
    for key, name in (("j", "Ana"), ("j", "Ben"), ("j", "Cem"), ("j", "Cem"), ("k", "Ben")):
        await keyboard.press(key)
        await expect(waiting(page).and_(page.locator("[aria-current=page]"))).to_contain_text(name)
        await expect(main.get_by_text(name, exact=True).first).to_be_visible()
    await keyboard.press("c")
    await expect(reply_field(page)).to_be_focused()
    # Letters that are written are no commands.
    await keyboard.type("jkcbx")
    await keyboard.press("Enter")
    await expect(entry(page, "agent", "jkcbx")).to_be_visible()
    await keyboard.press("Escape")
    await keyboard.press("r")
    await expect(reply_field(page)).to_be_focused()
    await keyboard.press("Escape")
    await keyboard.press("b")
    await expect(press(page, "Claim")).to_be_visible()
    assert (await server.conversation("ben")).owner is Owner.BOT
    await keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


async def test_after_another_list_was_chosen_the_keyboard_still_steps_through_it(server: Site, sign_in: SignIn) -> None:
    await server.hears("hello")
    page = await sign_in("kim")
    await show(page, "All")
    await expect(waiting(page)).to_have_count(1)
    await page.keyboard.press("j")
    await expect(entry(page, "bot", "Hello from Tiny!")).to_be_visible()


async def test_on_a_telephone_the_list_and_the_conversation_take_turns(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("kim", viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    await expect(opened(page)).to_have_count(0)
    await waiting(page).tap()
    await expect(lists(page)).to_have_count(0)
    await press(page, "Claim").tap()
    await reply_field(page).fill("Hello, " + "a" * 300)
    await press(page, "Send").tap()
    await expect(entry(page, "agent", "Hello, ")).to_be_visible()
    await page.get_by_role("button", name="Details").tap()
    await expect(page.get_by_role("dialog").get_by_text("Why it was handed over")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    for button in ("Return to bot", "Close", "Send"):
        await expect(press(page, button)).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    await opened(page).get_by_role("link", name="Back to the list").tap()
    await expect(lists(page)).to_be_visible()
    await expect(page.get_by_role("button", name="Kim")).to_be_in_viewport(ratio=1)
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert await unlabelled(page) == []


# --- when the line is bad ---------------------------------------------------------------------------------------------


async def test_after_a_cut_the_console_shows_what_it_missed_and_no_more_what_is_over(
    server: Site, visit: Visit
) -> None:
    kim, lee = await server.user("kim"), await server.user("lee", Role.ADMIN)
    await server.hears("a person please", "ana")
    await server.hears("a person please", "ben")
    page = await visit()
    down = asyncio.Event()
    lines: list[WebSocketRoute] = []

    async def line(socket: WebSocketRoute) -> None:
        if down.is_set():
            await socket.close(code=1012)
        else:
            socket.connect_to_server()
            lines.append(socket)

    await page.route_web_socket("**/api/v1/stream", line)
    await page.goto(f"{server.url}/console/")
    await page.get_by_role("textbox", name="Name").fill("kim")
    await page.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(waiting(page)).to_have_count(2)
    await waiting(page).filter(has_text="Ana").click()
    await expect(entry(page, "system", WAITING)).to_be_visible()
    down.set()
    for socket in lines:
        await socket.close(code=1012)
    lost = page.get_by_role("status").filter(has_text="Connection lost. Reconnecting…")
    await expect(lost).to_be_visible()
    desk = server.running.core.desk
    ana, ben = await server.conversation("ana"), await server.conversation("ben")
    await desk.claim(ana.id, kim)
    await desk.answer(ana.id, kim, "From another tab.")
    await desk.claim(ben.id, lee)
    await desk.close(ben.id, lee)
    await server.hears("a person please", "cem")
    down.clear()
    await expect(lost).to_have_count(0)
    await expect(entry(page, "agent", "From another tab.")).to_be_visible()
    await expect(press(page, "Return to bot")).to_be_visible()
    await expect(waiting(page)).to_have_count(1)
    await expect(waiting(page)).to_contain_text("Cem")
    await show(page, "All")
    await expect(waiting(page)).to_have_count(3)
