"""The console's frame: languages, colours, navigation, and what every page owes to everybody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.async_api import Page, Route, expect

from bot.api_tokens import ApiToken
from bot.clock import SystemClock
from bot.conversation import Role
from bot.model_versions import LineUp
from bot.teams import Skill, Team
from tests.browser.conftest import Visit
from tests.browser.desk import SignIn, lists, opened, press, show, waiting
from tests.browser.rig import Site, unlabelled
from tests.browser.test_models import V0, V1, V2, V3

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

WIDE: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


MOVES = re.compile("Assign, transfer or snooze|تعيين أو تحويل أو تأجيل")


async def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is, each with the first element concerned.

    The open list of a combobox scrolls with the arrow keys in its field, so that nothing in it needs the focus.
    """
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {nodes[0]['html'][:200]}"
        for one in found["violations"]
        if (
            nodes := [
                node
                for node in one["nodes"]
                if one["id"] != "scrollable-region-focusable" or "mantine-ScrollArea-viewport" not in node["html"]
            ]
        )
    ]


async def every_page(server: Site, page: Page) -> AsyncIterator[str]:  # noqa: PLR0915 - a list of pages
    """Goes through all there is to see, naming each."""
    phone = (page.viewport_size or {"width": 0})["width"] < 768
    menu = page.locator("header button" if phone else "nav button").last

    async def go(path: str, settled: str) -> None:
        await page.goto(f"{server.url}/console/{path}")
        await expect(page.locator(settled).first).to_be_visible()

    await go("", "ul[aria-label] [data-conversation]")
    yield "inbox"
    conversation = await server.conversation("ana")
    await go(f"c/{conversation.id}?view=all", "[data-author=agent]")
    await page.locator("[data-author=customer] button").first.click()
    yield "conversation"
    await go("?view=mine", "main section p")
    yield "an empty list"
    await go(f"c/{conversation.id}", "[data-author=agent]")
    await page.get_by_role("button", name=MOVES).click()
    await expect(page.get_by_role("menu")).to_be_visible()
    yield "where a conversation may go"
    await page.get_by_role("menuitem").first.click()
    await expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    yield "whom to assign it to"
    await go("?view=all&q=person&language=en", "main mark")
    yield "a search"
    await page.locator("[aria-haspopup=dialog]").click()
    await expect(page.get_by_role("dialog").locator("label").first).to_be_visible()
    yield "the filters"
    for path in ("models", "problems", "audit", "tokens", "browsers"):
        await go(path, "main table")
        yield path
    await go("teams", "main table")
    yield "teams"
    await page.locator("main section button[data-variant=light]").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    yield "a team"
    await go("figures?period=custom", ".recharts-surface")
    await expect(page.locator("main table")).to_have_count(5)
    yield "figures"
    await go("figures?channel=pigeon", "main h2, main p")
    yield "figures of nothing"
    await go("review", "main li[aria-current]")
    await page.keyboard.press("j")
    yield "review"
    await page.keyboard.press("i")
    await expect(page.locator("[role=option]:visible").first).to_be_visible()
    yield "the intents to choose from"
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("n")
    await expect(page.get_by_role("dialog")).to_be_visible()
    yield "a new intent"
    await page.keyboard.press("Escape")
    await go("users", "main table")
    yield "users"
    await page.locator("main button").first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    yield "a dialog"
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await menu.click()
    await expect(page.get_by_role("menu")).to_be_visible()
    yield "the user's menu"
    await page.keyboard.press("Escape")
    await go("nowhere", "main h1")
    yield "no page"
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    yield "the shortcuts"
    await page.context.clear_cookies()
    await go("", "form")
    yield "the sign-in"


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_any_page(
    server: Site, sign_in: SignIn, scheme: str, locale: str, screen: dict[str, Any]
) -> None:
    await served(server)
    page = await sign_in("admin", locale=locale, color_scheme=scheme, reduced_motion="reduce", **screen)
    async for what in every_page(server, page):
        assert await violations(page) == [], what
        assert await page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"], what


