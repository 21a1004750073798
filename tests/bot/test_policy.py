"""What the bot decides, as a customer and an agent would tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation import Owner
from bot.decision import (
    AgentEvent,
    Answered,
    AskRating,
    Claimed,
    ClosedByAgent,
    EndHandoff,
    GivenBack,
    Heard,
    OpenHandoff,
    Reason,
    Say,
    TurnFailed,
)
from bot.errors import Conflict
from bot.messages import Author, Command, Pressed, Text, Unsupported
from bot.pack import Thresholds
from bot.understanding import RankedIntent
from tests.bot.talk import PACK, Talk
from tests.fakes import SENTENCES, understand

NIGHT = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def test_a_sure_intent_is_answered_in_the_customers_language() -> None:
    talk = Talk()
    assert talk.says("how long does it take?") == ["It takes 3 days."]
    assert talk.says("wie lange dauert es?") == ["Es dauert 3 Tage."]
    assert talk.conversation.language == "de"


def test_an_unsure_message_is_clarified_with_the_likeliest_intents_as_buttons() -> None:
    talk = Talk()
    assert talk.says("my thing about the thing") == ["Did you mean:"]
    assert [b.label for b in talk.buttons()] == ["How long?", "My refund", "Track my order", "None of these"]
    assert talk.presses("How long?") == ["It takes 3 days."]
    assert not talk.conversation.rephrased


@pytest.mark.parametrize("answer", ["1", "how LONG?", " How long? "])
def test_an_offered_intent_may_be_typed_instead_of_pressed(answer: str) -> None:
    talk = Talk()
    talk.says("my thing about the thing")
    assert talk.says(answer) == ["It takes 3 days."]


def test_a_second_unsure_message_goes_to_a_human() -> None:
    talk = Talk()
    talk.says("my thing about the thing")
    assert talk.says("the other thing") == ["I am calling a colleague."]
    assert talk.handoff() is not None
    assert talk.handoff().reason is Reason.LOW_CONFIDENCE  # type: ignore[union-attr]
    assert talk.conversation.owner is Owner.QUEUE


def test_none_of_these_goes_to_a_human() -> None:
    talk = Talk()
    talk.says("my thing about the thing")
    assert talk.presses("None of these") == ["I am calling a colleague."]


def test_something_out_of_scope_is_rephrased_once_and_then_goes_to_a_human() -> None:
    talk = Talk()
    assert talk.says("sing me a song") == ["Please say that in other words."]
    assert [b.label for b in talk.buttons()] == ["Talk to a person"]
    assert talk.says("sing me a song") == ["I am calling a colleague."]


def test_a_sure_answer_in_between_starts_the_counting_anew() -> None:
    talk = Talk()
    talk.says("sing me a song")
    talk.says("how long does it take?")
    assert talk.says("sing me a song") == ["Please say that in other words."]


def test_a_human_is_called_at_once_on_request_and_on_sensitive_intents() -> None:
    assert Talk().says("a person please") == ["I am calling a colleague."]
    talk = Talk()
    assert talk.says("i was robbed") == ["That sounds serious.", "I am calling a colleague."]
    assert talk.handoff().reason is Reason.SENSITIVE  # type: ignore[union-attr]


def test_outside_working_hours_the_handoff_says_when_people_are_back() -> None:
    talk = Talk(at=NIGHT)
    assert talk.says("a person please") == ["We are back Tuesday 9:00\u202fAM (UTC+01:00)."]
    assert talk.conversation.owner is Owner.QUEUE


def test_while_waiting_the_bot_says_once_that_somebody_is_coming() -> None:
    talk = Talk()
    talk.says("a person please")
    assert talk.says("how long does it take?") == ["A colleague is on the way."]
    assert talk.says("hello") == []


def test_a_waiting_customer_may_take_the_call_back() -> None:
    talk = Talk()
    talk.says("a person please")
    assert talk.says("forget it") == ["All right, no colleague."]
    assert EndHandoff("cancelled") in talk.last.actions
    assert talk.says("how long does it take?") == ["It takes 3 days."]


@pytest.mark.parametrize("text", [*SENTENCES, "anything at all"])
def test_while_a_human_owns_the_conversation_the_bot_is_silent(text: str) -> None:
    talk = Talk()
    talk.says("a person please")
    talk.does(Claimed("a1", "Kim"))
    assert talk.says(text) == []
    assert talk.conversation.owner is Owner.AGENT


def test_given_back_the_bot_resumes_the_flow_where_it_was() -> None:
    talk = Talk()
    talk.says("i want to return something")
    talk.says("12345")
    assert talk.says("a person please") == ["I am calling a colleague."]
    assert talk.does(Claimed("a1", "Kim")) == ["Kim is here."]
    assert talk.does(Answered("a1", "Kim", "What is it?")) == ["What is it?"]
    assert talk.does(GivenBack("a1", "Kim")) == ["Kim has left.", "Back to your return.", "Which item?"]
    assert talk.says("the red lamp") == ["Why?"]


def test_two_agents_cannot_claim_the_same_conversation() -> None:
    talk = Talk()
    talk.says("a person please")
    talk.does(Claimed("a1", "Kim"))
    with pytest.raises(Conflict, match="already with Kim"):
        talk.does(Claimed("a2", "Lee"))
    assert talk.does(Claimed("a1", "Kim")) == []


@pytest.mark.parametrize("event", [Answered("a2", "Lee", "hi"), GivenBack("a2", "Lee"), ClosedByAgent("a2", "Lee")])
def test_only_the_agent_who_has_a_conversation_may_act_in_it(event: AgentEvent) -> None:
    talk = Talk()
    with pytest.raises(Conflict, match="not with an agent"):
        talk.does(event)
    talk.does(Claimed("a1", "Kim"))
    with pytest.raises(Conflict, match="with Kim"):
        talk.does(event)


def test_a_supervisor_ends_what_an_agent_has_and_it_is_noted_who_did() -> None:
    talk = Talk()
    talk.says("a person please")
    talk.does(Claimed("a1", "Kim"))
    assert talk.does(GivenBack("s1", "Sue", supervises=True)) == ["Kim has left."]
    assert notes(talk) == ["given back by Sue, from Kim"]
    assert (talk.conversation.owner, talk.conversation.agent) == (Owner.BOT, None)
    talk.does(Claimed("a1", "Kim"))
    assert talk.does(ClosedByAgent("s1", "Sue", supervises=True)) == ["Closed.", "Rate us from 1 to 5."]
    assert [action for action in talk.last.actions if isinstance(action, AskRating)] == [AskRating("a1", "Kim")]
    assert notes(talk) == ["closed by Sue, from Kim"]
    assert talk.conversation.owner is Owner.CLOSED


@pytest.mark.parametrize(
    "event", [GivenBack("s1", "Sue", supervises=True), ClosedByAgent("s1", "Sue", supervises=True)]
)
def test_a_supervisor_has_nothing_to_take_from_a_conversation_that_no_agent_has(event: AgentEvent) -> None:
    talk = Talk()
    with pytest.raises(Conflict, match="not with an agent"):
        talk.does(event)
    talk.says("a person please")
    with pytest.raises(Conflict, match="not with an agent"):
        talk.does(event)


def test_what_a_supervisor_has_is_given_back_without_a_note() -> None:
    talk = Talk()
    talk.does(Claimed("s1", "Sue"))
    assert talk.does(GivenBack("s1", "Sue", supervises=True)) == ["Sue has left."]
    assert notes(talk) == []


def notes(talk: Talk) -> list[str]:
    """What the last decision leaves for agents' eyes only."""
    return [action.text for action in talk.last.actions if isinstance(action, Say) and action.internal]


