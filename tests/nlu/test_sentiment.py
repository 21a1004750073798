from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.errors import ConfigurationError, ModelError
from bot.settings import BUILT_IN
from bot.understanding import Sentiment
from nlu.encoder import Encoder
from nlu.intents import Floats, LanguageMeans
from nlu.sentiment import (
    OUTPUTS,
    SURFACE,
    SentimentModel,
    features_of,
    made_for,
    sentiment_for,
    surface,
)
from nlu.training.sentiment.fit import calibration, fit, left_out, ridge_left_out, ridge_with, targets_of
from nlu.training.sentiment.report import calibration_error, figures, table
from nlu.training.sentiment.sentences import FOLDER, TESTS, Sentence, read_sentences
from nlu.weights.identity import shipped_file

HIDDEN = 8
MEANS = LanguageMeans(
    ("de", "en"),
    np.stack([np.full(HIDDEN, 0.1), np.full(HIDDEN, -0.1)]).astype(np.float32),
    np.zeros(HIDDEN, np.float32),
)
BARE = LanguageMeans((), np.zeros((0, HIDDEN), np.float32), np.zeros(HIDDEN, np.float32))


def numbers(*shape: int, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def head(means: LanguageMeans = MEANS, encoder: str = "abc") -> SentimentModel:
    return SentimentModel(
        encoder,
        means,
        numbers(4, len(means.fallback) + len(SURFACE)) / 3,
        numbers(4, len(OUTPUTS), seed=3),
        numbers(len(OUTPUTS), seed=4),
    )


def unit(rows: int, seed: int = 5) -> Floats:
    drawn = numbers(rows, HIDDEN, seed=seed)
    lengths: Floats = np.linalg.norm(drawn, axis=1, keepdims=True)
    return drawn / lengths


def reply(text: str, sentiment: str, *, anger: bool = False, urgent: bool = False) -> Sentence:
    return Sentence.model_validate({"text": text, "sentiment": sentiment, "anger": anger, "urgent": urgent})


# --- serving ----------------------------------------------------------------------------------------------------------


def test_chances_are_chances_and_the_score_says_which_way_the_label_leans() -> None:
    texts = ["one", "TWO !!!", "drei 😡", ""] * 5

    for sentiment in head().score(unit(20), ["en", "de", "xx", "en"] * 5, texts):
        assert sentiment.label in {"negative", "neutral", "positive"}
        assert -1 <= sentiment.score <= 1
        assert 0 <= sentiment.anger <= 1
        assert 0 <= sentiment.urgency <= 1
        assert not (sentiment.label == "negative" and sentiment.score > 0)
        assert not (sentiment.label == "positive" and sentiment.score < 0)


def test_each_message_is_scored_by_itself() -> None:
    embeddings, languages, texts = unit(3), ["en", "de", "fr"], ["a", "B!!", "ç?"]

    together = head().score(embeddings, languages, texts)

    alone = [head().score(embeddings[[i]], [languages[i]], [texts[i]])[0] for i in range(3)]
    for one, other in zip(together, alone, strict=True):
        assert one.label == other.label
        assert one.score == pytest.approx(other.score, abs=1e-5)
        assert one.anger == pytest.approx(other.anger, abs=1e-5)


def test_no_messages_have_no_sentiment() -> None:
    assert head().score(np.zeros((0, HIDDEN), np.float32), [], []) == []


def test_a_head_comes_back_from_its_file_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    head().save(tmp_path / "a.npz")
    head().save(tmp_path / "b.npz")

    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    again = SentimentModel.open(tmp_path / "a.npz")
    assert again.encoder == "abc"
    features = numbers(3, HIDDEN + len(SURFACE), seed=6)
    assert again.logits(features) == pytest.approx(head().logits(features), abs=0.02)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut short", b"nothing of the kind"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "s.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=r"s\.npz: is no sentiment model"):
        SentimentModel.open(file)


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    replace(head(), constants=np.zeros(3, np.float32)).save(tmp_path / "s.npz")
    with pytest.raises(ModelError, match="another version"):
        SentimentModel.open(tmp_path / "s.npz")


