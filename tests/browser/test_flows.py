"""The page with the pack's flows: diagrams that follow what is typed, findings at their lines, and previews."""

from __future__ import annotations

import re
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.conversation import Role
from tests.browser.desk import SignIn
from tests.browser.rig import Site, unlabelled
from tests.browser.test_console_frame import PHONE, WIDE, violations

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(server: Site, sign_in: SignIn) -> Page:
    """The page as an admin has it."""
    opened = await sign_in("admin", "flows", viewport={"width": 1440, "height": 1000})
    await expect(editor(opened, "flows.yml")).to_be_visible()
    return opened


def editor(page: Page, file: str) -> Locator:
    return page.get_by_role("textbox", name=f"Editor of {file}")


def diagram(page: Page) -> Locator:
    return page.get_by_role("region", name="Diagram of ")


async def text_of(server: Site, page: Page, file: str) -> str:
    answer = await page.context.request.get(f"{server.url}/api/v1/pack/file?path={file}")
    return str((await answer.json())["text"])


async def replace_all(page: Page, file: str, text: str) -> None:
    """Type another text into the editor."""
    await editor(page, file).press("Control+a")
    await page.keyboard.insert_text(text)


async def test_a_flow_is_drawn_and_followed_as_it_is_typed_and_saved(server: Site, page: Page) -> None:
    await page.get_by_label("Flow", exact=True).select_option("return_request")
    nodes = diagram(page).get_by_role("button")
    await expect(nodes.first).to_contain_text("Begins with")
    await expect(diagram(page).get_by_role("button", name="Asks for reason")).to_have_count(1)
    text = await text_of(server, page, "flows.yml")
    before = await nodes.count()

    await replace_all(page, "flows.yml", text.replace("    confirm: true\n", ""))

    await expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()
    await expect(nodes).to_have_count(before - 1)
    await page.get_by_label("What was changed, and why").fill("nobody said no")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved as revision 2.")).to_be_visible()
    await expect(page.get_by_text("Not saved yet:")).to_have_count(0)
    assert "confirm" not in await text_of(server, page, "flows.yml")
    await page.reload()
    await expect(nodes).to_have_count(before - 1)


async def test_what_is_wrong_is_marked_at_its_line_and_cannot_be_saved(server: Site, page: Page) -> None:
    text = await text_of(server, page, "flows.yml")

    await replace_all(page, "flows.yml", text.replace("{entity: order_number}}", "{entity: nothing}}", 1))

    finding = page.get_by_role("button", name="flows.yml, line 4")
    await expect(finding).to_be_visible()
    await expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    await expect(page.get_by_text("This is how it was before")).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await finding.click()
    await expect(page.locator(".cm-activeLine")).to_contain_text("entity: nothing")
    assert await violations(page) == []

    await page.get_by_role("button", name="Discard").click()
    await expect(finding).to_have_count(0)
    await expect(editor(page, "flows.yml")).to_contain_text("entity: order_number")


async def test_files_that_belong_together_are_edited_together(server: Site, page: Page) -> None:
    flows, replies = await text_of(server, page, "flows.yml"), await text_of(server, page, "replies/en.yml")
    await replace_all(page, "flows.yml", flows.replace("outcomes: {created: {}}", "outcomes: {created: {}, late: {}}"))
    await expect(page.get_by_role("button", name=re.compile("replies.en.yml"))).to_be_visible()

    await page.get_by_role("combobox", name="File").click()
    await page.get_by_role("option", name="replies/en.yml").click()
    await expect(editor(page, "replies/en.yml")).to_be_visible()
    added = re.sub(r"( +)created: (.*)\n", r'\1created: \2\n\1late: "That is too late."\n', replies, count=1)
    assert added != replies
    await replace_all(page, "replies/en.yml", added)
    await expect(page.get_by_text("Nothing is wrong with it.")).to_be_visible()
    await page.get_by_label("Flow", exact=True).select_option("return_request")
    await expect(diagram(page).get_by_role("button").filter(has_text="That is too late.")).to_be_visible()

    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved as revision 2.")).to_be_visible()
    assert "late" in await text_of(server, page, "flows.yml")


