"""Admins teach the bot in the browser: files, intents, imports, undo, training, and the test bench."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from adapters.console.routes import TEACHING
from bot.model_versions import LineUp, ModelVersion
from bot.ports_studio import Evaluation, Share, Trained
from tests.console.rig import Browser, ConsoleRig, console_rig
from tests.console.rig import told as heard
from tests.fakes import inbound

ANY = {"If-Match": "*"}


@pytest.fixture
async def rig() -> AsyncIterator[ConsoleRig]:
    async with console_rig() as running:
        running.models.line = LineUp((ModelVersion("v2", left_out=0.91), ModelVersion("v1")), champion="v2")
        yield running


@pytest.fixture
async def root(rig: ConsoleRig) -> Browser:
    return await rig.agent("root")


async def put(browser: Browser, path: str, body: Any, tag: str | None = "*") -> tuple[int, Any]:
    headers = {} if tag is None else {"If-Match": tag if tag == "*" else f'"{tag}"'}
    return await browser.call("PUT", path, body, headers=headers)


async def upload(browser: Browser, query: str, name: str, content: bytes) -> tuple[int, Any]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name)
    headers = {"X-Requested-With": "babeldesk", "Origin": browser.url}
    url = f"{browser.url}/api/v1/pack/import{query}"
    async with browser.session.post(url, data=form, headers=headers) as response:
        return response.status, await response.json()


# --- files and revisions ----------------------------------------------------------------------------------------------


async def test_the_pack_tells_its_files_and_what_it_lacks(root: Browser) -> None:
    told = await root.get("/api/v1/pack")

    assert (told["name"], told["revision"]["number"], told["revision"]["kind"]) == ("tiny", 1, "seed")
    assert "replies/de.yml" in [file["path"] for file in told["files"]]
    assert "intent 'fraud' has no examples; it needs two" in [gap["reason"] for gap in told["gaps"]]
    assert told["problem"] is None


async def test_a_changed_reply_is_said_from_the_next_message_on(rig: ConsoleRig, root: Browser) -> None:
    await rig.core.hears(inbound("how long does it take?"))
    await rig.core.settled()
    file = await root.get("/api/v1/pack/file?path=pack.yml")

    status, changed = await put(
        root,
        "/api/v1/pack/file?path=pack.yml",
        {"text": file["text"].replace("days: 3", "days: 9"), "message": "slower"},
        file["etag"],
    )
    await rig.core.hears(inbound("how long does it take?"))
    await rig.core.settled()

    assert (status, changed["revision"]) == (200, 2)
    said = [entry.text for entry in await rig.core.history() if entry.author == "bot"]
    assert ("3" in said[0], "9" in said[1]) == (True, True)
    assert [pack.facts["days"] for pack in rig.models.packs] == ["9"]


async def test_a_write_of_what_somebody_else_changed_gets_both_texts(root: Browser) -> None:
    file = await root.get("/api/v1/pack/file?path=flows.yml")
    mine, theirs = file["text"] + "# mine\n", file["text"] + "# theirs\n"
    assert (await put(root, "/api/v1/pack/file?path=flows.yml", {"text": theirs}, file["etag"]))[0] == 200

    status, told = await put(root, "/api/v1/pack/file?path=flows.yml", {"text": mine}, file["etag"])

    assert (status, told["current"], told["yours"]) == (412, theirs, mine)
    assert (await put(root, "/api/v1/pack/file?path=flows.yml", {"text": mine}, told["etag"]))[0] == 200


async def test_a_write_must_say_what_it_has_seen(root: Browser) -> None:
    status, told = await put(root, "/api/v1/pack/file?path=flows.yml", {"text": "flows: {}"}, None)

    assert status == 428
    assert "If-Match" in str(told)


async def test_a_broken_file_is_refused_with_line_and_column(root: Browser) -> None:
    file = await root.get("/api/v1/pack/file?path=flows.yml")
    broken = {"text": file["text"].replace("entity: order_number}}", "entity: nothing}}")}

    status, told = await put(root, "/api/v1/pack/file?path=flows.yml", broken, file["etag"])
    checked = await root.post("/api/v1/pack/validate", {"files": [{"path": "flows.yml", **broken}]})

    assert status == 422
    assert told["findings"] == checked["findings"]
    (finding,) = told["findings"]
    assert (finding["file"], finding["line"]) == ("flows.yml", 4)
    assert finding["column"] > 1
    assert (await root.get("/api/v1/pack"))["revision"]["number"] == 1


async def test_several_files_change_together_or_not_at_all(root: Browser) -> None:
    file = await root.get("/api/v1/pack/file?path=pack.yml")
    one = {"path": "pack.yml", "text": file["text"] + "# a\n", "etag": file["etag"]}
    two = {"path": "notes.md", "text": "A note.\n", "etag": None}

    refused, _ = await root.call("POST", "/api/v1/pack/files", {"files": [one, {**two, "etag": "other"}]})
    done = await root.post("/api/v1/pack/files", {"files": [one, two]})

    assert refused == 412
    assert done["revision"]["number"] == 2
    assert "notes.md" in [file["path"] for file in done["files"]]


async def test_revisions_tell_who_changed_what_and_are_taken_back(root: Browser) -> None:
    await put(root, "/api/v1/intents/fraud", {"means": "tells of fraud", "buttons": ["help"]})
    listed = await root.get("/api/v1/pack/revisions?limit=1")
    detail = await root.get("/api/v1/pack/revisions/2")

    assert (listed["items"][0]["author_name"], listed["next"]) == ("Root", 2)
    (changed,) = detail["files"]
    assert changed["path"] == "intents.yml"
    assert "-  fraud: reports fraud" in changed["diff"]
    undone = await root.post("/api/v1/pack/revisions/2/undo")
    assert (undone["kind"], undone["undoes"]) == ("undo", 2)
    assert (await root.get("/api/v1/intents/fraud"))["means"] == "reports fraud"
    assert (await root.call("POST", "/api/v1/pack/revisions/9/undo"))[0] in {400, 404}
    assert (await root.call("GET", "/api/v1/pack/revisions/9"))[0] == 404
    old = await root.get("/api/v1/pack/file?path=intents.yml&revision=2")
    assert "tells of fraud" in old["text"]


async def test_a_file_is_taken_away_and_made_again_by_the_tags_that_are_given(root: Browser) -> None:
    made = {"files": [{"path": "notes.md", "text": "A note.\n", "etag": None}]}
    await root.post("/api/v1/pack/files", made)
    path = "/api/v1/pack/file?path=notes.md"
    tag = (await root.get(path))["etag"]

    status, gone = await put(root, path, {"text": None}, tag)

    assert (status, gone["text"], gone["revision"]) == (200, None, 3)
    assert (await root.call("GET", path))[0] == 404
    assert (await put(root, path, {"text": "Another.\n"}, gone["etag"]))[0] == 200


# --- intents ----------------------------------------------------------------------------------------------------------


async def test_the_list_tells_counts_gaps_and_measured_accuracy_only(rig: ConsoleRig, root: Browser) -> None:
    rig.trainer.known["v2"] = Evaluation(Share(4, 3), {"greeting": Share(4, 3)}, {"en": Share(4, 3)})

    told = await root.get("/api/v1/intents")

    by_name = {item["name"]: item for item in told["items"]}
    assert by_name["greeting"]["examples"] == {"en": 2}
    assert by_name["greeting"]["accuracy"] == {"n": 4, "accuracy": 0.75}
    assert by_name["fraud"]["accuracy"] is None
    assert by_name["fraud"]["untaught"] == ["en"]
    assert (by_name["order_status"]["flow"], by_name["affirm"]["needed"]) == ("order_status", True)
    assert (told["model"], told["left_out"]) == ("v2", 0.91)


async def test_a_new_intent_is_added_with_its_examples_and_replies(root: Browser) -> None:
    body = {
        "name": "opening",
        "means": "asks when it is open",
        "buttons": ["help"],
        "examples": {"en": ["when do you open", "open on [12345](order_number)?"], "de": ["wann habt ihr offen"]},
        "replies": {"en": {"label": "Opening hours", "replies": ["At nine."]}},
    }
    made = await root.post("/api/v1/intents", body)
    again, _ = await root.call("POST", "/api/v1/intents", body)

    assert again == 409
    assert [(e["language"], e["examples"]) for e in made["examples"]] == [
        ("de", ["wann habt ihr offen"]),
        ("en", ["when do you open", "open on [12345](order_number)?"]),
    ]
    listed = {item["name"]: item for item in (await root.get("/api/v1/intents"))["items"]}
    assert listed["opening"]["unsaid"] == ["de"]


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"name": "Opening", "means": "x"}, 400, "is no intent name"),
        ({"name": "opening", "means": ""}, 400, "means"),
        ({"name": "opening", "means": "x"}, 422, "reply 'opening' is missing"),
        ({"name": "opening", "means": "x", "examples": {"en": ["hello"]}}, 422, "'hello' is opening, but greeting"),
        ({"name": "opening", "means": "x", "examples": {"english": ["a"]}}, 400, "no language code"),
        ({"name": "opening", "means": "x", "examples": {"en": ["[a](b)"]}}, 422, "entities.yml has no entity 'b'"),
        ({"name": "opening", "means": "x", "buttons": ["nothing"]}, 422, "there is no intent 'nothing'"),
    ],
)
async def test_a_wrong_intent_is_told_and_changes_nothing(
    root: Browser, body: dict[str, Any], status: int, reason: str
) -> None:
    answered, told = await root.call("POST", "/api/v1/intents", body)

    assert (answered, reason in str(told)) == (status, True), told
    assert (await root.get("/api/v1/pack"))["revision"]["number"] == 1


async def test_two_admins_at_one_intent_are_told_of_each_other(rig: ConsoleRig, root: Browser) -> None:
    other = await rig.agent("root")
    seen = (await root.get("/api/v1/intents/greeting"))["examples"]
    tag = next(e["etag"] for e in seen if e["language"] == "en")
    path = "/api/v1/intents/greeting/examples/en"
    assert (await put(root, path, {"examples": ["hello", "hey"]}, tag))[0] == 200

    status, told = await put(other, path, {"examples": ["hello", "yo"]}, tag)
    elsewhere, _ = await put(other, "/api/v1/intents/greeting/examples/de", {"examples": ["hallo"]})

    assert (status, told["current"], told["yours"]) == (412, ["hello", "hey"], ["hello", "yo"])
    assert elsewhere == 200


async def test_replies_change_a_language_at_a_time(root: Browser) -> None:
    path = "/api/v1/intents/delivery_time/replies/de"

    status, told = await put(root, path, {"label": "Lieferzeit?", "replies": ["{days} Tage.", "In {days} Tagen."]})
    misquoted, wrong = await put(root, path, {"label": "x", "replies": ["{nothing}"]})
    removed, _ = await put(root, path, {"label": None, "replies": []})

    assert (status, told["replies"]) == (200, ["{days} Tage.", "In {days} Tagen."])
    assert (misquoted, "is no fact" in wrong["findings"][0]["reason"]) == (422, True)
    assert removed == 200


async def test_an_intent_is_renamed_and_deleted(root: Browser) -> None:
    renamed = await root.post("/api/v1/intents/delivery_time/rename", {"name": "shipping_time"})
    assert renamed["name"] == "shipping_time"
    assert (await root.call("GET", "/api/v1/intents/delivery_time"))[0] == 404

    assert (await root.call("DELETE", "/api/v1/intents/shipping_time", headers={"If-Match": '"old"'}))[0] == 412
    assert (await root.call("DELETE", "/api/v1/intents/shipping_time", headers=ANY))[0] == 204
    assert (await root.call("DELETE", "/api/v1/intents/order_status", headers=ANY))[0] == 409
    assert (await root.call("DELETE", "/api/v1/intents/nothing", headers=ANY))[0] == 404


async def test_duplicates_are_pointed_out_with_their_places(root: Browser) -> None:
    await put(root, "/api/v1/intents/help/examples/de", {"examples": ["Hello"]})

    told = await root.get("/api/v1/intent-duplicates")

    (exact,) = told["exact"]
    assert [(p["intent"], p["file"], p["line"]) for p in exact["places"]] == [
        ("help", "nlu/de.yml", 5),
        ("greeting", "nlu/en.yml", 5),
    ]
    assert (told["near"], told["problem"]) == ([], "this server has no encoder to compare examples with")


# --- import and export ------------------------------------------------------------------------------------------------


async def test_a_dry_run_tells_what_an_import_would_change_and_changes_nothing(root: Browser) -> None:
    text = b'version: "3.1"\nnlu:\n  - intent: greeting\n    examples: |\n      - hallo\n      - servus\n'

    status, told = await upload(root, "?dry_run=1", "de.yml", text)

    assert (status, told["findings"], told["dry_run"]) == (200, [], True)
    assert told["examples"] == [{"intent": "greeting", "language": "de", "added": 2, "removed": 0}]
    assert (await root.get("/api/v1/pack"))["revision"]["number"] == 1
    status, told = await upload(root, "", "de.yml", text)
    assert (status, told["revision"]) == (200, 2)


async def test_a_broken_import_names_line_and_reason_and_changes_nothing(root: Browser) -> None:
    text = b"nlu:\n  - intent: nothing\n    examples: |\n      - a\n"

    for query, wanted in (("?dry_run=1", 200), ("", 422)):
        status, told = await upload(root, query, "de.yml", text)
        assert (status, told["findings"]) == (
            wanted,
            [{"file": "de.yml", "line": 2, "column": 0, "reason": "there is no intent 'nothing'"}],
        )
    assert (await upload(root, "", "x.zip", b"PK\x03\x04broken"))[0] == 400
    assert (await upload(root, "", "x.yml", b"\xff\xfe"))[0] == 400
    assert (await root.get("/api/v1/pack"))["revision"]["number"] == 1


async def test_a_whole_pack_goes_out_and_comes_back(root: Browser) -> None:
    async with root.session.get(f"{root.url}/api/v1/pack/export") as response:
        archive = await response.read()
    async with root.session.get(f"{root.url}/api/v1/pack/export/en") as response:
        examples = await response.text()
    await put(root, "/api/v1/intents/fraud", {"means": "tells of fraud"})

    status, told = await upload(root, "?revision=2", "tiny.zip", archive)

    assert "tiny/pack.yml" in zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert examples.splitlines()[2:5] == ["  - intent: greeting", "    examples: |", "      - hello"]
    assert (status, [file["path"] for file in told["files"]]) == (200, ["intents.yml"])
    assert (await root.get("/api/v1/intents/fraud"))["means"] == "reports fraud"
    assert (await upload(root, "?revision=2", "tiny.zip", archive))[0] in {200, 412}


# --- training ---------------------------------------------------------------------------------------------------------


async def test_changed_examples_are_trained_and_served(rig: ConsoleRig, root: Browser) -> None:
    rig.trainer.next = [Trained("v1", evaluation=Evaluation(Share(2, 1)), seconds={"training": 1.5})]
    await put(root, "/api/v1/intents/help/examples/de", {"examples": ["hilfe"]})

    run = await rig.trained()

    assert (run["state"], run["revision"], run["trained"]["version"]) == ("served", 2, "v1")
    assert run["trained"]["evaluation"]["accuracy"] == 0.5
    assert rig.models.line.champion == "v1"


async def test_a_worse_version_is_kept_and_can_be_promoted_by_hand(rig: ConsoleRig, root: Browser) -> None:
    rig.trainer.next = [Trained("v1", worse="it tells 50.0% right, the version that serves 90.0%")]

    started = await root.call("POST", "/api/v1/training")
    run = await rig.trained()

    assert started[0] == 202
    assert (run["state"], "50.0%" in run["reason"], run["asked_by"]) == ("kept", True, "Root")
    assert rig.models.line.champion == "v2"
    await root.post("/api/v1/models/promote", {"version": "v1"})
    assert rig.models.line.champion == "v1"


async def test_a_failed_training_is_shown_and_the_next_goes_well(rig: ConsoleRig, root: Browser) -> None:
    rig.trainer.next = [RuntimeError("the disk is full"), Trained("v1")]

    await root.post("/api/v1/training")
    failed = await rig.trained()
    await root.post("/api/v1/training")
    served = await rig.trained()

    assert (failed["state"], failed["reason"]) == ("failed", "the disk is full")
    assert served["state"] == "served"


async def test_a_changed_reply_is_not_trained(rig: ConsoleRig, root: Browser) -> None:
    await put(root, "/api/v1/intents/fraud", {"means": "tells of fraud"})

    assert (await root.get("/api/v1/training"))["runs"] == []


# --- test bench and flows ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "does", "why"),
    [
        ("how long does it take?", "answers", "delivery_time 0.93"),
        ("where is my order?", "starts_flow", "flow order_status: asks order_number"),
        ("my thing about the thing", "clarifies", "clarify: delivery_time 0.45"),
        ("the other thing", "clarifies", "clarify: refund_status 0.40"),
        ("sing me a song", "rephrases", "not sure: out_of_scope"),
        ("i was robbed", "hands_over", "handoff: sensitive"),
        ("auf deutsch bitte", "sets_language", "language set to de"),
    ],
)
async def test_the_bench_tells_what_would_happen_and_why(
    rig: ConsoleRig, root: Browser, text: str, does: str, why: str
) -> None:
    told = await root.post("/api/v1/understand", {"text": text})

    assert told["does"] == does
    assert told["why"].startswith(why)
    assert told["understanding"]["language"]["code"] in {"en", "de"}
    async with rig.core.store.unit(write=False) as unit:
        from bot.ports import ConversationFilter

        assert await unit.conversations.list(ConversationFilter()) == []


async def test_the_bench_tries_a_language_and_an_earlier_revision(root: Browser) -> None:
    await put(root, "/api/v1/intents/delivery_time/replies/de", {"label": "L", "replies": ["Neun."]})

    now = await root.post("/api/v1/understand", {"text": "how long does it take?", "language": "de"})
    before = await root.post("/api/v1/understand", {"text": "how long does it take?", "language": "de", "revision": 1})
    wrong = await root.call("POST", "/api/v1/understand", {"text": "x", "language": "german"})

    assert now["says"][0]["text"] == "Neun."
    assert before["says"][0]["text"] != "Neun."
    assert wrong[0] == 400


async def test_flows_are_graphs_beside_their_file(root: Browser) -> None:
    told = await root.get("/api/v1/flows")

    by_name = {graph["flow"]: graph for graph in told["flows"]}
    edges = {(e["source"], e["target"], e["label"]) for e in by_name["return_request"]["edges"]}
    assert ("slot:item", "slot:reason", "filled") in edges
    assert ("confirm", "action", "yes") in edges
    assert ("confirm", "slot:order_number", "no") in edges
    assert ("outcome:not_found", "slot:order_number", "asks again") in {
        (e["source"], e["target"], e["label"]) for e in by_name["order_status"]["edges"]
    }
    for graph in told["flows"]:
        nodes = {node["id"] for node in graph["nodes"]}
        assert {edge[key] for edge in graph["edges"] for key in ("source", "target")} <= nodes
    assert told["text"].startswith("flows:")


async def test_teaching_is_for_admins(rig: ConsoleRig) -> None:
    kim = await rig.agent("kim")

    for route in TEACHING:
        path = route.path.format(name="greeting", language="en", number="1", version="v1")
        body = None if route.method == "GET" else {}
        assert (await kim.call(route.method, path, body))[0] == 403, route
        assert (await rig.stranger().call(route.method, path, body))[0] == 401, route


async def test_what_is_taught_is_told_to_open_consoles(rig: ConsoleRig, root: Browser) -> None:
    headers = {"Origin": root.url}
    async with root.session.ws_connect(f"{root.url}/api/v1/stream", headers=headers) as socket:
        await heard(socket, "hello")
        await put(root, "/api/v1/intents/help/examples/de", {"examples": ["hilfe"]})
        await rig.trained()
        changed = await heard(socket, "pack")
        steps = [await heard(socket, "training") for _ in range(3)]

    assert changed == {"type": "pack", "revision": 2, "author": "Root", "message": "changes examples of help in de"}
    assert [event["state"] for event in steps[:2]] == ["waiting", "training"]
    assert steps[2]["step"] == "fitting"


async def test_the_audit_log_names_who_taught_what(rig: ConsoleRig, root: Browser) -> None:
    script = await rig.script("root", called="nightly")
    await put(root, "/api/v1/intents/help/examples/de", {"examples": ["hilfe"]})
    await script.call("POST", "/api/v1/pack/revisions/2/undo")
    await upload(root, "", "more.yml", b"nlu:\n  - intent: greeting\n    examples: |\n      - ahoy\n")
    run = await root.post("/api/v1/training")

    actions = ("pack.edit", "pack.undo", "pack.import", "training.start")
    edit, undo, imported, training = [
        (await root.get(f"/api/v1/audit?action={action}"))["items"][0] for action in actions
    ]

    assert edit["actor"] == {"id": "u-root", "name": "root", "token": None}
    assert (edit["target"], edit["before"]) == ("tiny", {"revision": 1})
    assert (edit["after"]["revision"], edit["after"]["message"]) == (2, "changes examples of help in de")
    assert [path.partition("/")[0] for path in edit["after"]["files"]] == ["nlu"]
    assert undo["actor"] == {"id": "u-root", "name": "root", "token": "nightly"}
    assert (undo["before"], undo["after"]["revision"], undo["after"]["undoes"]) == ({"revision": 2}, 3, 2)
    assert (imported["after"]["revision"], imported["after"]["message"]) == (4, "imports more.yml")
    assert (training["target"], training["after"]) == (str(run["number"]), {"revision": 4})


async def test_what_is_refused_is_in_no_audit_log(root: Browser) -> None:
    status, _ = await put(root, "/api/v1/pack/file?path=flows.yml", {"text": "flows: ["})

    assert status == 422
    assert (await root.get("/api/v1/audit?action=pack"))["items"] == []


async def test_the_whole_desk_goes_by_the_changed_pack(rig: ConsoleRig, root: Browser) -> None:
    skill = {"name": "gifts", "intents": ["gift_card"], "reasons": []}
    refused, _ = await root.call("POST", "/api/v1/skills", skill)
    await rig.waiting()
    (before,) = (await root.get("/api/v1/queue"))["items"]
    file = await root.get("/api/v1/pack/file?path=pack.yml")
    later = {"text": file["text"].replace('monday: ["09:00-17:00"]', 'monday: ["13:00-17:00"]')}

    said = {"en": {"label": "Gift cards", "replies": ["We have gift cards."]}}
    await root.post("/api/v1/intents", {"name": "gift_card", "means": "asks for gift cards", "replies": said})
    assert (await put(root, "/api/v1/pack/file?path=pack.yml", later, file["etag"]))[0] == 200

    (after,) = (await root.get("/api/v1/queue"))["items"]
    assert (refused, (await root.call("POST", "/api/v1/skills", skill))[0]) == (400, 201)
    assert [item["handoff"]["sla"]["first_answer"]["due_at"] for item in (before, after)] == [
        "2026-11-23T10:10:00Z",
        "2026-11-23T12:10:00Z",
    ]
