"""What the bot was unsure of, reviewed by an admin."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.training.dataset import read_dataset
from tests.bot.rig import KIM
from tests.console.rig import Browser, ConsoleRig, console_rig
from tests.fakes import inbound

UNSURE = ("blue bicycle", "red bicycle", "grüner bicycle", "sing me a song")


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        for number, text in enumerate(UNSURE):
            running.core.clock.advance(1)
            event = replace(inbound(text, conversation=f"c{number}"), at=running.core.clock.now())
            await running.core.hears(event)
            await running.core.settled()
        await running.core.hears(inbound("hello"))
        await running.core.settled()
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def decide(root: Browser, **body: object) -> tuple[int, dict[str, object]]:
    return await root.call("POST", "/api/v1/review/labels", body)


async def test_unsure_messages_come_in_groups_with_what_the_model_thought(root: Browser) -> None:
    page = await root.get("/api/v1/review")
    assert (page["total"], page["open"], page["grouped"], page["next"]) == (2, 4, 4, None)
    bicycles, song = page["groups"]
    assert bicycles["count"] == 3
    assert [m["text"] for m in bicycles["messages"]] == ["blue bicycle", "red bicycle", "grüner bicycle"]
    assert bicycles["languages"] == {"en": 3}
    assert bicycles["id"] == bicycles["messages"][0]["message"]
    assert bicycles["ids"] == [m["message"] for m in bicycles["messages"]]
    assert bicycles["messages"][0]["why"] == "rephrased"
    assert len(bicycles["likeliest"]) == 2
    assert bicycles["likeliest"][0]["name"] == "refund_status"
    assert bicycles["new_intent"] == {"name": "bicycle", "words": ["bicycle"], "example": "blue bicycle"}
    assert song["messages"][0]["text"] == "sing me a song"


async def test_what_a_customer_said_before_a_bad_rating_is_there_too(rig: ConsoleRig, root: Browser) -> None:
    desk = rig.core.core.desk
    for text in ("how long does it take?", "a person please"):
        await rig.core.hears(inbound(text, conversation="c9"))
    await rig.core.settled()
    talk = (await rig.core.conversation("c9")).id
    await desk.claim(talk, KIM)
    await desk.close(talk, KIM)
    await rig.core.settled()
    assert (await root.get("/api/v1/review"))["open"] == 4
    await rig.core.hears(inbound("1", conversation="c9"))
    await rig.core.settled()
    page = await root.get("/api/v1/review")
    rated = [m["text"] for group in page["groups"] for m in group["messages"] if m["why"] == "rated"]
    assert page["open"] == 6
    assert sorted(rated) == ["a person please", "how long does it take?"]


async def test_groups_come_in_pages_that_have_them_all_once(root: Browser) -> None:
    first = await root.get("/api/v1/review?limit=1")
    second = await root.get(f"/api/v1/review?limit=1&offset={first['next']}")
    assert [len(page["groups"]) for page in (first, second)] == [1, 1]
    assert first["groups"] + second["groups"] == (await root.get("/api/v1/review"))["groups"]
    assert second["next"] is None


async def test_the_intents_that_a_verdict_may_name_come_with_the_groups(root: Browser) -> None:
    page = await root.get("/api/v1/review")
    assert "refund_status" in page["intents"]
    assert "out_of_scope" not in page["intents"]
    assert page["intents"] == sorted(page["intents"])
    message = page["groups"][0]["ids"][0]
    assert (await decide(root, messages=[message], verdict="new_intent", intent="bicycles"))[0] == 201
    assert "bicycles" in (await root.get("/api/v1/review"))["intents"]


async def test_a_verdict_on_a_group_is_stored_undone_and_given_again(root: Browser) -> None:
    (bicycles, _) = (await root.get("/api/v1/review"))["groups"]
    status, decided = await decide(root, messages=bicycles["ids"], verdict="new_intent", intent="bicycles")
    assert (status, decided["count"]) == (201, 3)
    assert (await root.get("/api/v1/review"))["open"] == 1
    items = (await root.get("/api/v1/review/labels"))["items"]
    assert {(one["intent"], one["verdict"], one["user"]) for one in items} == {("bicycles", "intent", "Root")}

    assert (await root.call("DELETE", f"/api/v1/review/labels/{decided['act']}"))[0] == 204
    assert (await root.call("DELETE", f"/api/v1/review/labels/{decided['act']}"))[0] == 404
    assert (await root.get("/api/v1/review"))["open"] == 4

    assert (await decide(root, messages=bicycles["ids"][:1], verdict="dismissed"))[0] == 201
    assert (await decide(root, messages=bicycles["ids"], verdict="out_of_scope"))[0] == 409
    assert (await root.get("/api/v1/review"))["open"] == 3


@pytest.mark.parametrize(
    ("verdict", "intent", "reason"),
    [
        ("intent", "bicycles", "no intent 'bicycles'"),
        ("intent", None, "missing"),
        ("intent", "out_of_scope", "no intent"),
        ("new_intent", "refund_status", "already"),
        ("new_intent", "Blue Bike", "no name"),
        ("new_intent", "fahrräder", "no name"),
        ("new_intent", "", "no name"),
        ("out_of_scope", "refund_status", "has none"),
        ("dismissed", "refund_status", "has none"),
    ],
)
async def test_a_wrong_verdict_is_refused_and_changes_nothing(
    root: Browser, verdict: str, intent: str | None, reason: str
) -> None:
    ids = (await root.get("/api/v1/review"))["groups"][0]["ids"]
    status, told = await decide(root, messages=ids, verdict=verdict, intent=intent)
    assert status == 400
    assert told["error"]["field"] == "intent"
    assert reason in told["error"]["message"]
    assert (await root.get("/api/v1/review"))["open"] == 4


async def test_a_verdict_on_an_unknown_message_is_refused_with_all_others(root: Browser) -> None:
    ids = (await root.get("/api/v1/review"))["groups"][0]["ids"]
    status, told = await decide(root, messages=[*ids, "nothing"], verdict="dismissed")
    assert (status, told["error"]["code"]) == (404, "not_found")
    assert (await root.get("/api/v1/review"))["open"] == 4


async def test_a_new_intent_can_be_given_to_others_afterwards(root: Browser) -> None:
    bicycles, song = (await root.get("/api/v1/review"))["groups"]
    await decide(root, messages=bicycles["ids"][:1], verdict="new_intent", intent="bicycle")
    assert (await decide(root, messages=bicycles["ids"][1:], verdict="intent", intent="bicycle"))[0] == 201
    assert (await decide(root, messages=song["ids"], verdict="new_intent", intent="bicycle"))[0] == 400


@pytest.mark.parametrize(("form", "name"), [("jsonl", "labels.jsonl"), ("rasa", "labels.yml")])
async def test_verdicts_are_exported_as_data_that_the_trainer_reads(
    rig: ConsoleRig, root: Browser, tmp_path: Path, form: str, name: str
) -> None:
    nasty = 'a [bicycle](thing): "quoted"\n- intent: # x bicycle'
    for number, text in enumerate((nasty, "Blue  Bicycle")):
        await rig.core.hears(inbound(text, conversation=f"n{number}"))
    await rig.core.settled()
    groups = (await root.get("/api/v1/review"))["groups"]
    every = {m["text"]: m["message"] for group in groups for m in group["messages"]}
    kinds = {"sing me a song": ("out_of_scope", None), "red bicycle": ("dismissed", None)}
    for text, message in every.items():
        verdict, intent = kinds.get(text, ("intent", "refund_status"))
        assert (await decide(root, messages=[message], verdict=verdict, intent=intent))[0] == 201
        rig.core.clock.advance(1)

    status, text = await root.call("GET", f"/api/v1/review/labels?format={form}")
    assert status == 200
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    dataset = read_dataset([file], lambda _: "en")
    assert not dataset.notes
    found = {(" ".join(one.text.casefold().split()), one.intent) for one in dataset.examples}
    assert ("sing me a song", "out_of_scope") in found
    assert {"blue bicycle", "grüner bicycle"} <= {text for text, intent in found if intent == "refund_status"}
    assert len(dataset.examples) == 4
    assert any("thing" in one.text and "quoted" in one.text and not one.entities for one in dataset.examples)
    if form == "jsonl":
        assert {json.loads(row)["lang"] for row in text.splitlines()} == {"en"}
    empty = await root.call("GET", f"/api/v1/review/labels?format={form}&language=tlh")
    assert empty[0] == 200


async def test_the_review_is_for_admins(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")
    for method, path in (("GET", ""), ("GET", "/labels"), ("POST", "/labels"), ("DELETE", "/labels/x")):
        assert (await kim.call(method, f"/api/v1/review{path}", {} if method == "POST" else None))[0] == 403
        assert (await rig.stranger().call(method, f"/api/v1/review{path}"))[0] == 401


@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "offset=-1", "offset=x"])
async def test_wrong_pages_are_told(root: Browser, query: str) -> None:
    status, told = await root.call("GET", f"/api/v1/review?{query}")
    assert (status, told["error"]["field"]) == (400, query.partition("=")[0])
