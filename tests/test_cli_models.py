"""`babeldesk models …`, as people and scripts run it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.comparison import Comparison, Verdict
from bot.messages import Author
from bot.pack import Pack
from bot.pack_reader import read_pack
from nlu.artifacts import Model
from nlu.model_store import ModelStore
from nlu.serving import examples_fingerprint, model_store
from nlu.training.fit import Origin, fit
from nlu.weights.manifest import Manifest
from nlu.weights.pinned import LANGUAGE_ID
from nlu.weights.store import DEFAULT_VARIANT
from storage.sql import open_store
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import Words
from tests.storage.samples import NOON, message, stored_conversation
from tests.test_cli import Desk, refused

SETTINGS = {"BABELDESK_PACK": "pack", "BABELDESK_ENCODER_SOURCE": "words"}


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(shop.dataset(), Words(), Origin("words", "tiny"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with the tiny pack and, of its encoder, no more than the description."""
    shop.write_pack(tmp_path / "pack")
    encoder = tmp_path / "data" / "models" / "encoder-words"
    encoder.mkdir(parents=True)
    (encoder.parent / LANGUAGE_ID.name).touch()
    Manifest(
        source="words",
        variant=DEFAULT_VARIANT,
        fingerprint=Words().fingerprint,
        hidden=Words.hidden,
        max_tokens=128,
        prefixes={"query": "", "passage": ""},
        tokenizer="tokenizer.spm",
        files={},
    ).write(encoder)
    return Desk(tmp_path)


@pytest.fixture
def pack(desk: Desk) -> Pack:
    return read_pack(desk.folder / "pack")


@pytest.fixture
def store(desk: Desk, pack: Pack) -> ModelStore:
    return model_store(desk.folder / "data", pack.name)


@pytest.fixture
def versions(store: ModelStore, model: Model) -> list[str]:
    """Three versions, of which the second serves and the first did before."""
    times = [datetime(2026, 11, 24, 10, minute, tzinfo=UTC) for minute in range(3)]
    made = [store.add(replace(model, metadata=model.metadata.model_copy(update={"created_at": at}))) for at in times]
    store.promote(made[0])
    store.promote(made[1])
    return made


def models(desk: Desk, *arguments: str) -> tuple[int, str, str]:
    done = desk.runs("models", *arguments, **SETTINGS)
    return done.returncode, done.stdout, done.stderr


def test_versions_are_listed_with_their_part(desk: Desk, store: ModelStore, versions: list[str]) -> None:
    store.challenge(versions[2])

    code, out, err = models(desk, "list")

    assert code == 0, err
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["version", *versions[::-1]]
    assert [line.split()[3:6] for line in lines[1:]] == [["frozen", "136", "2"]] * 3
    assert [line.split()[7:] for line in lines[1:]] == [["in", "shadow"], ["serves"], []]


def test_versions_are_listed_for_scripts(desk: Desk, store: ModelStore, versions: list[str]) -> None:
    (store.folder / versions[0] / "metadata.json").write_text("{}")

    code, out, err = models(desk, "list", "--json")

    assert code == 0, err
    listed = json.loads(out)
    assert (listed["champion"], listed["challenger"], listed["previous"]) == (versions[1], None, versions[0])
    assert [version["name"] for version in listed["versions"]] == versions[::-1]
    assert listed["versions"][0]["languages"] == {"de": 68, "en": 68}
    assert "is of format None" in listed["versions"][2]["problem"]


def test_without_versions_the_command_that_makes_one_is_told(desk: Desk) -> None:
    code, out, err = models(desk, "list")

    assert (code, out) == (0, "")
    assert "`babeldesk train` makes one" in err


def test_all_that_is_known_of_a_version_is_shown(desk: Desk, versions: list[str]) -> None:
    code, out, err = models(desk, "show", versions[2])

    assert code == 0, err
    shown = json.loads(out)
    assert shown["version"] == versions[2]
    assert {"format", "kind", "seed", "settings", "code", "encoder", "labels", "quality", "parent"} <= set(shown)