def test_an_agents_words_are_never_taken_for_a_template() -> None:
    talk = Talk()
    talk.does(Claimed("a1", "Kim"))
    assert talk.does(Answered("a1", "Kim", "{shop} {days} {agent}")) == ["{shop} {days} {agent}"]


def test_a_closed_conversation_opens_again_with_the_bot() -> None:
    talk = Talk()
    talk.does(Claimed("a1", "Kim"))
    assert talk.does(ClosedByAgent("a1", "Kim")) == ["Closed.", "Rate us from 1 to 5."]
    assert talk.says("how long does it take?") == ["It takes 3 days."]
    assert talk.conversation.owner is Owner.BOT


def test_a_flow_fills_its_slot_from_the_first_message() -> None:
    talk = Talk()
    assert talk.says("where is order 12345?") == ["Order 12345 is packed."]
    assert talk.conversation.flow is None


def understood_as(talk: Talk, text: str, intent: str, confidence: float) -> Heard:
    seen = understand(text, talk.conversation.hints("en"))
    return Heard(Text(text), replace(seen, ranking=(RankedIntent(intent, confidence),), in_scope=True))


def asked_for_the_reason() -> Talk:
    talk = Talk()
    for text in ("i want to return something", "12345", "the red lamp"):
        talk.says(text)
    return talk


