from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from nlu.weights import e5s1
from nlu.weights.blocks import dense
from tests.nlu import tiny_encoders as tiny


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.bin"
    path.write_bytes(tiny.e5s1())
    return path


def test_every_weight_comes_out_where_it_belongs(file: Path) -> None:
    bert, _ = e5s1.read(file)
    expected = tiny.random_tensors()

    assert (bert.heads, bert.hidden, len(bert.layers)) == (tiny.HEADS, tiny.HIDDEN, tiny.LAYERS)
    assert bert.epsilon == pytest.approx(1e-12)
    np.testing.assert_array_equal(dense(bert.words), tiny.q4_0_values(expected["embeddings.word_embeddings.weight"]))
    np.testing.assert_array_equal(bert.positions, expected["embeddings.position_embeddings.weight"])
    np.testing.assert_array_equal(bert.token_type, expected["embeddings.token_type_embeddings.weight"][0])
    np.testing.assert_array_equal(bert.norm.bias, expected["embeddings.LayerNorm.bias"])
    layer, name = bert.layers[1], "encoder.layer.1"
    for linear, part in (
        (layer.query, "attention.self.query"),
        (layer.key, "attention.self.key"),
        (layer.value, "attention.self.value"),
        (layer.attention_output, "attention.output.dense"),
        (layer.inner, "intermediate.dense"),
        (layer.outer, "output.dense"),
    ):
        np.testing.assert_array_equal(dense(linear.weight), tiny.q4_0_values(expected[f"{name}.{part}.weight"]))
        np.testing.assert_array_equal(linear.bias, expected[f"{name}.{part}.bias"])
    for norm, part in ((layer.attention_norm, "attention.output.LayerNorm"), (layer.output_norm, "output.LayerNorm")):
        np.testing.assert_array_equal(norm.weight, expected[f"{name}.{part}.weight"])
        np.testing.assert_array_equal(norm.bias, expected[f"{name}.{part}.bias"])


def test_the_vocabulary_comes_with_scores_and_special_pieces(file: Path) -> None:
    _, vocabulary = e5s1.read(file)

    assert [piece for piece, _ in vocabulary.pieces] == tiny.PIECES
    assert [score for _, score in vocabulary.pieces] == pytest.approx(tiny.SCORES)
    assert (vocabulary.bos, vocabulary.eos, vocabulary.unk) == (0, 2, 3)
    assert {tiny.PIECES[token] for token in vocabulary.controls} == {"<pad>", "<mask>"}


@pytest.mark.parametrize("kept", [0, 3, 20, 50, 70, 500, 1500, 3000, 20_000, -1])
def test_a_file_that_is_cut_short_is_refused_with_the_place(file: Path, kept: int) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[:kept])

    with pytest.raises(ModelError, match=r"tiny\.bin: truncated or damaged: .* needs -?\d+ bytes"):
        e5s1.read(file)


@pytest.mark.parametrize(
    ("place", "content", "reason"),
    [
        (0, b"GGUF", "not an E5S1 file"),
        (4, struct.pack("<I", 2), "not an E5S1 file of version 1"),
        (8, struct.pack("<i", -64), "the architecture"),
        (12, struct.pack("<i", 3), r"the tensor l2\.q\.w is missing"),
        (40, struct.pack("<i", 64), "blocks of 64"),
        (44, struct.pack("<i", -5), "truncated or damaged"),
        (52, struct.pack("<i", 10_000), "special tokens lie outside"),
        (72, struct.pack("<I", 4_000_000_000), "offsets"),
    ],
)
def test_damage_is_named(file: Path, place: int, content: bytes, reason: str) -> None:
    whole = bytearray(file.read_bytes())
    whole[place : place + len(content)] = content
    file.write_bytes(whole)

    with pytest.raises(ModelError, match=reason):
        e5s1.read(file)


def test_a_tensor_of_another_size_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    at = whole.index(b"emb.pos") + len(b"emb.pos") + 1
    file.write_bytes(whole[:at] + struct.pack("<I", 7) + whole[at + 4 :])

    with pytest.raises(ModelError, match=r"emb\.pos has 7 elements in 10240 bytes, expected 2560 in 10240"):
        e5s1.read(file)
