from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ConfigurationError, ModelError, PackError
from bot.pack_reader import read_pack
from bot.settings import BUILT_IN, Settings
from bot.understanding import OUT_OF_SCOPE, RankedIntent
from nlu.artifacts import EncoderOf, Model
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.intents import LanguageMeans, Typical, gains
from nlu.serving import model_store
from nlu.training import fit as fitting
from nlu.training.augmentation.augmentation import Augmentation
from nlu.training.dataset import Dataset, Example
from nlu.training.fit import Origin, fit
from nlu.training.points import Writing
from nlu.training.ridge import fit_ridge
from nlu.training.run import train_files, train_pack
from nlu.weights.store import Models
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, UNSEEN, UNSEEN_OUTSIDE, Words

ORIGIN = Origin(BUILT_IN)


def made_up(*rows: tuple[str, str]) -> Dataset:
    return Dataset(tuple(Example(text, intent, "en", Path("en.yml"), n) for n, (text, intent) in enumerate(rows, 1)))


def keyword_rows(count: int, intents: Sequence[str] = ("tea", "coffee", "milk"), *, seed: int = 0) -> Dataset:
    """Sentences of an intent's name and words that mean nothing."""
    random = np.random.default_rng(seed)
    names = [intents[n % len(intents)] for n in range(count)]
    return made_up(*((f"{name} {name} {random.integers(10**6)} {random.integers(10**6)}", name) for name in names))


def relabelled(dataset: Dataset, share: float, intents: Sequence[str], seed: int = 0) -> Dataset:
    """The same sentences, a share of them with whatever intent comes up."""
    random = np.random.default_rng(seed)
    return made_up(
        *((e.text, str(random.choice(intents)) if random.random() < share else e.intent) for e in dataset.examples)
    )


def asked(
    model: Model, encoder: Encoder | Words, texts: Sequence[str], languages: str | Sequence[str] = "en"
) -> list[tuple[tuple[RankedIntent, ...], bool]]:
    codes = [languages] * len(texts) if isinstance(languages, str) else languages
    ranked = model.classifier.rank(texts, model.means.centre(encoder.encode(texts), codes), codes)
    return [(ranking, ranking[0].name != OUT_OF_SCOPE) for ranking in ranked]


def intents(model: Model, encoder: Encoder | Words, texts: Sequence[str], language: str = "en") -> list[str]:
    return [ranking[0].name for ranking, _ in asked(model, encoder, texts, language)]


def saved(model: Model, folder: Path) -> bytes:
    model.save(folder)
    return (folder / "model.npz").read_bytes()


@pytest.fixture(scope="module")
def small_shop(encoder: Encoder) -> Model:
    """A model of the whole small shop, in English and German."""
    return fit(shop.dataset(), encoder, ORIGIN)


# --- few beside many --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "examples", "languages", "larger"),
    [
        (0.7, 5, 16, 1),
        (0.9, 5, 16, 1),
        (0.35, 5, 16, 2),
        (0.1, 5, 16, 4),
        (0.0, 5, 16, 4),
        (-0.2, 5, 16, 4),
        (0.1, 25, 16, 2),
        (0.35, 5, 1, 4),
        (0.35, 5, 20, 2),
        (0.1, 100, 16, 1),
        (0.1, 100, 1, 1),
        (0.1, 500, 16, 1),
    ],
)
def test_a_label_with_fewer_examples_and_languages_than_a_typical_one_is_made_to_score_as_much_for_its_own(
    own: float, examples: int, languages: int, larger: float
) -> None:
    told = gains(*(np.array([one], np.float32) for one in (own, examples, languages)), Typical(0.7, 100, 16))
    assert told == pytest.approx([larger])


