"""A whole shift: three customers at once, in three languages and on two channels, an agent, a supervisor."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.conversation import Role
from tests.browser.conftest import Visit
from tests.browser.desk import SignIn, entry, opened, press, reply_field, show, waiting
from tests.browser.rig import Site, last_of, open_chat, until, write
from tests.browser.test_console_figures import row, tile
from tests.standins.slack import APP_TOKEN, BOT_TOKEN, Room, SlackStandIn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

WIDE = {"viewport": {"width": 1600, "height": 900}}


@pytest_asyncio.fixture(loop_scope="session")
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn() as slack:
        yield slack


@pytest_asyncio.fixture(loop_scope="session")
async def settings(slack: SlackStandIn) -> dict[str, Any]:
    return {"slack_bot_token": BOT_TOKEN, "slack_app_token": APP_TOKEN, "slack_api_base_url": slack.url}


async def heard(room: Room, text: str) -> None:
    """Until the customer on Slack was told something."""
    await until(lambda: any(text in said for said in room.texts))


async def open_of(desk: Page, name: str | re.Pattern[str]) -> None:
    """Open somebody's conversation from the list."""
    await waiting(desk).filter(has_text=name).click()


@dataclass
class Customers:
    """Three who want a person, each in a language of their own: two on the web, one on Slack."""

    english: Page
    german: Page
    french: Room


SAID = {"English": "Hello, how can I help?", "German": "Guten Tag, womit kann ich helfen?", "French": "Bonjour Luc !"}
"""What the agent says first, by the customer's language."""


@pytest_asyncio.fixture(loop_scope="session")
async def customers(server: Site, slack: SlackStandIn, visit: Visit) -> Customers:
    """They ask the bot, are answered, and call for a person."""
    english, german = await visit(locale="en-GB"), await visit(locale="de-DE")
    french = slack.dm(user="U0LUC", name="Luc", locale="fr-FR")
    await open_chat(english, server.url)
    await open_chat(german, server.url)
    await write(english, "how long does it take?")
    await write(german, "wie lange dauert es?")
    await french.write("où est mon colis ?")
    await expect(last_of(english, "them")).to_have_text("It takes 3 days.")
    await expect(last_of(german, "them")).to_have_text("Es dauert 3 Tage.")
    await heard(french, "It takes 3 days.")
    await write(english, "a person please")
    await write(german, "ein Lied bitte")
    await german.get_by_role("button", name="Mit einem Menschen sprechen").click()
    await french.press("Talk to a person")
    return Customers(english, german, french)


async def take_all(desk: Page) -> None:
    """Claim each of the three, and greet them."""
    await expect(waiting(desk)).to_have_count(3)
    await expect(waiting(desk).filter(has_text="Luc")).to_have_count(1)
    for language, text in SAID.items():
        await open_of(desk, language)
        await press(desk, "Claim").click()
        await expect(reply_field(desk)).to_be_focused()
        await desk.keyboard.type(text)
        await desk.keyboard.press("Enter")
        await expect(entry(desk, "agent", text)).to_be_visible()
        await show(desk, "Unassigned")


