from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.console.rig import Browser, ConsoleRig, console_rig


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


async def customer_of(browser: Browser, conversation: str) -> str:
    return (await browser.get(f"/api/v1/conversations/{conversation}"))["customer"]["id"]


async def test_two_profiles_are_merged_and_split_again(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    first, second = await rig.waiting("ana"), await rig.waiting("bob")
    ana, bob = await customer_of(kim, first), await customer_of(kim, second)
    before = await kim.get(f"/api/v1/customers/{bob}")
    merged = await kim.post(f"/api/v1/customers/{ana}/merge", {"customer": bob})
    assert [identity["id"] for identity in merged["identities"]] == ["ana", "bob"]
    assert {item["conversation"]["id"] for item in merged["conversations"]} == {first, second}
    assert await customer_of(kim, second) == ana
    (merge,) = merged["merges"]
    assert merge["by"] == "Kim"
    await kim.post(f"/api/v1/merges/{merge['id']}/undo")
    log = (await (await rig.agent("root")).get("/api/v1/audit?action=customer"))["items"]
    assert [(entry["action"], entry["target"]) for entry in log] == [("customer.split", ana), ("customer.merge", ana)]
    assert log[1]["after"] == log[0]["before"] == {"merge": merge["id"], "absorbed": bob}
    after = await kim.get(f"/api/v1/customers/{bob}")
    assert {**after, "merges": []} == before
    assert (await kim.call("POST", f"/api/v1/merges/{merge['id']}/undo"))[0] == 409
    assert (await kim.call("POST", "/api/v1/merges/none/undo"))[0] == 404
    assert (await kim.call("GET", "/api/v1/customers/none"))[0] == 404


async def test_what_is_known_of_a_customer_has_a_kind(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    path = f"/api/v1/customers/{await customer_of(kim, await rig.waiting())}"
    given = {
        "tier": {"kind": "string", "value": "gold"},
        "orders": {"kind": "number", "value": 3},
        "born": {"kind": "date", "value": "1990-02-28"},
        "vip": {"kind": "boolean", "value": True},
    }
    status, body = await kim.call("PATCH", f"{path}/attributes", {"know": given})
    assert (status, body["attributes"]) == (200, given)
    for wrong in (
        {"kind": "number", "value": "3"},
        {"kind": "number", "value": True},
        {"kind": "boolean", "value": 1},
        {"kind": "date", "value": "1990-02-30"},
    ):
        status, body = await kim.call("PATCH", f"{path}/attributes", {"know": {"x": wrong}, "forget": ["tier"]})
        assert (status, body["error"]["field"]) == (400, "know.x.value")
    await kim.call("PATCH", f"{path}/attributes", {"forget": ["tier", "unknown"]})
    assert sorted((await kim.get(path))["attributes"]) == ["born", "orders", "vip"]


async def test_the_other_profile_of_a_customer_is_found_by_its_short_id(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    ana = await customer_of(kim, await rig.waiting("ana"))
    await rig.waiting("bob")
    (found,) = (await kim.get(f"/api/v1/customers?q={ana[:6]}"))["items"]
    assert (found["id"], found["conversations"], found["identities"][0]["id"]) == (ana, 1, "ana")
    assert [one["id"] for one in (await kim.get("/api/v1/customers?q=%20ana%20"))["items"]] == [ana]
    assert (await kim.get("/api/v1/customers"))["items"] == []
    for query in ("?q=" + "x" * 501, "?q=a&limit=0"):
        status, body = await kim.call("GET", f"/api/v1/customers{query}")
        assert status == 400, body