@pytest.mark.model
def test_an_intent_with_few_examples_in_one_language_is_told_beside_others_with_many(encoder: Encoder) -> None:
    few = [e for e in shop.dataset().examples if e.intent != "return_request"]
    few += [e for e in shop.dataset().examples if e.intent == "return_request" and e.language == "en"][:3]
    model = fit(Dataset(tuple(few)), encoder, ORIGIN)

    label = model.classifier.labels.index("return_request")
    german = [e.text for e in shop.dataset().examples if e.intent == "return_request" and e.language == "de"]
    assert model.classifier.gains[label] > 1.2
    assert intents(model, encoder, german, "de").count("return_request") >= len(german) - 2


# --- the same again ---------------------------------------------------------------------------------------------------


def test_the_same_data_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    dataset = keyword_rows(60)

    first, second = (saved(fit(dataset, Words(), ORIGIN, seed=7), tmp_path / name) for name in ("first", "second"))

    assert first == second


@pytest.mark.model
def test_the_same_data_and_seed_give_the_same_bytes_with_the_real_encoder_cached_or_not(
    small_shop: Model, encoder: Encoder, tmp_path: Path
) -> None:
    cache = EmbeddingCache(tmp_path / "cache", encoder.fingerprint)
    once = saved(small_shop, tmp_path / "once")

    assert saved(fit(shop.dataset(), encoder, ORIGIN), tmp_path / "uncached") == once
    assert saved(fit(shop.dataset(), encoder, ORIGIN, cache=cache), tmp_path / "cold") == once
    assert saved(fit(shop.dataset(), encoder, ORIGIN, cache=cache), tmp_path / "warm") == once


def test_what_describes_a_model_is_the_same_again_but_for_the_time() -> None:
    one, other = (fit(keyword_rows(30), Words(), ORIGIN, seed=3).metadata for _ in range(2))

    assert one.model_copy(update={"created_at": other.created_at}) == other
    assert one.created_at.utcoffset() is not None


def test_what_describes_a_model_says_what_it_was_made_from() -> None:
    dataset = Dataset(shop.dataset().examples, {"number": {"pattern": r"\d+"}})

    metadata = fit(dataset, Words("abc" * 10), Origin("words", "tiny", "of the examples"), seed=5).metadata

    assert metadata.labels == tuple(sorted(shop.SENTENCES["en"]))
    assert metadata.languages == {"de": 68, "en": 68}
    assert metadata.entities == {"number": {"pattern": r"\d+"}}
    assert metadata.encoder == EncoderOf(source="words", fingerprint="abc" * 10, hidden=Words.hidden)
    assert (metadata.seed, metadata.pack, metadata.pack_fingerprint) == (5, "tiny", "of the examples")
    assert metadata.data_fingerprint == dataset.fingerprint


# --- what is learned --------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_sentences_that_were_not_trained_on_are_understood(small_shop: Model, encoder: Encoder) -> None:
    results = asked(small_shop, encoder, list(UNSEEN.values()))

    assert [ranking[0].name for ranking, _ in results] == list(UNSEEN)
    assert all(in_scope for _, in_scope in results)


@pytest.mark.model
def test_what_is_none_of_the_bots_business_is_recognised(small_shop: Model, encoder: Encoder) -> None:
    results = asked(small_shop, encoder, UNSEEN_OUTSIDE, ["en", "en", "de", "en"])

    assert [in_scope for _, in_scope in results] == [False] * 4


@pytest.mark.model
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            "es",
            {
                "order_status": "¿dónde está mi pedido?",
                "return_request": "quiero devolver estos zapatos",
                "refund_status": "¿cuándo me devuelven el dinero?",
                "delivery_time": "¿cuánto tarda el envío?",
                "fraud": "alguien ha usado mi tarjeta sin permiso",
            },
        ),
        (
            "ja",
            {
                "order_status": "注文はどこですか",
                "return_request": "この靴を返品したいです",
                "refund_status": "返金はいつですか",
                "delivery_time": "配送には何日かかりますか",
                "fraud": "カードが不正利用されました",
            },
        ),
        ("sw", {"order_status": "oda yangu iko wapi", "return_request": "nataka kurudisha viatu hivi"}),
    ],
)
def test_a_language_without_a_single_example_is_understood(
    small_shop: Model, encoder: Encoder, language: str, texts: dict[str, str]
) -> None:
    results = asked(small_shop, encoder, list(texts.values()), language)

    assert [ranking[0].name for ranking, _ in results] == list(texts)
    assert all(in_scope for _, in_scope in results)