def test_a_version_is_promoted_and_rolled_back(desk: Desk, pack: Pack, store: ModelStore, versions: list[str]) -> None:
    assert models(desk, "promote", versions[2][:15])[:2] == (0, f"{versions[2]} serves\n")
    assert store.promoted() == tuple(versions[::-1])
    assert store.current().chosen_for == examples_fingerprint(pack.examples)

    assert models(desk, "rollback")[:2] == (0, f"{versions[1]} serves again\n")
    assert store.promoted() == (versions[1], versions[0])


def test_a_version_challenges_until_told_otherwise(desk: Desk, store: ModelStore, versions: list[str]) -> None:
    assert models(desk, "challenge", versions[2])[:2] == (0, f"{versions[2]} runs in shadow\n")
    assert store.current().challenger == versions[2]

    assert models(desk, "challenge", "--off")[:2] == (0, "nothing runs in shadow\n")
    assert store.current().challenger is None


def test_a_version_is_removed(desk: Desk, store: ModelStore, versions: list[str]) -> None:
    assert models(desk, "remove", versions[2][:15])[:2] == (0, f"{versions[2]} is removed\n")
    assert set(store.versions()) == set(versions[:2])

    refused(desk.runs("models", "remove", versions[1], **SETTINGS), 1, "promote another version before it is removed")
    refused(desk.runs("models", "remove", versions[0], **SETTINGS), 1, "a rollback leads to it (--force removes it)")
    assert models(desk, "remove", versions[0], "--force")[0] == 0
    assert store.promoted() == (versions[1],)


def test_what_cannot_be_chosen_is_told_and_changes_nothing(desk: Desk, store: ModelStore, versions: list[str]) -> None:
    (store.folder / versions[2] / "model.npz").write_bytes(b"damaged")
    before = store.current()

    for arguments, reason in (
        (["promote", "nothing"], "no version is called 'nothing'"),
        (["promote", "2026"], "all begin with '2026'"),
        (["promote", versions[2]], "is damaged"),
        (["challenge", versions[2]], "is damaged"),
        (["challenge", versions[1]], "cannot challenge itself"),
        (["show", "../../.."], "no version is called"),
        (["agreement"], "nothing runs in shadow; `babeldesk models challenge VERSION` starts it"),
    ):
        refused(desk.runs("models", *arguments, **SETTINGS), 1, reason)
    assert store.current() == before


def test_agreement_is_printed_and_given_to_scripts(desk: Desk, store: ModelStore, versions: list[str]) -> None:
    store.challenge(versions[2])
    asyncio.run(compared(desk, versions[1], versions[2]))

    code, out, err = models(desk, "agreement")
    assert code == 0, err
    assert f"{versions[2]} beside {versions[1]}: 2 messages, agreement 0.500, failed on 1" in out
    assert "[b]my money[/b]" in out  # as the customer wrote it
    assert "order_status (0.75)" in out
    assert "out of scope (0.50)" in out

    code, out, err = models(desk, "agreement", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["n"], told["agreed"], told["share"], told["failed"]) == (2, 1, 0.5, 1)
    assert told["by_language"] == {"de": {"n": 2, "agreed": 1, "share": 0.5}}
    assert [one["error"] for one in told["disagreements"]] == ["ModelError: no", None]


async def compared(desk: Desk, champion: str, challenger: str) -> None:
    """One message that both judge alike, one that they do not, and one that the challenger fails on."""
    texts = ["where is it", "[b]my money[/b]", "hello"]
    verdicts = [
        Verdict(challenger, "order_status", 0.5, in_scope=True),
        Verdict(challenger, "order_status", 0.5, in_scope=False),
        None,
    ]
    async with open_store(f"sqlite:///{desk.folder / 'data' / 'babeldesk.db'}") as database:
        talk = await stored_conversation(database)
        entries = [message(talk.id, seq, text, Author.CUSTOMER) for seq, text in enumerate(texts, 1)]
        async with database.unit() as unit:
            await unit.messages.append(entries)
            await unit.comparisons.add(
                [
                    Comparison(
                        message=entry.id,
                        conversation=talk.id,
                        at=NOON.replace(minute=entry.seq),
                        language="de",
                        champion=Verdict(champion, "order_status", 0.75, in_scope=True),
                        challenger=challenger,
                        verdict=verdict,
                        error=None if verdict else "ModelError: no",
                    )
                    for entry, verdict in zip(entries, verdicts, strict=True)
                ]
            )
