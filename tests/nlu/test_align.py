from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ConfigurationError
from nlu.encoder import Encoder
from nlu.means import shipped_means
from nlu.sentiment import SentimentModel
from nlu.training.parallel import (
    Pair,
    Withheld,
    draw_withheld,
    massive_pairs,
    noised_pairs,
    read_massive,
    tatoeba_pairs,
)
from nlu.weights import convert, e5s1
from nlu.weights.bert import Bert
from nlu.weights.identity import (
    BUILT_IN_PREFIXES,
    BUILT_INS,
    FAST,
    adaptations,
    built_in_digest,
    fingerprint,
    shipped_file,
)
from nlu.weights.pinned import E5_SMALL
from nlu.weights.progress import silent
from nlu.weights.sources import Source
from nlu.weights.store import default_variant
from tests.missing import needed
from tests.nlu import tiny_encoders as tiny

ENGLISH = ["where is my order", "refund my order", "where is my refund", "is my order where", "my refund is my order"]
FOREIGN = {"where": "где", "order": "заказ", "refund": "日本", "my": "ç", "is": "é"}


def translated(text: str) -> str:
    return " ".join(FOREIGN[word] for word in text.split())


def write(file: Path, rows: list[dict[str, str]]) -> None:
    file.parent.mkdir(exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for locale, word in {"en-US": "wake me", "de-DE": "weck mich", "fr-FR": "réveille", "zh-TW": "叫醒我"}.items():
        rows = [
            {
                "id": str(n),
                "split": "dev" if n == 9 else "train",
                "scenario": scenario,
                "intent": "x",
                "text": f"{word} {n}",
            }
            for n, scenario in enumerate(["alarm"] * 5 + ["music"] * 5)
        ]
        write(tmp_path / "massive" / f"{locale}.jsonl.gz", rows)
    rows = [{"lang": lang, "text": f"{lang} {n}", "en": f"english {n}"} for lang in ("deu", "fao") for n in range(6)]
    write(tmp_path / "tatoeba_laser" / "half.jsonl.gz", rows)
    return tmp_path


def test_each_english_sentence_comes_with_itself_and_with_translations(data: Path) -> None:
    pairs = list(massive_pairs(data, 2, Withheld(), seed=0))

    assert len(pairs) == 9 * 3
    assert {pair.english for pair in pairs} == {f"wake me {n}" for n in range(9)}
    assert all(pair.text[-1] == pair.english[-1] for pair in pairs)
    assert {pair.language for pair in pairs} == {"en", "de", "fr", "zh-Hant"}


def test_what_is_withheld_takes_no_part_in_any_source(data: Path) -> None:
    withheld = Withheld(frozenset({"de-DE"}), frozenset({"music"}))
    pairs = [*massive_pairs(data, 3, withheld, seed=0), *tatoeba_pairs(data, 5, withheld, seed=0)]

    assert "de" not in {pair.language for pair in pairs}
    assert not {pair.english for pair in pairs} & {f"wake me {n}" for n in range(5, 10)}
    assert sum(pair.language == "fo" for pair in pairs) == 5


def test_withheld_parts_are_the_same_each_time_and_never_english(data: Path) -> None:
    locales, scenarios = [f"l{n}" for n in range(20)] + ["en-US"], [f"s{n}" for n in range(10)]

    drawn = draw_withheld(locales, scenarios)

    assert drawn == draw_withheld(locales[::-1], scenarios[::-1])
    assert (len(drawn.locales), len(drawn.scenarios)) == (8, 6)
    assert "en-US" not in drawn.locales


def test_a_folder_without_the_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"massive has no en-US\.jsonl\.gz"):
        read_massive(tmp_path, "train")


def test_aligned_sentences_lie_nearer_to_their_originals_than_before(tmp_path: Path) -> None:
    needed("torch", "transformers", "peft")
    from nlu.training.align import AlignmentSettings, align

    file = tmp_path / "tiny.bin"
    file.write_bytes(tiny.e5s1())
    bert, vocabulary = e5s1.read(file)
    source = Source("tiny", "tiny", BUILT_IN_PREFIXES, lambda: (bert, vocabulary))
    convert.convert(source, tmp_path / "before", "q4", silent)
    before = Encoder.open(tmp_path / "before")
    pairs = [Pair(text, "en", text) for text in ENGLISH] + [Pair(translated(text), "ru", text) for text in ENGLISH]
    settings = AlignmentSettings(layers=1, rank=8, rate=1e-2, batch=5, epochs=60, bank=5)

    (tmp_path / "work").mkdir()
    adaptation = align(bert, before._tokenizer, pairs, settings, tmp_path / "work", silent)

    assert adaptation.base == E5_SMALL.sha256
    assert {position for position, _ in adaptation.updates} == {1}
    aligned = Source("tiny", "aligned", BUILT_IN_PREFIXES, lambda: (adaptation.applied(bert), vocabulary))
    convert.convert(aligned, tmp_path / "after", "q4", silent)
    after = Encoder.open(tmp_path / "after")
    foreign = [translated(text) for text in ENGLISH]
    assert found(after, foreign, before) > found(before, foreign, before) + 0.2
    # English keeps its place.
    kept = (after.encode(ENGLISH) * before.encode(ENGLISH)).sum(axis=1)
    assert kept.min() > 0.9