@pytest.mark.model
def test_without_out_of_scope_examples_what_is_far_from_all_examples_is_refused(encoder: Encoder) -> None:
    dataset = shop.dataset(*TOPICS)

    model = fit(dataset, encoder, ORIGIN)

    assert model.metadata.labels == TOPICS
    assert intents(model, encoder, list(UNSEEN.values())) == list(UNSEEN)
    assert [in_scope for _, in_scope in asked(model, encoder, UNSEEN_OUTSIDE)] == [False] * 4
    own = asked(model, encoder, [e.text for e in dataset.examples], [e.language for e in dataset.examples])
    assert sum(in_scope for _, in_scope in own) >= 0.97 * len(own)


@pytest.mark.model
def test_two_intents_are_enough(encoder: Encoder) -> None:
    model = fit(shop.dataset("order_status", "fraud"), encoder, ORIGIN)

    assert intents(model, encoder, [UNSEEN["fraud"], UNSEEN["order_status"]]) == ["fraud", "order_status"]


def test_two_examples_of_each_intent_are_enough() -> None:
    model = fit(
        made_up(("red apple", "apple"), ("green apple", "apple"), ("blue sky", "sky"), ("wide sky", "sky")),
        Words(),
        ORIGIN,
    )

    assert intents(model, Words(), ["an apple", "the sky"]) == ["apple", "sky"]
    assert np.isfinite(model.classifier.weights).all()


def test_the_ranking_is_of_probabilities_that_sum_to_one() -> None:
    model = fit(keyword_rows(30), Words(), ORIGIN)

    for ranking, _ in asked(model, Words(), ["tea please", "nonsense", ""]):
        confidences = [ranked.confidence for ranked in ranking]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1, abs=1e-5)
        assert {ranked.name for ranked in ranking} == {"tea", "coffee", "milk", OUT_OF_SCOPE}


def test_many_intents_are_ranked_up_to_the_tenth() -> None:
    names = [f"drink{n}" for n in range(25)]

    model = fit(keyword_rows(75, names), Words(), ORIGIN)

    assert [len(ranking) for ranking, _ in asked(model, Words(), ["drink7 drink7"])] == [10]


def test_a_language_of_few_examples_is_centred_with_an_encoder_without_built_in_means() -> None:
    model = fit(shop.dataset(*TOPICS), Words(), ORIGIN)

    assert sorted(model.means.languages) == ["de", "en"]
    # Of a language that nobody has seen, the mean of those that were seen is the best guess.
    assert model.means.fallback == pytest.approx(model.means.means.mean(axis=0))


def test_known_means_of_an_encoder_count_half_where_there_are_examples_enough_and_whole_elsewhere() -> None:
    known = LanguageMeans(
        ("en", "sw"), np.stack([np.full(64, 0.2), np.full(64, 0.1)]).astype(np.float32), np.full(64, 0.15, np.float32)
    )
    dataset = keyword_rows(240)
    own = Words().encode([example.text for example in dataset.examples]).mean(axis=0)

    means = fit(dataset, Words(), ORIGIN, means=known).means

    assert means.languages == ("en", "sw")
    assert means.means[0] == pytest.approx((own + 0.2) / 2, abs=1e-6)
    assert means.means[1] == pytest.approx(known.means[1])