def test_an_answer_that_names_a_choice_is_one_even_if_it_sounds_like_another_question() -> None:
    talk = asked_for_the_reason()

    said = talk.does(understood_as(talk, "it arrived broken", "refund_status", 0.99))

    assert said == ["Return the red lamp from 12345: Broken?"]


@pytest.mark.parametrize("intent", ["talk_to_human", "fraud"])
def test_a_call_for_a_person_is_heard_even_if_it_names_a_choice(intent: str) -> None:
    talk = asked_for_the_reason()

    talk.does(understood_as(talk, "a person, it is broken", intent, 0.99))

    assert talk.conversation.owner is Owner.QUEUE


def test_free_words_are_an_answer_unless_another_intent_is_really_sure() -> None:
    talk = Talk()
    talk.says("i want to return something")
    talk.says("12345")

    assert talk.does(understood_as(talk, "the red lamp", "delivery_time", 0.92)) == ["Why?"]


def test_a_flow_collects_confirms_and_acts() -> None:
    talk = Talk()
    assert talk.says("i want to return something") == ["Return from which order?"]
    assert talk.says("12345") == ["Which item?"]
    assert talk.says("the red lamp") == ["Why?"]
    assert talk.presses("Broken") == ["Return the red lamp from 12345: Broken?"]
    assert talk.says("yes") == ["Return R-1 is on its way."]
    assert talk.runs[0].slots == {"order_number": "12345", "item": "the red lamp", "reason": "broken"}


def test_a_flow_survives_an_interruption_and_resumes() -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert talk.says("how long does it take?") == [
        "It takes 3 days.",
        "Back to your return.",
        "Return from which order?",
    ]
    assert talk.says("12345") == ["Which item?"]


def test_another_flow_in_the_middle_is_finished_first() -> None:
    talk = Talk()
    talk.says("i want to return something")
    talk.says("12345")
    assert talk.says("where is order 12345?") == ["Order 12345 is packed.", "Back to your return.", "Which item?"]


def test_an_outcome_may_ask_again() -> None:
    talk = Talk()
    talk.says("where is my order?")
    assert talk.says("99999") == ["There is no order 99999. Which one?"]
    assert talk.says("12345") == ["Order 12345 is packed."]


def test_a_flow_can_be_left() -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert talk.says("forget it") == ["I have stopped your return."]
    assert talk.conversation.flows == ()


def test_an_answer_that_cannot_be_read_three_times_goes_to_a_human_with_what_was_collected() -> None:
    talk = Talk()
    talk.says("i want to return something")
    talk.says("12345")
    talk.says("the red lamp")
    assert talk.says("because") == ["Pick a reason."]
    assert talk.says("because") == ["Pick a reason."]
    assert talk.says("because") == ["I am calling a colleague."]
    assert talk.handoff() == OpenHandoff(
        Reason.FLOW_STUCK, "return_request", {"order_number": "12345", "item": "the red lamp"}
    )


def test_without_the_owners_system_a_human_gets_what_was_collected() -> None:
    talk = Talk()
    talk.down = True
    assert talk.says("where is order 12345?") == ["A colleague finishes this.", "I am calling a colleague."]
    assert talk.handoff() == OpenHandoff(Reason.FLOW, "order_status", {"order_number": "12345"})


def test_no_at_the_confirmation_collects_everything_again() -> None:
    talk = Talk()
    for text in ("i want to return something", "12345", "the red lamp"):
        talk.says(text)
    talk.presses("Too big")
    assert talk.says("no") == ["Return from which order?"]


def test_a_correction_at_the_confirmation_is_taken() -> None:
    talk = Talk()
    for text in ("i want to return something", "12345", "the red lamp"):
        talk.says(text)
    talk.presses("Too big")
    assert talk.says("no, order 54321") == ["Return the red lamp from 54321: Too big?"]


def test_a_customer_can_ask_for_a_language_and_keeps_it() -> None:
    talk = Talk()
    assert talk.says("auf deutsch bitte") == ["Ich spreche jetzt Deutsch."]
    assert talk.says("how long does it take?") == ["Es dauert 3 Tage."]


