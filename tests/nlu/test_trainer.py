"""Training in a process of its own, of a pack that is under change, and what a running server makes of it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import fasttext
import psutil
import pytest

from bot.errors import ModelError, PackError
from bot.measuring import Measurement, paired
from bot.model_versions import MadeBy
from bot.pack import Pack
from bot.pack_examples import Taught, examples_of
from bot.pack_files import FolderFiles
from bot.pack_reader import read_pack
from bot.understanding import Hints
from nlu import measured as records
from nlu.artifacts import read_metadata
from nlu.champion import ServingModels
from nlu.measurer import ProcessMeasurer
from nlu.neighbours import EncoderNeighbours
from nlu.serving import model_store
from nlu.trainer import WORKER, ProcessTrainer
from nlu.weights.pinned import LANGUAGE_ID
from tests.nlu import small_shop as shop
from tests.nlu.test_own_encoder import converted

TESTS = shop.UNSEEN


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installed encoder and a language identification, both tiny."""
    folder = tmp_path_factory.mktemp("pretrained") / "models"
    folder.mkdir()
    converted(folder / "encoder-tiny", 7)
    lines = [f"__label__{code} {text}" for code in ("en", "de") for text in shop.sentences(code, "order_status") * 5]
    (folder / "texts.txt").write_text("\n".join(lines))
    languages = fasttext.train_supervised(str(folder / "texts.txt"), dim=4, epoch=5, thread=1, verbose=0)
    languages.save_model(str(folder / LANGUAGE_ID.name))
    return folder