async def test_what_somebody_else_saved_meanwhile_is_shown_beside_one_s_own(server: Site, page: Page) -> None:
    text = await text_of(server, page, "flows.yml")
    await replace_all(page, "flows.yml", f"# mine\n{text}")
    await page.context.request.put(
        f"{server.url}/api/v1/pack/file?path=flows.yml",
        data={"text": f"# theirs\n{text}"},
        headers={"If-Match": "*", "X-Requested-With": "babeldesk"},
    )

    await page.get_by_role("button", name="Save").click()

    clash = page.get_by_role("alert").filter(has_text="flows.yml was changed by somebody else in the meantime")
    await expect(clash.get_by_role("region", name="What is there now")).to_contain_text("# theirs")
    await expect(clash.get_by_role("region", name="Yours")).to_contain_text("# mine")
    await expect(clash.locator("[data-differs]")).to_have_text(["# theirs", "# mine"])
    assert await violations(page) == []
    await clash.get_by_role("button", name="Keep mine").click()
    await expect(clash).to_have_count(0)
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved as revision 3.")).to_be_visible()
    assert (await text_of(server, page, "flows.yml")).startswith("# mine")


async def test_the_steps_are_a_list_too_and_each_is_previewed_on_every_channel(server: Site, page: Page) -> None:
    await page.get_by_label("Flow", exact=True).select_option("return_request")
    await diagram(page).get_by_role("button", name="Asks for reason").press("Enter")
    await expect(page.get_by_role("heading", name="On the channels: Asks for: reason")).to_be_visible()
    for channel in ("Web chat", "Telegram", "Slack"):
        await page.get_by_text(channel, exact=True).click()
        shown = page.locator("[data-channel]")
        await expect(shown).to_contain_text("Too big")
        await expect(shown).to_contain_text("Broken")

    await page.get_by_text("List", exact=True).click()
    steps = page.get_by_role("list", name="Steps of ")
    await expect(steps).to_contain_text("yes: Does: create_return")
    await steps.get_by_role("button", name="Asks to confirm").click()
    await expect(page.get_by_text("is filled in during the conversation").first).to_be_visible()

    await page.get_by_label("Language", exact=True).select_option("de")
    await expect(page.locator("[data-channel]")).to_contain_text("Nein")
    assert await unlabelled(page) == []


async def test_what_is_not_saved_is_not_left_by_accident(server: Site, page: Page) -> None:
    await replace_all(page, "flows.yml", "flows: {}\n")
    asked: list[str] = []

    async def stay(dialog: Any) -> None:
        asked.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.get_by_role("link", name="Models").click()

    await expect(editor(page, "flows.yml")).to_contain_text("flows: {}")
    assert asked == ["What you have typed is not saved. Leave it?"]
    page.remove_listener("dialog", stay)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("link", name="Models").click()
    await expect(page.get_by_role("heading", name="Models")).to_be_visible()


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "ar"])
async def test_axe_finds_nothing_and_nothing_overflows(
    server: Site, sign_in: SignIn, locale: str, screen: dict[str, Any]
) -> None:
    for scheme in ("light", "dark"):
        page = await sign_in("admin", locale=locale, color_scheme=scheme, reduced_motion="reduce", **screen)
        for path in ("flows", "flows?file=replies/de.yml&flow=return_request", "flows?file=pack.yml"):
            await page.goto(f"{server.url}/console/{path}")
            await expect(page.locator(".cm-content")).to_be_visible()
            await expect(page.locator("[data-channel]")).to_be_visible()
            assert await violations(page) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"], path


async def test_agents_have_no_such_page(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim", "flows", Role.SUPERVISOR)
    await expect(page.get_by_role("link", name="Flows")).to_have_count(0)
    await expect(page.locator(".cm-content")).to_have_count(0)
