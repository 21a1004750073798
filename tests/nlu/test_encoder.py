from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ModelError
from nlu.encoder import BATCH_TOKENS, QUERY_TOKENS, Encoder
from nlu.weights import convert, e5s1, reference
from nlu.weights.manifest import Kind
from nlu.weights.progress import silent
from nlu.weights.sources import Source, built_in, fingerprint
from nlu.weights.store import Models
from tests.nlu import tiny_encoders as tiny

PREFIXES: dict[Kind, str] = {"query": "query ", "passage": "passage "}

ODD_TEXTS = [
    "",
    " \n\t ",
    "ok",
    "พัสดุของฉันอยู่ที่ไหน",
    "តើការបញ្ជាទិញរបស់ខ្ញុំនៅឯណា?",
    "أين طلبي؟ أريد استرداد المال",
    "👍🏽",
    "👨‍👩‍👧‍👦" * 2_500,
    "\x00\x01\x07\x1b[31m\x7f\x85",
    "\u200b\u200c\u200d\u2060\ufeff",
    "\u202eredro ym si erehw",
    "\ud83d",
    "a\udfffb\ud800",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
    "\U0010ffff\ufffe\ufdd0",
    "x" * 100_000,
    "where is my order " * 5_000,
]


def make(folder: Path, seed: int = 7) -> Path:
    folder.parent.mkdir(exist_ok=True)
    file = folder.parent / f"tiny-{seed}.bin"
    file.write_bytes(tiny.e5s1(seed))
    convert.convert(Source("tiny", f"digest-{seed}", PREFIXES, lambda: e5s1.read(file)), folder, "q4", silent)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture(scope="module")
def tiny_encoder(folder: Path) -> Encoder:
    return Encoder.open(folder)


def copied(folder: Path, target: Path) -> Path:
    target.mkdir()
    for path in folder.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target


def test_embeddings_have_length_one_and_the_shape_of_the_texts(tiny_encoder: Encoder) -> None:
    embeddings = tiny_encoder.encode(["where is my order", "refund please"])

    assert embeddings.shape == (2, tiny_encoder.hidden) == (2, tiny.HIDDEN)
    assert embeddings.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, atol=1e-5)
    assert tiny_encoder.encode([]).shape == (0, tiny.HIDDEN)


def test_embeddings_come_in_the_order_of_the_texts_however_they_are_batched(tiny_encoder: Encoder) -> None:
    texts = ["where is my order " * (index * 7 % 5) + "abcdefghij"[index] for index in range(10)]
    alone = np.concatenate([tiny_encoder.encode([text]) for text in texts])
    assert (alone @ alone.T - np.eye(10)).max() < 0.9999

    for batch_size in (1, 3, 32):
        np.testing.assert_allclose(tiny_encoder.encode(texts, batch_size=batch_size), alone, atol=2e-6)


def test_queries_and_passages_have_their_own_prefixes_and_limits(tiny_encoder: Encoder) -> None:
    query, passage = (tiny_encoder.tokens(["my order"], kind)[0] for kind in ("query", "passage"))

    assert [tiny.PIECES[token] for token in query][1:4] == ["▁", "qu", "ery"]
    assert [tiny.PIECES[token] for token in passage][1:4] == ["▁", "pass", "age"]
    (long,) = tiny_encoder.tokens(["my order " * 100], "passage")
    assert len(long) == tiny.POSITIONS


def test_no_run_is_larger_than_its_budget(tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[int, ...]] = []
    session = tiny_encoder._session

    class Watched:
        def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
            runs.append(inputs["input_ids"].shape)
            return session.run(names, inputs)

    monkeypatch.setattr(tiny_encoder, "_session", Watched())
    count = 2 * (BATCH_TOKENS // tiny.POSITIONS) + 1
    tiny_encoder.encode(["x" * 100] * count, "passage", batch_size=1_000_000)

    assert sum(rows for rows, _ in runs) == count
    assert len(runs) == 3
    assert all(rows * columns <= BATCH_TOKENS for rows, columns in runs)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: ascii(text[:12]))
def test_odd_texts_have_embeddings(tiny_encoder: Encoder, text: str) -> None:
    for kind in ("query", "passage"):
        embedding = tiny_encoder.encode([text], kind)

        assert np.isfinite(embedding).all()
        assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)


