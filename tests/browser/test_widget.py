"""The chat widget in a browser, against a whole server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.rig import (
    HTML,
    WAITING,
    Site,
    accessibility,
    field_of,
    is_html,
    last_of,
    online,
    open_chat,
    serving,
    shown,
    unlabelled,
    write,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

POSTS = "**/v3/directline/conversations/*/activities"
CONVERSATIONS = "**/v3/directline/conversations/**"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def abort(times: int = 10**6) -> Callable[[Route], Any]:
    """A line that is down for so many requests."""
    left = iter(range(times))

    async def handle(route: Route) -> None:
        if next(left, None) is None:
            await route.continue_()
        else:
            await route.abort()

    return handle


async def edges(element: Locator) -> tuple[float, float]:
    """The left and the right edge of something on the page."""
    box = await element.bounding_box()
    assert box is not None
    return box["x"], box["x"] + box["width"]


# --- languages and looks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "query", "hint", "welcome", "question", "answer", "sent"),
    [
        ("en-GB", "", "Write a message…", "Welcome to Tiny.", "how long does it take?", "It takes 3 days.", "Sent"),
        ("de-AT", "", "Nachricht schreiben…", "Willkommen bei Tiny.", "hallo", "Hallo von Tiny!", "Gesendet"),
        ("en-GB", "?lang=de", "Nachricht schreiben…", "Willkommen bei Tiny.", "hallo", "Hallo von Tiny!", "Gesendet"),
    ],
)
async def test_the_chat_speaks_the_language_of_its_page_or_else_of_the_browser(
    server: Site, visit: Visit, locale: str, query: str, hint: str, welcome: str, question: str, answer: str, sent: str
) -> None:
    page = await visit(locale=locale)
    await open_chat(page, server.url, query)
    await expect(page.get_by_text(welcome, exact=True)).to_be_visible()
    await expect(field_of(page)).to_have_attribute("placeholder", hint)
    await write(page, question)
    await expect(last_of(page, "them")).to_have_text(answer)
    await expect(page.get_by_text(sent, exact=True)).to_be_visible()


async def test_a_page_in_arabic_is_laid_out_from_right_to_left(server: Site, page: Page) -> None:
    await open_chat(page, server.url, "?lang=ar")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(field_of(page)).to_have_attribute("placeholder", "اكتب رسالة…")
    await expect(field_of(page)).to_have_css("direction", "rtl")
    await field_of(page).fill("hello")
    await expect(field_of(page)).to_have_css("direction", "ltr")
    await write(page, "hello")
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    left, right = await edges(page.locator(".log > .column").last)
    assert (await edges(last_of(page, "me")))[0] == pytest.approx(left, abs=1)
    assert (await edges(last_of(page, "them")))[1] == pytest.approx(right, abs=1)
    assert (await edges(page.get_by_role("button", name="إرسال")))[1] < (await edges(field_of(page)))[0]


async def test_the_chat_follows_a_dark_scheme_and_its_change(server: Site, visit: Visit) -> None:
    page = await visit(color_scheme="dark")
    await open_chat(page, server.url)
    panel = page.locator(".panel")
    await expect(panel).to_have_css("background-color", "rgb(26, 27, 30)")
    await expect(panel).to_have_css("color", "rgb(233, 236, 239)")
    await page.emulate_media(color_scheme="light")
    await expect(panel).to_have_css("background-color", "rgb(255, 255, 255)")


# --- safety -----------------------------------------------------------------------------------------------------------


async def test_what_a_customer_writes_is_shown_as_text_also_after_a_reload(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await write(page, HTML)
    await expect(last_of(page, "me")).to_have_text(HTML)
    await page.reload()
    await expect(last_of(page, "me")).to_have_text(HTML)
    assert not await is_html(page)


async def test_an_address_in_a_text_becomes_a_link_and_no_other_scheme_does(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await write(page, 'see https://example.org/a?b=1. and javascript:alert(1) "https://example.org/"onclick=x')
    links = last_of(page, "me").get_by_role("link")
    await expect(links).to_have_text(["https://example.org/a?b=1", "https://example.org/"])
    for link in await links.all():
        assert await link.get_attribute("rel") == "noopener noreferrer nofollow"


# --- for everybody ----------------------------------------------------------------------------------------------------


async def test_the_chat_is_used_by_keyboard_alone(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    keyboard = page.keyboard
    choices = page.get_by_role("group").get_by_role("button")
    await expect(choices.first).to_be_visible()
    await tab_to(page, field_of(page))
    await keyboard.type("hello")
    await keyboard.press("Shift+Enter")
    await keyboard.type("again")
    assert await field_of(page).input_value() == "hello\nagain"
    await expect(page.locator(".me")).to_have_count(0)
    await keyboard.press("ControlOrMeta+a")
    await keyboard.type("hello")
    await keyboard.press("Enter")
    await expect(last_of(page, "me")).to_have_text("hello")
    await expect(field_of(page)).to_have_value("")
    await expect(choices).to_have_text(["Track my order", "Talk to a person"])
    await tab_to(page, choices.first, "Shift+Tab")
    await keyboard.press("Enter")
    await expect(last_of(page, "them")).to_have_text("Which order?")
    await expect(field_of(page)).to_be_focused()


async def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press the key until the target has the focus."""
    for _ in range(15):
        await page.keyboard.press(key)
        if await target.evaluate("element => element.getRootNode().activeElement === element"):
            return
    pytest.fail(f"{key} does not reach {target}")


