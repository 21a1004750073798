"""How conversations move between the queue, agents and teams."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation import Owner
from bot.decision import (
    Answered,
    Claimed,
    ClaimHandoff,
    ClosedByAgent,
    GivenBack,
    Heard,
    ReassignHandoff,
    RequeueHandoff,
    Say,
)
from bot.errors import Conflict
from bot.messages import Command
from bot.routing_events import Assigned, Offered, OfferLapsed, PlaceChanged, PutOff, Released, Transferred, Woken
from tests.bot.talk import Talk
from tests.fakes import MORNING

KIM = Claimed("kim", "Kim")
LATER = MORNING + timedelta(minutes=1)


def waiting() -> Talk:
    """A customer in the queue."""
    talk = Talk()
    talk.says("a person please")
    return talk


def claimed() -> Talk:
    """A customer whom Kim has."""
    talk = waiting()
    talk.does(KIM)
    return talk


def notes(talk: Talk) -> list[str]:
    return [action.text for action in talk.last.actions if isinstance(action, Say) and action.internal]


def test_an_offer_changes_nothing_for_the_customer_until_it_is_taken() -> None:
    talk = waiting()
    assert talk.does(Offered("kim", "Kim", LATER)) == []
    assert (talk.conversation.owner, talk.conversation.due_at) == (Owner.QUEUE, LATER)
    assert talk.does(KIM) == ["Kim is here."]
    assert talk.conversation.offer is None
    assert talk.conversation.due_at is None


def test_an_offer_that_is_not_taken_lapses_and_may_be_made_to_another() -> None:
    talk = waiting()
    talk.does(Offered("kim", "Kim", LATER))
    with pytest.raises(Conflict, match="offered to Kim already"):
        talk.does(Offered("lee", "Lee", LATER))
    talk.does(OfferLapsed("kim"))
    with pytest.raises(Conflict, match="not offered"):
        talk.does(OfferLapsed("kim"))
    talk.does(Offered("lee", "Lee", LATER))
    assert talk.conversation.offer is not None
    assert talk.conversation.offer.agent == "lee"


def test_what_is_offered_to_one_may_be_taken_by_another() -> None:
    talk = waiting()
    talk.does(Offered("kim", "Kim", LATER))
    talk.does(Claimed("lee", "Lee"))
    assert (talk.conversation.agent, talk.conversation.offer) == ("lee", None)


def test_only_who_waits_is_offered_to_somebody() -> None:
    for talk in (Talk(), claimed()):
        with pytest.raises(Conflict, match="does not wait"):
            talk.does(Offered("lee", "Lee", LATER))


def test_a_waiting_customer_hears_their_place_in_their_language() -> None:
    talk = waiting()
    assert talk.does(PlaceChanged(3)) == ["You are number 3."]
    assert (talk.conversation.told_place, talk.conversation.told_place_at) == (3, MORNING)
    talk.does(KIM)
    with pytest.raises(Conflict, match="not in the queue"):
        talk.does(PlaceChanged(1))
    german = Talk()
    german.says("hallo")
    german.does(Heard(Command("human")))
    assert german.does(PlaceChanged(2)) == ["Sie sind Nummer 2."]


def test_a_new_call_for_a_human_starts_counting_places_anew() -> None:
    talk = waiting()
    talk.does(PlaceChanged(3))
    talk.does(KIM)
    talk.does(GivenBack("kim", "Kim"))
    assert talk.conversation.told_place is None
    talk.says("a person please")
    assert talk.conversation.told_place is None


def test_an_agent_gives_what_they_have_to_another() -> None:
    talk = claimed()
    assert talk.does(Assigned("lee", "Lee", "kim", "Kim")) == ["Lee is here."]
    assert (talk.conversation.agent, talk.conversation.agent_name) == ("lee", "Lee")
    assert ReassignHandoff("lee", "Lee") in talk.last.actions
    assert notes(talk) == ["Kim assigned it to Lee"]


def test_what_waits_may_be_given_to_anybody() -> None:
    talk = waiting()
    talk.does(Assigned("lee", "Lee", "kim", "Kim"))
    assert talk.conversation.owner is Owner.AGENT
    assert ClaimHandoff("lee", "Lee") in talk.last.actions


def test_giving_an_agent_what_they_have_changes_nothing() -> None:
    talk = claimed()
    before = talk.conversation
    assert talk.does(Assigned("kim", "Kim", "root", "Root")) == []
    assert talk.last.actions == ()
    assert replace(talk.conversation, seq=before.seq) == before


@pytest.mark.parametrize(
    "event",
    [
        Assigned("lee", "Lee", "lee", "Lee"),
        Transferred("t", "Returns", "lee", "Lee"),
        PutOff("lee", "Lee"),
    ],
)
def test_what_is_with_another_agent_moves_only_by_who_may_force_it(event: Assigned | Transferred | PutOff) -> None:
    with pytest.raises(Conflict, match="is with Kim"):
        claimed().does(event)
    with pytest.raises(Conflict, match="no human"):
        Talk().does(event)
    talk = claimed()
    talk.does(replace(event, force=True))
    assert len(notes(talk)) == 1


def test_a_transfer_puts_the_customer_into_the_teams_queue_and_tells_them() -> None:
    talk = claimed()
    assert talk.does(Transferred("t", "Returns", "kim", "Kim")) == ["I am calling a colleague."]
    assert (talk.conversation.owner, talk.conversation.agent) == (Owner.QUEUE, None)
    assert RequeueHandoff("t") in talk.last.actions
    assert notes(talk) == ["Kim transferred it to the team Returns"]
    assert talk.conversation.unanswered_since == MORNING


def test_who_waits_already_is_told_nothing_of_a_transfer() -> None:
    talk = waiting()
    assert talk.does(Transferred("t", "Returns", "kim", "Kim")) == []


def test_what_an_agent_left_unanswered_goes_back_to_the_queue() -> None:
    talk = claimed()
    assert talk.does(Released("kim")) == ["I am calling a colleague."]
    assert talk.conversation.owner is Owner.QUEUE
    assert notes(talk) == ["Kim went offline before answering: back to the queue"]
    with pytest.raises(Conflict):
        talk.does(Released("kim"))


def test_an_answer_ends_the_customers_wait_and_their_next_words_begin_it_again() -> None:
    talk = claimed()
    assert talk.conversation.unanswered_since == MORNING
    talk.does(Answered("kim", "Kim", "Hello Ana"))
    assert talk.conversation.unanswered_since is None
    talk.at = LATER
    talk.says("where is my order?")
    talk.at = LATER + timedelta(minutes=1)
    talk.says("hello?")
    assert talk.conversation.unanswered_since == LATER


@pytest.mark.parametrize("ends", [GivenBack("kim", "Kim"), ClosedByAgent("kim", "Kim")])
def test_at_the_end_nothing_is_put_off_or_waited_for(ends: GivenBack | ClosedByAgent) -> None:
    talk = claimed()
    talk.does(PutOff("kim", "Kim", LATER))
    talk.does(ends)
    assert (talk.conversation.snoozed, talk.conversation.unanswered_since, talk.conversation.due_at) == (None,) * 3


def test_a_snoozed_conversation_comes_back_when_its_time_has_come() -> None:
    talk = claimed()
    assert talk.does(PutOff("kim", "Kim", LATER)) == []
    assert notes(talk) == ["Kim snoozed it until 2026-11-23 10:01 UTC"]
    assert (talk.conversation.owner, talk.conversation.due_at) == (Owner.AGENT, LATER)
    talk.does(Woken())
    assert notes(talk) == ["no longer snoozed: its time has come"]
    with pytest.raises(Conflict, match="not snoozed"):
        talk.does(Woken("Kim"))


def test_a_snoozed_conversation_comes_back_when_the_customer_writes() -> None:
    for talk in (claimed(), waiting()):
        talk.does(PutOff("kim", "Kim"))
        assert talk.conversation.due_at is None
        talk.says("hello")
        assert talk.conversation.snoozed is None
        assert "no longer snoozed: the customer wrote" in notes(talk)


def test_a_command_of_the_customer_wakes_nobody() -> None:
    talk = claimed()
    talk.does(PutOff("kim", "Kim"))
    talk.does(Heard(Command("language", "de")))
    assert talk.conversation.snoozed is not None


def test_a_time_that_is_over_is_no_time_to_snooze_until() -> None:
    with pytest.raises(Conflict, match="over already"):
        claimed().does(PutOff("kim", "Kim", MORNING))


def test_what_is_snoozed_is_not_offered_and_has_no_place() -> None:
    talk = waiting()
    talk.does(PutOff("kim", "Kim", LATER))
    for event in (Offered("lee", "Lee", LATER), PlaceChanged(2)):
        with pytest.raises(Conflict):
            talk.does(event)