@given(st.lists(st.text(st.characters(exclude_categories=()), max_size=60), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_has_an_embedding(tiny_encoder: Encoder, texts: list[str]) -> None:
    embeddings = tiny_encoder.encode(texts)

    assert embeddings.shape == (len(texts), tiny.HIDDEN)
    assert np.isfinite(embeddings).all()


def test_many_threads_may_encode_at_once(tiny_encoder: Encoder) -> None:
    texts = ["where is my order " * (index % 6) + chr(97 + index % 26) for index in range(200)]
    expected = tiny_encoder.encode(texts)
    together = threading.Barrier(8)

    def encode(part: int) -> np.ndarray:
        together.wait()
        return np.concatenate([tiny_encoder.encode([text]) for text in texts[part::8]])

    with ThreadPoolExecutor(8) as pool:
        for part, embeddings in enumerate(pool.map(encode, range(8))):
            np.testing.assert_allclose(embeddings, expected[part::8], atol=2e-6)


# --- the folder -------------------------------------------------------------------------------------------------------


def test_the_fingerprint_follows_the_weights_the_variant_and_the_prefixes(folder: Path, tmp_path: Path) -> None:
    source = Source("tiny", "digest-7", PREFIXES, lambda: pytest.fail("a fingerprint needs no weights"))
    other = Source("tiny", "digest-8", PREFIXES, source.load)
    bare = Source("tiny", "digest-7", {"query": "", "passage": ""}, source.load)
    moved = Source("moved", "digest-7", PREFIXES, source.load)

    marks = [fingerprint(source, "q4"), fingerprint(source, "int8")]
    marks += [fingerprint(each, "q4") for each in (other, bare)]

    assert len(set(marks)) == 4
    assert Encoder.open(folder).fingerprint == marks[0] == fingerprint(moved, "q4")


def test_a_folder_without_an_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no encoder.*babeldesk models fetch"):
        Encoder.open(tmp_path)


def test_a_cut_file_is_refused_at_once(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path / "broken")
    data = broken / "model.onnx.data"
    data.write_bytes(data.read_bytes()[:-1])

    with pytest.raises(ModelError, match=r"model\.onnx\.data is damaged: its size is \d+, expected \d+"):
        Encoder.open(broken)


def test_a_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path / "broken")
    (broken / "tokenizer.spm").unlink()

    with pytest.raises(ModelError, match=r"tokenizer\.spm cannot be read"):
        Encoder.open(broken)


def test_a_flipped_bit_is_found_when_asked_for(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path / "broken")
    data = broken / "model.onnx.data"
    content = bytearray(data.read_bytes())
    content[len(content) // 2] ^= 1
    data.write_bytes(content)

    Encoder.open(broken)
    with pytest.raises(ModelError, match=r"model\.onnx\.data is damaged: its sha256 is \w{64}, expected \w{64}"):
        Encoder.open(broken, verify=True)


@pytest.mark.parametrize("change", [{"format": 1}, {"variant": "q3"}, {"hidden": 0}])
def test_a_description_of_another_format_is_refused(folder: Path, tmp_path: Path, change: dict[str, object]) -> None:
    other = copied(folder, tmp_path / "other")
    manifest = json.loads((other / "encoder.json").read_text()) | change
    (other / "encoder.json").write_text(json.dumps(manifest))

    with pytest.raises(ModelError, match=next(iter(change))):
        Encoder.open(other)


def test_a_graph_that_onnx_runtime_cannot_open_is_a_clear_error(folder: Path, tmp_path: Path) -> None:
    broken = copied(folder, tmp_path / "broken")
    size = (broken / "model.onnx").stat().st_size
    (broken / "model.onnx").write_bytes(b"\xff" * size)

    with pytest.raises(ModelError, match="broken cannot be opened"):
        Encoder.open(broken)


def test_a_conversion_that_goes_wrong_is_refused_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert.reference, "embed", lambda bert, tokens: np.eye(tiny.HIDDEN, dtype=np.float32)[0])

    with pytest.raises(ModelError, match="the converted encoder is wrong on this machine: cosine"):
        make(tmp_path / "out" / "tiny")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["tiny-7.bin"]


# --- the real weights -------------------------------------------------------------------------------------------------

TRANSLATIONS = {
    "en": ["Where is my order?", "I want my money back", "How do I change my password?", "Talk to a human"],
    "de": [
        "Wo ist meine Bestellung?",
        "Ich will mein Geld zurück",
        "Wie ändere ich mein Passwort?",
        "Mit einem Menschen sprechen",
    ],
    "ja": ["注文はどこですか？", "返金してほしい", "パスワードを変更するには？", "人と話したい"],
    "ar": ["أين طلبي؟", "أريد استرداد أموالي", "كيف أغير كلمة المرور؟", "أريد التحدث إلى إنسان"],
    "th": ["คำสั่งซื้อของฉันอยู่ที่ไหน", "ฉันต้องการเงินคืน", "ฉันจะเปลี่ยนรหัสผ่านได้อย่างไร", "คุยกับคน"],
}


@pytest.mark.model
def test_translations_lie_closer_than_other_sentences(encoder: Encoder) -> None:
    embeddings = {language: encoder.encode(texts) for language, texts in TRANSLATIONS.items()}
    centred = {language: vectors - vectors.mean(axis=0) for language, vectors in embeddings.items()}

    for language in TRANSLATIONS:
        assert (centred[language] @ centred["en"].T).argmax(axis=1).tolist() == [0, 1, 2, 3], language


@pytest.mark.model
def test_the_real_encoder_agrees_with_32_bit_arithmetic(encoder: Encoder, models: Models) -> None:
    bert, _ = built_in(models.encoder.parent, silent).load()
    texts = [*TRANSLATIONS["en"], *TRANSLATIONS["th"]]

    exact = np.stack([reference.embed(bert, tokens) for tokens in encoder.tokens(texts)])

    embeddings = encoder.encode(texts)
    assert (embeddings * exact).sum(axis=1).min() > 0.999
    # All embeddings share a direction; without it the test is sharper.
    centred, exact = embeddings - exact.mean(axis=0), exact - exact.mean(axis=0)
    cosines = (centred * exact).sum(axis=1) / np.linalg.norm(centred, axis=1) / np.linalg.norm(exact, axis=1)
    assert cosines.min() > 0.998


@pytest.mark.model
@pytest.mark.parametrize("text", ODD_TEXTS, ids=lambda text: ascii(text[:12]))
def test_odd_texts_have_real_embeddings(encoder: Encoder, text: str) -> None:
    embedding = encoder.encode([text, "hello"])[0]

    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)
    assert max(map(len, encoder.tokens([text]))) <= QUERY_TOKENS