def test_the_language_command_offers_every_language_of_the_pack() -> None:
    talk = Talk()
    assert talk.does(Heard(Command("language"))) == ["Which language?"]
    assert [b.label for b in talk.buttons()] == ["English", "Deutsch"]
    assert talk.presses("Deutsch") == ["Ich spreche jetzt Deutsch."]
    assert talk.does(Heard(Command("language", "EN"))) == ["I speak English now."]


def test_a_language_without_replies_is_answered_in_the_default_one_and_offered_a_human_once() -> None:
    talk = Talk()
    assert talk.says("où est mon colis ?") == ["I do not speak French yet.", "It takes 3 days."]
    assert "Talk to a person" in [b.label for b in talk.buttons()]
    assert talk.says("où est mon colis ?") == ["It takes 3 days."]


def test_start_welcomes_in_the_language_of_the_platforms_hint() -> None:
    talk = Talk()
    talk.conversation = replace(talk.conversation, locale="de-AT")
    assert talk.does(Heard(Command("start"))) == ["Willkommen bei Tiny."]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de-AT", "de"), ("en_GB", "en"), ("zh-TW", "zh-Hant"), ("pt-BR", "pt"), ("?", "en"), (None, "en")],
)
def test_until_a_customer_has_written_their_language_is_the_hints_by_its_own_name(
    locale: str | None, language: str
) -> None:
    talk = Talk()
    talk.conversation = replace(talk.conversation, locale=locale)
    talk.does(Heard(Command("start")))
    assert talk.conversation.language == language


def test_a_file_without_words_is_received_and_the_flows_question_stands() -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert talk.does(Heard(Text(""), None, files=1)) == [
        "Thank you for the file.",
        "Back to your return.",
        "Return from which order?",
    ]


def test_a_text_over_the_limit_is_refused_with_the_limit() -> None:
    assert Talk().does(Heard(Unsupported("a text of 9000 characters", "too_long"))) == ["More than 8000 characters."]


def test_a_failed_turn_is_told_and_goes_to_a_human() -> None:
    talk = Talk()
    assert talk.does(TurnFailed("the model is broken")) == ["Something went wrong.", "I am calling a colleague."]
    notes = [a for a in talk.last.actions if isinstance(a, Say) and a.internal]
    assert "the model is broken" in notes[0].text


def asked_for(talk: Talk, *named: tuple[str, float], text: str = "this and that") -> list[str]:
    """What is said to a message of several parts, each with its intent."""
    seen = understand(text, talk.conversation.hints("en"))
    intents = tuple(RankedIntent(name, confidence) for name, confidence in named)
    whole = tuple(replace(intent, confidence=intent.confidence / 2) for intent in intents)
    return talk.does(Heard(Text(text), replace(seen, ranking=whole, in_scope=True, intents=intents)))


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (("delivery_time", "refund_status"), ["It takes 3 days.", "Your money is on its way."]),
        (("refund_status", "delivery_time"), ["Your money is on its way.", "It takes 3 days."]),
        (("greeting", "delivery_time"), ["It takes 3 days."]),
        (("return_request", "delivery_time"), ["It takes 3 days.", "Return from which order?"]),
        (("delivery_time", "talk_to_human"), ["It takes 3 days.", "I am calling a colleague."]),
        (("fraud", "delivery_time"), ["It takes 3 days.", "That sounds serious.", "I am calling a colleague."]),
        (("return_request", "talk_to_human"), ["I am calling a colleague."]),
        (("return_request", "order_status"), ["Return from which order?"]),
    ],
)
def test_all_that_a_message_asks_for_is_answered_and_what_goes_on_comes_last(
    named: tuple[str, ...], said: list[str]
) -> None:
    assert asked_for(Talk(), *((name, 0.9) for name in named)) == said


def test_of_two_flows_in_one_message_the_second_follows_the_first() -> None:
    talk = Talk()
    assert asked_for(talk, ("order_status", 0.9), ("return_request", 0.9)) == ["Which order?"]
    assert talk.says("12345") == ["Order 12345 is packed.", "Back to your return.", "Return from which order?"]
    assert talk.says("12345") == ["Which item?"]


def test_what_the_message_already_said_fills_both_flows() -> None:
    talk = Talk()
    said = asked_for(talk, ("order_status", 0.9), ("return_request", 0.9), text="where is 12345 and take it back")
    assert said == ["Order 12345 is packed.", "Back to your return.", "Which item?"]


