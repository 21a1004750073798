"""The models of a running server: exchanged between two messages, and a challenger beside them that nobody feels."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import fasttext
import pytest
from threadpoolctl import threadpool_info

from bot.app import Running, running
from bot.app_studio import open_understander
from bot.errors import InvalidInput, ModelError, Overloaded
from bot.messages import Address
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.settings import Settings
from bot.understanding import Hints, LanguageGuess, Understanding
from nlu import champion as champion_module
from nlu.champion import MOST_PENDING, RECENT, Recent, ServingModels
from nlu.encoder import Encoder
from nlu.entities.lexicon import lexicon_of
from nlu.model_store import ModelStore
from nlu.serving import examples_fingerprint, model_store
from nlu.training.dataset import Dataset
from nlu.training.fit import Origin, fit
from nlu.weights.manifest import Manifest
from nlu.weights.pinned import LANGUAGE_ID
from tests.fakes import inbound
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS
from tests.nlu.test_own_encoder import converted

ENGLISH = LanguageGuess("en", 1.0)
ORDER = "where is my order"


@pytest.fixture(scope="module")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installed encoder, another one, and a language identification, all of them tiny."""
    folder = tmp_path_factory.mktemp("pretrained") / "models"
    folder.mkdir()
    converted(folder / "encoder-tiny", 7)
    converted(folder / "tuned", 8)
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
    return read_pack(shop.write_pack(tmp_path / "pack"))


Train = Callable[..., str]


@pytest.fixture
def store(data_dir: Path, pack: Pack) -> ModelStore:
    return model_store(data_dir, pack.name)


@pytest.fixture
def train(models_folder: Path, pack: Pack, store: ModelStore) -> Train:
    """Trains versions: on the installed encoder or with one of their own, and always sure of the same if told so."""

    def train(*, always: str | None = None, own: bool = False) -> str:
        data = shop.dataset(*TOPICS)
        if always is not None:
            # All sentences but two have the same intent.
            examples = [replace(e, intent=always) if e.intent != "fraud" else e for e in data.examples]
            data = Dataset(tuple(examples))
        encoder = models_folder / ("tuned" if own else "encoder-tiny")
        origin = Origin("tiny", pack.name, examples_fingerprint(pack.examples))
        return store.add(fit(data, Encoder.open(encoder), origin), encoder=encoder if own else None)

    return train


@pytest.fixture
async def serve(data_dir: Path, pack: Pack) -> AsyncIterator[Callable[..., Any]]:
    """Opens the models as a server does."""
    opened: list[ServingModels] = []

    async def serve(**options: Any) -> ServingModels:
        models = ServingModels(data_dir, pack, source="tiny", threads=1, **options)
        opened.append(await models.__aenter__())
        return models

    yield serve
    for models in opened:
        await models.__aexit__(None, None, None)


def intent(understanding: Understanding) -> str | None:
    return understanding.intent.name if understanding.intent else None


