"""Who works at the desk, in the console: presence, roles, teams, tokens, browsers, and the log of what was changed."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, WebSocket, expect

from bot.conversation import Owner, Role
from bot.teams import Presence, Team
from tests.browser.conftest import Visit
from tests.browser.desk import SignIn, entry, lists, opened, press, reply_field, show, waiting
from tests.browser.rig import PASSWORD, Site, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OURS = {"X-Requested-With": "babeldesk"}


async def open_menu(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def move(page: Page, item: str) -> None:
    """Choose from what can be done with the conversation that is open."""
    await press(page, "Assign, transfer or snooze").click()
    await opened(page).get_by_role("menuitem", name=item).click()


def standing(page: Page) -> Locator:
    return page.get_by_role("region", name="Where it stands")


# --- presence ---------------------------------------------------------------------------------------------------------


async def test_who_uses_the_page_gives_a_sign_of_life_at_most_every_half_minute(server: Site, visit: Visit) -> None:
    page = await visit()
    sent: list[str | bytes] = []

    def said(frame: str | bytes) -> None:
        sent.append(frame)

    def heard(socket: WebSocket) -> None:
        socket.on("framesent", said)

    page.on("websocket", heard)
    await page.clock.install()
    await page.context.request.post(
        f"{server.url}/api/v1/session", data={"name": "admin", "password": PASSWORD}, headers=OURS
    )
    async with page.expect_websocket() as line:
        await page.goto(f"{server.url}/console/")
    await (await line.value).wait_for_event("framereceived")
    assert sent == []
    await page.mouse.move(200, 200)
    await page.mouse.move(300, 300)
    await page.keyboard.press("Shift")
    await until(lambda: sent == ["here"])
    await page.clock.fast_forward(31_000)
    await page.keyboard.press("Shift")
    await until(lambda: sent == ["here", "here"])


async def test_an_agent_sets_their_presence_and_others_see_it_at_once(server: Site, sign_in: SignIn) -> None:
    kim, lee = await sign_in("kim"), await sign_in("lee", "teams")
    row = lee.get_by_role("row").filter(has_text="Kim")
    await expect(row).to_contain_text("Online")
    await expect(kim.get_by_role("button", name="Kim Online")).to_be_visible()
    await open_menu(kim, "Kim")
    await expect(kim.get_by_role("menuitemradio", name="Online")).to_be_checked()
    await kim.get_by_role("menuitemradio", name="Away").click()
    await expect(kim.get_by_role("button", name="Kim Away")).to_be_visible()
    await expect(row).to_contain_text("Away")
    async with server.running.core.store.unit(write=False) as unit:
        (user,) = [user for user in await unit.users.list() if user.name == "kim"]
        assert (await unit.agents.get(user.id)).chosen is Presence.AWAY


# --- roles ------------------------------------------------------------------------------------------------------------


async def test_a_viewer_reads_and_is_offered_nothing_else(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("vera", role=Role.VIEWER)
    for name, there in (("Inbox", 1), ("Teams", 1), ("Problems", 1), ("Users", 0), ("Audit", 0), ("Models", 0)):
        await expect(page.get_by_role("link", name=name, exact=True)).to_have_count(there)
    await waiting(page).click()
    await expect(entry(page, "customer", "a person please")).to_be_visible()
    for button in ("Claim", "Assign, transfer or snooze"):
        await expect(press(page, button)).to_have_count(0)
    await expect(reply_field(page)).to_have_count(0)
    await page.keyboard.press("c")
    assert (await server.conversation()).owner is Owner.QUEUE
    await page.get_by_role("link", name="Teams").click()
    await expect(page.get_by_role("heading", name="Agents")).to_be_visible()
    await expect(page.get_by_role("button", name="Add a team")).to_have_count(0)
    await open_menu(page, "Vera")
    await expect(page.get_by_role("menuitemradio", name="Away")).to_have_count(0)


async def test_a_supervisor_closes_what_another_has_and_an_agent_cannot(server: Site, sign_in: SignIn) -> None:
    lee = await server.user("lee")
    await server.hears("a person please")
    conversation = await server.conversation()
    await server.running.core.desk.claim(conversation.id, lee)
    agent = await sign_in("kim", f"c/{conversation.id}")
    await expect(entry(agent, "customer", "a person please")).to_be_visible()
    await expect(press(agent, "Close")).to_have_count(0)
    page = await sign_in("sue", f"c/{conversation.id}", role=Role.SUPERVISOR)
    await press(page, "Close").click()
    await page.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    await expect(opened(page).get_by_text("Closed", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Audit").click()
    await expect(page.get_by_role("row").filter(has_text="closed a conversation")).to_contain_text("Sue")


# --- where a conversation goes ----------------------------------------------------------------------------------------


async def test_a_conversation_is_assigned_to_who_is_there(server: Site, sign_in: SignIn) -> None:
    await server.user("lee")
    await server.hears("a person please")
    page, other = await sign_in("kim"), await sign_in("mia")
    await waiting(page).click()
    await move(page, "Assign to somebody")
    choices = page.get_by_role("dialog", name="Assign to somebody").get_by_role("button")
    # Who is there comes before who is not.
    await expect(choices.filter(has_text="Lee")).to_contain_text("Offline")
    await choices.filter(has_text="Mia").click()
    await expect(opened(page).get_by_text("Mia", exact=True)).to_be_visible()
    await show(other, "Mine 1")
    await expect(waiting(other)).to_contain_text("Ana")
    assert (await server.conversation()).agent_name == "Mia"


async def test_a_conversation_is_transferred_to_a_team_and_offered_to_its_agent_who_accepts(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("a person please")
    lee, kim = await sign_in("lee"), await sign_in("kim")
    async with server.running.core.store.unit(write=False) as unit:
        (user,) = [user for user in await unit.users.list() if user.name == "lee"]
    await server.running.core.roster.add_team(Team(id="", name="Returns", members=(user.id,)))
    await server.running.core.roster.describe(user.id, languages=("en",))
    await waiting(kim).click()
    await expect(press(kim, "Claim")).to_be_visible()
    await kim.keyboard.press("t")
    await kim.get_by_role("dialog").get_by_role("button", name="Returns").click()
    place = standing(kim)
    await expect(place).to_contain_text("Returns")
    await expect(place).to_contain_text("Offered to Lee until")
    await expect(waiting(lee)).to_contain_text("offered to you")
    await waiting(lee).click()
    await expect(standing(lee)).to_contain_text("Offered to you until")
    await lee.get_by_role("button", name="Accept").click()
    await expect(reply_field(lee)).to_be_focused()
    await expect(place).not_to_contain_text("Offered")
    assert (await server.conversation()).agent == user.id


async def test_a_conversation_is_put_off_and_brought_back(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("kim")
    await waiting(page).click()
    await move(page, "For an hour")
    place = standing(page)
    await expect(place).to_contain_text("Snoozed until")
    await expect(page.get_by_text("Nobody is waiting.")).to_be_visible()
    snoozed = (await server.conversation()).snoozed
    assert snoozed is not None
    assert snoozed.until is not None
    await place.get_by_role("button", name="Bring back").click()
    await expect(waiting(page)).to_have_count(1)
    await move(page, "Until another time…")
    await page.get_by_role("dialog").get_by_label("Until").fill("2099-05-06T07:08")
    await page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    await expect(place).to_contain_text("6 May 2099")
    await server.hears("are you there?")
    await expect(waiting(page)).to_have_count(1)
    await expect(place).not_to_contain_text("Snoozed")


async def test_how_long_there_is_to_answer_is_shown_and_that_it_is_over(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("kim")
    await expect(waiting(page).locator("[data-clock=due]")).to_contain_text("Answer in 10 min")
    await server.running.core.roster.add_team(Team(id="", name="Swift", default=True, first_answer=1))
    await server.hears("a person please", "ben")
    await expect(waiting(page).filter(has_text="Ben").locator("[data-clock=breached]")).to_contain_text("late")
    await waiting(page).filter(has_text="Ben").click()
    place = standing(page)
    await expect(place).to_contain_text("Swift")
    await expect(place.locator("[data-clock]")).to_have_count(2)
    await press(page, "Claim").click()
    await reply_field(page).fill("Hello, Ben.")
    await press(page, "Send").click()
    await expect(place.locator("[data-clock]")).to_have_text([re.compile("Done in")])


# --- users and teams --------------------------------------------------------------------------------------------------


async def test_nobody_overwrites_what_another_admin_has_just_changed(server: Site, sign_in: SignIn) -> None:
    user = await server.user("kim")
    page = await sign_in("admin", "users")
    await page.get_by_role("button", name="Edit Kim").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Name that customers see")).to_have_value("Kim")
    answer = await page.context.request.patch(
        f"{server.url}/api/v1/users/{user.id}", data={"display_name": "Kim K."}, headers=OURS
    )
    assert answer.ok
    await dialog.get_by_label("Role").select_option("Supervisor")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Nothing was saved")
    await expect(dialog.get_by_label("Name that customers see")).to_have_value("Kim K.")
    await expect(dialog.get_by_label("Role")).to_have_value("agent")
    await dialog.get_by_label("Role").select_option("Supervisor")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_role("row").filter(has_text="Kim K.")).to_contain_text("Supervisor")


async def test_who_is_disabled_is_signed_out_and_can_be_let_in_again(server: Site, sign_in: SignIn) -> None:
    kim, page = await sign_in("kim"), await sign_in("admin", "users")
    row = page.get_by_role("row").filter(has_text="Kim")
    for disabled in (True, False):
        await page.get_by_role("button", name="Edit Kim").click()
        await page.get_by_role("dialog").get_by_role("switch").set_checked(disabled)
        await page.get_by_role("button", name="Save").click()
        await expect(row.get_by_text("disabled since")).to_have_count(int(disabled))
    await expect(kim.get_by_role("button", name="Sign in")).to_be_visible()
    await page.get_by_role("button", name="Edit Admin").click()
    await expect(page.get_by_role("dialog").get_by_label("Role")).to_be_visible()
    await expect(page.get_by_role("dialog").get_by_role("switch")).to_have_count(0)


async def test_an_admin_makes_a_team_a_skill_and_says_what_an_agent_can_do(server: Site, sign_in: SignIn) -> None:
    await server.user("kim")
    page = await sign_in("admin", "teams")
    dialog = page.get_by_role("dialog")
    await expect(page.get_by_text("There are no teams yet.")).to_be_visible()
    await page.get_by_role("button", name="Add a team").click()
    await dialog.get_by_label("Name").fill("Returns")
    await dialog.get_by_role("combobox", name="Members").click()
    await page.get_by_role("option", name="Kim").click()
    await dialog.get_by_role("combobox", name="Languages").fill("Germ")
    await page.get_by_role("option", name="German").click()
    await dialog.get_by_label("Minutes until the first answer").fill("5")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    team = page.get_by_role("region", name="Teams").get_by_role("row").filter(has_text="Returns")
    for text in ("Kim", "German", "5 mins / as in the settings"):
        await expect(team).to_contain_text(text)
    await page.get_by_role("button", name="Add a skill").click()
    await dialog.get_by_label("Name").fill("refunds")
    await dialog.get_by_role("combobox", name="Intents").fill("no_such_intent")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert")).to_contain_text("there is no intent 'no_such_intent'")
    await dialog.get_by_role("combobox", name="Intents").press("Backspace")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await page.get_by_role("button", name="Edit Kim").click()
    await dialog.get_by_role("combobox", name="Skills").click()
    await page.get_by_role("option", name="refunds").click()
    await dialog.get_by_label("Conversations at once").fill("7")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    kim = page.get_by_role("region", name="Agents").get_by_role("row").filter(has_text="Kim")
    for text in ("Returns", "refunds", "7"):
        await expect(kim).to_contain_text(text)
    await page.get_by_role("button", name="Remove Returns").click()
    await dialog.get_by_role("button", name="Dissolve the team").click()
    await expect(page.get_by_text("There are no teams yet.")).to_be_visible()


async def test_how_much_an_agent_has_is_shown_as_it_changes(server: Site, sign_in: SignIn) -> None:
    lee = await server.user("lee")
    page = await sign_in("kim", "teams")
    cells = page.get_by_role("row").filter(has_text="Lee").get_by_role("cell")
    await expect(cells.nth(4)).to_have_text("0")
    await server.hears("a person please")
    await server.running.core.desk.claim((await server.conversation()).id, lee)
    await expect(cells.nth(4)).to_have_text("1")
    await expect(cells.nth(7)).to_have_text("3")


# --- the log, tokens, browsers ----------------------------------------------------------------------------------------


async def test_the_log_is_narrowed_down_read_on_and_taken_along(server: Site, sign_in: SignIn) -> None:
    for number in range(55):
        await server.user(f"user{number}")
    page = await sign_in("admin", "audit")
    rows = page.get_by_role("row")
    await expect(rows).to_have_count(51)
    await page.get_by_role("button", name="Show more").click()
    await expect(rows).to_have_count(57)
    await expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    await page.get_by_label("Did what").select_option("changed a user")
    await expect(page.get_by_text("Nothing that fits was changed.")).to_be_visible()
    await page.get_by_label("Did what").select_option("Users: all")
    await expect(rows).to_have_count(51)
    await page.get_by_label("To", exact=True).fill("2020-01-01")
    await expect(page.get_by_text("Nothing that fits was changed.")).to_be_visible()
    await page.get_by_label("To", exact=True).fill("")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="As CSV").click()
    assert (await download.value).suggested_filename == "audit.csv"
    lines = (await (await download.value).path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 57


async def test_a_token_is_shown_once_works_and_is_revoked(server: Site, sign_in: SignIn, visit: Visit) -> None:
    page = await sign_in("kim", "tokens")
    await page.get_by_role("button", name="Make a token").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill("nightly export")
    assert await dialog.get_by_label("Role").locator("option").all_inner_texts() == ["Viewer", "Agent"]
    await dialog.get_by_role("button", name="Make a token").click()
    secret = await dialog.get_by_label("The new token").nth(-1).input_value()
    assert secret.startswith("bdk_")
    script = (await visit()).context.request
    headers = {"Authorization": f"Bearer {secret}"}
    assert (await script.get(f"{server.url}/api/v1/queue", headers=headers)).ok
    await page.keyboard.press("Escape")
    await expect(page.get_by_text(secret)).to_have_count(0)
    await expect(page.get_by_role("row").filter(has_text="nightly export")).to_contain_text("Viewer")
    await page.get_by_role("button", name="Revoke nightly export").click()
    await dialog.get_by_role("button", name="Revoke").click()
    await expect(page.get_by_text("There are no tokens.")).to_be_visible()
    assert (await script.get(f"{server.url}/api/v1/queue", headers=headers)).status == 401


async def test_another_browser_of_one_s_own_is_signed_out_from_here(server: Site, sign_in: SignIn) -> None:
    elsewhere, page = await sign_in("kim", user_agent="Mozilla/5.0 (X11; Linux) Firefox/140.0"), await sign_in("kim")
    await open_menu(page, "Kim")
    await page.get_by_role("menuitem", name="Signed-in browsers").click()
    await expect(page.get_by_role("row")).to_have_count(3)
    await expect(page.get_by_role("row").filter(has_text="this one")).to_contain_text("Chrome, Linux")
    await page.get_by_role("button", name="Sign out Firefox, Linux").click()
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(elsewhere.get_by_role("button", name="Sign in")).to_be_visible()
    await page.get_by_role("link", name="Inbox").click()
    await expect(lists(page)).to_be_visible()