def test_of_very_many_examples_some_languages_are_drawn_to_play_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    languages = np.array(["de", "en", "es", "fr"] * 15)
    texts = [example.text for example in keyword_rows(60).examples]
    points = Writing.of(texts).points(Words().encode(texts))
    ridge = fit_ridge(points, np.arange(60), np.eye(3, dtype=np.float32)[np.arange(60) % 3])
    everybody = np.ones(60, np.bool_)

    whole = fitting._strangers(ridge, languages, everybody, seed=0)
    monkeypatch.setattr(fitting, "MOST_STRANGERS", 20)
    drawn = [fitting._strangers(ridge, languages, everybody, seed=seed) for seed in (0, 0, 1, 2, 3)]

    assert whole is not None
    assert len(whole[1]) == 60
    chosen = []
    for strangers in drawn:
        assert strangers is not None
        scores, rows = strangers
        chosen.append(tuple(np.unique(languages[rows]).tolist()))
        assert len(rows) == 30  # whole languages, until there are enough
        for score, row in zip(scores, rows, strict=True):
            assert score == pytest.approx(whole[0][whole[1].tolist().index(row)])
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) > 1


def test_short_sentences_that_one_language_has_tell_that_language() -> None:
    phrases = fit(shop.dataset(), Words(), ORIGIN).lexicon.phrases

    assert phrases["servus, wie geht es dir"] == "de"
    assert phrases["hello"] == "en"
    assert "english please" not in phrases  # a request for a language is often in another one
    assert "erzähl mir einen witz" not in phrases  # out-of-scope texts are in any language
    assert "das ist betrug, ihr habt mein geld gestohlen" not in phrases  # long ones tell it themselves


# --- what is refused --------------------------------------------------------------------------------------------------


def test_an_intent_with_a_single_example_is_refused_by_name() -> None:
    dataset = made_up(("a", "one"), ("b", "one"), ("c", "lonely"), ("d", "two"), ("e", "two"), ("f", "alone"))

    with pytest.raises(ConfigurationError, match=r"two examples of each intent; there is one of lonely, alone$"):
        fit(dataset, Words(), ORIGIN)


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "only"), ("b", "only")],
        [("a", "only"), ("b", "only"), ("c", OUT_OF_SCOPE), ("d", OUT_OF_SCOPE)],
        [("c", OUT_OF_SCOPE), ("d", OUT_OF_SCOPE)],
    ],
)
def test_fewer_than_two_intents_are_refused(rows: list[tuple[str, str]]) -> None:
    with pytest.raises(ConfigurationError, match=f"at least two intents; there is {rows[0][1]}"):
        fit(made_up(*rows), Words(), ORIGIN)


def test_what_cannot_be_trained_on_is_refused_before_anything_is_embedded() -> None:
    words = Words()

    with pytest.raises(ConfigurationError):
        fit(made_up(("a", "only"), ("b", "only")), words, ORIGIN)

    assert words.asked == []


# --- calibration ------------------------------------------------------------------------------------------------------


def test_accuracy_on_examples_left_out_is_near_chance_where_nothing_can_be_learned() -> None:
    names = ("a", "b", "c", "d")

    quality = fit(relabelled(keyword_rows(240), 1.0, names), Words(), ORIGIN).metadata.quality

    assert quality["left_out_accuracy"] == pytest.approx(0.25, abs=0.12)


def test_accuracy_on_examples_left_out_is_high_where_all_is_plain() -> None:
    assert fit(keyword_rows(60), Words(), ORIGIN).metadata.quality["left_out_accuracy"] > 0.95


@pytest.mark.parametrize("noise", [0.3, 0.6, 1.0])
def test_confidence_on_new_sentences_is_how_often_they_are_right(noise: float) -> None:
    names = ("tea", "coffee", "milk")
    model = fit(relabelled(keyword_rows(300), noise, names), Words(), ORIGIN)
    new = relabelled(keyword_rows(300, seed=9), noise, names, seed=9).examples

    best = [ranking[0] for ranking, _ in asked(model, Words(), [example.text for example in new])]

    accuracy = np.mean([ranked.name == example.intent for ranked, example in zip(best, new, strict=True)])
    assert np.mean([ranked.confidence for ranked in best]) == pytest.approx(accuracy, abs=0.12)