def test_an_encoder_gets_the_head_that_was_made_for_it_and_else_none_with_a_warning(tmp_path: Path) -> None:
    fingerprint = "f" * 64
    with capture_logs() as logs:
        assert sentiment_for(fingerprint, tmp_path) is None
    assert logs[0]["log_level"] == "warning"
    assert logs[0]["remedy"] == "python -m nlu.training.sentiment"

    head(encoder=fingerprint).save(made_for(fingerprint, tmp_path))

    found = sentiment_for(fingerprint, tmp_path)
    assert found is not None
    assert found.encoder == fingerprint


# --- the surface ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("where is my order", set()),
        ("Where is order AB-12?", {"questions"}),
        ("GIVE ME MY MONEY", {"capitals"}),
        ("ВЕРНИТЕ ДЕНЬГИ!!!", {"capitals", "exclamation marks"}),
        ("OK", set()),
        ("退钱！！！", {"exclamation marks"}),
        ("أين طلبي؟", {"questions"}),
        ("danke 😊", {"glad emoji"}),
        ("😭 why?!", {"sad emoji", "questions", "exclamation marks"}),
        ("😡", {"angry emoji"}),
        ("", set()),
    ],
)
def test_what_is_seen_without_reading(text: str, seen: set[str]) -> None:
    (row,) = surface([text])
    assert {name for name, value in zip(SURFACE, row, strict=True) if value > 0} == seen


@given(st.lists(st.text()))
def test_the_surface_of_any_text_lies_between_nothing_and_one(texts: list[str]) -> None:
    seen = surface(texts)
    assert seen.shape == (len(texts), len(SURFACE))
    assert ((seen >= 0) & (seen <= 1)).all()


# --- the sentences ----------------------------------------------------------------------------------------------------


def test_the_sentences_are_balanced_in_every_language() -> None:
    sentences = read_sentences(FOLDER)
    languages = {language for language, _ in sentences}

    assert len(sentences) >= 2000
    assert len(languages) >= 14
    for language in languages:
        mine = [sentence for code, sentence in sentences if code == language]
        share = {label: sum(s.sentiment == label for s in mine) / len(mine) for label in OUTPUTS[:3]}
        assert all(0.28 < value < 0.4 for value in share.values()), (language, share)
        assert 0.08 < sum(s.anger for s in mine) / len(mine) < 0.15
        assert 0.14 < sum(s.urgent for s in mine) / len(mine) < 0.25


def test_no_sentence_is_both_learnt_from_and_tested_on() -> None:
    learnt = {sentence.text.casefold() for _, sentence in read_sentences(FOLDER)}
    tested = read_sentences(TESTS)
    assert not learnt & {sentence.text.casefold() for _, sentence in tested}
    assert {language for language, _ in tested} == {language for language, _ in read_sentences(FOLDER)}


def test_wrong_sentences_are_told_with_file_line_and_reason(tmp_path: Path) -> None:
    good = {"text": "hi", "sentiment": "neutral", "anger": False, "urgent": False}
    rows = [good, {**good, "text": "yo", "sentiment": "glad"}, {**good, "text": "ah", "anger": True}, good]
    lines = [*(json.dumps(row) for row in rows), "{", json.dumps({**good, "text": "no", "urgent": 1})]
    (tmp_path / "en.jsonl").write_text("\n".join(lines))

    with pytest.raises(ConfigurationError) as caught:
        read_sentences(tmp_path)

    told = [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).splitlines()]
    assert [line.split(":")[:3] for line in told] == [
        ["en.jsonl", "2", " sentiment"],
        ["en.jsonl", "3", " anger"],
        ["en.jsonl", "4", " text"],
        ["en.jsonl", "5", told[3].split(":")[2]],
        ["en.jsonl", "6", " urgent"],
    ]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no sentences"):
        read_sentences(tmp_path)


# --- training ---------------------------------------------------------------------------------------------------------

PLAIN = [
    reply("a", "negative"),
    reply("b", "neutral"),
    reply("c", "positive"),
    reply("d", "negative", anger=True),
    reply("e", "neutral", urgent=True),
    reply("f", "positive"),
] * 20


def planted() -> tuple[Floats, Floats]:
    """Embeddings in which each output has an axis of its own, with noise."""
    targets = targets_of(PLAIN)
    embeddings = 0.2 * numbers(len(PLAIN), HIDDEN, seed=8)
    embeddings[:, :5] += targets
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True), targets


