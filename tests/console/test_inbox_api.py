from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.console.rig import ConsoleRig, console_rig, told
from tests.fakes import inbound


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


def names(page: dict) -> list[str]:  # type: ignore[type-arg]
    return [item["conversation"]["address"] for item in page["items"]]


async def says(rig: ConsoleRig, text: str, customer: str = "ana") -> None:
    await rig.core.hears(inbound(text, conversation=customer))
    await rig.core.settled()


async def test_a_conversation_goes_through_the_views_as_people_work_on_it(rig: ConsoleRig) -> None:
    kim, lee = await rig.agent("kim"), await rig.agent("lee")
    await says(rig, "hello", "bob")
    identity = await rig.waiting("ana")
    assert names(await kim.get("/api/v1/inbox?view=bot")) == ["bob"]
    page = await kim.get("/api/v1/inbox?view=unassigned")
    assert names(page) == ["ana"]
    assert page["counts"] == {
        "mine": 0, "unassigned": 1, "taken": 0, "waiting_for_customer": 0, "bot": 1, "closed": 0, "all": 2,
    }  # fmt: skip
    shown = page["items"][0]["conversation"]
    assert (shown["intent"], shown["language"], shown["channel"]) == ("talk_to_human", "en", "memory")
    assert shown["waiting_since"] is not None

    rig.core.clock.advance(60)
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    (mine,) = (await kim.get("/api/v1/inbox?view=mine"))["items"]
    assert mine["conversation"]["waiting_since"] == shown["waiting_since"], "a claim is no answer"
    assert names(await lee.get("/api/v1/inbox?view=mine")) == []

    await kim.post(f"/api/v1/conversations/{identity}/reply", {"text": "How can I help?"})
    (answered,) = (await kim.get("/api/v1/inbox?view=waiting_for_customer"))["items"]
    assert answered["conversation"]["waiting_since"] is None
    await says(rig, "where is my money?")
    assert names(await kim.get("/api/v1/inbox?view=waiting_for_customer")) == []
    assert (await kim.get("/api/v1/inbox?view=mine&intent=refund_status"))["items"][0]["unread"] == 2

    await kim.post(f"/api/v1/conversations/{identity}/close")
    assert (await kim.get("/api/v1/inbox/counts"))["counts"]["closed"] == 1


async def test_pages_follow_the_cursor_and_the_longest_waiting_come_first(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    for customer in ("a", "b", "c"):
        await rig.waiting(customer)
        rig.core.clock.advance(10)
    first = await kim.get("/api/v1/inbox?view=unassigned&limit=2")
    assert names(first) == ["a", "b"]
    second = await kim.get(f"/api/v1/inbox?view=unassigned&limit=2&cursor={first['next']}")
    assert names(second) == ["c"]
    assert second["next"] is None
    assert names(await kim.get("/api/v1/inbox?sort=latest")) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("view=none", "view"),
        ("sort=none", "sort"),
        ("cursor=%21", "cursor"),
        ("cursor=WyJsYXRlc3QiLDAsIjIwMjYtMDEtMDEiLCJ4Il0", "cursor"),
        ("limit=0", "limit"),
        ("channel=" + ",".join(map(str, range(60))), "channel"),
    ],
)
async def test_a_wrong_question_is_told_which_part_is_wrong(rig: ConsoleRig, query: str, field: str) -> None:
    kim = await rig.agent("kim")
    status, body = await kim.call("GET", f"/api/v1/inbox?{query}")
    assert (status, body["error"]["field"]) == (400, field)


async def test_what_is_read_is_told_to_ones_other_browsers_alone(rig: ConsoleRig) -> None:
    kim, other, lee = await rig.agent("kim"), await rig.agent("kim"), await rig.agent("lee")
    identity = await rig.waiting()
    origin = {"Origin": rig.url}
    async with (
        other.session.ws_connect(f"{rig.url}/api/v1/stream", headers=origin) as own,
        lee.session.ws_connect(f"{rig.url}/api/v1/stream", headers=origin) as hers,
    ):
        assert (await own.receive_json(timeout=5))["type"] == "hello"
        assert (await hers.receive_json(timeout=5))["type"] == "hello"
        assert await kim.post(f"/api/v1/conversations/{identity}/read", {"seq": 1}) == {"seq": 1}
        assert await told(own, "read") == {"type": "read", "conversation": identity, "seq": 1}
        await lee.post(f"/api/v1/conversations/{identity}/typing")
        await says(rig, "hello")
        await told(hers, "changed")
    (item,) = (await kim.get("/api/v1/inbox"))["items"]
    assert (item["read"], item["unread"]) == (1, 1)
    assert (await lee.get("/api/v1/inbox"))["items"][0]["unread"] == 2
    assert await kim.post(f"/api/v1/conversations/{identity}/read", {"seq": 0, "back": True}) == {"seq": 0}


async def test_nobody_has_read_what_is_not_there(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting()
    status, body = await kim.call("POST", f"/api/v1/conversations/{identity}/read", {"seq": 99})
    assert status == 400
    assert "no 99 yet" in body["error"]["message"]
    assert (await kim.call("POST", "/api/v1/conversations/none/read", {"seq": 0}))[0] == 404


async def test_a_search_shows_where_something_was_said_and_by_whom(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    await says(rig, "où est mon colis ?", "zoé")
    await says(rig, "hello", "bob")
    (hit,) = (await kim.get("/api/v1/search?q=COLI"))["items"]
    assert hit["item"]["conversation"]["address"] == "zoé"
    assert (hit["seq"], hit["entries"]) == (1, 1)
    (start, end), *_ = hit["snippet"]["marks"]
    assert hit["snippet"]["text"][start:end] == "colis"
    (named,) = (await kim.get("/api/v1/search?q=zoe&language=fr"))["items"]
    assert (named["seq"], named["snippet"]["text"]) == (None, "Zoé")
    status, body = await kim.call("GET", "/api/v1/search?q=%3F")
    assert status == 400
    assert "no word" in body["error"]["message"]