@pytest.mark.model
def test_what_was_measured_while_training_holds_for_new_sentences(small_shop: Model) -> None:
    assert 0.85 <= small_shop.metadata.quality["left_out_accuracy"] < 1
    assert 0.01 < small_shop.metadata.quality["temperature"] < 1


# --- more examples than a model keeps ---------------------------------------------------------------------------------


def test_of_many_examples_a_model_keeps_as_many_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "MOST_EXACT", 40)
    monkeypatch.setattr(fitting, "MOST_ANCHORS", 40)

    model = fit(keyword_rows(240), Words(), ORIGIN)

    # Forty sentences, and the names of the three intents.
    assert model.classifier.anchors.shape == (43, Words.hidden)
    assert model.classifier.weights.shape == (43, 3)
    assert model.classifier.anchors_in_scope.shape == (43,)
    assert intents(model, Words(), ["tea tea 1 2", "coffee coffee 3 4", "milk milk 5 6"]) == ["tea", "coffee", "milk"]
    assert model.metadata.quality["left_out_accuracy"] > 0.95
    assert sum(model.metadata.languages.values()) == 240


def test_the_seed_tells_which_examples_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fitting, "MOST_EXACT", 40)
    monkeypatch.setattr(fitting, "MOST_ANCHORS", 40)
    seeds = {"one": 1, "one again": 1, "two": 2}

    files = {
        name: saved(fit(keyword_rows(120), Words(), ORIGIN, seed=seed), tmp_path / name) for name, seed in seeds.items()
    }

    assert files["one"] == files["one again"]
    assert files["one"] != files["two"]


@pytest.mark.model
def test_with_some_of_the_examples_kept_the_rest_still_counts(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "MOST_EXACT", 70)
    monkeypatch.setattr(fitting, "MOST_ANCHORS", 70)

    model = fit(shop.dataset(), encoder, ORIGIN)

    assert len(model.classifier.anchors) == 70 + len(set(model.classifier.labels) - {OUT_OF_SCOPE})
    assert intents(model, encoder, list(UNSEEN.values())) == list(UNSEEN)
    assert [in_scope for _, in_scope in asked(model, encoder, UNSEEN_OUTSIDE)] == [False] * 4


# --- the cache --------------------------------------------------------------------------------------------------------


def test_what_was_embedded_once_is_not_embedded_again(tmp_path: Path) -> None:
    words, cache = Words(), EmbeddingCache(tmp_path / "cache", Words().fingerprint)
    dataset = keyword_rows(30)
    fit(dataset, words, ORIGIN, cache=cache)
    assert sorted(words.asked) == sorted({"tea", "coffee", "milk"} | {example.text for example in dataset.examples})
    words.asked.clear()

    fit(dataset, words, ORIGIN, cache=cache)
    assert words.asked == []

    more = Dataset((*dataset.examples, Example("one more tea", "tea", "en", Path("en.yml"), 99)))
    fit(more, words, ORIGIN, cache=cache)
    assert words.asked == ["one more tea"]


def test_the_cache_forgets_what_the_last_training_did_not_need(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, Words().fingerprint)
    fit(keyword_rows(30), Words(), ORIGIN, cache=cache)

    fit(
        made_up(("red apple", "apple"), ("an apple", "apple"), ("blue sky", "sky"), ("a sky", "sky")),
        Words(),
        ORIGIN,
        cache=cache,
    )

    assert sorted(cache.read()) == ["a sky", "an apple", "apple", "blue sky", "red apple", "sky"]
    assert len(list(tmp_path.iterdir())) == 1


def test_every_encoder_has_a_cache_of_its_own(tmp_path: Path) -> None:
    fit(keyword_rows(30), Words(), ORIGIN, cache=EmbeddingCache(tmp_path, Words().fingerprint))

    assert EmbeddingCache(tmp_path, "another encoder's fingerprint").read() == {}


