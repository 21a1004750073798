"""Models that bring their own encoder: saved with it, checked with it, served with it and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.settings import BUILT_IN
from nlu import own_encoder
from nlu.artifacts import Model, read_metadata
from nlu.encoder import Encoder
from nlu.serving import examples_fingerprint, model_store, needs_encoder, open_model, trained_model
from nlu.training.fit import Origin, fit
from nlu.understander import parse
from nlu.weights import convert, e5s1
from nlu.weights.pinned import LANGUAGE_ID
from nlu.weights.progress import silent
from nlu.weights.sources import Source
from tests.nlu import small_shop as shop
from tests.nlu import tiny_encoders as tiny


def converted(folder: Path, seed: int) -> Path:
    """A tiny encoder as an encoder's folder."""
    weights = folder.with_suffix(".bin")
    weights.write_bytes(tiny.e5s1(seed))
    source = Source("tiny", f"digest-{seed}", {"query": "", "passage": ""}, lambda: e5s1.read(weights))
    convert.convert(source, folder, "q4", silent)
    return folder


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(tmp_path_factory.mktemp("own") / "tuned", 7)


@pytest.fixture(scope="module")
def model(encoder: Path) -> Model:
    return fit(shop.dataset(), Encoder.open(encoder), Origin("tiny"))


@pytest.fixture
def folder(model: Model, encoder: Path, tmp_path: Path) -> Path:
    model.save(tmp_path / "model", encoder=encoder)
    return tmp_path / "model"


def test_a_model_brings_its_encoder_along(folder: Path, encoder: Path) -> None:
    opened = Model.open(folder, encoder_fingerprint="whatever is installed")

    assert opened.encoder == folder / "encoder"
    assert opened.metadata.encoder.own
    texts = list(shop.UNSEEN.values())
    assert np.array_equal(Encoder.open(opened.encoder).encode(texts), Encoder.open(encoder).encode(texts))


def test_it_needs_no_installed_encoder(folder: Path) -> None:
    assert Model.open(folder, encoder_fingerprint=None).encoder is not None


def test_its_files_take_no_room_twice_where_they_can_be_linked(folder: Path, encoder: Path) -> None:
    linked = {
        path.name: path.samefile(encoder / path.name)
        for path in (folder / "encoder").iterdir()
        if path.name != "encoder.json"
    }

    assert linked
    assert all(linked.values())


def test_its_files_are_copied_where_they_cannot_be_linked(
    model: Model, encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(own_encoder.os, "link", refused)
    model.save(tmp_path / "model", encoder=encoder)

    assert not (tmp_path / "model" / "encoder" / "model.onnx").samefile(encoder / "model.onnx")
    assert Model.open(tmp_path / "model", encoder_fingerprint=None).encoder is not None


def test_it_is_kept_when_the_model_is_saved_again(folder: Path, tmp_path: Path) -> None:
    opened = Model.open(folder, encoder_fingerprint=None)

    opened.save(tmp_path / "elsewhere")
    opened.save(folder)

    for place in (tmp_path / "elsewhere", folder):
        assert Model.open(place, encoder_fingerprint=None).encoder == place / "encoder"


def test_a_model_without_one_takes_no_room_for_one(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model")

    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["metadata.json", "model.npz"]
    assert not read_metadata(tmp_path / "model").encoder.own


def test_another_encoder_is_not_saved_with_a_model(model: Model, tmp_path: Path) -> None:
    other = converted(tmp_path / "other", 8)

    with pytest.raises(ModelError, match="other is not the encoder that the model was trained on"):
        model.save(tmp_path / "model", encoder=other)

    assert not (tmp_path / "model").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.unlink()  # it may be a link to the original
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda own: flip_a_bit(own / "model.onnx"), r"encoder/model\.onnx is damaged: its sha256"),
        (lambda own: (own / "tokenizer.spm").unlink(), r"tokenizer\.spm cannot be read"),
        (lambda own: own.rename(own.with_name("gone")), "encoder holds no encoder"),
        (lambda own: (own / "encoder.json").write_text("{}"), "not a description of an encoder"),
    ],
    ids=["a flipped bit", "a file missing", "all missing", "no description"],
)
def test_a_damaged_encoder_is_refused_with_its_reason(
    folder: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(folder / "encoder")

    with pytest.raises(ModelError, match=reason) as caught:
        Model.open(folder, encoder_fingerprint=None)

    assert "models fetch" not in str(caught.value)  # that would not mend it


def test_another_encoder_in_its_place_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "encoder").rename(tmp_path / "away")
    converted(tmp_path / "other", 8).rename(folder / "encoder")

    with pytest.raises(ModelError, match="is not the encoder that the model was trained on"):
        Model.open(folder, encoder_fingerprint=None)


# --- serving ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return read_pack(shop.write_pack(tmp_path / "pack"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with no encoder in it."""
    (tmp_path / "data" / "models").mkdir(parents=True)
    (tmp_path / "data" / "models" / LANGUAGE_ID.name).touch()
    return tmp_path / "data"


def promote(data_dir: Path, pack: Pack, encoder: Path, *, own: bool) -> None:
    origin = Origin("tiny", pack.name, examples_fingerprint(pack.examples))
    store = model_store(data_dir, pack.name)
    model = fit(shop.dataset(), Encoder.open(encoder), origin)
    store.promote(store.add(model, encoder=encoder if own else None))


@pytest.mark.parametrize("source", [BUILT_IN, "tiny", "somebody/else"])
def test_it_serves_a_pack_whatever_encoder_the_settings_name(
    data_dir: Path, pack: Pack, encoder: Path, source: str
) -> None:
    promote(data_dir, pack, encoder, own=True)

    model, problem = trained_model(data_dir, pack, source=source)

    assert problem is None
    assert model.encoder is not None


def test_a_model_without_one_says_which_encoder_is_missing(data_dir: Path, pack: Pack, encoder: Path) -> None:
    promote(data_dir, pack, encoder, own=False)

    with pytest.raises(ModelError, match=r"(?s)the encoder somebody/else .* `babeldesk models fetch` gets it"):
        trained_model(data_dir, pack, source="somebody/else")


def test_only_a_model_without_one_has_to_wait_for_the_pretrained_models(
    data_dir: Path, folder: Path, model: Model, tmp_path: Path
) -> None:
    model.save(tmp_path / "plain")
    assert needs_encoder(data_dir, tmp_path / "plain")
    assert not needs_encoder(data_dir, folder)

    (data_dir / "models" / LANGUAGE_ID.name).unlink()
    assert needs_encoder(data_dir, folder)


@pytest.mark.model
def test_messages_are_read_with_the_models_own_encoder(language_model: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "models").mkdir(parents=True)
    (tmp_path / "data" / "models" / LANGUAGE_ID.name).symlink_to(language_model)

    opened, problem = open_model(tmp_path / "data", source="somebody/else", threads=1, folder=folder)

    assert problem is None
    assert opened.encoder.fingerprint == opened.model.metadata.encoder.fingerprint
    (result,) = parse(opened.interpreter, opened.encoder, [shop.sentences("en", "order_status")[0]])
    assert result.intent is not None
