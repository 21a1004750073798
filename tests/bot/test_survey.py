"""How customers are asked how it was, and what counts as an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation import Owner
from bot.decision import Claimed, ClosedByAgent, Heard, Rate
from bot.messages import Pressed, Text
from bot.survey import typed_score
from tests.bot.rig import KIM, bench
from tests.bot.talk import PACK, Talk
from tests.bot.test_outcomes import stored
from tests.fakes import inbound


def closed(*, pack_asks: bool = True) -> Talk:
    talk = Talk(replace(PACK, ask_rating=pack_asks))
    talk.says("hello")
    talk.does(Claimed("a1", "Kim"))
    talk.does(ClosedByAgent("a1", "Kim"))
    if pack_asks:  # which is given its id when it is written
        talk.conversation = replace(talk.conversation, rating="r1")
    return talk


def rates(talk: Talk) -> list[Rate]:
    return [action for action in talk.last.actions if isinstance(action, Rate)]


def test_a_score_and_a_comment_leave_the_conversation_closed() -> None:
    talk = closed()
    assert [b.label for b in talk.buttons()] == ["1", "2", "3", "4", "5"]
    assert talk.presses("4") == ["Anything to add?"]
    assert rates(talk) == [Rate(score=4)]
    assert talk.says("Kim was really kind") == ["Thank you for rating."]
    assert rates(talk) == [Rate(comment="Kim was really kind")]
    assert talk.conversation.owner is Owner.CLOSED
    assert talk.says("sing me a song") == ["Please say that in other words."], "the survey is over"


@pytest.mark.parametrize("text", ["5", " 5 ", "5/5", "5!", "٥", "５", "५", "5️⃣", "⭐⭐⭐⭐⭐", "★★★★★"])
def test_a_score_may_be_written(text: str) -> None:
    talk = closed()
    talk.does(Heard(Text(text)))
    assert rates(talk) == [Rate(score=5)]
    assert talk.conversation.owner is Owner.CLOSED


@pytest.mark.parametrize("text", ["0", "6", "12345", "5 parcels", "", "half", "★" * 6, "4/10"])
def test_other_numbers_are_no_score(text: str) -> None:
    assert typed_score(text) is None


def test_a_question_opens_the_conversation_again_even_where_a_comment_is_waited_for() -> None:
    talk = closed()
    assert talk.says("how long does it take?") == ["It takes 3 days."]
    assert talk.conversation.owner is Owner.BOT
    assert talk.conversation.survey is None
    talk = closed()
    talk.presses("1")
    assert talk.says("how long does it take?") == ["It takes 3 days."]
    assert rates(talk) == []


def test_words_of_another_day_are_no_answer() -> None:
    talk = closed()
    talk.presses("1")
    talk.at += timedelta(days=3)
    assert talk.says("sing me a song") == ["Please say that in other words."]


def test_a_button_counts_later_too_and_the_last_one_prevails() -> None:
    talk = closed()
    talk.says("how long does it take?")
    assert talk.does(Heard(Pressed("rate:2", "2"))) == ["Thank you for rating."]
    assert rates(talk) == [Rate(score=2)]
    assert talk.conversation.owner is Owner.BOT
    talk.does(Claimed("a1", "Kim"))
    assert talk.does(Heard(Pressed("rate:3", "3"))) == []
    assert rates(talk) == [Rate(score=3)]


def test_nobody_is_asked_where_the_pack_says_so() -> None:
    talk = closed(pack_asks=False)
    assert talk.buttons() == []
    assert talk.says("5") != ["Anything to add?"]


async def test_a_rating_is_stored_with_the_conversation_and_the_agent() -> None:
    async with bench() as house:
        await house.hears(inbound("a person please"))
        await house.settled()
        identity = (await house.conversation()).id
        await house.core.desk.claim(identity, KIM)
        await house.core.desk.close(identity, KIM)
        await house.settled()
        assert house.memory.texts()[-1] == "Rate us from 1 to 5."
        await house.hears(inbound("3"))
        await house.hears(inbound("too slow"))
        await house.settled()
        assert list(house.memory.texts())[-2:] == ["Anything to add?", "Thank you for rating."]
        async with house.store.unit(write=False) as unit:
            (rating,) = await unit.ratings.of(identity)
        assert {str(turn.outcome) for turn in await stored(house)} == {"handed_over", "other"}, "nothing was asked"
        assert (rating.agent_name, rating.score, rating.comment) == ("Kim", 3, "too slow")
        assert (await house.conversation()).owner is Owner.CLOSED
