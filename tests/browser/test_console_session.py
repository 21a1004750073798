"""When a session ends or the line is bad: one is back where one was, with what one was writing."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.desk import PASSWORD_FIELD, SignIn, entry, opened, press, reply_field, waiting
from tests.browser.rig import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def writing(server: Site, sign_in: SignIn) -> Page:
    """An agent who has claimed a conversation and begun to write."""
    await server.hears("a person please")
    page = await sign_in("kim")
    await waiting(page).click()
    await press(page, "Claim").click()
    await reply_field(page).fill("It was sent on")
    return page


async def test_after_a_session_has_ended_one_signs_in_and_goes_on_where_one_was(server: Site, sign_in: SignIn) -> None:
    page = await writing(server, sign_in)
    address = page.url
    await page.context.clear_cookies()
    await press(page, "Send").click()
    await expect(page.get_by_text("Your session has ended.")).to_be_visible()
    await expect(page.get_by_text("Ana").first).not_to_be_visible()
    await expect(page.get_by_label(PASSWORD_FIELD)).to_be_focused()
    await page.get_by_label(PASSWORD_FIELD).fill("wrong horse battery")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("Wrong name or password.")
    await page.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Your session has ended.")).to_have_count(0)
    assert page.url == address
    await expect(reply_field(page)).to_have_value("It was sent on")
    await reply_field(page).press_sequentially(" Monday.")
    await reply_field(page).press("Enter")
    await expect(entry(page, "agent", "It was sent on Monday.")).to_be_visible()
    # What happens is told again, too.
    await server.hears("thank you")
    await expect(entry(page, "customer", "thank you")).to_be_visible()


async def test_a_half_written_reply_survives_a_look_elsewhere_and_a_reload(server: Site, sign_in: SignIn) -> None:
    page = await writing(server, sign_in)
    await page.get_by_role("link", name="Problems").click()
    await expect(page.get_by_role("heading", name="Components")).to_be_visible()
    await page.go_back()
    await expect(reply_field(page)).to_have_value("It was sent on")
    await page.reload()
    await expect(reply_field(page)).to_have_value("It was sent on")


async def test_somebody_else_at_the_same_browser_finds_nothing_of_it(server: Site, sign_in: SignIn) -> None:
    page = await writing(server, sign_in)
    await server.user("lee")
    address = page.url
    await page.get_by_role("button", name="Kim").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await page.get_by_role("textbox", name="Name").fill("lee")
    await page.get_by_label(PASSWORD_FIELD).fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Lee")).to_be_visible()
    await page.goto(address)
    await expect(reply_field(page)).to_be_disabled()
    await expect(reply_field(page)).to_have_value("")
    assert await page.evaluate("Object.values(sessionStorage).filter((text) => text.includes('sent'))") == []


async def test_a_reply_that_the_line_does_not_carry_is_kept_and_sent_once_it_stands_again(
    server: Site, sign_in: SignIn
) -> None:
    page = await writing(server, sign_in)
    await page.route("**/api/v1/**", lambda route: route.abort())
    await press(page, "Send").click()
    await expect(page.get_by_role("alert").filter(has_text="The server cannot be reached.")).to_be_visible()
    await expect(reply_field(page)).to_have_value("It was sent on")
    await page.unroute("**/api/v1/**")
    await press(page, "Send").click()
    await expect(entry(page, "agent", "It was sent on")).to_have_count(1)
    await expect(reply_field(page)).to_have_value("")


async def test_a_lost_line_is_told_and_what_is_on_the_page_stays(server: Site, sign_in: SignIn) -> None:
    lines: list[WebSocketRoute] = []
    down = False

    async def line(socket: WebSocketRoute) -> None:
        if down:
            await socket.close(code=1012)
        else:
            socket.connect_to_server()
            lines.append(socket)

    page = await writing(server, sign_in)
    await page.route_web_socket("**/api/v1/stream", line)
    await page.reload()
    await expect(reply_field(page)).to_have_value("It was sent on")
    down = True
    for socket in lines:
        await socket.close(code=1012)
    await expect(page.get_by_role("status").filter(has_text="Connection lost.")).to_be_visible()
    await expect(reply_field(page)).to_have_value("It was sent on")
    await server.hears("are you still there?")
    down = False
    await expect(entry(page, "customer", "are you still there?")).to_have_count(1)
    await expect(page.get_by_role("status").filter(has_text="Connection lost.")).to_have_count(0)
    await expect(opened(page).get_by_role("heading", name="Ana")).to_be_visible()
