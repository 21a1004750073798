"""The pack as admins change it: revisions, clashes, undo, and what a running bot notices of it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot import intent_edit, pack_edit
from bot.adapting import known_to
from bot.errors import Conflict, InvalidInput
from bot.live import Hub
from bot.merging import Span, take_back
from bot.pack_edit import Stale
from bot.pack_import import differences, packed, plan_pack, plan_rasa
from bot.pack_reader import raw_files, read_pack
from bot.ports import Store
from bot.revisions import Author, Kind, Snapshot, etag
from bot.workspace import BrokenPack, Edit, Workspace
from bot.yamledit import YamlEdit
from storage.memory import MemoryStore
from storage.pack_folders import DiskPackFolders
from tests.bot.talk import PACK, Talk
from tests.fakes import FakeClock, understand

TINY = Path(__file__).parents[1] / "packs" / "tiny"
KIM, LEE = Author("u-kim", "Kim"), Author("u-lee", "Lee")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(TINY, tmp_path / "tiny")


@pytest.fixture
def store() -> Store:
    return MemoryStore()


async def opened(folder: Path, store: Store, live: Hub | None = None) -> Workspace:
    workspace = Workspace(
        seed=read_pack(folder),
        store=store,
        folders=DiskPackFolders(folder.parent / "revisions"),
        clock=FakeClock(),
        live=live,
        check_every=0.01,
    )
    await workspace.open()
    return workspace


@pytest.fixture
async def workspace(folder: Path, store: Store) -> Workspace:
    return await opened(folder, store)


def german(intent: str, example: str) -> str:
    """A file of examples with one of them, in its fourth line."""
    return f"nlu:\n  - intent: {intent}\n    examples: |\n      - {example}\n"


def replacing(path: str, old: str, new: str) -> Edit:
    def edit(now: Snapshot) -> Mapping[str, str | None]:
        assert old in now.texts[path]
        return {path: now.texts[path].replace(old, new)}

    return edit


async def test_the_folder_is_the_first_revision_and_stays_as_it_is(workspace: Workspace, folder: Path) -> None:
    before = raw_files(folder)

    await workspace.change(replacing("replies/en.yml", "welcome: ", "welcome: Hey! "), KIM, "a warmer welcome")

    first, second = reversed(await workspace.history(None, 10))
    assert (first.kind, first.number, first.parent) == (Kind.SEED, 1, None)
    assert (second.kind, second.author, second.message) == (Kind.EDIT, KIM, "a warmer welcome")
    assert workspace.pack.texts("en").system["welcome"].startswith("Hey! ")
    assert raw_files(folder) == before
    _, (change,) = await workspace.changes(2)
    assert change.path == "replies/en.yml"


async def test_a_broken_change_is_refused_with_every_finding_and_changes_nothing(workspace: Workspace) -> None:
    with pytest.raises(BrokenPack) as caught:
        await workspace.change(replacing("flows.yml", "ask: order_number", "ask: nothing"), KIM, "breaks")

    (finding,) = caught.value.findings
    assert str(finding) == "flows.yml:6: order_status.not_found: there is no slot 'nothing'"
    assert finding.column > 0
    assert workspace.current.revision.number == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"nlu/en.yml": german("greeting", "hello").replace("- ", "")}, "nlu/en.yml:"),
        ({"nlu/de.yml": german("nothing", "a")}, "nlu/de.yml:4: intents.yml has no intent 'nothing'"),
        ({"nlu/de.yml": german("greeting", "[a](b)")}, "nlu/de.yml:4: entities.yml has no entity 'b'"),
        ({"nlu/de.yml": german("greeting", "a") + german("fraud", "A")[5:]}, "'A' is fraud, but greeting in"),
        ({"../x.yml": "a: 1\n"}, "../x.yml: is no path within a pack"),
        ({"x.exe": "a"}, "x.exe: is no file of a pack"),
        ({"x.md": "a\0"}, "x.md: holds characters that are no text"),
        ({"pack.yml": "name: other\ntitle: x\n"}, "pack.yml:1: the name must stay 'tiny'"),
        ({"pack.yml": None}, "pack.yml: there is no such file"),
        ({"replies/en.yml": None}, "default_language 'en' has no replies/en.yml"),
        ({"intents.yml": "intents: [\n"}, "is no YAML"),
    ],
)  # fmt: skip
async def test_whatever_is_wrong_is_found_before_it_is_saved(
    workspace: Workspace, changed: dict[str, str | None], told: str
) -> None:
    assert told in "\n".join(map(str, await workspace.examine(changed)))
    with pytest.raises(BrokenPack):
        await workspace.change(lambda _: changed, KIM, "breaks")


async def test_a_language_may_lack_texts_and_the_default_one_stands_in(workspace: Workspace) -> None:
    await workspace.change(
        lambda now: intent_edit.add_intent(
            now, "opening", "asks when it is open", [], {"en": ["when do you open"]}, {"en": ("Opening", ["At nine."])}
        ),
        KIM,
        "a new intent",
    )

    assert workspace.pack.texts("de").replies["opening"] == ("At nine.",)
    assert workspace.pack.texts("de").labels["opening"] == "Opening"
    assert [gap.reason for gap in workspace.pack.gaps] == ["label 'opening' is missing", "reply 'opening' is missing"]


async def test_a_new_intent_needs_its_reply_in_the_default_language(workspace: Workspace) -> None:
    with pytest.raises(BrokenPack, match="reply 'opening' is missing"):
        await workspace.change(lambda now: intent_edit.add_intent(now, "opening", "asks"), KIM, "a new intent")


# --- clashes ----------------------------------------------------------------------------------------------------------


async def test_two_admins_who_change_different_intents_both_succeed(folder: Path, store: Store) -> None:
    one, other = await opened(folder, store), await opened(folder, store)
    hello = etag(pack_edit.examples(one.current, "greeting", "en"))
    when = etag(pack_edit.examples(other.current, "delivery_time", "en"))

    await asyncio.gather(
        one.change(lambda now: pack_edit.put_examples(now, "greeting", "en", ["hello", "hey"], hello), KIM, "a"),
        other.change(lambda now: pack_edit.put_examples(now, "delivery_time", "en", ["how long"], when), LEE, "b"),
    )

    await one.refresh()
    assert pack_edit.examples(one.current, "greeting", "en") == ["hello", "hey"]
    assert pack_edit.examples(one.current, "delivery_time", "en") == ["how long"]
    assert one.current.revision.number == 3


async def test_of_two_admins_who_change_the_same_the_second_is_told_of_both(folder: Path, store: Store) -> None:
    one, other = await opened(folder, store), await opened(folder, store)
    seen = etag(pack_edit.examples(one.current, "greeting", "en"))
    await one.change(lambda now: pack_edit.put_examples(now, "greeting", "en", ["hey"], seen), KIM, "a")

    with pytest.raises(Stale) as caught:
        await other.change(lambda now: pack_edit.put_examples(now, "greeting", "en", ["yo"], seen), LEE, "b")

    assert (caught.value.current, caught.value.yours) == (["hey"], ["yo"])
    assert pack_edit.examples(other.current, "greeting", "en") == ["hey"]


async def test_what_changes_nothing_makes_no_revision(workspace: Workspace) -> None:
    await workspace.change(lambda now: dict(now.texts), KIM, "nothing")

    assert workspace.current.revision.number == 1


async def test_other_processes_learn_of_a_revision(folder: Path, store: Store) -> None:
    live = Hub()
    one, other = await opened(folder, store), await opened(folder, store, live)
    noticed: list[Snapshot] = []

    async def notice(snapshot: Snapshot) -> None:
        noticed.append(snapshot)

    other.on_change(notice)
    async with live.subscribe() as events:
        watching = asyncio.create_task(other.watch())
        await one.change(replacing("pack.yml", "Tiny shop", "Small shop"), KIM, "another title")
        event = await asyncio.wait_for(anext(events), 5)
        watching.cancel()

    assert (event.revision, event.author) == (2, "Kim")  # type: ignore[union-attr]
    assert other.pack.title == "Small shop"
    assert [snapshot.pack.title for snapshot in noticed] == ["Small shop"]


async def test_a_folder_that_changes_counts_until_somebody_changes_the_pack(folder: Path, store: Store) -> None:
    await opened(folder, store)
    (folder / "pack.yml").write_text((folder / "pack.yml").read_text().replace("Tiny shop", "Small shop"))
    workspace = await opened(folder, store)
    assert (workspace.pack.title, workspace.current.revision.number, workspace.problem) == ("Small shop", 2, None)

    await workspace.change(replacing("pack.yml", "Small", "Our"), KIM, "ours")
    (folder / "pack.yml").write_text((folder / "pack.yml").read_text().replace("Small shop", "Big shop"))
    again = await opened(folder, store)

    assert again.pack.title == "Our shop"
    assert again.problem is not None
    assert "has changed since" in again.problem


# --- undo -------------------------------------------------------------------------------------------------------------


async def test_undo_takes_one_change_back_and_keeps_later_ones(workspace: Workspace) -> None:
    await workspace.change(replacing("intents.yml", "reports fraud", "tells of fraud"), KIM, "one")
    await workspace.change(replacing("intents.yml", "says yes", "agrees"), LEE, "two")

    await workspace.undo(2, KIM)

    assert workspace.pack.intents["fraud"].means == "reports fraud"
    assert workspace.pack.intents["affirm"].means == "agrees"
    assert (workspace.current.revision.kind, workspace.current.revision.undoes) == (Kind.UNDO, 2)


async def test_undo_of_what_was_changed_again_is_refused_and_says_where(workspace: Workspace) -> None:
    await workspace.change(replacing("intents.yml", "reports fraud", "tells of fraud"), KIM, "one")
    await workspace.change(replacing("intents.yml", "tells of fraud", "speaks of fraud"), LEE, "two")

    with pytest.raises(Conflict, match=r"intents.yml, line 6: changed again after revision 2"):
        await workspace.undo(2, KIM)
    await workspace.undo(3, KIM)
    await workspace.undo(2, KIM)

    assert workspace.pack.intents["fraud"].means == "reports fraud"


async def test_the_first_revision_and_none_cannot_be_undone(workspace: Workspace) -> None:
    for number in (1, 7):
        with pytest.raises(InvalidInput):
            await workspace.undo(number, KIM)


def test_lines_that_were_put_in_later_clash_only_where_they_touch() -> None:
    assert take_back("a\nb\nc\n", "a\nB\nc\n", "a\nB\nc\nd\n") == "a\nb\nc\nd\n"
    assert take_back("a\nb\nc\n", "a\nB\nc\n", "0\na\nB\nc\n") == "0\na\nb\nc\n"
    assert take_back("a\nb\nc\n", "a\nB\nc\n", "0\na\nX\nY\nc\n") == Span(3, 4)
    assert take_back("a\nc\n", "a\nb\nc\n", "a\nb\nb2\nc\n") == Span(3, 3)


# --- intents ----------------------------------------------------------------------------------------------------------


async def test_a_renamed_intent_takes_everything_along(workspace: Workspace) -> None:
    row = '{"text": "where is it", "intent": "order_status"}'
    await workspace.change(
        lambda _: {"tests/en.jsonl": f"{row}\n" + '{"text": "x", "intent": null}\n'},
        KIM,
        "tests",
    )  # fmt: skip
    examples = ["where is [12345](order_number)", "track"]
    await workspace.change(
        lambda now: pack_edit.put_examples(now, "order_status", "en", examples, None),
        KIM,
        "examples",
    )

    await workspace.change(lambda now: intent_edit.rename_intent(now, "order_status", "parcel"), KIM, "renames")

    pack, now = workspace.pack, workspace.current
    assert "order_status" not in pack.intents
    assert pack.flows["order_status"].trigger == "parcel"
    assert pack.intents["greeting"].buttons == ("parcel", "talk_to_human")
    assert pack_edit.examples(now, "parcel", "en") == examples
    assert pack.texts("de").labels["parcel"] == PACK.texts("de").labels["order_status"]
    assert now.texts["tests/en.jsonl"].splitlines()[0] == '{"text": "where is it", "intent": "parcel"}'
    assert pack.gaps == ()


async def test_a_deleted_intent_leaves_nothing_behind(workspace: Workspace) -> None:
    await workspace.change(lambda now: intent_edit.delete_intent(now, "delivery_time"), KIM, "deletes")

    assert all("delivery_time" not in text for text in workspace.current.texts.values())


@pytest.mark.parametrize("intent", ["affirm", "talk_to_human", "order_status"])
async def test_what_the_bot_or_a_flow_needs_is_not_deleted(workspace: Workspace, intent: str) -> None:
    with pytest.raises(Conflict):
        await workspace.change(lambda now: intent_edit.delete_intent(now, intent), KIM, "deletes")


async def test_examples_are_taken_away_a_language_at_a_time(workspace: Workspace) -> None:
    for intent in ("greeting", "delivery_time"):
        await workspace.change(lambda now, i=intent: pack_edit.put_examples(now, i, "en", [], None), KIM, "none")  # type: ignore[misc]

    assert "nlu/en.yml" not in workspace.current.texts


async def test_malformed_examples_are_named(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match=r"examples.1: the annotation"):
        pack_edit.put_examples(workspace.current, "greeting", "en", ["a", '[b]{"x": 1}'], None)
    with pytest.raises(InvalidInput, match=r"examples.0: is empty"):
        pack_edit.put_examples(workspace.current, "greeting", "en", ["  "], None)


# --- import -----------------------------------------------------------------------------------------------------------


async def test_an_exported_pack_comes_back_the_same(workspace: Workspace) -> None:
    archive = packed(workspace.current.texts, "tiny")

    plan = plan_pack(workspace.current, archive)

    assert (plan.files, plan.findings, plan.notes) == ({}, (), ())
    assert packed(workspace.current.texts, "tiny") == archive


async def test_an_imported_pack_tells_what_comes_and_goes(workspace: Workspace) -> None:
    texts = dict(workspace.current.texts)
    texts["nlu/de.yml"] = "nlu:\n  - intent: greeting\n    examples: |\n      - hallo\n      - servus\n"
    del texts["nlu/en.yml"]

    plan = plan_pack(workspace.current, packed(texts, "x"))
    changes = differences(workspace.current, plan.files)

    assert [(f.path, f.added > 0, f.removed > 0) for f in changes.files] == [
        ("nlu/de.yml", True, False),
        ("nlu/en.yml", False, True),
    ]
    assert dict(changes.examples) == {
        ("delivery_time", "en"): (0, 2),
        ("greeting", "de"): (2, 0),
        ("greeting", "en"): (0, 2),
    }


async def test_rasa_examples_are_added_and_none_twice(workspace: Workspace) -> None:
    text = 'version: "3.1"\nnlu:\n  - intent: greeting\n    examples: |\n      - Hello\n      - hey ho\n  - lookup: city\n    examples: |\n      - Rome\n'  # noqa: E501

    plan = plan_rasa(workspace.current, "export.yml", text)

    assert plan.findings == ()
    assert [str(note) for note in plan.notes] == [
        "export.yml:7: lookup 'city' is not imported; entities are declared in entities.yml"
    ]
    await workspace.change(lambda _: plan.files, KIM, "imports")
    assert pack_edit.examples(workspace.current, "greeting", "en") == ["hello", "hi there", "hey ho"]


async def test_a_broken_import_names_line_and_reason(workspace: Workspace) -> None:
    unknown = plan_rasa(workspace.current, "x.yml", "nlu:\n  - intent: nothing\n    examples: |\n      - a\n")
    broken = plan_rasa(workspace.current, "x.yml", "nlu: [\n")

    assert [str(finding) for finding in unknown.findings] == ["x.yml:2: there is no intent 'nothing'"]
    assert "is no YAML" in str(broken.findings[0])
    with pytest.raises(InvalidInput, match="cannot be read"):
        plan_pack(workspace.current, b"PK nothing")


# --- a running conversation -------------------------------------------------------------------------------------------


async def test_a_conversation_goes_on_when_its_flow_or_question_is_gone(workspace: Workspace) -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert talk.conversation.flow is not None
    without_flow = {
        "flows.yml": "flows: {}\n",
        **{f"replies/{code}.yml": _with_replies(workspace, code) for code in ("en", "de")},
    }
    changed = await workspace.change(lambda _: without_flow, KIM, "no flows")
    talk.pack = changed.pack

    assert talk.says("12345") != []
    assert talk.conversation.flows == ()


async def test_a_flow_whose_question_is_gone_asks_its_next_one(workspace: Workspace) -> None:
    talk = Talk()
    talk.says("i want to return something")
    assert talk.conversation.flows[-1].asking == "order_number"
    talk.says("12345")
    assert talk.conversation.flows[-1].asking == "item"
    without = {
        "flows.yml": workspace.current.texts["flows.yml"].replace("      item: {text: {min: 2, max: 60}}\n", ""),
        **{
            f"replies/{code}.yml": workspace.current.texts[f"replies/{code}.yml"].replace("{item}", "it")
            for code in ("en", "de")
        },
    }
    changed = await workspace.change(lambda _: without, KIM, "no item")
    talk.pack = changed.pack

    said = talk.says("a lamp")

    assert talk.conversation.flows[-1].asking == "reason"
    assert said == [changed.pack.texts("en").flows["return_request"].slots["reason"].ask]


def _with_replies(workspace: Workspace, code: str) -> str:
    edit = YamlEdit(workspace.current.texts[f"replies/{code}.yml"])
    edit.remove(("flows",))
    for intent in ("order_status", "return_request"):
        edit.put(("replies", intent), ["We look after it."])
    return edit.text


async def test_an_intent_that_the_model_still_knows_is_passed_over(workspace: Workspace) -> None:
    await workspace.change(lambda now: intent_edit.delete_intent(now, "delivery_time"), KIM, "deletes")

    understood = known_to(workspace.pack, understand("how long does it take?"))

    assert "delivery_time" not in {ranked.name for ranked in understood.ranking}
    talk = Talk(workspace.pack)
    assert talk.says("hello") != []