@pytest.fixture
def data_dir(models_folder: Path, tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(models_folder)
    return tmp_path / "data"


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    folder = shop.write_pack(tmp_path / "pack")
    (folder / "tests").mkdir()
    rows = [f'{{"text": "{text}", "intent": "{intent}"}}' for intent, text in TESTS.items()]
    taught = shop.sentences("en", "fraud")[0]
    rows.append(f'{{"text": "{taught}", "intent": "fraud"}}')
    (folder / "tests" / "en.jsonl").write_text("\n".join(rows) + "\n")
    return read_pack(folder)


@pytest.fixture
def trainer(data_dir: Path, pack: Pack) -> ProcessTrainer:
    return ProcessTrainer(data_dir, pack.name, source="tiny", threads=1)


def quiet(step: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def teach(pack: Pack, language: str, intent: str, *texts: str) -> Pack:
    """The pack with more examples, at the end of a file."""
    file = pack.folder / "nlu" / f"{language}.yml"
    lines = "".join(f"      - {text}\n" for text in texts)
    file.write_text(f"{file.read_text()}  - intent: {intent}\n    examples: |\n{lines}")
    return read_pack(pack.folder, complete=False)


async def test_a_version_is_trained_measured_and_kept_with_its_figures(
    trainer: ProcessTrainer, data_dir: Path, pack: Pack
) -> None:
    steps: list[str] = []

    first = await trainer.train(pack.folder, lambda step, done, total: steps.append(step))

    store = model_store(data_dir, pack.name)
    assert list(store.versions()) == [first.version]
    assert store.promoted() == ()
    assert first.evaluation is not None
    assert first.evaluation.total.n == len(TESTS)  # the test that is taught by now measures nothing
    assert set(first.evaluation.by_intent) == set(TESTS)
    assert (first.worse, first.before, first.passed_over) == (None, None, ())
    assert {"reading the examples", "measuring"} <= set(steps)
    assert {"training", "measuring"} <= set(first.seconds)
    assert await trainer.evaluation(first.version) == first.evaluation
    assert await trainer.evaluation("no such version") is None

    store.promote(first.version)
    taught = teach(pack, "en", "help", "what are you good at")
    second = await trainer.train(taught.folder, quiet)
    assert second.version != first.version
    assert second.before == first.evaluation


async def test_the_same_examples_are_trained_once_by_all_processes(trainer: ProcessTrainer, pack: Pack) -> None:
    one, other = await asyncio.gather(trainer.train(pack.folder, quiet), trainer.train(pack.folder, quiet))

    again = await trainer.train(pack.folder, quiet)

    # Nothing serves yet: there is no version that they could have been compared with but none.
    assert one.version == other.version == again.version


async def test_a_version_that_is_worse_says_so(trainer: ProcessTrainer, data_dir: Path, pack: Pack) -> None:
    file = pack.folder / "tests" / "en.jsonl"
    texts = [text for intent in shop.TOPICS for text in shop.sentences("en", intent)]
    rows = [
        f'{{"text": "so, {text}", "intent": "{intent}"}}'
        for intent in shop.TOPICS
        for text in shop.sentences("en", intent)
    ]
    file.write_text("\n".join(rows) + "\n")
    good = await trainer.train(pack.folder, quiet)
    model_store(data_dir, pack.name).promote(good.version)
    english = pack.folder / "nlu" / "en.yml"
    spoilt = english.read_text()
    for text in texts:
        spoilt = spoilt.replace(f"      - {text}\n", "")
    for intent in shop.TOPICS:
        spoilt = spoilt.replace(f"  - intent: {intent}\n    examples: |\n", "")
    english.write_text(spoilt)

    bad = await trainer.train(pack.folder, quiet)

    assert bad.before == good.evaluation
    assert bad.evaluation is not None
    assert good.evaluation is not None
    assert bad.evaluation.total.right < good.evaluation.total.right
    assert bad.worse is not None
    assert "the version that serves" in bad.worse


async def test_an_intent_with_too_few_examples_is_passed_over(trainer: ProcessTrainer, pack: Pack) -> None:
    intents = pack.folder / "intents.yml"
    intents.write_text(intents.read_text() + "  opening: asks when it is open\n")
    replies = pack.folder / "replies" / "en.yml"
    text = replies.read_text().replace("labels:\n", "labels:\n  opening: Opening\n")
    replies.write_text(text.replace("\nreplies:\n", "\nreplies:\n  opening: At nine.\n"))
    taught = teach(pack, "en", "opening", "when do you open")

    done = await trainer.train(taught.folder, quiet)

    assert done.passed_over == ("opening",)


async def test_wrong_examples_are_told_with_their_lines(trainer: ProcessTrainer, pack: Pack) -> None:
    file = pack.folder / "nlu" / "en.yml"
    file.write_text(file.read_text() + "  - intent: nothing\n    examples: |\n      - a\n")

    with pytest.raises(PackError, match=r"en.yml:\d+: intents.yml has no intent 'nothing'"):
        await trainer.train(pack.folder, quiet)


async def test_a_process_that_breaks_down_is_told(tmp_path: Path, pack: Pack) -> None:
    nowhere = ProcessTrainer(tmp_path / "empty", pack.name, source="tiny", threads=1)

    with pytest.raises(ModelError):
        await nowhere.train(pack.folder, quiet)


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "nlu.training.worker" in child.cmdline()]


async def test_no_process_is_left_behind_when_the_training_is_given_up(trainer: ProcessTrainer, pack: Pack) -> None:
    task = asyncio.create_task(trainer.train(pack.folder, quiet))
    async with asyncio.timeout(30):
        while not children():
            await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert children() == []


async def test_the_process_ends_well_by_itself_and_at_once_with_its_parent(data_dir: Path, pack: Pack) -> None:
    options = ["--data-dir", str(data_dir), "--source", "tiny", "--threads", "1", "--pack", str(pack.folder)]
    command = [sys.executable, "-m", WORKER, *options]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    orphan = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe)

    assert await asyncio.wait_for(orphan.wait(), 60) == 1
    assert process.stdout is not None
    assert b'"done"' in await asyncio.wait_for(process.stdout.read(), 60)
    assert await process.wait() == 0


async def test_a_process_that_is_killed_is_told(trainer: ProcessTrainer, pack: Pack) -> None:
    task = asyncio.create_task(trainer.train(pack.folder, quiet))
    async with asyncio.timeout(30):
        while not children():
            await asyncio.sleep(0.01)

    os.kill(children()[0].pid, signal.SIGKILL)

    with pytest.raises(ModelError, match="ended with code -9"):
        await task