async def served(server: Site) -> None:
    """A desk in the middle of a day: somebody waits, somebody talks to an agent, something is broken."""
    server.models.line = LineUp((V3, V2, V1, V0), champion="v1", challenger="v2", previous="v2")
    lee = await server.user("lee")
    for customer in ("ana", "ben"):
        await server.hears("how long does it take?", customer)
        await server.hears("a person please", customer)
    ana = await server.conversation("ana")
    core = server.running.core
    team = await core.roster.add_team(Team(id="", name="Returns", members=(lee.id,), languages=("en",), default=True))
    await core.roster.add_skill(Skill(name="refunds", reasons=("requested",)))
    await core.roster.describe(lee.id, languages=("en", "ar"), skills=("refunds",), capacity=3)
    async with core.store.unit() as unit:
        (admin,) = [user for user in await unit.users.list() if user.role is Role.ADMIN]
        await unit.tokens.add(ApiToken("t", admin.id, "export", Role.VIEWER, "hash", SystemClock().now()))
    await core.desk.transfer(ana.id, lee, team, force=True)
    await core.desk.claim(ana.id, lee)
    await server.running.core.desk.answer(ana.id, lee, "Hello, Ana.")
    for number, text in enumerate(("sing me a song", "my thing about the thing", "the other thing")):
        await server.hears(text, f"d{number}", timedelta(hours=2))
    server.model.error = RuntimeError("the model is broken")
    await server.hears("hello", "cem")
    server.model.error = None


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "submit", "nobody", "lang", "direction"),
    [
        ("zh-CN", "登录", "没有人在等待。", "zh-Hans", "ltr"),
        ("es-MX", "Iniciar sesión", "Nadie espera.", "es", "ltr"),
        ("de-AT", "Anmelden", "Niemand wartet.", "de", "ltr"),
        ("ar-EG", "تسجيل الدخول", "لا أحد ينتظر.", "ar", "rtl"),
        ("fr-FR", "Sign in", "Nobody is waiting.", "en", "ltr"),
    ],
)
async def test_the_console_speaks_the_browser_s_language(
    server: Site, visit: Visit, sign_in: SignIn, locale: str, submit: str, nobody: str, lang: str, direction: str
) -> None:
    stranger = await visit(locale=locale)
    await stranger.goto(f"{server.url}/console/")
    await expect(stranger.get_by_role("button", name=submit)).to_be_visible()
    page = await sign_in("admin", locale=locale)
    await expect(page.get_by_text(nobody)).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", lang)
    await expect(page.locator("html")).to_have_attribute("dir", direction)


