"""What versions of the model make of the pack's tests, side by side, and the threshold that is chosen from that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.conversation import Role
from bot.measuring import Judgement, Measurement
from bot.model_versions import LineUp, MadeBy, ModelVersion
from nlu import measured
from nlu.serving import model_store
from tests.browser.desk import SignIn
from tests.browser.rig import Site, unlabelled
from tests.browser.test_console_frame import PHONE, WIDE, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MADE = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
V1 = ModelVersion("v1", MADE, "frozen", {"en": 60, "de": 40}, 13, 0.91, data="0ld", made_by=MadeBy("command"))
V2 = ModelVersion(
    "v2", MADE, "frozen", {"en": 70, "de": 50}, 13, 0.94, "v1", data="5eed5eed5eed", made_by=MadeBy("console", "Kim", 4)
)
V3 = ModelVersion("v3", MADE, "deep", {"en": 70}, 13, 0.9, "v1")
INTENTS = ("order_status", "delivery_time", "refund_status", "out_of_scope")


def judgements(mistakes: int, text: str = "message") -> Iterator[Judgement]:
    """Eighty tests; as many of the first English ones as `mistakes` are told wrongly, and never surely."""
    for number in range(80):
        language = "de" if number % 2 else "en"
        expected = INTENTS[number % len(INTENTS)]
        wrong = number < 2 * mistakes and language == "en"
        intent = "delivery_time" if wrong else expected
        if wrong and expected == intent:
            intent = "refund_status"
        confidence = 0.5 + number / 400 if wrong else 0.6 + number / 200
        yield Judgement(f"{text} {number}", language, expected, intent, confidence, round((1 - confidence) / 5, 4))


def keep(data_dir: Path, version: str, mistakes: int) -> None:
    """What is kept beside a version once it was measured."""
    folder = model_store(data_dir, "tiny").folder / version
    folder.mkdir(parents=True, exist_ok=True)
    measured.keep(folder, Measurement(MADE, tuple(judgements(mistakes))))


@pytest_asyncio.fixture(loop_scope="session")
async def admin(server: Site, sign_in: SignIn, tmp_path: Path) -> Page:
    """v1, which serves, tells more of the tests right than v2; of v3 nothing is known."""
    server.models.line = LineUp((V3, V2, V1), champion="v1")
    await asyncio.to_thread(keep, tmp_path, "v1", 4)
    await asyncio.to_thread(keep, tmp_path, "v2", 12)
    return await sign_in("admin")


async def thresholds(server: Site, page: Page) -> dict[str, Any]:
    """When the bot answers by itself, as it is served."""
    answer = await page.context.request.get(f"{server.url}/api/v1/pack/thresholds")
    return dict(await answer.json())


def section(page: Page, name: str) -> Locator:
    return page.locator("section").filter(has=page.get_by_role("heading", name=name, exact=True))


async def test_every_version_tells_its_data_who_trained_it_and_how_it_does(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models")

    row = admin.get_by_role("row").filter(has_text="v2")
    await expect(row).to_contain_text("Kim, revision 4")
    await expect(row).to_contain_text("5eed5eed")
    await expect(row).to_contain_text("85.0%")
    await expect(admin.get_by_role("row").filter(has_text="v1")).to_contain_text("a command")

    await row.get_by_role("link", name="v2", exact=True).click()
    await expect(admin.get_by_role("heading", name="Version v2")).to_be_visible()
    await expect(admin.get_by_text("Languages: English 70, German 50")).to_be_visible()


async def test_what_changed_between_two_versions_is_told_message_by_message(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models")
    await admin.get_by_role("link", name="Compare v2 with the version that serves").click()

    await expect(admin.get_by_text("This version is worse")).to_be_visible()
    languages = admin.get_by_role("region", name="By language")
    await expect(languages.get_by_role("row").filter(has_text="English")).to_contain_text("-8")
    intents = admin.get_by_role("region", name="By intent")
    await expect(intents.get_by_role("row").nth(1)).to_contain_text("-4")
    changed = admin.get_by_role("region", name="Messages that changed")
    await expect(changed.get_by_role("row")).to_have_count(9)

    await admin.get_by_text("Now right (0)").click()
    await expect(admin.get_by_text("Messages: 0")).to_be_visible()
    await admin.get_by_text("Now wrong (8)").click()
    await admin.get_by_label("Words in the message").fill("message 22")
    row = changed.get_by_role("row").nth(1)
    await expect(row).to_contain_text("message 22")
    await expect(row).to_contain_text("English")
    await expect(row).to_contain_text("refund_status")
    await expect(row).to_contain_text("delivery_time")
    await expect(row).to_contain_text("56%")
    assert "change=broken" in admin.url


async def test_a_worse_version_is_promoted_only_by_whoever_has_seen_what_gets_worse(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models")
    await admin.get_by_role("row").filter(has_text="v2").get_by_role("button", name="Promote").click()
    await admin.get_by_role("dialog").get_by_role("button", name="Promote").click()

    worse = admin.get_by_role("dialog", name="v2 is worse on the pack’s tests")
    await expect(worse).to_contain_text("68 of 80")
    await expect(worse).to_contain_text("order_status")
    await expect(worse).to_contain_text("English")
    await expect(worse.get_by_role("button", name="Promote all the same")).to_be_disabled()
    assert await violations(admin) == []
    assert server.models.line.champion == "v1"

    await worse.get_by_role("checkbox").check()
    await worse.get_by_role("button", name="Promote all the same").click()
    await expect(admin.get_by_role("row").filter(has_text="v2")).to_contain_text("serves")
    assert server.models.line.champion == "v2"


async def test_the_threshold_is_moved_by_keyboard_and_by_dragging_and_saved(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models/v1")
    part = section(admin, "When the bot answers")
    slider = part.get_by_role("slider")
    handed = part.get_by_role("status")
    save = part.get_by_role("button", name="Save the threshold")
    await expect(slider).to_have_attribute("aria-valuetext", "60%")
    await expect(save).to_be_disabled()
    before = await handed.inner_text()

    await slider.focus()
    for _ in range(15):
        await slider.press("ArrowRight")

    await expect(slider).to_have_attribute("aria-valuetext", "75%")
    await expect(handed).not_to_have_text(before)
    await expect(part.get_by_role("row").filter(has_text="German")).to_contain_text("saved:")
    async with admin.expect_response("**/pack/thresholds"):
        await save.click()
    await expect(save).to_be_disabled()
    saved = await thresholds(server, admin)
    assert (saved["answer"], saved["max_error"]) == (0.75, None)

    await part.get_by_text("By wrong answers").click()
    curve = part.get_by_role("img", name="Handed over against wrong answers")
    box = await curve.bounding_box()
    assert box is not None
    await admin.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    await admin.mouse.down()
    await admin.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] / 2, steps=5)
    await admin.mouse.up()
    async with admin.expect_response("**/pack/thresholds"):
        await save.click()
    await expect(save).to_be_disabled()
    saved = await thresholds(server, admin)
    assert saved["answer"] is None
    assert await slider.get_attribute("aria-valuetext") == f"{saved['max_error']:.1%}"


async def test_thresholds_that_somebody_else_changed_meanwhile_are_not_overwritten(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models/v1")
    part = section(admin, "When the bot answers")
    slider = part.get_by_role("slider")
    await slider.focus()
    await slider.press("End")
    answer = await admin.context.request.put(
        f"{server.url}/api/v1/pack/thresholds",
        data={"answer": 0.9, "clarify": 0.3},
        headers={"If-Match": "*", "X-Requested-With": "babeldesk"},
    )
    assert answer.ok

    await part.get_by_role("button", name="Save the threshold").click()

    await expect(admin.get_by_text("changed by somebody else in the meantime")).to_be_visible()
    assert (await thresholds(server, admin))["answer"] == 0.9
    await part.get_by_role("button", name="As it was").click()
    await expect(slider).to_have_attribute("aria-valuetext", "90%")


async def test_confusions_are_opened_and_the_matrix_counts_them(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models/v2")
    part = section(admin, "What is taken for what")

    first = part.get_by_role("button", name="order_status taken for delivery_time")
    await expect(first).to_contain_text("6")
    await first.click()
    await expect(part.get_by_text("message 4", exact=True)).to_be_visible()
    matrix = part.get_by_role("table")
    row = matrix.get_by_role("row").filter(has=admin.get_by_role("rowheader", name="order_status"))
    await expect(row.get_by_role("cell").filter(has_text="14")).to_have_count(1)
    await admin.get_by_text("As a table").click()
    histogram = admin.get_by_role("region", name="How sure it was")
    await expect(histogram.get_by_role("row").filter(has_text="50%")).to_contain_text("50%")
    assert await unlabelled(admin) == []


async def test_a_version_that_was_never_measured_says_so_and_why_it_cannot_be(server: Site, admin: Page) -> None:
    await admin.goto(f"{server.url}/console/models/compare?this=v3&other=v1")
    await expect(admin.get_by_text("v3 was not evaluated on the pack’s tests")).to_be_visible()

    await admin.get_by_role("button", name="Evaluate now").click()

    # This server has no pretrained models, and its versions are only names.
    failed = admin.get_by_role("alert").filter(has_text="v3 could not be evaluated")
    await expect(failed).to_be_visible(timeout=60_000)
    await expect(admin.get_by_role("button", name="Evaluate now")).to_be_enabled()


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "ar"])
async def test_axe_finds_nothing_and_nothing_overflows(
    server: Site, admin: Page, sign_in: SignIn, locale: str, screen: dict[str, Any]
) -> None:
    for scheme in ("light", "dark"):
        page = await sign_in("admin", locale=locale, color_scheme=scheme, reduced_motion="reduce", **screen)
        for path, seen in (
            ("models/v2", "svg[role=img]"),
            ("models/v3", "[role=alert]"),
            ("models/compare?this=v2&other=v1", "table"),
        ):
            await page.goto(f"{server.url}/console/{path}")
            await expect(page.locator(seen).first).to_be_visible(timeout=30_000)
            assert await violations(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"], path


async def test_agents_have_no_such_pages(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim", "models/v1", Role.SUPERVISOR)
    await expect(page.get_by_role("heading", name="Version v1")).to_have_count(0)