# --- what serves ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def models(trainer: ProcessTrainer, data_dir: Path, pack: Pack) -> AsyncIterator[ServingModels]:
    done = await trainer.train(pack.folder, quiet)
    model_store(data_dir, pack.name).promote(done.version)
    async with ServingModels(data_dir, pack, source="tiny", threads=1) as models:
        yield models


async def test_entities_of_a_changed_pack_are_found_from_the_next_message_on(models: ServingModels, pack: Pack) -> None:
    before = await models.understand("my colour is teal", Hints())
    changed = replace(pack, entities={**pack.entities, "colour": {"list": {"teal": ["teal"]}}})

    await models.use(changed)

    after = await models.understand("my colour is teal", Hints())
    assert "colour" not in {entity.entity for entity in before.entities}
    assert [entity.value for entity in after.entities if entity.entity == "colour"] == ["teal"]
    assert after.model == before.model


async def test_what_is_taught_is_answered_at_once_and_taken_in_by_the_next_training(
    models: ServingModels, trainer: ProcessTrainer, pack: Pack
) -> None:
    async def asked() -> str:
        intent = (await models.understand("do you wrap gifts", Hints())).intent
        return "" if intent is None else intent.name

    async def learn(pack: Pack) -> None:
        await models.use(pack)
        await models.learn(examples_of(FolderFiles(pack.folder), "en")[0])

    def examples(pack: Pack) -> str:
        return (pack.folder / "nlu" / "en.yml").read_text()

    first, before = models.champion, examples(pack)
    assert await asked() != "refund_status"

    taught = teach(pack, "en", "refund_status", "do you wrap gifts", "gifts are wrapped, are they")
    await learn(taught)
    assert await asked() == "refund_status"
    assert ((await models.line_up()).added, models.champion) == (2, first)

    # Taken back before it was trained.
    (pack.folder / "nlu" / "en.yml").write_text(before)
    await learn(read_pack(pack.folder))
    assert await asked() != "refund_status"
    assert (await models.line_up()).added == 0

    taught = teach(pack, "en", "refund_status", "do you wrap gifts", "gifts are wrapped, are they")
    await learn(taught)
    done = await trainer.train(taught.folder, quiet)
    await models.promote(done.version)
    assert models.champion == done.version != first
    assert (await models.line_up()).added == 0
    assert await asked() == "refund_status"


async def test_what_was_taught_while_a_training_ran_is_added_to_what_it_made(
    models: ServingModels, trainer: ProcessTrainer, pack: Pack
) -> None:
    taught = teach(pack, "en", "refund_status", "do you wrap gifts", "gifts are wrapped, are they")
    done = await trainer.train(taught.folder, quiet)
    later = teach(taught, "en", "fraud", "my pigeon was stolen", "who stole my pigeon")
    await models.use(later)
    await models.learn(examples_of(FolderFiles(later.folder), "en")[0])

    await models.promote(done.version)

    assert (await models.line_up()).added == 2
    understood = await models.understand("my pigeon was stolen", Hints())
    assert understood.intent is not None
    assert understood.intent.name == "fraud"
    assert understood.model == done.version


async def test_examples_that_mean_nearly_the_same_are_pairs_of_different_intents(
    models: ServingModels, data_dir: Path, pack: Pack
) -> None:
    examples, _ = examples_of(FolderFiles(pack.folder), "en")
    own = next(example for example in examples if example.intent == "order_status")
    twin = replace(own, intent="delivery_time", text=f"{own.text} ", line=999)
    neighbours = EncoderNeighbours(data_dir, lambda: models.reading)

    found = await neighbours.near([*examples, twin], 1)
    moved: list[Taught] = [replace(example, line=example.line + 7) for example in [*examples, twin]]
    again = await neighbours.near(moved, 1)

    (near,) = found
    assert {near.one.intent, near.other.intent} == {"order_status", "delivery_time"}
    assert near.similarity == pytest.approx(1, abs=1e-3)
    assert (again[0].one.line, again[0].other.line) == (near.one.line + 7, near.other.line + 7)
    assert list(await neighbours.near([], 10)) == []


# --- measuring --------------------------------------------------------------------------------------------------------


