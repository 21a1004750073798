from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.console.rig import ConsoleRig, console_rig, told


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def test_a_note_calls_a_colleague_and_never_reaches_the_customer(rig: ConsoleRig) -> None:
    kim, lee = await rig.agent("kim"), await rig.agent("lee")
    identity = await rig.waiting()
    sent = list(rig.core.memory.texts())
    async with lee.session.ws_connect(f"{rig.url}/api/v1/stream", headers={"Origin": rig.url}) as socket:
        await socket.receive_json(timeout=5)
        made = await kim.post(f"/api/v1/conversations/{identity}/notes", {"text": "@LEE. please, not me@kim nor @kim"})
        await told(socket, "changed")
        event = await told(socket, "mentioned")
    note = made["message"]
    assert (note["internal"], note["author"], note["author_name"]) == (True, "agent", "Kim")
    assert len(note["mentions"]) == 2
    await rig.core.settled()
    assert list(rig.core.memory.texts()) == sent
    history = (await kim.get(f"/api/v1/conversations/{identity}"))["messages"]
    assert history[-1]["text"].startswith("@LEE.")
    mentions = await lee.get("/api/v1/mentions")
    (mention,) = mentions["items"]
    assert (mentions["unseen"], event["mention"]) == (1, mention)
    assert (mention["text"], mention["channel"]) == (note["text"], "memory")
    assert (mention["conversation"], mention["seq"], mention["by"], mention["seen"]) == (
        identity, note["seq"], "Kim", False,
    )  # fmt: skip
    await lee.post("/api/v1/mentions/seen", {"conversation": identity})
    after = await lee.get("/api/v1/mentions")
    assert (after["unseen"], [m["seen"] for m in after["items"]]) == (0, [True])
    (waiting,) = (await kim.get("/api/v1/inbox?view=unassigned"))["items"]
    assert waiting["conversation"]["waiting_since"] is not None, "a note is no answer"


async def test_what_one_has_seen_is_told_to_ones_own_browsers_only(rig: ConsoleRig) -> None:
    kim, lee = await rig.agent("kim"), await rig.agent("lee")
    identity = await rig.waiting()
    origin = {"Origin": rig.url}
    async with (
        kim.session.ws_connect(f"{rig.url}/api/v1/stream", headers=origin) as others,
        lee.session.ws_connect(f"{rig.url}/api/v1/stream", headers=origin) as own,
    ):
        for socket in (others, own):
            await socket.receive_json(timeout=5)
        await lee.post("/api/v1/mentions/seen", {"conversation": identity})
        await lee.post("/api/v1/mentions/seen", {})
        assert (await told(own, "mentions_seen"))["conversation"] == identity
        assert (await told(own, "mentions_seen"))["conversation"] is None
        await kim.post(f"/api/v1/conversations/{identity}/tags", {"add": ["vip"]})
        await told(others, "tagged")


async def test_tags_have_one_form_and_filter_the_inbox(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    identity = await rig.waiting("ana")
    await rig.waiting("bob")
    path = f"/api/v1/conversations/{identity}/tags"
    assert await kim.post(path, {"add": ["  VIP  client ", "vip client", "Late"]}) == {"tags": ["late", "vip client"]}
    assert await kim.post(path, {"remove": ["LATE"]}) == {"tags": ["vip client"]}
    (item,) = (await kim.get("/api/v1/inbox?tag=vip%20client"))["items"]
    assert (item["conversation"]["address"], item["tags"]) == ("ana", ["vip client"])
    assert (await kim.get("/api/v1/tags"))["items"] == [{"tag": "vip client", "conversations": 1}]
    for wrong in (" ", "a,b", "x" * 51):
        status, body = await kim.call("POST", path, {"add": [wrong]})
        assert status == 400
        assert body["error"]["message"].startswith("add:")
