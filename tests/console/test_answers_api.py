from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.console.rig import ConsoleRig, console_rig
from tests.fakes import inbound


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def test_a_canned_reply_is_filled_in_in_the_customers_language(rig: ConsoleRig) -> None:
    root, kim, lee = await rig.agent("root"), await rig.agent("kim"), await rig.agent("lee")
    texts = {"en": "Hello {customer_name}, I am {agent_name} of {shop}. {order_number}?", "de": "Hallo {customer_name}"}
    shared = await root.post("/api/v1/canned", {"shortcut": "hello", "texts": texts, "shared": True})
    mine = await kim.post("/api/v1/canned", {"shortcut": "hi", "texts": {"fr": "Salut"}})
    identity = await rig.waiting("ana")
    path = f"/api/v1/conversations/{identity}/canned"
    filled = await kim.get(f"{path}/{shared['id']}")
    assert filled["text"].startswith("Hello Ana, I am Kim of ")
    assert filled["text"].endswith("{order_number}?")
    assert filled["missing"] == ["order_number"]
    assert (await kim.get(f"{path}/{mine['id']}"))["language"] == "fr", "better another language than none"
    assert (await lee.call("GET", f"{path}/{mine['id']}"))[0] == 404
    await rig.core.hears(inbound("hallo", conversation="ana"))
    await rig.core.settled()
    assert (await kim.get(f"{path}/{shared['id']}"))["text"] == "Hallo Ana"
    assert [r["shortcut"] for r in (await lee.get("/api/v1/canned"))["items"]] == ["hello"]


async def test_shared_replies_are_for_supervisors_to_write_and_two_never_overwrite_each_other(rig: ConsoleRig) -> None:
    sue, kim = await rig.agent("sue"), await rig.agent("kim")
    body: dict[str, Any] = {"shortcut": "hello", "texts": {"en": "Hello"}, "shared": True}
    assert (await kim.call("POST", "/api/v1/canned", body))[0] == 403
    made = await sue.post("/api/v1/canned", body)
    path = f"/api/v1/canned/{made['id']}"
    assert (await kim.call("PATCH", path, {"version": 0, "texts": {"en": "Hi"}}))[0] == 403
    status, changed = await sue.call("PATCH", path, {"version": 0, "texts": {"en": "Hi"}})
    assert (status, changed["texts"], changed["version"]) == (200, {"en": "Hi"}, 1)
    assert (await sue.call("PATCH", path, {"version": 0, "texts": {"en": "Hey"}}))[0] == 409
    status, wrong = await sue.call("PATCH", path, {"version": 1, "texts": {"klingon!": "nuqneH"}})
    assert (status, wrong["error"]["field"]) == (400, "texts.klingon!")
    assert (await kim.call("DELETE", path))[0] == 403
    assert (await sue.call("DELETE", path))[0] == 204
    assert (await sue.get("/api/v1/canned"))["items"] == []


async def test_the_likeliest_answers_are_suggested_with_nothing_made_up(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting("ana")
    await rig.core.hears(inbound("wie lange dauert es?", conversation="ana"))
    await rig.core.settled()
    found = (await kim.get(f"/api/v1/conversations/{identity}/suggestions"))["items"]
    assert [s["intent"] for s in found] == ["delivery_time", "refund_status"], "order_status has a flow, no reply"
    assert (found[0]["text"], found[0]["language"]) == ("Es dauert 3 Tage.", "de")


async def test_a_transcript_has_what_was_said_and_notes_only_if_asked_for(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting("ana")
    await kim.post(f"/api/v1/conversations/{identity}/claim")
    await kim.post(f"/api/v1/conversations/{identity}/notes", {"text": "a difficult one"})
    await kim.post(f"/api/v1/conversations/{identity}/reply", {"text": "Good morning!\nHow can I help?"})
    path = f"/api/v1/conversations/{identity}/transcript"
    text = await kim.get(path)
    assert "Ana:\n    a person please\n" in text
    assert "Kim:\n    Good morning!\n    How can I help?\n" in text
    assert "difficult" not in text
    assert "Kim (note):\n    a difficult one\n" in await kim.get(f"{path}?notes=1")
    as_json = await kim.get(f"{path}?format=json")
    assert as_json["messages"][0]["text"] == "a person please"
    assert (await kim.call("GET", f"{path}?format=pdf"))[0] == 400
    assert (await kim.call("GET", "/api/v1/conversations/none/transcript"))[0] == 404
