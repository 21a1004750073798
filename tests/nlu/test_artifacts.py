from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.settings import BUILT_IN
from nlu import artifacts
from nlu.artifacts import Model, check_target, read_metadata
from nlu.encoder import Encoder
from nlu.intents import LanguageMeans
from nlu.lexicon import Lexicon
from nlu.model_store import KEPT, ModelStore
from nlu.sentiment import OUTPUTS, SURFACE, SentimentModel
from nlu.serving import examples_fingerprint, model_store, open_model, trained_model, version_of
from nlu.training.fit import Origin, fit
from nlu.training.provenance import code_version
from nlu.understander import parse
from nlu.weights.manifest import Manifest, sha256
from nlu.weights.pinned import LANGUAGE_ID
from nlu.weights.store import DEFAULT_VARIANT
from tests.missing import missing
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, UNSEEN, Words

FINGERPRINT = Words().fingerprint
SOURCE = "words"


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(shop.dataset(), Words(), Origin(BUILT_IN))


@pytest.fixture
def folder(model: Model, tmp_path: Path) -> Path:
    model.save(tmp_path / "model")
    return tmp_path / "model"


def opened(folder: Path) -> Model:
    return Model.open(folder, encoder_fingerprint=FINGERPRINT)


def ranked(model: Model) -> object:
    texts = [*UNSEEN.values(), "", "xyz"]
    codes = ["en", "de", "sw"] * 2 + ["en"] * (len(texts) - 6)
    return model.classifier.rank(texts, model.means.centre(Words().encode(texts), codes), codes)


def made_at(model: Model, minute: int) -> Model:
    return replace(
        model, metadata=model.metadata.model_copy(update={"created_at": datetime(2026, 11, 24, 10, minute, tzinfo=UTC)})
    )


def change(folder: Path, **values: object) -> None:
    """Change what the metadata say."""
    file = folder / "metadata.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def rewrite(folder: Path, **arrays: object) -> None:
    """Change arrays, with a checksum that fits; None leaves one out."""
    with np.load(folder / "model.npz") as data:
        content = {name: arrays.get(name, data[name]) for name in data if arrays.get(name, 0) is not None}
    np.savez(folder / "model.npz", **content)
    change(folder, sha256=sha256(folder / "model.npz"))


# --- there and back ---------------------------------------------------------------------------------------------------


def test_a_model_that_was_saved_gives_the_same_answers(model: Model, folder: Path) -> None:
    again = opened(folder)

    assert ranked(again) == ranked(model)
    assert (again.lexicon.counts, again.lexicon.phrases) == (model.lexicon.counts, model.lexicon.phrases)
    assert again.means.languages == model.means.languages
    assert np.array_equal(again.means.means, model.means.means)
    assert np.array_equal(again.means.fallback, model.means.fallback)
    assert again.metadata == model.metadata.model_copy(update={"sha256": sha256(folder / "model.npz")})


def test_a_model_is_saved_again_as_it_was_opened(folder: Path, tmp_path: Path) -> None:
    opened(folder).save(tmp_path / "again")

    for name in ("model.npz", "metadata.json"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_model_is_two_files_and_the_folders_above_them(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "some" / "where" / "model")

    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["some/where/model/metadata.json", "some/where/model/model.npz"]


def test_a_model_without_a_lexicon_is_saved_too(model: Model, tmp_path: Path) -> None:
    replace(model, lexicon=Lexicon()).save(tmp_path / "model")

    assert opened(tmp_path / "model").lexicon.counts == {}


def test_a_model_says_what_it_was_made_from_and_how(folder: Path) -> None:
    metadata = read_metadata(folder)

    assert (metadata.format, metadata.kind, metadata.seed, metadata.examples) == (4, "frozen", 0, 136)
    assert metadata.settings["regularisation"] == 0.1
    assert metadata.code is not None
    assert metadata.code == code_version()
    assert metadata.code.version
    assert 0 < metadata.quality["left_out_accuracy"] <= 1
    assert len(metadata.data_fingerprint) >= 16


def test_the_code_is_known_by_version_and_commit_where_there_is_one(tmp_path: Path) -> None:
    assert code_version(tmp_path).commit is None
    (tmp_path / ".git").write_text("gitdir: nowhere")
    assert code_version.__wrapped__(tmp_path).commit is None  # damaged, and no reason to fail

    git = shutil.which("git")
    if git is None:
        missing("there is no git to make a checkout with")
    checkout = tmp_path / "checkout"
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "one"]):
        checkout.mkdir(exist_ok=True)
        subprocess.run([git, "-C", str(checkout), *arguments], check=True)
    assert re.fullmatch("[0-9a-f]{12}", code_version(checkout).commit or "")


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ModelError, match=f"{folder} holds no model: metadata.json cannot be read"):
            opened(folder)


