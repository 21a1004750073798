"""Who gets whom, as a table and for any desk at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import Handoff
from bot.routing import Candidate, RoutingRules, Waiting, assign, in_order, places, worth_telling
from bot.teams import Presence, Skill, Team, present_team, skills_for, speaks, team_for
from tests.fakes import MORNING

RULES = RoutingRules(language_wait=timedelta(seconds=120))


def agent(name: str, languages: str = "en", load: int = 0, **fields: object) -> Candidate:
    return Candidate(name, tuple(languages.split()), 2, load, **fields)  # type: ignore[arg-type]


def customer(name: str, waited: float = 10, language: str = "en", **fields: object) -> Waiting:
    return Waiting(name, MORNING - timedelta(seconds=waited), language, **fields)  # type: ignore[arg-type]


CASES: dict[str, tuple[list[Candidate], list[Waiting], dict[str, str]]] = {
    "the least loaded gets it": ([agent("kim", load=1), agent("lee")], [customer("a")], {"a": "lee"}),
    "among equals, who was assigned longest ago": (
        [agent("kim", assigned_at=MORNING), agent("lee", assigned_at=MORNING - timedelta(hours=1))],
        [customer("a")],
        {"a": "lee"},
    ),
    "who was never assigned anything comes before": (
        [agent("kim", assigned_at=MORNING), agent("lee")],
        [customer("a")],
        {"a": "lee"},
    ),
    "several are spread": (
        [agent("kim"), agent("lee")],
        [customer("a", 30), customer("b", 20), customer("c", 10)],
        {"a": "kim", "b": "lee", "c": "kim"},
    ),
    "nobody gets more than they have room for": ([agent("kim", load=2)], [customer("a")], {}),
    "the longest waiting comes first": ([agent("kim", load=1)], [customer("a", 5), customer("b", 50)], {"b": "kim"}),
    "urgent comes before longest waiting": (
        [agent("kim", load=1)],
        [customer("a", 50), customer("b", 5, urgent=True)],
        {"b": "kim"},
    ),
    "who is away gets nothing": ([agent("kim", presence=Presence.AWAY)], [customer("a", 999)], {}),
    "who is offline gets nothing": ([agent("kim", presence=Presence.OFFLINE)], [customer("a", 999)], {}),
    "the customer's language counts": ([agent("kim"), agent("lee", "de")], [customer("a", 999, "de")], {"a": "lee"}),
    "a language is spoken in all its regions and scripts": (
        [agent("kim", "pt-BR zh-Hans")],
        [customer("a", 9, "pt"), customer("b", 8, "zh-Hant")],
        {"a": "kim", "b": "kim"},
    ),
    "a language that nobody online speaks is waited for": ([agent("kim")], [customer("a", 119, "de")], {}),
    "and then anybody helps": ([agent("kim")], [customer("a", 120, "de")], {"a": "kim"}),
    "somebody who speaks it and is busy is waited for, however long": (
        [agent("kim"), agent("lee", "de", 2)],
        [customer("a", 9999, "de")],
        {},
    ),
    "somebody who speaks it and is away is not": (
        [agent("kim"), agent("lee", "de", presence=Presence.AWAY)],
        [customer("a", 120, "de")],
        {"a": "kim"},
    ),
    "a language that is not known is anybody's": ([agent("kim", "")], [customer("a", 1, "")], {"a": "kim"}),
    "only the team's members get what is the team's": (
        [agent("kim"), agent("lee", load=1, teams=frozenset({"t"}))],
        [customer("a", team="t")],
        {"a": "lee"},
    ),
    "who lacks a skill is passed over": (
        [agent("kim"), agent("lee", load=1, skills=frozenset({"refunds", "fraud"}))],
        [customer("a", skills=frozenset({"refunds"}))],
        {"a": "lee"},
    ),
    "who can be helped does not wait for who cannot": (
        [agent("kim")],
        [customer("a", 100, "de"), customer("b", 1)],
        {"b": "kim"},
    ),
    "nobody is there": ([], [customer("a", 9999)], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_customers_are_assigned(case: str) -> None:
    agents, waiting, expected = CASES[case]
    assert {made.conversation: made.agent for made in assign(agents, waiting, RULES, MORNING)} == expected


names = st.sampled_from("abcdefgh")
codes = st.sampled_from(["en", "de", "pt-BR", "pt", "zh-Hans", ""])
some_teams = st.frozensets(st.sampled_from(["t1", "t2"]), max_size=2)
some_skills = st.frozensets(st.sampled_from(["s1", "s2"]), max_size=2)
moments = st.integers(-500, 0).map(lambda seconds: MORNING + timedelta(seconds=seconds))
candidates = st.builds(
    Candidate,
    agent=names,
    languages=st.lists(codes.filter(bool), max_size=2).map(tuple),
    capacity=st.integers(0, 3),
    load=st.integers(0, 4),
    presence=st.sampled_from(Presence),
    skills=some_skills,
    teams=some_teams,
    assigned_at=st.none() | moments,
)
desks = st.lists(candidates, max_size=6, unique_by=lambda one: one.agent)
queues = st.lists(
    st.builds(
        Waiting,
        conversation=names,
        opened_at=moments,
        language=codes,
        urgent=st.booleans(),
        team=st.none() | st.sampled_from(["t1", "t2"]),
        skills=some_skills,
    ),
    max_size=8,
    unique_by=lambda one: one.conversation,
)


@given(desks, queues)
def test_nobody_gets_more_than_they_have_room_for_and_no_customer_two_agents(
    agents: list[Candidate], waiting: list[Waiting]
) -> None:
    made = assign(agents, waiting, RULES, MORNING)
    got = Counter(one.agent for one in made)
    for one in agents:
        assert got[one.agent] <= max(0, one.capacity - one.load)
    assert len({one.conversation for one in made}) == len(made)


@given(desks, queues)
def test_who_gets_a_customer_is_online_in_the_team_skilled_and_speaks_the_language_or_nobody_does(
    agents: list[Candidate], waiting: list[Waiting]
) -> None:
    by_name = {one.agent: one for one in agents}
    by_conversation = {one.conversation: one for one in waiting}
    for made in assign(agents, waiting, RULES, MORNING):
        chosen, one = by_name[made.agent], by_conversation[made.conversation]
        assert chosen.presence is Presence.ONLINE
        assert one.team is None or one.team in chosen.teams
        assert one.skills <= chosen.skills
        if not speaks(chosen.languages, one.language):
            assert MORNING - one.opened_at >= RULES.language_wait
            for other in agents:
                able = (one.team is None or one.team in other.teams) and one.skills <= other.skills
                if other.presence is Presence.ONLINE and able:
                    assert not speaks(other.languages, one.language)


@given(desks, queues, st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_in_which_agents_and_customers_are_named(
    agents: list[Candidate], waiting: list[Waiting], random: object
) -> None:
    first = assign(agents, waiting, RULES, MORNING)
    random.shuffle(agents)  # type: ignore[attr-defined]
    random.shuffle(waiting)  # type: ignore[attr-defined]
    assert assign(agents, waiting, RULES, MORNING) == first


@given(desks, queues)
def test_nobody_who_is_left_waiting_could_have_been_helped(agents: list[Candidate], waiting: list[Waiting]) -> None:
    made = assign(agents, waiting, RULES, MORNING)
    got = Counter(one.agent for one in made)
    after = [replace(one, load=one.load + got[one.agent]) for one in agents]
    served = {one.conversation for one in made}
    left = [one for one in waiting if one.conversation not in served]
    assert assign(after, left, RULES, MORNING) == ()


@given(queues)
def test_places_count_from_one_in_each_team_in_the_queues_order(waiting: list[Waiting]) -> None:
    found = places(waiting)
    for team in {one.team for one in waiting}:
        theirs = [found[one.conversation] for one in in_order(waiting) if one.team == team]
        assert theirs == list(range(1, len(theirs) + 1))


@pytest.mark.parametrize(
    ("place", "told", "ago", "tells"),
    [
        (1, None, None, False),  # who is next was just told that somebody comes
        (2, None, None, True),
        (9, 9, 500, False),
        (8, 9, 500, False),  # hardly better
        (6, 9, 500, True),
        (6, 9, 59, False),  # too soon
        (1, 2, 60, True),
        (3, 2, 500, False),  # worse
        (1, 1, 500, False),
    ],
)
def test_a_place_is_told_when_it_is_news(place: int, told: int | None, ago: int | None, *, tells: bool) -> None:
    told_at = None if ago is None else MORNING - timedelta(seconds=ago)
    assert worth_telling(place, told, told_at, MORNING, timedelta(seconds=60)) is tells
    assert not worth_telling(place, told, told_at, MORNING, timedelta(0))


TEAMS = [
    Team("1", "returns", intents=("return_request",)),
    Team("2", "german returns", intents=("return_request",), languages=("de",)),
    Team("3", "angry", reasons=("upset",)),
    Team("4", "german", languages=("de",)),
    Team("5", "the rest", default=True),
    Team("6", "second line"),
]


@pytest.mark.parametrize(
    ("intent", "reason", "language", "team"),
    [
        ("return_request", "requested", "en", "1"),
        ("return_request", "upset", "de-AT", "2"),
        ("order_status", "upset", "de", "3"),
        ("return_request", "upset", "en", "1"),
        ("order_status", "requested", "de", "4"),
        (None, "requested", "de", "4"),
        (None, "requested", "en", "5"),
        (None, "requested", "", "5"),
    ],
)
def test_a_call_goes_to_the_team_that_names_it_most_closely(
    intent: str | None, reason: str, language: str, team: str
) -> None:
    handoff = Handoff("h", "c", reason, MORNING, language=language, intent=intent)
    found = team_for(TEAMS, handoff)
    assert found is not None
    assert found.id == team
    assert team_for([TEAMS[-1]], handoff) is None


def test_a_call_stays_with_the_team_it_was_given_to_unless_that_is_dissolved() -> None:
    handoff = Handoff("h", "c", "requested", MORNING, language="de", team="6")
    assert present_team(TEAMS, handoff) == TEAMS[5]
    assert present_team(TEAMS[:5], handoff) == TEAMS[3]


def test_a_call_asks_for_every_skill_that_names_its_intent_or_its_reason() -> None:
    skills = [Skill("refunds", ("refund_status",)), Skill("calm", reasons=("upset",)), Skill("fraud", ("fraud",))]
    handoff = Handoff("h", "c", "upset", MORNING, intent="refund_status")
    assert skills_for(skills, handoff) == {"refunds", "calm"}
    assert skills_for(skills, replace(handoff, intent=None, reason="requested")) == frozenset()