@pytest.mark.model
def test_the_real_tokenizer_writes_the_published_ids(encoder: Encoder) -> None:
    assert encoder.hidden == 384
    # "query: how much protein should a female eat", the model card's first example.
    assert encoder.tokens(["how much protein should a female eat"]) == [
        [0, 41, 1294, 12, 3642, 5045, 21308, 5608, 10, 117776, 73203, 2]
    ]


def test_one_pass_gives_the_embedding_and_what_it_says_of_each_token(tiny_encoder: Encoder, folder: Path) -> None:
    texts = ["where is my order", "日本語", "", "refund"]
    read = tiny_encoder.read(texts)

    np.testing.assert_allclose(np.stack([text.embedding for text in read]), tiny_encoder.encode(texts), atol=2e-6)
    assert [text[start:end] for start, end in read[0].spans for text in texts[:1]] == ["where", "is", "my", "order"]
    assert "".join(texts[1][start:end] for start, end in read[1].spans) == "日本語"
    assert [encoded.tokens.shape for encoded in read] == [(len(encoded.spans), tiny.HIDDEN) for encoded in read]
    assert read[2].spans == ()


def test_the_mean_over_all_tokens_is_the_embedding(tiny_encoder: Encoder) -> None:
    (text,) = tiny_encoder.read(["where is my order"])
    (ids,) = tiny_encoder.tokens(["where is my order"])

    inputs = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), np.int64)}
    (states,) = tiny_encoder._session.run(["tokens"], inputs)
    mean = states[0].mean(axis=0)
    np.testing.assert_allclose(mean / np.linalg.norm(mean), text.embedding, atol=1e-5)
    np.testing.assert_allclose(states[0, -5:-1], text.tokens, atol=1e-6)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_spans_lie_in_the_text_and_in_order_whatever_it_is(tiny_encoder: Encoder, text: str) -> None:
    (encoded,) = tiny_encoder.read([text])

    assert np.isfinite(encoded.tokens).all()
    assert all(0 <= start <= end <= len(text) for start, end in encoded.spans)
    assert list(encoded.spans) == sorted(encoded.spans)


@pytest.mark.model
def test_shouting_is_read_in_small_letters_and_its_spans_stay(encoder: Encoder) -> None:
    said, shouted = encoder.read(["wo ist meine bestellung", "WO IST MEINE BESTELLUNG"])

    np.testing.assert_allclose(shouted.embedding, said.embedding, atol=1e-5)
    assert shouted.spans == said.spans
    np.testing.assert_array_equal(encoder.encode(["WHY?!"]), encoder.encode(["why?!"]))


@pytest.mark.model
def test_spans_count_the_characters_of_the_original(encoder: Encoder) -> None:
    text = "  Ｗhere is mein Käse, 我的包裹👍🏽在哪里 e\u0301t"
    (encoded,) = encoder.read([text])

    assert text[slice(*encoded.spans[0])] == "Ｗhere"
    assert "".join(text[start:end] for start, end in encoded.spans) == text.replace(" ", "")
