"""The studio: admins teach intents in the console, and see at once what the bot makes of them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Dialog, Locator, Page, expect

from bot import app, app_studio
from bot.conversation import Role
from bot.model_versions import LineUp, MadeBy, ModelVersion
from bot.pack_reader import read_pack
from bot.ports_studio import Evaluation, Progress, Share, Trained
from bot.settings import Settings
from nlu.training.run import train_pack
from tests import fakes
from tests.browser.conftest import Visit
from tests.browser.desk import SignIn, downloaded
from tests.browser.rig import PASSWORD, Site, unlabelled
from tests.browser.test_console_frame import PHONE, WIDE, violations
from tests.fakes import AlikeByWord
from tests.nlu import pretrained
from tests.nlu import small_shop as shop

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AGO = timedelta(hours=2)
"""After which a conversation is over, so that it is reviewed."""

GERMAN = "habt ihr auch Gutscheine?"


@dataclass
class Teacher:
    """Trains nothing: goes on when it is `free`, and then the scripted model knows what it `learns`."""

    patch: pytest.MonkeyPatch
    free: asyncio.Event = field(default_factory=asyncio.Event)
    learns: dict[str, tuple[str, str, float]] = field(default_factory=dict)
    fails: str | None = None
    worse: str | None = None
    runs: int = 0

    async def train(self, folder: Path, progress: Progress, by: MadeBy | None = None) -> Trained:
        self.runs += 1
        progress("fitting", 1, 4)
        await self.free.wait()
        if self.fails is not None:
            raise RuntimeError(self.fails)
        for text, meant in self.learns.items():
            self.patch.setitem(fakes.SENTENCES, text.casefold(), meant)
        return Trained("v1", self.worse, evaluation=Evaluation(Share(10, 9), {"greeting": Share(4, 3)}), examples=20)

    async def evaluation(self, version: str) -> Evaluation | None:
        return Evaluation(Share(10, 8), {"greeting": Share(4, 3)})


@pytest.fixture
def teacher(monkeypatch: pytest.MonkeyPatch) -> Teacher:
    """What trains in the servers of this module."""
    made = Teacher(monkeypatch)
    made.free.set()
    monkeypatch.setattr(app_studio, "ProcessTrainer", lambda *_, **__: made)
    monkeypatch.setattr(app, "similar_to", lambda _: AlikeByWord())
    return made


@pytest_asyncio.fixture(loop_scope="session")
async def desk(teacher: Teacher, server: Site) -> Site:
    server.models.line = LineUp((ModelVersion("v2", left_out=0.91), ModelVersion("v1")), champion="v2")
    return server


async def api(page: Page, path: str) -> Any:
    answer = await page.context.request.get(f"{page.url.split('/console')[0]}/api/v1{path}")
    assert answer.ok, await answer.text()
    return await answer.json()


async def examples(page: Page, intent: str, language: str) -> list[str]:
    """What the server has."""
    found = (await api(page, f"/intents/{intent}"))["examples"]
    return next((one["examples"] for one in found if one["language"] == language), [])


def rows(page: Page) -> Locator:
    return page.get_by_role("list", name="Examples").get_by_role("listitem")


def adding(page: Page) -> Locator:
    return page.get_by_role("textbox", name="New examples")


def training(page: Page) -> Locator:
    return page.get_by_role("region", name="Training")


async def save(page: Page) -> None:
    """Save, and wait until nothing is left to be saved."""
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text(re.compile("unsaved change"))).to_have_count(0)


async def paste(field_: Locator, text: str) -> None:
    await field_.evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        text,
    )


# --- the list ---------------------------------------------------------------------------------------------------------


async def test_the_list_tells_counts_gaps_and_what_answers_and_is_searched_and_sorted(
    desk: Site, sign_in: SignIn
) -> None:
    page = await sign_in("admin")
    await page.get_by_role("link", name="Studio").click()
    table = page.get_by_role("region", name="Intents")
    greeting = table.get_by_role("row").filter(has_text="greeting")
    for text in ("Reply", "2", "75%"):
        await expect(greeting).to_contain_text(text)
    await expect(table.get_by_role("row").filter(has_text="order_status")).to_contain_text("Flow")
    await expect(table.get_by_role("row").filter(has_text="talk_to_human")).to_contain_text("Human")
    await expect(table.get_by_role("row").filter(has_text="fraud")).to_contain_text("no examples")
    assert await unlabelled(page) == []

    await page.keyboard.press("/")
    await expect(page.get_by_label("Search intents")).to_be_focused()
    await page.keyboard.type("money")
    await expect(table.get_by_role("row")).to_have_count(2)
    await page.reload()
    await expect(page.get_by_label("Search intents")).to_have_value("money")
    await page.get_by_label("Search intents").fill("nothing like it")
    await expect(page.get_by_text("No intent fits.")).to_be_visible()
    await page.get_by_label("Search intents").fill("")
    await page.get_by_label("Sort by").select_option("Worst told")
    await expect(table.get_by_role("row").nth(1)).to_contain_text("greeting")
    await page.keyboard.press("Escape")
    await page.get_by_role("heading", name="Intents").click()
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="greeting")).to_be_visible()


async def test_examples_that_are_the_same_are_pointed_out_and_lead_to_where_they_stand(
    desk: Site, sign_in: SignIn
) -> None:
    page = await sign_in("admin", "studio/intents/help?language=de")
    await adding(page).fill("Hello")
    await adding(page).press("Enter")
    await save(page)
    await page.get_by_role("link", name="Intents").last.click()
    await page.get_by_role("button", name="1 pair of examples is too alike").click()
    pair = page.get_by_role("list", name="Examples that are too alike").get_by_role("listitem")
    await expect(pair).to_contain_text("the same")
    await pair.get_by_role("link", name="hello", exact=True).click()
    await expect(page.get_by_role("heading", name="greeting")).to_be_visible()
    await expect(page.locator("[data-pointed]")).to_have_text("hello")


# --- teaching ---------------------------------------------------------------------------------------------------------


async def test_a_new_intent_is_taught_trained_and_understood_without_a_restart(
    desk: Site, teacher: Teacher, sign_in: SignIn
) -> None:
    teacher.free.clear()
    teacher.learns = {GERMAN: ("de", "gift_card", 0.95)}
    page = await sign_in("admin", "studio")
    await expect(page.get_by_role("region", name="Intents")).to_be_visible()
    await page.keyboard.press("n")
    await page.get_by_label("Name of the intent").fill("Gift card")
    await page.get_by_role("button", name="Add the intent").click()
    await expect(page.get_by_text("Use a-z, 0-9 and _")).to_be_visible()
    await page.get_by_label("Name of the intent").fill("gift_card")
    await page.get_by_label("Means").fill("asks for gift cards")
    await page.get_by_label("Examples").fill("- do you sell gift cards\n- can I buy a voucher\n- gift card please")
    await expect(page.get_by_text("3 examples")).to_be_visible()
    await page.get_by_role("textbox", name="Reply").fill("We do: from ten to two hundred euros.")
    await page.get_by_role("button", name="Add the intent").click()

    await expect(page.get_by_role("heading", name="gift_card")).to_be_visible()
    await expect(rows(page)).to_have_count(3)
    await expect(training(page)).to_contain_text("Training · learning")
    await expect(training(page).get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    await page.keyboard.press("t")
    await page.keyboard.type(GERMAN)
    await page.keyboard.press("Enter")
    bench = page.get_by_role("complementary", name="Try it")
    await expect(bench).to_contain_text("Asks to say it otherwise")

    teacher.free.set()
    await expect(training(page)).to_contain_text("Trained and live 90.0% right on tests")
    await expect(bench.get_by_role("list", name="Likeliest intents").get_by_role("listitem").first).to_contain_text(
        "gift_card95%"
    )
    await expect(bench).to_contain_text("We do: from ten to two hundred euros.")
    await desk.hears(GERMAN)
    await desk.said("We do: from ten to two hundred euros.")

    tab = page.get_by_role("tab", name=re.compile("^German"))
    await expect(tab).to_contain_text("no reply")
    await page.keyboard.press("Escape")
    await tab.click()
    await page.get_by_role("textbox", name="Reply 1").fill("Ja, von zehn bis zweihundert Euro.")
    await page.get_by_label("Name on buttons").fill("Gutscheine")
    await page.keyboard.press("Control+s")
    await expect(bench).to_contain_text("Ja, von zehn bis zweihundert Euro.")
    await expect(tab).not_to_contain_text("no reply")
    assert teacher.runs == 1, "a reply needs no training"


async def test_many_lines_are_pasted_and_every_step_is_undone(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/intents/greeting?language=en")
    await expect(rows(page)).to_have_count(2)
    await page.keyboard.press("a")
    await expect(adding(page)).to_be_focused()
    await paste(adding(page), "- hey there\n- HELLO\n\n* good evening\n")
    await expect(rows(page)).to_have_count(4)
    await expect(page.get_by_text("2 added · 1 was there already")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(rows(page)).to_have_count(3)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("howdy")
    await page.keyboard.press("Enter")
    await expect(rows(page).filter(has_text="howdy")).to_have_count(1)
    for left in (3, 4, 2):
        await page.keyboard.press("u")
        await expect(rows(page)).to_have_count(left)
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await page.keyboard.press("]")
    await expect(page.get_by_role("tab", selected=True)).to_contain_text("German")
    await page.keyboard.press("[")
    await expect(page.get_by_role("tab", selected=True)).to_contain_text("English")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog").get_by_role("row", name="Write an example")).to_contain_text("a")


async def test_what_is_typed_in_one_go_is_undone_in_one_go(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/intents/delivery_time?language=en")
    reply = page.get_by_role("textbox", name="Reply 1")
    await expect(reply).to_have_value("It takes {days} days.")
    await reply.press("End")
    await reply.press_sequentially(" Express is quicker.")
    await page.get_by_role("button", name="Add a variant").click()
    await page.get_by_role("textbox", name="Reply 2").press_sequentially("{days} days.")
    assert await unlabelled(page) == []
    undo = page.get_by_role("button", name="Undo")
    steps = 0
    while await undo.is_enabled():
        await undo.click()
        steps += 1
    assert steps < 10, "thirty keys are not thirty steps"
    await expect(reply).to_have_value("It takes {days} days.")
    await expect(page.get_by_role("textbox", name="Reply 2")).to_have_count(0)


async def test_words_are_marked_as_an_entity_by_keyboard_and_by_mouse_and_the_mark_is_taken_off(
    desk: Site, sign_in: SignIn
) -> None:
    page = await sign_in("admin", "studio/intents/greeting?language=en")
    for text in ("hello this is 12345", "hi about 777777 again"):
        await adding(page).fill(text)
        await adding(page).press("Enter")
    await page.get_by_role("button", name="Edit “hello this is 12345”").press("Enter")
    field_ = page.get_by_role("textbox", name="Edit “hello this is 12345”")
    await expect(field_).to_be_focused()
    await page.keyboard.press("End")
    for _ in range(5):
        await page.keyboard.press("Shift+ArrowLeft")
    await expect(page.get_by_text("Mark “12345” as")).to_be_visible()
    await page.keyboard.press("Alt+1")
    await expect(field_).to_have_value(re.compile(r"^hello this is \[12345\]\(\w+\)$"))
    await page.keyboard.press("Enter")
    await expect(page.locator("mark").filter(has_text="12345")).to_be_visible()

    await page.get_by_text("hi about 777777 again").dblclick(position={"x": 85, "y": 14})
    await page.get_by_role("button", name="order_number").click()
    await expect(page.get_by_role("textbox", name="Edit “hi about 777777 again”")).to_have_value(
        "hi about [777777](order_number) again"
    )
    await page.keyboard.press("Enter")
    await save(page)
    assert "hi about [777777](order_number) again" in await examples(page, "greeting", "en")

    await page.get_by_role("button", name="Edit “hi about 777777 again”").click()
    await page.get_by_role("button", name="“777777” is no order_number").click()
    await page.keyboard.press("Enter")
    await save(page)
    assert "hi about 777777 again" in await examples(page, "greeting", "en")


async def test_two_admins_at_one_intent_see_both_versions_and_put_them_together(desk: Site, sign_in: SignIn) -> None:
    await desk.user("root", Role.ADMIN)
    mine, theirs = await sign_in("admin", "studio/intents/greeting?language=en"), None
    theirs = await sign_in("sue", "studio/intents/greeting?language=en", Role.ADMIN)
    await adding(mine).fill("ahoy")
    await adding(mine).press("Enter")
    await adding(theirs).fill("servus")
    await adding(theirs).press("Enter")
    await save(theirs)
    clash = mine.get_by_role("alert").filter(has_text="Changed by somebody else meanwhile: Examples · English")
    await expect(clash.get_by_role("region", name="Yours")).to_contain_text("ahoy")
    await expect(clash.get_by_role("region", name="Theirs")).to_contain_text("servus")
    await mine.keyboard.press("Escape")
    await mine.get_by_role("button", name="Save").click()
    assert "ahoy" not in await examples(mine, "greeting", "en"), "nothing is overwritten before one has chosen"
    await clash.get_by_role("button", name="Put both together").click()
    await expect(clash).to_have_count(0)
    await save(mine)
    assert (await examples(mine, "greeting", "en"))[-2:] == ["servus", "ahoy"]
    await expect(rows(theirs).filter(has_text="ahoy")).to_have_count(1)


async def test_what_the_server_refuses_is_told_with_its_place_and_stays_to_be_mended(
    desk: Site, sign_in: SignIn
) -> None:
    page = await sign_in("admin", "studio/intents/delivery_time?language=en")
    await page.get_by_role("textbox", name="Reply 1").fill("In {nothing} days.")
    await page.get_by_role("button", name="Save").click()
    alert = page.get_by_role("alert").filter(has_text="Not saved: Replies · English")
    await expect(alert).to_contain_text(re.compile(r"replies/en\.yml:\d+ – .*is no fact"))
    await expect(page.get_by_role("textbox", name="Reply 1")).to_have_value("In {nothing} days.")
    await page.get_by_role("textbox", name="Reply 1").fill("In {days} days.")
    await save(page)
    await expect(alert).to_have_count(0)


async def test_a_draft_survives_a_reload_and_leaving_asks(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/intents/greeting?language=en")
    asked: list[str] = []

    async def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", leave)
    await adding(page).fill("good evening")
    await adding(page).press("Enter")
    await page.reload()
    assert asked == ["beforeunload"]
    await expect(rows(page).filter(has_text="good evening")).to_have_count(1)
    await expect(page.get_by_text("1 unsaved change")).to_be_visible()

    await page.get_by_role("link", name="Inbox").click()
    await page.get_by_role("dialog").get_by_role("button", name="Stay").click()
    await expect(rows(page).filter(has_text="good evening")).to_have_count(1)
    await page.get_by_role("link", name="Intents").first.click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    row = page.get_by_role("row").filter(has_text="greeting")
    await expect(row).to_contain_text("unsaved")
    await row.get_by_role("link").click()
    await page.get_by_role("button", name="Discard").click()
    await page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    await expect(rows(page)).to_have_count(2)
    assert await examples(page, "greeting", "en") == ["hello", "hi there"]


async def test_what_depends_on_an_intent_is_told_before_it_is_renamed_or_removed(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/intents/delivery_time")
    await page.get_by_role("button", name="Rename or remove").click()
    await page.get_by_role("menuitem", name="Rename").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Replies and names on buttons: ")
    await dialog.get_by_label("Name of the intent").fill("shipping_time")
    await dialog.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", name="shipping_time")).to_be_visible()
    await page.get_by_role("button", name="Rename or remove").click()
    await page.get_by_role("menuitem", name="Remove the intent").click()
    await expect(dialog).to_contain_text("All of this goes with it:")
    await dialog.get_by_role("button", name="Remove the intent").click()
    await expect(page.get_by_role("region", name="Intents")).to_be_visible()
    await expect(page.get_by_role("row").filter(has_text="shipping_time")).to_have_count(0)
    await page.goto(f"{desk.url}/console/studio/intents/order_status")
    await page.get_by_role("button", name="Rename or remove").click()
    await page.get_by_role("menuitem", name="Remove the intent").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The flow order_status begins with it.")
    await expect(dialog.get_by_role("button", name="Remove the intent")).to_be_disabled()


async def test_a_training_that_fails_is_shown_with_its_reason_and_kept_in_the_list(
    desk: Site, teacher: Teacher, sign_in: SignIn
) -> None:
    teacher.fails = "the disk is full"
    page = await sign_in("admin", "studio/bench")
    await training(page).get_by_role("button", name="Train now").click()
    await expect(training(page)).to_contain_text("Training failed")
    await expect(training(page)).to_contain_text("the disk is full")
    teacher.fails, teacher.worse = None, "it tells 50% right, the version that serves 90%"
    await training(page).get_by_role("button", name="Train now").click()
    await expect(training(page)).to_contain_text("Trained, not live")
    await expect(training(page)).to_contain_text("it tells 50% right")
    teacher.worse = None
    await training(page).get_by_role("button", name="Train now").click()
    await expect(training(page)).to_contain_text("Trained and live")
    await training(page).get_by_role("button", name="Latest trainings").click()
    await expect(page.get_by_role("dialog").get_by_role("row")).to_have_count(4)
    await expect(page.get_by_role("dialog")).to_contain_text("the disk is full")


# --- history, import, export ------------------------------------------------------------------------------------------


async def test_history_shows_who_changed_which_lines_and_takes_one_change_back(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/intents/greeting?language=en")
    await adding(page).fill("good evening")
    await adding(page).press("Enter")
    await save(page)
    await page.get_by_role("link", name="History").click()
    entry = page.get_by_role("button", name=re.compile("changes examples of greeting in en"))
    await expect(entry).to_contain_text("Admin")
    await entry.click()
    await expect(page.locator("tr[data-kind=added]")).to_contain_text("good evening")
    await page.get_by_role("button", name="Take this back").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take this back").click()
    await expect(page.get_by_role("button", name=re.compile("takes back 2"))).to_contain_text("undo")
    assert await examples(page, "greeting", "en") == ["hello", "hi there"]


async def test_a_broken_import_names_line_and_reason_and_changes_nothing(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/exchange")
    chooser = page.locator("input[type=file]")
    broken = (
        "nlu:\n  - intent: greeting\n    examples: |\n      - servus\n  - intent: nothing\n    examples: |\n      - a\n"
    )
    await chooser.set_input_files({"name": "de.yml", "mimeType": "text/yaml", "buffer": broken.encode()})
    alert = page.get_by_role("alert")
    await expect(alert).to_contain_text("1 thing stands against it; nothing was changed")
    await expect(alert).to_contain_text("de.yml:5 there is no intent 'nothing'")
    await expect(page.get_by_role("button", name="Import this")).to_be_disabled()
    await page.get_by_role("button", name="Cancel").click()
    mended = broken.partition("  - intent: nothing")[0]
    await chooser.set_input_files({"name": "de.yml", "mimeType": "text/yaml", "buffer": mended.encode()})
    await expect(page.get_by_role("row").filter(has_text="greeting")).to_contain_text("German")
    assert (await api(page, "/pack"))["revision"]["number"] == 1
    await page.get_by_role("button", name="Import this").click()
    await expect(page.get_by_text("Imported as revision 2.")).to_be_visible()
    assert await examples(page, "greeting", "de") == ["servus"]


async def test_the_pack_and_the_examples_of_a_language_are_taken_along(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("admin", "studio/exchange")
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="English").click()
    assert "- intent: greeting" in await downloaded(await begun.value)
    async with page.expect_download() as begun:
        await page.get_by_role("link", name="The whole pack").click()
    archive = await (await begun.value).path()
    await page.locator("input[type=file]").set_input_files(
        {"name": "tiny.zip", "mimeType": "application/zip", "buffer": await asyncio.to_thread(archive.read_bytes)}
    )
    await expect(page.get_by_text("Nothing would change.")).to_be_visible()


# --- from the review --------------------------------------------------------------------------------------------------


async def test_a_verdict_becomes_an_example_of_its_intent_with_one_click(desk: Site, sign_in: SignIn) -> None:
    await desk.hears("my thing about the thing", ago=AGO)
    page = await sign_in("admin", "review")
    await page.get_by_role("button", name="delivery_time 45%").click()
    row = page.get_by_role("row").filter(has_text="my thing about the thing")
    await row.get_by_role("button", name="Add as examples: delivery_time").click()
    await expect(page.get_by_text("delivery_time has 1 new example.")).to_be_visible()
    await expect(row.get_by_role("button", name=re.compile("^Add as examples"))).to_have_count(0)
    await row.get_by_role("link", name="delivery_time").click()
    await expect(rows(page).filter(has_text="my thing about the thing")).to_have_count(1)


async def test_a_verdict_for_a_new_intent_begins_it_in_the_studio(desk: Site, sign_in: SignIn) -> None:
    await desk.hears("sing me a song", ago=AGO)
    page = await sign_in("admin", "review")
    await expect(page.get_by_role("list", name="Groups")).to_contain_text("sing me a song")
    await page.keyboard.press("n")
    await page.get_by_role("textbox", name="Name of the intent").fill("songs")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row").filter(has_text="songs")).to_be_visible()
    await page.goto(f"{desk.url}/console/studio")
    await page.get_by_role("button", name="Make the intent songs").click()
    await expect(page.get_by_label("Name of the intent")).to_have_value("songs")
    await expect(page.get_by_label("Examples")).to_have_value("sing me a song")


async def test_verdicts_are_looked_through_in_the_editor_before_they_are_saved(desk: Site, sign_in: SignIn) -> None:
    await desk.hears("my thing about the thing", ago=AGO)
    page = await sign_in("admin", "review")
    await page.get_by_role("button", name="delivery_time 45%").click()
    await expect(page.get_by_role("row").filter(has_text="my thing about the thing")).to_be_visible()
    await page.goto(f"{desk.url}/console/studio/intents/delivery_time?language=en")
    await page.get_by_role("button", name="Take them as examples").click()
    await expect(rows(page).filter(has_text="my thing about the thing")).to_have_count(1)
    assert "my thing about the thing" not in await examples(page, "delivery_time", "en")
    await save(page)
    assert "my thing about the thing" in await examples(page, "delivery_time", "en")


# --- for everybody ----------------------------------------------------------------------------------------------------


async def test_the_studio_is_for_admins(desk: Site, sign_in: SignIn) -> None:
    page = await sign_in("sue", "studio", Role.SUPERVISOR)
    await expect(page).to_have_url(re.compile("/console/?$"))
    await expect(page.get_by_role("link", name="Studio")).to_have_count(0)


@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_the_studio(
    desk: Site, sign_in: SignIn, scheme: str, locale: str, screen: dict[str, Any]
) -> None:
    await desk.hears("my thing about the thing", ago=AGO)
    supervisor = await sign_in("sue", "review", Role.ADMIN)
    await supervisor.get_by_role("button", name="delivery_time 45%").click()
    await expect(supervisor.get_by_role("row").filter(has_text="my thing")).to_be_visible()
    spoken = {code: [f"where is it, {code}"] for code in ("ar", "es", "fr", "hi", "ja", "pt", "ru", "tr", "zh-Hans")}
    more = f"{desk.url}/api/v1/intents/order_status/examples"
    ours = {"X-Requested-With": "babeldesk"}
    assert (await supervisor.context.request.post(more, data={"examples": spoken}, headers=ours)).ok
    page = await sign_in("admin", locale=locale, color_scheme=scheme, reduced_motion="reduce", **screen)

    async def fine(what: str) -> None:
        assert await violations(page) == [], what
        assert await page.evaluate("document.documentElement.scrollWidth") == screen["viewport"]["width"], what

    async def go(path: str, settled: str) -> None:
        await page.goto(f"{desk.url}/console/{path}")
        await expect(page.locator(settled).first).to_be_visible()

    await go("studio", "a[data-intent]")
    await expect(page.locator("main section bdi").first).to_be_visible()
    await fine("the list")
    await go("studio/intents/order_status?language=en", "[role=tab]")
    await fine("the editor")
    await page.locator("aside textarea").fill("where is my order 12345?")
    await page.locator("aside textarea").press("Enter")
    await expect(page.locator("aside ol li").first).to_be_visible()
    await page.locator("[role=tabpanel] section").last.locator("textarea").first.fill("where is 12345")
    await page.keyboard.press("Enter")
    await page.locator("[data-edit]").first.click()
    await page.keyboard.press("Control+a")
    await fine("an example under change")
    await page.keyboard.press("Escape")
    path = f"{desk.url}/api/v1/intents/order_status/examples/en"
    theirs = {"examples": [f"where is it in {scheme}"]}
    await page.context.request.put(path, data=theirs, headers={**ours, "If-Match": "*"})
    await expect(page.get_by_role("alert")).to_be_visible()
    await fine("two versions")
    await page.locator("header [aria-haspopup=menu]").last.click()
    await page.locator("[role=menuitem]").last.click()
    await expect(page.get_by_role("dialog").locator("li").first).to_be_visible()
    await fine("what is lost with an intent")
    await page.evaluate("sessionStorage.clear()")
    await go("studio/new", "main form")
    await fine("a new intent")
    await go("studio/bench?text=how+long+does+it+take%3F", "main ol li")
    await fine("the bench")
    await go("studio/history", "main li")
    await page.locator("main li button").first.click()
    await fine("the history")
    await go("studio/exchange", "main h2")
    await page.locator("input[type=file]").set_input_files(
        {"name": "de.yml", "mimeType": "text/yaml", "buffer": b"nlu:\n  - intent: x\n    examples: |\n      - a\n"}
    )
    await expect(page.get_by_role("alert")).to_be_visible()
    await fine("an import")


# --- with the real model ----------------------------------------------------------------------------------------------


@pytest.mark.model
@pytest.mark.timeout(600)
async def test_an_intent_taught_in_english_is_understood_in_german_in_the_same_page(
    pages: None, visit: Visit, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(pretrained.pretrained().encoder.parent)
    pack = read_pack(shop.write_pack(tmp_path / "pack"))
    settings = Settings(data_dir=tmp_path / "data", port=0, encoder_threads=2, drain_seconds=1, admin_password=PASSWORD)
    await asyncio.to_thread(train_pack, settings, pack)

    async with app.running(settings, pack) as server:
        page = await visit()
        await page.context.request.post(
            f"{server.url}/api/v1/session",
            data={"name": "admin", "password": PASSWORD},
            headers={"X-Requested-With": "babeldesk"},
        )
        await page.goto(f"{server.url}/console/studio/new?name=opening_hours")
        await page.get_by_label("Means").fill("asks when the shop is open")
        await page.get_by_label("Examples").fill(
            "when do you open\nwhat are your opening hours\nare you open on Sunday\n"
            "until when is the shop open today\nwhat time do you close\nopening times please"
        )
        await page.get_by_role("textbox", name="Reply").fill("From nine to five.")
        await page.get_by_role("button", name="Add the intent").click()
        asked = page.get_by_role("textbox", name="A customer's message")
        await asked.fill("um wie viel Uhr habt ihr am Sonntag geöffnet?")
        await page.keyboard.press("Enter")
        await expect(training(page)).to_contain_text("Trained and live", timeout=300_000)
        bench = page.get_by_role("complementary", name="Try it")
        await expect(bench).to_contain_text("German")
        first = bench.get_by_role("list", name="Likeliest intents").get_by_role("listitem").first
        await expect(first).to_contain_text("opening_hours")