async def test_a_language_is_chosen_in_the_user_s_menu_and_remembered(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("kim")
    await page.get_by_role("button", name="Kim").click()
    await page.get_by_role("menuitemradio", name="العربية").click()
    await expect(page.get_by_role("link", name="صندوق الوارد")).to_be_visible()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.get_by_text("طلب التحدث إلى شخص").first).to_be_visible()
    # The list is where one begins to read: on the right.
    box = await page.locator("ul[aria-label] [data-conversation]").first.bounding_box()
    width = await page.evaluate("innerWidth")
    assert box is not None
    assert box["x"] > width / 2
    await page.get_by_role("button", name="Kim").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await expect(page.get_by_role("link", name="Inbox")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("dir", "ltr")


# --- the frame --------------------------------------------------------------------------------------------------------


async def test_light_and_dark_are_chosen_in_the_user_s_menu(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim", color_scheme="light")
    for name, scheme in (("Dark", "dark"), ("As the system", "light")):
        await page.get_by_role("button", name="Kim").click()
        await page.get_by_role("menuitemradio", name=name).click()
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", scheme)


async def test_the_first_stop_of_the_keyboard_skips_the_navigation(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#page")).to_be_focused()


async def test_on_a_telephone_the_navigation_opens_and_leaves_with_the_choice(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", **PHONE)
    link = page.get_by_role("link", name="Problems")
    await expect(link).to_be_hidden()
    await page.get_by_role("button", name="Open the menu").tap()
    await expect(link).to_be_visible()
    assert await unlabelled(page) == []
    await link.tap()
    await expect(page.get_by_role("heading", name="Components")).to_be_visible()
    await expect(link).to_be_hidden()


async def test_the_navigation_is_narrowed_and_stays_so(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", **WIDE)
    await expect(page.get_by_text("Models", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Narrow the menu").click()
    await expect(page.get_by_text("Models", exact=True)).to_have_count(0)
    await page.reload()
    await expect(page.get_by_role("link", name="Models")).to_be_visible()
    await expect(page.get_by_text("Models", exact=True)).to_have_count(0)
    assert await unlabelled(page) == []


async def test_a_page_that_there_is_not_leads_back_to_the_inbox(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("kim", "nowhere/at/all")
    await expect(page.get_by_role("heading", name="There is no such page.")).to_be_visible()
    await page.get_by_role("main").get_by_role("link", name="Inbox").click()
    await expect(lists(page)).to_be_visible()


async def test_a_list_that_cannot_be_loaded_says_so_and_can_be_tried_again(server: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin")
    await page.route("**/api/v1/users", lambda route: route.fulfill(status=503, json={"detail": "the database rests"}))
    await page.get_by_role("link", name="Users").click()
    await expect(page.get_by_role("status", name="Loading…")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("the database rests")
    await page.unroute("**/api/v1/users")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("row").filter(has_text="admin")).to_be_visible()


# --- the inbox's lists ------------------------------------------------------------------------------------------------


async def test_a_list_is_shared_as_a_link_and_survives_a_reload(server: Site, sign_in: SignIn) -> None:
    await server.hears("hello", "ana")
    await server.hears("a person please", "ben")
    kim = await sign_in("kim")
    await show(kim, "Bot")
    await waiting(kim).filter(has_text="Ana").click()
    await expect(opened(kim).get_by_role("heading", name="Ana")).to_be_visible()
    await expect(kim).to_have_url(re.compile(r"/console/c/[^?]+\?view=bot$"))
    lee = await sign_in("lee", kim.url.split("/console/")[1])
    for page in (kim, lee):
        await page.reload()
        await expect(opened(page).get_by_role("heading", name="Ana")).to_be_visible()
        await expect(waiting(page)).to_have_count(1)
        await expect(waiting(page)).to_contain_text("Ana")
    await expect(press(lee, "Claim")).to_be_visible()


async def test_ten_thousand_who_wait_are_as_easy_to_look_through_as_ten(server: Site, sign_in: SignIn) -> None:
    await server.hears("a person please")
    page = await sign_in("kim")
    async with page.expect_response("**/api/v1/inbox?*") as read:
        await page.reload()
    given = await (await read.value).json()
    (one,) = given["items"]
    asked: list[int] = []

    def waiter(number: int) -> dict[str, Any]:
        conversation = {**one["conversation"], "id": f"c{number}", "customer": {"id": "x", "name": f"No {number}"}}
        return {**one, "conversation": conversation}

    async def read_page(route: Route) -> None:
        (begin,) = parse_qs(urlparse(route.request.url).query).get("cursor", ["0"])
        asked.append(int(begin))
        end = int(begin) + 200
        items = [waiter(number) for number in range(int(begin), end)]
        await route.fulfill(json={**given, "items": items, "next": str(end) if end < 10_000 else None})

    async def count(route: Route) -> None:
        await route.fulfill(json={"counts": {**given["counts"], "unassigned": 10_000}})

    await page.route("**/api/v1/inbox?*", read_page)
    await page.route("**/api/v1/inbox/counts*", count)
    await page.reload()
    await expect(waiting(page).get_by_text("No 0", exact=True)).to_be_visible()
    await expect(page.get_by_role("list", name="Unassigned").get_by_role("listitem").first).to_have_attribute(
        "aria-setsize", "10000"
    )
    assert await waiting(page).count() < 40
    assert asked == [0]
    # Whoever goes on reading gets what comes next, page by page.
    for number in (199, 399, 599):
        await lists(page).locator("ul").evaluate("list => list.parentElement.scrollTo(0, list.scrollHeight)")
        await expect(waiting(page).get_by_text(f"No {number}", exact=True)).to_be_visible()
    assert asked == [0, 200, 400, 600]
    assert await waiting(page).count() < 40
    await expect(page.get_by_role("radio", name="Unassigned 10,000")).to_be_visible()
