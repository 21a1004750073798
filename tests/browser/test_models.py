"""The page with the model's versions, against a whole server whose versions are only names."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.model_versions import LineUp, ModelVersion
from bot.understanding import RankedIntent, Understanding
from tests.browser.conftest import Visit
from tests.browser.rig import PASSWORD, Site, unlabelled, until
from tests.fakes import understand

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MADE = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
LANGUAGES = {"en": 1046, "de": 572, "ja": 572, "ar": 677}
V0 = ModelVersion("v0", problem="v0/metadata.json is of format 9, and this version reads 1, 2: train it again")
V1 = ModelVersion("v1", MADE, "frozen", LANGUAGES, 25, 0.912)
V2 = ModelVersion("v2", MADE, "deep", LANGUAGES, 25, 0.947, parent="v1")
V3 = ModelVersion("v3", MADE, "frozen", LANGUAGES, 25, 0.933, parent="v1")


@pytest_asyncio.fixture(loop_scope="session")
async def admin(server: Site, visit: Visit) -> Page:
    """A browser of the admin's; three versions can be used, and the first of them serves."""
    server.models.line = LineUp((V3, V2, V1, V0), champion="v1", previous="v2")
    page = await visit()
    await page.context.request.post(
        f"{server.url}/api/v1/session",
        data={"name": "admin", "password": PASSWORD},
        headers={"X-Requested-With": "babeldesk"},
    )
    return page


async def test_versions_are_shown_promoted_rolled_back_and_put_in_shadow(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models")
    rows = admin.get_by_role("row")
    await expect(rows).to_have_count(5)
    await expect(rows.nth(3)).to_contain_text("serves")
    await expect(rows.nth(3)).to_contain_text("91.2%")
    await expect(rows.nth(4)).to_contain_text("train it again")
    assert await unlabelled(admin) == []

    await rows.nth(2).get_by_role("button", name="Run in shadow").click()
    await expect(rows.nth(2)).to_contain_text("in shadow")
    assert server.models.challenger == "v2"
    await expect(admin.get_by_role("heading", name="Agreement in shadow")).to_be_visible()

    await rows.nth(2).get_by_role("button", name="Promote").click()
    await admin.get_by_role("dialog").get_by_role("button", name="Promote").click()
    await expect(rows.nth(2)).to_contain_text("serves")
    assert server.models.line.champion == "v2"
    await expect(admin.get_by_role("heading", name="Agreement in shadow")).to_have_count(0)

    await admin.get_by_role("button", name="Roll back").click()
    await admin.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    await expect(rows.nth(3)).to_contain_text("serves")
    assert server.models.line.champion == "v1"


async def test_agreement_is_shown_with_what_customers_wrote(server: Site, admin: Page) -> None:
    async def often_agrees(text: str) -> Understanding:
        if text == "where is my money?":
            await asyncio.sleep(0)
            raise RuntimeError("a matrix of the wrong shape")
        read = understand(text)
        return read if "order" not in text else replace(read, ranking=(RankedIntent("delivery_time", 0.61),))

    server.models.opinion = often_agrees
    server.models.line = replace(server.models.line, challenger="v2")
    for text in ("hello", "hallo", "wie lange dauert es?", "where is my order?", "where is my money?"):
        await server.hears(text)

    async def compared() -> bool:
        async with server.running.core.store.unit(write=False) as unit:
            agreement = await unit.comparisons.agreement("v1", "v2")
        return agreement.total.judged + agreement.failed == 5

    await until(compared)
    await admin.goto(f"{server.url}/console/models")

    await expect(admin.get_by_text("75.0%").first).to_be_visible()
    await expect(admin.get_by_role("row").filter(has_text="German")).to_contain_text("100.0%")
    differing = admin.get_by_role("row").filter(has_text="where is my order?")
    await expect(differing).to_contain_text("order_status 95.0%")
    await expect(differing).to_contain_text("delivery_time 61.0%")
    failed = admin.get_by_role("row").filter(has_text="where is my money?")
    await expect(failed).to_contain_text("RuntimeError: a matrix of the wrong shape")
    await differing.get_by_role("link").click()
    await expect(admin.get_by_role("log")).to_contain_text("where is my order?")


async def test_what_cannot_be_done_is_told(server: Site, admin: Page) -> None:
    server.models.problem = "v3 is damaged; v1 goes on"
    await admin.goto(f"{server.url}/console/models")
    await expect(admin.get_by_text("v3 is damaged; v1 goes on")).to_be_visible()

    server.models.line = replace(server.models.line, versions=(V2, V1), previous=None)
    await admin.get_by_role("row").filter(has_text="v3").get_by_role("button", name="Run in shadow").click()
    await expect(admin.get_by_text("no version is called 'v3'")).to_be_visible()


async def test_agents_have_no_such_page(server: Site, visit: Visit) -> None:
    await server.user("kim")
    page = await visit()
    await page.context.request.post(
        f"{server.url}/api/v1/session",
        data={"name": "kim", "password": PASSWORD},
        headers={"X-Requested-With": "babeldesk"},
    )
    await page.goto(f"{server.url}/console/models")
    await expect(page.get_by_role("link", name="Inbox")).to_be_visible()
    await expect(page.get_by_role("link", name="Models")).to_have_count(0)