@pytest.fixture
def measurer(data_dir: Path, pack: Pack) -> ProcessMeasurer:
    return ProcessMeasurer(data_dir, pack.name, source="tiny", threads=1)


def spoilt(measurement: Measurement) -> Measurement:
    """The same with every message taken for something else."""
    return replace(measurement, judgements=tuple(replace(one, intent="nonsense") for one in measurement.judgements))


async def test_a_training_keeps_what_both_versions_make_of_each_test(
    trainer: ProcessTrainer,
    measurer: ProcessMeasurer,
    data_dir: Path,
    pack: Pack,
) -> None:
    first = await trainer.train(pack.folder, quiet, MadeBy("console", "Root", 3))
    store = model_store(data_dir, pack.name)
    store.promote(first.version)
    second = await trainer.train(teach(pack, "en", "help", "what are you good at").folder, quiet)

    one, other = [await measurer.measured(version) for version in (first.version, second.version)]

    assert one is not None
    assert other is not None
    assert first.evaluation is not None
    assert sum(judgement.right for judgement in one.judgements) == first.evaluation.total.right
    assert {judgement.text for judgement in one.judgements} == set(TESTS.values())
    assert all(0 <= judgement.confidence <= 1 for judgement in one.judgements)
    assert len(paired(one, other)) == len(TESTS)
    assert read_metadata(store.folder / first.version).made_by == MadeBy("console", "Root", 3)


async def test_a_version_from_before_is_measured_when_it_is_asked_for(
    trainer: ProcessTrainer,
    measurer: ProcessMeasurer,
    data_dir: Path,
    pack: Pack,
) -> None:
    trained = await trainer.train(pack.folder, quiet)
    kept = await measurer.measured(trained.version)
    file = model_store(data_dir, pack.name).folder / trained.version / records.FILE
    file.unlink()
    assert await measurer.measured(trained.version) is None
    steps: list[str] = []

    found = await measurer.measure(trained.version, pack.folder, lambda step, *_: steps.append(step))

    assert kept is not None
    assert found.judgements == kept.judgements
    assert "measuring" in steps
    assert file.is_file()


async def test_two_versions_are_compared_by_what_was_kept(
    trainer: ProcessTrainer,
    measurer: ProcessMeasurer,
    data_dir: Path,
    pack: Pack,
) -> None:
    trained = await trainer.train(pack.folder, quiet)
    good = await measurer.measured(trained.version)
    assert good is not None
    store = model_store(data_dir, pack.name)
    records.keep(store.folder / trained.version, good)
    (store.folder / "other").mkdir()
    records.keep(store.folder / "other", spoilt(good))

    found = await measurer.difference("other", trained.version)

    right = sum(judgement.right for judgement in good.judgements) / len(good.judgements)
    assert (found.accuracy.this, found.accuracy.other) == (0.0, pytest.approx(right))
    assert found.accuracy.low <= found.accuracy.difference <= found.accuracy.high <= 0
    assert (found.verdict == "worse") == (found.accuracy.high < 0)
    assert set(found.by_language) == {"en"}
    with pytest.raises(ModelError, match="v9 was never measured"):
        await measurer.difference("v9", "other")
    records.keep(store.folder / "other", replace(good, judgements=()))
    with pytest.raises(ModelError, match="measured on different tests"):
        await measurer.difference("other", trained.version)


async def test_what_cannot_be_measured_says_why(
    trainer: ProcessTrainer,
    measurer: ProcessMeasurer,
    pack: Pack,
) -> None:
    with pytest.raises(ModelError, match="no version is called 'v9'"):
        await measurer.measure("v9", pack.folder, quiet)
    trained = await trainer.train(pack.folder, quiet)
    (pack.folder / "tests" / "en.jsonl").unlink()
    with pytest.raises(PackError, match="no tests"):
        await measurer.measure(trained.version, pack.folder, quiet)


async def test_a_file_that_is_damaged_is_as_good_as_none(measurer: ProcessMeasurer, data_dir: Path, pack: Pack) -> None:
    folder = model_store(data_dir, pack.name).folder / "v1"
    folder.mkdir(parents=True)
    (folder / records.FILE).write_text('{"at": "then"}')

    assert await measurer.measured("v1") is None