async def test_an_agent_has_three_customers_at_once_in_three_languages_and_nobody_gets_what_is_another_s(
    customers: Customers, sign_in: SignIn
) -> None:
    english, german, french = customers.english, customers.german, customers.french
    desk = await sign_in("kim", **WIDE)
    await take_all(desk)
    await expect(last_of(english, "them")).to_have_text(SAID["English"])
    await expect(last_of(german, "them")).to_have_text(SAID["German"])
    await heard(french, SAID["French"])
    assert not any(SAID["English"] in text or SAID["German"] in text for text in french.texts)

    # They all write at once while one conversation is open; the others become unread.
    await show(desk, "Mine")
    await expect(waiting(desk)).to_have_count(3)
    await open_of(desk, "English")
    await asyncio.gather(
        write(english, "my parcel is broken"), write(german, "es ist kaputt"), french.write("il est cassé")
    )
    await expect(entry(desk, "customer", "my parcel is broken")).to_be_visible()
    for language in ("German", "French"):
        await expect(waiting(desk).filter(has_text=language).get_by_text("unread")).to_be_attached()

    # A half-written reply waits where it was begun; meanwhile the line breaks and comes back.
    await reply_field(desk).fill("I am sorry about")
    await open_of(desk, "French")
    await expect(entry(desk, "customer", "il est cassé")).to_be_visible()
    await desk.context.set_offline(True)
    await french.write("vous êtes là ?")
    await desk.context.set_offline(False)
    await expect(entry(desk, "customer", "vous êtes là ?")).to_have_count(1)
    await reply_field(desk).fill("Oui, je regarde.")
    await desk.keyboard.press("Enter")
    await heard(french, "Oui, je regarde.")
    await open_of(desk, "English")
    await expect(reply_field(desk)).to_have_value("I am sorry about")
    await reply_field(desk).press("End")
    await desk.keyboard.type(" that.")
    await desk.keyboard.press("Enter")
    await expect(last_of(english, "them")).to_have_text("I am sorry about that.")


async def test_at_the_end_of_the_shift_one_is_with_the_bot_one_is_closed_and_rated_and_the_figures_say_so(
    customers: Customers, sign_in: SignIn
) -> None:
    english, german = customers.english, customers.german
    desk = await sign_in("kim", **WIDE)
    await take_all(desk)
    await show(desk, "Mine")

    await open_of(desk, "English")
    await press(desk, "Return to bot").click()
    await expect(english.get_by_text("Kim has left.")).to_be_visible()
    await write(english, "how long does it take?")
    await expect(last_of(english, "them")).to_have_text("It takes 3 days.")

    await open_of(desk, "German")
    await press(desk, "Close").click()
    await desk.get_by_role("dialog").get_by_role("button", name="Close", exact=True).click()
    await expect(german.get_by_text("Bewerten Sie uns von 1 bis 5.")).to_be_visible()
    await write(german, "5")
    await expect(german.get_by_text("Möchten Sie etwas hinzufügen?")).to_be_visible()
    await write(german, "Sehr nett")
    await expect(german.get_by_text("Danke für die Bewertung.")).to_be_visible()
    await expect(opened(desk).get_by_text("Closed", exact=True).first).to_be_visible()

    figures = await sign_in("sam", "figures", Role.SUPERVISOR, **WIDE)
    await expect(tile(figures, "Sessions").get_by_text("3", exact=True)).to_be_visible()
    await expect(row(figures, "Handed to a human", "asked for a person")).to_contain_text("3")
    for language in ("English", "German", "French"):
        await expect(row(figures, "Languages", re.compile(f"^{language}$"))).to_be_visible()


async def test_of_two_browsers_that_claim_at_once_one_has_it_and_the_other_is_told(
    server: Site, sign_in: SignIn
) -> None:
    await server.hears("a person please")
    conversation = await server.conversation()
    desks = [await sign_in(name, f"c/{conversation.id}") for name in ("kim", "lee")]
    for desk in desks:
        await expect(press(desk, "Claim")).to_be_visible()

    # Without a look at whether it can still be pressed, as two people who press at the same moment.
    await asyncio.gather(*(press(desk, "Claim").dispatch_event("click") for desk in desks))

    async def claimed() -> bool:
        return (await server.conversation()).agent_name in {"Kim", "Lee"}

    await until(claimed)
    conversation = await server.conversation()
    winner, loser = desks if conversation.agent_name == "Kim" else desks[::-1]
    await expect(reply_field(winner)).to_be_enabled()
    await expect(reply_field(loser)).to_be_disabled()
    await expect(loser.get_by_text(f"with {conversation.agent_name}").first).to_be_visible()
    assert [m.text for m in await server.history()].count(f"{conversation.agent_name} is here.") == 1
