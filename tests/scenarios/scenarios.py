"""What happens between a customer's first word and a person's answer: one suite, run on every channel."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, ClassVar

import pytest
from babel import Locale
from babel.dates import format_date, format_time

from bot.locales import language_name
from tests.scenarios.rig import OpenHouse, Platform, eventually
from tests.scenarios.speech import SPEECH, STRANGERS, Speech

PICTURE = b"\xff\xd8\xff\xe0 a picture of a broken lamp " + bytes(range(256)) * 20


class Scenarios(ABC):
    """Subclass it: `platform` makes the channel's platform, the languages are what its customers speak."""

    languages: ClassVar[tuple[str, str, str]]
    """Three that are spoken here, each in other scenarios."""
    vague_in: ClassVar[str]
    """One with vague lines in `SPEECH`."""
    nonsense_in: ClassVar[str]
    """One with nonsense in `SPEECH`."""
    stranger: ClassVar[str]
    """One without replies."""

    @abstractmethod
    def platform(self) -> AbstractAsyncContextManager[Platform]:
        """The channel's platform, running."""

    @pytest.fixture
    def first(self) -> Speech:
        return SPEECH[self.languages[0]]

    @pytest.fixture
    def second(self) -> Speech:
        return SPEECH[self.languages[1]]

    @pytest.fixture
    def third(self) -> Speech:
        return SPEECH[self.languages[2]]

    # --- the bot answers ----------------------------------------------------------------------------------------------

    async def test_every_customer_is_greeted_and_answered_in_their_own_language(self, open_house: OpenHouse) -> None:
        async with open_house(self.platform()) as house:

            async def chat(code: str) -> None:
                speech = SPEECH[code]
                talk = await house.platform.talk("Ana", speech.locale)
                assert await talk.say(speech.greeting) in house.script.replies(code, "greeting")
                assert await talk.say(speech.question) in house.script.replies(code, speech.asks)
                assert await talk.say(speech.another) in house.script.replies(code, speech.asks_also)

            # Several at once: what one says must not colour what another is told.
            await asyncio.gather(*(chat(code) for code in self.languages))

    async def test_an_order_is_asked_for_its_number_and_found_after_another_question_came_between(
        self, open_house: OpenHouse, first: Speech
    ) -> None:
        async with open_house(self.platform()) as house:
            script, code = house.script, first.code
            talk = await house.platform.talk("Ana", first.locale)
            ask = script.asks(code, "order_status", "order_number")
            assert await talk.say(first.where) == ask
            assert await talk.say(first.question) in script.replies(code, first.asks)
            assert [await talk.read(), await talk.read()] == [script.resumes(code, "order_status"), ask]
            not_found = script.outcome(code, "order_status", "not_found", order_number="999111")
            assert await talk.say("999111") == not_found
            found = {"order_number": "483920", "status": "packed", "expected": "2026-12-01"}
            assert await talk.say("483920") == script.outcome(code, "order_status", "found", **found)
            assert [(c["action"], c["slots"], c["language"]) for c in house.shop.calls] == [
                ("order_status", {"order_number": number}, code) for number in ("999111", "483920")
            ]
            assert await talk.say(first.another) in script.replies(code, first.asks_also)
            await house.quiet()
            assert talk.unread == []

    async def test_a_vague_message_is_answered_with_a_choice_and_the_chosen_answer_comes(
        self, open_house: OpenHouse
    ) -> None:
        speech = SPEECH[self.vague_in]
        code = speech.code
        async with open_house(self.platform()) as house:
            script = house.script
            talk = await house.platform.talk("Ana", speech.locale)
            assert await talk.say(speech.greeting) in script.replies(code, "greeting")
            vague = house.vague(speech.unsure)
            assert await talk.say(vague) == script.system(code, "clarify")
            *offered, neither = talk.customer.buttons()
            assert neither == script.system(code, "none_of_these")
            assert 2 <= len(offered) <= 3
            intents = script.labels(code)
            plain = next(label for label in offered if intents[label] not in script.pack.sensitive)
            assert await talk.press(plain) in script.opens(code, intents[plain])

            other = await house.platform.talk("Ben", speech.locale)
            assert await other.say(vague) == script.system(code, "clarify")
            assert await other.press(neither) == script.system(code, "handoff")
            kim = await house.agent("kim")
            waiting = await kim.awaited()
            assert waiting["handoff"]["reason"] == "low_confidence"
            assert waiting["conversation"]["customer"]["name"] == "Ben"

    async def test_nonsense_is_asked_about_once_and_then_a_person_is_called(self, open_house: OpenHouse) -> None:
        speech = SPEECH[self.nonsense_in]
        code = speech.code
        async with open_house(self.platform()) as house:
            script = house.script
            talk = await house.platform.talk("Ana", speech.locale)
            assert await talk.say(speech.greeting) in script.replies(code, "greeting")
            for nonsense in speech.nonsense:
                # Understood in between, the customer has another try.
                assert await talk.say(nonsense) == script.system(code, "rephrase")
                assert talk.customer.buttons() == [script.system(code, "talk_to_human")]
                assert await talk.say(speech.question) in script.replies(code, speech.asks)
            first, second = speech.nonsense
            assert await talk.say(first) == script.system(code, "rephrase")
            assert await talk.say(second) == script.system(code, "handoff")
            waiting = await (await house.agent("kim")).awaited()
            assert waiting["handoff"]["reason"] == "low_confidence"
            assert waiting["handoff"]["language"] == code

    # --- people answer ------------------------------------------------------------------------------------------------

    async def test_a_person_takes_over_answers_and_gives_back_and_the_bot_goes_on_where_it_was(
        self, open_house: OpenHouse, second: Speech
    ) -> None:
        async with open_house(self.platform()) as house:
            script, code = house.script, second.code
            talk = await house.platform.talk("Ana", second.locale)
            kim = await house.agent("kim")
            ask = script.asks(code, "order_status", "order_number")
            assert await talk.say(second.where) == ask
            assert await talk.say(second.human) == script.system(code, "handoff")
            waiting = await kim.awaited()
            conversation = waiting["conversation"]["id"]
            assert (waiting["handoff"]["reason"], waiting["handoff"]["language"]) == ("requested", code)
            assert waiting["conversation"]["flow"]["name"] == "order_status"

            assert await talk.say(second.question) == script.system(code, "still_waiting")
            await talk.customer.write(second.another)
            await kim.sees(conversation, second.another)
            await house.quiet()
            assert talk.unread == []

            claimed = await kim.claim(conversation)
            assert (claimed["owner"], claimed["agent"]["name"]) == ("agent", "Kim")
            assert await talk.read() == script.system(code, "agent_joined", agent="Kim")
            await kim.reply(conversation, "Kim: 你好 👋 <b>hello</b> & مرحبا")
            assert await talk.read() == "Kim: 你好 👋 <b>hello</b> & مرحبا"
            await talk.customer.write(second.question)
            heard = await kim.sees(conversation, second.question)
            assert heard["understanding"]["intent"]["name"] == second.asks
            await house.quiet()
            assert talk.unread == []

            assert (await kim.give_back(conversation))["owner"] == "bot"
            texts = [await talk.read() for _ in range(3)]
            assert texts == [script.system(code, "agent_left", agent="Kim"), script.resumes(code, "order_status"), ask]
            found = {"order_number": "483920", "status": "packed", "expected": "2026-12-01"}
            assert await talk.say("483920") == script.outcome(code, "order_status", "found", **found)
            assert await kim.queue() == []
            authors = [m["author"] for m in (await kim.opened(conversation))["messages"]]
            assert authors.count("agent") == 1

    async def test_of_two_people_one_gets_the_customer_and_after_closing_the_bot_answers_again(
        self, open_house: OpenHouse, third: Speech
    ) -> None:
        async with open_house(self.platform()) as house:
            script, code = house.script, third.code
            talk = await house.platform.talk("Ana", third.locale)
            kim, lee = await asyncio.gather(house.agent("kim"), house.agent("lee"))
            assert await talk.say(third.human) == script.system(code, "handoff")
            conversation = (await kim.awaited())["conversation"]["id"]
            outcomes = await asyncio.gather(kim.does("claim", conversation), lee.does("claim", conversation))
            assert sorted(status for status, _ in outcomes) == [200, 409]
            (winner, loser) = (kim, lee) if outcomes[0][0] == 200 else (lee, kim)
            refused = next(body for status, body in outcomes if status == 409)
            assert winner.name in refused["error"]["message"]
            status, body = await loser.does("reply", conversation, {"text": "Me too!", "attachments": []})
            assert (status, winner.name in body["error"]["message"]) == (409, True)
            assert await talk.read() == script.system(code, "agent_joined", agent=winner.name)
            await winner.reply(conversation, "All settled.")
            assert await talk.read() == "All settled."
            await winner.close(conversation)
            assert await talk.read() == script.system(code, "closed")
            assert await talk.read() == script.system(code, "rate")
            assert await talk.say(third.question) in script.replies(code, third.asks)
            await house.quiet()
            assert talk.unread == []

    async def test_outside_working_hours_customers_are_told_when_people_are_back_and_stay_in_the_queue(
        self, open_house: OpenHouse, second: Speech, opening: datetime
    ) -> None:
        async with open_house(self.platform(), closed=True) as house:
            script, code = house.script, second.code
            talk = await house.platform.talk("Ana", second.locale)
            told = await talk.say(second.human)
            locale = Locale.parse(code, sep="-")
            assert format_date(opening, "EEEE", locale=locale) in told
            assert format_time(opening, "short", locale=locale) in told
            assert await talk.say(second.question) == script.system(code, "still_waiting")
            kim = await house.agent("kim")
            waiting = await kim.awaited()
            conversation = waiting["conversation"]["id"]
            assert waiting["conversation"]["owner"] == "queue"
            # Whoever comes all the same may answer.
            await kim.claim(conversation)
            assert await talk.read() == script.system(code, "agent_joined", agent="Kim")
            await kim.reply(conversation, "I stayed late.")
            assert await talk.read() == "I stayed late."

    async def test_a_sensitive_matter_goes_to_a_person_at_once(self, open_house: OpenHouse, first: Speech) -> None:
        async with open_house(self.platform()) as house:
            script, code = house.script, first.code
            talk = await house.platform.talk("Ana", first.locale)
            assert await talk.say(first.fraud) in script.replies(code, "report_fraud")
            assert await talk.read() == script.system(code, "handoff")
            waiting = await (await house.agent("kim")).awaited()
            assert (waiting["handoff"]["reason"], waiting["handoff"]["intent"]) == ("sensitive", "report_fraud")

    async def test_a_picture_reaches_the_person_as_it_was_sent_and_one_comes_back(
        self, open_house: OpenHouse, third: Speech
    ) -> None:
        async with open_house(self.platform()) as house:
            script, code = house.script, third.code
            talk = await house.platform.talk("Ana", third.locale)
            assert await talk.say(third.greeting) in script.replies(code, "greeting")
            await house.platform.send_file(talk, "lamp.jpg", PICTURE, "")
            assert await talk.read() == script.system(code, "file_received")
            await house.platform.send_file(talk, "lamp.jpg", PICTURE[::-1], third.human)
            assert await talk.read() == script.system(code, "handoff")

            kim = await house.agent("kim")
            conversation = (await kim.awaited())["conversation"]["id"]
            messages = (await kim.opened(conversation))["messages"]
            shown = [a for m in messages if m["author"] == "customer" for a in m["attachments"]]
            assert [await kim.download(a) for a in shown] == [PICTURE, PICTURE[::-1]]
            assert {a["error"] for a in shown} == {None}

            await kim.claim(conversation)
            assert await talk.read() == script.system(code, "agent_joined", agent="Kim")
            stored = await kim.upload("label.pdf", b"%PDF-1.7 a label", "application/pdf")
            await kim.reply(conversation, "Here is your label.", stored)
            assert await talk.read() == "Here is your label."
            (size,) = await eventually(lambda: house.platform.files(talk), "the label")
            assert size in {0, len(b"%PDF-1.7 a label")}
            await house.quiet()

    # --- languages ----------------------------------------------------------------------------------------------------

    async def test_the_bot_follows_the_customer_from_one_language_to_another_until_one_is_chosen(
        self, open_house: OpenHouse, first: Speech, second: Speech
    ) -> None:
        async with open_house(self.platform()) as house:
            script = house.script
            talk = await house.platform.talk("Ana", first.locale)
            assert await talk.say(first.question) in script.replies(first.code, first.asks)
            assert await talk.say(second.question) in script.replies(second.code, second.asks)
            assert await talk.say(first.another) in script.replies(first.code, first.asks_also)

            assert await talk.say("English please") == script.system("en", "language_set", language="English")
            assert await talk.say(second.question) in script.replies("en", second.asks)

            await house.platform.command(talk, "language")
            assert await talk.read() == script.system("en", "choose_language")
            name = language_name(second.code)
            assert name in talk.customer.buttons()
            assert await talk.press(name) == script.system(second.code, "language_set", language=name)
            assert await talk.say(first.question) in script.replies(second.code, first.asks)

            await house.platform.command(talk, "language", "auto")
            await talk.read()
            assert await talk.say(first.question) in script.replies(first.code, first.asks)
            await house.platform.command(talk, "language", "fr")
            assert await talk.read() == script.system("fr", "language_set", language=language_name("fr"))

    async def test_a_language_without_replies_is_answered_in_the_default_one_and_a_person_is_offered(
        self, open_house: OpenHouse
    ) -> None:
        locale, question, order, name = STRANGERS[self.stranger]
        async with open_house(self.platform()) as house:
            script = house.script
            talk = await house.platform.talk("Ana", locale)
            assert await talk.say(question) == script.system("en", "language_missing", language=name)
            assert talk.customer.buttons()[-1] == script.system("en", "talk_to_human")
            said: Any = await talk.read()
            assert any(said in script.replies("en", intent) for intent in script.pack.texts("en").replies)
            # It is told once, and what is asked next is understood all the same.
            assert await talk.say(order) == script.asks("en", "order_status", "order_number")
            assert await talk.press(script.system("en", "talk_to_human")) == script.system("en", "handoff")
            waiting = await (await house.agent("kim")).awaited()
            assert waiting["handoff"]["language"] == self.stranger