def test_another_encoder_is_refused_with_both_named(folder: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Model.open(folder, encoder_fingerprint="somebody else's encoder")

    message = str(caught.value)
    assert "was trained on another encoder (multilingual-e5-small, words-and-no)" in message
    assert "the installed one (somebody els)" in message
    assert message.endswith("train it again")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "model.npz").unlink(), r"model\.npz cannot be read: .*No such file"),
        (lambda folder: (folder / "model.npz").write_bytes(b""), r"model\.npz is damaged: its sha256 is not"),
        (
            lambda folder: (folder / "model.npz").write_bytes((folder / "model.npz").read_bytes()[:-1]),
            r"model\.npz is damaged: its sha256 is not the one in metadata\.json",
        ),
        (lambda folder: (folder / "metadata.json").unlink(), r"holds no model: metadata\.json cannot be read"),
        (lambda folder: (folder / "metadata.json").write_text(""), r"metadata\.json is no description of a model"),
        (lambda folder: (folder / "metadata.json").write_text('{"format": 4}'), "no description.*labels"),
        (lambda folder: change(folder, format=2), "is of format 2, and this version reads 4: train it again"),
        (lambda folder: change(folder, format=None), "is of format None, and this version reads 4: train it again"),
        (
            lambda folder: change(folder, labels=["one", "two"]),
            r"weights of shape \(148, 13\) for 148 anchors and 2 labels",
        ),
        (lambda folder: rewrite(folder, temperature=None), r"model\.npz cannot be read: .*temperature"),
        (
            lambda folder: rewrite(folder, weights=np.zeros((3, 13))),
            r"weights of shape \(3, 13\) for 148 anchors and 13 labels",
        ),
        (lambda folder: rewrite(folder, scope=np.array([{"a": 1}])), r"model\.npz cannot be read: .*pickle"),
        (lambda folder: rewrite(folder, scope=np.full(5, np.nan)), "scope holds numbers that are not finite"),
        (lambda folder: rewrite(folder, temperature=np.float32(np.inf)), "temperature holds numbers that are not"),
    ],
    ids=[
        "no arrays",
        "empty arrays",
        "cut arrays",
        "no metadata",
        "empty metadata",
        "little metadata",
        "newer format",
        "no format",
        "other labels",
        "an array missing",
        "other shape",
        "pickle",
        "not a number",
        "infinite",
    ],
)
def test_what_is_damaged_is_refused_with_its_reason(
    folder: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(folder)

    with pytest.raises(ModelError, match=f"(?s){reason}" if not reason.startswith("(?s)") else reason):
        opened(folder)


# --- written as a whole or not at all ---------------------------------------------------------------------------------


def test_an_earlier_model_is_replaced_as_a_whole(model: Model, folder: Path) -> None:
    (folder / "left-over.txt").touch()

    made_at(model, 59).save(folder)

    assert opened(folder).metadata.created_at.minute == 59
    assert sorted(path.name for path in folder.iterdir()) == ["metadata.json", "model.npz"]
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_model_that_cannot_be_written_leaves_the_earlier_one(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(artifacts.np, "savez", full)
    with pytest.raises(ModelError, match="model cannot be written: No space left on device"):
        made_at(model, 59).save(folder)

    assert opened(folder).metadata.created_at == model.metadata.created_at
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_model_that_cannot_be_put_in_place_leaves_the_earlier_one(
    model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, done = Path.rename, []

    def second_fails(path: Path, target: Path) -> Path:
        done.append(path)
        if len(done) == 2:
            raise OSError(5, "Input/output error")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(ModelError, match="model cannot be written: Input/output error"):
        made_at(model, 59).save(folder)

    assert opened(folder).metadata.created_at == model.metadata.created_at
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_with_other_things_is_not_overwritten(model: Model, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_text("precious")

    with pytest.raises(ModelError, match="photos is not empty and holds no model; nothing was written"):
        model.save(tmp_path / "photos")

    assert [path.name for path in tmp_path.rglob("*")] == ["photos", "holiday.jpg"]


def test_a_file_is_not_overwritten(model: Model, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("precious")

    with pytest.raises(ModelError, match=r"letter\.txt is a file, not a folder"):
        model.save(tmp_path / "letter.txt")

    assert (tmp_path / "letter.txt").read_text() == "precious"


def test_an_empty_folder_may_be_used(model: Model, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_target(tmp_path / "empty")

    model.save(tmp_path / "empty")

    assert opened(tmp_path / "empty").metadata.labels == model.metadata.labels


def test_a_link_to_a_folder_stays_a_link(model: Model, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    for minute in (1, 2):
        made_at(model, minute).save(tmp_path / "link")

    assert (tmp_path / "link").is_symlink()
    assert opened(tmp_path / "real").metadata.created_at.minute == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


# --- the store of a pack's models -------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


def serving(store: ModelStore) -> tuple[int, str | None]:
    """The minute that the serving model was made in, and what is wrong."""
    model, problem = store.open(encoder_fingerprint=FINGERPRINT)
    return model.metadata.created_at.minute, problem


def test_an_empty_store_says_that_nothing_was_trained(store: ModelStore) -> None:
    with pytest.raises(ModelError, match=r"no model has been trained yet in .*store"):
        serving(store)


def test_a_version_serves_once_it_is_promoted(store: ModelStore, model: Model) -> None:
    first, second = store.add(made_at(model, 1)), store.add(made_at(model, 2))
    assert store.promoted() == ()

    store.promote(first)
    assert serving(store) == (1, None)

    store.promote(second)
    assert serving(store) == (2, None)
    assert store.promoted() == (second, first)

    store.promote(first)
    assert serving(store) == (1, None)
    assert store.promoted() == (first, second)


def test_a_version_is_named_after_its_time_and_data(store: ModelStore, model: Model) -> None:
    first, second = (store.add(made_at(model, 7)) for _ in range(2))

    assert first != second
    assert first.startswith(f"20261124T100700-{model.metadata.data_fingerprint[:8]}-")


def test_what_is_not_there_cannot_be_promoted(store: ModelStore, model: Model) -> None:
    version = store.add(model)
    store.promote(version)

    with pytest.raises(ModelError, match="nothing-like-it holds no model"):
        store.promote("nothing-like-it")

    assert store.promoted() == (version,)


def test_the_last_good_model_serves_and_what_is_wrong_is_told(store: ModelStore, model: Model) -> None:
    versions = [store.add(made_at(model, minute)) for minute in (1, 2, 3)]
    for version in versions:
        store.promote(version)
    (store.folder / versions[2] / "model.npz").write_bytes(b"damaged")
    shutil.rmtree(store.folder / versions[1])

    minute, problem = serving(store)

    assert minute == 1
    assert problem is not None
    assert f"{versions[2]}/model.npz is damaged" in problem
    assert f"{versions[1]} holds no model" in problem


def test_without_any_good_model_the_reason_of_each_is_told(store: ModelStore, model: Model) -> None:
    for minute in (1, 2):
        store.promote(store.add(made_at(model, minute)))

    with pytest.raises(ModelError) as caught:
        store.open(encoder_fingerprint="somebody else's encoder")

    assert str(caught.value).count("was trained on another encoder") == 2


def test_old_versions_are_forgotten(store: ModelStore, model: Model) -> None:
    waiting = store.add(made_at(model, 0))
    versions = [store.add(made_at(model, minute)) for minute in range(1, KEPT + 3)]
    for version in versions:
        store.promote(version)

    assert store.promoted() == tuple(reversed(versions))[:KEPT]
    there = {path.name for path in store.folder.iterdir() if not path.name.startswith(".")}
    assert there == {"current.json", waiting, *versions[-KEPT:]}


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[1, 2]", "\udcff"])
def test_a_damaged_list_of_versions_is_as_good_as_none(store: ModelStore, model: Model, content: str) -> None:
    version = store.add(made_at(model, 1))
    store.promote(version)
    (store.folder / "current.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    assert store.promoted() == ()

    store.promote(version)
    assert serving(store) == (1, None)


# --- serving a pack ---------------------------------------------------------------------------------------------------


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return read_pack(shop.write_pack(tmp_path / "pack"))


@pytest.fixture
def data_dir_of_words(tmp_path: Path) -> Path:
    """A data folder with the description of an encoder that has the fingerprint of `Words`."""
    data_dir = tmp_path / "data"
    encoder = data_dir / "models" / "encoder-words"
    encoder.mkdir(parents=True)
    (data_dir / "models" / LANGUAGE_ID.name).touch()
    Manifest(
        source=SOURCE,
        variant=DEFAULT_VARIANT,
        fingerprint=FINGERPRINT,
        hidden=Words.hidden,
        max_tokens=128,
        prefixes={"query": "", "passage": ""},
        tokenizer="tokenizer.spm",
        files={},
    ).write(encoder)
    return data_dir


def promote(data_dir: Path, pack: Pack, *intents: str, minute: int = 1) -> None:
    origin = Origin(BUILT_IN, pack.name, examples_fingerprint(pack.examples))
    store = model_store(data_dir, pack.name)
    store.promote(store.add(made_at(fit(shop.dataset(*intents), Words(), origin), minute)))


def test_the_model_that_was_trained_on_the_pack_serves_it(data_dir_of_words: Path, pack: Pack) -> None:
    promote(data_dir_of_words, pack)

    model, problem = trained_model(data_dir_of_words, pack, source=SOURCE)

    assert problem is None
    assert model.metadata.pack == "tiny"


def test_a_pack_without_a_model_is_told_so(data_dir_of_words: Path, pack: Pack) -> None:
    with pytest.raises(ModelError, match=r"no model has been trained yet in .*intents/tiny"):
        trained_model(data_dir_of_words, pack, source=SOURCE)


def test_without_an_encoder_the_command_that_gets_it_is_told(tmp_path: Path, pack: Pack) -> None:
    with pytest.raises(ModelError, match="`babeldesk models fetch` gets it"):
        trained_model(tmp_path, pack, source=SOURCE)


@pytest.mark.parametrize("action", ["change", "add", "remove", "rename"])
def test_changed_examples_are_noticed_and_the_model_serves_on(data_dir_of_words: Path, pack: Pack, action: str) -> None:
    promote(data_dir_of_words, pack)
    german = pack.folder / "nlu" / "de.yml"
    match action:
        case "change":
            german.write_text(german.read_text().replace("hallo", "moin"))
        case "add":
            shop.write_yaml(pack.folder / "nlu" / "fr.yml", "en")
        case "remove":
            german.unlink()
        case "rename":
            german.rename(german.with_name("nl.yml"))

    _, problem = trained_model(data_dir_of_words, read_pack(pack.folder), source=SOURCE)

    assert problem == "the examples of the pack 'tiny' have changed since its model was trained"


def test_the_same_examples_in_another_place_are_the_same(tmp_path: Path, pack: Pack) -> None:
    other = read_pack(shop.write_pack(tmp_path / "elsewhere"))

    assert examples_fingerprint(reversed(other.examples)) == examples_fingerprint(pack.examples)


def test_intents_that_the_pack_lacks_are_refused_by_name(data_dir_of_words: Path, pack: Pack) -> None:
    promote(data_dir_of_words, pack)
    intents = {name: intent for name, intent in pack.intents.items() if name not in {"fraud", "help"}}

    with pytest.raises(ModelError, match=r"the model of 'tiny' knows intents that the pack lacks: fraud, help$"):
        trained_model(data_dir_of_words, replace(pack, intents=intents), source=SOURCE)


def test_out_of_scope_need_not_be_an_intent_of_the_pack(data_dir_of_words: Path, pack: Pack) -> None:
    promote(data_dir_of_words, pack, "fraud", "help", "out_of_scope")
    intents = {name: intent for name, intent in pack.intents.items() if name != "out_of_scope"}

    _, problem = trained_model(data_dir_of_words, replace(pack, intents=intents), source=SOURCE)

    assert problem is None


def test_the_model_before_a_damaged_one_serves_the_pack(data_dir_of_words: Path, pack: Pack) -> None:
    promote(data_dir_of_words, pack, minute=1)
    promote(data_dir_of_words, pack, minute=2)
    store = model_store(data_dir_of_words, pack.name)
    (store.folder / store.promoted()[0] / "model.npz").unlink()

    model, problem = trained_model(data_dir_of_words, pack, source=SOURCE)

    assert model.metadata.created_at.minute == 1
    assert problem is not None
    assert "model.npz cannot be read" in problem


def test_a_version_chosen_by_hand_serves_until_the_examples_change_again(data_dir_of_words: Path, pack: Pack) -> None:
    promote(data_dir_of_words, pack, minute=1)
    shop.write_yaml(pack.folder / "nlu" / "fr.yml", "en")
    pack = read_pack(pack.folder)
    promote(data_dir_of_words, pack, minute=2)
    model_store(data_dir_of_words, pack.name).rollback(chosen_for=examples_fingerprint(pack.examples))

    model, problem = trained_model(data_dir_of_words, pack, source=SOURCE)
    assert (model.metadata.created_at.minute, problem) == (1, None)

    shop.write_yaml(pack.folder / "nlu" / "it.yml", "en")
    _, problem = trained_model(data_dir_of_words, read_pack(pack.folder), source=SOURCE)
    assert problem is not None


def test_a_version_that_cannot_serve_the_pack_is_refused_by_itself(data_dir_of_words: Path, pack: Pack) -> None:
    promote(data_dir_of_words, pack)
    (version,) = model_store(data_dir_of_words, pack.name).promoted()
    assert version_of(data_dir_of_words, pack, version, source=SOURCE).version == version

    fewer = replace(pack, intents={name: intent for name, intent in pack.intents.items() if name != "fraud"})
    with pytest.raises(ModelError, match="knows intents that the pack lacks: fraud"):
        version_of(data_dir_of_words, fewer, version, source=SOURCE)


@pytest.mark.model
def test_a_model_in_a_folder_is_opened_with_its_own_languages_and_entities(
    encoder: Encoder, data_dir: Path, tmp_path: Path
) -> None:
    declared = {"order_number": {"pattern": r"\d{5}"}}
    trained = fit(replace(shop.dataset(*TOPICS), entities=declared), encoder, Origin(BUILT_IN))
    trained.save(tmp_path / "model")

    opened, problem = open_model(data_dir, source=BUILT_IN, threads=2, folder=tmp_path / "model")
    (result,) = parse(opened.interpreter, opened.encoder, ["wo ist meine Bestellung 12345?"])

    assert problem is None
    assert result.language.code == "de"
    assert result.intent is not None
    assert result.intent.name == "order_status"
    assert [(entity.entity, entity.value) for entity in result.entities] == [("order_number", "12345")]


@pytest.mark.model
def test_a_model_of_another_encoder_is_not_opened(data_dir: Path, encoder: Encoder, folder: Path) -> None:
    with pytest.raises(ModelError, match="was trained on another encoder"):
        open_model(data_dir, source=BUILT_IN, threads=1, folder=folder)


@pytest.mark.model
def test_either_a_folder_or_a_pack_is_needed(data_dir: Path, encoder: Encoder) -> None:
    with pytest.raises(ModelError, match="neither a folder nor a pack"):
        open_model(data_dir, source=BUILT_IN, threads=1)


def test_a_description_can_be_read_without_the_model(folder: Path) -> None:
    (folder / "model.npz").unlink()

    assert read_metadata(folder).languages == {"de": 68, "en": 68}


# --- a sentiment head of its own --------------------------------------------------------------------------------------


def feeling(fingerprint: str = FINGERPRINT) -> SentimentModel:
    random = np.random.default_rng(4)
    hidden = Words.hidden
    bare = LanguageMeans((), np.zeros((0, hidden), np.float32), np.zeros(hidden, np.float32))
    return SentimentModel(
        fingerprint,
        bare,
        random.standard_normal((6, hidden + len(SURFACE))).astype(np.float32),
        random.standard_normal((6, len(OUTPUTS))).astype(np.float32),
        np.zeros(len(OUTPUTS), np.float32),
    )


def test_a_sentiment_head_is_stored_with_the_model_and_kept_when_it_is_saved_again(
    model: Model, tmp_path: Path
) -> None:
    replace(model, sentiment=feeling()).save(tmp_path / "first")
    opened(tmp_path / "first").save(tmp_path / "second")

    again = opened(tmp_path / "second").sentiment
    assert again is not None
    texts = ["hello", "THIS IS BAD!!!"]
    told = again.score(Words().encode(texts), ["en", "en"], texts)
    wanted = feeling().score(Words().encode(texts), ["en", "en"], texts)
    assert [one.label for one in told] == [one.label for one in wanted]
    assert [one.score for one in told] == pytest.approx([one.score for one in wanted], abs=0.02)


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"nonsense")], ids=["gone", "damaged"])
def test_a_damaged_sentiment_head_is_named(model: Model, tmp_path: Path, damage: Callable[[Path], object]) -> None:
    replace(model, sentiment=feeling()).save(tmp_path / "model")
    damage(tmp_path / "model" / "sentiment.npz")

    with pytest.raises(ModelError, match=r"sentiment\.npz"):
        opened(tmp_path / "model")


def test_the_head_of_another_encoder_is_refused(model: Model, tmp_path: Path) -> None:
    replace(model, sentiment=feeling("another")).save(tmp_path / "model")

    with pytest.raises(ModelError, match="was made for another encoder than the model"):
        opened(tmp_path / "model")