def test_a_layer_that_stays_learns_to_say_what_all_of_them_say(tmp_path: Path) -> None:
    needed("torch", "peft")
    import torch

    from nlu.training.fast import FastSettings, shorten

    file = tmp_path / "tiny.bin"
    file.write_bytes(tiny.e5s1())
    bert, vocabulary = e5s1.read(file)

    def encoder(name: str, made: Bert) -> Encoder:
        convert.convert(
            Source(name, name, BUILT_IN_PREFIXES, lambda: (made, vocabulary)), tmp_path / name, "q4", silent
        )
        return Encoder.open(tmp_path / name)

    teacher = encoder("teacher", bert)
    texts = [*ENGLISH, *map(translated, ENGLISH)]
    settings = FastSettings(layers=(1,), rank=8, rate=1e-2, batch=10, epochs=60, bank=10)
    (tmp_path / "work").mkdir()

    taught = torch.from_numpy(teacher.encode(texts))
    adaptation = shorten(bert, teacher._tokenizer, texts, taught, settings, tmp_path / "work", silent)

    assert adaptation.layers == (1,)
    assert adaptation.base == built_in_digest()
    cut = encoder("cut", replace(bert, layers=bert.layers[1:]))
    student = encoder("student", adaptation.applied(bert))
    assert near(student, teacher, texts) > near(cut, teacher, texts) + 0.2


def near(encoder: Encoder, teacher: Encoder, texts: list[str]) -> float:
    """The mean cosine of two encoders' embeddings of the same, both without the teacher's mean."""
    one, other = (read.encode(texts) - teacher.encode(texts).mean(axis=0) for read in (encoder, teacher))
    cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return float(cosines.mean())


def test_mistyped_and_romanised_sentences_keep_their_originals() -> None:
    pairs = [Pair("where is my order", "en", "where is my order")] * 5
    pairs += [Pair("मेरा ऑर्डर कहाँ है", "hi", "where is my order")] * 20

    more = list(noised_pairs(pairs, 0.5, seed=0))

    assert {pair.english for pair in more} == {"where is my order"}
    assert sum(pair.language == "en" for pair in more) == 5
    hindi = [pair.text for pair in more if pair.language == "hi"]
    assert sum(text.isascii() for text in hindi) >= 4
    assert sum(not text.isascii() for text in hindi) >= 4
    assert more == list(noised_pairs(pairs, 0.5, seed=0))


def found(encoder: Encoder, texts: list[str], teacher: Encoder) -> float:
    """The mean cosine of texts to their originals, both without the originals' mean."""
    originals = teacher.encode(ENGLISH)
    mean = originals.mean(axis=0)
    one, other = encoder.encode(texts) - mean, originals - mean
    cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return float(cosines.mean())


def test_the_alignment_that_comes_with_babeldesk_is_one_of_the_pinned_weights() -> None:
    (shipped,) = adaptations()

    assert len(shipped.layers) == 12
    assert {position for position, _ in shipped.updates} == {9, 10, 11}
    assert built_in_digest() == shipped.digest != E5_SMALL.sha256


def test_the_fast_encoder_is_half_of_the_aligned_one() -> None:
    (alignment,), (_, fast) = adaptations(), adaptations(FAST)

    assert fast.base == alignment.digest
    assert len(fast.layers) == 6
    assert {position for position, _ in fast.updates} == set(range(6))


@pytest.mark.parametrize("source", BUILT_INS)
def test_every_built_in_encoder_has_language_means_and_a_sentiment_head(source: str) -> None:
    named = fingerprint(built_in_digest(source), default_variant(source), BUILT_IN_PREFIXES)

    assert {"en", "tr", "zh-Hans", "hi"} <= set(shipped_means()[named].languages)
    assert SentimentModel.open(shipped_file("sentiment", source)).encoder == named
