"""Handoffs as threads in Slack, on the wire: what is told there, both ways, and whatever goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.conversation import Owner
from bot.messages import Attachment
from tests.agent_desk.rig import KIM, LEE, PUBLIC, DeskRig, desk_rig
from tests.scenarios.rig import eventually
from tests.standins.slack import BOT_USER


@pytest.fixture(params=["socket", "http"])
async def either(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[DeskRig]:
    """By Socket Mode, and by signed events over HTTP."""
    async with desk_rig(tmp_path, socket_mode=request.param == "socket") as rig:
        yield rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with desk_rig(tmp_path, socket_mode=False) as rig:
        yield rig


async def test_a_customer_and_an_agent_in_slack_talk_with_each_other(either: DeskRig) -> None:
    rig = either
    await rig.user("kim", slack=KIM)
    await rig.hears("hello")
    root = await rig.waiting()
    card = await rig.shows(root, "Waiting for an agent")
    for part in ("Customer: Ana", "Writes on: webchat, English", "Why: asked for a person", "Said before", "hello"):
        assert part in card
    conversation = await rig.conversation()
    assert f"{PUBLIC}/console/c/{conversation.id}" in str(rig.agents.roots[0]["blocks"])
    assert rig.agents.buttons(root) == ["Claim"]

    await rig.agents.press(KIM, root, "Claim")
    await rig.shows(root, "With Kim")
    assert rig.agents.buttons(root) == ["Close", "Give back to the bot"]
    await rig.agents.write(KIM, "What can I do for you? 1 < 2 & *so* on", root)
    await eventually(rig.said, "the agent's answer")
    assert await rig.said() == ["What can I do for you? 1 < 2 & *so* on"]
    await rig.hears("my parcel is *lost* <!channel>")
    assert await rig.sees(root, "my parcel") == "Ana\nmy parcel is *lost* <!channel>"
    await rig.agents.press(KIM, root, "Close")
    await rig.shows(root, "Closed by Kim")
    assert rig.agents.buttons(root) == []
    assert (await rig.conversation()).owner is Owner.CLOSED
    await rig.quiet()
    # What the agent wrote in the thread is not repeated there.
    assert not any("What can I do" in said for said in rig.agents.thread(root))
    assert rig.agents.told(KIM) == []
    assert await rig.problem() is None


async def test_what_happens_in_the_console_is_shown_in_slack_and_the_other_way_round(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    await rig.user("lee")
    browser = await rig.browser("lee")
    root = await rig.waiting()
    path = f"/api/v1/conversations/{(await rig.conversation()).id}"
    await browser.post(f"{path}/claim")
    await rig.shows(root, "With Lee")
    await browser.post(f"{path}/reply", {"text": "It is on its way."})
    assert await rig.sees(root, "on its way") == "Lee, from the console\nIt is on its way."
    await browser.post(f"{path}/notes", {"text": "knows us well"})
    assert await rig.sees(root, "knows us well") == "🔒 Lee, private note\nknows us well"
    await browser.post(f"{path}/snooze", {"until": None})
    await rig.shows(root, "Snoozed until the customer writes")
    await rig.hears("are you there?")
    await rig.shows(root, "With Lee")
    await browser.post(f"{path}/return")
    await rig.shows(root, "Given back to the bot by Lee")

    second = await rig.waiting()
    assert second != root
    await rig.agents.press(KIM, second, "Claim")
    await rig.shows(second, "With Kim")
    opened = await browser.get(path)
    assert opened["conversation"]["agent"] == {"id": "u-kim", "name": "Kim"}
    status, _ = await browser.call("POST", f"{path}/reply", {"text": "no"})
    assert status == 409
    await rig.agents.write(KIM, "// ask Lee", second)
    await rig.quiet()
    note = (await browser.get(path))["messages"][-1]
    assert (note["text"], note["internal"], note["author_name"]) == ("ask Lee", True, "Kim")
    # The first thread is told nothing of the second handoff.
    assert not any("ask Lee" in said for said in rig.agents.thread(root))


async def test_writing_in_an_unclaimed_thread_claims_it_and_a_line_with_slashes_is_a_note(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    await rig.agents.write(KIM, "// careful, a regular\nGood morning\n  // really", root)
    await rig.quiet()
    assert await rig.said() == ["Good morning"]
    notes = [m.text for m in await rig.history() if m.internal]
    assert "careful, a regular\nreally" in notes
    assert (await rig.conversation()).agent_name == "Kim"


async def test_of_two_agents_the_second_is_told_who_has_it_and_the_customer_gets_nothing(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    await rig.user("lee", slack=LEE)
    root = await rig.waiting()
    claim = rig.agents.element(root, "Claim")
    conversation = await rig.conversation()
    await rig.core.desk.claim(conversation.id, rig.users["lee"])
    await rig.agents.press(KIM, root, "Claim", element=claim)
    await rig.whispered(KIM, "Lee has this conversation")
    await rig.agents.write(KIM, "may I help?", root)
    await rig.whispered(KIM, "Lee has this conversation", 2)
    await rig.quiet()
    assert await rig.said() == []
    assert (await rig.conversation()).agent_name == "Lee"
    assert rig.agents.told(LEE) == []


async def test_an_event_that_slack_repeats_is_acted_on_once(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    event = await rig.agents.write(KIM, "Hello\n// a note", root, times=3)
    await rig.quiet()
    await rig.slack.deliver(event)
    await rig.slack.deliver({**event, "type": "app_mention"})
    await rig.quiet()
    assert await rig.said() == ["Hello"]
    assert [m.text for m in await rig.history()].count("a note") == 1


async def test_an_edit_is_not_sent_again_and_the_agent_is_told_so(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    event = await rig.agents.write(KIM, "Helo", root)
    await rig.quiet()
    await rig.agents.edit(event, event["text"])  # a preview
    await rig.agents.edit(event, "Hello")
    await rig.whispered(KIM, "not sent again")
    await rig.quiet()
    assert await rig.said() == ["Helo"]
    assert len(rig.agents.told(KIM)) == 1


async def test_what_is_written_after_the_end_reaches_nobody(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    await rig.agents.press(KIM, root, "Claim")
    await rig.shows(root, "With Kim")
    close = rig.agents.element(root, "Close")
    await rig.agents.press(KIM, root, "Give back to the bot")
    await rig.shows(root, "Given back to the bot by Kim")
    await rig.agents.write(KIM, "one more thing", root)
    await rig.whispered(KIM, "this request is over")
    await rig.agents.press(KIM, root, "Close", element=close)
    await rig.whispered(KIM, "this request is over", 2)
    await rig.hears("hello")
    await rig.quiet()
    assert await rig.said() == []
    assert (await rig.conversation()).owner is Owner.BOT
    assert not any("Hello" in said for said in rig.agents.thread(root)[2:])


async def test_a_button_that_stood_there_before_is_refused_while_nobody_has_it(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    await rig.agents.press(KIM, root, "Claim")
    await rig.shows(root, "With Kim")
    close = rig.agents.element(root, "Close")
    conversation = await rig.conversation()
    async with rig.core.store.unit() as unit:
        from bot.teams import Team

        team = Team("t1", "Billing", ())
        await unit.teams.add(team)
    await rig.core.desk.transfer(conversation.id, rig.users["kim"], team, force=False)
    card = await rig.shows(root, "Waiting for an agent")
    assert "Team: Billing" in card
    await rig.agents.press(KIM, root, "Close", element=close)
    await rig.whispered(KIM, "nobody has this conversation yet")
    assert (await rig.conversation()).owner is Owner.QUEUE


async def test_files_go_both_ways(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    room = rig.customer()
    await room.write("a person please")
    await eventually(lambda: rig.agents.roots, "a thread")
    root = rig.agents.roots[0]["ts"]
    await room.send_file("broken.pdf", b"x" * 70, "look at this")
    assert await rig.sees(root, "look at this") == "Ana\nlook at this"
    await rig.sees(root, "[file of 70 bytes]")

    file = rig.slack.add_file("label.pdf", b"y" * 90)
    await rig.agents.write(KIM, "Print this:", root, subtype="file_share", files=[file])
    await eventually(lambda: "[file of 90 bytes]" in room.texts, lambda: f"the file in {room.texts}")
    assert "Print this:" in room.texts
    await rig.quiet()
    # What the bot itself puts into the thread is no agent's.
    assert rig.agents.told(BOT_USER) == []


async def test_a_file_that_cannot_be_had_is_told_and_nothing_is_sent(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    elsewhere = {"id": "F9", "name": "x.pdf", "mimetype": "a/b", "size": 1, "url_private": "https://evil.example/x"}
    await rig.agents.write(KIM, "See:", root, subtype="file_share", files=[elsewhere])
    await rig.whispered(KIM, "x.pdf does not lie with Slack")
    await rig.quiet()
    assert await rig.said() == []


async def test_a_file_of_a_customer_that_is_lost_is_told_in_the_thread(rig: DeskRig) -> None:
    root = await rig.waiting()
    lost = Attachment("bill.pdf", "application/pdf", 9, blob="gone-for-good")
    await rig.hears("my bill", attachments=(lost,))
    await rig.sees(root, "my bill")
    await rig.sees(root, "This cannot be shown here")


async def test_a_customer_in_slack_is_kept_apart_from_the_desk(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    await rig.agents.write(LEE, "who does lunch?")
    await rig.agents.write(LEE, "<@U0BOT> hello")
    await rig.agents.write(LEE, "pizza", "1.000001")
    await rig.slack.command(rig.slack.channel(user=LEE, name="Lee"), "/babeldesk", "help")
    rig.agents.user = LEE
    await rig.slack.command(rig.agents, "/babeldesk", "human")
    room = rig.customer()
    await room.write("a person please")
    await eventually(lambda: rig.agents.roots, "a thread")
    root = rig.agents.roots[0]["ts"]
    await rig.agents.write(KIM, "Good morning", root)
    await eventually(lambda: "Good morning" in room.texts, "the answer")
    await room.write("thanks")
    await rig.sees(root, "thanks")
    await rig.quiet()
    async with rig.core.store.unit(write=False) as unit:
        from bot.ports import ConversationFilter

        places = {c.address.conversation for c in await unit.conversations.list(ConversationFilter())}
    assert not any("C0DESK" in place for place in places)
    assert len(rig.agents.roots) == 1


async def test_a_customers_edit_is_told(rig: DeskRig) -> None:
    room = rig.customer()
    await room.write("a person please")
    await eventually(lambda: rig.agents.roots, "a thread")
    root = rig.agents.roots[0]["ts"]
    event = await room.write("my order 123")
    await rig.sees(root, "my order 123")
    await room.edit(event, "my order 456")
    assert await rig.sees(root, "456") == "✏️ Ana changed what they had written\nmy order 456"


# --- when things go wrong ---------------------------------------------------------------------------------------------


async def test_threads_are_told_once_slack_is_there_again(rig: DeskRig) -> None:
    rig.slack.failing = [500] * 4
    rig.slack.throttled = [3]
    await rig.hears("a person please")

    async def troubled() -> bool:
        return await rig.problem() is not None

    await eventually(troubled, "the problem to be shown")
    await rig.hears("is anybody there?")
    await eventually(lambda: rig.agents.roots, "a thread", seconds=40)
    root = rig.agents.roots[0]["ts"]
    await rig.sees(root, "is anybody there?")
    await rig.told()
    assert len(rig.agents.roots) == 1
    texts = rig.agents.thread(root)
    assert len(texts) == len(set(texts))

    async def well() -> bool:
        return await rig.problem() is None

    await eventually(well, "the problem to be over")


async def test_what_slack_took_without_saying_so_is_not_posted_again(rig: DeskRig) -> None:
    rig.slack.losing = 1
    await rig.hears("a person please")
    await eventually(lambda: rig.agents.roots, "a thread")
    root = rig.agents.roots[0]["ts"]
    await rig.told()
    rig.slack.losing = 1
    await rig.hears("where is it?")
    await rig.sees(root, "where is it?")
    await rig.hears("thank you")
    await rig.sees(root, "thank you")
    await rig.told()
    assert len(rig.agents.roots) == 1
    assert [said for said in rig.agents.thread(root) if "where is it?" in said] == ["Ana\nwhere is it?"]


async def test_a_channel_that_the_app_is_not_in_is_a_problem_that_is_shown(tmp_path: Path) -> None:
    async with desk_rig(tmp_path, socket_mode=False, slack_desk_channel="C0NOWHERE") as rig:
        await rig.hears("a person please")

        async def problem() -> str | None:
            return await rig.problem()

        assert await eventually(problem, "the problem") == "Slack refuses: channel_not_found"


async def test_after_a_restart_threads_are_told_what_they_missed_and_nothing_twice(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    await rig.agents.write(KIM, "Good morning", root)
    await rig.quiet()
    rig.slack.failing = [503] * 1000
    await rig.hears("where is my parcel?")
    # Slack brings it again until somebody takes it.
    await rig.stop()
    await rig.agents.write(KIM, "I am looking", root)
    rig.slack.failing.clear()
    await rig.start()
    await rig.sees(root, "where is my parcel?")
    await eventually(rig.said, "the answer")
    await rig.quiet()
    assert await rig.said() == ["Good morning", "I am looking"]
    assert len(rig.agents.roots) == 1
    texts = rig.agents.thread(root)
    assert len(texts) == len(set(texts))


async def test_a_thread_that_was_deleted_is_opened_anew_while_the_handoff_goes_on(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    root = await rig.waiting()
    await rig.told()
    rig.agents.delete(root)
    await rig.core.desk.claim((await rig.conversation()).id, rig.users["kim"])
    await eventually(lambda: rig.agents.roots, "another thread")
    second = rig.agents.roots[0]["ts"]
    assert second != root
    await rig.shows(second, "With Kim")
    await rig.agents.write(KIM, "still here", second)
    await rig.quiet()
    assert await rig.said() == ["still here"]


async def test_what_an_agent_is_told_waits_until_slack_is_there(rig: DeskRig) -> None:
    root = await rig.waiting()
    await rig.told()
    rig.slack.failing = [500, 500]
    await rig.agents.write(LEE, "hello", root)
    await rig.whispered(LEE, "Link your Slack account")
    assert rig.slack.failing == []
