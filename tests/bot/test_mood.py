"""An upset customer gets a person sooner; what cannot wait stands first in the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Mood, Owner
from bot.decision import Claimed, ClosedByAgent, GivenBack, Heard, Reason, Say
from bot.messages import Text
from bot.mood import URGENT_FOR, felt, upset, urgent
from bot.pack import Pack, SentimentRules
from bot.understanding import Sentiment
from tests.bot.talk import PACK, Talk
from tests.fakes import MORNING, SENTENCES, understand

RULES = SentimentRules()
CALM = Sentiment("neutral", 0.0, 0.01, 0.02)
GLAD = Sentiment("positive", 0.9, 0.0, 0.0)
SAD = Sentiment("negative", -0.8, 0.2, 0.1)
ANGRY = Sentiment("negative", -0.9, 0.9, 0.1)
PRESSING = Sentiment("neutral", 0.0, 0.0, 0.9)

UNSURE = "sing me a song"
SURE = "how long does it take?"


def feeling(talk: Talk, text: str, sentiment: Sentiment | None) -> list[str]:
    seen = understand(text, talk.conversation.hints("en"))
    return talk.does(Heard(Text(text), replace(seen, sentiment=sentiment)))


def strict() -> Pack:
    return replace(PACK, sentiment=replace(RULES, handoff_on_anger=True))


# --- what is said and done --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "reason"),
    [
        ([], CALM, None),
        ([], SAD, None),
        ([], None, None),
        ([], ANGRY, Reason.UPSET),
        ([SAD], SAD, Reason.UPSET),
        ([SAD], CALM, None),
        ([SAD], GLAD, None),
        ([SAD, CALM], SAD, None),
        ([ANGRY], CALM, None),
        ([SAD, None], SAD, Reason.UPSET),
    ],
)
def test_a_first_unsure_message_goes_to_a_person_only_if_the_customer_is_upset(
    before: list[Sentiment | None], now: Sentiment | None, reason: Reason | None
) -> None:
    talk = Talk()
    for sentiment in before:
        feeling(talk, SURE, sentiment)

    feeling(talk, UNSURE, now)

    handoff = talk.handoff()
    assert (handoff.reason if handoff else None) is reason


@pytest.mark.parametrize("sentiment", [CALM, SAD, ANGRY, GLAD, PRESSING, None])
def test_a_sure_answer_is_the_same_whatever_the_mood(sentiment: Sentiment | None) -> None:
    assert feeling(Talk(), SURE, sentiment) == ["It takes 3 days."]


@pytest.mark.parametrize(("sentiment", "offered"), [(CALM, 0), (SAD, 0), (ANGRY, 1), (GLAD, 0)])
def test_under_its_answer_an_angry_customer_is_offered_a_person(sentiment: Sentiment, offered: int) -> None:
    talk = Talk()
    feeling(talk, SURE, sentiment)
    assert [b.label for b in talk.buttons()].count("Talk to a person") == offered


def test_an_unclear_message_of_an_angry_customer_is_not_met_with_a_list() -> None:
    assert feeling(Talk(), "my thing about the thing", ANGRY) == ["I am calling a colleague."]


def test_an_angry_customer_is_not_asked_the_flows_question_again() -> None:
    talk = Talk()
    for text in ("i want to return something", "12345", "the red lamp"):
        talk.says(text)

    feeling(talk, "because", ANGRY)

    handoff = talk.handoff()
    assert handoff is not None
    assert (handoff.reason, handoff.intent) == (Reason.UPSET, "return_request")
    assert handoff.slots == {"order_number": "12345", "item": "the red lamp"}


def test_a_flow_whose_tries_are_used_up_does_not_come_back_because_the_customer_is_angry() -> None:
    talk = Talk()
    for text in ("where is my order?", "xyz", "xyz"):
        talk.says(text)

    feeling(talk, "xyz", ANGRY)
    assert talk.handoff().reason is Reason.FLOW_STUCK  # type: ignore[union-attr]
    assert feeling(talk, "forget it", CALM) == ["All right, no colleague."]


def test_an_angry_answer_to_the_flows_question_is_still_an_answer() -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert feeling(talk, "12345", ANGRY) == ["Which item?"]


def test_a_pack_may_hand_over_every_angry_message() -> None:
    talk = Talk(strict())
    assert feeling(talk, SURE, ANGRY) == ["I am calling a colleague."]
    assert talk.handoff().reason is Reason.UPSET  # type: ignore[union-attr]


def test_what_must_be_said_at_once_is_said_to_an_angry_customer_too() -> None:
    talk = Talk(strict())
    assert feeling(talk, "i was robbed", ANGRY) == ["That sounds serious.", "I am calling a colleague."]
    assert talk.handoff().reason is Reason.SENSITIVE  # type: ignore[union-attr]


def test_the_thresholds_are_the_packs() -> None:
    patient = replace(PACK, sentiment=replace(RULES, anger=0.95, negative_in_a_row=3))
    talk = Talk(patient)
    feeling(talk, SURE, ANGRY)
    feeling(talk, UNSURE, ANGRY)
    assert talk.handoff() is None


def test_an_urgent_message_makes_the_request_urgent_even_if_it_comes_a_message_later() -> None:
    talk = Talk()
    feeling(talk, UNSURE, PRESSING)
    feeling(talk, "a person please", CALM)
    assert talk.handoff().urgent  # type: ignore[union-attr]


def test_what_was_urgent_long_ago_is_not_urgent_any_more() -> None:
    talk = Talk()
    feeling(talk, SURE, PRESSING)
    talk.at += URGENT_FOR + timedelta(seconds=1)
    feeling(talk, "a person please", CALM)
    assert not talk.handoff().urgent  # type: ignore[union-attr]


@pytest.mark.parametrize("event", [GivenBack("a1", "Kim"), ClosedByAgent("a1", "Kim")])
def test_what_was_said_to_an_agent_is_not_held_against_the_customer(event: GivenBack | ClosedByAgent) -> None:
    talk = Talk()
    talk.does(Claimed("a1", "Kim"))
    for _ in range(3):
        feeling(talk, "this is awful", ANGRY)
    talk.does(event)
    assert talk.conversation.mood == Mood()
    assert feeling(talk, UNSURE, SAD) == ["Please say that in other words."]


# --- whatever happens -------------------------------------------------------------------------------------------------

chances = st.floats(0, 1)
sentiments = st.none() | st.builds(
    Sentiment, st.sampled_from(["negative", "neutral", "positive"]), st.floats(-1, 1), chances, chances
)
said = st.lists(st.tuples(st.sampled_from([*SENTENCES, "xyz"]), sentiments), max_size=12)


@given(said, st.booleans())
def test_a_mood_only_ever_brings_a_person_sooner(messages: list[tuple[str, Sentiment | None]], eager: bool) -> None:
    pack = strict() if eager else PACK
    felt_by, calm = Talk(pack), Talk(pack)
    for text, sentiment in messages:
        feeling(felt_by, text, sentiment)
        feeling(calm, text, None)
        if felt_by.conversation.owner is not calm.conversation.owner:
            assert felt_by.conversation.owner is Owner.QUEUE
            return
        if (handoff := felt_by.handoff()) is not None and handoff.reason is Reason.UPSET:
            # With this very message a person was called for another reason too, which may have ended a flow.
            return
        texts = [[a.text for a in talk.last.actions if isinstance(a, Say)] for talk in (felt_by, calm)]
        assert texts[0] == texts[1]


@given(st.lists(sentiments), st.builds(SentimentRules, chances, chances, st.integers(1, 5), st.booleans()))
def test_a_mood_is_upset_by_the_last_messages_alone(heard: list[Sentiment | None], rules: SentimentRules) -> None:
    mood = Mood()
    for sentiment in heard:
        mood = felt(mood, sentiment, rules, MORNING)

    known = [s for s in heard if s is not None]
    last = known[-rules.negative_in_a_row :]
    row = len(last) == rules.negative_in_a_row and all(s.label == "negative" for s in last)
    assert upset(mood, rules) == (row or bool(known and known[-1].anger >= rules.anger))
    assert urgent(mood, MORNING) == any(s.urgency >= rules.urgency for s in known)