@pytest.mark.parametrize("embedded", [False, True])
async def test_a_screen_reader_finds_a_live_log_and_no_control_without_a_name(
    server: Site, page: Page, *, embedded: bool
) -> None:
    if embedded:
        # The script neither deferred nor at the end.
        script = f'<script src="{server.url}/chat/widget.js" data-auto></script>'
        async with serving(f"<!doctype html><title>A shop</title>{script}<p>Shop</p>") as shop:
            await page.goto(shop)
            await page.get_by_role("button", name="Open chat").click()
            await online(page)
    else:
        await open_chat(page, server.url)
    log = page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log.get_by_role("button", name="Track my order")).to_be_visible()
    await expect(page.get_by_role("region", name="Chat with us")).to_be_visible()
    assert await unlabelled(page) == []
    told = await accessibility(page)
    assert ("textbox", "Write a message…") in told
    assert ("button", "Attach a file") in told
    assert ("button", "Send") in told


# --- a conversation ---------------------------------------------------------------------------------------------------


async def test_a_quick_reply_is_pressed_once_and_its_buttons_go(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await page.get_by_role("button", name="Track my order").click()
    await expect(last_of(page, "me")).to_have_text("Track my order")
    await expect(last_of(page, "them")).to_have_text("Which order?")
    await expect(page.locator(".choices")).to_have_count(0)
    assert server.model.asked == []


async def test_a_message_is_shown_at_once_as_being_sent_and_then_as_sent(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    released = asyncio.Event()

    async def held(route: Route) -> None:
        await released.wait()
        await route.continue_()

    await page.route(POSTS, held)
    await write(page, "hello")
    await expect(last_of(page, "me")).to_have_text("hello")
    state = page.locator(".me .state").last
    await expect(state).to_have_text("Sending…")
    released.set()
    await expect(state).to_have_text("Sent")
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    await write(page, "how long does it take?")
    await expect(last_of(page, "them")).to_have_text("It takes 3 days.")
    await expect(page.get_by_text("Sent", exact=True).filter(visible=True)).to_have_count(1)


async def test_while_the_bot_thinks_it_is_shown_to_be_typing(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    server.model.free.clear()
    await write(page, "hello")
    await expect(page.locator(".typing")).to_be_visible()
    await expect(page.get_by_role("log").get_by_text("is typing")).to_have_count(1)
    server.model.free.set()
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    await expect(page.locator(".typing")).to_have_count(0)


async def test_a_text_that_is_too_long_cannot_be_sent_and_the_limit_is_told(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await field_of(page).fill("x" * 8001)
    await expect(page.get_by_text("Too long: 8001 / 8000")).to_be_visible()
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()
    await field_of(page).press("Enter")
    await expect(page.locator(".me")).to_have_count(0)
    await field_of(page).fill("hello")
    await expect(page.locator(".count")).to_be_hidden()


async def test_a_picture_and_a_text_file_are_uploaded_shown_and_kept(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Attach a file").click()
    picture = FilePayload(name="broken <b>.png", mimeType="image/png", buffer=PIXEL)
    note = FilePayload(name="note.txt", mimeType="text/plain", buffer=b"a note")
    await (await chooser.value).set_files([picture, note])
    for _ in range(2):
        await expect(page.get_by_text("Thank you for the file.")).to_have_count(1)
        image = page.get_by_role("img", name="broken <b>.png")
        await expect(image).to_have_js_property("naturalWidth", 1)
        async with page.expect_download() as download, page.expect_popup():
            await page.get_by_role("link", name="note.txt").click()
        assert (await (await download.value).path()).stat().st_size == len(b"a note")
        await page.reload()
    heard = (await server.history())[1]
    assert [file.name for file in heard.attachments] == ["broken <b>.png", "note.txt"]


async def test_a_new_conversation_is_begun_and_the_old_one_is_gone_from_the_page(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await write(page, "hello")
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    await page.get_by_role("button", name="New conversation").click()
    await expect(page.locator(".message")).to_have_text(["Welcome to Tiny."])
    await write(page, "how long does it take?")
    await expect(last_of(page, "them")).to_have_text("It takes 3 days.")
    await page.reload()
    await expect(page.locator(".message")).to_have_text(
        ["Welcome to Tiny.", "how long does it take?", "It takes 3 days."]
    )


# --- when the line is bad ---------------------------------------------------------------------------------------------


async def test_after_a_reload_the_conversation_goes_on_where_it_was(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await write(page, "where is my order?")
    await expect(last_of(page, "them")).to_have_text("Which order?")
    before = await shown(page)
    await page.reload()
    await expect(page.locator(".message")).to_have_text(before)
    await online(page)
    await write(page, "12345")
    await expect(page.locator(".me .message")).to_have_text(["where is my order?", "12345"])
    await expect(page.locator(".message").last).to_have_text(WAITING)
    assert [m.text for m in await server.history()][:4] == [*before, "12345"]


async def test_two_tabs_show_the_same_conversation(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await expect(page.locator(".message")).to_have_text(["Welcome to Tiny."])
    other = await page.context.new_page()
    await open_chat(other, server.url)
    await write(other, "hello")
    for tab in (page, other):
        await expect(tab.locator(".message")).to_have_text(["Welcome to Tiny.", "hello", "Hello from Tiny!"])


async def test_after_a_cut_the_chat_comes_back_without_loss_or_duplicate(server: Site, page: Page) -> None:
    await open_chat(page, server.url)
    await write(page, "hello")
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    # Answers come by the socket alone: it is kept from coming back until the answer was given.
    reconnecting = "**/v3/directline/conversations/*?watermark=*"
    await page.route(reconnecting, abort())
    server.cut_chats()
    await expect(page.locator(".dot")).not_to_have_attribute("data-status", "online")
    await write(page, "how long does it take?")
    await server.said("It takes 3 days.")
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    await expect(page.get_by_role("status")).to_have_text("Connection lost. Reconnecting…")
    await page.unroute(reconnecting)
    await expect(last_of(page, "them")).to_have_text("It takes 3 days.")
    await expect(page.get_by_role("status")).to_be_hidden()
    everything = ["Welcome to Tiny.", "hello", "Hello from Tiny!", "how long does it take?", "It takes 3 days."]
    assert await shown(page) == everything
    assert [m.text for m in await server.history()] == everything


async def test_what_is_written_offline_is_shown_as_unsent_and_sent_in_order_when_the_line_is_back(
    server: Site, page: Page
) -> None:
    await open_chat(page, server.url)
    await page.context.set_offline(True)
    texts = ["hello", "how long does it take?", "where is my money?", "sing me a song"]
    for text in texts:
        await write(page, text)
    await expect(page.get_by_role("button", name="Not sent. Try again")).to_have_count(4)
    await page.context.set_offline(False)
    await expect(page.locator(".them", has_text="Your money is on its way.")).to_have_count(1)
    await expect(page.get_by_role("button", name="Not sent. Try again")).to_have_count(0)
    await expect(page.locator(".me .message")).to_have_text(texts)
    await expect(page.locator(".me .state").last).to_have_text("Sent")
    await server.settled()
    assert [m.text for m in await server.history() if m.author == "customer"] == texts


async def test_a_message_that_was_not_sent_is_sent_again_by_its_button_and_arrives_once(
    server: Site, page: Page
) -> None:
    await open_chat(page, server.url)

    async def lost_answer(route: Route) -> None:
        """The server takes the message, and the browser never hears of it."""
        await route.fetch()
        await route.abort()

    # Nor does it come back over the socket.
    await page.route(CONVERSATIONS, abort())
    server.cut_chats()
    await expect(page.locator(".dot")).not_to_have_attribute("data-status", "online")
    await page.route(POSTS, lost_answer)
    await write(page, "hello")
    retry = page.get_by_role("button", name="Not sent. Try again")
    await expect(retry).to_be_visible()
    await page.unroute(POSTS)
    await page.route(POSTS, lambda route: route.continue_())
    await retry.click()
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    await page.unroute(CONVERSATIONS)
    await expect(last_of(page, "them")).to_have_text("Hello from Tiny!")
    assert await shown(page) == ["Welcome to Tiny.", "hello", "Hello from Tiny!"]
    assert [m.text for m in await server.history()] == ["Welcome to Tiny.", "hello", "Hello from Tiny!"]


# --- on somebody else's page ------------------------------------------------------------------------------------------


async def test_a_shop_embeds_the_chat_with_one_script_tag(server: Site, visit: Visit) -> None:
    shop_page = f"""<!doctype html><html lang="de"><head><title>Laden</title>
        <style>button, div, textarea {{ display: none; color: red }}</style></head><body><h1>Laden</h1>
        <script src="{server.url}/chat/widget.js" data-auto defer></script></body></html>"""
    async with serving(shop_page) as shop:
        page = await visit(viewport={"width": 390, "height": 780})
        await page.goto(shop)
        launcher = page.get_by_role("button", name="Chat öffnen")
        await expect(page.get_by_role("log")).to_have_count(0)
        # What the bot has said already is counted on the closed launcher.
        await expect(page.locator(".badge")).to_have_text("1")
        await launcher.focus()
        await page.keyboard.press("Enter")
        await expect(field_of(page)).to_be_focused()
        await expect(page.locator(".badge")).to_be_hidden()
        await page.keyboard.type("hallo")
        await page.keyboard.press("Enter")
        await expect(last_of(page, "them")).to_have_text("Hallo von Tiny!")
        await page.locator("input[type=file]").set_input_files(
            FilePayload(name="a.png", mimeType="image/png", buffer=PIXEL)
        )
        await expect(page.get_by_role("img", name="a.png")).to_have_js_property("naturalWidth", 1)
        left, right = await edges(page.locator(".panel"))
        assert (left, right) == (0, 390)
        await page.keyboard.press("Escape")
        await expect(launcher).to_be_focused()
        await expect(page.get_by_role("log")).to_have_count(0)
        await page.reload()
        await launcher.click()
        await expect(page.locator(".me .message").first).to_have_text("hallo")