def test_a_head_learns_what_is_there_to_learn_also_for_a_language_that_it_has_not_seen() -> None:
    embeddings, targets = planted()
    languages = np.array(["de", "en", "es", "fr", "it"] * 24)
    features = features_of(embeddings, list(languages), [s.text for s in PLAIN], BARE)
    outputs = left_out(ridge_with(), features, targets, languages)
    factors, constants = calibration(outputs, targets)

    seen = figures(outputs * factors + constants, targets)

    assert seen.accuracy > 0.9
    assert min(seen.anger_auroc, seen.urgency_auroc) > 0.9
    assert len(list(table(outputs, targets, languages))) == 7
    model = fit("abc", BARE, features, targets, factors, constants)
    scored = model.score(embeddings, list(languages), [s.text for s in PLAIN])
    assert [s.label for s in scored[:6]] == [s.sentiment for s in PLAIN[:6]]
    assert scored[3].anger > 0.5 > scored[0].anger
    assert scored[4].urgency > 0.5 > scored[1].urgency


def test_the_same_sentences_make_the_same_head() -> None:
    embeddings, targets = planted()
    features = features_of(embeddings, ["en"] * len(PLAIN), [s.text for s in PLAIN], BARE)
    parts = [fit("abc", BARE, features, targets, np.ones(5, np.float32), np.zeros(5, np.float32)) for _ in range(2)]
    assert (parts[0].anchors == parts[1].anchors).all()
    assert (parts[0].weights == parts[1].weights).all()


def test_the_outputs_of_languages_left_out_have_a_closed_form() -> None:
    random = np.random.default_rng(8)
    features = random.standard_normal((60, 5)).astype(np.float32) / 2
    targets = np.eye(5, dtype=np.float32)[random.integers(5, size=60)]
    groups = np.array(["de", "en", "fr"])[random.integers(3, size=60)]

    assert ridge_left_out(features, targets, groups) == pytest.approx(
        left_out(ridge_with(), features, targets, groups), abs=1e-4
    )


def test_calibration_takes_back_confidence_that_is_not_earned() -> None:
    random = np.random.default_rng(3)
    targets = targets_of(PLAIN)
    logits = (20 * (targets + random.normal(0, 1, targets.shape))).astype(np.float32)

    factors, constants = calibration(logits, targets)

    assert (factors[:3] < 0.5).all()
    before, after = figures(logits, targets), figures(logits * factors + constants, targets)
    assert after.calibration_error < before.calibration_error
    assert after.accuracy == before.accuracy


def test_a_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    confidence = np.array([0.95] * 10, np.float32)
    right = np.array([True] * 7 + [False] * 3)
    assert calibration_error(confidence, right) == pytest.approx(0.25, abs=1e-6)


# --- the real encoder -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(encoder: Encoder) -> SentimentModel:
    model = SentimentModel.open(shipped_file("sentiment", BUILT_IN))
    assert model.encoder == encoder.fingerprint, "make nlu/data/sentiment.npz anew: python -m nlu.training.sentiment"
    return model


@pytest.mark.model
def test_customers_feelings_are_told_in_many_languages(encoder: Encoder, real: SentimentModel) -> None:
    tested = read_sentences(TESTS)
    texts, languages = [s.text for _, s in tested], [language for language, _ in tested]

    scored = real.score(encoder.encode(texts), languages, texts)

    right = np.array([s.label == t.sentiment for s, (_, t) in zip(scored, tested, strict=True)])
    assert right.mean() > 0.8
    by_language = {code: right[np.array(languages) == code].mean() for code in set(languages)}
    assert min(by_language.values()) > 0.5, by_language  # of 27 sentences each


@pytest.mark.model
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "How do I report a lost card?"),
        ("en", "I want to cancel my order"),
        ("de", "Wie reiche ich eine Beschwerde ein?"),
        ("es", "¿Qué pasa si mi paquete se pierde?"),
        ("en", "48213"),
        ("ja", "解約の手続きを教えてください"),
    ],
)
def test_a_plain_question_about_something_bad_is_not_anger(
    encoder: Encoder, real: SentimentModel, language: str, text: str
) -> None:
    (scored,) = real.score(encoder.encode([text]), [language], [text])
    assert isinstance(scored, Sentiment)
    assert scored.label == "neutral"
    assert scored.anger < 0.3
