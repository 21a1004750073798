"""Flows as graphs while they are typed, and how what they say looks on the channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.console.rig import Browser, ConsoleRig, console_rig


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def draft(root: Browser, path: str, text: str, **more: Any) -> Any:
    return await root.post("/api/v1/flows", {"files": [{"path": path, "text": text}], **more})


async def test_a_flow_is_drawn_as_it_is_typed_and_nothing_is_stored(root: Browser) -> None:
    flows = await root.get("/api/v1/flows")
    text = flows["text"]

    same = await draft(root, "flows.yml", f"# a comment\n{text}")
    told = await draft(root, "flows.yml", text.replace("{created: {}}", "{created: {ask: item}}"))

    assert same == {"findings": [], "flows": flows["flows"]}
    (before, after) = ([edge["source"] for edge in one["flows"][1]["edges"]] for one in (flows, told))
    assert (before.count("outcome:created"), after.count("outcome:created")) == (0, 1)
    assert flows["flows"][1]["nodes"][3]["buttons"] == ["Too big", "Broken"]
    assert (await root.get("/api/v1/pack"))["revision"]["number"] == 1


async def test_of_what_is_not_sound_the_findings_are_told_and_no_graph(root: Browser) -> None:
    text = (await root.get("/api/v1/flows"))["text"]

    told = await draft(root, "flows.yml", text + "nonsense: [\n")
    unspoken = await draft(root, "flows.yml", text.replace("slots:\n", "slots:\n      colour: {text: {}}\n", 1))

    for one in (told, unspoken):
        assert one["flows"] is None
        assert one["findings"][0]["file"] in {"flows.yml", "replies/en.yml"}


async def test_flows_are_told_in_the_language_that_is_asked_for(root: Browser) -> None:
    english, german = await root.get("/api/v1/flows"), await root.get("/api/v1/flows?language=de")

    texts = [[node["text"] for flow in one["flows"] for node in flow["nodes"]] for one in (english, german)]
    assert texts[0] != texts[1]
    assert (await root.call("GET", "/api/v1/flows?language=D%20E"))[0] == 400
    assert (await root.call("POST", "/api/v1/flows", {"files": [], "language": "de"}))[0] == 400


async def test_a_text_is_shown_as_each_channel_is_sent_it(root: Browser) -> None:
    body = {"text": "It takes {days} days, <b>{name}</b>.", "buttons": ["Yes", "No"]}

    told = await root.post("/api/v1/preview", body)

    shown = {one["channel"]: one for one in told["channels"]}
    assert list(shown) == ["webchat", "telegram", "slack"]
    for one in shown.values():
        assert one["bubbles"] == [{"text": "It takes 3 days, <b>{name}</b>.", "rows": [["Yes", "No"]]}]
        assert [(notice["kind"], notice["about"]) for notice in one["notices"]] == [
            ("markup", "<b>"),
            ("placeholder", "name"),
        ]


async def test_the_limits_of_the_channels_are_told(root: Browser) -> None:
    label = "a label that is far too long for the button of any platform that limits labels to 75 characters"
    body = {"text": "word " * 1000, "buttons": [label, "Short", "Shorter"]}

    told = {one["channel"]: one for one in (await root.post("/api/v1/preview", body))["channels"]}

    assert told["webchat"]["notices"] == []
    assert [notice["kind"] for notice in told["telegram"]["notices"]] == ["split"]
    assert [bubble["rows"] for bubble in told["telegram"]["bubbles"]] == [[], [[label], ["Short", "Shorter"]]]
    assert told["slack"]["notices"] == [{"kind": "label_cut", "about": label}]
    assert told["slack"]["bubbles"][0]["rows"][0][0] == label[:75]


async def test_of_nothing_nothing_is_sent(root: Browser) -> None:
    told = await root.post("/api/v1/preview", {"text": "  ", "buttons": []})

    assert [one["bubbles"] for one in told["channels"]] == [[], [], []]
    assert (await root.call("POST", "/api/v1/preview", {"text": "a", "buttons": [""]}))[0] == 400
