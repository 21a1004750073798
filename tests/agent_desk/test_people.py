"""Who acts for whom: accounts in Slack and users of the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.conversation import Owner, Role
from bot.desk_links import code_hash
from bot.desk_values import Account, LinkCode
from tests.agent_desk.rig import KIM, LEE, PUBLIC, DeskRig, desk_rig
from tests.scenarios.rig import OwnSettings
from tests.standins.slack import TEAM


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with desk_rig(tmp_path, socket_mode=False) as rig:
        yield rig


async def test_somebody_unknown_links_their_account_and_then_answers(rig: DeskRig) -> None:
    await rig.user("kim")
    root = await rig.waiting()
    await rig.agents.write(KIM, "hello?", root)
    code = await rig.code(KIM)
    assert f"{PUBLIC}/console/link/slack?code={code}" in rig.agents.told(KIM)[0]
    await rig.quiet()
    assert await rig.said() == []
    assert (await rig.conversation()).owner is Owner.QUEUE

    browser = await rig.browser("kim")
    asked = await browser.get(f"/api/v1/me/slack?code={code}")
    account = {"id": f"{TEAM}:{KIM}", "name": "Kim"}
    assert asked == {"desk": True, "link": None, "asked": account}
    linked = await browser.post("/api/v1/me/slack", {"code": code})
    assert linked["account"] == account
    await rig.agents.press(KIM, root, "Claim")
    await rig.shows(root, "With Kim")
    await rig.agents.write(KIM, "hello!", root)
    await rig.quiet()
    assert await rig.said() == ["hello!"]

    again = await browser.call("POST", "/api/v1/me/slack", {"code": code})
    assert again[0] == 404
    own = await browser.get(f"/api/v1/me/slack?code={code}")
    assert (own["link"]["account"], own["asked"]) == (account, None)


async def test_a_press_of_somebody_unknown_does_nothing_but_to_say_how_to_be_known(rig: DeskRig) -> None:
    root = await rig.waiting()
    await rig.agents.press(LEE, root, "Claim")
    first = await rig.code(LEE)
    await rig.agents.press(LEE, root, "Claim")
    second = await rig.code(LEE, 2)
    assert not await rig.stored_code(first)
    assert await rig.stored_code(second)
    assert (await rig.conversation()).owner is Owner.QUEUE


async def test_codes_are_not_stored_as_they_are(rig: DeskRig, tmp_path: Path) -> None:
    root = await rig.waiting()
    await rig.agents.write(KIM, "hello?", root)
    code = await rig.code(KIM)
    await rig.quiet()
    await rig.stop()
    database = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("babeldesk.db*"))
    assert code_hash(code).encode() in database
    assert code.encode() not in database


async def test_a_code_expires(rig: DeskRig) -> None:
    await rig.user("kim")
    browser = await rig.browser("kim")
    now = SystemClock().now()
    async with rig.core.store.unit() as unit:
        account = Account("slack", f"{TEAM}:{KIM}", "Kim")
        await unit.desk_links.add_code(LinkCode(code_hash("c"), account, now), now - timedelta(minutes=15))
    assert (await browser.get("/api/v1/me/slack?code=c"))["asked"] is None
    status, answer = await browser.call("POST", "/api/v1/me/slack", {"code": "c"})
    assert (status, answer["code"]) == (404, "not_found")


async def test_unlinking_takes_effect_at_once_and_both_are_in_the_audit_log(rig: DeskRig) -> None:
    await rig.user("kim")
    await rig.user("root", Role.ADMIN)
    root = await rig.waiting()
    await rig.agents.write(KIM, "hello?", root)
    browser = await rig.browser("kim")
    await browser.post("/api/v1/me/slack", {"code": await rig.code(KIM)})
    assert (await browser.call("DELETE", "/api/v1/me/slack"))[0] == 204
    assert (await browser.call("DELETE", "/api/v1/me/slack"))[0] == 404
    await rig.agents.write(KIM, "hello?", root)
    await rig.code(KIM, 2)
    admin = await rig.browser("root")
    entries = (await admin.get("/api/v1/audit?action=slack"))["items"]
    assert [entry["action"] for entry in entries] == ["slack.unlink", "slack.link"]
    assert entries[1]["after"] == {"account": f"{TEAM}:{KIM}", "name": "Kim", "user": "u-kim"}
    assert entries[0]["before"] == entries[1]["after"]
    assert [entry["actor"]["name"] for entry in entries] == ["kim", "kim"]


async def test_an_account_that_is_linked_to_another_user_moves_and_the_log_says_so(rig: DeskRig) -> None:
    await rig.user("kim", slack=KIM)
    await rig.user("sue")
    now = SystemClock().now()
    async with rig.core.store.unit() as unit:
        account = Account("slack", f"{TEAM}:{KIM}", "Kim")
        await unit.desk_links.add_code(LinkCode(code_hash("c"), account, now + timedelta(minutes=15)), now)
    browser = await rig.browser("sue")
    await browser.post("/api/v1/me/slack", {"code": "c"})
    assert (await (await rig.browser("kim")).get("/api/v1/me/slack"))["link"] is None
    await rig.user("root", Role.ADMIN)
    (entry,) = (await (await rig.browser("root")).get("/api/v1/audit?action=slack.link"))["items"]
    assert (entry["before"]["user"], entry["after"]["user"]) == ("u-kim", "u-sue")


async def test_who_is_disabled_or_may_only_look_answers_nobody(rig: DeskRig) -> None:
    kim = await rig.user("kim", slack=KIM)
    await rig.user("lee", Role.VIEWER, slack=LEE)
    async with rig.core.store.unit() as unit:
        await unit.users.save(replace(kim, disabled_at=SystemClock().now()))
    root = await rig.waiting()
    await rig.agents.write(KIM, "hello", root)
    await rig.whispered(KIM, "is disabled")
    await rig.agents.press(LEE, root, "Claim")
    await rig.whispered(LEE, "does not let you answer")
    await rig.agents.write(LEE, "// and no notes", root)
    await rig.whispered(LEE, "does not let you answer", 2)
    await rig.quiet()
    assert await rig.said() == []
    assert (await rig.conversation()).owner is Owner.QUEUE


async def test_a_supervisor_closes_in_slack_what_another_agent_has(rig: DeskRig) -> None:
    await rig.user("lee")
    await rig.user("sue", Role.SUPERVISOR, slack=KIM)
    root = await rig.waiting()
    await rig.core.desk.claim((await rig.conversation()).id, rig.users["lee"])
    await rig.shows(root, "With Lee")
    await rig.agents.press(KIM, root, "Close")
    await rig.shows(root, "Closed by Lee")
    await rig.sees(root, "closed by Sue, from Lee")


def test_a_desk_without_slack_or_with_a_channels_name_is_a_wrong_setting(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="slack_desk_channel is set, and SLACK_BOT_TOKEN is not"):
        OwnSettings(data_dir=tmp_path, slack_desk_channel="C0DESK")
    with pytest.raises(ValueError, match="'#support' is no channel's id"):
        OwnSettings(data_dir=tmp_path, slack_desk_channel="#support", slack_bot_token="xoxb-1")
