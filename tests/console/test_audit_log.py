"""The audit log: what is in it after what, and how it is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.console.auth import set_password
from bot.errors import DeliveryRefused
from bot.model_versions import LineUp, ModelVersion
from tests.console.rig import PASSWORD, Browser, ConsoleRig, console_rig
from tests.fakes import inbound


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def log(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await browser.get(f"/api/v1/audit{query}"))["items"]
    return items


async def test_changes_of_users_are_kept_with_before_and_after_and_without_secrets(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    body = {"name": "mia", "display_name": "Mia", "role": "agent", "password": "a long password"}
    mia = (await root.post("/api/v1/users", body))["user"]["id"]
    change = {"role": "viewer", "display_name": "Mia", "password": "quite another", "disabled": True}
    await root.call("PATCH", f"/api/v1/users/{mia}", change)
    await root.call("PATCH", f"/api/v1/users/{mia}", {"role": "viewer"})
    password, changed, added = await log(root)
    assert added["action"] == "user.add"
    assert added["after"] == {"name": "mia", "display_name": "Mia", "role": "agent", "disabled": False}
    assert changed["action"] == "user.change"
    assert (changed["before"], changed["after"]) == (
        {"role": "agent", "disabled": False},
        {"role": "viewer", "disabled": True},
    )
    assert (password["action"], password["before"], password["after"]) == ("user.password", None, None)
    for entry in (added, changed, password):
        assert entry["actor"] == {"id": "u-root", "name": "root", "token": None}
        assert (entry["target"], entry["at"]) == (mia, "2026-11-23T10:00:00Z")
    assert "password" not in json.dumps([added, changed])
    assert "argon2" not in json.dumps(await log(root))


async def test_what_is_refused_leaves_no_entry(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    await root.call("PATCH", "/api/v1/users/u-root", {"role": "agent"})
    await root.call("PATCH", "/api/v1/users/u-kim", {"role": "admin"}, headers={"If-Match": '"old"'})
    await root.call("POST", "/api/v1/models/promote", {"version": "v9"})
    await root.call("POST", "/api/v1/dead-letters/nothing/retry")
    assert await log(root) == []


async def test_tokens_are_kept_and_who_used_one_to_change_something(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    script = await rig.script("root")
    await script.call("PATCH", "/api/v1/users/u-kim", {"role": "viewer"})
    await root.call("DELETE", f"/api/v1/tokens/{script.id}")
    revoked, changed, added = await log(root)
    assert (added["action"], added["target"], added["after"]["role"]) == ("token.add", script.id, "admin")
    assert changed["actor"] == {"id": "u-root", "name": "root", "token": "root's script"}
    assert (revoked["action"], revoked["before"]["name"]) == ("token.revoke", "root's script")
    assert script.token not in json.dumps(await log(root))


async def test_models_are_promoted_rolled_back_and_challenged_by_name(rig: ConsoleRig) -> None:
    rig.models.line = LineUp((ModelVersion("v2"), ModelVersion("v1")), champion="v1")
    root = await rig.agent("root")
    for path, body in (("promote", {"version": "v2"}), ("rollback", None), ("challenge", {"version": "v2"})):
        await root.post(f"/api/v1/models/{path}", body)
    await root.post("/api/v1/models/challenge", {"version": None})
    ended, began, back, promoted = await log(root)
    assert (promoted["action"], promoted["target"]) == ("model.promote", "v2")
    assert promoted["before"] == {"champion": "v1", "previous": None}
    assert promoted["after"] == {"champion": "v2", "previous": "v1"}
    assert (back["action"], back["target"]) == ("model.rollback", "v1")
    assert (began["action"], began["target"], began["after"]) == ("model.challenge", "v2", {"challenger": "v2"})
    assert (ended["target"], ended["after"]) == ("v2", {"challenger": None})


async def test_a_retry_is_kept_and_goes_out_on_the_channel_that_it_belongs_to(rig: ConsoleRig) -> None:
    core = rig.core
    core.other.failures = [DeliveryRefused("blocked by the user")]
    await core.hears(inbound("hello", channel="other"))
    await core.settled()
    sue = await rig.agent("sue")
    (letter,) = (await sue.get("/api/v1/dead-letters"))["items"]
    await sue.post(f"/api/v1/dead-letters/{letter['message']['id']}/retry")
    await core.settled()
    assert (await sue.get("/api/v1/dead-letters"))["items"] == []
    assert letter["message"]["text"] in core.other.texts()
    assert list(core.memory.texts()) == []
    (entry,) = await log(sue)
    assert (entry["action"], entry["actor"]["id"], entry["target"]) == (
        "delivery.retry",
        "u-sue",
        letter["message"]["id"],
    )


async def test_the_log_is_read_by_filter_and_page_by_page(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    for n in range(5):
        rig.core.clock.advance(60)
        await root.call("PATCH", "/api/v1/users/u-kim", {"display_name": f"Kim {n}"})
    await set_password(rig.core.store, rig.core.clock, "u-lee", PASSWORD)
    first = await root.get("/api/v1/audit?limit=4")
    rest = await root.get(f"/api/v1/audit?limit=4&before={first['next']}")
    assert [one["action"] for one in first["items"]] == ["user.password", *["user.change"] * 3]
    assert [one["after"]["display_name"] for one in rest["items"]] == ["Kim 1", "Kim 0"]
    assert rest["next"] is None
    assert len(await log(root, "?actor=u-root&action=user")) == 5
    assert [one["actor"]["name"] for one in await log(root, "?action=user.password")] == ["command line"]
    within = "?since=2026-11-23T10:02:00Z&until=2026-11-23T11:04:00%2B01:00"
    assert [one["after"]["display_name"] for one in await log(root, within)] == ["Kim 2", "Kim 1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=٣", "limit"),
        ("before=x", "before"),
        ("since=yesterday", "since"),
        ("until=2026-11-23T10:00:00", "until"),
        ("format=xlsx", "format"),
    ],
)
async def test_a_wrong_filter_is_named(rig: ConsoleRig, query: str, field: str) -> None:
    sue = await rig.agent("sue")
    status, problem = await sue.call("GET", f"/api/v1/audit?{query}")
    assert (status, problem["field"]) == (400, field)


async def test_the_log_is_a_table_that_runs_no_formulas(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    await root.call("PATCH", "/api/v1/users/u-kim", {"display_name": '=HYPERLINK("http://evil")'})
    await root.call("POST", "/api/v1/tokens", {"name": '=1+1, "quoted"', "role": "admin"})
    script = await rig.script("root", called="=cmd")
    await script.call("PATCH", "/api/v1/users/u-kim", {"role": "viewer"})
    async with root.session.get(f"{rig.url}/api/v1/audit?format=csv&limit=1") as response:
        assert response.content_type == "text/csv"
        assert "audit.csv" in response.headers["Content-Disposition"]
        text = await response.text(encoding="utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert header == ["seq", "at", "actor", "actor_name", "token", "action", "target", "before", "after"]
    assert [row[5] for row in rows] == ["user.change", "token.add", "token.add", "user.change"]
    assert rows[0][4] == "'=cmd"
    assert json.loads(rows[2][8])["name"] == '=1+1, "quoted"'
    assert json.loads(rows[3][8]) == {"display_name": '=HYPERLINK("http://evil")'}


async def changes(browser: Browser, area: str) -> list[tuple[str, str, Any, Any]]:
    """Entries of an area, the first one first: action, target, before and after."""
    found = reversed(await log(browser, f"?action={area}"))
    return [(entry["action"], entry["target"], entry["before"], entry["after"]) for entry in found]


async def test_teams_are_kept_and_who_takes_the_default_ones_part_is_told_of_both(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    first = (await root.post("/api/v1/teams", {"name": "Desk", "default": True}))["id"]
    second = (await root.post("/api/v1/teams", {"name": "Returns", "members": ["u-kim"]}))["id"]
    await root.call("PATCH", f"/api/v1/teams/{second}", {"default": True, "name": "Returns"})
    await root.call("PATCH", f"/api/v1/teams/{second}", {"name": "Returns"})
    await root.call("DELETE", f"/api/v1/teams/{first}")
    await root.call("DELETE", f"/api/v1/teams/{first}")
    added, other, gone, taken, removed = await changes(root, "team")
    assert added[:3] == ("team.add", first, None)
    assert (added[3]["name"], added[3]["default"]) == ("Desk", True)
    assert (other[0], other[3]["members"]) == ("team.add", ["u-kim"])
    assert gone == ("team.change", first, {"default": True}, {"default": False})
    assert taken == ("team.change", second, {"default": False}, {"default": True})
    assert (removed[0], removed[2]["name"], removed[3]) == ("team.remove", "Desk", None)


async def test_skills_and_what_agents_can_do_are_kept(rig: ConsoleRig) -> None:
    root = await rig.agent("root")
    await root.post("/api/v1/skills", {"name": "refunds", "reasons": ["requested"]})
    await root.call("PATCH", "/api/v1/skills/refunds", {"reasons": [], "intents": []})
    for capacity in (2, 2):
        await root.call("PATCH", "/api/v1/agents/u-kim", {"skills": ["refunds", "refunds"], "capacity": capacity})
    assert (await root.call("DELETE", "/api/v1/skills/refunds"))[0] == 409
    assert await changes(root, "agent") == [
        ("agent.change", "u-kim", {"skills": [], "capacity": None}, {"skills": ["refunds"], "capacity": 2})
    ]
    await root.call("PATCH", "/api/v1/agents/u-kim", {"skills": []})
    await root.call("DELETE", "/api/v1/skills/refunds")
    assert [(action, before, after) for action, _, before, after in await changes(root, "skill")] == [
        ("skill.add", None, {"name": "refunds", "intents": [], "reasons": ["requested"]}),
        ("skill.change", {"reasons": ["requested"]}, {"reasons": []}),
        ("skill.remove", {"name": "refunds", "intents": [], "reasons": []}, None),
    ]


async def test_a_supervisor_sets_an_agents_presence_and_who_is_absent_stays_so(rig: ConsoleRig) -> None:
    sue, kim = await rig.agent("sue"), await rig.agent("kim")
    await kim.post("/api/v1/presence", {"state": "online"})
    path = "/api/v1/agents/u-kim/presence"
    for _ in range(2):
        agent = await sue.post(path, {"state": "away"})
        assert (agent["presence"]["state"], agent["presence"]["chosen"]) == ("away", "away")
    absent = await sue.post("/api/v1/agents/u-lee/presence", {"state": "away"})
    assert (absent["presence"]["state"], absent["presence"]["chosen"]) == ("offline", "away")
    assert (await kim.call("POST", path, {"state": "online"}))[0] == 403
    assert (await sue.call("POST", "/api/v1/agents/nobody/presence", {"state": "away"}))[0] == 404
    before_and_after = ({"chosen": "online"}, {"chosen": "away"})
    assert await changes(sue, "agent.presence") == [
        ("agent.presence", "u-kim", *before_and_after),
        ("agent.presence", "u-lee", *before_and_after),
    ]


async def test_shared_canned_replies_are_kept_and_ones_own_are_ones_own_business(rig: ConsoleRig) -> None:
    sue = await rig.agent("sue")
    await sue.post("/api/v1/canned", {"shortcut": "mine", "texts": {"en": "secret"}})
    made = await sue.post("/api/v1/canned", {"shortcut": "hi", "texts": {"en": "Hi", "de": "Hallo"}, "shared": True})
    body = {"version": 0, "shortcut": "hello", "texts": {"en": "Hi"}}
    await sue.call("PATCH", f"/api/v1/canned/{made['id']}", body)
    await sue.call("PATCH", f"/api/v1/canned/{made['id']}", body)
    await sue.call("DELETE", f"/api/v1/canned/{made['id']}")
    assert await changes(sue, "canned") == [
        ("canned.add", "hi", None, {"shortcut": "hi", "texts.en": "Hi", "texts.de": "Hallo"}),
        ("canned.change", "hello", {"shortcut": "hi", "texts.de": "Hallo"}, {"shortcut": "hello", "texts.de": None}),
        ("canned.remove", "hello", {"shortcut": "hello", "texts.en": "Hi"}, None),
    ]
