"""The page with the figures, against a whole server in which customers wrote two hours ago."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.conversation import Role
from tests.browser.desk import SignIn, downloaded
from tests.browser.rig import Site, accessibility, unlabelled

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AGO = timedelta(hours=2)


@pytest_asyncio.fixture(loop_scope="session")
async def past(server: Site) -> Site:
    """Somebody thanks, somebody falls silent, some are not understood, some want a person, one of whom has one."""
    await server.hears("how long does it take?", "ana", AGO)
    await server.hears("wie lange dauert es?", "ben", AGO)
    await server.hears("how long does it take?", "cem", AGO)
    await server.hears("thank you", "cem", AGO)
    await server.hears("blue bicycle", "dia", AGO)
    await server.hears("red bicycle", "eva", AGO)
    await server.hears("a person please", "fay", AGO)
    await server.hears("a person please", "gil")
    lee = await server.user("lee")
    gil = await server.conversation("gil")
    await server.running.core.desk.claim(gil.id, lee)
    await server.running.core.desk.answer(gil.id, lee, "Hello, Gil.")
    return server


def part(page: Page, title: str) -> Locator:
    return page.get_by_role("main").locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def row(page: Page, title: str, name: str | re.Pattern[str]) -> Locator:
    return part(page, title).get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


async def test_a_week_is_shown_in_numbers_that_say_what_they_mean(past: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin")
    await page.get_by_role("link", name="Figures").click()
    await expect(tile(page, "Sessions").get_by_text("7", exact=True)).to_be_visible()
    await expect(tile(page, "Messages by customers").get_by_text("8", exact=True)).to_be_visible()
    await tile(page, "Sessions").get_by_role("button").hover()
    await expect(page.get_by_role("tooltip").last).to_contain_text("for longer than 1 hr, and lasts to the next")
    for ending, count in {
        "Confirmed": "1",
        "Assumed": "2",
        "Abandoned: not understood": "2",
        "Abandoned: while waiting": "1",
        "Doubtful": "0",
        "Abandoned, all three": "3",
        "All sessions": "7",
    }.items():
        await expect(row(page, "How sessions ended", re.compile(f"^{ending}")).get_by_role("cell").first).to_have_text(
            count
        )
    await expect(row(page, "Handed to a human", "asked for a person")).to_contain_text("2")
    await expect(tile(page, "First response, median")).to_contain_text(re.compile(r"\d+ secs?of 1 request"))
    await expect(tile(page, "Resolution, median")).to_contain_text("–")
    await expect(row(page, "What customers wrote about", "delivery_time")).to_contain_text("0 (0%)")
    await page.get_by_text("Most failed").click()
    await expect(row(page, "What customers wrote about", "out of scope")).to_contain_text("2 (100%)")
    await expect(row(page, "Languages", "German")).to_contain_text("1")
    await expect(part(page, "When customers write").get_by_role("row").last).to_contain_text("8")
    assert await unlabelled(page) == []


async def test_bars_are_drawn_beside_the_tables_and_screen_readers_hear_the_tables(past: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "figures")
    bars = part(page, "Languages").locator(".recharts-bar-rectangle")
    await expect(bars).to_have_count(2)
    assert not [role for role, _ in await accessibility(page) if role in {"application", "graphics-document"}]


async def test_what_is_shown_is_in_the_address_for_somebody_else(past: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "figures")
    await page.get_by_label("Period", exact=True).select_option("Last 30 days")
    await page.get_by_label("Channel", exact=True).select_option("Web chat")
    await page.get_by_label("A session ends after silence of").select_option("2 hrs")
    await page.get_by_role("combobox", name="Language", exact=True).fill("Ger")
    await page.get_by_role("option", name="German").click()
    await page.get_by_role("combobox", name="Time zone").fill("mandu")
    await page.get_by_role("option", name=re.compile("Kath?mandu")).click()
    await expect(page).to_have_url(re.compile("period=days30.*"))
    await expect(tile(page, "Sessions").get_by_text("1", exact=True)).to_be_visible()
    viewer = await sign_in("kim", page.url.split("/console/")[1], Role.VIEWER)
    await expect(viewer.get_by_label("Period", exact=True)).to_have_value("days30")
    await expect(viewer.get_by_label("Channel")).to_have_value("webchat")
    await expect(viewer.get_by_role("combobox", name="Language", exact=True)).to_have_value("German")
    await expect(viewer.get_by_role("status").filter(has_text="mandu")).to_be_visible()
    await expect(tile(viewer, "Sessions").get_by_text("1", exact=True)).to_be_visible()


async def test_days_are_chosen_and_nothing_is_said_to_be_nothing(past: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "figures")
    await page.get_by_label("Period", exact=True).select_option("Chosen days")
    await page.get_by_label("First day").fill("2020-02-01")
    await page.get_by_label("Last day").fill("2020-02-29")
    await expect(page.get_by_text("Nothing happened in this period.")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="29 Feb 2020")).to_be_visible()
    await expect(page).to_have_url(re.compile("since=2020-02-01.*until=2020-02-29"))


async def test_the_same_figures_are_downloaded_as_a_table(past: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "figures?language=en")
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="Download CSV").click()
    download = await begun.value
    assert re.fullmatch(r"figures-[\d-]+\.csv", download.suggested_filename)
    text = await downloaded(download)
    assert "period,,language,en" in text
    assert "containment,,confirmed,1" in text
    assert "languages,en,messages,7" in text


async def test_what_the_server_refuses_is_told_and_can_be_mended(past: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "figures?zone=Mars%2FOlympus")
    await expect(page.get_by_role("alert")).to_contain_text("'Mars/Olympus' is no time zone")
    await page.get_by_role("combobox", name="Time zone").fill("Berlin")
    await page.get_by_role("option", name="Europe/Berlin").click()
    await expect(tile(page, "Sessions")).to_be_visible()