def npy(file: Path) -> None:
    with file.open("wb") as out:
        np.save(out, np.zeros(3))


def npz(file: Path, **arrays: object) -> None:
    with file.open("wb") as out:
        np.savez(out, **arrays)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"garbage"),
        lambda file: file.write_bytes(file.read_bytes()[:-200]),
        lambda file: file.write_bytes(file.read_bytes()[:1000] + b"\xff" * 50 + file.read_bytes()[1050:]),
        npy,
        lambda file: npz(file, texts=np.array(["one"])),
        lambda file: npz(file, texts=np.array(["one", "two"]), embeddings=np.zeros((1, 64), np.float32)),
        lambda file: npz(file, texts=np.array("no list"), embeddings=np.zeros((1, 64), np.float32)),
        lambda file: npz(file, texts=np.array([{"a": "pickle"}]), embeddings=np.zeros((1, 64), np.float32)),
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["empty", "garbage", "cut", "overwritten", "npy", "half", "uneven", "scalar", "pickle", "folder"],
)
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: object) -> None:
    cache, dataset = EmbeddingCache(tmp_path / "cache", Words().fingerprint), keyword_rows(30)
    sound = saved(fit(dataset, Words(), ORIGIN, cache=cache), tmp_path / "sound")
    (file,) = (tmp_path / "cache").iterdir()

    damage(file)
    words = Words()
    again = saved(fit(dataset, words, ORIGIN, cache=cache), tmp_path / "again")

    assert again == sound
    assert len(words.asked) == 33


def test_any_byte_of_the_cache_may_be_wrong(tmp_path: Path) -> None:
    cache = EmbeddingCache(tmp_path, Words().fingerprint)
    cache.write({"tea": np.ones(4, np.float32), "coffee": np.zeros(4, np.float32)})
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()

    for position in range(len(content)):
        file.write_bytes(content[:position] + bytes([content[position] ^ 0xFF]) + content[position + 1 :])
        assert set(cache.read()) <= {"tea", "coffee"}


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")

    model = fit(keyword_rows(30), Words(), ORIGIN, cache=EmbeddingCache(tmp_path / "cache", Words().fingerprint))

    assert intents(model, Words(), ["tea tea"]) == ["tea"]


# --- from files and packs ---------------------------------------------------------------------------------------------


@pytest.fixture
def settings(tmp_path: Path, models: Models) -> Settings:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "models").symlink_to(models.encoder.parent)
    return Settings(data_dir=data_dir, encoder_threads=2)


@pytest.mark.model
def test_files_of_both_formats_are_trained_into_a_folder(settings: Settings, tmp_path: Path) -> None:
    english = shop.write_yaml(tmp_path / "en.yml", "en", TOPICS)
    rows = [{"text": text, "intent": name} for name in TOPICS for text in shop.sentences("de", name)]
    german = tmp_path / "more.jsonl"
    german.write_text("\n".join(json.dumps(row) for row in rows))

    model = train_files(settings, [english, german], tmp_path / "out", seed=4)

    # Rows without a language have the one that they are in.
    assert model.metadata.languages == {"de": 30, "en": 30}
    assert (model.metadata.seed, model.metadata.pack) == (4, None)
    fingerprint = model.metadata.encoder.fingerprint
    assert Model.open(tmp_path / "out", encoder_fingerprint=fingerprint).metadata.labels == TOPICS


@pytest.mark.model
def test_training_again_gives_the_same_file(settings: Settings, tmp_path: Path) -> None:
    files = [shop.write_yaml(tmp_path / f"{language}.yml", language) for language in ("de", "en")]
    for name in ("first", "second"):
        train_files(settings, files, tmp_path / name, seed=1)
    shutil.rmtree(settings.data_dir / "cache")
    train_files(settings, files, tmp_path / "third", seed=1)

    contents = {(tmp_path / name / "model.npz").read_bytes() for name in ("first", "second", "third")}

    assert len(contents) == 1