class Encoding:
    """Counts the texts that each encoder reads, and holds those of one up while `free` is not set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: dict[str, list[str]] = {}
        self.free: dict[str, threading.Event] = {}
        read = Encoder.read

        def counted(encoder: Encoder, texts: Sequence[str], *options: Any, **named: Any) -> Any:
            self.read.setdefault(encoder.fingerprint, []).extend(texts)
            if (free := self.free.get(encoder.fingerprint)) is not None:
                assert free.wait(30)
            return read(encoder, texts, *options, **named)

        monkeypatch.setattr(Encoder, "read", counted)


@pytest.fixture
def encoding(monkeypatch: pytest.MonkeyPatch) -> Iterator[Encoding]:
    watched = Encoding(monkeypatch)
    yield watched
    for free in watched.free.values():
        free.set()


def name_of(folder: Path) -> str:
    return Manifest.parse(folder).fingerprint


# --- the champion -----------------------------------------------------------------------------------------------------


async def test_the_languages_of_the_pack_are_compiled_without_waiting_for_a_message(
    serve: Any, train: Train, store: ModelStore, pack: Pack
) -> None:
    store.promote(train())
    lexicon_of.cache_clear()

    await serve()
    async with asyncio.timeout(30):
        while lexicon_of.cache_info().currsize < len(pack.languages):
            await asyncio.sleep(0.01)


async def test_a_message_says_which_version_read_it(serve: Any, train: Train, store: ModelStore) -> None:
    version = train()
    store.promote(version)

    understood = await (await serve()).understand(ORDER, Hints())

    assert understood.model == version
    assert intent(understood) == "order_status"


async def test_without_a_version_nothing_is_opened(data_dir: Path, pack: Pack) -> None:
    with pytest.raises(ModelError, match="no model has been trained yet"):
        async with ServingModels(data_dir, pack, source="tiny", threads=1):
            pytest.fail("it was opened")


async def test_a_promoted_version_answers_from_the_next_message_on(serve: Any, train: Train, store: ModelStore) -> None:
    first, second = train(), train(always="refund_status")
    store.promote(first)
    models = await serve()
    before = await models.understand(ORDER, Hints())

    await models.promote(second[:-2])  # the beginning of a name is enough
    after = await models.understand(ORDER, Hints())
    line_up = await models.line_up()

    assert (before.model, intent(before)) == (first, "order_status")
    assert (after.model, intent(after)) == (second, "refund_status")
    assert (line_up.champion, line_up.previous, line_up.problem) == (second, first, None)

    await models.rollback()
    assert (await models.understand(ORDER, Hints())).model == first


async def test_a_message_under_way_is_finished_by_the_version_that_began_it(
    serve: Any,
    train: Train,
    store: ModelStore,
    models_folder: Path,
    encoding: Encoding,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = train(), train(own=True, always="refund_status")
    store.promote(first)
    models = await serve()
    encoding.read.clear()
    held = encoding.free[name_of(models_folder / "encoder-tiny")] = threading.Event()

    waiting = asyncio.create_task(models.understand(ORDER, Hints()))
    while not encoding.read:
        await asyncio.sleep(0.01)
    promoting = asyncio.create_task(models.promote(second))
    while models.champion != second:
        await asyncio.sleep(0.01)
    meanwhile = await models.understand(ORDER, Hints())
    assert not waiting.done()
    held.set()
    await promoting

    assert meanwhile.model == second
    assert ((await waiting).model, intent(await waiting)) == (first, "order_status")


async def test_what_another_process_promotes_is_followed(serve: Any, train: Train, store: ModelStore) -> None:
    first, second = train(), train()
    store.promote(first)
    models = await serve(check_every=0.02)
    watching = asyncio.create_task(models.watch())

    store.promote(second)

    async with asyncio.timeout(10):
        while (await models.understand(ORDER, Hints())).model != second:
            await asyncio.sleep(0.02)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


async def test_a_version_that_cannot_be_opened_leaves_the_one_before_at_work(
    serve: Any, train: Train, store: ModelStore
) -> None:
    first, second, third = train(), train(), train()
    store.promote(first)
    models = await serve()
    (store.folder / second / "model.npz").write_bytes(b"damaged")

    store.promote(second)  # by another process, which did not look
    await models.refresh()
    assert (await models.understand(ORDER, Hints())).model == first
    assert models.problem is not None
    assert f"{second}/model.npz is damaged" in models.problem

    await models.promote(third)
    assert (models.champion, models.problem) == (third, None)


async def test_a_version_that_cannot_serve_is_not_promoted(serve: Any, train: Train, store: ModelStore) -> None:
    first, second = train(), train()
    store.promote(first)
    models = await serve()
    (store.folder / second / "model.npz").unlink()

    with pytest.raises(ModelError, match="cannot be read"):
        await models.promote(second)
    with pytest.raises(ModelError, match="cannot be read"):
        await models.challenge(second)
    with pytest.raises(ModelError, match="no version served before"):
        await models.rollback()
    with pytest.raises(InvalidInput, match="no version is called 'x'"):
        await models.promote("x")

    assert store.promoted() == (first,)
    assert (models.champion, models.challenger, models.problem) == (first, None, None)


# --- what the encoder read is kept ------------------------------------------------------------------------------------


async def test_a_version_on_the_same_encoder_goes_on_with_what_was_read(
    serve: Any, train: Train, store: ModelStore, models_folder: Path, encoding: Encoding
) -> None:
    first, second = train(), train(always="refund_status")
    store.promote(first)
    outcomes: list[str] = []
    models = await serve(cache_bytes=1_000_000, count=outcomes.append)
    encoding.read.clear()

    before = await models.understand(ORDER, Hints())
    await models.promote(second)
    after = await models.understand(ORDER, Hints())

    assert (intent(before), intent(after)) == ("order_status", "refund_status")
    assert encoding.read == {name_of(models_folder / "encoder-tiny"): [ORDER]}
    assert outcomes == ["miss", "exact"]


async def test_a_version_with_another_encoder_is_given_nothing_that_the_one_before_it_read(
    serve: Any, train: Train, store: ModelStore, models_folder: Path, encoding: Encoding
) -> None:
    first, second = train(), train(own=True)
    store.promote(first)
    models = await serve(cache_bytes=1_000_000)
    encoding.read.clear()

    for _ in range(2):
        await models.understand(ORDER, Hints())
    await models.promote(second)
    for _ in range(2):
        await models.understand(ORDER, Hints())
    await models.rollback()
    await models.understand(ORDER, Hints())

    assert encoding.read == {
        name_of(models_folder / "encoder-tiny"): [ORDER, ORDER],
        name_of(models_folder / "tuned"): [ORDER],
    }


async def test_a_challenger_reads_what_the_champion_had_from_memory(
    serve: Any, train: Train, store: ModelStore, encoding: Encoding
) -> None:
    first, second = train(), train(always="refund_status")
    store.promote(first)
    models = await serve(cache_bytes=1_000_000)
    await models.understand(ORDER, Hints())
    await models.challenge(second)
    encoding.read.clear()

    await models.understand(ORDER, Hints())

    assert (await models.judge(ORDER, ENGLISH)).model == second
    assert encoding.read == {}


async def test_without_a_cache_every_message_is_read(
    serve: Any, train: Train, store: ModelStore, models_folder: Path, encoding: Encoding
) -> None:
    store.promote(train())
    models = await serve(cache_bytes=0)
    encoding.read.clear()

    for _ in range(2):
        await models.understand(ORDER, Hints())

    assert encoding.read == {name_of(models_folder / "encoder-tiny"): [ORDER, ORDER]}


# --- the challenger ---------------------------------------------------------------------------------------------------


async def test_a_challenger_on_the_same_encoder_reads_without_encoding_again(
    serve: Any,
    train: Train,
    store: ModelStore,
    models_folder: Path,
    encoding: Encoding,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = train(), train(always="refund_status")
    store.promote(first)
    models = await serve()
    await models.challenge(second)
    encoding.read.clear()

    understood = await models.understand(ORDER, Hints())
    judged = await models.judge(ORDER, ENGLISH)

    assert (models.champion, models.challenger) == (first, second)
    assert (understood.model, intent(understood)) == (first, "order_status")
    assert (judged.model, intent(judged)) == (second, "refund_status")
    assert encoding.read == {name_of(models_folder / "encoder-tiny"): [ORDER]}
    with pytest.raises(Overloaded):  # which the champion has never read
        await models.judge("something else", ENGLISH)


async def test_a_challenger_with_its_own_encoder_reads_with_that(
    serve: Any,
    train: Train,
    store: ModelStore,
    models_folder: Path,
    encoding: Encoding,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = train(), train(own=True)
    store.promote(first)
    store.challenge(second)
    models = await serve()
    encoding.read.clear()

    await models.understand(ORDER, Hints())
    judged = await models.judge(ORDER, ENGLISH)

    assert (judged.model, intent(judged)) == (second, "order_status")
    assert encoding.read == {
        name_of(models_folder / "encoder-tiny"): [ORDER],
        name_of(models_folder / "tuned"): [ORDER],
    }


async def test_a_challenger_may_need_the_installed_encoder_where_the_champion_has_its_own(
    serve: Any, train: Train, store: ModelStore
) -> None:
    first, second = train(own=True), train()
    store.promote(first)
    store.challenge(second)
    models = await serve()

    assert (await models.understand(ORDER, Hints())).model == first
    assert intent(await models.judge(ORDER, ENGLISH)) == "order_status"

    await models.promote(second)
    await models.challenge(first)
    assert (await models.understand(ORDER, Hints())).model == second
    assert (await models.judge(ORDER, ENGLISH)).model == first


@pytest.mark.parametrize("own", [False, True], ids=["same encoder", "own encoder"])
async def test_a_challenger_that_hangs_holds_up_nobody_and_refuses_more_than_it_can_hold(
    serve: Any,
    train: Train,
    store: ModelStore,
    models_folder: Path,
    encoding: Encoding,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
) -> None:
    first, second = train(), train(own=own)
    store.promote(first)
    monkeypatch.setattr(champion_module, "CLOSE_SECONDS", 0.1)
    models = await serve()
    await models.challenge(second)
    encoding.read.clear()
    free = threading.Event()
    if own:
        encoding.free[name_of(models_folder / "tuned")] = free
    else:
        encoding.free["interpreter"] = free
        challenger = models._challenger
        assert challenger is not None
        interpret = challenger.interpreter.interpret

        def hang(*arguments: Any) -> Any:
            assert free.wait(30)
            return interpret(*arguments)

        monkeypatch.setattr(challenger.interpreter, "interpret", hang)

    await models.understand(ORDER, Hints())
    judging = [asyncio.create_task(models.judge(ORDER, ENGLISH)) for _ in range(2 * MOST_PENDING)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        understood = await models.understand(ORDER, Hints())
    refused = [task for task in judging if task.done() and isinstance(task.exception(), Overloaded)]

    assert (understood.model, intent(understood)) == (first, "order_status")
    assert len(refused) >= MOST_PENDING - 16  # those at work in one batch have left the queue
    await models.challenge(None)
    assert models.challenger is None
    free.set()
    await asyncio.gather(*judging, return_exceptions=True)


async def test_a_challenger_that_cannot_be_opened_is_told_and_the_champion_serves(
    serve: Any, train: Train, store: ModelStore
) -> None:
    first, second = train(), train()
    store.promote(first)
    store.challenge(second)
    (store.folder / second / "model.npz").write_bytes(b"damaged")

    models = await serve()

    assert (models.champion, models.challenger, models.problem) == (first, None, None)
    assert models.challenger_problem is not None
    assert "is damaged" in models.challenger_problem
    await models.challenge(None)
    assert models.challenger_problem is None


async def test_a_challenger_that_is_promoted_answers_and_challenges_no_more(
    serve: Any, train: Train, store: ModelStore
) -> None:
    first, second = train(), train(own=True)
    store.promote(first)
    models = await serve()
    await models.challenge(second)

    await models.promote(second)

    assert (models.champion, models.challenger) == (second, None)
    assert (await models.understand(ORDER, Hints())).model == second
    with pytest.raises(Overloaded, match="no challenger"):
        await models.judge(ORDER, ENGLISH)


async def test_a_running_server_compares_promotes_and_rolls_back_without_a_restart(
    data_dir: Path, pack: Pack, train: Train, store: ModelStore
) -> None:
    first, second, damaged = train(), train(own=True, always="refund_status"), train()
    store.promote(first)
    settings = Settings(data_dir=data_dir, port=0, encoder_source="tiny", encoder_threads=1, drain_seconds=1)
    async with running(settings, pack) as server, aiohttp.ClientSession(server.url) as http:
        root = await signed_in(server, http)

        async def version_of_the_next(number: int) -> str | None:
            await server.core.intake.accept(inbound(ORDER, channel="webchat", event=f"e-{number}"))
            async with asyncio.timeout(10):
                while server.core.intake.waiting:
                    await asyncio.sleep(0.01)
            async with server.core.store.unit(write=False) as unit:
                talk = await unit.conversations.at(Address("webchat", "ana"))
                assert talk is not None
                entries = [m for m in await unit.messages.after(talk.id, 0) if m.understanding is not None]
            assert entries[-1].understanding is not None
            return entries[-1].understanding.model

        assert await version_of_the_next(1) == first
        assert (await root("POST", "/challenge", {"version": second}))["challenger"] == second
        assert await version_of_the_next(2) == first
        async with asyncio.timeout(10):
            while (await root("GET", ""))["agreement"]["total"]["judged"] < 1:
                await asyncio.sleep(0.05)
        (differing,) = (await root("GET", ""))["agreement"]["disagreements"]
        assert (differing["text"], differing["challenger"]["intent"]) == (ORDER, "refund_status")
        assert 'babeldesk_shadow_total{outcome="disagree"} 1.0' in await (await http.get("/metrics")).text()

        assert (await root("POST", "/promote", {"version": second}))["champion"] == second
        assert await version_of_the_next(3) == second
        assert (await root("POST", "/rollback", None))["champion"] == first
        assert await version_of_the_next(4) == first

        (store.folder / damaged / "model.npz").write_bytes(b"damaged")
        store.promote(damaged)
        async with asyncio.timeout(20):
            while (await (await http.get("/readyz")).json())["components"]["model"] == "ok":
                await asyncio.sleep(0.1)
        ready = await (await http.get("/readyz")).json()
        assert ready["ready"]
        assert "is damaged" in ready["components"]["model"]
        assert await version_of_the_next(5) == first
        metrics = await (await http.get("/metrics")).text()
        assert 'babeldesk_encoder_cache_total{outcome="miss"}' in metrics
        assert 'babeldesk_encoder_cache_total{outcome="exact"}' in metrics


async def signed_in(server: Running, http: aiohttp.ClientSession) -> Callable[..., Any]:
    """Calls of an admin's browser."""
    headers = {"X-Requested-With": "babeldesk"}
    signing = await http.post(
        "/api/v1/session", json={"name": "admin", "password": server.admin_password}, headers=headers
    )
    assert signing.status == 200
    cookie = signing.cookies["babeldesk_session"].value

    async def call(method: str, path: str, body: object = None) -> Any:
        cookies = {**headers, "Cookie": f"babeldesk_session={cookie}"}
        async with http.request(method, f"/api/v1/models{path}", json=body, headers=cookies) as answered:
            assert answered.status == 200, await answered.text()
            return await answered.json()

    return call


async def test_readings_are_kept_only_while_somebody_wants_them_and_never_many() -> None:
    recent = Recent()
    recent.put("a", [1])  # type: ignore[arg-type]
    with pytest.raises(Overloaded):
        recent.get("a")

    recent.wanted = True
    for number in range(RECENT + 1):
        recent.put(str(number), [number])  # type: ignore[arg-type]
    assert recent.get(str(RECENT)) == [RECENT]
    with pytest.raises(Overloaded):
        recent.get("0")

    recent.forget()
    with pytest.raises(Overloaded):
        recent.get(str(RECENT))


async def test_a_server_gives_the_products_of_a_message_one_thread_and_leaves_the_others_alone(
    data_dir: Path, pack: Pack, train: Train, store: ModelStore
) -> None:
    def of_blas() -> set[int]:
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    store.promote(train())
    settings = Settings(data_dir=data_dir, encoder_source="tiny", encoder_threads=1)
    before = of_blas()

    async with open_understander(settings, pack):
        assert of_blas() == {1}

    assert of_blas() == before
