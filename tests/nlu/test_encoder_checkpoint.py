from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from bot.errors import ModelError
from nlu.encoder import Encoder
from nlu.weights import checkpoint, reference
from nlu.weights.convert import convert
from nlu.weights.progress import silent
from nlu.weights.sources import folder as folder_source
from tests.missing import needed
from tests.nlu import tiny_encoders as tiny

TEXTS = ["where is my order", "Where is my order? #4711!", "refund", "", "где заказ 日本", "x" * 500]


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def converted(folder: Path, name: str = "somebody/tiny") -> Encoder:
    target = folder.parent / "converted"
    convert(folder_source(name, folder), target, "q8", silent)
    return Encoder.open(target)


@pytest.mark.parametrize("prefix", ["", "bert."])
def test_a_bert_folder_becomes_an_encoder(tmp_path: Path, prefix: str) -> None:
    folder = tmp_path / "bert"
    tiny.write_checkpoint(folder, "bert", prefix=prefix)

    encoder = converted(folder)

    assert (tmp_path / "converted" / "tokenizer.json").is_file()
    tokenizer = tiny.word_piece()
    for text, tokens, embedding in zip(TEXTS, encoder.tokens(TEXTS), encoder.encode(TEXTS), strict=True):
        ids = tokenizer.encode(text).ids
        assert tokens == (ids if len(ids) <= tiny.POSITIONS else [*ids[: tiny.POSITIONS - 1], ids[-1]])
        assert embedding @ reference.embed(checkpoint.read(folder), tokens) > 0.999


def test_an_xlm_roberta_folder_counts_its_positions_from_behind_the_padding_token(tmp_path: Path) -> None:
    folder = tmp_path / "xlm-r"
    tensors = tiny.write_checkpoint(folder, "xlm-roberta")

    bert = checkpoint.read(folder)

    np.testing.assert_array_equal(bert.positions, tensors["embeddings.position_embeddings.weight"][2:])
    encoder = converted(folder)
    # A Unigram tokenizer is served by SentencePiece, with the same tokens.
    assert (tmp_path / "converted" / "tokenizer.spm").is_file()
    for text, tokens, embedding in zip(TEXTS, encoder.tokens(TEXTS), encoder.encode(TEXTS), strict=True):
        ids = tiny.unigram().encode(text).ids
        assert tokens == (ids if len(ids) <= tiny.POSITIONS else [*ids[: tiny.POSITIONS - 1], ids[-1]])
        assert embedding @ reference.embed(bert, tokens) > 0.999


@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_the_arithmetic_is_that_of_transformers(tmp_path: Path, kind: str) -> None:
    needed("torch", "transformers")
    import torch
    import transformers

    tiny.write_checkpoint(tmp_path, kind)
    model = transformers.AutoModel.from_pretrained(tmp_path, add_pooling_layer=False)
    bert = checkpoint.read(tmp_path)
    tokens = [0, 9, 17, 40, 5, 2]

    with torch.no_grad():
        hidden = model(input_ids=torch.tensor([tokens])).last_hidden_state[0].mean(dim=0).numpy()

    np.testing.assert_allclose(reference.embed(bert, tokens), hidden / np.linalg.norm(hidden), atol=1e-5)


def test_half_precision_weights_are_read(tmp_path: Path) -> None:
    tensors = tiny.write_checkpoint(tmp_path)
    save_file({name: tensor.astype(np.float16) for name, tensor in tensors.items()}, tmp_path / "model.safetensors")

    query = checkpoint.read(tmp_path).layers[0].query

    assert query.bias.dtype == np.float32
    np.testing.assert_allclose(query.bias, tensors["encoder.layer.0.attention.self.query.bias"], atol=1e-3)


def test_without_a_tokenizer_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    tiny.write_checkpoint(tmp_path)
    (tmp_path / "tokenizer.json").unlink()

    with pytest.raises(ModelError, match=r"has no tokenizer\.json.*save_pretrained"):
        checkpoint.tokenizer(tmp_path)


@pytest.mark.parametrize(
    ("file", "values", "reason"),
    [
        ("config.json", {"model_type": "t5"}, "model_type 't5' is not supported; these are: bert, roberta"),
        ("config.json", {"hidden_act": "relu"}, "hidden_act is 'relu', only 'gelu'"),
        ("config.json", {"num_attention_heads": None}, "missing or malformed"),
        ("config.json", {"num_attention_heads": 5}, "64 dimensions cannot be shared by 5 heads"),
        ("config.json", {"num_hidden_layers": 3}, r"encoder\.layer\.2\.attention\.self\.query\.weight is missing"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "pools by pooling_mode_max_tokens"),
    ],
)
def test_what_cannot_be_converted_is_refused_by_name(
    tmp_path: Path, file: str, values: dict[str, Any], reason: str
) -> None:
    tiny.write_checkpoint(tmp_path)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling/config.json").write_text('{"pooling_mode_mean_tokens": true}')
    checkpoint.read(tmp_path)
    (tmp_path / "1_Pooling/config.json").write_text("{}")
    change(tmp_path / "1_Pooling/config.json", pooling_mode_mean_tokens=file == "config.json")

    change(tmp_path / file, **values)

    with pytest.raises(ModelError, match=reason):
        checkpoint.read(tmp_path)


def test_damaged_files_are_refused_by_name(tmp_path: Path) -> None:
    tiny.write_checkpoint(tmp_path)
    weights = tmp_path / "model.safetensors"
    whole = weights.read_bytes()

    weights.write_bytes(whole[:1000])
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged"):
        checkpoint.read(tmp_path)

    weights.unlink()
    with pytest.raises(ModelError, match=r"model\.safetensors is missing.*no pickles"):
        checkpoint.read(tmp_path)

    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ModelError, match=r"config\.json is not JSON"):
        checkpoint.read(tmp_path)


def test_rows_that_do_not_fill_blocks_are_refused(tmp_path: Path) -> None:
    tiny.write_checkpoint(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    tensors["encoder.layer.1.output.dense.weight"] = tensors["encoder.layer.1.output.dense.weight"][:, :100].copy()
    save_file(tensors, tmp_path / "model.safetensors")

    with pytest.raises(ModelError, match=r"encoder\.layer\.1\.output\.dense\.weight has rows of 100"):
        checkpoint.read(tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("intfloat/multilingual-e5-base", {"query": "query: ", "passage": "passage: "}),
        ("./my_e5_shop", {"query": "query: ", "passage": "passage: "}),
        ("google/bert-base5", {"query": "", "passage": ""}),
    ],
)
def test_e5_models_get_their_prefixes_and_others_none(tmp_path: Path, name: str, expected: dict[str, str]) -> None:
    assert checkpoint.prefixes(tmp_path, name) == expected


def test_prefixes_that_the_folder_states_count(tmp_path: Path) -> None:
    prompts = {"query": "Q: ", "document": "D: "}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))

    assert checkpoint.prefixes(tmp_path, "some/e5-model") == {"query": "Q: ", "passage": "D: "}


def test_the_digest_changes_with_the_content_of_any_file(tmp_path: Path) -> None:
    tiny.write_checkpoint(tmp_path)
    before = checkpoint.digest(tmp_path)
    (tmp_path / "README.md").write_text("not read, so it does not count")
    assert checkpoint.digest(tmp_path) == before

    change(tmp_path / "config.json", layer_norm_eps=1e-5)

    assert checkpoint.digest(tmp_path) != before
