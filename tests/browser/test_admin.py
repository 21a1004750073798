"""How the desk is set up, in the console: hours, channels, settings, canned replies, and figures of ratings."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from bot.clock import SystemClock
from bot.conversation import Role
from bot.ports_inbox import Rating
from tests.browser.desk import SignIn, opened, press, waiting
from tests.browser.rig import Site, unlabelled
from tests.browser.test_console_frame import PHONE, WIDE, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OURS = {"X-Requested-With": "babeldesk"}


async def sound(page: Page) -> None:
    """Axe finds nothing, everything has a name, and nothing sticks out."""
    assert await violations(page) == []
    assert await unlabelled(page) == []
    size = page.viewport_size
    assert size is not None
    assert await page.evaluate("document.documentElement.scrollWidth") == size["width"]


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


# --- working hours ----------------------------------------------------------------------------------------------------


async def test_an_admin_gives_the_desk_hours_and_everybody_sees_whether_it_is_open(
    server: Site, sign_in: SignIn
) -> None:
    page = await sign_in("admin", "hours")
    status = page.get_by_role("main").get_by_role("status")
    await expect(status.filter(has_text="Open now")).to_be_visible()
    await page.get_by_role("switch", name="Somebody is always there").uncheck()
    await page.get_by_role("combobox", name="Time zone").fill("Tokyo")
    await page.get_by_role("option", name="Asia/Tokyo").click()
    monday, tuesday = page.get_by_role("group", name="Monday"), page.get_by_role("group", name="Tuesday")
    await monday.get_by_role("button", name="Monday: add a span").click()
    await monday.get_by_label("Monday: to, span 1").fill("12:30")
    await monday.get_by_role("button", name="Monday: add a span").click()
    await expect(monday.get_by_label("Monday: from, span 2")).to_have_value("13:00")
    await monday.get_by_label("Monday: from, span 2").fill("12:00")
    await expect(monday.get_by_role("alert")).to_have_text("Two spans overlap.")
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await monday.get_by_label("Monday: from, span 2").fill("13:30")
    await monday.get_by_label("Monday: to, span 2").fill("00:00")
    await tuesday.get_by_role("button", name="Tuesday: as the day before").click()
    await tuesday.get_by_role("button", name="Tuesday: remove span 2").click()
    await sound(page)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. It counts from now on.")).to_be_visible()
    kim = await sign_in("kim", "hours")
    await expect(kim.get_by_role("main")).to_contain_text("Asia/Tokyo")
    await expect(kim.get_by_text("09:00-12:30, 13:30-24:00")).to_be_visible()
    await expect(kim.get_by_role("button", name="Save")).to_have_count(0)
    await sound(kim)
    await page.goto(f"{server.url}/console/audit")
    await expect(row(page, "changed the working hours")).to_contain_text("Asia/Tokyo")


async def test_of_two_admins_who_change_the_hours_at_once_the_second_is_told_and_loses_nothing_unseen(
    server: Site, sign_in: SignIn
) -> None:
    first, second = await sign_in("admin", "hours"), await sign_in("ada", "hours", Role.ADMIN)
    for page in (first, second):
        await page.get_by_role("switch", name="Somebody is always there").uncheck()
    await first.get_by_role("button", name="Friday: add a span").click()
    await first.get_by_role("button", name="Save").click()
    await expect(first.get_by_text("Saved. It counts from now on.")).to_be_visible()
    await second.get_by_role("button", name="Sunday: add a span").click()
    await second.get_by_role("button", name="Save").click()
    await expect(second.get_by_role("alert").filter(has_text="in the meantime")).to_be_visible()
    await expect(second.get_by_label("Friday: from, span 1")).to_have_value("09:00")
    await expect(second.get_by_label("Sunday: from, span 1")).to_have_count(0)


# --- channels and settings --------------------------------------------------------------------------------------------


async def test_channels_tell_how_they_go_and_a_test_message_tells_what_became_of_it(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("a person please")
    page = await sign_in("admin", "channels")
    chat = page.get_by_role("region", name="Web chat")
    await expect(chat).to_contain_text("ready")
    await expect(chat).to_contain_text(
        f'<script src="{server.url}/chat/widget.js" defer></script>'.replace(
            "localhost", re.sub(r"^http://|:\d+$", "", server.url)
        )
    )
    telegram = page.get_by_role("region", name="Telegram")
    await expect(telegram).to_contain_text("To turn it on, set TELEGRAM_BOT_TOKEN and start the server anew.")
    await expect(telegram.get_by_role("button")).to_have_count(0)
    await sound(page)
    await chat.get_by_role("button", name="Send a test message").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Address").fill("nobody")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("there is no conversation 'nobody' on webchat")
    await dialog.get_by_role("textbox", name="Address").fill("ana")
    await dialog.get_by_role("textbox", name="Text").fill("Is this on?")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.get_by_role("status")).to_contain_text("Delivered.")
    await sound(page)
    await server.said("Is this on?")
    await dialog.get_by_role("link", name="Open the conversation").click()
    await expect(opened(page).get_by_role("log")).to_contain_text("Is this on?")


async def test_a_test_message_goes_into_the_last_conversation_that_one_has(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("admin")
    await waiting(page).click()
    await press(page, "Claim").click()
    await expect(press(page, "Return to bot")).to_be_visible()
    await page.goto(f"{server.url}/console/channels")
    await page.get_by_role("region", name="Web chat").get_by_role("button", name="Send a test message").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="To").select_option("My last conversation on this channel")
    await dialog.get_by_role("button", name="Send").click()
    await expect(dialog.get_by_role("status")).to_contain_text("Delivered.")
    await server.said("This is a test message.")


async def test_settings_tell_what_counts_and_where_from_and_no_secret(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "settings")
    await expect(row(page, "BABELDESK_ADMIN_PASSWORD")).to_contain_text("set, not shown")
    await expect(row(page, "TELEGRAM_BOT_TOKEN")).to_contain_text("not set")
    await expect(page.get_by_role("main")).not_to_contain_text("correct horse")
    await sound(page)
    await page.get_by_role("searchbox", name="Search settings").fill("sla_")
    await expect(page.get_by_role("row")).to_have_count(4)
    await expect(row(page, "sla_first_answer")).to_contain_text("600")
    sue = await sign_in("sue", "settings", Role.SUPERVISOR)
    await expect(sue.get_by_text("Nobody is waiting.")).to_be_visible()


# --- canned replies ---------------------------------------------------------------------------------------------------


async def test_a_supervisor_writes_a_shared_reply_in_two_languages_and_an_agent_may_not_change_it(
    server: Site, sign_in: SignIn
) -> None:
    sue = await sign_in("sue", "canned", Role.SUPERVISOR)
    await expect(sue.get_by_text("There are no canned replies yet.")).to_be_visible()
    await sue.get_by_role("button", name="Add a reply").click()
    dialog = sue.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Shortcut").fill("hello")
    await dialog.get_by_role("textbox", name="Text in English").fill("Hello ")
    await dialog.get_by_role("button", name="{customer_name}").click()
    await sue.keyboard.type("! {oops}")
    await expect(dialog.get_by_role("textbox", name="Text in English")).to_have_value("Hello {customer_name}! {oops}")
    await expect(dialog.get_by_role("status")).to_contain_text("{oops}")
    await dialog.get_by_role("textbox", name="Text in English").fill("Hello {customer_name}!")
    await dialog.get_by_role("combobox", name="Add a language").fill("German")
    await sue.get_by_role("option", name="German", exact=True).click()
    await dialog.get_by_role("textbox", name="Text in German").fill("Hallo {customer_name}!")
    await sound(sue)
    await dialog.get_by_role("button", name="Save").click()
    await expect(row(sue, "/hello")).to_contain_text("everybody")
    await sound(sue)
    kim = await sign_in("kim", "canned")
    await expect(row(kim, "/hello")).to_be_visible()
    await expect(row(kim, "/hello").get_by_role("button")).to_have_count(0)
    await row(sue, "/hello").get_by_role("button", name="Edit /hello").click()
    await dialog.get_by_role("textbox", name="Shortcut").fill("hi")
    await dialog.get_by_role("button", name="Save").click()
    await expect(row(sue, "/hi")).to_be_visible()
    await row(sue, "/hi").get_by_role("button", name="Remove /hi").click()
    await sue.get_by_role("dialog").get_by_role("button", name="Remove the reply").click()
    await expect(sue.get_by_text("There are no canned replies yet.")).to_be_visible()
    await sue.goto(f"{server.url}/console/audit")
    for done in ("made", "changed", "removed"):
        await expect(row(sue, f"{done} a shared canned reply")).to_have_count(1)


# --- presence ---------------------------------------------------------------------------------------------------------


async def test_a_supervisor_sets_an_agent_to_away_and_the_agent_sees_it(server: Site, sign_in: SignIn) -> None:
    kim, sue = await sign_in("kim"), await sign_in("sue", "teams", Role.SUPERVISOR)
    await sue.get_by_role("button", name="Set whether Kim is there").click()
    await sue.get_by_role("menuitemradio", name="Away").click()
    await expect(row(sue, "Kim")).to_contain_text("Away")
    await expect(kim.get_by_role("button", name="Kim Away")).to_be_visible()


# --- every look -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "dark"), ("ar", "light")])
async def test_axe_finds_nothing_on_the_pages_of_the_setup(
    server: Site, sign_in: SignIn, locale: str, scheme: str, screen: dict[str, object]
) -> None:
    page = await sign_in("admin", locale=locale, color_scheme=scheme, reduced_motion="reduce", **screen)
    reply = {"shortcut": "hi", "texts": {"en": "Hi", "ar": "مرحبا"}, "shared": True}
    assert (await page.context.request.post(f"{server.url}/api/v1/canned", data=reply, headers=OURS)).ok
    for path, settled in (
        ("hours", "main form"),
        ("channels", "main section pre"),
        ("settings", "main table"),
        ("canned", "main table"),
    ):
        await page.goto(f"{server.url}/console/{path}")
        await expect(page.locator(settled).first).to_be_visible()
        await sound(page)


# --- ratings ----------------------------------------------------------------------------------------------------------


async def test_ratings_are_shown_in_numbers_by_agent_and_in_words_with_a_way_to_the_conversation(
    server: Site, sign_in: SignIn
) -> None:
    lee, mia = await server.user("lee"), await server.user("mia")
    now = SystemClock().now()
    for customer in ("ana", "ben", "cem"):
        await server.hears("a person please", customer)
    ana, ben, cem = [(await server.conversation(name)).id for name in ("ana", "ben", "cem")]
    async with server.running.core.store.unit() as unit:
        for number, (conversation, agent, score, comment) in enumerate(
            ((ana, lee, 5, "So kind!"), (ben, lee, 2, None), (cem, mia, 4, None), (ana, mia, None, None))
        ):
            rating = Rating(f"r{number}", conversation, agent.id, agent.display_name, now, score, comment, now)
            await unit.ratings.add(rating)
    page = await sign_in("kim", "figures")
    part = page.locator("section").filter(has=page.get_by_role("heading", name="Ratings", exact=True))
    await expect(part.get_by_role("group", name="Average")).to_contain_text("3.67")
    await expect(part.get_by_role("group", name="Ratings given")).to_contain_text("75%")
    await expect(part.get_by_role("group", name="Times asked")).to_contain_text("4")
    await expect(part.get_by_role("row").filter(has_text="5 stars")).to_contain_text("33%")
    await expect(part.get_by_role("row").filter(has_text="Lee")).to_contain_text("3.50")
    await expect(part.get_by_role("row").filter(has_text="Mia")).to_contain_text("4.00")
    comments = part.get_by_role("group", name="What they wrote")
    await expect(comments).to_contain_text("So kind!")
    await sound(page)
    await comments.get_by_role("link", name="Conversation").click()
    await expect(page).to_have_url(re.compile(f"/c/{ana}"))