@pytest.mark.model
def test_a_seed_below_zero_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the seed is -1; it must be 0 or more"):
        train_files(settings, [shop.write_yaml(tmp_path / "en.yml", "en")], tmp_path / "out", seed=-1)


@pytest.mark.model
def test_where_a_model_must_not_go_is_said_before_the_work(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / "photo.jpg").touch()
    (tmp_path / "file").touch()
    pack = read_pack(shop.write_pack(tmp_path / "pack"))
    steps: list[str] = []

    for out, reason in (("things", "is not empty and holds no model"), ("file", "is a file, not a folder")):
        with pytest.raises(ModelError, match=f"{out} {reason}"):
            train_files(settings, [], tmp_path / out, progress=lambda step, *_: steps.append(step))
        with pytest.raises(ModelError, match=f"{out} {reason}"):
            train_pack(settings, pack, tmp_path / out, progress=lambda step, *_: steps.append(step))

    assert steps == []


@pytest.mark.model
def test_a_trained_pack_serves_from_then_on(settings: Settings, tmp_path: Path) -> None:
    pack = read_pack(shop.write_pack(tmp_path / "pack"))
    steps: list[tuple[str, int, int]] = []

    model, where = train_pack(settings, pack, progress=lambda *step: steps.append(step))

    serving, problem = model_store(settings.data_dir, "tiny").open(
        encoder_fingerprint=model.metadata.encoder.fingerprint
    )
    assert problem is None
    assert Path(where).name == model_store(settings.data_dir, "tiny").promoted()[0]
    # Metadata of what is on disk also hold the checksum of the arrays.
    assert serving.metadata.model_copy(update={"sha256": ""}) == model.metadata
    assert model.metadata.pack == "tiny"
    assert model.metadata.entities == pack.entities
    # The examples, and what the intents are called.
    assert ("reading the examples", 171, 171) in steps
    assert steps[-1] == ("fitting", 3, 3)


@pytest.mark.model
def test_a_pack_trained_into_a_folder_does_not_serve(settings: Settings, tmp_path: Path) -> None:
    pack = read_pack(shop.write_pack(tmp_path / "pack"))

    _, where = train_pack(settings, pack, tmp_path / "out")

    assert where == str(tmp_path / "out")
    assert model_store(settings.data_dir, "tiny").promoted() == ()


@pytest.mark.model
def test_a_pack_with_wrong_examples_is_not_trained(settings: Settings, tmp_path: Path) -> None:
    folder = shop.write_pack(tmp_path / "pack")
    with (folder / "nlu" / "en.yml").open("a") as file:
        file.write("  - intent: nonsense\n    examples: |\n      - one\n      - two\n")

    with pytest.raises(PackError, match=r"en\.yml:\d+: intents\.yml has no intent 'nonsense'"):
        train_pack(settings, read_pack(folder))

    assert not (settings.data_dir / "intents").exists()


def test_copies_are_learned_and_do_not_say_how_well_a_model_does() -> None:
    dataset = shop.dataset()
    copied = dataset.examples[::2]
    copies = tuple(replace(example, text=f"{example.text} kwyjibo") for example in copied)
    augmentation = Augmentation(copies, frozenset(example.text for example in copied))

    plain, model = fit(dataset, Words(), ORIGIN), fit(dataset, Words(), ORIGIN, augmentation=augmentation)

    assert len(model.classifier.anchors) == len(plain.classifier.anchors) + len(copies)
    assert model.metadata.examples == plain.metadata.examples
    assert "kwyjibo" not in str(model.lexicon)
    # With their copies beside them, examples left out would all be told.
    told = fit(dataset, Words(), ORIGIN, augmentation=replace(augmentation, copied=frozenset()))
    assert told.metadata.quality["left_out_accuracy"] > model.metadata.quality["left_out_accuracy"]