def test_an_unsure_part_leaves_the_message_to_its_likeliest_intent() -> None:
    assert asked_for(Talk(), ("delivery_time", 0.95), ("refund_status", 0.5)) == ["Did you mean:"]


def test_small_talk_in_two_parts_is_taken_as_a_whole() -> None:
    talk = Talk()
    assert asked_for(talk, ("greeting", 0.9), ("thanks", 0.9)) == ["Did you mean:"]


def test_within_a_flow_the_question_under_way_stands() -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert asked_for(talk, ("delivery_time", 0.9), ("refund_status", 0.9), text="12345") == ["Which item?"]


@pytest.mark.parametrize(
    ("risk", "said"), [(0.01, "It takes 3 days."), (0.05, "It takes 3 days."), (0.06, "Did you mean:")]
)
def test_a_pack_may_say_how_many_answers_may_be_wrong(risk: float, said: str) -> None:
    talk = Talk(replace(PACK, thresholds=Thresholds(answer=0.6, clarify=0.3, max_error=0.05)))
    seen = understand("whatever", talk.conversation.hints("en"))

    told = talk.does(
        Heard(Text("whatever"), replace(seen, ranking=(RankedIntent("delivery_time", 0.5, risk),), in_scope=True))
    )

    assert told == [said]


@pytest.mark.parametrize(("confidence", "said"), [(0.6, "It takes 3 days."), (0.59, "Did you mean:")])
def test_a_model_that_tells_no_risk_is_measured_by_its_confidence(confidence: float, said: str) -> None:
    talk = Talk(replace(PACK, thresholds=Thresholds(answer=0.6, clarify=0.3, max_error=0.05)))

    assert talk.does(understood_as(talk, "whatever", "delivery_time", confidence)) == [said]


PRESSED = "human none yes no intent:order_status intent:nope lang:de lang:fr slot:broken slot:nope ???".split()

contents = st.one_of(
    st.sampled_from([*SENTENCES, "xyz", "54321", "Broken", "english please", "en français svp"]).map(Text),
    st.builds(
        Command, st.sampled_from("start human language stop bot nonsense".split()), st.sampled_from(["", "de", "xx"])
    ),
    st.builds(Pressed, st.sampled_from(PRESSED)),
    st.just(Unsupported("a sticker")),
)
agents = st.sampled_from(["a1", "a2"])
agent_events = st.one_of(
    agents.map(lambda a: Claimed(a, a)),
    agents.map(lambda a: Answered(a, a, "hi")),
    st.builds(GivenBack, agents, st.just("somebody"), st.booleans()),
    st.builds(ClosedByAgent, agents, st.just("somebody"), st.booleans()),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(contents, agent_events), max_size=25),
    st.booleans(),
    st.lists(st.sampled_from(sorted(PACK.intents)), max_size=4, unique=True),
)
def test_whatever_happens_the_bot_never_talks_over_a_human_and_never_goes_mute(
    events: list[object], down: bool, named: list[str]
) -> None:
    talk = Talk()
    talk.down = down
    for event in events:
        before = talk.conversation
        if isinstance(event, Claimed | Answered | GivenBack | ClosedByAgent):
            try:
                talk.does(event)
            except Conflict:
                assert talk.conversation == before
            continue
        understanding = understand(event.text, before.hints("en")) if isinstance(event, Text) else None
        if understanding is not None:
            understanding = replace(understanding, intents=tuple(RankedIntent(name, 0.9) for name in named))
        said = talk.does(Heard(event, understanding))  # type: ignore[arg-type]
        languages = isinstance(event, Command) and event.name == "language"
        languages = languages or (isinstance(event, Pressed) and event.value.startswith("lang:"))
        if before.owner is Owner.AGENT and not languages:
            assert said == []
        if before.owner in {Owner.BOT, Owner.CLOSED}:
            assert said
            assert all(text.strip() for text in said)
            assert all("{" not in text for text in said)
        after = talk.conversation
        assert (after.agent is not None) == (after.owner is Owner.AGENT)
        for action in talk.last.actions:
            if isinstance(action, Say):
                assert action.author is not Author.CUSTOMER
                assert all(len(b.value.encode()) <= 64 for b in action.buttons)
        assert len({state.flow for state in after.flows}) == len(after.flows)
